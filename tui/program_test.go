package tui

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/exp/teatest/v2"

	"signet/tui/dialog"
	"signet/tui/tuitest"
)

// program runs the real thing on an emulated terminal.
type program struct {
	*tuitest.Terminal
	opener *tuitest.Opener
	clip   *tuitest.Clipboard
	clock  *tuitest.Clock
	done   chan error
	cancel context.CancelFunc
}

func start(t *testing.T, w, h int, settings ...setting) *program {
	t.Helper()
	ports, opener, clip, clock := tuitest.Ports()
	p := &program{Terminal: tuitest.NewTerminal(w, h), opener: opener, clip: clip, clock: clock, done: make(chan error, 1)}
	opt := Options{Ports: ports, NoColor: true, FixedTheme: true, In: p, Out: p, Environment: []string{"TERM=xterm-256color"}, W: w, H: h}
	for _, s := range settings {
		s(&opt, opener)
	}
	var ctx context.Context
	ctx, p.cancel = context.WithCancel(context.Background())
	go func() { p.done <- Run(ctx, opt) }()
	t.Cleanup(p.cancel)
	return p
}

func (p *program) end(t *testing.T) error {
	t.Helper()
	select {
	case err := <-p.done:
		return err
	case <-time.After(time.Minute):
		t.Fatal("the program does not end")
		return nil
	}
}

// A program asks while somebody works elsewhere: the terminal rings, the dialog waits, and quitting refuses what is left.
func TestAQuestionOnATerminal(t *testing.T) {
	t.Parallel()
	var port *tuitest.Approvals
	p := start(t, 80, 24, opened, func(o *Options, _ *tuitest.Opener) { port, _ = o.Ports.Approvals.(*tuitest.Approvals) })
	p.Want(t, " 15")
	p.Type("\x1b[O") // the terminal is not looked at any more
	port.Ask(signIn(alone))
	p.Want(t, "Sign in?", "firefox (4242)")
	p.Until(t, "the bell", func() bool { return strings.Contains(p.Raw(), "\a") })
	p.Type("\x1b[I")
	p.clock.Advance(dialog.Quiet)
	p.Type("y")
	p.Want(t, "Allowed: sign-in to github.com as octocat")
	port.Ask(register())
	p.Want(t, "New passkey?")
	p.Type("\x03")
	if err := p.end(t); err != nil {
		t.Fatal(err)
	}
	if got := port.Answers(); len(got) != 2 || !got[0].Decision.Allow || got[1].Decision.Allow {
		t.Errorf("answers %+v", got)
	}
}

func TestWhatAUserSees(t *testing.T) {
	t.Parallel()
	p := start(t, 80, 24)
	p.Want(t, "Passphrase")
	p.Type("open sesame\r")
	p.Want(t, "GitHub", "15")
	p.Type("git")
	p.Want(t, "3 of 15")
	p.Type("\x19") // ^Y
	p.Want(t, "Password copied")
	p.Type("\x1b[C")
	p.Want(t, "249 321")
	p.Type("\x1b")
	p.Want(t, "3 of 15")
	p.Paste("hub\n")
	p.Want(t, "1 of 15")
	p.Type("\x03")
	if err := p.end(t); err != nil {
		t.Fatal(err)
	}
	if !p.opener.Vault.IsLocked() {
		t.Error("the vault is still open after the program ended")
	}
	if p.clip.Holds() == "" {
		t.Error("quitting took away what was just copied; its own time clears it")
	}
}

