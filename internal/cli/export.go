package cli

import (
	"context"
	"errors"
	"io"
	"iter"
	"strings"

	"github.com/spf13/cobra"

	"signet/exporter"
	"signet/internal/session"
	"signet/vault"
	"signet/vault/secret"
)

type exportOptions struct {
	File         string
	Format       string
	ToPassphrase bool
	Recipients   []string
	WorkFactor   int
	PassFD       int
	Plain        bool
	Force        bool
	Query        string
	Yes          bool
	Cleanup      bool
}

func newExportCmd(a *App) *cobra.Command {
	o := exportOptions{PassFD: -1}
	c := &cobra.Command{
		Use: "export FILE", Short: "Write everything out", Args: cobra.ExactArgs(1),
		Long: "Writes Signet's own documented JSON with everything: history, trash, files, what imports brought. Encrypted with age to a\n" +
			"passphrase (--to-passphrase) or recipients (--to), or in clear with --plain. FILE may be - for standard output; it is written with mode 0600\n" +
			"and never replaced without --force.",
		Example: "  signet export backup.age --to-passphrase\n  signet export backup.age --to age1pq1…\n  signet export all.jsonl --plain\n  signet export bank.age --to-passphrase --query folder:Bank",
		RunE: func(cmd *cobra.Command, args []string) error {
			o.File = args[0]
			return runExport(cmd.Context(), a, o)
		},
	}
	f := c.Flags()
	f.StringVar(&o.Format, "format", "signet-json", "what to write: "+strings.Join(exporter.Names(true), ", "))
	f.BoolVar(&o.ToPassphrase, "to-passphrase", false, "encrypt to a passphrase: asked for, or from --file-passphrase-fd")
	f.StringArrayVar(&o.Recipients, "to", nil, "encrypt to an age `RECIPIENT` (several times for several)")
	f.IntVar(&o.WorkFactor, "work-factor", 0, "cost of the passphrase, log2 of scrypt's N")
	f.IntVar(&o.PassFD, "file-passphrase-fd", -1, "read the passphrase from descriptor `N`")
	f.BoolVar(&o.Plain, "plain", false, "write secrets in clear")
	f.BoolVar(&o.Force, "force", false, "replace FILE")
	f.StringVar(&o.Query, "query", "", "only entries that match, as in ls")
	f.BoolVarP(&o.Yes, "yes", "y", false, "do not ask before writing in clear")
	f.BoolVar(&o.Cleanup, "cleanup", false, "write nothing: delete FILE, an export in clear that is not needed any more")
	c.MarkFlagsMutuallyExclusive("to-passphrase", "to", "plain", "cleanup")
	return c
}

func runExport(ctx context.Context, a *App, o exportOptions) error {
	if o.Cleanup {
		return a.cleanupExport(ctx, o)
	}
	format, err := exporter.ByName(o.Format)
	if err != nil || format.Export == nil {
		return usagef("no format is called %q", o.Format).hint("%s", strings.Join(exporter.Names(true), ", "))
	}
	if err := checkWorkFactor(o.WorkFactor); err != nil {
		return err
	}
	if err := a.freeTarget(o.File, o.Force); err != nil {
		return err
	}
	w, err := a.exportTarget(ctx, o)
	if err != nil {
		return err
	}
	return a.withSession(ctx, func(s session.Session) error {
		src, err := newExportSource(ctx, s, o.Query)
		if err != nil {
			return err
		}
		rep, err := a.writeExport(ctx, o, format, src, w)
		if err != nil {
			return err
		}
		return a.exportDone(o, rep)
	})
}

// writeExport writes the file, or to standard output, encrypted as w says.
func (a *App) writeExport(ctx context.Context, o exportOptions, format exporter.Format, src exporter.Source, w exporter.WriteOptions) (exporter.Report, error) {
	rep := exporter.Report{Format: format.Name}
	write := func(out io.Writer) error {
		enc, err := exporter.Encrypt(out, w)
		if err != nil {
			return err
		}
		if err := format.Export(ctx, enc, src, w, &rep); err != nil {
			return err
		}
		return enc.Close()
	}
	if o.File == "-" {
		return rep, write(a.Out)
	}
	return rep, a.writeFile(o.File, o.Force, write)
}

// exportTarget settles how the file is protected; clear text has to be asked for, and is asked about.
func (a *App) exportTarget(ctx context.Context, o exportOptions) (exporter.WriteOptions, error) {
	w := exporter.WriteOptions{Recipients: o.Recipients, WorkFactor: o.WorkFactor, Now: a.Now}
	switch {
	case o.ToPassphrase:
		pass, err := a.exportPassphrase(ctx, o)
		w.Passphrase = pass
		return w, err
	case len(o.Recipients) > 0:
		if _, err := exporter.Encrypt(io.Discard, w); err != nil {
			return w, usagef("%v", err)
		}
		return w, nil
	case !o.Plain:
		return w, usagef("say how to protect the file").hint("--to-passphrase, --to RECIPIENT, or --plain for clear text")
	case a.OutTTY && o.File == "-":
		return w, usagef("an export is not printed on a terminal").hint("name a file, or use a pipe")
	}
	if o.Yes || !a.interactive() {
		a.warn("export.clear", "%s holds every secret in clear", o.File)
		return w, nil
	}
	return w, a.asked(ctx, "Write every secret in clear to "+o.File+"?", "nothing was written")
}

