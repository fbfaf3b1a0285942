package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"signet/internal/paths"
	"signet/tui/screen"
	"signet/vault/secret"
)

// tuiEditor edits notes in the program that the environment names. The note stands in a plain file for that time: in a directory that only this user may
// enter, on a file system that is held in memory (the system is asked), and nowhere else. The file is removed when the program ends, on every path; what
// a killed Signet left is removed at the next start. vault/THREATS.md names it.
type tuiEditor struct {
	a   *App
	ctx context.Context //nolint:containedctx // the program's life: when it ends, so does the editor

	// Of tests; nil otherwise.
	bases    func() []string
	inMemory func(dir string) (bool, error)
}

const (
	editorPrefix = "signet-edit-"
	maxEdited    = 1 << 20 // the format's limit of a value
	editorGrace  = 3 * time.Second
)

// command is the program with its arguments. It is split at spaces, as other programs do; no shell sees it.
func (e *tuiEditor) command() ([]string, error) {
	for _, name := range []string{"VISUAL", "EDITOR"} {
		if words := strings.Fields(e.a.Env(name)); len(words) > 0 {
			return words, nil
		}
	}
	for _, name := range []string{"nano", "vi"} {
		if _, err := exec.LookPath(name); err == nil {
			return []string{name}, nil
		}
	}
	return nil, failf("editor", "no editor is set").hint("set EDITOR, for example export EDITOR=nano")
}

// places are directories that may be held in memory.
func (e *tuiEditor) places() []string {
	if e.bases != nil {
		return e.bases()
	}
	var out []string
	if dir, err := paths.RuntimeDir(e.a.Env); err == nil {
		out = append(out, dir, filepath.Dir(dir))
	}
	return append(out, "/dev/shm")
}

// room finds a directory that is held in memory.
func (e *tuiEditor) room() (string, error) {
	check := e.inMemory
	if check == nil {
		check = heldInMemory
	}
	for _, dir := range e.places() {
		if ok, err := check(dir); ok && err == nil {
			return dir, nil
		}
	}
	return "", failf("editor", "the note would have to be written to a disk: no file system in memory (tmpfs) that you can write to was found").hint("edit it here")
}

// Check implements screen.Editor.
func (e *tuiEditor) Check(context.Context) (string, error) {
	words, err := e.command()
	if err != nil {
		return "", err
	}
	if _, err := exec.LookPath(words[0]); err != nil {
		return "", fmt.Errorf("the editor %s was not found", words[0])
	}
	_, err = e.room()
	return filepath.Base(words[0]), err
}

// Open implements screen.Editor.
func (e *tuiEditor) Open(text secret.Secret) screen.Editing {
	return &tuiEditing{e: e, before: text.Clone()}
}

// tuiEditing is one run.
type tuiEditing struct {
	e        *tuiEditor
	before   secret.Secret
	in       io.Reader
	out, err io.Writer

	mu    sync.Mutex
	after secret.Secret
	why   error
}

func (t *tuiEditing) SetStdin(r io.Reader)  { t.in = r }
func (t *tuiEditing) SetStdout(w io.Writer) { t.out = w }
func (t *tuiEditing) SetStderr(w io.Writer) { t.err = w }

// Text implements screen.Editing.
func (t *tuiEditing) Text() (secret.Secret, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	text, err := t.after, t.why
	t.after = secret.Secret{}
	return text, err
}

// Run implements screen.Editing. Whatever the program's end was, the file is read and then removed: what was saved in it is not lost.
func (t *tuiEditing) Run() error {
	defer t.before.Wipe()
	text, err := t.run()
	t.mu.Lock()
	defer t.mu.Unlock()
	t.after, t.why = text, err
	if err != nil && text.IsEmpty() {
		t.after = t.before.Clone()
	}
	return nil
}

