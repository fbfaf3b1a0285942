package screen

import (
	"slices"
	"strings"

	"signet/tui/widget"
	"signet/vault/entry"
)

// What the user adds to a form and takes out of it. Each such step is a DraftPart, in the order in which it was done: with them and the changed
// values a form is built again. See editdraft.go.
const (
	partCred  = "cred"  // ID of the credential, Name its type
	partURL   = "url"   // ID of the URL
	partField = "field" // ID is the prefix of a custom field, Name its type and its label with a space between
	partWhole = "whole" // ID of a credential of which all members are shown
	partLabel = "label" // ID is the prefix of what is renamed
	partMatch = "match" // ID is the prefix of a URL of which the match is shown
	partDrop  = "drop"  // ID is the prefix of what is taken out
	partUp    = "up"    // ID is the prefix of what changes places with the one before it
	partDown  = "down"
)

// dropped is what was taken out of the form and can be brought back until it is saved.
type dropped struct {
	prefix string
	name   string
	fields []*widget.Field
	at     int
}

// part does one step; it reports whether it could be done. It is what the keys do and what a draft does again.
func (s *Edit) part(p DraftPart) bool {
	done := false
	switch p.What {
	case partCred:
		done = s.addCred(p.ID, p.Name)
	case partURL:
		done = s.addURL(p.ID)
	case partField:
		done = s.addField(p.ID, p.Name)
	case partWhole:
		done = s.addWhole(p.ID)
	case partLabel:
		done = s.addLabel(p.ID)
	case partMatch:
		done = s.addMatch(p.ID)
	case partDrop:
		done = s.drop(p.ID)
	case partUp:
		done = s.move(p.ID, -1)
	case partDown:
		done = s.move(p.ID, 1)
	}
	if done && (p.What == partUp || p.What == partDown || !slices.Contains(s.parts, p)) {
		s.parts = append(s.parts, p)
	}
	s.resize()
	return done
}

// end is the place before what belongs to the whole entry.
func (s *Edit) end() int { return s.form.Index(fieldFolder) }

// insert puts fields in and gives the first of them the focus.
func (s *Edit) insert(at int, fields ...*widget.Field) {
	for _, d := range fields {
		d.Settle()
	}
	s.form.Insert(at, fields...)
	s.form.Leave()
	s.form.Focus = at
}

// addCred adds a credential. When a draft is opened again, one that the form offers by itself becomes it.
func (s *Edit) addCred(id, typ string) bool {
	if len(id) == 0 || slices.ContainsFunc(s.creds, func(c formCred) bool { return c.id == id }) {
		return false
	}
	for i, c := range s.creds {
		if s.reopening && c.fresh && c.typ == typ && !s.claimed[c.id] {
			s.rename(i, id)
			return true
		}
	}
	c := formCred{id: id, typ: typ, fresh: true}
	head := orElse(s.heading(c), credLabel(typ))
	s.creds = append(s.creds, c)
	fields := s.credFields(c, entry.Credential{}, true, false)
	if len(fields) == 0 {
		return typ == entry.Custom
	}
	fields[0].Section = head
	s.insert(s.end(), fields...)
	return true
}

func (s *Edit) credFieldsNow(c formCred) (out []*widget.Field) {
	for _, d := range s.form.Fields {
		if s.belongs(d.ID, c.id) {
			out = append(out, d)
		}
	}
	return out
}

// rename gives an offered credential the id that a draft knows it by.
func (s *Edit) rename(i int, id string) {
	old := s.creds[i].id
	for _, d := range s.credFieldsNow(s.creds[i]) {
		if d.ID == otpPrefix+old {
			d.ID = otpPrefix + id
		}
	}
	for j, p := range s.parts {
		if p.What == partCred && p.ID == old {
			s.parts[j].ID = id
		}
	}
	s.reprefix(entry.CredPath(old), entry.CredPath(id))
	s.creds[i].id = id
	s.claim(id)
}

// claim notes that a draft knows something by its id.
func (s *Edit) claim(id string) {
	if s.claimed == nil {
		s.claimed = map[string]bool{}
	}
	s.claimed[id] = true
}

// reprefix gives everything below a prefix another one.
func (s *Edit) reprefix(from, to string) {
	other := func(id string) string {
		if s.under(id, from) && strings.HasPrefix(id, from) {
			return to + id[len(from):]
		}
		return id
	}
	for _, d := range s.form.Fields {
		d.ID = other(d.ID)
	}
	for i := range s.fields {
		s.fields[i].prefix = other(s.fields[i].prefix)
	}
	for i := range s.parts {
		s.parts[i].ID = other(s.parts[i].ID)
	}
}

