package screen

import (
	"context"
	"slices"
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"signet/internal/sanitize"
	"signet/tui/dialog"
	"signet/tui/widget"
	"signet/vault/entry"
	"signet/vault/secret"
)

// title is what the title field says.
func (s *Edit) title() string {
	if d := s.form.Field(fieldTitle); d != nil {
		return strings.TrimSpace(d.Line.Text())
	}
	return ""
}

// completeTitle names a new login after its site when it has no title.
func (s *Edit) completeTitle() {
	d := s.form.Field(fieldTitle)
	if d == nil || s.title() != "" {
		return
	}
	for _, u := range s.form.Fields {
		if strings.HasPrefix(u.ID, newURL) && u.Line.Len() > 0 && validURL(u.Line.Bytes()) == "" {
			d.Put([]byte(entry.Host(withScheme(u.Line.Text()))))
			return
		}
	}
}

// edits turns the changed fields of the form into edits. Values are copies: they are wiped once written.
func (s *Edit) edits() ([]entry.Edit, error) {
	w := formWriter{e: s.e, ids: s.ids(), members: map[string][]entry.Member{}}
	if s.isNew {
		w.edits = append(w.edits, entry.Set(s.id, entry.PathCreated, entry.FormatTime(s.env.Now())))
	}
	for _, d := range s.form.Fields {
		if d.Changed() {
			if err := w.field(s, d); err != nil {
				return nil, err
			}
		}
	}
	return w.finish()
}

// formWriter collects edits. Members of credentials that are not there yet are gathered by type, so that each becomes one credential.
type formWriter struct {
	e       entry.Entry
	ids     entry.IDs
	edits   []entry.Edit
	types   []string
	members map[string][]entry.Member
	totp    secret.Secret
}

func (w *formWriter) field(s *Edit, d *widget.Field) error {
	path := s.pathOf(d.ID)
	switch {
	case d.ID == fieldTags:
		w.tags(d.Line.Text())
	case d.ID == fieldFavorite:
		w.toggle(entry.PathFavorite, d.On)
	case d.ID == fieldTOTP:
		return w.oneTime(s, d)
	case strings.HasPrefix(d.ID, newURL):
		return w.url(withScheme(d.Line.Text()))
	case strings.HasPrefix(d.ID, "url/"):
		w.value(path, trimmed(d))
	case d.ID == fieldTitle:
		w.value(path, trimmed(d))
	case d.ID == fieldPassword && path == "":
		w.member(entry.BasicAuth+".password", d.Value())
	case strings.HasPrefix(d.ID, newPrefix):
		w.member(strings.TrimPrefix(d.ID, newPrefix), d.Value())
	default:
		w.value(path, d.Value())
	}
	return nil
}

func trimmed(d *widget.Field) secret.Secret {
	text := strings.TrimSpace(d.Line.Text())
	if strings.HasPrefix(d.ID, "url/") {
		text = withScheme(text)
	}
	return secret.FromString(text)
}

// value writes a field in place; one that was emptied is removed with everything below it (a URL's place, a member's label).
func (w *formWriter) value(path string, v secret.Secret) {
	if v.IsEmpty() {
		w.edits = append(w.edits, w.e.RemoveAll(path)...)
		return
	}
	w.edits = append(w.edits, entry.Edit{FieldRef: entry.FieldRef{Record: w.e.ID, Path: path}, Value: v})
}

func (w *formWriter) toggle(path string, on bool) {
	if on {
		w.edits = append(w.edits, entry.Set(w.e.ID, path, strconv.FormatBool(on)))
		return
	}
	if _, there := w.e.Dots[path]; there {
		w.edits = append(w.edits, entry.Remove(w.e.ID, path))
	}
}

func (w *formWriter) tags(text string) {
	var tags []string
	for _, t := range strings.Split(text, ",") {
		if t = strings.TrimSpace(t); t != "" && !slices.Contains(tags, t) {
			tags = append(tags, t)
		}
	}
	for _, t := range tags {
		if !slices.Contains(w.e.Tags, t) {
			w.edits = append(w.edits, entry.Set(w.e.ID, entry.TagPath(t), "true"))
		}
	}
	for _, t := range w.e.Tags {
		if !slices.Contains(tags, t) {
			w.edits = append(w.edits, entry.Remove(w.e.ID, entry.TagPath(t)))
		}
	}
}

// member gathers one member: "type.member" of a new credential, or "type.member@cred" of one that is there.
func (w *formWriter) member(name string, v secret.Secret) {
	if v.IsEmpty() {
		return
	}
	name, cred, there := strings.Cut(name, "@")
	typ, member, _ := strings.Cut(name, ".")
	if !there && typ == entry.BasicAuth {
		if c, ok := w.e.Credential(entry.BasicAuth); ok {
			cred, there = c.ID, true
		}
	}
	if there {
		w.value(entry.CredPath(cred, member), v)
		return
	}
	if _, begun := w.members[typ]; !begun {
		w.types = append(w.types, typ)
	}
	w.members[typ] = append(w.members[typ], entry.Member{Name: member, Value: v})
}

