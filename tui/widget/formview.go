package widget

import (
	"strings"

	"signet/internal/sanitize"
)

// Sizes of a form.
const (
	labelsBeside = 46 // columns from which labels stand beside the fields
	labelMost    = 18
	spaced       = 14 // lines from which a heading has an empty line above it
)

// block is one field as it is drawn.
type block struct {
	lines  []string
	cur    Cursor
	editor int // the line on which the editor begins
	x      int // its column
	offers int // the line on which completions begin
}

// View draws the form; the field with the focus is always visible, unless the wheel scrolled it away.
func (m *Form) View(f Frame) (string, Cursor) {
	blocks := m.blocks(f)
	top, starts := m.top(f, blocks)
	var lines []string
	for _, b := range blocks {
		lines = append(lines, b.lines...)
	}
	cur := Cursor{}
	if m.Focus < len(blocks) {
		cur = blocks[m.Focus].cur.Moved(0, starts[m.Focus]-top)
	}
	if cur.Y < 0 || cur.Y >= f.H {
		cur.Shown = false
	}
	return Lines(f, lines[min(top, len(lines)):]), cur
}

// top is the first line that is seen; starts are the lines on which the blocks begin.
func (m *Form) top(f Frame, blocks []block) (top int, starts []int) {
	total := 0
	for _, b := range blocks {
		starts = append(starts, total)
		total += len(b.lines)
	}
	if m.Focus < len(blocks) {
		b, from := blocks[m.Focus], starts[m.Focus]
		if to := from + len(b.lines); to > f.H {
			top = max(0, min(from, to-f.H))
		}
		if y := from + b.cur.Y; y-top >= f.H { // where not even the label and the field fit, the field counts
			top = y - f.H + 1
		}
	}
	return min(max(top+m.shift, 0), max(total-f.H, top, 0)), starts
}

func (m *Form) blocks(f Frame) []block {
	out := make([]block, len(m.Fields))
	for i, d := range m.Fields {
		out[i] = m.block(f, d, i == m.Focus)
		if d.Section != "" {
			head := []string{f.Theme.Section.Render(Fit(f, d.Section, f.W))}
			if f.H >= spaced && i > 0 {
				head = append([]string{""}, head...)
			}
			b := &out[i]
			b.lines, b.cur = append(head, b.lines...), b.cur.Moved(0, len(head))
			b.editor, b.offers = b.editor+len(head), b.offers+len(head)
		}
	}
	return out
}

func (m *Form) labelWidth(f Frame) int {
	if f.W < labelsBeside {
		return 0
	}
	most := 4
	for _, d := range m.Fields {
		if d.Kind != ButtonField && d.Kind != ToggleField {
			most = max(most, Width(sanitize.Line(d.Label)))
		}
	}
	return min(most, labelMost)
}

// inset is the column at which editors begin, and whether labels stand beside them.
func (m *Form) inset(f Frame) (x int, beside bool) {
	if labels := m.labelWidth(f); labels > 0 {
		return labels + 4, true
	}
	return 2, false
}

// block draws one field with its label, and what is told below it.
func (m *Form) block(f Frame, d *Field, focused bool) block {
	mark, style := "  ", f.Theme.Label
	if focused {
		mark, style = f.Theme.Accent.Render(f.Theme.Pointer)+" ", f.Theme.Selected
	}
	if d.Kind == ButtonField || d.Kind == ToggleField {
		return m.button(f, d, mark, style, focused)
	}
	x, beside := m.inset(f)
	b := block{x: x}
	head := mark + style.Render(Pad(f, Fit(f, d.Label, max(x-4, 0)), x-4)) + "  "
	switch {
	case f.Theme.Linear: // the label right before the value, as it is read out
		label := Fit(f, d.Label, f.W/2) + ": "
		head = mark + style.Render(label)
		b.x = 2 + Width(label)
	case !beside:
		b.lines, head = []string{mark + style.Render(Fit(f, d.Label, f.W-2))}, "  "
	}
	b.editor = len(b.lines)
	body, cur := m.editor(f, d, f.W-b.x, focused)
	b.cur = cur.Moved(b.x, b.editor)
	for i, l := range body {
		if i > 0 {
			head = strings.Repeat(" ", b.x)
		}
		b.lines = append(b.lines, head+l)
	}
	return m.below(f, d, b, focused)
}

// below adds what is told below the editor: completions, what is wrong or doubtful, what is known about the value, the hint.
func (m *Form) below(f Frame, d *Field, b block, focused bool) block {
	b.offers = len(b.lines)
	pad := strings.Repeat(" ", b.x)
	if focused {
		for i, o := range d.offers() {
			style, mark := f.Theme.Muted, " "
			if i+1 == d.hit {
				style, mark = f.Theme.Selected, f.Theme.Pointer
			}
			b.lines = append(b.lines, pad+style.Render(mark+" "+Fit(f, offerText(o), f.W-b.x-2)))
		}
	}
	tell := func(text string, style interface{ Render(...string) string }) {
		for _, l := range Wrap(text, f.W-b.x) {
			b.lines = append(b.lines, pad+style.Render(l))
		}
	}
	if d.Err != "" {
		tell(f.Theme.Cross+" "+sanitize.Line(d.Err), f.Theme.Danger)
		return b
	}
	if text := d.advice(); text != "" {
		tell("! "+text, f.Theme.Warn)
	}
	for _, n := range d.Notes {
		tell(sanitize.Line(n), f.Theme.Muted)
	}
	if d.Live != nil {
		if text, ok := d.Live(f); ok {
			tell(sanitize.Line(text), f.Theme.Muted)
		}
	}
	switch {
	case focused && d.Kept && d.KeptHint != "":
		tell(d.KeptHint, f.Theme.Faint)
	case focused && !d.Kept && d.Hint != "" && len(d.offers()) == 0:
		tell(d.Hint, f.Theme.Faint)
	}
	return b
}

