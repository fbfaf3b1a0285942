package tui

import (
	"context"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"signet/tui/screen"
	"signet/tui/tuitest"
)

// driver runs the root without a program: commands run beside it, their messages come back one by one, ticks come only when a test
// sends them. A test waits for what it wants to see, never for time.
type driver struct {
	t      *testing.T
	r      *root
	opener *tuitest.Opener
	vault  *tuitest.Vault
	clip   *tuitest.Clipboard
	clock  *tuitest.Clock
	msgs   chan tea.Msg
	seen   []tea.Msg // every message, for leak tests
	quit   bool
}

type setting func(*Options, *tuitest.Opener)

func opened(o *Options, op *tuitest.Opener) { o.Vault = op.Vault }
func ascii(o *Options, _ *tuitest.Opener)   { o.ASCII = true }
func colour(o *Options, _ *tuitest.Opener)  { o.NoColor = false }
func light(o *Options, _ *tuitest.Opener)   { o.Light = true }

func linear(o *Options, _ *tuitest.Opener) { o.Linear = true }

func fresh(_ *Options, op *tuitest.Opener) {
	op.None, op.Vault = true, tuitest.NewVault(op.Vault.Clock)
}

func drive(t *testing.T, w, h int, settings ...setting) *driver {
	t.Helper()
	ports, opener, clip, clock := tuitest.Ports()
	opt := Options{Ports: ports, NoColor: true, after: func(time.Duration, tea.Msg) tea.Cmd { return nil }}
	for _, s := range settings {
		s(&opt, opener)
	}
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	d := &driver{t: t, opener: opener, vault: opener.Vault, clip: clip, clock: clock, msgs: make(chan tea.Msg, 1024)}
	d.r = newRoot(ctx, opt)
	d.run(d.r.Init())
	d.send(tea.WindowSizeMsg{Width: w, Height: h})
	return d
}

// run starts a command. Batches are taken apart; a sequence runs in order.
func (d *driver) run(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	go func() { d.post(cmd()) }()
}

func (d *driver) post(msg tea.Msg) {
	if msg == nil {
		return
	}
	if v := reflect.ValueOf(msg); v.Kind() == reflect.Slice && v.Type().Elem() == reflect.TypeFor[tea.Cmd]() {
		inOrder := !strings.Contains(v.Type().Name(), "Batch")
		for i := range v.Len() {
			cmd, _ := v.Index(i).Interface().(tea.Cmd)
			switch {
			case cmd == nil:
			case inOrder:
				d.post(cmd())
			default:
				go func() { d.post(cmd()) }()
			}
		}
		return
	}
	d.msgs <- msg
}

func (d *driver) send(msg tea.Msg) {
	d.seen = append(d.seen, msg)
	if _, ok := msg.(tea.QuitMsg); ok {
		d.quit = true
		return
	}
	if x, ok := msg.(runNow); ok { // nothing is handled while another program has the terminal
		err := x.c.Run()
		d.run(func() tea.Msg { return x.done(err) })
		return
	}
	_, cmd := d.r.Update(msg)
	d.run(cmd)
}

// runNow is another program that gets the terminal.
type runNow struct {
	c    tea.ExecCommand
	done tea.ExecCallback
}

// keys presses keys by name; a name of several letters that is no key is typed.
func (d *driver) keys(names ...string) *driver {
	for _, n := range names {
		for _, k := range parseKeys(n) {
			d.send(k)
		}
	}
	return d
}

var keyCodes = map[string]rune{
	"enter": tea.KeyEnter, "esc": tea.KeyEscape, "tab": tea.KeyTab, "up": tea.KeyUp, "down": tea.KeyDown, "left": tea.KeyLeft, "right": tea.KeyRight,
	"home": tea.KeyHome, "end": tea.KeyEnd, "pgup": tea.KeyPgUp, "pgdown": tea.KeyPgDown, "backspace": tea.KeyBackspace, "delete": tea.KeyDelete,
	"f1": tea.KeyF1, "f2": tea.KeyF2,
}

