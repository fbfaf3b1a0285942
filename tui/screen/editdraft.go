package screen

import (
	"context"
	"strings"

	tea "charm.land/bubbletea/v2"

	"signet/internal/sanitize"
	"signet/tui/widget"
	"signet/vault/entry"
	"signet/vault/secret"
)

// How a form becomes a draft and comes back. What the form can do beyond changing a field (adding a web site, a field, a section) is carried by
// Draft.Added: whoever teaches the form something new teaches it to added and addAgain too.

// NewFromDraft opens a form again. It takes the draft over.
func NewFromDraft(env Env, d Draft) *Edit {
	return &Edit{env: env, id: d.Entry, isNew: d.New, kind: d.Kind, draft: &d, mark: d.ID}
}

// Dirty implements Drafter. A draft that was not put into the form yet is unsaved too.
func (s *Edit) Dirty() bool { return s.draft != nil || s.ready && s.form.Dirty() }

// DraftID implements Drafter.
func (s *Edit) DraftID() string { return s.mark }

// Draft implements Drafter.
func (s *Edit) Draft() Draft {
	if s.draft != nil {
		return s.draft.clone()
	}
	if s.mark == "" {
		s.mark = string(s.ids().Record())
	}
	d := Draft{
		ID: s.mark, Entry: s.id, New: s.isNew, Kind: s.kind, Title: orElse(s.title(), s.e.Title), Saved: s.env.Now(), Added: s.added(),
		Base: map[string]string{},
	}
	if f := s.form.Focused(); f != nil {
		d.Focus = f.ID
	}
	for _, f := range s.form.Fields {
		if f.Kind == widget.ButtonField || !f.Changed() {
			continue
		}
		d.Fields = append(d.Fields, DraftField{ID: f.ID, Name: s.nameOf(f.ID), Label: f.Label, Value: f.Value(), On: f.On})
		s.note(d.Base, f.ID)
	}
	return d
}

func (d Draft) clone() Draft {
	fields := make([]DraftField, len(d.Fields))
	for i, f := range d.Fields {
		f.Value = f.Value.Clone()
		fields[i] = f
	}
	d.Fields = fields
	return d
}

func (s *Edit) dropDraft() {
	if s.draft != nil {
		s.draft.Wipe()
		s.draft = nil
	}
}

// added lists what the user put into the form.
func (s *Edit) added() []DraftPart {
	var parts []DraftPart
	built := 0
	if len(s.e.URLs) == 0 {
		built = 1 // build offers one by itself
	}
	for _, f := range s.form.Fields {
		if strings.HasPrefix(f.ID, newURL) {
			if built--; built < 0 {
				parts = append(parts, DraftPart{What: partURL})
			}
		}
	}
	return parts
}

// Kinds of parts.
const partURL = "url"

// addAgain puts a part into the form that was built anew. What it does not know is left to the fields: their values are placed anyway.
func (s *Edit) addAgain(p DraftPart) {
	if p.What == partURL {
		s.addURL()
	}
}

// note keeps the dots of everything that saving a field may write.
func (s *Edit) note(base map[string]string, id string) {
	for path, dots := range s.e.Dots {
		if !s.writes(id, path) {
			continue
		}
		if seen, ok := s.seen[entry.FieldRef{Record: s.id, Path: path}]; ok {
			dots = seen
		}
		base[path] = entry.DotsText(dots)
	}
}

// writes reports whether saving the field id may write path.
func (s *Edit) writes(id, path string) bool {
	switch id {
	case fieldTags:
		return strings.HasPrefix(path, "tag/")
	case fieldFavorite:
		return path == entry.PathFavorite
	case fieldTOTP: // a code is written as a whole
		at := s.pathOf(id)
		cut := strings.LastIndexByte(at, '/')
		return cut > 0 && strings.HasPrefix(path, at[:cut+1])
	}
	at := s.pathOf(id)
	return at != "" && (path == at || strings.HasPrefix(path, at+"/"))
}

// nameOf says what a field stands for, wherever it is: "type.member" of a credential, "url".
func (s *Edit) nameOf(id string) string {
	switch {
	case id == fieldPassword:
		return entry.BasicAuth + ".password"
	case strings.HasPrefix(id, newURL), strings.HasPrefix(id, "url/"):
		return partURL
	case strings.HasPrefix(id, newPrefix):
		name, _, _ := strings.Cut(strings.TrimPrefix(id, newPrefix), "@")
		return name
	}
	for _, c := range s.e.Credentials {
		for _, m := range c.Members {
			if m.Path == id {
				return c.Type + "." + m.Name
			}
		}
	}
	return ""
}