func (w *formWriter) url(text string) error {
	if text == "" {
		return nil
	}
	edits, err := w.e.SetField(entry.FieldName{Alias: "url", N: len(w.e.URLs) + 1}, secret.FromString(text), true, w.ids)
	if err != nil {
		return err
	}
	last := ""
	if n := len(w.e.URLs); n > 0 {
		last = w.e.URLs[n-1].Pos
	}
	w.e.URLs = append(slices.Clip(w.e.URLs), entry.URL{Pos: entry.PosBetween(last, "")})
	w.edits = append(w.edits, edits...)
	return nil
}

// oneTime replaces the key as a whole, adds one, or removes it.
func (w *formWriter) oneTime(s *Edit, d *widget.Field) error {
	if d.Secret.Len() > 0 {
		w.totp = d.Value()
		return nil
	}
	for _, c := range s.e.Credentials {
		if c.Type == entry.TOTP {
			w.edits = append(w.edits, s.e.RemoveAll(entry.CredPath(c.ID))...)
			break
		}
	}
	return nil
}

// finish makes the new credentials, each behind the one before.
func (w *formWriter) finish() ([]entry.Edit, error) {
	for _, typ := range w.types {
		last := ""
		if n := len(w.e.Credentials); n > 0 {
			last = w.e.Credentials[n-1].Pos
		}
		c := entry.Credential{ID: w.ids.Short(), Type: typ, Pos: entry.PosBetween(last, ""), Members: w.members[typ]}
		edits, err := w.e.AddCredential(c, w.ids)
		if err != nil {
			return nil, err
		}
		w.e.Credentials = append(slices.Clip(w.e.Credentials), c)
		w.edits = append(w.edits, edits...)
	}
	if !w.totp.IsEmpty() {
		edits, err := w.e.SetField(entry.FieldName{Alias: "totp", N: 1}, w.totp, true, w.ids)
		if err != nil {
			return nil, err
		}
		w.edits = append(w.edits, edits...)
	}
	return w.edits, nil
}

// save validates and writes what was changed.
func (s *Edit) save() tea.Cmd {
	s.completeTitle()
	if !s.form.Check() {
		return s.env.say(Notify{Level: Bad, Text: "Not saved: " + s.form.Focused().Err})
	}
	if !s.form.Dirty() && !s.isNew {
		return s.env.say(Back{})
	}
	edits, err := s.edits()
	if err != nil {
		return s.env.say(Notify{Level: Bad, Text: "Not saved: " + err.Error()})
	}
	s.saving = true
	base := s.base(edits)
	return s.env.cmd(func(ctx context.Context) tea.Msg {
		a, err := s.env.Vault.Apply(ctx, base, edits)
		for _, e := range edits {
			e.Value.Wipe()
		}
		return editSaved{a, err}
	})
}

// base names the dots of the fields that are written, so that what was changed elsewhere is noticed.
func (s *Edit) base(edits []entry.Edit) entry.Base {
	if s.forced || s.isNew {
		return nil
	}
	base := entry.Base{}
	for _, e := range edits {
		if dots, ok := s.seen[e.FieldRef]; ok {
			base[e.FieldRef] = dots
		} else if dots, ok := s.e.Dots[e.Path]; ok {
			base[e.FieldRef] = dots
		}
	}
	return base
}

func (s *Edit) saved(m editSaved) tea.Cmd {
	s.saving = false
	if m.err != nil {
		if f := s.env.Ports.Faults.Changed; f != nil {
			if paths := f(m.err); len(paths) > 0 {
				return s.askChanged(paths)
			}
		}
		return s.env.fail("Not saved", m.err)
	}
	title, name := s.title(), "the edit of "
	if s.isNew {
		name = "adding "
	}
	s.env.say(Back{})
	if s.isNew {
		s.env.say(OpenEntry{s.id})
	}
	s.form.Wipe()
	s.form = widget.Form{}
	return s.env.say(Stepped{Step: m.applied.Step, Done: "“" + title + "” is saved", Name: name + "“" + title + "”"})
}

// askChanged shows what was changed elsewhere since the form was opened.
func (s *Edit) askChanged(paths []string) tea.Cmd {
	var names []string
	for _, p := range paths {
		name := p
		for _, d := range s.form.Fields {
			if s.pathOf(d.ID) == p {
				name = d.Label
			}
		}
		names = append(names, sanitize.Line(name))
	}
	return s.env.say(Ask{To: s.env.ID, Sudden: true, Dialog: dialog.Choice{
		ID: askChanged, Title: "Changed elsewhere",
		Text: strings.Join(names, ", ") + ": another program changed this while the form was open. Saving yours puts the other value into the history.",
		Options: []dialog.Option{
			{ID: "", Label: "Back to the form"}, {ID: "mine", Label: "Save mine"},
		},
	}})
}
