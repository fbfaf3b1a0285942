package widget

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"pgregory.net/rapid"

	"signet/tui/theme"
)

// keys of the tests; the program's are in tui/keys.go.
func bind(k string) key.Binding { return key.NewBinding(key.WithKeys(k)) }

var testKeys = EditKeys{
	Left: bind("left"), Right: bind("right"), WordLeft: bind("alt+left"), WordRight: bind("alt+right"), Start: bind("home"), End: bind("end"),
	Backspace: bind("backspace"), Delete: bind("delete"), DeleteWord: bind("ctrl+w"), DeleteToStart: bind("ctrl+u"), DeleteToEnd: bind("ctrl+k"),
	Up: bind("up"), Down: bind("down"), Newline: bind("enter"),
}

var named = map[string]tea.KeyPressMsg{
	"left": {Code: tea.KeyLeft}, "right": {Code: tea.KeyRight}, "home": {Code: tea.KeyHome}, "end": {Code: tea.KeyEnd}, "backspace": {Code: tea.KeyBackspace},
	"delete": {Code: tea.KeyDelete}, "up": {Code: tea.KeyUp}, "down": {Code: tea.KeyDown}, "enter": {Code: tea.KeyEnter}, "tab": {Code: tea.KeyTab},
	"alt+left": {Code: tea.KeyLeft, Mod: tea.ModAlt}, "alt+right": {Code: tea.KeyRight, Mod: tea.ModAlt},
	"ctrl+w": {Code: 'w', Mod: tea.ModCtrl}, "ctrl+u": {Code: 'u', Mod: tea.ModCtrl}, "ctrl+k": {Code: 'k', Mod: tea.ModCtrl}, "space": {Code: tea.KeySpace, Text: " "},
}

func press(s string) Press {
	if k, ok := named[s]; ok {
		return Press{Key: k}
	}
	r, _ := utf8.DecodeRuneInString(s)
	return Press{Key: tea.KeyPressMsg{Code: r, Text: s}}
}

func frame(w, h int) Frame {
	return Frame{W: w, H: h, Theme: theme.New(theme.Options{NoColor: true}), Now: time.Unix(1_700_000_000, 0)}
}

func TestLineEditing(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		start string
		keys  string // separated by spaces
		want  string
		at    int
	}{
		{"", "a b space c", "ab c", 4},
		{"héllo", "left left X", "hélXlo", 5},
		{"abc def", "alt+left X", "abc Xdef", 5},
		{"abc def", "home alt+right X", "abcX def", 4},
		{"abc def", "ctrl+w", "abc ", 4},
		{"abc def", "left left ctrl+u", "ef", 0},
		{"abc def", "home right ctrl+k", "a", 1},
		{"👩‍👩‍👧e\u0301", "backspace", "👩‍👩‍👧", 18},
		{"👩‍👩‍👧", "backspace", "", 0},
		{"ab", "home delete delete delete", "", 0},
		{"", "backspace delete left right alt+left ctrl+w ctrl+k", "", 0},
	} {
		l := Line{Buffer: NewBuffer(c.start)}
		for _, k := range strings.Fields(c.keys) {
			l.Key(testKeys, press(k))
		}
		if l.Text() != c.want || l.At() != c.at {
			t.Errorf("%q %s: %q at %d, want %q at %d", c.start, c.keys, l.Text(), l.At(), c.want, c.at)
		}
	}
}

