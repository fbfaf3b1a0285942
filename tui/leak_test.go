package tui

import (
	"context"
	"fmt"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"

	"signet/tui/screen"
	"signet/tui/tuitest"
)

// dump writes out everything that can be reached from a value: unexported fields, pointers, maps, interfaces. It goes further than
// %+v, which stops at pointers. Functions are closed to it as they are to every printer.
func dump(v reflect.Value, skip func(reflect.Type) bool, seen map[uintptr]bool, out *strings.Builder) {
	if !v.IsValid() || skip(v.Type()) {
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() || seen[v.Pointer()] {
			return
		}
		seen[v.Pointer()] = true
		dump(v.Elem(), skip, seen, out)
	case reflect.Interface:
		dump(v.Elem(), skip, seen, out)
	case reflect.Struct:
		for i := range v.NumField() {
			dump(v.Field(i), skip, seen, out)
		}
	case reflect.Slice, reflect.Array:
		if v.Type().Elem().Kind() == reflect.Uint8 || v.Type().Elem().Kind() == reflect.Int32 {
			for i := range v.Len() {
				if v.Type().Elem().Kind() == reflect.Uint8 {
					out.WriteByte(byte(v.Index(i).Uint()))
				} else {
					out.WriteRune(rune(v.Index(i).Int()))
				}
			}
			out.WriteByte('\n')
			return
		}
		for i := range v.Len() {
			dump(v.Index(i), skip, seen, out)
		}
	case reflect.Map:
		for _, k := range v.MapKeys() {
			dump(k, skip, seen, out)
			dump(v.MapIndex(k), skip, seen, out)
		}
	case reflect.String:
		out.WriteString(v.String() + "\n")
	}
}

// reachable is what dump finds, the ports left out: they are the outside.
func reachable(x any) string {
	ports := reflect.TypeFor[screen.Ports]()
	vault, prepared := reflect.TypeFor[screen.Vault](), reflect.TypeFor[screen.Prepared]()
	ctx := reflect.TypeFor[context.Context]() // it holds nothing of ours, and changes beside the program
	var out strings.Builder
	dump(reflect.ValueOf(x), func(t reflect.Type) bool {
		return t == ports || t.Implements(vault) || t.Implements(prepared) || t.Implements(ctx)
	}, map[uintptr]bool{}, &out)
	return out.String()
}

// typedSoFar are messages of the terminal itself: keys and pastes hold what was typed by their nature.
func fromTerminal(m tea.Msg) bool {
	switch m.(type) {
	case tea.KeyPressMsg, tea.PasteMsg:
		return true
	}
	return false
}

func (d *driver) noLeak(where string, secrets ...string) {
	d.t.Helper()
	d.r.keeper.mu.Lock() // a draft may be on its way to the store
	defer d.r.keeper.mu.Unlock()
	for _, s := range secrets {
		if got := fmt.Sprintf("%+v %#v", d.r, d.r); strings.Contains(got, s) {
			d.t.Errorf("%s: %%+v of the model prints %q", where, s)
		}
		if strings.Contains(reachable(d.r), s) {
			d.t.Errorf("%s: the model holds %q in the open", where, s)
		}
		for _, m := range d.seen {
			if fromTerminal(m) {
				continue
			}
			if got := fmt.Sprintf("%+v %#v", m, m); strings.Contains(got, s) || strings.Contains(reachable(m), s) {
				d.t.Errorf("%s: a message %T prints %q", where, m, s)
			}
		}
		if v := d.r.View(); v.WindowTitle != "Signet" {
			d.t.Errorf("%s: the window title is %q", where, v.WindowTitle)
		}
	}
}

