package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"signet/exporter"
	"signet/internal/session"
	"signet/vault"
	"signet/vault/secret"
)

type importOptions struct {
	File   string
	Format string
	DryRun bool
	PassFD int
}

func newImportCmd(a *App) *cobra.Command {
	o := importOptions{PassFD: -1}
	c := &cobra.Command{
		Use: "import FILE", Short: "Bring in what another program exported", Args: cobra.ExactArgs(1),
		Long: "The format is recognised by the file's content; --format names it. FILE may be - for standard input. One import is one edit: it is\n" +
			"there as a whole or not at all, and 'signet undo' takes it back. Importing the same file twice changes nothing.\n\n" +
			"Formats: " + strings.Join(exporter.Names(false), ", ") + ". The exit code is 3 when an item was skipped or a value is lost.",
		Example: "  signet import bitwarden.json --dry-run\n  signet import bitwarden.json\n  signet import passwords.csv --format chrome-csv\n  signet import backup.age",
		RunE: func(cmd *cobra.Command, args []string) error {
			o.File = args[0]
			return runImport(cmd.Context(), a, o)
		},
	}
	f := c.Flags()
	f.StringVar(&o.Format, "format", "", "what the file is (default: look)")
	f.BoolVar(&o.DryRun, "dry-run", false, "say what would happen and change nothing")
	f.IntVar(&o.PassFD, "file-passphrase-fd", -1, "read the passphrase of an encrypted file from descriptor `N`")
	_ = c.RegisterFlagCompletionFunc("format", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return exporter.Names(false), cobra.ShellCompDirectiveNoFileComp
	})
	return c
}

func runImport(ctx context.Context, a *App, o importOptions) error {
	in, err := a.openImport(ctx, o.File)
	if err != nil {
		return err
	}
	defer in.Close()
	format, r, err := a.importFormat(ctx, o, in)
	if err != nil {
		return importError(o.File, err)
	}
	return a.withSession(ctx, func(s session.Session) error {
		job := &importJob{a: a, s: s, o: o, format: format, started: a.Now()}
		rep, applied, err := job.run(ctx, r)
		if err != nil {
			return importError(o.File, err)
		}
		return a.importDone(o, rep, applied)
	})
}

// openImport opens the file or standard input.
func (a *App) openImport(ctx context.Context, name string) (io.ReadCloser, error) {
	if name == "-" {
		in, err := a.stdin(ctx, "import -")
		return io.NopCloser(in), err
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	st, err := f.Stat()
	if err == nil && st.IsDir() {
		err = usagef("%s is a directory", name)
	}
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	return f, nil
}

// importFormat looks at the first bytes; an age file is decrypted first, and then looked at.
func (a *App) importFormat(ctx context.Context, o importOptions, in io.Reader) (exporter.Format, io.Reader, error) {
	br := bufio.NewReaderSize(io.LimitReader(in, exporter.MaxFile+1), exporter.DetectBytes)
	head, err := br.Peek(exporter.DetectBytes)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, bufio.ErrBufferFull) {
		return exporter.Format{}, nil, err
	}
	if exporter.IsAge(head) {
		pass, err := a.filePassphrase(ctx, o.PassFD, "Passphrase of the file:")
		if err != nil {
			return exporter.Format{}, nil, err
		}
		plain, err := exporter.Decrypt(br, pass)
		if err != nil {
			return exporter.Format{}, nil, err
		}
		br = bufio.NewReaderSize(plain, exporter.DetectBytes)
		head, _ = br.Peek(exporter.DetectBytes)
	}
	if o.Format != "" {
		f, err := exporter.ByName(o.Format)
		if err == nil && f.Import == nil {
			err = fmt.Errorf("%w: %s is written, not read", exporter.ErrUnsupported, f.Name)
		}
		return f, br, err
	}
	f, err := exporter.Detect(head)
	return f, br, err
}

func (a *App) filePassphrase(ctx context.Context, fd int, prompt string) (secret.Secret, error) {
	if fd != -1 {
		return a.readFD(ctx, fd, "--file-passphrase-fd")
	}
	if !a.interactive() {
		return secret.Secret{}, (&Error{Exit: ExitLocked, Code: "file.encrypted", Msg: "the file needs a passphrase"}).hint("give it with --file-passphrase-fd N")
	}
	return a.Terminal.Secret(ctx, prompt)
}