// A field agrees with a plain model of a text and a cursor, whatever is done to it; the cursor never stands inside a character.
func TestLineProperties(t *testing.T) {
	t.Parallel()
	names := []string{"left", "right", "home", "end", "backspace", "delete", "alt+left", "alt+right", "ctrl+w", "ctrl+u", "ctrl+k"}
	rapid.Check(t, func(t *rapid.T) {
		var l Line
		for range rapid.IntRange(0, 40).Draw(t, "n") {
			if rapid.Bool().Draw(t, "type") {
				l.Key(testKeys, press(rapid.SampledFrom([]string{"a", "é", "日", "👍", " ", "ß", "z"}).Draw(t, "text")))
			} else {
				l.Key(testKeys, press(rapid.SampledFrom(names).Draw(t, "key")))
			}
			if l.At() < 0 || l.At() > l.Len() || !utf8.ValidString(l.Text()) || !utf8.Valid(l.Bytes()[:l.At()]) {
				t.Fatalf("%q at %d", l.Text(), l.At())
			}
			for _, w := range []int{0, 1, 2, 5, 30} {
				view, cur := l.View(frame(w, 1), true)
				if ansi.StringWidth(view) > w || cur.X < 0 || w > 2 && cur.X > w {
					t.Fatalf("%d columns: %q with the cursor at %d", w, view, cur.X)
				}
			}
		}
	})
}

func TestALongLineFollowsTheCursor(t *testing.T) {
	t.Parallel()
	l := Line{Buffer: NewBuffer(strings.Repeat("x", 50) + "END")}
	if v, cur := l.View(frame(10, 1), true); !strings.Contains(v, "END") || cur.X != 9 {
		t.Errorf("%q, cursor %d", v, cur.X)
	}
	if v, _ := l.View(frame(10, 1), false); strings.Contains(v, "END") {
		t.Error("without the focus the beginning is shown")
	}
	l.Key(testKeys, press("home"))
	if v, cur := l.View(frame(10, 1), true); strings.Contains(v, "END") || cur.X != 0 {
		t.Errorf("%q, cursor %d", v, cur.X)
	}
}

func TestLinePasteIsOneLine(t *testing.T) {
	t.Parallel()
	var l Line
	l.Paste("a\tb\r\nc\nd\x1b[31m\n")
	if l.Text() != "a b c d[31m" {
		t.Errorf("%q", l.Text())
	}
}

// A secret is taken exactly, or not at all: bubbletea.md 4d.2.
func TestSecretFieldPaste(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ paste, want, refused string }{
		{"hunter2\n", "hunter2", ""},
		{"hunter2\r\n", "hunter2", ""},
		{"  spaces stay  ", "  spaces stay  ", ""},
		{"tab\tstays", "tab\tstays", ""},
		{"ünï \u200d\u202e", "ünï \u200d\u202e", ""},
		{"two\nlines", "", "several lines"},
		{"two\n\n", "", "several lines"},
		{"bell\a", "", "control characters"},
		{"nul\x00", "", "control characters"},
		{"\xff", "", "not text"},
		{strings.Repeat("x", maxLine+1), "", "longer"},
	} {
		var s SecretField
		s.Paste(c.paste)
		if s.Text() != c.want || !strings.Contains(s.Refused, c.refused) || (c.refused == "") != (s.Refused == "") {
			t.Errorf("%.20q: %.20q, refused %q", c.paste, s.Text(), s.Refused)
		}
	}
}

func TestSecretFieldShowsNothingUnasked(t *testing.T) {
	t.Parallel()
	var s SecretField
	s.Paste("canary")
	if v, cur := s.View(frame(20, 1), true); strings.Contains(v, "canary") || strings.Count(v, "•") != 6 || cur.X != 6 {
		t.Errorf("dots: %q, cursor %d", v, cur.X)
	}
	s.Echo = EchoNothing
	if v, _ := s.View(frame(20, 1), true); strings.Contains(v, "canary") || strings.Contains(v, "••") {
		t.Errorf("nothing: %q", v)
	}
	s.Echo = EchoPlain
	if v, _ := s.View(frame(20, 1), true); !strings.Contains(v, "canary") {
		t.Errorf("plain: %q", v)
	}
}

