package dialog

import (
	"slices"
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
	_, owner := c.answers(m.Frame, w-4)
	i := m.Y - 1 - len(c.head(m.Frame, w))
	if i < 0 || i >= len(owner) || m.X < 0 || m.X >= w {
		return c, Action{}
	}
	return c, c.answer(c.Options[owner[i]].ID)
}

func (c Choice) answer(id string) Action {
	return Action{Close: true, Answer: Answered{Question: c.ID, Choice: id}}
}

// View implements Dialog.
func (c Choice) View(f widget.Frame) (string, widget.Cursor) {
	w := c.width(f)
	lines := c.head(f, w)
	answers, owner := c.answers(f, w-4)
	at := widget.Cursor{}
	if i := slices.Index(owner, c.cursor); i >= 0 {
		at = widget.Cursor{X: 2, Y: len(lines) + i + 1}
	}
	return widget.Box(f, c.Title, strings.Join(append(lines, answers...), "\n"), w, true), at
}

// answers are the lines of the answers, and which answer each line belongs to. A long one is wrapped where there is room for all of them:
// nobody should choose what they could not read.
func (c Choice) answers(f widget.Frame, w int) (lines []string, owner []int) {
	for i, o := range c.Options {
		for _, l := range c.option(f, i, o, w) {
			lines, owner = append(lines, l), append(owner, i)
		}
	}
	if len(lines) <= f.H-2 {
		return lines, owner
	}
	lines, owner = nil, nil
	from, to := c.visible(f)
	for i := from; i < to; i++ {
		lines, owner = append(lines, c.option(f, i, c.Options[i], w)[0]), append(owner, i)
	}
	return lines, owner
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
	answers, _ := c.answers(f, w-4)
	room := max(0, f.H-2-len(answers))
	if len(lines) <= room {
		return lines
	}
	if lines = lines[:room]; room > 0 {
		lines[room-1] = widget.Cut(f, lines[room-1]+strings.Repeat(" ", max(0, w)), w-4) // the ellipsis says that there is more of it
	}
	return lines
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

func (c Choice) option(f widget.Frame, i int, o Option, w int) []string {
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
	var lines []string
	for j, l := range widget.Wrap(sanitize.Line(label), max(1, w-2)) {
		if j > 0 {
			mark = " "
		}
		lines = append(lines, style.Render(widget.Pad(f, mark+" "+l, w)))
	}
	return lines
}

// Keys implements Dialog.
func (c Choice) Keys(k Keys) []key.Binding {
	return []key.Binding{k.Accept, k.Next, k.Prev, k.Cancel}
}
