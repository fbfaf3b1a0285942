package dialog

import (
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"signet/internal/sanitize"
	"signet/tui/widget"
)

// Option is one answer of a Choice.
type Option struct {
	ID, Label string
	Hotkey    string // one letter that chooses at once; "" for none
	Danger    bool
}

// Choice is a question with answers below each other. The first answer is the safe one: it has the cursor at the start.
type Choice struct {
	ID, Title, Text string
	Options         []Option
	cursor          int
	body            func(f widget.Frame, w int) []string // what stands between the text and the answers
}

// maxWidth keeps lines of text readable.
const maxWidth = 64

// Update implements Dialog.
func (c Choice) Update(msg tea.Msg, k Keys) (Dialog, Action) {
	if at, ok := msg.(Click); ok {
		return c.click(at)
	}
	p, ok := msg.(widget.Press)
	if !ok {
		return c, Action{}
	}
	for _, o := range c.Options {
		if o.Hotkey != "" && p.Typed() == o.Hotkey {
			return c, c.answer(o.ID)
		}
	}
	switch {
	case key.Matches(p, k.Next):
		c.cursor = (c.cursor + 1) % len(c.Options)
	case key.Matches(p, k.Prev):
		c.cursor = (c.cursor + len(c.Options) - 1) % len(c.Options)
	case key.Matches(p, k.Accept):
		return c, c.answer(c.Options[c.cursor].ID)
	case key.Matches(p, k.Cancel):
		return c, c.answer("")
	}
	return c, Action{}
}

// click chooses the answer that was clicked.
func (c Choice) click(m Click) (Dialog, Action) {
	w := c.width(m.Frame)
	from, to := c.visible(m.Frame)
	i := from + m.Y - 1 - len(c.head(m.Frame, w))
	if i < from || i >= to || m.X < 0 || m.X >= w {
		return c, Action{}
	}
	return c, c.answer(c.Options[i].ID)
}

func (c Choice) answer(id string) Action {
	return Action{Close: true, Answer: Answered{Question: c.ID, Choice: id}}
}

// View implements Dialog.
func (c Choice) View(f widget.Frame) (string, widget.Cursor) {
	w := c.width(f)
	lines := c.head(f, w)
	at := widget.Cursor{}
	from, to := c.visible(f)
	for i := from; i < to; i++ {
		if i == c.cursor {
			at = widget.Cursor{X: 2, Y: len(lines) + 1}
		}
		lines = append(lines, c.option(f, i, c.Options[i], w-4))
	}
	return widget.Box(f, c.Title, strings.Join(lines, "\n"), w, true), at
}

// visible are the answers that there is room for, around the one under the cursor.
func (c Choice) visible(f widget.Frame) (from, to int) {
	l := widget.List{Count: len(c.Options), Height: max(1, f.H-2)}
	l.To(c.cursor)
	return l.Visible(l.Height)
}

// head is the text above the answers, as much of it as there is room for.
func (c Choice) head(f widget.Frame, w int) []string {
	var lines []string
	if c.Text != "" {
		lines = widget.Paint(f.Theme.Text, widget.Wrap(sanitize.Text(c.Text), w-4))
		lines = append(lines, "")
	}
	if c.body != nil {
		lines = append(append(lines, c.body(f, w-4)...), "")
	}
	return lines[:min(len(lines), max(0, f.H-2-len(c.Options)))]
}

// width is as much as the content needs, within the screen and within what reads well.
func (c Choice) width(f widget.Frame) int {
	need := widget.Width(sanitize.Line(c.Title)) + 6
	for _, o := range c.Options {
		need = max(need, widget.Width(sanitize.Line(o.Label))+12)
	}
	if c.Text != "" || c.body != nil {
		need = maxWidth
	}
	if f.W < 8 || f.Theme.Linear {
		return f.W
	}
	return min(need, f.W-2, maxWidth)
}

func (c Choice) option(f widget.Frame, i int, o Option, w int) string {
	style, mark := f.Theme.Text, " "
	if o.Danger {
		style = f.Theme.Danger
	}
	if i == c.cursor {
		style, mark = f.Theme.Selected, f.Theme.Pointer
	}
	label := o.Label
	if o.Hotkey != "" {
		label += "  (" + o.Hotkey + ")"
	}
	return style.Render(widget.Pad(f, mark+" "+widget.Fit(f, label, w-2), w))
}

// Keys implements Dialog.
func (c Choice) Keys(k Keys) []key.Binding {
	return []key.Binding{k.Accept, k.Next, k.Prev, k.Cancel}
}
