package widget

import (
	"bytes"
	"strconv"

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
	ChoiceField // one of Options
	SecretArea  // several lines that are hidden
)

// Option is one value of a choice, or one completion of a text.
type Option struct{ Value, Label string }

// Field is one field of a form. Its text stands in the editor of its kind; that of a choice is the value chosen.
type Field struct {
	ID, Label, Hint string // Hint is shown while the field has the focus
	KeptHint        string // shown instead while it is Kept
	Section         string // a heading above the field
	Kind            FieldKind
	Line            Line
	Secret          SecretField
	Area            Area
	On              bool     // ToggleField
	Options         []Option // ChoiceField
	// Kept says that a stored secret stands behind the field and was not touched: the field holds nothing, and nothing is written.
	// The first key that edits replaces it.
	Kept bool
	Open bool // SecretText: shown while it is typed, because it is copied from paper
	Err  string

	Validate func(text []byte) string     // what is wrong with it, or ""; nil: nothing can be
	Advise   func(text []byte) string     // what looks wrong and may be right
	Tidy     func(text []byte) []byte     // the clear form of what was typed; applied when the field is left
	Suggest  func(text string) []Option   // TextField: what the text may become, best first
	Notes    []string                     // told below the field
	Live     func(f Frame) (string, bool) // told below the field and computed anew for each picture; false: nothing
	Changes  func(d *Field)               // called after each change of the text
	first    secret.Secret                // what it held at the start
	firstOn  bool
	settled  bool
	wasKept  bool
	typed    bool // since it has the focus: completions are offered
	hit      int  // the completion under the cursor, from 1
}

// Settle remembers the present content as the unchanged one.
func (d *Field) Settle() {
	d.first.Wipe()
	d.first, d.firstOn, d.wasKept, d.settled = d.buffer().Secret(), d.On, d.Kept, true
}

// Changed reports whether the field holds something else than at the start.
func (d *Field) Changed() bool {
	return !d.Kept && (d.wasKept || d.On != d.firstOn || !Same(d.first, d.buffer().text))
}

// Value is a copy of what the field holds; of a toggle, "true" or "false".
func (d *Field) Value() secret.Secret {
	if d.Kind == ToggleField {
		return secret.FromString(strconv.FormatBool(d.On))
	}
	return d.buffer().Secret()
}

// Text is what the field holds, as a string.
func (d *Field) Text() string { return string(d.buffer().Bytes()) }

// Empty reports whether the field holds nothing and nothing stands behind it.
func (d *Field) Empty() bool { return !d.Kept && d.buffer().Len() == 0 }

// Put replaces the content; of a toggle, by "true" or anything else.
func (d *Field) Put(text []byte) {
	d.Kept = false
	if d.Kind == ToggleField {
		d.On = string(text) == "true"
		return
	}
	d.buffer().Set(text)
	d.changed()
}

// Replace replaces the content as a step that can be taken back.
func (d *Field) Replace(text []byte) {
	d.Kept = false
	d.buffer().Replace(text)
	d.changed()
}

// Wipe overwrites everything that the field holds.
func (d *Field) Wipe() {
	d.buffer().Wipe()
	d.first.Wipe()
}

// Hide hides a secret again.
func (d *Field) Hide() {
	if d.Kind == SecretText && !d.Open {
		d.Secret.Echo = EchoDots
	}
	d.Area.Hidden = d.Kind == SecretArea
}

// Shown reports whether a secret is shown.
func (d *Field) Shown() bool {
	return d.Kind == SecretText && d.Secret.Echo == EchoPlain || d.Kind == SecretArea && !d.Area.Hidden
}

// Show shows or hides what was typed.
func (d *Field) Show(on bool) {
	if d.Kind == SecretText {
		d.Secret.Echo = EchoDots
		if on {
			d.Secret.Echo = EchoPlain
		}
	}
	d.Area.Hidden = d.Kind == SecretArea && !on
}

// Concealed reports whether the field is one of a secret.
func (d *Field) Concealed() bool { return d.Kind == SecretText || d.Kind == SecretArea }

func (d *Field) changed() {
	if d.Changes != nil {
		d.Changes(d)
	}
}

func (d *Field) buffer() *Buffer {
	switch d.Kind {
	case AreaField, SecretArea:
		return &d.Area.Buffer
	case SecretText:
		return &d.Secret.Buffer
	}
	return &d.Line.Buffer
}

func (d *Field) area() bool { return d.Kind == AreaField || d.Kind == SecretArea }

// Check validates the field and remembers what is wrong. What was stored already is not found fault with.
func (d *Field) Check() bool {
	d.Err = ""
	if d.Validate != nil && !d.Kept && (!d.settled || d.Changed() || d.first.IsEmpty()) {
		d.Err = d.Validate(d.buffer().Bytes())
	}
	return d.Err == ""
}

// leave is what happens when the focus goes: the text is tidied and validated, unless it is still empty (nobody is told off for a field
// they have yet to fill), and what was shown is hidden.
func (d *Field) leave() {
	d.typed, d.hit = false, 0
	if d.Tidy != nil && d.Changed() && d.buffer().Len() > 0 {
		if clear := d.Tidy(d.buffer().Bytes()); !bytes.Equal(clear, d.buffer().Bytes()) {
			d.Replace(clear)
		}
	}
	if !d.Empty() {
		d.Check()
	}
	d.Hide()
}

func (d *Field) key(k EditKeys, p Press) bool {
	before := d.buffer().text
	used := d.edit(k, p)
	if !sameBytes(before, d.buffer().text) {
		d.typed, d.hit, d.Err = true, 0, ""
		d.changed()
	}
	return used
}

// sameBytes reports whether a buffer still holds the same bytes: every change makes new ones.
func sameBytes(a, b secret.Secret) bool {
	x, y := a.Reveal(), b.Reveal()
	return len(x) == len(y) && (len(x) == 0 || &x[0] == &y[0])
}

func (d *Field) edit(k EditKeys, p Press) bool {
	if d.Kept && edits(k, p) {
		d.Kept = false
		d.changed()
	}
	switch d.Kind {
	case AreaField, SecretArea:
		used := d.Area.Key(k, p)
		if d.Area.Refused != "" {
			d.Err = d.Area.Refused
		}
		return used
	case SecretText:
		return d.Secret.Key(k, p)
	case TextField:
		return d.Line.Key(k, p)
	}
	return false
}

// edits reports whether a key would change a text.
func edits(k EditKeys, p Press) bool {
	return p.Typed() != "" || key.Matches(p, k.Backspace, k.Delete, k.DeleteWord, k.DeleteToStart, k.DeleteToEnd)
}

func (d *Field) paste(s string) {
	d.Err = ""
	switch d.Kind {
	case AreaField, SecretArea:
		d.Area.Paste(s)
		d.Err = d.Area.Refused
	case SecretText:
		d.Secret.Paste(s)
		d.Err = d.Secret.Refused
	case TextField:
		d.Line.Paste(s)
		d.Err = d.Line.Refused
	default:
		return
	}
	if d.Err == "" {
		d.Kept, d.typed = false, true
		d.changed()
	}
}

// undo takes the last change of the text back; false when there is none. A stored secret that was replaced is kept again.
func (d *Field) undo() bool {
	if !d.buffer().Undo() {
		return false
	}
	if d.wasKept && len(d.buffer().log.done) == 0 && d.buffer().Len() == 0 {
		d.Kept = true
	}
	d.Err = ""
	d.changed()
	return true
}

func (d *Field) redo() bool {
	if !d.buffer().Redo() {
		return false
	}
	d.Kept, d.Err = false, ""
	d.changed()
	return true
}
