package tui

import (
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"signet/tui/screen"
	"signet/tui/tuitest"
)

// ownStyles are the only sequences that a picture without colour may hold: weight, underline and reverse video, and their end.
var ownStyles = regexp.MustCompile(`\x1b\[(?:0|[1247](?:;[1247])*)?m`)

// checkHarmless fails on everything in a picture that a terminal would obey: controls, what turns text around, what has no width.
func checkHarmless(t *testing.T, where, picture string, w int) {
	t.Helper()
	if !utf8.ValidString(picture) {
		t.Fatalf("%s: no UTF-8", where)
	}
	for _, line := range strings.Split(ownStyles.ReplaceAllString(picture, ""), "\n") {
		for _, r := range line {
			// Joiners and variation selectors stay where a script or an emoji needs them.
			if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || unicode.Is(unicode.Cf, r) && r != '\u200c' && r != '\u200d' && !unicode.Is(unicode.Prepended_Concatenation_Mark, r) {
				t.Fatalf("%s: %U in %q", where, r, line)
			}
		}
		if ansi.StringWidth(line) > w {
			t.Fatalf("%s: %d columns in a frame of %d: %q", where, ansi.StringWidth(line), w, line)
		}
	}
}

// hostileTour goes through the screens that show foreign text. After each step everything that is drawn is looked at, wide and narrow.
func hostileTour(t *testing.T, text string) {
	d := drive(t, 120, 40, func(o *Options, op *tuitest.Opener) {
		op.Vault = tuitest.HostileVault(op.Vault.Clock, text)
		o.Vault = op.Vault
	})
	d.vault = d.r.opt.Vault.(*tuitest.Vault)
	look := func(where string) {
		t.Helper()
		for _, size := range [][2]int{{120, 40}, {80, 24}, {50, 15}, {33, 9}} {
			d.resize(size[0], size[1])
			p, _ := d.r.picture()
			checkHarmless(t, where, p, size[0])
		}
		d.resize(120, 40)
	}
	d.until("the list", func() bool {
		if len(d.r.stack) == 0 {
			return false
		}
		b, ok := d.top().(*screen.Browse)
		return ok && b.Settled()
	})
	look("list")
	d.keys("ctrl+x :").until("the palette", func() bool { _, ok := d.top().(*screen.Palette); return ok })
	d.send(tea.PasteMsg{Content: text})
	look("palette")
	d.keys("esc", "right").until("the entry", func() bool { e, ok := d.top().(*screen.Entry); return ok && e.Settled() })
	look("entry")
	d.keys("a")
	look("revealed")
	for range 12 {
		d.keys("down")
	}
	look("entry, further down")
	d.keys("e").until("the form", func() bool { e, ok := d.top().(*screen.Edit); return ok && !e.Busy() })
	look("form")
	d.send(tea.PasteMsg{Content: text})
	look("form with a paste")
	d.keys("esc")
	look("after the form")
	d.send(screen.Notify{Level: screen.Bad, Text: text})
	d.send(screen.Stepped{Step: "1", Done: "“" + text + "” is saved", Name: text})
	look("notice")
	d.send(screen.OpenMessages{})
	look("messages")
}

func TestHostileTextIsHarmlessEverywhere(t *testing.T) {
	t.Parallel()
	for _, text := range tuitest.HostileTexts() {
		hostileTour(t, text)
	}
}

// What sites and programs call themselves is foreign text too.
func TestHostilePasskeysAndRequestsAreHarmless(t *testing.T) {
	t.Parallel()
	for _, text := range tuitest.HostileTexts() {
		row := screen.PasskeyRow{
			Entry: tuitest.ID(1), Cred: "a", Title: text, RP: text, RPName: text, User: text, Display: text, Binding: screen.Binding(text), Told: screen.Binding(text),
			Where: []string{text}, Algorithm: text, Extensions: []string{text}, CredentialID: text, BE: text, BS: text,
		}
		d := drive(t, 120, 40, opened, func(o *Options, _ *tuitest.Opener) {
			o.Ports.Passkeys = &tuitest.Passkeys{Rows: []screen.PasskeyRow{row}}
			log, _ := o.Ports.RequestLog.(*tuitest.RequestLog)
			log.Set(screen.RequestRow{What: text, Requester: text, Route: text, Site: text, Account: text, Answer: text})
		})
		look := func(where string) {
			for _, size := range [][2]int{{80, 24}, {33, 9}} {
				d.resize(size[0], size[1])
				p, _ := d.r.picture()
				checkHarmless(t, where, p, size[0])
			}
		}
		d.want("15").keys("ctrl+x P").until("the list", func() bool { s, ok := d.top().(*screen.PasskeysScreen); return ok && s.Settled() })
		look("passkeys")
		for _, k := range []string{"v", "v", "b", "r", "esc", "d", "t"} {
			d.keys(k)
			look("passkeys, " + k)
		}
		d.keys("esc", "ctrl+x Q").until("the log", func() bool { s, ok := d.top().(*screen.RequestsScreen); return ok && s.Settled() })
		look("requests")
		d.keys("v")
		look("a request")
		k, _ := d.r.opt.Ports.VirtualKey.(*tuitest.VirtualKey)
		k.Set(func(s *screen.VirtualStatus) { s.Fault = text })
		d.want("key fault")
		look("a fault")
		d.port().Tell(text, "1", true)
		d.until("the news", func() bool { return len(d.r.steps) > 0 })
		look("what became of a request")
	}
}

func FuzzForeignText(f *testing.F) {
	for _, text := range tuitest.HostileTexts() {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 1<<12 {
			return
		}
		hostileTour(t, text)
	})
}

// What reaches a real terminal obeys nobody but Signet: no title, no clipboard, no report, no reset.
func TestHostileTextOnATerminal(t *testing.T) {
	t.Parallel()
	for _, text := range tuitest.HostileTexts()[:8] {
		p := start(t, 100, 30, func(o *Options, op *tuitest.Opener) {
			op.Vault = tuitest.HostileVault(op.Vault.Clock, text)
			o.Vault = op.Vault
		})
		p.Want(t, " 2 ")
		p.Type("\r")
		p.Want(t, "About")
		p.Type("a")
		p.Type("\x03")
		if err := p.end(t); err != nil {
			t.Fatal(err)
		}
		raw := p.Raw()
		for _, bad := range []string{"\x1b]52", "\x1b]0;", "\x1b]8;;https", "\x1bP+q", "\x1b_G", "\x1b[6n", "\x1bc", "\x1b#8", "\u009b", "\u202e", "\x1b[31"} {
			if strings.Contains(raw, bad) {
				t.Errorf("%q reached the terminal", bad)
			}
		}
	}
}
