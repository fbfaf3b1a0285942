package screen

import (
	"signet/tui/widget"
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
			Hint: "opens without asking while you are logged in (" + s.survey.KeyringFound + ")",
		})
	}
	hint := "needed: there is no keyring here"
	if s.survey.Keyring {
		hint = "optional beside the keyring; a second way in is worth having"
	}
	s.form.Fields = append(s.form.Fields,
		&widget.Field{ID: fieldPass, Label: "Passphrase", Kind: widget.SecretText, Hint: hint, Validate: longEnough},
		&widget.Field{ID: fieldAgain, Label: "Once more", Kind: widget.SecretText},
		goButton("Go on"))
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
}

// toCheck asks for the code that was just shown.
func (s *Setup) toCheck() {
	s.step, s.err = stepCheck, ""
	s.form = widget.Form{Fields: []*widget.Field{
		{ID: fieldCode, Label: "Recovery code", Kind: widget.SecretText, Open: true, Hint: "as characters or as words; spaces and capitals do not matter"},
		goButton("Check and finish"),
	}}
	s.form.Fields[0].Secret.Echo = widget.EchoPlain
}
