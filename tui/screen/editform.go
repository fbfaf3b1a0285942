package screen

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"signet/tui/widget"
	"signet/vault/entry"
	"signet/vault/secret"
)

// Ids of form fields that code names. A field of an existing member has its path as id.
const (
	fieldTitle    = "title"
	fieldUser     = "new:username"
	fieldPassword = "password"
	fieldTOTP     = "totp"
	fieldTags     = "tags"
	fieldFavorite = "favorite"
	buttonSave    = "save"
	newPrefix     = "new:" // a member that is not there yet: new:<type>.<member>
	newURL        = "url:" // a URL that is not there yet
)

// build makes the form: title, then the members of each credential by the schema, then what belongs to the whole entry.
func (s *Edit) build() {
	s.form = widget.Form{}
	s.text(fieldTitle, "Title", s.e.Title, entry.MemberSpec{}).Validate = needed("a title is needed, so that the entry can be found")
	s.credentials()
	tags := s.text(fieldTags, "Tags", strings.Join(s.e.Tags, ", "), entry.MemberSpec{})
	tags.Hint = "with commas between"
	s.form.Fields = append(s.form.Fields, &widget.Field{ID: fieldFavorite, Label: "Favourite: on top of the list", Kind: widget.ToggleField, On: s.e.Favorite})
	for _, d := range s.form.Fields {
		d.Settle()
	}
	s.form.Fields = append(s.form.Fields, &widget.Field{ID: buttonSave, Label: "Save", Kind: widget.ButtonField})
	if !s.isNew && s.kind == entry.KindLogin {
		s.form.FocusOn(fieldPassword)
	}
	s.ready = true
}

// text puts a field with a text into the form.
func (s *Edit) text(id, label, value string, spec entry.MemberSpec) *widget.Field {
	d := &widget.Field{ID: id, Label: label, Validate: validator(spec.Type)}
	if spec.Multi {
		d.Kind = widget.AreaField
	}
	d.Put([]byte(value))
	s.form.Fields = append(s.form.Fields, d)
	return d
}

func (s *Edit) secret(id, label string, kept bool) *widget.Field {
	d := &widget.Field{ID: id, Label: label, Kind: widget.SecretText, Kept: kept}
	if kept {
		d.KeptHint = "type to replace it, " + s.env.Keys.Form.Show.Help().Key + " shows it"
	}
	s.form.Fields = append(s.form.Fields, d)
	return d
}

func (s *Edit) credentials() {
	types := s.types()
	done := map[string]bool{}
	for _, c := range s.e.Credentials {
		s.existing(c, done[c.Type] || !slices.Contains(types, c.Type))
		done[c.Type] = true
		if c.Type == entry.BasicAuth {
			s.urls()
			done["urls"] = true
		}
	}
	for _, t := range types {
		if !done[t] {
			s.absent(t)
		}
		if t == entry.BasicAuth && !done["urls"] {
			s.urls()
		}
	}
	if !slices.Contains(types, entry.BasicAuth) && !done["urls"] && len(s.e.URLs) > 0 {
		s.urls()
	}
}

// types are the credentials that the form of a kind offers, whether the entry has them or not.
func (s *Edit) types() []string {
	switch s.kind {
	case entry.KindLogin:
		return []string{entry.BasicAuth, entry.TOTP, entry.Note}
	case entry.KindNote:
		return []string{entry.Note}
	case entry.KindIdentity:
		return []string{entry.PersonName, entry.Address, entry.Note}
	}
	for _, t := range entry.Specs() {
		if t.Kind == s.kind && len(t.Members) > 0 && (!s.isNew || t.Kind != entry.KindDocument) {
			if s.isNew {
				return []string{t.Name, entry.Note}
			}
			break
		}
	}
	return []string{entry.Note}
}

// fixed are credentials whose members a person does not type.
var fixed = []string{entry.Passkey, entry.File, "item-reference"}

// existing shows the members that are there; of the first credential of an offered type also those that could be.
func (s *Edit) existing(c entry.Credential, only bool) {
	if slices.Contains(fixed, c.Type) {
		return
	}
	if c.Type == entry.TOTP {
		s.totp(c, only)
		return
	}
	spec, _ := entry.Spec(c.Type)
	for _, ms := range spec.Members {
		m, ok := c.Member(ms.Name)
		switch {
		case ok:
			s.member(m, ms)
		case !only && !strings.HasPrefix(ms.Name, "signet:"):
			s.missing(c.Type, c.ID, ms)
		}
	}
	for _, m := range c.Members {
		if _, known := spec.Member(m.Name); !known {
			s.member(m, entry.MemberSpec{Label: m.Name})
		}
	}
	for _, m := range c.Fields {
		s.member(m, entry.MemberSpec{Label: m.Label, Type: m.Type})
	}
}

func (s *Edit) member(m entry.Member, spec entry.MemberSpec) {
	if m.JSON {
		return // an object of another program: kept, not edited by hand
	}
	label := orElse(m.Label, orElse(spec.Label, m.Name))
	if m.Concealed {
		d := s.secret(s.memberID(m), label, true)
		d.Validate = validator(spec.Type)
		return
	}
	s.text(m.Path, label, m.Value.RevealString(), spec)
}

// memberID gives the password of the entry the name by which keys know it.
func (s *Edit) memberID(m entry.Member) string {
	if m.Path == s.pathOf(fieldPassword) {
		return fieldPassword
	}
	return m.Path
}

