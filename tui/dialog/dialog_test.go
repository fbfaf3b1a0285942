package dialog

import (
	"strings"
	"testing"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"signet/tui/theme"
	"signet/tui/widget"
)

var keys = Keys{
	Next: key.NewBinding(key.WithKeys("down")), Prev: key.NewBinding(key.WithKeys("up")),
	Accept: key.NewBinding(key.WithKeys("enter")), Cancel: key.NewBinding(key.WithKeys("esc")),
}

func question() Choice {
	return Choice{ID: "q", Title: "Sure?", Text: "It cannot be undone.", Options: []Option{{ID: "", Label: "No"}, {ID: "yes", Label: "Yes", Hotkey: "y", Danger: true}}}
}

func answer(t *testing.T, codes ...tea.KeyPressMsg) (Action, bool) {
	t.Helper()
	var d Dialog = question()
	for _, k := range codes {
		var a Action
		if d, a = d.Update(widget.Press{Key: k}, keys); a.Close {
			return a, true
		}
	}
	return Action{}, false
}

func TestChoice(t *testing.T) {
	t.Parallel()
	enter, down, up, esc := tea.KeyPressMsg{Code: tea.KeyEnter}, tea.KeyPressMsg{Code: tea.KeyDown}, tea.KeyPressMsg{Code: tea.KeyUp}, tea.KeyPressMsg{Code: tea.KeyEscape}
	for name, c := range map[string]struct {
		keys   []tea.KeyPressMsg
		closed bool
		want   string
	}{
		"the first answer is the safe one": {[]tea.KeyPressMsg{enter}, true, ""},
		"down":                             {[]tea.KeyPressMsg{down, enter}, true, "yes"},
		"round":                            {[]tea.KeyPressMsg{up, enter}, true, "yes"},
		"round and back":                   {[]tea.KeyPressMsg{down, down, enter}, true, ""},
		"letter":                           {[]tea.KeyPressMsg{{Code: 'y', Text: "y"}}, true, "yes"},
		"escape":                           {[]tea.KeyPressMsg{down, esc}, true, ""},
		"other keys":                       {[]tea.KeyPressMsg{{Code: 'x', Text: "x"}}, false, ""},
	} {
		a, closed := answer(t, c.keys...)
		if closed != c.closed || a.Answer.Choice != c.want || closed && a.Answer.Question != "q" {
			t.Errorf("%s: %+v, closed %v", name, a, closed)
		}
	}
}

func TestAChoiceIsAsSmallAsTheScreen(t *testing.T) {
	t.Parallel()
	f := widget.Frame{Theme: theme.New(theme.Options{NoColor: true})}
	for w := range 90 {
		for h := range 30 {
			box, _ := question().View(f.Sized(w, h))
			for _, l := range strings.Split(box, "\n") {
				if widget.Width(l) > max(w, 8) {
					t.Fatalf("%dx%d: %q", w, h, l)
				}
			}
			if w >= 20 && h >= 4 && !strings.Contains(box, "Yes") {
				t.Fatalf("%dx%d hides an answer:\n%s", w, h, box)
			}
		}
	}
}

// Nobody answers a question that appeared under their fingers.
func TestGrace(t *testing.T) {
	t.Parallel()
	start := time.Unix(0, 0)
	for name, c := range map[string]struct {
		at        []time.Duration
		swallowed int
	}{
		"typing through":       {[]time.Duration{100, 300, 600, 900, 1200, 1499}, 6},
		"a pause ends it":      {[]time.Duration{100, 525}, 1},
		"never longer than":    {[]time.Duration{400, 800, 1200, 1500}, 3},
		"quiet from the start": {[]time.Duration{425}, 0},
		"once over, over":      {[]time.Duration{425, 430, 435}, 0},
	} {
		g, n := NewGrace(start), 0
		for _, ms := range c.at {
			if g.Swallows(start.Add(ms * time.Millisecond)) {
				n++
			}
		}
		if n != c.swallowed {
			t.Errorf("%s: %d keys swallowed", name, n)
		}
	}
	if (&Grace{}).Swallows(start) {
		t.Error("a dialog that was asked for swallows keys")
	}
}

// A long answer is read to its end where there is room, and each of its lines chooses it.
func TestALongAnswerIsWrapped(t *testing.T) {
	t.Parallel()
	c := Choice{ID: "q", Title: "How?", Options: []Option{{ID: "long", Label: "Copy through the terminal until the vault is locked again"}, {ID: "no", Label: "Do not copy"}}}
	f := widget.Frame{W: 40, H: 12, Theme: theme.New(theme.Options{NoColor: true})}
	box, _ := c.View(f)
	if !strings.Contains(box, "locked again") {
		t.Errorf("cut:\n%s", box)
	}
	for y, want := range map[int]string{0: "", 1: "long", 2: "long", 3: "no", 4: ""} {
		if _, a := c.Update(Click{X: 5, Y: y, Frame: f}, keys); a.Answer.Choice != want || a.Close != (want != "") {
			t.Errorf("line %d: %+v", y, a)
		}
	}
	if box, _ = c.View(f.Sized(40, 4)); strings.Count(box, "\n") != 3 || !strings.Contains(box, "Do not copy") {
		t.Errorf("in four lines:\n%s", box)
	}
}
