package screen

import (
	"context"

	tea "charm.land/bubbletea/v2"

	"signet/internal/sanitize"
	"signet/tui/widget"
	"signet/vault/secret"
)

// Ids of the fields of the setup's forms.
const (
	fieldKeyring = "keyring"
	fieldPass    = "pass"
	fieldAgain   = "again"
	fieldCode    = "code"
	fieldPath    = "path"
	buttonGo     = "go"
)

func goButton(label string) *widget.Field {
	return &widget.Field{ID: buttonGo, Label: label, Kind: widget.ButtonField}
}

// toWays asks how the vault shall be opened from now on.
func (s *Setup) toWays() {
	s.remember()
	s.step = stepWays
	s.form = widget.Form{}
	if s.survey.Keyring {
		s.form.Fields = append(s.form.Fields, &widget.Field{
			ID: fieldKeyring, Label: "Keyring of this computer", Kind: widget.ToggleField, On: true,
			Hint: "found: " + s.survey.KeyringFound,
		})
	}
	hint := "several words that nobody would guess; " + s.env.Keys.Form.Generate.Help().Key + " makes some"
	if s.env.Ports.Generator == nil {
		hint = "several words that nobody would guess"
	}
	if s.survey.Keyring {
		hint = "may stay empty; a second way in is worth having: " + hint
	}
	pass := &widget.Field{ID: fieldPass, Label: "Passphrase", Kind: widget.SecretText, Hint: hint, Validate: longEnough}
	s.form.Fields = append(s.form.Fields, pass, &widget.Field{ID: fieldAgain, Label: "Once more", Kind: widget.SecretText}, goButton("Go on"))
	s.strength = newStrengthMeter(s.env, pass)
}

// suggestWords is how many words a suggested passphrase has: about 77 bits.
const suggestWords = 6

// suggested is a passphrase that the generator made.
type suggested struct {
	value secret.Secret
	err   error
}

// Wipe implements Wiper.
func (m suggested) Wipe() { m.value.Wipe() }

// suggestion is the suggested passphrase, whole, for as long as the field holds it readable: a field shows only a part of it.
func (s *Setup) suggestion(f widget.Frame) []string {
	pass := s.form.Field(fieldPass)
	if pass == nil || s.shown.IsEmpty() || pass.Secret.Echo != widget.EchoPlain || !s.shown.Equal(secret.New(pass.Secret.Bytes())) {
		return nil
	}
	return append(widget.Paint(f.Theme.Secret, widget.Wrap(sanitize.Line(s.shown.RevealString()), f.W)), "")
}

func (s *Setup) cmdSuggest() tea.Cmd {
	g := s.env.Ports.Generator
	if g == nil {
		return nil
	}
	return s.env.cmd(func(ctx context.Context) tea.Msg {
		value, _, err := g.Generate(ctx, Recipe{Words: suggestWords, Separator: " "})
		return suggested{value, err}
	})
}

// suggested puts a passphrase into both fields, readable: it is written down or learnt now, and asked for at the next start.
func (s *Setup) suggested(m suggested) {
	defer m.Wipe()
	pass, again := s.form.Field(fieldPass), s.form.Field(fieldAgain)
	switch {
	case m.err != nil:
		s.err = s.env.Explain(m.err)
		return
	case s.step != stepWays || pass == nil || again == nil || s.busy != "":
		return
	}
	for _, d := range []*widget.Field{pass, again} {
		d.Put(m.value.Reveal())
		d.Err, d.Secret.Echo = "", widget.EchoPlain
	}
	s.shown.Wipe()
	s.shown = m.value.Clone()
	s.strength.fresh, s.strength.known = true, false
	s.form.FocusOn(fieldPass)
	s.env.say(Notify{Text: "Write these words down before you go on"})
}

// toMembers asks which of the other things that open the vault stay.
func (s *Setup) toMembers() {
	s.step = stepMembers
	s.form.Wipe()
	s.form = widget.Form{}
	for _, m := range s.about.Members {
		s.form.Fields = append(s.form.Fields, &widget.Field{ID: m.ID, Label: m.Kind + "  " + m.Name, Kind: widget.ToggleField})
	}
	s.form.Fields = append(s.form.Fields, goButton("Go on"))
	if len(s.about.Members) == 0 {
		s.toWays()
	}
}

// remember keeps the chosen members while the form changes.
func (s *Setup) remember() {
	if s.step == stepMembers {
		s.members = s.kept()
	}
	s.form.Wipe()
}

func (s *Setup) keep() []string { return s.members }

// toSheet asks where the recovery sheet shall be written.
func (s *Setup) toSheet() {
	s.step, s.err = stepSheet, ""
	s.form = widget.Form{Fields: []*widget.Field{
		{ID: fieldPath, Label: "File", Hint: "must not exist yet; move it off this machine, or print it and delete it", Validate: needed("name a file")},
		goButton("Save"),
	}}
	s.form.Fields[0].Put([]byte(sheetPath))
}

// sheetPath is where the sheet goes unless the user says otherwise: the one place that everybody finds again.
const sheetPath = "~/signet-recovery.txt"

// toCheck asks for the code that was just shown.
func (s *Setup) toCheck() {
	s.step, s.err = stepCheck, ""
	s.form = widget.Form{Fields: []*widget.Field{
		{ID: fieldCode, Label: "Recovery code", Kind: widget.SecretText, Open: true, Hint: "as characters or as words; spaces and capitals do not matter"},
		goButton("Check and finish"),
	}}
	s.form.Fields[0].Secret.Echo = widget.EchoPlain
}