func (d *Field) advice() string {
	if d.Advise == nil || d.Kept || d.buffer().Len() == 0 {
		return ""
	}
	return d.Advise(d.buffer().Bytes())
}

func offerText(o Option) string {
	if o.Label == "" || o.Label == o.Value {
		return o.Value
	}
	return o.Label
}

func (m *Form) button(f Frame, d *Field, mark string, style interface{ Render(...string) string }, focused bool) block {
	label := "[ " + d.Label + " ]"
	if d.Kind == ToggleField {
		box := f.Theme.Off
		if d.On {
			box = f.Theme.On
		}
		label = box + " " + d.Label
	}
	b := block{x: 4, lines: []string{mark + style.Render(Fit(f, label, f.W-2))}}
	if d.Kind == ButtonField && !m.afterButton(d) {
		b.lines, b.editor = append([]string{""}, b.lines...), 1
	}
	b.cur = Cursor{X: 2, Y: b.editor, Shown: focused}
	return m.below(f, d, b, focused)
}

func (m *Form) afterButton(d *Field) bool {
	for i, o := range m.Fields {
		if o == d {
			return i > 0 && m.Fields[i-1].Kind == ButtonField
		}
	}
	return false
}

// editor draws the editor alone.
func (m *Form) editor(f Frame, d *Field, w int, focused bool) ([]string, Cursor) {
	if d.Kept {
		return []string{f.Theme.Faint.Render(strings.Repeat(f.Theme.Dot, 8) + " unchanged")}, Cursor{Shown: focused}
	}
	if d.wasKept && d.buffer().Len() == 0 {
		return []string{f.Theme.Warn.Render(Fit(f, "(it will be removed)", w))}, Cursor{Shown: focused}
	}
	var text string
	var cur Cursor
	switch d.Kind {
	case AreaField, SecretArea:
		text, cur = d.Area.View(f.Sized(w, m.areaHeight(f, d, focused)), focused)
		return strings.Split(text, "\n"), cur
	case SecretText:
		text, cur = d.Secret.View(f.Sized(w, 1), focused)
	case ChoiceField:
		text, cur = m.choice(f, d, w, focused), Cursor{X: min(2, max(w-1, 0)), Shown: focused}
	default:
		text, cur = d.Line.View(f.Sized(w, 1), focused)
	}
	return []string{text}, cur
}

// choice draws the chosen value between arrows.
func (m *Form) choice(f Frame, d *Field, w int, focused bool) string {
	text := Fit(f, d.shownChoice(), w-4)
	if !focused {
		return f.Theme.Text.Render(text)
	}
	return f.Theme.Accent.Render("< ") + f.Theme.Text.Render(text) + f.Theme.Accent.Render(" >")
}

// areaHeight is how many lines a text of several lines gets: what it needs, within what the screen has.
func (m *Form) areaHeight(f Frame, d *Field, focused bool) int {
	x, _ := m.inset(f)
	rows := d.Area.Rows(max(f.W-x, 1))
	if d.Area.Hidden {
		return 1
	}
	if !focused {
		return min(max(rows, 1), 4)
	}
	return min(max(rows, 3), max(f.H-4, 2))
}

// Click gives a click at a cell of the form's view to the field there. It returns the id of a button that was pressed.
func (m *Form) Click(f Frame, x, y int) (pressed string) {
	blocks := m.blocks(f)
	top, starts := m.top(f, blocks)
	y += top
	for i, b := range blocks {
		if y < starts[i] || y >= starts[i]+len(b.lines) {
			continue
		}
		was := m.Focus
		if i != was {
			m.Leave()
			m.Focus = i
		}
		pressed = m.clicked(f, m.Fields[i], b, x-b.x, y-starts[i], i == was)
		m.fit()
		m.shift = 0
		own, _ := m.top(f, m.blocks(f))
		m.shift = top - own // what was seen stays where it is
		return pressed
	}
	return ""
}

func (m *Form) clicked(f Frame, d *Field, b block, x, y int, had bool) string {
	switch {
	case y < b.editor:
	case d.Kind == ButtonField:
		return d.ID
	case d.Kind == ToggleField:
		d.On = !d.On
	case y >= b.offers:
		if offers := d.offers(); had && y-b.offers < len(offers) {
			d.take(offers, y-b.offers+1)
		}
	case d.area() && had:
		d.Area.Point(x, y-b.editor)
	case d.Kind == ChoiceField && had && len(d.Options) > 0:
		d.Replace([]byte(d.Options[(d.chosen()+1)%len(d.Options)].Value))
	case d.Kind == TextField && !d.Kept:
		d.Line.Point(x, f.W-b.x, had)
	}
	return ""
}
