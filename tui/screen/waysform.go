package screen

import (
	"context"
	"strconv"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"signet/tui/widget"
	"signet/vault/secret"
)

// wayForm is one of the small forms of the screen: what it is about, and what its button does.
type wayForm struct {
	title, text string
	form        widget.Form
	way         WayRow
	strength    *strengthMeter            // of a new passphrase; nil where none is asked for
	send        func(*WaysScreen) tea.Cmd // after the fields were checked
}

// Ids of its fields.
const (
	fieldName = "name"
	fieldCost = "cost"
	fieldKeep = "keep"
	fieldNow  = "now"
)

func (m *wayForm) typing() bool { return m.form.Focused() != nil }

func (s *WaysScreen) openForm(m *wayForm) {
	s.closeForm()
	s.form, s.err = m, ""
	if d := m.form.Field(fieldPass); d != nil {
		m.strength = newStrengthMeter(s.env, d)
	}
}

func (s *WaysScreen) formKey(p widget.Press) tea.Cmd {
	k := s.env.Keys
	m := &s.form.form
	switch {
	case key.Matches(p, k.Form.Cancel):
		s.closeForm()
		s.err = ""
		return nil
	case key.Matches(p, k.Form.Show):
		for _, d := range m.Fields {
			if d.Kind == widget.SecretText {
				d.Secret.Echo = widget.EchoPlain - d.Secret.Echo
			}
		}
		return nil
	}
	s.err = ""
	return s.pressed(m.Key(s.env.formKeys(), p))
}

// pressed does what the form's button is for.
func (s *WaysScreen) pressed(button string) tea.Cmd {
	if button == buttonGo && s.form.form.Check() {
		return s.form.send(s)
	}
	return nil
}

// click puts the cursor where the mouse was pressed: on a row, or into the form.
func (s *WaysScreen) click(m Click) tea.Cmd {
	if s.form != nil && !s.task.busy() {
		above := len(s.formHead(m.Frame))
		return s.pressed(s.form.form.Click(m.Frame.Sized(m.Frame.W, m.Frame.H-above), m.X, m.Y-above))
	}
	if s.form == nil && s.shelf.click(m.X, m.Y-waysHead(s.h)) && m.Double {
		s.shelf.whole = true
	}
	return nil
}

func nameField(now string) *widget.Field {
	d := &widget.Field{ID: fieldName, Label: "Name", Hint: "optional: what this way in is called", Validate: wayNameFits}
	if now != "" {
		d.Hint, d.Line.Buffer = "up to 32 of a-z 0-9 . _ -", widget.NewBuffer(now)
	}
	return d
}