// Whatever ends the program, the alternate screen is left, the cursor is back, bracketed paste and the keyboard's modes are off.
func TestTheTerminalIsRestored(t *testing.T) {
	t.Parallel()
	for name, stop := range map[string]func(*program){
		"by key":     func(p *program) { p.Type("\x03") },
		"by context": func(p *program) { p.cancel() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := start(t, 80, 24, opened)
			p.Want(t, "GitHub")
			stop(p)
			if err := p.end(t); err != nil && !errors.Is(err, context.Canceled) {
				t.Fatal(err)
			}
			raw := p.Raw()
			for on, off := range map[string]string{"\x1b[?1049h": "\x1b[?1049l", "\x1b[?2004h": "\x1b[?2004l", "\x1b[?25l": "\x1b[?25h"} {
				if strings.LastIndex(raw, off) < strings.LastIndex(raw, on) || !strings.Contains(raw, off) {
					t.Errorf("%q was not followed by %q", on, off)
				}
			}
			if push, pop := strings.LastIndex(raw, "\x1b[="), strings.LastIndex(raw, "\x1b[=0"); push >= 0 && pop < push {
				t.Errorf("the keyboard's modes were left on: %q", raw[push:])
			}
			if strings.Contains(raw, "\x1b]52") || strings.Count(raw, "\x1b]0;")+strings.Count(raw, "\x1b]2;") != strings.Count(raw, "]2;Signet")+strings.Count(raw, "]0;Signet")+strings.Count(raw, "]2;\x07")+strings.Count(raw, "]2;\x1b") {
				t.Error("something else than the constant title was written")
			}
		})
	}
}

func TestIdleLockInTheRealProgram(t *testing.T) {
	t.Parallel()
	p := start(t, 80, 24, opened)
	p.Want(t, "GitHub")
	p.Type("\x1b[C")
	p.Want(t, "One-time code")
	p.Type("r")
	p.Want(t, tuitest.Canary)
	p.clock.Advance(16 * time.Minute) // the program's own tick notices within a second
	p.Want(t, "was locked because nobody was there", "Passphrase")
	if s := p.Text(); strings.Contains(s, tuitest.Canary) || strings.Contains(s, "octocat") {
		t.Errorf("something of the vault is still on the screen:\n%s", s)
	}
	p.Until(t, "the vault to be locked", p.opener.Vault.IsLocked)
}

func TestALongPasteIsOnlyText(t *testing.T) {
	t.Parallel()
	p := start(t, 80, 24, opened)
	p.Want(t, "GitHub")
	p.Paste(strings.Repeat("q\x1bc\r\n", 1<<15))
	p.Want(t, "The paste was not taken: a line holds at most")
	p.Type("git")
	p.Want(t, "3 of 15")
	if p.opener.Vault.IsLocked() {
		t.Error("the paste acted")
	}
}

func TestResizeStorm(t *testing.T) {
	t.Parallel()
	ports, opener, _, _ := tuitest.Ports()
	r := newRoot(t.Context(), Options{Ports: ports, Vault: opener.Vault, NoColor: true})
	tm := teatest.NewTestModel(t, r, teatest.WithInitialTermSize(80, 24))
	// A key that comes before there is a screen goes nowhere.
	teatest.WaitFor(t, tm.Output(), func(b []byte) bool { return bytes.Contains(b, []byte("GitHub")) }, teatest.WithDuration(time.Minute))
	for i := range 60 {
		tm.Send(tea.WindowSizeMsg{Width: i * 7 % 211, Height: i * 5 % 61})
	}
	tm.Send(tea.WindowSizeMsg{Width: 80, Height: 24})
	tm.Send(tea.KeyPressMsg{Code: 'x', Mod: tea.ModCtrl})
	tm.Send(tea.KeyPressMsg{Code: '?', Text: "?"})
	tm.Send(tea.KeyPressMsg{Code: 'c', Mod: tea.ModCtrl})
	last, ok := tm.FinalModel(t, teatest.WithFinalTimeout(time.Minute)).(*root)
	if !ok {
		t.Fatal("the model is not the root")
	}
	if p, _ := last.picture(); !strings.Contains(p, "Everywhere") && !strings.Contains(p, "copy password") {
		t.Errorf("after the storm:\n%s", p)
	}
}

// What OSC 52 writes goes between frames, never into one.
func TestSharedWriterIsWhole(t *testing.T) {
	t.Parallel()
	var got strings.Builder
	program, direct := share(&got)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range 500 {
			_, _ = io.WriteString(direct, "\x1b]52;c;QUJD\x07")
		}
	}()
	for range 500 {
		_, _ = program.Write([]byte("<frame>"))
	}
	<-done
	rest := strings.ReplaceAll(strings.ReplaceAll(got.String(), "\x1b]52;c;QUJD\x07", ""), "<frame>", "")
	if rest != "" {
		t.Errorf("torn: %q", rest)
	}
}
