package tuitest

import (
	"bytes"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/charmbracelet/x/vt"
)

// Terminal is an emulated terminal: what a program writes to it can be read as a user would see it, and its answers to queries go
// back to the program like keys. It is the program's input and output in one.
type Terminal struct {
	mu  sync.Mutex
	e   *vt.Emulator
	r   *io.PipeReader
	in  *io.PipeWriter
	raw bytes.Buffer // everything the program wrote
}

// NewTerminal makes a terminal of that size.
func NewTerminal(w, h int) *Terminal {
	r, in := io.Pipe()
	t := &Terminal{e: vt.NewEmulator(w, h), r: r, in: in}
	go func() { _, _ = io.Copy(in, t.e) }() // the emulator blocks when nobody reads its answers
	return t
}

// Read gives the program what was typed.
func (t *Terminal) Read(p []byte) (int, error) { return t.r.Read(p) }

// Write draws. Without a real terminal Bubble Tea ends lines with a line feed alone.
func (t *Terminal) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.raw.Write(p)
	_, err := t.e.Write(bytes.ReplaceAll(p, []byte("\n"), []byte("\r\n")))
	return len(p), err
}

// Type sends keys as a terminal would.
func (t *Terminal) Type(s string) { _, _ = io.WriteString(t.in, s) }

// Paste sends a bracketed paste.
func (t *Terminal) Paste(s string) { t.Type("\x1b[200~" + s + "\x1b[201~") }

// Text is what the screen shows.
func (t *Terminal) Text() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.e.String()
}

// Raw is everything that was written.
func (t *Terminal) Raw() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.raw.String()
}

// Want waits until the screen shows every text.
func (t *Terminal) Want(tb testing.TB, texts ...string) {
	tb.Helper()
	for _, text := range texts {
		t.Until(tb, "“"+text+"”", func() bool { return strings.Contains(t.Text(), text) })
	}
}

// Gone waits until the screen does not show a text any more.
func (t *Terminal) Gone(tb testing.TB, text string) {
	tb.Helper()
	t.Until(tb, "“"+text+"” to go", func() bool { return !strings.Contains(t.Text(), text) })
}

// Until waits for something else than the screen.
func (t *Terminal) Until(tb testing.TB, what string, cond func() bool) {
	tb.Helper()
	for end := time.Now().Add(time.Minute); !cond(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			tb.Fatalf("waited in vain for %s; the screen says:\n%s", what, t.Text())
		}
	}
}
