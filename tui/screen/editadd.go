package screen

import (
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"signet/tui/dialog"
	"signet/tui/widget"
	"signet/vault/entry"
)

// Questions about parts of the form.
const (
	askAdd  = "add to the form"
	askDrop = "take out of the form"
)

// askAdd asks what to add.
func (s *Edit) askAdd() tea.Cmd {
	var o []dialog.Option
	if n := len(s.dropped); n > 0 {
		o = append(o, dialog.Option{ID: "back", Label: "Bring back: " + s.dropped[n-1].name, Hotkey: "b"})
	}
	for _, t := range fieldTypes {
		o = append(o, dialog.Option{ID: "field " + string(t.typ), Label: t.label, Hotkey: t.letter})
	}
	o = append(o, dialog.Option{ID: "url", Label: "Web site", Hotkey: "w"})
	if c, _ := s.focusedCred(); c.id != "" && s.hasMore(c) {
		o = append(o, dialog.Option{ID: "whole " + c.id, Label: "All fields of: " + credLabel(c.typ), Hotkey: "a"})
	}
	for _, t := range entry.Specs() {
		if t.Name != entry.Custom && t.Name != "generated-password" && !slices.Contains(fixed, t.Name) {
			o = append(o, dialog.Option{ID: "cred " + t.Name, Label: "Section: " + t.Label})
		}
	}
	return s.env.ask(dialog.Choice{ID: askAdd, Title: "Add to this entry", Options: o})
}

func (s *Edit) focusedCred() (formCred, string) {
	if d := s.form.Focused(); d != nil {
		return s.placeOf(d.ID)
	}
	return formCred{}, ""
}

// hasMore reports whether a credential has members that the form does not show.
func (s *Edit) hasMore(c formCred) bool {
	for _, name := range rare[c.typ] {
		if s.form.Field(entry.CredPath(c.id, name)) == nil {
			return true
		}
	}
	return false
}

func (s *Edit) add(choice string) {
	what, name, _ := strings.Cut(choice, " ")
	switch what {
	case "back":
		s.bringBack()
	case "url":
		s.part(DraftPart{What: partURL, ID: s.ids().Short()})
	case "whole":
		s.part(DraftPart{What: partWhole, ID: name})
	case "cred":
		s.addSection(name)
	case "field":
		cred := s.ids().Short()
		for _, c := range s.creds {
			if c.typ == entry.Custom {
				cred = c.id
				break
			}
		}
		s.part(DraftPart{What: partField, ID: entry.CredPath(cred, "field", s.ids().Short()), Name: name})
	}
}

// addSection adds a credential, or goes to one of its type that is still empty.
func (s *Edit) addSection(typ string) {
	for _, c := range s.creds {
		now := s.credFieldsNow(c)
		if c.fresh && c.typ == typ && len(now) > 0 && !slices.ContainsFunc(now, func(d *widget.Field) bool { return d.Changed() }) {
			s.form.Leave()
			s.form.FocusOn(now[0].ID)
			return
		}
	}
	s.part(DraftPart{What: partCred, ID: s.ids().Short(), Name: typ})
}

// remove takes out what the field with the focus belongs to; a whole section after a question that says what goes.
func (s *Edit) remove() tea.Cmd {
	d := s.form.Focused()
	if d == nil {
		return nil
	}
	if prefix := prefixOf(d.ID); prefix != "" {
		s.removed(prefix)
		return nil
	}
	c, _ := s.placeOf(d.ID)
	if c.id == "" {
		return s.env.say(Notify{Text: "This field belongs to every entry: empty it instead"})
	}
	var what []string
	for _, f := range s.credFieldsNow(c) {
		if !f.Empty() {
			what = append(what, f.Label)
		}
	}
	if len(what) == 0 {
		s.removed(entry.CredPath(c.id))
		return nil
	}
	return s.env.ask(dialog.Choice{
		ID: askDrop, Title: "Take out: " + credLabel(c.typ) + "?",
		Text:    fmt.Sprintf("%s will go when you save. %s brings it back before that; the history keeps it after.", strings.Join(what, ", "), s.env.Keys.Form.Undo.Help().Key),
		Options: []dialog.Option{{ID: "", Label: "Keep it"}, {ID: entry.CredPath(c.id), Label: "Take it out", Danger: true}},
	})
}

func (s *Edit) removed(prefix string) {
	if s.part(DraftPart{What: partDrop, ID: prefix}) {
		s.justDropped = true
		d := s.dropped[len(s.dropped)-1]
		s.env.say(Notify{Text: fmt.Sprintf("“%s” goes when you save; %s brings it back", d.name, s.env.Keys.Form.Undo.Help().Key)})
	}
}
