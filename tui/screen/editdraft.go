package screen

import (
	"context"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"signet/internal/sanitize"
	"signet/tui/widget"
	"signet/vault/entry"
	"signet/vault/secret"
)

// How a form becomes a draft and comes back. What the form can do beyond changing a field (adding a web site, a field, a section) is carried by
// Draft.Added: see Edit.part.

// NewFromDraft opens a form again. It takes the draft over.
func NewFromDraft(env Env, d Draft) *Edit {
	s := &Edit{env: env, id: d.Entry, isNew: d.New, kind: d.Kind, draft: &d, mark: d.ID}
	for _, p := range d.Added {
		if spec, ok := entry.Spec(p.Name); p.What == partCred && ok && spec.Kind == d.Kind && s.typ == "" && spec.Kind == entry.KindDocument {
			s.typ = p.Name // which of the documents it is
		}
	}
	return s
}

// Dirty implements Drafter. A draft that was not put into the form yet is unsaved too.
func (s *Edit) Dirty() bool {
	return s.draft != nil || s.ready && (s.isDirty() || s.outside != nil)
}

// DraftID implements Drafter.
func (s *Edit) DraftID() string { return s.mark }

// Draft implements Drafter.
func (s *Edit) Draft() Draft {
	if s.draft != nil {
		return s.draft.clone()
	}
	_ = s.comeBack() // what an outside editor left is part of the draft
	if s.mark == "" {
		s.mark = string(s.ids().Record())
	}
	d := Draft{
		ID: s.mark, Entry: s.id, New: s.isNew, Kind: s.kind, Title: orElse(s.title(), s.e.Title), Saved: s.env.Now(), Added: slices.Clone(s.parts),
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
	for _, p := range s.dropped {
		s.note(d.Base, p.prefix)
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
	switch {
	case id == fieldTags:
		return strings.HasPrefix(path, "tag/")
	case id == fieldFolder:
		return strings.HasPrefix(path, "folder/")
	case strings.HasPrefix(id, otpPrefix): // a code is written as a whole
		id = entry.CredPath(strings.TrimPrefix(id, otpPrefix))
	}
	return path == id || strings.HasPrefix(path, id+"/")
}

// nameOf says what a field stands for, wherever it is: "type.member" of a credential, "url".
func (s *Edit) nameOf(id string) string {
	if strings.HasPrefix(id, "url/") {
		if strings.Count(id, "/") > 1 {
			return ""
		}
		return partURL
	}
	c, member := s.placeOf(id)
	if c.id == "" || prefixOf(id) != "" {
		return ""
	}
	return c.typ + "." + member
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
	s.discard()
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
	s.reopening = true
	for _, p := range d.Added {
		s.part(p)
	}
	s.reopening = false
	taken := map[string]bool{}
	for _, f := range d.Fields {
		to := s.home(f, taken)
		switch {
		case to == nil:
			s.keepInNotes(f)
			continue
		case !same[f.ID]:
			to.Put(f.Value.Reveal())
		}
		taken[to.ID] = true
		if f.ID == d.Focus {
			d.Focus = to.ID
		}
	}
	s.form.FocusOn(d.Focus)
	s.resize()
	if !s.isDirty() {
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
		s.addURL(s.ids().Short())
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
