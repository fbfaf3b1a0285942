package dialog

import (
	"fmt"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"signet/internal/sanitize"
	"signet/tui/widget"
	"signet/vault/secret"
)

// Compare is a question between two values of one field: the user's own and another one. Answers are "mine", "theirs" and, to leave it open, "".
// A hidden value is shown only on request. The values are the asking screen's: it wipes them.
type Compare struct {
	ID, Title, Text string
	Mine, Theirs    string // what the two are called
	A, B            secret.Secret
	Gone            bool // there is no other value: it was removed
	Hidden          bool
	Left            int // how many questions like this one are left
	shown           bool
	cursor          int
}

// maxCompared bounds how much of a value is shown.
const maxCompared = 600

func (c Compare) options() []Option {
	back := "Back to the form"
	out := []Option{{ID: "", Label: back}, {ID: "mine", Label: "Keep " + strings.ToLower(c.Mine), Hotkey: "m"}, {ID: "theirs", Label: "Take the one " + strings.ToLower(c.Theirs), Hotkey: "t"}}
	if c.Gone {
		out[2].Label = "Leave it removed"
	}
	if c.Hidden && !c.A.IsEmpty() {
		label := "Show both"
		if c.shown {
			label = "Hide both"
		}
		out = append(out, Option{ID: "show", Label: label, Hotkey: "v"})
	}
	return out
}

func (c Compare) choice() Choice {
	text := c.Text
	if c.Left > 1 {
		text += fmt.Sprintf(" %d such fields.", c.Left)
	}
	return Choice{ID: c.ID, Title: c.Title, Text: text, Options: c.options(), cursor: c.cursor, body: c.values}
}

// Update implements Dialog.
func (c Compare) Update(msg tea.Msg, k Keys) (Dialog, Action) {
	d, action := c.choice().Update(msg, k)
	if inner, ok := d.(Choice); ok {
		c.cursor = inner.cursor
	}
	if action.Close && action.Answer.Choice == "show" {
		c.shown = !c.shown
		return c, Action{}
	}
	return c, action
}

// View implements Dialog.
func (c Compare) View(f widget.Frame) (string, widget.Cursor) { return c.choice().View(f) }

// Keys implements Dialog.
func (c Compare) Keys(k Keys) []key.Binding { return c.choice().Keys(k) }

// values draws the two.
func (c Compare) values(f widget.Frame, w int) (lines []string) {
	for _, v := range []struct {
		name  string
		value secret.Secret
		gone  bool
	}{{c.Mine, c.A, false}, {c.Theirs, c.B, c.Gone}} {
		text := v.value.RevealString()
		switch {
		case v.gone:
			text = "(removed)"
		case c.A.IsEmpty() && c.B.IsEmpty():
			continue
		case c.Hidden && !c.shown && text != "":
			text = strings.Repeat(f.Theme.Dot, 8)
		}
		text = text[:min(len(text), maxCompared)]
		wrapped := widget.Wrap(sanitize.Text(v.name+": "+text), w)
		if most := max(1, (f.H-9)/2); len(wrapped) > most {
			wrapped = append(wrapped[:most-1:most-1], widget.Cut(f, wrapped[most-1], w-2)+f.Theme.Ellipsis)
		}
		lines = append(lines, widget.Paint(f.Theme.Secret, wrapped)...)
	}
	return lines
}