// absent offers the members of a credential that the entry does not have.
func (s *Edit) absent(typ string) {
	if typ == entry.TOTP {
		s.newTOTP(s.secret(fieldTOTP, "One-time code", false))
		return
	}
	spec, _ := entry.Spec(typ)
	for _, ms := range spec.Members {
		if !strings.HasPrefix(ms.Name, "signet:") {
			s.missing(typ, "", ms)
		}
	}
}

func (s *Edit) missing(typ, cred string, ms entry.MemberSpec) {
	id := newPrefix + typ + "." + ms.Name
	if cred != "" {
		id = newPrefix + typ + "." + ms.Name + "@" + cred
	}
	switch {
	case ms.Name == "password" && typ == entry.BasicAuth && s.form.Field(fieldPassword) == nil:
		s.secret(fieldPassword, ms.Label, false)
	case ms.Concealed() && !ms.Multi:
		s.secret(id, ms.Label, false).Validate = validator(ms.Type)
	case !ms.Concealed():
		s.text(id, ms.Label, "", ms)
	}
}

// totp edits a one-time code as a whole: its members belong together.
func (s *Edit) totp(c entry.Credential, only bool) {
	if only || s.form.Field(fieldTOTP) != nil {
		return
	}
	s.newTOTP(s.secret(fieldTOTP, "One-time code", true))
}

func (s *Edit) newTOTP(d *widget.Field) {
	d.Hint = "paste an otpauth:// address or the secret"
	d.KeptHint = "paste an otpauth:// address or a secret to replace it"
	d.Validate = func(text []byte) string {
		if len(text) == 0 {
			return ""
		}
		edits, err := entry.Entry{ID: s.id}.SetField(entry.FieldName{Alias: "totp", N: 1}, secret.New(slices.Clone(text)), true, s.ids())
		for _, e := range edits {
			e.Value.Wipe()
		}
		if err != nil {
			return err.Error()
		}
		return ""
	}
}

func (s *Edit) urls() {
	for _, u := range s.e.URLs {
		s.text(entry.JoinPath("url", u.ID), orElse(u.Label, "Web site"), u.URL, entry.MemberSpec{}).Validate = validURL
	}
	if len(s.e.URLs) == 0 {
		s.text(newURL+"0", "Web site", "", entry.MemberSpec{}).Validate = validURL
	}
}

// addURL puts one more field for a web site behind the last one.
func (s *Edit) addURL() {
	at, n := len(s.form.Fields)-1, 0
	for i, d := range s.form.Fields {
		if strings.HasPrefix(d.ID, "url/") || strings.HasPrefix(d.ID, newURL) {
			at = i + 1
		}
		if strings.HasPrefix(d.ID, newURL) {
			n++
		}
	}
	d := &widget.Field{ID: fmt.Sprintf("%s%d", newURL, n), Label: "Web site", Validate: validURL}
	d.Settle()
	s.form.Fields = slices.Insert(s.form.Fields, at, d)
	s.form.Focus = at
}

func (s *Edit) ids() entry.IDs { return entry.IDs{Rand: s.env.Ports.Rand} }

// pathOf is where a field of the form stands in the record; "" when it is not there yet.
func (s *Edit) pathOf(id string) string {
	find := func(alias string) string {
		if f, err := s.e.Find(entry.FieldName{Alias: alias, N: 1}); err == nil {
			return f.Path
		}
		return ""
	}
	switch {
	case id == fieldPassword:
		return find("password")
	case id == fieldTOTP:
		return find("totp")
	case strings.Contains(id, "/"), id == fieldTitle:
		return id
	}
	return ""
}

// needed is a validator for fields that must not be empty.
func needed(why string) func([]byte) string {
	return func(text []byte) string {
		if strings.TrimSpace(string(text)) == "" {
			return why
		}
		return ""
	}
}

// validator checks a value by its CXF type.
func validator(t entry.FieldType) func([]byte) string {
	layout, say := "", ""
	switch t {
	case entry.TypeDate:
		layout, say = "2006-01-02", "a date is written 2027-12-31"
	case entry.TypeYearMonth:
		layout, say = "2006-01", "a month is written 2027-12"
	case entry.TypeNumber:
		return func(text []byte) string {
			if strings.Trim(string(text), "0123456789") != "" {
				return "only digits"
			}
			return ""
		}
	default:
		return nil
	}
	return func(text []byte) string {
		if len(text) == 0 {
			return ""
		}
		if _, err := time.Parse(layout, string(text)); err != nil {
			return say
		}
		return ""
	}
}

// validURL accepts what a browser would take: a host, or an address with a scheme.
func validURL(text []byte) string {
	s := strings.TrimSpace(string(text))
	if s == "" {
		return ""
	}
	if strings.ContainsAny(s, " \t") {
		return "an address has no spaces"
	}
	u, err := url.Parse(withScheme(s))
	if err != nil || u.Host == "" && u.Opaque == "" && u.Path == "" {
		return "this is no address"
	}
	return ""
}

// withScheme completes "example.com" to "https://example.com".
func withScheme(s string) string {
	s = strings.TrimSpace(s)
	if s == "" || strings.Contains(s, ":") && !strings.Contains(s, ".") || strings.Contains(s, "://") {
		return s
	}
	return "https://" + s
}