// Old bytes are wiped at every change, so that no half of a password stays behind.
func TestBufferWipesWhatItReplaces(t *testing.T) {
	t.Parallel()
	b := NewBuffer("secret")
	old, copied := b.Bytes(), b.Secret()
	b.Insert([]byte("!"))
	if strings.Trim(string(old), "\x00") != "" {
		t.Errorf("%q is left", old)
	}
	if copied.RevealString() != "secret" {
		t.Error("a copy must live on its own")
	}
	now := b.Bytes()
	b.Wipe()
	if strings.Trim(string(now), "\x00") != "" || b.Len() != 0 || b.At() != 0 {
		t.Errorf("%q is left after Wipe", now)
	}
}

func TestArea(t *testing.T) {
	t.Parallel()
	var a Area
	for _, k := range strings.Fields("o n e enter t w o enter enter f o u r") {
		a.Key(testKeys, press(k))
	}
	if string(a.Bytes()) != "one\ntwo\n\nfour" {
		t.Fatalf("%q", a.Bytes())
	}
	for _, k := range []string{"up", "up", "up"} {
		if !a.Key(testKeys, press(k)) {
			t.Errorf("%s left the field", k)
		}
	}
	a.Key(testKeys, press("!"))
	if string(a.Bytes()) != "one!\ntwo\n\nfour" {
		t.Errorf("up keeps its column over short lines: %q", a.Bytes())
	}
	if a.Key(testKeys, press("up")) {
		t.Error("up in the first line is the form's")
	}
	a.Paste("\r\nx\ry\x1b")
	if string(a.Bytes()) != "one!\nx\ny\ntwo\n\nfour" {
		t.Errorf("paste: %q", a.Bytes())
	}
	a.Paste(strings.Repeat("z", maxArea))
	if a.Refused == "" || a.Len() > maxArea {
		t.Error("a note beyond the format's limit was taken")
	}
}

func TestAreaShowsTheCursorsLine(t *testing.T) {
	t.Parallel()
	a := Area{Buffer: NewBuffer(strings.Repeat("line\n", 100) + "last")}
	v, cur := a.View(frame(20, 5), true)
	if !strings.Contains(v, "last") || cur.Y != 4 || cur.X != 4 {
		t.Errorf("%q, cursor %+v", v, cur)
	}
	for range 100 {
		a.Key(testKeys, press("up"))
	}
	if _, cur := a.View(frame(20, 5), true); cur.Y != 0 {
		t.Errorf("cursor %+v", cur)
	}
}

func TestListKeepsTheCursorVisible(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var l List
		for range rapid.IntRange(1, 30).Draw(t, "n") {
			switch rapid.IntRange(0, 4).Draw(t, "what") {
			case 0:
				l.SetCount(rapid.IntRange(0, 50).Draw(t, "count"))
			case 1:
				l.SetHeight(rapid.IntRange(-1, 20).Draw(t, "height"))
			case 2:
				l.Move(rapid.IntRange(-60, 60).Draw(t, "by"))
			case 3:
				l.Page(rapid.IntRange(-2, 2).Draw(t, "pages"))
			case 4:
				l.To(rapid.IntRange(-5, 60).Draw(t, "to"))
			}
			h := rapid.IntRange(1, 25).Draw(t, "h")
			from, to := l.Visible(h)
			if l.Count > 0 && (l.Cursor < from || l.Cursor >= to) || to-from > h || from < 0 || to > max(l.Count, 0) {
				t.Fatalf("%+v shows %d to %d in %d lines", l, from, to, h)
			}
			if l.Count >= h && to-from != h && l.Count > 0 {
				t.Fatalf("%+v leaves lines empty: %d to %d of %d", l, from, to, h)
			}
		}
	})
}

func TestFitIsSafeAndFits(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s, w := rapid.String().Draw(t, "s"), rapid.IntRange(-1, 30).Draw(t, "w")
		got := Fit(frame(80, 1), s, w)
		if ansi.StringWidth(got) > max(w, 0) || strings.ContainsAny(got, "\x1b\n\r\t\x00\a") {
			t.Fatalf("%q in %d columns: %q", s, w, got)
		}
	})
}

