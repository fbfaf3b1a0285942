package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"signet/exporter"
	"signet/internal/clip"
	"signet/tui/screen"
	"signet/vault"
	"signet/vault/pwgen"
	"signet/vault/secret"
)

// tuiClipboard copies for the screens. The child that clears outlives the TUI.
type tuiClipboard struct{ a *App }

func (c tuiClipboard) Copy(ctx context.Context, value secret.Secret, o screen.CopyOptions) (screen.Copied, error) {
	opt := c.a.clipOptions(o.ClearIn, false)
	opt.Public = !o.Sensitive
	opt.Host.TTY = func() (io.WriteCloser, error) {
		if o.Terminal == nil {
			return nil, errors.New("the terminal is not to be written to")
		}
		return nopWriteCloser{o.Terminal}, nil
	}
	r, err := clip.Copy(ctx, opt, value)
	return screen.Copied{Via: string(r.Path), ClearIn: r.Clears}, err
}

func (c tuiClipboard) Clear(ctx context.Context) error {
	for _, e := range clip.ClearNow(ctx, c.a.clipDir()) {
		if e.Err != nil {
			return e.Err
		}
	}
	return nil
}

type nopWriteCloser struct{ io.Writer }

func (nopWriteCloser) Close() error { return nil }

// tuiGenerator makes passwords for the forms.
type tuiGenerator struct{ a *App }

func (g tuiGenerator) Generate(_ context.Context, r screen.Recipe) (secret.Secret, float64, error) {
	if r.Words > 0 {
		rules := pwgen.DefaultPassphraseRules()
		rules.Words, rules.Capitalize, rules.Digit = r.Words, r.Capitals, r.Digits
		if r.Separator != "" {
			rules.Separator = r.Separator
		}
		return pwgen.Passphrase(g.a.Rand, rules)
	}
	rules := pwgen.DefaultRules()
	if r.Length > 0 {
		rules.Length = r.Length
	}
	for _, c := range []struct {
		on    bool
		class *pwgen.Class
	}{{r.Symbols, &rules.Symbols}, {r.Digits, &rules.Digits}, {r.Capitals, &rules.Upper}} {
		if !c.on {
			*c.class = pwgen.Class{}
		}
	}
	rules.AvoidAmbiguous = r.Clear
	return pwgen.Characters(g.a.Rand, rules)
}

// tuiImporter reads files for the screens, with the planner and the report of the command line.
type tuiImporter struct{ a *App }

// open opens a file and, when it is encrypted, its plaintext; exporter.ErrEncrypted when a passphrase is missing.
func (i tuiImporter) open(ctx context.Context, path string, pass secret.Secret) (exporter.Format, io.Reader, io.Closer, error) {
	f, err := os.Open(i.a.expandHome(path)) // typed into a form, where no shell expands it
	if err != nil {
		return exporter.Format{}, nil, nil, err
	}
	head := make([]byte, 64)
	n, _ := io.ReadFull(f, head)
	if exporter.IsAge(head[:n]) && pass.IsEmpty() {
		_ = f.Close()
		return exporter.Format{}, nil, nil, exporter.ErrEncrypted
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		_ = f.Close()
		return exporter.Format{}, nil, nil, err
	}
	b := *i.a // a copy that answers the file's passphrase itself
	b.Terminal, b.NoInput = answered{pass}, false
	format, r, err := b.importFormat(ctx, importOptions{PassFD: -1}, f)
	if err != nil {
		_ = f.Close()
		return exporter.Format{}, nil, nil, err
	}
	return format, r, f, nil
}

// answered is a terminal that gives one secret to whoever asks.
type answered struct{ s secret.Secret }

func (answered) Available() bool                                         { return true }
func (t answered) Secret(context.Context, string) (secret.Secret, error) { return t.s.Clone(), nil }
func (answered) Line(context.Context, string) (string, error)            { return "", errNobody }
func (answered) Write(string)                                            {}
func (answered) Alternate(string) func()                                 { return func() {} }

func (i tuiImporter) Inspect(ctx context.Context, path string, pass secret.Secret) (screen.Plan, error) {
	format, r, c, err := i.open(ctx, path, pass)
	if err != nil {
		return screen.Plan{}, err
	}
	defer c.Close()
	plan := exporter.NewPlanner(format.Name, vault.IDs{Rand: i.a.Rand})
	var rep exporter.Report
	err = format.Import(ctx, r, exporter.ReadOptions{}, func(it exporter.Item) error {
		p := plan.Add(it)
		rep.Add(p.Kind, p.Row)
		return nil
	})
	out := screen.Plan{Path: path, Format: format.Label, Entries: rep.Items - rep.Counts[exporter.Duplicate], Duplicates: rep.Counts[exporter.Duplicate], Notes: reportNotes(rep)}
	return out, err
}

func (i tuiImporter) Import(ctx context.Context, v screen.Vault, p screen.Plan, pass secret.Secret, progress func(done, total int)) (screen.Report, error) {
	tv, ok := v.(*tuiVault)
	if !ok {
		return screen.Report{}, fmt.Errorf("import: %w", vault.ErrLocked)
	}
	format, r, c, err := i.open(ctx, p.Path, pass)
	if err != nil {
		return screen.Report{}, err
	}
	defer c.Close()
	job := &importJob{a: i.a, s: tv.s, format: format, started: i.a.Now(), progress: func(n int) { progress(n, p.Entries+p.Duplicates) }}
	rep, applied, err := job.run(ctx, r)
	if err != nil {
		return screen.Report{}, err
	}
	done, _ := tv.applied(applied, nil)
	return screen.Report{
		Applied: done, Added: rep.Counts[exporter.Added] + rep.Counts[exporter.Merged], Duplicates: rep.Counts[exporter.Duplicate],
		Left: rep.Counts[exporter.Skipped] + rep.Counts[exporter.Conflict], Notes: reportNotes(rep),
	}, nil
}

// maxNotes bounds what a screen is given to show.
const maxNotes = 200

func reportNotes(rep exporter.Report) (notes []string) {
	for _, row := range rep.Rows {
		for _, l := range row.Losses {
			if len(notes) == maxNotes {
				return notes
			}
			notes = append(notes, fmt.Sprintf("%s: %s %s: %s", row.Title, l.Field, l.Fate, l.Note))
		}
	}
	return notes
}