// wayNameFits says early what the vault refuses too.
func wayNameFits(text []byte) string {
	bad := func(r rune) bool { return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyz0123456789._-", r) }
	if s := string(text); len(s) > 32 || strings.ContainsFunc(s, bad) || strings.HasPrefix(s, ".") || strings.HasPrefix(s, "-") || strings.HasPrefix(s, "_") {
		return "a name has up to 32 of a-z 0-9 . _ - and begins with a letter or digit"
	}
	return ""
}

func costField(now int) *widget.Field {
	d := &widget.Field{
		ID: fieldCost, Label: "Work factor", Validate: costFits,
		Hint: "10 to 22; each step doubles what guessing and opening cost (18: about a second)",
	}
	d.Line.Buffer = widget.NewBuffer(strconv.Itoa(now))
	return d
}

func costFits(text []byte) string {
	n, err := strconv.Atoi(string(text))
	if err != nil || n < WorkLeast || n > WorkMost {
		return "a number from 10 to 22; 18 is usual, below 17 the passphrase is marked as weak for ever"
	}
	return ""
}

func (m *wayForm) cost() int {
	n, err := strconv.Atoi(m.form.Field(fieldCost).Line.Text())
	if err != nil {
		return 0
	}
	return n
}

func keepField() *widget.Field {
	return &widget.Field{ID: fieldKeep, Label: "Keep the key of this device", Kind: widget.ToggleField,
		Hint: "then copies of the old file still open everything, also what is written later"}
}

func passFields() []*widget.Field {
	return []*widget.Field{
		{ID: fieldPass, Label: "Passphrase", Kind: widget.SecretText, Hint: "several words are easier to keep than many signs", Validate: neededPass},
		{ID: fieldAgain, Label: "Once more", Kind: widget.SecretText},
	}
}

func neededPass(text []byte) string {
	if len(text) == 0 {
		return "type a passphrase"
	}
	return longEnough(text)
}

// same checks that both fields hold the same.
func (m *wayForm) same() bool {
	pass, again := m.form.Field(fieldPass), m.form.Field(fieldAgain)
	a, b := pass.Value(), again.Value()
	defer a.Wipe()
	defer b.Wipe()
	if widget.Same(a, b) {
		return true
	}
	m.form.FocusOn(fieldAgain)
	again.Err = "the two are not the same"
	return false
}

func addPassphraseForm() *wayForm {
	return &wayForm{
		title: "Add a passphrase", text: "It opens the vault on this device, beside the ways in that are there.",
		form: widget.Form{Fields: append(passFields(), nameField(""), costField(WorkUsual), goButton("Add it"))},
		send: func(s *WaysScreen) tea.Cmd {
			m := s.form
			if !m.same() {
				return nil
			}
			n := NewWay{Kind: WayPassphrase, Name: m.form.Field(fieldName).Line.Text(), Passphrase: m.form.Field(fieldPass).Value(), WorkFactor: m.cost()}
			return s.cmdWork("deriving the key", "The passphrase opens this vault from now on", n.Passphrase, func(ctx context.Context) error {
				return s.env.Ports.Ways.Add(ctx, s.env.Vault, n)
			})
		},
	}
}

func renameForm(w WayRow) *wayForm {
	m := &wayForm{title: "Rename “" + w.Name + "”", way: w, form: widget.Form{Fields: []*widget.Field{nameField(w.Name), goButton("Rename")}}}
	m.form.Fields[0].Validate = func(text []byte) string {
		if len(text) == 0 {
			return "type a name"
		}
		return wayNameFits(text)
	}
	m.send = func(s *WaysScreen) tea.Cmd {
		to := m.form.Field(fieldName).Line.Text()
		return s.cmdWork("renaming", "“"+w.Name+"” is called “"+to+"” on this device now", secret.Secret{}, func(ctx context.Context) error {
			return s.env.Ports.Ways.Rename(ctx, s.env.Vault, w.Name, to)
		})
	}
	return m
}

func newPassphraseForm(w WayRow) *wayForm {
	return &wayForm{
		title: "A new passphrase for “" + w.Name + "”", text: consequences, way: w,
		form: widget.Form{Fields: append(passFields(), costField(max(w.WorkFactor, WorkUsual)), keepField(), goButton("Change it"))},
		send: func(s *WaysScreen) tea.Cmd {
			m := s.form
			if !m.same() {
				return nil
			}
			c := WayChange{Passphrase: m.form.Field(fieldPass).Value(), WorkFactor: m.cost(), KeepKey: m.form.Field(fieldKeep).On}
			return s.cmdChange(w, c, c.Passphrase)
		},
	}
}

func costForm(w WayRow) *wayForm {
	now := &widget.Field{ID: fieldNow, Label: "Passphrase", Kind: widget.SecretText, Hint: "the present one of “" + w.Name + "”", Validate: needed("type the present passphrase")}
	return &wayForm{
		title: "Another cost for “" + w.Name + "”", text: consequences, way: w,
		form: widget.Form{Fields: []*widget.Field{now, costField(max(w.WorkFactor, WorkUsual)), keepField(), goButton("Change it")}},
		send: func(s *WaysScreen) tea.Cmd {
			m := s.form
			c := WayChange{Current: m.form.Field(fieldNow).Value(), WorkFactor: m.cost(), KeepKey: m.form.Field(fieldKeep).On}
			return s.cmdChange(w, c, c.Current)
		},
	}
}

func (s *WaysScreen) cmdChange(w WayRow, c WayChange, typed secret.Secret) tea.Cmd {
	done := "“" + w.Name + "” is changed, and this device has a new key"
	if c.KeepKey {
		done = "“" + w.Name + "” is changed; copies of the old file still open everything"
	}
	return s.cmdWork("deriving the key", done, typed, func(ctx context.Context) error {
		return s.env.Ports.Ways.Change(ctx, s.env.Vault, w.Name, c)
	})
}

func testForm(w WayRow) *wayForm {
	d := &widget.Field{ID: fieldNow, Label: title(wayKindName(w)), Kind: widget.SecretText, Validate: needed("type it first")}
	if w.Kind == WayRecovery {
		d.Hint, d.Open = "as characters or as words; spaces and capitals do not matter", true
		d.Secret.Echo = widget.EchoPlain
	}
	return &wayForm{
		title: "Test “" + w.Name + "”", text: "The vault is opened once more through it, and what comes out is compared. Nothing changes.", way: w,
		form: widget.Form{Fields: []*widget.Field{d, goButton("Test it")}},
		send: func(s *WaysScreen) tea.Cmd { return s.cmdTest(w, s.form.form.Field(fieldNow).Value()) },
	}
}
