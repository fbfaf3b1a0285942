package entry

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"signet/vault/secret"
	"signet/vault/totp"
)

// Errors of field names. An unknown name is never a new field: exit 2.
var (
	ErrUnknownField = errors.New("no such field")
	ErrNoField      = errors.New("the entry has no such field")
)

// alias is a name that the command line and the TUI give to the first such member of an entry.
type alias struct{ cred, member string }

// aliases lists where an alias is looked for, in order; a new member is made at the first place.
var aliases = map[string][]alias{
	"username": {{BasicAuth, "username"}, {APIKey, "username"}, {Passkey, "username"}},
	"password": {{BasicAuth, "password"}, {"generated-password", "password"}, {WiFi, "passphrase"}, {APIKey, "key"}},
	"totp":     {{TOTP, "secret"}},
	"notes":    {{Note, "content"}},
}

// FieldName is a parsed FIELD: an alias, TYPE.MEMBER, or custom.LABEL, each with #N for the Nth.
type FieldName struct {
	Alias  string // title, subtitle, username, password, totp, url, notes, tag, folder, favorite, expires
	Type   string // credential type
	Member string
	Label  string // custom field
	N      int    // 1 is the first
}

var entryAliases = []string{"title", "subtitle", "url", "tag", "folder", "favorite", "expires"}

// ParseFieldName reads a FIELD; ErrUnknownField when no type or member is called so.
func ParseFieldName(s string) (FieldName, error) {
	name, n, err := cutNumber(s)
	if err != nil {
		return FieldName{}, err
	}
	f := FieldName{N: n}
	if label, ok := strings.CutPrefix(name, "custom."); ok && label != "" {
		f.Label = label
		return f, nil
	}
	lower := strings.ToLower(name)
	if _, ok := aliases[lower]; ok || slices.Contains(entryAliases, lower) {
		f.Alias = lower
		return f, nil
	}
	typ, member, ok := strings.Cut(name, ".")
	if ok {
		if f.Type, f.Member, ok = lookupMember(typ, member); ok {
			return f, nil
		}
	}
	return FieldName{}, fmt.Errorf("%w: %s", ErrUnknownField, name)
}

func cutNumber(s string) (string, int, error) {
	i := strings.LastIndexByte(s, '#')
	if i < 0 {
		return s, 1, nil
	}
	n, err := strconv.Atoi(s[i+1:])
	if err != nil {
		return s, 1, nil // a label may hold a '#'
	}
	if n < 1 || n > 4096 {
		return "", 0, fmt.Errorf("%w: number %d", ErrUnknownField, n)
	}
	return s[:i], n, nil
}

// lookupMember finds TYPE.MEMBER in CXF spelling, folding case.
func lookupMember(typ, member string) (string, string, bool) {
	for _, t := range schema {
		if !strings.EqualFold(t.Name, typ) {
			continue
		}
		for _, m := range t.Members {
			if strings.EqualFold(m.Name, member) {
				return t.Name, m.Name, true
			}
		}
	}
	return "", "", false
}

