package widget

import (
	"strings"

	"charm.land/bubbles/v2/key"

	"signet/vault/secret"
)

// FieldKind says how a field of a form is edited.
type FieldKind int

// The kinds of fields.
const (
	TextField FieldKind = iota
	SecretText
	AreaField
	ToggleField
	ButtonField
)

// Field is one field of a form. Its text stands in the editor of its kind.
type Field struct {
	ID, Label, Hint string // Hint is shown while the field has the focus
	KeptHint        string // shown instead while it is Kept
	Kind            FieldKind
	Line            Line
	Secret          SecretField
	Area            Area
	On              bool // ToggleField
	// Kept says that a stored secret stands behind the field and was not touched: the field holds nothing, and nothing is written.
	// The first key that edits replaces it.
	Kept      bool
	Open      bool // SecretText: shown while it is typed, because it is copied from paper
	Err       string
	Validate  func(text []byte) string // what is wrong with it, or ""; nil: nothing can be
	first     secret.Secret            // what it held at the start
	firstOn   bool
	firstKept bool
}

// Settle remembers the present content as the unchanged one.
func (d *Field) Settle() {
	d.first.Wipe()
	d.first, d.firstOn, d.firstKept = d.buffer().Secret(), d.On, d.Kept
}

// Changed reports whether the field holds something else than at the start.
func (d *Field) Changed() bool {
	return !d.Kept && (d.firstKept || d.On != d.firstOn || !Same(d.first, d.buffer().text))
}

// Value is a copy of what the field holds.
func (d *Field) Value() secret.Secret { return d.buffer().Secret() }

// Empty reports whether the field holds nothing and nothing stands behind it.
func (d *Field) Empty() bool { return !d.Kept && d.buffer().Len() == 0 }

// Put replaces the content.
func (d *Field) Put(text []byte) {
	d.Kept = false
	d.buffer().Set(text)
}

// Wipe overwrites everything that the field holds.
func (d *Field) Wipe() {
	d.buffer().Wipe()
	d.first.Wipe()
}

func (d *Field) buffer() *Buffer {
	switch d.Kind {
	case AreaField:
		return &d.Area.Buffer
	case SecretText:
		return &d.Secret.Buffer
	}
	return &d.Line.Buffer
}

// Check validates the field and remembers what is wrong.
func (d *Field) Check() bool {
	d.Err = ""
	if d.Validate != nil && !d.Kept {
		d.Err = d.Validate(d.buffer().Bytes())
	}
	return d.Err == ""
}

func (d *Field) key(k EditKeys, p Press) bool {
	if d.Kept {
		d.Kept = !edits(k, p)
	}
	switch d.Kind {
	case AreaField:
		used := d.Area.Key(k, p)
		d.Err = d.Area.Refused
		return used
	case SecretText:
		return d.Secret.Key(k, p)
	case ToggleField, ButtonField:
		return false
	}
	return d.Line.Key(k, p)
}

// edits reports whether a key would change a text.
func edits(k EditKeys, p Press) bool {
	return p.Typed() != "" || key.Matches(p, k.Backspace, k.Delete, k.DeleteWord, k.DeleteToStart, k.DeleteToEnd)
}

func (d *Field) paste(s string) {
	switch d.Kind {
	case AreaField:
		d.Area.Paste(s)
		d.Err = d.Area.Refused
	case SecretText:
		d.Secret.Paste(s)
		if d.Err = d.Secret.Refused; d.Err == "" {
			d.Kept = false
		}
	case TextField:
		d.Line.Paste(s)
	}
}

// FormKeys are the keys of a form beside those of its fields.
type FormKeys struct {
	Edit                       EditKeys
	Next, Prev, Toggle, Submit key.Binding
}

// Form is a column of fields, one of which has the focus.
type Form struct {
	Fields []*Field
	Focus  int
}

// Focused is the field that has the focus; nil in an empty form.
func (m *Form) Focused() *Field {
	if m.Focus >= len(m.Fields) {
		return nil
	}
	return m.Fields[m.Focus]
}

// Field finds a field by its id; nil when there is none.
func (m *Form) Field(id string) *Field {
	for _, d := range m.Fields {
		if d.ID == id {
			return d
		}
	}
	return nil
}