func importError(file string, err error) error {
	e := &Error{Exit: ExitFailure, Err: err}
	switch {
	case errors.Is(err, exporter.ErrUnknownFormat):
		e.Code, e.Hint = "import.format", "name it with --format: "+strings.Join(exporter.Names(false), ", ")
	case errors.Is(err, exporter.ErrWrongSecret):
		e.Exit, e.Code, e.Hint = ExitLocked, "import.wrong_passphrase", "the passphrase is the one that the file was encrypted with"
	case errors.Is(err, exporter.ErrDamaged):
		e.Code, e.Hint = "import.damaged", "nothing was imported: export it again and compare the sizes"
	case errors.Is(err, exporter.ErrEncrypted), errors.Is(err, exporter.ErrUnsupported):
		e.Code, e.Hint = "import.unsupported", "nothing was imported"
	default:
		return err
	}
	e.Msg = "import " + file
	return e
}

// importJob is one import: the planner, what it has made so far, and the progress line.
type importJob struct {
	a       *App
	s       session.Session
	o       importOptions
	format  exporter.Format
	started time.Time
	shown   time.Time
	rep     exporter.Report

	progress func(items int) // the TUI's; nil on the command line
}

func (j *importJob) run(ctx context.Context, r io.Reader) (exporter.Report, session.Applied, error) {
	j.rep.Format = j.format.Name
	plan, err := j.planner(ctx)
	if err != nil {
		return j.rep, session.Applied{}, err
	}
	if j.o.DryRun {
		err := plan.Import(ctx, j.format, r, exporter.ReadOptions{Now: j.a.Now}, func(p exporter.Planned) error {
			j.add(p)
			return nil
		})
		return j.rep, session.Applied{}, err
	}
	applied, err := j.s.Import(ctx, "import "+j.format.Label, j.batches(ctx, r, plan))
	j.clearProgress()
	return j.rep, applied, err
}

// errStop ends a reader whose consumer has gone.
var errStop = errors.New("stopped")

func (j *importJob) batches(ctx context.Context, r io.Reader, plan *exporter.Planner) func(yield func([]vault.Edit, error) bool) {
	return func(yield func([]vault.Edit, error) bool) {
		read := exporter.ReadOptions{Now: j.a.Now, Store: func(r io.Reader) (vault.Member, error) { return j.s.Store(ctx, r) }}
		err := plan.Import(ctx, j.format, r, read, func(p exporter.Planned) error {
			j.add(p)
			if len(p.Edits) > 0 && !yield(p.Edits, nil) {
				return errStop
			}
			return nil
		})
		if err != nil && !errors.Is(err, errStop) {
			yield(nil, err)
		}
	}
}

func (j *importJob) add(p exporter.Planned) {
	j.rep.Add(p.Kind, p.Row)
	if j.progress != nil {
		j.progress(j.rep.Items)
		return
	}
	if now := j.a.Now(); now.Sub(j.started) > time.Second && now.Sub(j.shown) > 100*time.Millisecond && isTTYWriter(j.a.Err) && !j.a.JSON {
		j.shown = now
		_, _ = fmt.Fprintf(j.a.Err, "\r\x1b[Kreading: %d items", j.rep.Items)
	}
}

func (j *importJob) clearProgress() {
	if !j.shown.IsZero() {
		_, _ = io.WriteString(j.a.Err, "\r\x1b[K")
	}
}

// planner learns what the vault holds.
func (j *importJob) planner(ctx context.Context) (*exporter.Planner, error) {
	p := exporter.NewPlanner(j.format.Name, vault.IDs{Rand: j.a.Rand})
	folders, err := j.s.Folders(ctx)
	if err != nil {
		return nil, err
	}
	for _, f := range folders {
		rec, err := j.s.Get(ctx, f.ID, session.GetOptions{Reveal: true, Sources: true})
		if err != nil {
			return nil, err
		}
		p.KnownFolder(f.ID, f.Path, rec.Sources...)
	}
	for e, err := range j.s.All(ctx, session.GetOptions{Reveal: true, Sources: true}) {
		if err != nil {
			return nil, err
		}
		p.Known(e)
		e.Wipe()
	}
	return p, nil
}