func TestNoSecretCanBePrinted(t *testing.T) {
	t.Parallel()
	const pass = "open sesame"
	d := drive(t, 80, 24).want("Passphrase").typed(pass)
	d.noLeak("typing", pass)
	d.keys("enter").want("15")
	d.noLeak("after the unlock", pass, tuitest.Canary)
	d.keys("ctrl+y").want("Password copied")
	d.noLeak("after copying", tuitest.Canary)
	d.keys("right").want("249 321").keys("r").want(tuitest.Canary)
	d.noLeak("revealed", tuitest.Canary, "249321")
	d.keys("e").want("unchanged").keys("ctrl+r").want(tuitest.Canary).typed("more").keys("ctrl+g").want("bits")
	d.noLeak("in the form", tuitest.Canary, tuitest.Canary+"more")
	d.keys("esc", "ctrl+x s").want("is saved")
	d.noLeak("saved", tuitest.Canary)
	d.keys("L").want("Passphrase")
	d.noLeak("locked", tuitest.Canary)
	for _, name := range []string{"GitHub", "octocat"} {
		if d.is(name) || strings.Contains(reachable(d.r), name) {
			t.Errorf("the locked model still knows %q", name)
		}
	}
}

func TestADraftHoldsItsSecretsClosed(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 24, opened).want("15").keys("ctrl+x e").want("unchanged").typed(tuitest.Canary)
	d.tick(15*time.Minute).want("Unsaved changes wait", "Passphrase")
	d.noLeak("draft", tuitest.Canary)
}

func TestARecoveryCodeCannotBePrinted(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 24, fresh).want("Create a vault").keys("enter").want("Once more").keys("up", "enter").want("able acid")
	d.noLeak("shown", tuitest.Code, tuitest.Words)
	d.keys("enter").want("Type the code").typed(tuitest.Words)
	d.noLeak("typed", tuitest.Words)
}

// Whatever left the vault is wiped, not only dropped: rows, codes, previous values, what was copied, what a form was shown, and
// answers that came too late.
func TestEverySecretThatLeftTheVaultIsWiped(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 40, opened).want("15").keys("ctrl+y").want("Password copied").keys("ctrl+o").want("Code copied")
	d.keys("ctrl+x e").want("unchanged").keys("ctrl+r").want(tuitest.Canary).typed("x").keys("ctrl+x s").want("is saved")
	d.keys("right").want("History (1)").keys("a").want(tuitest.Canary+"x").keys("G", "r", "up", "G", "y").want("Previous value copied")
	d.tick(18 * time.Second).want("30s").keys("esc").want("type to search")
	d.until("everything shown to be wiped", func() bool { return len(d.vault.Left()) == 0 })
	d.keys("right").want("History (1)", "30s").keys("a").want(tuitest.Canary + "x").keys("L").want("Passphrase")
	d.until("the last answers", func() bool { return len(d.vault.Left()) == 0 })
}

// Libraries write keys to files when asked by the environment; Run does not let them.
func TestRunUnsetsTraces(t *testing.T) { // not parallel: the environment
	for _, name := range traces {
		t.Setenv(name, t.TempDir()+"/"+name)
	}
	s := tuitest.NewTerminal(80, 24)
	ports, opener, _, _ := tuitest.Ports()
	done := make(chan error, 1)
	paths := map[string]string{}
	for _, name := range traces {
		paths[name] = os.Getenv(name)
	}
	go func() {
		done <- Run(t.Context(), Options{Ports: ports, Vault: opener.Vault, NoColor: true, FixedTheme: true, In: s, Out: s, Environment: []string{"TERM=xterm-256color"}, W: 80, H: 24})
	}()
	s.Want(t, "GitHub")
	s.Type("\x1b[C")
	s.Want(t, "One-time code")
	s.Type("r")
	s.Want(t, tuitest.Canary)
	s.Type("\x03")
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	for name, path := range paths {
		if _, set := os.LookupEnv(name); set {
			t.Errorf("%s is still set", name)
		}
		if b, err := os.ReadFile(path); err == nil {
			t.Errorf("%s made a file: %q", name, b)
		}
	}
}