// FocusOn gives a field the focus.
func (m *Form) FocusOn(id string) {
	for i, d := range m.Fields {
		if d.ID == id {
			m.Focus = i
		}
	}
}

// Dirty reports whether any field was changed.
func (m *Form) Dirty() bool {
	for _, d := range m.Fields {
		if d.Changed() {
			return true
		}
	}
	return false
}

// Check validates all fields; the first that is wrong gets the focus.
func (m *Form) Check() bool {
	ok := true
	for i, d := range m.Fields {
		if !d.Check() && ok {
			m.Focus, ok = i, false
		}
	}
	return ok
}

// Wipe overwrites everything.
func (m *Form) Wipe() {
	for _, d := range m.Fields {
		d.Wipe()
	}
}

// Key gives a key to the field with the focus, or moves the focus. It returns the id of a button that was pressed.
func (m *Form) Key(k FormKeys, p Press) (pressed string) {
	d := m.Focused()
	if d == nil {
		return ""
	}
	switch {
	case d.Kind == ButtonField && key.Matches(p, k.Submit, k.Toggle):
		return d.ID
	case d.Kind == ToggleField && key.Matches(p, k.Toggle):
		d.On = !d.On
		return ""
	case d.Kind == AreaField && d.key(k.Edit, p):
		return ""
	}
	switch {
	case key.Matches(p, k.Submit) && m.beforeButton():
		d.Check()
		return m.Fields[m.Focus+1].ID
	case key.Matches(p, k.Next), key.Matches(p, k.Submit):
		m.Step(1)
	case key.Matches(p, k.Prev):
		m.Step(-1)
	default:
		if edits(k.Edit, p) {
			d.Err = ""
		}
		d.key(k.Edit, p)
	}
	return ""
}

// beforeButton reports whether the focus is on the last field before a button: Enter there presses it.
func (m *Form) beforeButton() bool {
	return m.Focus+1 < len(m.Fields) && m.Fields[m.Focus+1].Kind == ButtonField
}

// Paste gives pasted text to the field with the focus.
func (m *Form) Paste(s string) {
	if d := m.Focused(); d != nil {
		d.Err = ""
		d.paste(s)
	}
}

// Step moves the focus and validates what it leaves, unless that is still empty: nobody is told off for a field they have yet to fill.
func (m *Form) Step(by int) {
	n := len(m.Fields)
	if n == 0 {
		return
	}
	if d := m.Focused(); d != nil && !d.Empty() {
		d.Check()
		if d.Kind == SecretText && !d.Open {
			d.Secret.Echo = EchoDots // what was shown is hidden when the focus goes
		}
	}
	m.Focus = (m.Focus + by + n) % n
}

// Sizes of a form.
const (
	labelsBeside = 46 // columns from which labels stand beside the fields
	labelMost    = 18
	areaLines    = 8
)

// View draws the form; the field with the focus is always visible.
func (m *Form) View(f Frame) (string, Cursor) {
	lines, cur, _ := m.draw(f)
	return Lines(f, lines), cur
}

// Click gives the focus to the field at line y of the View in that frame; it flips a check box, and returns the id of a button.
func (m *Form) Click(f Frame, y int) (pressed string) {
	_, _, owner := m.draw(f)
	if y < 0 || y >= min(len(owner), f.H) {
		return ""
	}
	m.Step(owner[y] - m.Focus)
	switch d := m.Focused(); d.Kind {
	case ToggleField:
		d.On = !d.On
	case ButtonField:
		return d.ID
	}
	return ""
}

// draw gives the lines from the first visible one on, and which field each of them belongs to.
func (m *Form) draw(f Frame) (lines []string, cur Cursor, owner []int) {
	from, to := 0, 0
	for i, d := range m.Fields {
		block, at := m.block(f, d, i == m.Focus)
		if i == m.Focus {
			from, to = len(lines), len(lines)+len(block)
			cur = at.Moved(0, len(lines))
		}
		lines = append(lines, block...)
		for range block {
			owner = append(owner, i)
		}
	}
	top := 0
	if to > f.H {
		top = max(0, min(from, to-f.H))
	}
	if cur.Y-top >= f.H { // where not even the label and the field fit, the field counts
		top = cur.Y - f.H + 1
	}
	top = min(top, len(lines))
	return lines[top:], cur.Moved(0, -top), owner[top:]
}

