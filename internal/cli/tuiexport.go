package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"signet/exporter"
	"signet/internal/session"
	"signet/tui/screen"
	"signet/vault"
)

// tuiExporter writes files for the screens, with what `signet export` does. A file half written is not left behind: close waits for
// what still runs, which ends at once when its context does.
type tuiExporter struct {
	a    *App
	life context.Context //nolint:containedctx // ends with the program, so that an export under way ends too
	end  context.CancelFunc
	busy sync.WaitGroup
}

func newTUIExporter(ctx context.Context, a *App) *tuiExporter {
	life, end := context.WithCancel(ctx)
	return &tuiExporter{a: a, life: life, end: end}
}

// closeWait is how long the end of the program waits for an export under way to take its file away.
const closeWait = 5 * time.Second

func (x *tuiExporter) close() {
	x.end()
	done := make(chan struct{})
	go func() { x.busy.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(closeWait):
	}
}

func (x *tuiExporter) Formats() (out []screen.ExportFormat) {
	for _, f := range exporter.Formats() {
		if f.Export != nil {
			out = append(out, screen.ExportFormat{Name: f.Name, Label: f.Label, Ext: f.Ext, Clear: f.Plain})
		}
	}
	return out
}

// job is what an export needs: where it comes from, and what writes it.
func (x *tuiExporter) job(ctx context.Context, v screen.Vault, o screen.ExportOptions, progress func(done, total int)) (*exportSource, exporter.Format, error) {
	tv, ok := v.(*tuiVault)
	if !ok {
		return nil, exporter.Format{}, errNotHere
	}
	format, err := exporter.ByName(o.Format)
	if err == nil && format.Export == nil {
		err = fmt.Errorf("%w: %s is read, not written", exporter.ErrUnsupported, format.Name)
	}
	if err != nil {
		return nil, format, err
	}
	src, err := newExportSource(ctx, tv.s, "")
	if err != nil {
		return nil, format, err
	}
	if src.progress = progress; o.IDs != nil {
		err = src.onlyThese(ctx, o.IDs)
	}
	return src, format, err
}

// onlyThese has some entries exported, with the folders that they lie in.
func (x *exportSource) onlyThese(ctx context.Context, ids []vault.ID) error {
	want := make(map[vault.ID]bool, len(ids))
	for _, id := range ids {
		want[id] = true
	}
	x.only, x.used = map[vault.ID]bool{}, map[vault.ID]bool{}
	page, err := x.s.Find(ctx, session.Query{AnyRecord: true})
	for _, r := range page.Rows {
		if want[r.ID] {
			x.take(r)
		}
	}
	return err
}

func (x *tuiExporter) Preview(ctx context.Context, v screen.Vault, o screen.ExportOptions, progress func(done, total int)) (screen.Tally, error) {
	src, format, err := x.job(ctx, v, o, progress)
	if err != nil {
		return screen.Tally{}, err
	}
	if _, err := exporter.Encrypt(io.Discard, exporter.WriteOptions{Recipients: recipients(o)}); err != nil {
		return screen.Tally{}, err
	}
	src.light = true
	rep := exporter.Report{Format: format.Name}
	err = format.Export(ctx, io.Discard, src, exporter.WriteOptions{Now: x.a.Now}, &rep)
	return tally(rep), err
}

func recipients(o screen.ExportOptions) []string {
	if o.Recipient == "" {
		return nil
	}
	return []string{o.Recipient}
}

func (x *tuiExporter) Export(ctx context.Context, v screen.Vault, o screen.ExportOptions, progress func(done, total int)) (screen.Exported, error) {
	x.busy.Add(1)
	defer x.busy.Done()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(x.life, cancel)()
	if x.life.Err() != nil {
		return screen.Exported{}, context.Canceled
	}
	src, format, err := x.job(ctx, v, o, func(done, total int) {
		if progress(done, total); x.life.Err() != nil {
			cancel() // at once: AfterFunc runs beside it
		}
	})
	if err != nil {
		return screen.Exported{}, err
	}
	path := x.a.expandHome(o.Path)
	if path == "-" || path == "" {
		return screen.Exported{}, usagef("name a file")
	}
	w := exporter.WriteOptions{Passphrase: o.Passphrase, Recipients: recipients(o), Now: x.a.Now}
	rep, err := x.a.writeExport(ctx, exportOptions{File: path, Force: o.Replace}, format, src, w)
	if err != nil {
		return screen.Exported{}, exportFault(path, err)
	}
	out := screen.Exported{Tally: tally(rep), Path: path, Next: nextStep(path, o)}
	if st, err := os.Stat(path); err == nil {
		out.Size, out.Mode = st.Size(), fmt.Sprintf("%04o", st.Mode().Perm())
	}
	return out, nil
}

// exportFault keeps what the screens branch on, and takes the hint about a flag away.
func exportFault(path string, err error) error {
	var e *Error
	if errors.As(err, &e) && e.Code == "file.exists" {
		return &Error{Exit: e.Exit, Code: e.Code, Err: e.Err, Hint: "choose another name"}
	}
	return err
}

// nextStep says what to do with the file now.
func nextStep(path string, o screen.ExportOptions) string {
	if o.Passphrase.IsEmpty() && o.Recipient == "" {
		return "It holds every secret in clear: 'signet export --cleanup " + shellQuoted(path) + "' deletes it when it is not needed any more."
	}
	open := "age -d " + shellQuoted(path)
	if o.Recipient != "" {
		open = "age -d -i KEY " + shellQuoted(path)
	}
	return "'" + open + "' shows what is in it, 'signet import' reads it. Whoever wants to read it needs what it was encrypted to: keep that apart from the file."
}

// shellQuoted is a path as it can be pasted into a shell.
func shellQuoted(path string) string {
	safe := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("/._-+,@%", r)
	}
	if path != "" && !strings.ContainsFunc(path, func(r rune) bool { return !safe(r) }) {
		return path
	}
	return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
}