func parseKeys(name string) []tea.KeyPressMsg {
	var out []tea.KeyPressMsg
	for _, part := range strings.Split(name, " ") {
		out = append(out, parseKey(part)...)
	}
	if name == " " || name == "space" {
		return []tea.KeyPressMsg{{Code: tea.KeySpace, Text: " "}}
	}
	return out
}

func parseKey(name string) []tea.KeyPressMsg {
	k := tea.KeyPressMsg{}
	rest := name
	for prefix, mod := range map[string]tea.KeyMod{"ctrl+": tea.ModCtrl, "alt+": tea.ModAlt, "shift+": tea.ModShift} {
		if strings.HasPrefix(rest, prefix) {
			k.Mod, rest = mod, strings.TrimPrefix(rest, prefix)
			break
		}
	}
	if rest == "space" {
		return []tea.KeyPressMsg{{Code: tea.KeySpace, Text: " "}}
	}
	if c, ok := keyCodes[rest]; ok {
		k.Code = c
		return []tea.KeyPressMsg{k}
	}
	if k.Mod != 0 {
		k.Code, _ = utf8.DecodeRuneInString(rest)
		return []tea.KeyPressMsg{k}
	}
	var out []tea.KeyPressMsg
	for _, r := range name {
		out = append(out, tea.KeyPressMsg{Code: r, Text: string(r)})
	}
	return out
}

// typed types a text, spaces included.
func (d *driver) typed(s string) *driver {
	for _, r := range s {
		d.send(tea.KeyPressMsg{Code: r, Text: string(r)})
	}
	return d
}

func (d *driver) picture() string {
	p, _ := d.r.picture()
	return ansi.Strip(p)
}

// until handles messages until cond holds.
func (d *driver) until(what string, cond func() bool) *driver {
	d.t.Helper()
	deadline := time.After(30 * time.Second)
	for !cond() {
		select {
		case m := <-d.msgs:
			d.send(m)
		case <-time.After(5 * time.Millisecond): // something outside the program may have become true
		case <-deadline:
			d.t.Fatalf("waited in vain for %s; the screen says:\n%s", what, d.picture())
		}
	}
	return d
}

// want waits until the picture shows every text.
func (d *driver) want(texts ...string) *driver {
	d.t.Helper()
	for _, text := range texts {
		d.until("“"+text+"”", func() bool { return strings.Contains(d.picture(), text) })
	}
	return d
}

// gone waits until the picture does not show a text any more.
func (d *driver) gone(text string) *driver {
	d.t.Helper()
	return d.until("“"+text+"” to go", func() bool { return !strings.Contains(d.picture(), text) })
}

// tick moves the clock and lets the program notice.
func (d *driver) tick(by time.Duration) *driver {
	d.clock.Advance(by)
	d.send(tickMsg{})
	return d
}

// is reports that the picture shows a text now.
func (d *driver) is(text string) bool { return strings.Contains(d.picture(), text) }

func (d *driver) top() screen.Screen { return d.r.stack[len(d.r.stack)-1].s }

// settled waits for what comes by itself behind the scenes: the entry beside the list, the look at the machine.
func (d *driver) settled() *driver {
	d.t.Helper()
	switch s := d.top().(type) {
	case *screen.Browse:
		d.until("the entry beside the list", func() bool { return s.Settled() })
	case *screen.Audit:
		d.until("the audit", func() bool { return s.Settled() })
	case *screen.Edit:
		d.until("the form", func() bool { return s.Settled() })
	case *screen.Setup:
		d.until("the survey", func() bool { return s.Settled() })
	}
	return d
}

// resize gives the terminal another size and waits for what the new size shows.
func (d *driver) resize(w, h int) *driver {
	d.send(tea.WindowSizeMsg{Width: w, Height: h})
	return d.settled()
}

// lockIsOver reports whether the program's own lock has ended; where something else locked first, it comes after that.
func (d *driver) lockIsOver() bool {
	select {
	case <-d.r.locking:
		return true
	default:
		return d.r.locking == nil
	}
}

// unlock types the passphrase after a lock. The fake's one vault is opened again, so its locking has to be over first.
func (d *driver) unlock() *driver {
	d.t.Helper()
	return d.until("the vault to be locked", func() bool { return d.vault.IsLocked() && d.lockIsOver() }).typed("open sesame").keys("enter")
}
