package screen

import (
	"slices"
	"strconv"
	"strings"

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

// value writes a field in place; one that was emptied is removed.
func (w *formWriter) value(path string, v secret.Secret) {
	if v.IsEmpty() {
		w.edits = append(w.edits, entry.Remove(w.e.ID, path))
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
