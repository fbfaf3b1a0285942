package widget

import (
	"charm.land/bubbles/v2/key"
)

// FormKeys are the keys of a form beside those of its fields.
type FormKeys struct {
	Edit                       EditKeys
	Next, Prev, Toggle, Submit key.Binding
	Undo, Redo                 key.Binding
}

// Form is a column of fields, one of which has the focus.
type Form struct {
	Fields []*Field
	Focus  int
	w, h   int
	shift  int // lines that the wheel scrolled away from the field with the focus
}

// Focused is the field that has the focus; nil in an empty form.
func (m *Form) Focused() *Field {
	if m.Focus < 0 || m.Focus >= len(m.Fields) {
		return nil
	}
	return m.Fields[m.Focus]
}

// Field finds a field by its id; nil when there is none.
func (m *Form) Field(id string) *Field {
	if i := m.Index(id); i >= 0 {
		return m.Fields[i]
	}
	return nil
}

// Index is the place of a field; -1 when there is none.
func (m *Form) Index(id string) int {
	for i, d := range m.Fields {
		if d.ID == id {
			return i
		}
	}
	return -1
}

// FocusOn gives a field the focus.
func (m *Form) FocusOn(id string) {
	if i := m.Index(id); i >= 0 {
		m.Focus = i
	}
	m.fit()
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

// Leave tidies and validates the field with the focus, as if the focus went.
func (m *Form) Leave() {
	if d := m.Focused(); d != nil {
		d.leave()
	}
}

// Wipe overwrites everything.
func (m *Form) Wipe() {
	for _, d := range m.Fields {
		d.Wipe()
	}
}

// SetSize says how much room the form has.
func (m *Form) SetSize(w, h int) {
	m.w, m.h = w, h
	m.fit()
}

// fit gives the areas their room.
func (m *Form) fit() {
	f := Frame{W: m.w, H: m.h}
	for i, d := range m.Fields {
		if d.area() && m.w > 0 {
			x, _ := m.inset(f)
			d.Area.SetSize(max(m.w-x, 1), m.areaHeight(f, d, i == m.Focus))
		}
	}
}

// Key gives a key to the field with the focus, or moves the focus. It returns the id of a button that was pressed.
func (m *Form) Key(k FormKeys, p Press) (pressed string) {
	d := m.Focused()
	if d == nil {
		return ""
	}
	m.shift = 0
	defer m.fit()
	switch {
	case d.Kind == ButtonField && key.Matches(p, k.Submit, k.Toggle):
		return d.ID
	case d.Kind == ToggleField && key.Matches(p, k.Toggle):
		d.On = !d.On
		return ""
	case key.Matches(p, k.Undo):
		d.undo()
		return ""
	case key.Matches(p, k.Redo):
		d.redo()
		return ""
	case d.choose(k, p), d.complete(k, p), d.area() && d.key(k.Edit, p):
		return ""
	}
	return m.move(d, k, p)
}

// move is what a key does that no field took.
func (m *Form) move(d *Field, k FormKeys, p Press) string {
	switch {
	case key.Matches(p, k.Submit) && m.beforeButton():
		d.leave()
		return m.Fields[m.Focus+1].ID
	case key.Matches(p, k.Next), key.Matches(p, k.Submit):
		m.Step(1)
	case key.Matches(p, k.Prev):
		m.Step(-1)
	default:
		if edits(k.Edit, p) {
			d.Err = ""
		}
		if !d.area() {
			d.key(k.Edit, p)
		}
	}
	return ""
}

// beforeButton reports whether the focus is on the last field before a button: Enter there presses it.
func (m *Form) beforeButton() bool {
	return m.Focused().Kind != ButtonField && m.Focus+1 < len(m.Fields) && m.Fields[m.Focus+1].Kind == ButtonField
}

// Paste gives pasted text to the field with the focus.
func (m *Form) Paste(s string) {
	if d := m.Focused(); d != nil {
		m.shift = 0
		d.paste(s)
		m.fit()
	}
}

// Step moves the focus; see Field.leave for what becomes of the field that it leaves.
func (m *Form) Step(by int) {
	n := len(m.Fields)
	if n == 0 {
		return
	}
	m.Leave()
	m.Focus = (m.Focus + by + n) % n
	m.shift = 0
	m.fit()
}

// Insert puts fields in at a place.
func (m *Form) Insert(at int, fields ...*Field) {
	all := append([]*Field{}, m.Fields[:at]...)
	all = append(append(all, fields...), m.Fields[at:]...)
	if m.Focus >= at {
		m.Focus += len(fields)
	}
	m.Fields = all
	m.fit()
}

// Drop takes fields out and returns them.
func (m *Form) Drop(which func(*Field) bool) (dropped []*Field) {
	var kept []*Field
	focus := m.Focus
	for i, d := range m.Fields {
		if which(d) {
			dropped = append(dropped, d)
			if i < m.Focus {
				focus--
			}
			continue
		}
		kept = append(kept, d)
	}
	m.Fields, m.Focus = kept, max(min(focus, len(kept)-1), 0)
	m.fit()
	return dropped
}

// Scroll moves what is seen by lines; a text of several lines under the focus scrolls first.
func (m *Form) Scroll(by int) {
	if d := m.Focused(); d != nil && d.area() && d.Area.Move(by) {
		m.fit()
		return
	}
	m.shift += by
}