func credLabel(typ string) string {
	if spec, ok := entry.Spec(typ); ok {
		return spec.Label
	}
	return typ
}

// addURL adds a field for a web site behind the last one.
func (s *Edit) addURL(id string) bool {
	prefix := entry.JoinPath("url", id)
	if id == "" || s.form.Field(prefix) != nil {
		return false
	}
	at := s.end()
	for i, d := range s.form.Fields {
		if strings.HasPrefix(d.ID, "url/") {
			at = i + 1
			if d.Empty() && !d.Changed() && s.isNewPart(d.ID) && strings.Count(d.ID, "/") == 1 && s.reopening { // the offered one
				s.parts = slices.DeleteFunc(s.parts, func(p DraftPart) bool { return p.What == partURL && entry.JoinPath("url", p.ID) == d.ID })
				d.ID = prefix
				return true
			}
		}
	}
	s.insert(at, s.url(id, "", ""))
	return true
}

// addField adds a custom field, to the first credential that is made of them.
func (s *Edit) addField(prefix, what string) bool {
	seg := strings.Split(prefix, "/")
	if len(seg) != 4 || seg[0] != "cred" || seg[2] != "field" || s.form.Field(prefix+"/value") != nil {
		return false
	}
	c, _ := s.placeOf(prefix)
	if c.id == "" {
		c = formCred{id: entry.UnescapeSegment(seg[1]), typ: entry.Custom, fresh: true}
		s.creds = append(s.creds, c)
	}
	typ, label, _ := strings.Cut(what, " ")
	for _, f := range s.fields {
		v := s.form.Field(f.prefix + "/value")
		if s.reopening && parentOf(f.prefix) == parentOf(prefix) && f.typ == entry.FieldType(typ) && f.label == label && v != nil && !s.claimed[f.prefix] {
			s.reprefix(f.prefix, prefix)
			s.claim(prefix)
			return true
		}
	}
	at := s.end()
	if now := s.credFieldsNow(c); len(now) > 0 {
		at = slices.Index(s.form.Fields, now[len(now)-1]) + 1
	}
	fields := s.customFields(c, entry.UnescapeSegment(seg[3]), entry.FieldType(typ), label, label == "")
	if len(s.credFieldsNow(c)) == 0 {
		fields[0].Section = "More fields"
	}
	s.insert(at, fields...)
	return true
}

// custom puts a custom field into a form that is being built.
func (s *Edit) custom(c formCred, id string, typ entry.FieldType, label string, named bool) {
	prefix := entry.CredPath(c.id, "field", id)
	s.parts = append(s.parts, DraftPart{What: partField, ID: prefix, Name: strings.TrimSpace(string(typ) + " " + label)})
	for _, d := range s.customFields(c, id, typ, label, named) {
		s.put(d)
	}
}

// customFields are the fields of a custom field that is not in the record: its name, where that is asked for, and its value.
func (s *Edit) customFields(c formCred, id string, typ entry.FieldType, label string, ask bool) (out []*widget.Field) {
	prefix := entry.CredPath(c.id, "field", id)
	s.fields = append(s.fields, formField{prefix, typ, label})
	var value *widget.Field
	spec := entry.MemberSpec{Type: typ}
	if typ == entry.TypeConcealed {
		value = s.secret(prefix+"/value", orElse(label, "Value"), spec, false)
	} else {
		value = s.text(prefix+"/value", orElse(label, "Value"), "", spec)
	}
	if ask {
		out = append(out, s.labelField(prefix, ""))
	}
	return append(out, s.tuned(value, c.typ, ""))
}

// labelField is the field for a name of a custom field or a web site. What it names is called so at once.
func (s *Edit) labelField(prefix, value string) *widget.Field {
	d := &widget.Field{ID: prefix + "/label", Label: "Name of the field"}
	d.Put([]byte(value))
	d.Changes = func(d *widget.Field) {
		prefix := prefixOf(d.ID)
		for _, id := range []string{prefix, prefix + "/value"} {
			if f := s.form.Field(id); f != nil {
				f.Label = orElse(strings.TrimSpace(d.Line.Text()), "Value")
			}
		}
	}
	return d
}

// mailField is what CXF's identities have no member for.
func (s *Edit) mailField() {
	c := s.freshCred(entry.Custom, false)
	s.creds = append(s.creds, c)
	s.custom(c, s.ids().Short(), entry.TypeEmail, "E-mail", false)
}

