package screen

import (
	"slices"
	"strconv"
	"strings"

	"signet/internal/sanitize"
	"signet/tui/widget"
	"signet/vault/entry"
)

// Ids of form fields. A field that stands for one value of the record has the path of that value as its id, whether the record has it yet or not;
// the ids below are those of fields that stand for several.
const (
	fieldTitle    = entry.PathTitle
	fieldSubtitle = entry.PathSubtitle
	fieldExpires  = entry.PathExpires
	fieldFavorite = entry.PathFavorite
	fieldTags     = "tags"
	fieldFolder   = "folder"
	otpPrefix     = "otp:" // and the id of the credential
	buttonSave    = "save"
	buttonAdd     = "add"
)

// formCred is a credential of the form. A fresh one is not in the record: it is written when something was typed into it, or when it makes
// the entry one of its kind.
type formCred struct {
	id, typ string
	fresh   bool
	main    bool
}

// formField is a custom field that is not in the record yet.
type formField struct {
	prefix string // cred/<id>/field/<id>
	typ    entry.FieldType
	label  string // where the form has no field for it
}

// build makes the form: title, then the members of each credential, then what belongs to the whole entry.
func (s *Edit) build() {
	s.form, s.creds, s.fields, s.parts = widget.Form{}, nil, nil, nil
	s.put(s.text(fieldTitle, "Title", s.e.Title, entry.MemberSpec{})).Validate = needed("a title is needed, so that the entry can be found")
	if s.e.Subtitle != "" {
		s.put(s.text(fieldSubtitle, "Subtitle", s.e.Subtitle, entry.MemberSpec{}))
	}
	s.sections()
	s.about()
	for _, d := range s.form.Fields {
		d.Settle()
	}
	s.put(&widget.Field{ID: buttonSave, Label: "Save", Kind: widget.ButtonField})
	s.put(&widget.Field{ID: buttonAdd, Label: "Add a field", Kind: widget.ButtonField})
	if !s.isNew && s.kind == entry.KindLogin {
		s.form.FocusOn(s.firstSecret())
	}
	s.ready = true
	s.resize()
}

// put adds a field at the end.
func (s *Edit) put(d *widget.Field) *widget.Field {
	s.form.Fields = append(s.form.Fields, d)
	return d
}

// sections puts the credentials in, those that the kind offers too, and the web sites behind the login.
func (s *Edit) sections() {
	types, done := offered(s.kind, s.typ), map[string]bool{}
	urls := false
	add := func(c formCred, cred entry.Credential) {
		s.section(c, cred, !done[c.typ] && slices.Contains(types, c.typ))
		done[c.typ] = true
		if c.typ == entry.BasicAuth && !urls {
			s.urls(true)
			urls = true
		}
	}
	for _, c := range s.e.Credentials {
		add(formCred{id: c.ID, typ: c.Type}, c)
	}
	main := mainType(s.kind, s.typ)
	for _, t := range types {
		if !done[t] {
			add(s.freshCred(t, s.isNew && t == main), entry.Credential{})
			if t == entry.Address && s.isNew {
				s.mailField()
			}
		}
	}
	if !urls && len(s.e.URLs) > 0 {
		s.urls(false)
	}
}

// freshCred makes a credential that is not in the record. Its id is remembered, so that a draft finds its fields again.
func (s *Edit) freshCred(typ string, main bool) formCred {
	c := formCred{id: s.ids().Short(), typ: typ, fresh: true, main: main}
	s.parts = append(s.parts, DraftPart{What: partCred, ID: c.id, Name: typ})
	return c
}

// section puts the fields of a credential in; offer says whether also those that the record does not have.
func (s *Edit) section(c formCred, cred entry.Credential, offer bool) {
	at := len(s.form.Fields)
	head := s.heading(c)
	s.creds = append(s.creds, c)
	for _, d := range s.credFields(c, cred, offer, false) {
		s.put(d)
	}
	for _, m := range cred.Fields {
		s.put(s.member(c, m, entry.MemberSpec{Label: m.Label, Type: m.Type}))
	}
	if c.fresh && c.typ == entry.Custom {
		s.custom(c, s.ids().Short(), entry.TypeString, "", true)
	}
	if at < len(s.form.Fields) {
		s.form.Fields[at].Section = head
	}
}

// heading tells sections apart, where that is needed: a form of one short section has none.
func (s *Edit) heading(c formCred) string {
	spec, known := entry.Spec(c.typ)
	label := spec.Label
	if !known || label == "" {
		label = c.typ
	}
	n := 1
	for _, o := range s.creds {
		if o.typ == c.typ {
			n++
		}
	}
	switch {
	case n > 1:
		return label + " " + strconv.Itoa(n)
	case len(s.creds) == 0 && s.kind != entry.KindIdentity, c.typ == entry.TOTP, c.typ == entry.Note, slices.Contains(fixed, c.typ):
		return ""
	}
	return label
}