func (t *tuiEditing) run() (secret.Secret, error) {
	room, err := t.e.room()
	if err != nil {
		return secret.Secret{}, err
	}
	dir, err := os.MkdirTemp(room, editorPrefix) // 0700
	if err != nil {
		return secret.Secret{}, fmt.Errorf("make a directory for the editor: %w", err)
	}
	release, err := holdDir(dir)
	if err != nil {
		_ = os.Remove(dir)
		return secret.Secret{}, fmt.Errorf("hold the editor's directory: %w", err)
	}
	defer release()
	defer removeEdited(dir)
	file := filepath.Join(dir, "note.txt")
	if err := os.WriteFile(file, t.before.Reveal(), 0o600); err != nil {
		return secret.Secret{}, fmt.Errorf("write the note for the editor: %w", err)
	}
	ended := t.program(file)
	text, err := readEdited(file, t.before)
	if err == nil {
		err = ended
	}
	return text, err
}

// program runs the editor. When Signet is to end, so is the editor: a hang-up lets it keep what it can.
func (t *tuiEditing) program(file string) error {
	words, err := t.e.command()
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(t.e.ctx, endSignals...)
	defer stop()
	cmd := exec.CommandContext(ctx, words[0], append(words[1:], file)...) //nolint:gosec // the user's own editor
	cmd.Dir = filepath.Dir(file)
	cmd.Cancel = func() error { return cmd.Process.Signal(endSignals[len(endSignals)-1]) }
	cmd.WaitDelay = editorGrace
	cmd.Stdin, cmd.Stdout, cmd.Stderr = t.in, t.out, t.err
	if tty, err := os.OpenFile("/dev/tty", os.O_RDWR, 0); err == nil && t.e.a.InTTY {
		defer tty.Close()
		cmd.Stdin, cmd.Stdout, cmd.Stderr = tty, tty, tty
	}
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("the editor ended with an error (%v); what it had saved is in the form", err)
	}
	return nil
}

// readEdited takes what the editor left. An end of line that it added by itself goes again.
func readEdited(file string, before secret.Secret) (secret.Secret, error) {
	f, err := os.Open(file)
	if err != nil {
		return secret.Secret{}, errors.New("the editor removed the file: the note is as it was")
	}
	defer f.Close()
	buf := make([]byte, maxEdited+2)
	n, err := io.ReadFull(f, buf)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		clear(buf)
		return secret.Secret{}, fmt.Errorf("read what the editor left: %w", err)
	}
	text := buf[:n]
	if b := before.Reveal(); len(text) > 0 && text[len(text)-1] == '\n' && (len(b) == 0 || b[len(b)-1] != '\n') {
		text = text[:len(text)-1]
	}
	var cut error
	if len(text) > maxEdited {
		text, cut = text[:maxEdited], errors.New("the note was longer than 1 MiB: its end is cut off")
	}
	clean := bytes.ToValidUTF8(text, []byte("\uFFFD"))
	out := append([]byte(nil), clean...)
	clear(buf)
	if len(clean) > 0 && (len(text) == 0 || &clean[0] != &text[0]) {
		clear(clean)
	}
	return secret.New(out), cut
}

// removeEdited overwrites and removes what is in an editor's directory, backups and swap files too.
func removeEdited(dir string) {
	names, _ := os.ReadDir(dir)
	for _, n := range names {
		if info, err := n.Info(); err == nil && info.Mode().IsRegular() {
			_ = os.WriteFile(filepath.Join(dir, n.Name()), make([]byte, min(info.Size(), 4*maxEdited)), 0o600)
		}
	}
	_ = os.RemoveAll(dir)
}

// sweep removes what a killed program left: directories of this user that nobody holds.
func (e *tuiEditor) sweep() {
	for _, base := range e.places() {
		dirs, err := filepath.Glob(filepath.Join(base, editorPrefix+"*"))
		if err != nil {
			continue
		}
		for _, dir := range dirs {
			if !ownDir(dir) {
				continue
			}
			if release, err := holdDir(dir); err == nil {
				removeEdited(dir)
				release()
			}
		}
	}
}