func TestHelpLineKeepsTheLast(t *testing.T) {
	t.Parallel()
	bs := []key.Binding{Bind("open", "enter"), Bind("copy password", "ctrl+y"), Bind("help", "?")}
	for w, want := range map[int]string{60: "Enter open · ^Y copy password · ? help", 30: "Enter open · ? help", 8: "? help", 3: ""} {
		if got := ansi.Strip(HelpLine(frame(w, 1), bs)); got != want {
			t.Errorf("%d columns: %q", w, got)
		}
	}
}

func TestShowKey(t *testing.T) {
	t.Parallel()
	for k, want := range map[string]string{
		"ctrl+x p": "^X p", "up": "↑", "ctrl+home": "^Home", "alt+b": "Alt-b", "shift+tab": "Shift-Tab", "f1": "F1", "space": "Space", "R": "R", "ctrl+enter": "^Enter", "f": "f",
	} {
		if got := ShowKey(k); got != want {
			t.Errorf("%s: %q, want %q", k, got, want)
		}
	}
}

func TestTypingDropsPlainLetters(t *testing.T) {
	t.Parallel()
	b := Typing(Bind("copy", "p", "ctrl+y", "ctrl+x p"))
	if b.Help().Key != "^Y" || len(b.Keys()) != 2 {
		t.Errorf("%v %v", b.Keys(), b.Help())
	}
	if Typing(Bind("leave", "q")).Enabled() {
		t.Error("a lone letter works while typing")
	}
}

func TestCountdown(t *testing.T) {
	t.Parallel()
	f := frame(80, 1)
	until := f.Now.Add(18 * time.Second)
	if got := ansi.Strip(Countdown(f, until.Add(-30*time.Second), until, 16)); got != "━━━━━━━━──── 18s" {
		t.Errorf("%q", got)
	}
	if got := ansi.Strip(Countdown(f, until, until, 16)); got != "18s" {
		t.Errorf("an empty span: %q", got)
	}
	for left, want := range map[time.Duration]int{-time.Second: 0, 0: 0, time.Millisecond: 1, time.Second: 1, 1001 * time.Millisecond: 2} {
		if got := Left(f.Now, f.Now.Add(left)); got != want {
			t.Errorf("%v: %d", left, got)
		}
	}
}

func TestQR(t *testing.T) {
	t.Parallel()
	f := frame(80, 40)
	code, ok := QR(f, "SIGNET")
	if !ok || strings.Count(code, "\n")+1 != 13 || ansi.StringWidth(strings.Split(code, "\n")[0]) != 25 {
		t.Errorf("%v:\n%s", ok, code)
	}
	if _, ok := QR(frame(20, 40), "SIGNET"); ok {
		t.Error("it does not fit")
	}
	if _, ok := QR(f, strings.Repeat("x", 5000)); ok {
		t.Error("too long for a code")
	}
	f.Theme = theme.New(theme.Options{ASCII: true})
	if code, _ := QR(f, "SIGNET"); strings.ContainsFunc(code, func(r rune) bool { return r > 126 }) {
		t.Error("not ASCII")
	}
}

func formKeys() FormKeys {
	return FormKeys{Edit: testKeys, Next: key.NewBinding(key.WithKeys("tab", "down")), Prev: bind("up"), Toggle: bind("space"), Submit: bind("enter")}
}