func (m *Form) labelWidth(f Frame) int {
	if f.W < labelsBeside {
		return 0
	}
	most := 4
	for _, d := range m.Fields {
		if d.Kind != ButtonField && d.Kind != ToggleField {
			most = max(most, Width(d.Label))
		}
	}
	return min(most, labelMost)
}

// block is one field with its label, hint and error.
func (m *Form) block(f Frame, d *Field, focused bool) ([]string, Cursor) {
	mark, style := "  ", f.Theme.Label
	if focused {
		mark, style = f.Theme.Accent.Render(f.Theme.Pointer)+" ", f.Theme.Selected
	}
	if d.Kind == ButtonField || d.Kind == ToggleField {
		return m.button(f, d, mark, style, focused)
	}
	labels := m.labelWidth(f)
	x, y := labels+4, 0
	var lines []string
	head := mark + style.Render(Pad(f, Fit(f, d.Label, max(labels, f.W-2)), labels)) + "  "
	if labels == 0 {
		lines, head, x, y = []string{mark + style.Render(Fit(f, d.Label, f.W-2))}, "  ", 2, 1
	}
	body, cur := d.view(f, f.W-x, focused)
	for i, l := range body {
		if i > 0 {
			head = strings.Repeat(" ", x)
		}
		lines = append(lines, head+l)
	}
	return append(lines, m.below(f, d, x, focused)...), cur.Moved(x, y)
}

func (m *Form) below(f Frame, d *Field, x int, focused bool) []string {
	text, style := "", f.Theme.Danger
	switch {
	case d.Err != "":
		text = f.Theme.Cross + " " + d.Err
	case focused && d.Kept && d.KeptHint != "":
		text, style = d.KeptHint, f.Theme.Faint
	case focused && d.Hint != "":
		text, style = d.Hint, f.Theme.Faint
	default:
		return nil
	}
	var out []string
	for _, l := range Wrap(text, f.W-x) {
		out = append(out, strings.Repeat(" ", x)+style.Render(l))
	}
	return out
}

func (m *Form) button(f Frame, d *Field, mark string, style interface{ Render(...string) string }, focused bool) ([]string, Cursor) {
	label := "[ " + d.Label + " ]"
	if d.Kind == ToggleField {
		box := f.Theme.Off
		if d.On {
			box = f.Theme.On
		}
		label = box + " " + d.Label
	}
	lines := []string{mark + style.Render(Fit(f, label, f.W-2))}
	if d.Kind == ButtonField {
		lines = append([]string{""}, lines...)
	}
	return append(lines, m.below(f, d, 4, focused)...), Cursor{X: 2, Y: len(lines) - 1, Shown: focused}
}

// view draws the editor alone.
func (d *Field) view(f Frame, w int, focused bool) ([]string, Cursor) {
	if d.Kept {
		return []string{f.Theme.Faint.Render(strings.Repeat(f.Theme.Dot, 8) + " unchanged")}, Cursor{Shown: focused}
	}
	if d.firstKept && d.buffer().Len() == 0 {
		return []string{f.Theme.Warn.Render(Fit(f, "(it will be removed)", w))}, Cursor{Shown: focused}
	}
	switch d.Kind {
	case AreaField:
		h := areaLines
		if f.H < 3*areaLines {
			h = max(2, f.H/3)
		}
		text, cur := d.Area.View(f.Sized(w, h), focused)
		lines := strings.Split(text, "\n")
		if !focused {
			lines = trimEmpty(lines)
		}
		return lines, cur
	case SecretText:
		text, cur := d.Secret.View(f.Sized(w, 1), focused)
		return []string{text}, cur
	}
	text, cur := d.Line.View(f.Sized(w, 1), focused)
	return []string{text}, cur
}

// trimEmpty drops empty lines at the end, all but one.
func trimEmpty(lines []string) []string {
	for len(lines) > 1 && lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	return lines
}