// FieldNames lists the names by which the entry's present fields can be got, for completion and messages.
func (e Entry) FieldNames() []string {
	names := []string{"title"}
	for alias := range aliases {
		if _, err := e.Find(FieldName{Alias: alias, N: 1}); err == nil {
			names = append(names, alias)
		}
	}
	if len(e.URLs) > 0 {
		names = append(names, "url")
	}
	for _, c := range e.Credentials {
		for _, m := range c.Members {
			if !isAliased(c.Type, m.Name) {
				names = append(names, c.Type+"."+m.Name)
			}
		}
		for _, m := range c.Fields {
			names = append(names, "custom."+m.Label)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func isAliased(typ, member string) bool {
	for _, as := range aliases {
		if as[0] == (alias{typ, member}) {
			return true
		}
	}
	return false
}

// Found is where a named field stands.
type Found struct {
	Path      string
	Cred      string // id of its credential
	Type      string // of its credential
	Value     secret.Secret
	Concealed bool
	Withheld  bool
}

// Find returns the named field; ErrNoField when the entry has none.
func (e Entry) Find(f FieldName) (Found, error) {
	switch {
	case f.Label != "":
		return e.findCustom(f)
	case f.Type != "":
		return e.findMember(f.Type, f.Member, f.N)
	}
	if as, ok := aliases[f.Alias]; ok {
		for _, a := range as {
			if got, err := e.findAlias(a, f.N); err == nil {
				return got, nil
			}
		}
		return Found{}, ErrNoField
	}
	return e.findEntryLevel(f)
}

func (e Entry) findAlias(a alias, n int) (Found, error) {
	got, err := e.findMember(a.cred, a.member, n)
	if err == nil && a.cred == TOTP {
		// totp gives the stored URI where there is one.
		if uri, err := e.findMember(TOTP, "signet:uri", n); err == nil && uri.Cred == got.Cred {
			return uri, nil
		}
	}
	return got, err
}

func (e Entry) findMember(typ, member string, n int) (Found, error) {
	for _, c := range e.Credentials {
		m, ok := c.Member(member)
		if c.Type != typ || !ok {
			continue
		}
		if n--; n == 0 {
			return Found{m.Path, c.ID, c.Type, m.Value, m.Concealed, m.Withheld}, nil
		}
	}
	return Found{}, ErrNoField
}

func (e Entry) findCustom(f FieldName) (Found, error) {
	n := f.N
	for _, c := range e.Credentials {
		for _, m := range c.Fields {
			if !strings.EqualFold(m.Label, f.Label) {
				continue
			}
			if n--; n == 0 {
				return Found{m.Path, c.ID, c.Type, m.Value, m.Concealed, m.Withheld}, nil
			}
		}
	}
	return Found{}, ErrNoField
}

func (e Entry) findEntryLevel(f FieldName) (Found, error) {
	text := func(path, value string) (Found, error) {
		if _, ok := e.Dots[path]; !ok {
			return Found{}, ErrNoField
		}
		return Found{Path: path, Value: secret.FromString(value)}, nil
	}
	switch f.Alias {
	case "title":
		return text(PathTitle, e.Title)
	case "subtitle":
		return text(PathSubtitle, e.Subtitle)
	case "favorite":
		return text(PathFavorite, strconv.FormatBool(e.Favorite))
	case "expires":
		return text(PathExpires, FormatTime(e.Expires))
	case "url":
		if f.N <= len(e.URLs) {
			u := e.URLs[f.N-1]
			return Found{Path: JoinPath("url", u.ID), Value: secret.FromString(u.URL)}, nil
		}
	case "tag":
		if f.N <= len(e.Tags) {
			return Found{Path: TagPath(e.Tags[f.N-1]), Value: secret.FromString(e.Tags[f.N-1])}, nil
		}
	case "folder":
		if f.N <= len(e.Folders) {
			return Found{Path: FolderPath(e.Folders[f.N-1]), Value: secret.FromString(string(e.Folders[f.N-1]))}, nil
		}
	}
	return Found{}, ErrNoField
}

// SetField returns the edits that give the named field a value: in place where the entry has it, in a new credential or URL
// where it may be added. create allows a custom field that is not there yet; without it that is ErrNoField.
func (e Entry) SetField(f FieldName, value secret.Secret, create bool, ids IDs) ([]Edit, error) {
	if f.Alias == "totp" {
		return e.setTOTP(f, value, ids)
	}
	if f.Alias == "tag" {
		return []Edit{Set(e.ID, TagPath(value.RevealString()), "true")}, CheckPath(TagPath(value.RevealString()))
	}
	if f.Alias == "folder" {
		return e.setFolder(ID(value.RevealString())), nil
	}
	if got, err := e.Find(f); err == nil {
		return []Edit{{FieldRef: FieldRef{e.ID, got.Path}, Value: value}}, nil
	}
	return e.newField(f, value, create, ids)
}

// setFolder moves the entry: an empty id takes it out of every folder.
func (e Entry) setFolder(id ID) (edits []Edit) {
	for _, old := range e.Folders {
		if old != id {
			edits = append(edits, Remove(e.ID, FolderPath(old)))
		}
	}
	if id != "" && !slices.Contains(e.Folders, id) {
		edits = append(edits, Set(e.ID, FolderPath(id), "true"))
	}
	return edits
}

func (e Entry) newField(f FieldName, value secret.Secret, create bool, ids IDs) ([]Edit, error) {
	switch {
	case f.Label != "":
		if !create {
			return nil, ErrNoField
		}
		return e.newCustom(f.Label, value, ids)
	case f.Alias == "url":
		return e.newURL(value, ids), nil
	case f.Type != "":
		return e.newMember(f.Type, f.Member, f.N, value, ids)
	}
	if as, ok := aliases[f.Alias]; ok {
		return e.newMember(as[0].cred, as[0].member, f.N, value, ids)
	}
	return []Edit{{FieldRef: FieldRef{e.ID, f.Alias}, Value: value}}, nil
}

func (e Entry) newURL(value secret.Secret, ids IDs) []Edit {
	return e.AddURL(URL{URL: value.RevealString()}, ids)
}

// AddURL returns the edits of one more URL behind the existing ones, and puts it into e.URLs.
func (e *Entry) AddURL(u URL, ids IDs) []Edit {
	last := ""
	if n := len(e.URLs); n > 0 {
		last = e.URLs[n-1].Pos
	}
	u.ID, u.Pos = orID(u.ID, ids), orPos(u.Pos, PosBetween(last, ""))
	e.URLs = append(e.URLs, u)
	w := editWriter{id: e.ID, ids: ids}
	w.urls([]URL{u})
	return w.edits
}

func (e Entry) newMember(typ, member string, n int, value secret.Secret, ids IDs) ([]Edit, error) {
	for _, c := range e.Credentials {
		if c.Type != typ {
			continue
		}
		if n--; n == 0 {
			return []Edit{{FieldRef: FieldRef{e.ID, CredPath(c.ID, member)}, Value: value}}, nil
		}
	}
	if n > 1 {
		return nil, ErrNoField // a third one where there is no second
	}
	return e.AddCredential(Credential{Type: typ, Members: []Member{{Name: member, Value: value}}}, ids)
}

func (e Entry) newCustom(label string, value secret.Secret, ids IDs) ([]Edit, error) {
	field := Member{Label: label, Type: TypeConcealed, Value: value}
	c, ok := e.Credential(Custom)
	if !ok {
		return e.AddCredential(Credential{Type: Custom, Fields: []Member{field}}, ids)
	}
	last := ""
	if n := len(c.Fields); n > 0 {
		last = c.Fields[n-1].Pos
	}
	field.ID, field.Pos = ids.Short(), PosBetween(last, "")
	w := editWriter{id: e.ID, ids: ids}
	w.fields(c.ID, []Member{field})
	return w.edits, w.err
}

// setTOTP replaces a key as a whole, because its members belong together.
func (e Entry) setTOTP(f FieldName, value secret.Secret, ids IDs) ([]Edit, error) {
	key, err := totp.Parse(value.RevealString())
	if err != nil {
		return nil, err
	}
	fresh := NewTOTP(key)
	n := f.N
	for _, c := range e.Credentials {
		if c.Type != TOTP {
			continue
		}
		if n--; n == 0 {
			return e.ReplaceMembers(c, fresh), nil
		}
	}
	return e.AddCredential(fresh, ids)
}

// ReplaceMembers writes the members of fresh into old and removes those that fresh does not have.
func (e Entry) ReplaceMembers(old, fresh Credential) (edits []Edit) {
	for _, m := range fresh.Members {
		edits = append(edits, Edit{FieldRef: FieldRef{e.ID, CredPath(old.ID, m.Name)}, Value: m.Value})
	}
	for _, m := range old.Members {
		if _, stays := fresh.Member(m.Name); !stays {
			edits = append(edits, Remove(e.ID, m.Path))
		}
	}
	return edits
}

// IsFileField reports whether FIELD names an attachment: file, or file#2 for the second.
func IsFileField(name string) bool {
	base, _, err := cutNumber(name)
	return err == nil && strings.EqualFold(base, File)
}

// FileAt returns the Nth attachment of the entry that FIELD names.
func (e Entry) FileAt(name string) (Credential, error) {
	_, n, err := cutNumber(name)
	if err != nil {
		return Credential{}, err
	}
	for _, c := range e.Credentials {
		if c.Type != File {
			continue
		}
		if n--; n == 0 {
			return c, nil
		}
	}
	return Credential{}, ErrNoField
}

// PathName returns the FIELD by which a path of this entry is called, for messages and histories; the path itself when
// it has no name.
func (e Entry) PathName(path string) string {
	for i, u := range e.URLs {
		if path == JoinPath("url", u.ID) {
			return numbered("url", i)
		}
	}
	seen := map[string]int{}
	for _, c := range e.Credentials {
		for _, m := range append(slices.Clone(c.Members), c.Fields...) {
			name := c.memberName(m)
			if m.Path == path || m.Path == "" && path == CredPath(c.ID, m.Name) {
				return numbered(name, seen[name])
			}
			seen[name]++
		}
	}
	if name, ok := strings.CutPrefix(path, "tag/"); ok {
		return "tag " + UnescapeSegment(name)
	}
	return path
}

func (c Credential) memberName(m Member) string {
	if m.Name == "" {
		return "custom." + m.Label
	}
	for name, as := range aliases {
		if as[0] == (alias{c.Type, m.Name}) {
			return name
		}
	}
	return c.Type + "." + m.Name
}

func numbered(name string, i int) string {
	if i == 0 {
		return name
	}
	return name + "#" + strconv.Itoa(i+1)
}