// credFields are the members of a credential as fields. Of a fresh one, and where offer is set, also those without a value; the rare ones only
// with whole.
func (s *Edit) credFields(c formCred, cred entry.Credential, offer, whole bool) []*widget.Field {
	switch {
	case slices.Contains(fixed, c.typ):
		return nil
	case c.typ == entry.TOTP:
		return []*widget.Field{s.oneTime(c)}
	}
	var out []*widget.Field
	spec, _ := entry.Spec(c.typ)
	for _, ms := range asWritten(spec) {
		if m, ok := cred.Member(ms.Name); ok {
			if !m.JSON { // an object of another program is kept, not edited by hand
				out = append(out, s.member(c, m, ms))
			}
		} else if (c.fresh || offer) && typeable(c.typ, ms, whole) {
			out = append(out, s.missing(c, ms))
		}
	}
	for _, m := range cred.Members {
		if _, known := spec.Member(m.Name); !known && !m.JSON {
			out = append(out, s.member(c, m, entry.MemberSpec{Label: m.Name}))
		}
	}
	return out
}

// member is the field of a value that is there.
func (s *Edit) member(c formCred, m entry.Member, spec entry.MemberSpec) *widget.Field {
	if m.Type != "" {
		spec.Type = m.Type
	}
	label := orElse(m.Label, orElse(spec.Label, orElse(m.Name, "Unnamed")))
	if m.Concealed {
		return s.tuned(s.secret(m.Path, label, spec, true), c.typ, m.Name)
	}
	return s.tuned(s.text(m.Path, label, m.Value.RevealString(), spec), c.typ, m.Name)
}

// missing is the field of a value that is not there yet.
func (s *Edit) missing(c formCred, ms entry.MemberSpec) *widget.Field {
	path := entry.CredPath(c.id, ms.Name)
	if ms.Concealed() {
		return s.tuned(s.secret(path, ms.Label, ms, false), c.typ, ms.Name)
	}
	return s.tuned(s.text(path, ms.Label, "", ms), c.typ, ms.Name)
}

// secret makes a field of a secret, of which the form holds nothing as long as it is kept.
func (s *Edit) secret(id, label string, spec entry.MemberSpec, kept bool) *widget.Field {
	d := &widget.Field{ID: id, Label: label, Kind: widget.SecretText, Kept: kept, Changes: s.changed}
	if spec.Multi {
		d.Kind, d.Area.Exact, d.Area.Hidden = widget.SecretArea, true, true
	}
	if kept {
		d.KeptHint = "type to replace it, " + s.env.Keys.Form.Show.Help().Key + " shows it"
	}
	return d
}

// text makes a field of a value that may be seen, as its type asks for.
func (s *Edit) text(id, label, value string, spec entry.MemberSpec) *widget.Field {
	d := &widget.Field{ID: id, Label: label, Validate: validator(spec.Type), Tidy: tidy(spec.Type, s.env.Now), Changes: s.changed}
	switch spec.Type {
	case entry.TypeBoolean:
		if value == "" || value == "true" || value == "false" {
			d.Kind, d.Validate, d.Tidy = widget.ToggleField, nil, nil
		}
	case entry.TypeWiFi:
		d.Kind, d.Options, d.Hint = widget.ChoiceField, wifiKinds, "left and right choose"
	case entry.TypeCountry:
		d.Suggest, d.Advise, d.Hint = suggestFrom(countries), adviseCountry, "a country or its code"
	case entry.TypeDate:
		d.Hint = "2027-12-31, 31.12.2027, today, +90d"
	case entry.TypeYearMonth:
		d.Hint = "12/27 or 2027-12"
	}
	if spec.Multi {
		d.Kind = widget.AreaField
	}
	d.Put([]byte(value))
	return d
}

// suggestFrom offers what a text may become.
func suggestFrom(options func() []widget.Option) func(string) []widget.Option {
	return func(text string) []widget.Option {
		if text = strings.TrimSpace(text); text == "" {
			return nil
		}
		return widget.Filter(options(), text)
	}
}

// tuned gives a field what its member needs beyond its type.
func (s *Edit) tuned(d *widget.Field, typ, member string) *widget.Field {
	switch typ + "." + member {
	case entry.CreditCard + ".number":
		d.Advise = adviseCard
	case entry.CreditCard + ".cardType":
		d.Suggest = suggestFrom(func() []widget.Option { return cardBrands })
	case entry.APIKey + ".url":
		d.Validate, d.Tidy, d.Advise = validURL, tidyURL, adviseURL
	case entry.SSHKey + ".privateKey":
		d.Hint = "paste the whole key"
		if s.env.Ports.Rand != nil {
			d.Hint += ", or " + s.env.Keys.Form.Generate.Help().Key + " makes one"
		}
	case entry.Note + ".content":
		if s.env.Ports.Editor != nil {
			d.Hint = s.env.Keys.Form.Editor.Help().Key + " opens $EDITOR"
		}
	}
	if s.generates(d) && d.Hint == "" {
		d.Hint = s.env.Keys.Form.Generate.Help().Key + " makes one"
	}
	return d
}