func TestForm(t *testing.T) {
	t.Parallel()
	m := Form{Fields: []*Field{
		{ID: "a", Label: "A", Validate: func(b []byte) string { return map[bool]string{true: "bad"}[string(b) == "x"] }},
		{ID: "s", Label: "S", Kind: SecretText, Kept: true},
		{ID: "n", Label: "N", Kind: AreaField},
		{ID: "t", Label: "T", Kind: ToggleField},
		{ID: "go", Label: "Go", Kind: ButtonField},
	}}
	for _, d := range m.Fields {
		d.Settle()
	}
	do := func(keys ...string) (pressed string) {
		for _, k := range keys {
			pressed = m.Key(formKeys(), press(k))
		}
		return pressed
	}
	if do("x", "tab"); m.Fields[0].Err != "bad" || m.Focus != 1 {
		t.Errorf("leaving a wrong field: %q, focus %d", m.Fields[0].Err, m.Focus)
	}
	if do("left"); !m.Fields[1].Kept {
		t.Error("moving in a kept secret replaced it")
	}
	if do("y"); m.Fields[1].Kept || !m.Fields[1].Changed() {
		t.Error("typing into a kept secret does not replace it")
	}
	if do("tab", "enter", "z", "tab"); string(m.Fields[2].Area.Bytes()) != "\nz" || m.Focus != 3 {
		t.Errorf("area: %q, focus %d", m.Fields[2].Area.Bytes(), m.Focus)
	}
	if do("space"); !m.Fields[3].On || !m.Dirty() {
		t.Error("the toggle does not toggle")
	}
	if do("enter") != "go" || do("tab", "enter") != "go" {
		t.Error("Enter on the last field, or on the button, presses it")
	}
	if m.Check() || m.Focus != 0 {
		t.Errorf("the first wrong field gets the focus, not %d", m.Focus)
	}
	m.Wipe()
	if m.Field("s").Secret.Len() != 0 || m.Field("none") != nil {
		t.Error("not wiped")
	}
}

func TestTheFocusedFieldIsAlwaysVisible(t *testing.T) {
	t.Parallel()
	var m Form
	for i := range 30 {
		m.Fields = append(m.Fields, &Field{ID: string(rune('a' + i)), Label: "Field" + string(rune('A'+i))})
	}
	for m.Focus = range m.Fields {
		for _, h := range []int{1, 2, 5, 12} {
			for _, w := range []int{20, 80} {
				v, cur := m.View(frame(w, h))
				if h > 1 && !strings.Contains(v, m.Fields[m.Focus].Label) || cur.Y < 0 || cur.Y >= h {
					t.Fatalf("%dx%d, field %d: cursor %+v in\n%s", w, h, m.Focus, cur, v)
				}
			}
		}
	}
}

func TestKeysOfOtherLayouts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		key        tea.KeyPressMsg
		name, text string
	}{
		{tea.KeyPressMsg{Code: 'я', BaseCode: 'z', Mod: tea.ModCtrl}, "ctrl+z", ""},
		{tea.KeyPressMsg{Code: 'з', BaseCode: 'p', Text: "з"}, "p", "з"},
		{tea.KeyPressMsg{Code: 'к', BaseCode: 'r', Mod: tea.ModShift, Text: "К"}, "R", "К"},
		{tea.KeyPressMsg{Code: 'z', BaseCode: 'y', Text: "z"}, "z", "z"}, // QWERTZ: what is printed on the key counts
		{tea.KeyPressMsg{Code: 'я', Text: "я"}, "я", "я"},
	} {
		if p := (Press{Key: c.key}); p.String() != c.name || p.Typed() != c.text {
			t.Errorf("%+v: %q, types %q", c.key, p.String(), p.Typed())
		}
	}
}

// Scrolling keeps the cursor visible, and moves it only when it has to.
func TestScrollingAList(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ count, height, cursor, by, top, want int }{
		{10, 4, 0, 3, 3, 3}, {10, 4, 3, 1, 1, 3}, {10, 4, 0, 99, 6, 6}, {10, 4, 9, -99, 0, 3}, {3, 4, 2, 5, 0, 2}, {0, 4, 0, 5, 0, 0}, {5, 0, 0, 2, 2, 2},
	} {
		l := List{Count: c.count, Height: c.height}
		l.To(c.cursor)
		l.Scroll(c.by)
		if l.Top != c.top || l.Cursor != c.want {
			t.Errorf("%+v: top %d, cursor %d", c, l.Top, l.Cursor)
		}
	}
}