// A title that is a program for the terminal is shown as harmless signs, in the list and in the entry.
func TestHostileTextIsShownHarmlessly(t *testing.T) {
	t.Parallel()
	d := drive(t, 100, 30, opened).want("15").typed("gpj").want("1 of 15")
	for range 2 {
		raw, _ := d.r.picture()
		for _, bad := range []string{"\x1b]", "\x07", "\u202e", "\x1b[31m", "\n\n\n\n\n\nowned", "\r"} {
			if strings.Contains(raw, bad) {
				t.Errorf("the frame holds %q", bad)
			}
		}
		if !d.is("␛]52;") {
			t.Errorf("the title is not shown at all:\n%s", d.picture())
		}
		d.keys("right").want("xn--pple-43d.com")
	}
	d.keys("e").want("Edit ␛]52").keys("esc").want("xn--pple").keys("d").want("is in the trash")
	if raw, _ := d.r.picture(); strings.Contains(raw, "\x1b]") || strings.Contains(raw, "\u202e") {
		t.Error("a notice carries the title's escape sequences")
	}
}

func FuzzHostileTitle(f *testing.F) {
	for _, s := range []string{tuitest.Hostile, "a\x00b", "\xff\xfe", "\u2028", "\u200b\u200b", "e\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301", "\x9b31m", "👩‍👩‍👧‍👦", "עברית"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, title string) {
		d := drive(t, 60, 14, func(o *Options, op *tuitest.Opener) {
			v := tuitest.NewVault(op.Vault.Clock)
			v.Add(tuitest.Login(title, title, "x", title))
			o.Vault = v
		})
		d.until("the row", func() bool { s, ok := d.topBrowse(); return ok && s.Settled() && d.is(" 1") })
		d.keys("right").want("Password")
		raw, _ := d.r.picture()
		if rest := styles.ReplaceAllString(raw, ""); !utf8.ValidString(rest) || strings.ContainsFunc(rest, dangerous) {
			t.Errorf("%q reaches the terminal as %q", title, raw)
		}
	})
}

// styles are the only sequences that a frame without colour may hold.
var styles = regexp.MustCompile(`\x1b\[[0-9;]*m`)

func dangerous(r rune) bool {
	return unicode.IsControl(r) && r != '\n' || unicode.Is(unicode.Bidi_Control, r)
}

func (d *driver) topBrowse() (*screen.Browse, bool) {
	if len(d.r.stack) == 0 {
		return nil, false
	}
	b, ok := d.top().(*screen.Browse)
	return b, ok
}

// What the generator made, what was made before and what an outside editor has stand behind secrets, and are wiped when the vault locks.
func TestGeneratedPasswordsAndNotesOutsideAreClosed(t *testing.T) {
	t.Parallel()
	const note = "note-of-the-outside-editor"
	e := &tuitest.Editor{Change: func(string) string { return note }}
	made := &tuitest.Made{}
	d := drive(t, 80, 40, opened, outsider(e), func(o *Options, op *tuitest.Opener) { made.Clock = op.Vault.Clock; o.Ports.Made = made }).want("15")
	d.keys("ctrl+x e").want("unchanged").keys("ctrl+g").want("124 bits", "#39N")
	d.noLeak("generating", "#39N#39N")
	d.keys("enter").want("made here")
	d.until("the password to be kept", func() bool { return made.Count() == 1 })
	d.noLeak("taken", "#39N#39N")
	d.keys("ctrl+x h").want("2026-03-14").keys("r").want("#39N")
	d.noLeak("made before", "#39N#39N")
	d.keys("esc").focusOn("Note").keys("ctrl+x e").want("Edit this note").keys("down", "enter").want(note)
	d.noLeak("back from outside", note)
	edit, _ := d.top().(*screen.Edit)
	d.keys("ctrl+x h").want("2026-03-14")
	d.tick(15 * time.Minute).want("Unsaved changes wait")
	d.noLeak("locked", "#39N#39N", note)
	if got := reachable(edit); strings.Contains(got, note) || edit.Dirty() {
		t.Error("the closed form still holds what was typed")
	}
}
