package cli

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"signet/exporter"
	"signet/internal/session"
	"signet/tui/screen"
	"signet/vault/secret"
)

// tuiImporter reads files for the screens, with the planner and the report of the command line.
type tuiImporter struct{ a *App }

func (i tuiImporter) Formats() (out []string) {
	for _, f := range exporter.Formats() {
		if f.Import != nil {
			out = append(out, f.Label)
		}
	}
	return out
}

// importFile is a file that is open and recognised.
type importFile struct {
	io.Reader
	close     func() error
	format    exporter.Format
	size      int64
	encrypted bool
}

// open opens a file and, when it is encrypted, its plaintext; exporter.ErrEncrypted when a passphrase is missing.
func (i tuiImporter) open(ctx context.Context, path string, pass secret.Secret) (*importFile, error) {
	path = i.a.expandHome(path) // typed into a form, where no shell expands it
	st, err := os.Stat(path)    // looked at before it is opened: opening a pipe would wait for ever
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, &Error{Exit: ExitFailure, Code: "import.no_file", Msg: "there is no file " + path, Hint: "Tab completes a path"}
	case err != nil:
		return nil, err
	case st.IsDir():
		return nil, &Error{Exit: ExitFailure, Code: "import.directory", Msg: path + " is a folder", Hint: "name the file in it"}
	case !st.Mode().IsRegular():
		return nil, &Error{Exit: ExitFailure, Code: "import.not_regular", Msg: path + " is no regular file", Hint: "'signet import -' reads from a pipe"}
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	out := &importFile{close: f.Close, size: st.Size()}
	head := make([]byte, 64)
	n, _ := io.ReadFull(f, head)
	if out.encrypted = exporter.IsAge(head[:n]); out.encrypted && pass.IsEmpty() {
		err = exporter.ErrEncrypted
	} else {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err == nil {
		b := *i.a // a copy that answers the file's passphrase itself
		b.Terminal, b.NoInput = answered{pass}, false
		out.format, out.Reader, err = b.importFormat(ctx, importOptions{PassFD: -1}, f)
	}
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	return out, nil
}

// answered is a terminal that gives one secret to whoever asks.
type answered struct{ s secret.Secret }

func (answered) Available() bool                                         { return true }
func (t answered) Secret(context.Context, string) (secret.Secret, error) { return t.s.Clone(), nil }
func (answered) Line(context.Context, string) (string, error)            { return "", errNobody }
func (answered) Write(string)                                            {}
func (answered) Alternate(string) func()                                 { return func() {} }

// run reads the file with the planner of the command line.
func (i tuiImporter) run(ctx context.Context, v screen.Vault, path string, pass secret.Secret, dry bool, progress func(done int)) (*importFile, exporter.Report, session.Applied, error) {
	tv, ok := v.(*tuiVault)
	if !ok {
		return nil, exporter.Report{}, session.Applied{}, errNotHere
	}
	f, err := i.open(ctx, path, pass)
	if errors.Is(err, exporter.ErrEncrypted) {
		return nil, exporter.Report{}, session.Applied{}, err // its passphrase is asked for
	}
	if err != nil {
		return nil, exporter.Report{}, session.Applied{}, importFault(path, err)
	}
	defer f.close() //nolint:errcheck // it was only read
	job := &importJob{a: i.a, s: tv.s, o: importOptions{DryRun: dry}, format: f.format, started: i.a.Now(), progress: progress}
	rep, applied, err := job.run(ctx, f)
	return f, rep, applied, importFault(path, err)
}

// importFault explains as the command line does, in words for somebody who looks at a screen.
func importFault(path string, err error) error {
	switch {
	case err == nil, isLocked(err), errors.Is(err, exporter.ErrWrongSecret):
		return err
	case errors.Is(err, exporter.ErrEncrypted): // by the other program, in a way that no passphrase typed here would help
		return &Error{Exit: ExitFailure, Code: "import.unsupported", Msg: err.Error(), Hint: "nothing was imported"}
	case errors.Is(err, exporter.ErrUnknownFormat):
		return &Error{Exit: ExitFailure, Code: "import.format", Msg: path + " is no export that Signet knows", Hint: "it reads " + strings.Join(tuiImporter{}.Formats(), ", ")}
	}
	return importError(path, err)
}

func (i tuiImporter) Inspect(ctx context.Context, v screen.Vault, path string, pass secret.Secret, progress func(done, total int)) (screen.Plan, error) {
	f, rep, _, err := i.run(ctx, v, path, pass, true, func(n int) { progress(n, 0) })
	if err != nil {
		return screen.Plan{}, err
	}
	return screen.Plan{Path: path, Format: f.format.Label, Size: f.size, Encrypted: f.encrypted, Tally: tally(rep)}, nil
}

func (i tuiImporter) Import(ctx context.Context, v screen.Vault, p screen.Plan, pass secret.Secret, progress func(done, total int)) (screen.Report, error) {
	_, rep, applied, err := i.run(ctx, v, p.Path, pass, false, func(n int) { progress(n, p.Items) })
	if err != nil {
		return screen.Report{}, err
	}
	done, _ := v.(*tuiVault).applied(applied, nil)
	return screen.Report{Applied: done, Encrypted: p.Encrypted, Tally: tally(rep)}, nil
}

// tally is a report as the screens show it. What is a duplicate and lost nothing is not listed.
func tally(rep exporter.Report) screen.Tally {
	t := screen.Tally{
		Items: rep.Items, Added: rep.Counts[exporter.Added], Merged: rep.Counts[exporter.Merged], Updated: rep.Counts[exporter.Updated], Same: rep.Counts[exporter.Duplicate],
		Differ: rep.Counts[exporter.Conflict], Skipped: rep.Counts[exporter.Skipped], More: rep.More,
	}
	for kind, n := range rep.Kinds {
		t.Kinds = append(t.Kinds, screen.KindCount{Kind: kind, N: n})
	}
	slices.SortFunc(t.Kinds, func(a, b screen.KindCount) int {
		if a.N != b.N {
			return b.N - a.N
		}
		return strings.Compare(a.Kind, b.Kind)
	})
	for _, r := range rep.Rows {
		for _, l := range r.Losses {
			if l.Fate == exporter.Dropped {
				t.Lost++
			}
		}
		if r.Action == exporter.Duplicate && len(r.Losses) == 0 {
			continue
		}
		if len(t.Rows) == screen.MaxItemRows {
			t.More++
			continue
		}
		t.Rows = append(t.Rows, itemRow(r))
	}
	return t
}

// actionWords say what happens to an item.
var actionWords = map[exporter.Action]string{
	exporter.Added: "new", exporter.Merged: "merged into an entry that is here", exporter.Updated: "brought up to date", exporter.Duplicate: "here already",
	exporter.Conflict: "yours is different and stays", exporter.Skipped: "left out", exporter.Exported: "written", exporter.Noted: "noted",
}

var fateWords = map[exporter.Fate]string{exporter.Changed: "kept in another form", exporter.Kept: "kept aside", exporter.Dropped: "lost"}

func itemRow(r exporter.Row) screen.ItemRow {
	out := screen.ItemRow{Title: r.Title, Place: r.Place, What: actionWords[r.Action], Bad: r.Action == exporter.Skipped || r.Action == exporter.Conflict}
	for _, l := range r.Losses {
		lost := l.Fate == exporter.Dropped
		out.Values = append(out.Values, screen.ValueRow{Field: l.Field, Fate: fateWords[l.Fate], Note: l.Note, Lost: lost})
		out.Bad = out.Bad || lost
	}
	return out
}