// addWhole shows all members of a credential.
func (s *Edit) addWhole(id string) bool {
	i := slices.IndexFunc(s.creds, func(c formCred) bool { return c.id == id })
	if i < 0 || s.creds[i].typ == entry.TOTP {
		return false
	}
	c := s.creds[i]
	var cred entry.Credential
	for _, o := range s.e.Credentials {
		if o.ID == id {
			cred = o
		}
	}
	at := s.end()
	if now := s.credFieldsNow(c); len(now) > 0 {
		at = slices.Index(s.form.Fields, now[len(now)-1]) + 1
	}
	var more []*widget.Field
	for _, d := range s.credFields(c, cred, true, true) {
		if s.form.Field(d.ID) == nil {
			more = append(more, d)
		}
	}
	if len(more) > 0 {
		s.insert(at, more...)
	}
	return len(more) > 0
}

// addLabel asks for another name of a custom field or a web site.
func (s *Edit) addLabel(prefix string) bool {
	value := s.form.Index(prefix + "/value")
	if value < 0 {
		value = s.form.Index(prefix)
	}
	if value < 0 {
		return false
	}
	if i := s.form.Index(prefix + "/label"); i >= 0 {
		s.form.Focus = i
		return false
	}
	s.insert(value, s.labelField(prefix, s.storedLabel(prefix)))
	return true
}

func (s *Edit) storedLabel(prefix string) string {
	for _, u := range s.e.URLs {
		if entry.JoinPath("url", u.ID) == prefix {
			return u.Label
		}
	}
	for _, c := range s.e.Credentials {
		for _, m := range c.Fields {
			if m.Path == prefix+"/value" {
				return m.Label
			}
		}
	}
	for _, f := range s.fields {
		if f.prefix == prefix {
			return f.label
		}
	}
	return ""
}

// addMatch shows which pages a web site stands for.
func (s *Edit) addMatch(prefix string) bool {
	at := s.form.Index(prefix)
	if at < 0 || !strings.HasPrefix(prefix, "url/") {
		return false
	}
	if i := s.form.Index(prefix + "/match"); i >= 0 {
		s.form.Focus = i
		return false
	}
	s.insert(at+1, s.match(prefix, ""))
	return true
}

// drop takes everything of a prefix out of the form.
func (s *Edit) drop(prefix string) bool {
	at := -1
	for i, d := range s.form.Fields {
		if s.under(d.ID, prefix) && at < 0 {
			at = i
		}
	}
	if at < 0 {
		return false
	}
	name, section := s.form.Fields[at].Label, s.form.Fields[at].Section
	if cred, ok := strings.CutPrefix(prefix, "cred/"); ok && !strings.Contains(cred, "/") {
		c, _ := s.placeOf(prefix + "/x")
		name = credLabel(c.typ)
	}
	fields := s.form.Drop(func(d *widget.Field) bool { return s.under(d.ID, prefix) })
	if at < len(s.form.Fields) && section != "" && s.form.Fields[at].Section == "" && s.sameCred(s.form.Fields[at].ID, fields[0].ID) {
		s.form.Fields[at].Section = section
	}
	s.dropped = append(s.dropped, dropped{prefix, name, fields, at})
	return true
}

func (s *Edit) sameCred(a, b string) bool {
	x, _ := s.placeOf(a)
	return x.id != "" && s.belongs(b, x.id)
}

// under reports whether a field is part of what a prefix names.
func (s *Edit) under(id, prefix string) bool {
	if cred, ok := strings.CutPrefix(id, otpPrefix); ok {
		id = entry.CredPath(cred)
	}
	return id == prefix || strings.HasPrefix(id, prefix+"/")
}

// bringBack undoes the last drop.
func (s *Edit) bringBack() bool {
	n := len(s.dropped)
	if n == 0 {
		return false
	}
	d := s.dropped[n-1]
	s.dropped = s.dropped[:n-1]
	s.parts = slices.DeleteFunc(s.parts, func(p DraftPart) bool { return p == DraftPart{What: partDrop, ID: d.prefix} })
	at := min(d.at, max(s.end(), 0))
	if at < len(s.form.Fields) && d.fields[0].Section != "" && s.form.Fields[at].Section == d.fields[0].Section {
		s.form.Fields[at].Section = ""
	}
	s.form.Insert(at, d.fields...)
	s.form.Focus = at
	s.resize()
	return true
}

// prefixOf is what a key acts on that is about more than one field: the custom field or the web site that a field belongs to.
func prefixOf(id string) string {
	seg := strings.Split(id, "/")
	switch {
	case seg[0] == "url" && len(seg) >= 2:
		return strings.Join(seg[:2], "/")
	case seg[0] == "cred" && len(seg) == 5 && seg[2] == "field":
		return strings.Join(seg[:4], "/")
	}
	return ""
}