// cmdReopen reads the entry as it is now, and which of the draft's values it holds already: a save may have been cut off after it was done.
func (s *Edit) cmdReopen() tea.Cmd {
	d, id := s.draft.clone(), s.id
	return s.env.cmd(func(ctx context.Context) tea.Msg {
		defer d.Wipe()
		e, err := s.env.Vault.Get(ctx, id, false)
		if err != nil {
			return editRead{err: err}
		}
		m := editRead{entry: e, same: map[string]bool{}}
		for _, f := range d.Fields {
			m.same[f.ID] = hasAlready(ctx, s.env.Vault, e, f)
		}
		return m
	})
}

// hasAlready reports whether an entry has a value of a draft already, in the field from which it came.
func hasAlready(ctx context.Context, v Vault, e entry.Entry, f DraftField) bool {
	path := f.ID
	if f.ID == fieldPassword {
		found, err := e.Find(entry.FieldName{Alias: "password", N: 1})
		if err != nil {
			return false
		}
		path = found.Path
	}
	if _, there := e.Dots[path]; !there || f.Value.IsEmpty() {
		return false
	}
	values, err := v.Field(ctx, entry.FieldRef{Record: e.ID, Path: path})
	for _, c := range values {
		defer c.Value.Wipe()
	}
	return err == nil && len(values) == 1 && values[0].Value.Equal(f.Value)
}

// reopen builds the form from the entry as it is now and puts the changes into it.
func (s *Edit) reopen(m editRead) tea.Cmd {
	gone := m.err != nil && s.env.Ports.Faults.NotFound != nil && s.env.Ports.Faults.NotFound(m.err)
	switch {
	case m.err != nil && !gone:
		s.env.say(Back{}) // still unsaved: the draft stays in the store
		return s.env.fail("The unsaved changes could not be opened", m.err)
	case s.isNew && !gone: // saved, and the end came before the program knew
		m.Wipe()
		return s.wasSaved(s.draft.Title)
	}
	d := *s.draft
	s.draft, s.e = nil, m.entry
	if gone {
		if !s.isNew {
			s.isNew, s.id = true, s.ids().Record()
			s.env.say(Notify{Level: Bad, Text: "“" + sanitize.Line(d.Title) + "” was removed for good meanwhile: saving makes a new entry of what you had typed"})
		}
		s.e = entry.Entry{ID: s.id, Kind: s.kind}
	} else {
		s.kind = s.e.Kind
	}
	s.build()
	defer d.Wipe()
	return s.place(d, m.same)
}

func (s *Edit) wasSaved(title string) tea.Cmd {
	s.dropDraft()
	s.form.Wipe()
	s.form = widget.Form{}
	s.env.say(Back{})
	s.env.say(Notify{Text: "“" + sanitize.Line(title) + "” had been saved already"})
	return s.env.say(OpenEntry{s.id})
}

// place puts a draft's changes into the form.
func (s *Edit) place(d Draft, same map[string]bool) tea.Cmd {
	s.seen = entry.Base{}
	if !s.isNew {
		for path, text := range d.Base {
			if dots, err := entry.ParseDots(text); err == nil {
				s.seen[entry.FieldRef{Record: s.id, Path: path}] = dots
			}
		}
	}
	for _, p := range d.Added {
		s.addAgain(p)
	}
	taken := map[string]bool{}
	for _, f := range d.Fields {
		to := s.home(f, taken)
		switch {
		case to == nil:
			s.keepInNotes(f)
			continue
		case !same[f.ID]:
			to.Put(f.Value.Reveal())
			to.On = f.On
		}
		taken[to.ID] = true
	}
	s.form.FocusOn(d.Focus)
	if !s.form.Dirty() {
		return s.wasSaved(d.Title)
	}
	return nil
}

// home finds the field for a value: the one of that id, or one that stands for the same thing in an entry that has changed since.
func (s *Edit) home(f DraftField, taken map[string]bool) *widget.Field {
	if to := s.form.Field(f.ID); to != nil && !taken[f.ID] {
		return to
	}
	for _, to := range s.form.Fields {
		if f.Name != "" && s.nameOf(to.ID) == f.Name && !taken[to.ID] && !to.Changed() && to.Empty() {
			return to
		}
	}
	if f.Name == partURL {
		s.addURL()
		return s.form.Focused()
	}
	return nil
}

// keepInNotes keeps what has no place any more, so that nothing typed is lost: it stands at the end of the notes, where the user sees it.
func (s *Edit) keepInNotes(f DraftField) {
	for _, to := range s.form.Fields {
		if s.nameOf(to.ID) != entry.Note+".content" || to.Kept || f.Value.IsEmpty() {
			continue
		}
		old := to.Value()
		text := append([]byte(nil), old.Reveal()...)
		if len(text) > 0 {
			text = append(text, '\n')
		}
		text = append(append(text, f.Label+": "...), f.Value.Reveal()...)
		old.Wipe()
		to.Put(text)
		secret.New(text).Wipe()
		s.env.say(Notify{Level: Bad, Text: "“" + sanitize.Line(f.Label) + "” is not in this entry any more: what you had typed stands in the notes"})
		return
	}
}