// urls puts the web sites in; offer says whether there is an empty field where the entry has none.
func (s *Edit) urls(offer bool) {
	for _, u := range s.e.URLs {
		s.put(s.url(u.ID, u.URL, u.Label))
		if u.Match != "" {
			s.put(s.match(entry.JoinPath("url", u.ID), u.Match))
		}
	}
	if offer && len(s.e.URLs) == 0 {
		id := s.ids().Short()
		s.parts = append(s.parts, DraftPart{What: partURL, ID: id})
		s.put(s.url(id, "", ""))
	}
}

func (s *Edit) url(id, value, label string) *widget.Field {
	d := s.text(entry.JoinPath("url", id), orElse(label, "Web site"), value, entry.MemberSpec{})
	d.Validate, d.Tidy, d.Advise = validURL, tidyURL, adviseURL
	return d
}

func (s *Edit) match(prefix, value string) *widget.Field {
	d := &widget.Field{ID: prefix + "/match", Label: "it stands for", Kind: widget.ChoiceField, Options: matchKinds, Hint: "left and right choose"}
	d.Put([]byte(value))
	return d
}

// about puts in what belongs to the whole entry.
func (s *Edit) about() {
	folder := s.text(fieldFolder, "Folder", s.folderText(), entry.MemberSpec{})
	folder.Suggest = s.suggestFolders
	folder.Live = s.folderNote
	folder.Hint = "a new name makes a new folder; Work/Clients one inside another"
	for _, c := range s.creds {
		if s.sectioned(c) {
			folder.Section = "The entry"
		}
	}
	s.put(folder)
	tags := s.text(fieldTags, "Tags", strings.Join(s.e.Tags, ", "), entry.MemberSpec{})
	tags.Hint, tags.Suggest = "with commas between", s.suggestTags
	s.put(tags)
	expires := ""
	if !s.e.Expires.IsZero() {
		expires = s.e.Expires.Format(dateForms[0])
	}
	s.put(s.text(fieldExpires, "Entry expires", expires, entry.MemberSpec{Type: entry.TypeDate}))
	s.put(&widget.Field{ID: fieldFavorite, Label: "Favourite: on top of the list", Kind: widget.ToggleField, On: s.e.Favorite})
}

// sectioned reports whether a credential's fields stand below a heading.
func (s *Edit) sectioned(c formCred) bool {
	for _, d := range s.form.Fields {
		if d.Section != "" && s.belongs(d.ID, c.id) {
			return true
		}
	}
	return false
}

// firstSecret is the password that an edit of a login is mostly about.
func (s *Edit) firstSecret() string {
	for _, d := range s.form.Fields {
		if s.generates(d) {
			return d.ID
		}
	}
	return fieldTitle
}

// generates reports whether the generator makes sense for a field: passwords and the like, not codes that somebody else gave out.
func (s *Edit) generates(d *widget.Field) bool {
	if s.env.Ports.Generator == nil || d.Kind != widget.SecretText {
		return false
	}
	c, member := s.placeOf(d.ID)
	switch c.typ {
	case entry.BasicAuth, entry.WiFi, entry.Custom, "generated-password":
		return true
	case entry.APIKey:
		return member == "key"
	}
	return strings.Contains(d.ID, "/field/")
}

// placeOf finds the credential and the member that a field stands for.
func (s *Edit) placeOf(id string) (formCred, string) {
	if cred, ok := strings.CutPrefix(id, otpPrefix); ok {
		id = entry.CredPath(cred, "secret")
	}
	rest, ok := strings.CutPrefix(id, "cred/")
	if !ok {
		return formCred{}, ""
	}
	cred, member, _ := strings.Cut(rest, "/")
	for _, c := range s.creds {
		if entry.EscapeSegment(c.id) == cred {
			return c, entry.UnescapeSegment(member)
		}
	}
	return formCred{}, ""
}

// belongs reports whether a field is one of a credential.
func (s *Edit) belongs(id, cred string) bool {
	c, _ := s.placeOf(id)
	return c.id == cred && cred != ""
}

func (s *Edit) ids() entry.IDs { return entry.IDs{Rand: s.env.Ports.Rand} }

// isNewPart reports whether nothing of a path is in the record yet.
func (s *Edit) isNewPart(prefix string) bool {
	for path := range s.e.Dots {
		if path == prefix || strings.HasPrefix(path, prefix+"/") {
			return false
		}
	}
	return true
}

// named is how messages call a field.
func named(d *widget.Field) string { return sanitize.Line(d.Label) }