func (a *App) exportPassphrase(ctx context.Context, o exportOptions) (pass secret.Secret, err error) {
	if o.PassFD != -1 {
		return a.readFD(ctx, o.PassFD, "--file-passphrase-fd")
	}
	for {
		if pass, err = a.ask(ctx, "Passphrase for the file:"); err != nil {
			return pass, err
		}
		again, err := a.ask(ctx, "The same again:")
		if err != nil {
			return pass, err
		}
		if pass.Equal(again) && !pass.IsEmpty() {
			return pass, nil
		}
		a.Terminal.Write("The two differ, or are empty.\n")
	}
}

func (a *App) exportDone(o exportOptions, rep exporter.Report) error {
	if o.File == "-" {
		if rep.Lossy() {
			return &Error{Exit: ExitPartial, Code: "export.partial", Msg: "the format cannot hold everything", Hint: "exported to a file, a report names each item"}
		}
		return nil
	}
	if err := a.reportRows(rep); err != nil {
		return err
	}
	if a.JSON {
		if err := a.line(importLine{"export", 1, rep.Format, false, rep.Items, actionCounts(rep), rep.Kinds, rep.Lossy(), nil}); err != nil {
			return err
		}
	} else {
		a.note("exported %s to %s", plural(rep.Items, "entry"), o.File)
	}
	if rep.Lossy() {
		return &Error{Exit: ExitPartial, Code: "export.partial", Msg: "the format cannot hold everything", Hint: "the report above names each item"}
	}
	return nil
}

// exportSource reads the vault for an export.
type exportSource struct {
	s    session.Session
	only map[vault.ID]bool // nil: everything
	used map[vault.ID]bool // folders of what only names

	progress func(done, total int) // the TUI's; nil on the command line
	light    bool                  // only a look: the content of files is not read
}

func newExportSource(ctx context.Context, s session.Session, query string) (*exportSource, error) {
	src := &exportSource{s: s}
	if query == "" {
		return src, nil
	}
	page, err := s.Find(ctx, session.Query{Text: query})
	src.only, src.used = map[vault.ID]bool{}, map[vault.ID]bool{}
	for _, r := range page.Rows {
		src.take(r)
	}
	return src, err
}

// take has an entry exported, and the folders that it lies in.
func (x *exportSource) take(r vault.Row) {
	x.only[r.ID] = true
	for _, f := range r.Folders {
		x.used[f] = true
	}
}

func (x *exportSource) Entries(ctx context.Context) iter.Seq2[vault.Entry, error] {
	return func(yield func(vault.Entry, error) bool) {
		ids, err := x.ids(ctx)
		if err != nil {
			yield(vault.Entry{}, err)
			return
		}
		for i, id := range ids {
			if x.progress != nil {
				x.progress(i, len(ids))
			}
			e, err := x.s.Get(ctx, id, session.GetOptions{Reveal: true, History: true, Sources: true})
			if errors.Is(err, vault.ErrNotFound) {
				continue // purged meanwhile
			}
			if !yield(e, err) || err != nil {
				return
			}
		}
	}
}

// ids lists what to export first, so that nothing long holds the vault while the file is written.
func (x *exportSource) ids(ctx context.Context) (ids []vault.ID, err error) {
	page, err := x.s.Find(ctx, session.Query{AnyRecord: true})
	for _, r := range page.Rows {
		if r.Rec == vault.RecEntry && (x.only == nil || x.only[r.ID]) {
			ids = append(ids, r.ID)
		}
	}
	return ids, err
}

// Folders lists all folders, or, of a part of the vault, those that its entries lie in and the ones above them.
func (x *exportSource) Folders(ctx context.Context) (out []exporter.SourceFolder, err error) {
	folders, err := x.s.Folders(ctx)
	if err != nil {
		return nil, err
	}
	parent := map[vault.ID]vault.ID{}
	for _, f := range folders {
		parent[f.ID] = f.Parent
	}
	for _, f := range folders {
		for id := f.ID; x.used[f.ID] && id != "" && !x.used[parent[id]]; id = parent[id] {
			x.used[parent[id]] = true
		}
	}
	for _, f := range folders {
		if x.only != nil && !x.used[f.ID] {
			continue
		}
		rec, err := x.s.Get(ctx, f.ID, session.GetOptions{Reveal: true, Sources: true})
		if err != nil {
			return nil, err
		}
		out = append(out, exporter.SourceFolder{ID: f.ID, Parent: f.Parent, Title: f.Title, Sources: rec.Sources})
	}
	return out, nil
}

func (x *exportSource) File(ctx context.Context, ref vault.FieldRef, w io.Writer) error {
	if x.light {
		return nil
	}
	return x.s.Attachment(ctx, ref, w)
}