type importLine struct {
	Type   string         `json:"type"`
	V      int            `json:"v"`
	Format string         `json:"format"`
	DryRun bool           `json:"dry_run,omitempty"`
	Items  int            `json:"items"`
	Counts map[string]int `json:"counts"`
	Kinds  map[string]int `json:"kinds"`
	Lossy  bool           `json:"lossy"`
	Undo   []string       `json:"undo,omitempty"`
}

type itemLine struct {
	Type   string     `json:"type"`
	V      int        `json:"v"`
	Title  string     `json:"title"`
	Place  string     `json:"place,omitempty"`
	Action string     `json:"action"`
	Losses []lossLine `json:"losses,omitempty"`
}

type lossLine struct {
	Field string `json:"field"`
	Fate  string `json:"fate"`
	Note  string `json:"note"`
}

// reportRows gives out the report item by item: always as JSON, for people only what is worth a look.
func (a *App) reportRows(rep exporter.Report) error {
	for _, r := range rep.Rows {
		if !a.JSON {
			if r.Action == exporter.Duplicate && len(r.Losses) == 0 {
				continue
			}
			a.printf("  %s: %s%s\n", string(r.Action), r.Title, placeNote(r.Place))
			for _, l := range r.Losses {
				a.printf("      %s %s: %s\n", l.Field, string(l.Fate), l.Note)
			}
			continue
		}
		l := itemLine{Type: "item", V: 1, Title: r.Title, Place: r.Place, Action: string(r.Action)}
		for _, x := range r.Losses {
			l.Losses = append(l.Losses, lossLine{x.Field, string(x.Fate), x.Note})
		}
		if err := a.line(l); err != nil {
			return err
		}
	}
	if rep.More > 0 && !a.JSON {
		a.printf("  … and %s more\n", plural(rep.More, "item"))
	}
	return nil
}

func placeNote(place string) string {
	if place == "" {
		return ""
	}
	return " (" + place + ")"
}

func (a *App) importDone(o importOptions, rep exporter.Report, applied session.Applied) error {
	if err := a.reportRows(rep); err != nil {
		return err
	}
	if a.JSON {
		l := importLine{"import", 1, rep.Format, o.DryRun, rep.Items, actionCounts(rep), rep.Kinds, rep.Lossy(), nil}
		for _, sid := range applied.SIDs {
			l.Undo = append(l.Undo, string(sid))
		}
		if err := a.line(l); err != nil {
			return err
		}
	} else {
		a.printf("%s\n", importSummary(rep, o.DryRun))
		if !o.DryRun && len(applied.SIDs) > 0 && o.File != "-" {
			a.note("'signet undo' takes this import back; delete %s when all is well: it holds secrets in clear", o.File)
		}
	}
	if rep.Lossy() {
		return (&Error{Exit: ExitPartial, Code: "import.partial", Msg: "not everything could be taken over"}).hint("the report above names each item")
	}
	return nil
}

func actionCounts(rep exporter.Report) map[string]int {
	out := map[string]int{}
	for k, v := range rep.Counts {
		out[string(k)] = v
	}
	return out
}

func importSummary(rep exporter.Report, dry bool) string {
	verb := "imported"
	if dry {
		verb = "would import"
	}
	parts := []string{fmt.Sprintf("%s %s", verb, plural(rep.Counts[exporter.Added], "entry"))}
	for _, x := range []struct {
		action exporter.Action
		words  string
	}{
		{exporter.Merged, "merged"}, {exporter.Updated, "updated"}, {exporter.Duplicate, "already there"}, {exporter.Conflict, "in conflict (yours stay)"}, {exporter.Skipped, "skipped"},
	} {
		if n := rep.Counts[x.action]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, x.words))
		}
	}
	var kinds []string
	for k := range rep.Kinds {
		kinds = append(kinds, k)
	}
	slices.Sort(kinds)
	for i, k := range kinds {
		kinds[i] = fmt.Sprintf("%d %s", rep.Kinds[k], k)
	}
	return strings.Join(parts, ", ") + " (" + strings.Join(kinds, ", ") + ")"
}
