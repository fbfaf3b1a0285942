package exporter

import (
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"signet/vault"
	"signet/vault/secret"
)

// bitwardenItem maps one item.
type bitwardenItem struct {
	jsonItem
	dirs *bitwardenFolders
}

// bitwardenTypes is the table of item types: the member that holds the typed data, and how it is read.
var bitwardenTypes = map[string]struct {
	member string
	read   func(*bitwardenItem, *jsonObject)
}{
	"1": {"login", (*bitwardenItem).login},
	"2": {"secureNote", (*bitwardenItem).secureNote},
	"3": {"card", (*bitwardenItem).card},
	"4": {"identity", (*bitwardenItem).identity},
	"5": {"sshKey", (*bitwardenItem).sshKey},
	"6": {"bankAccount", (*bitwardenItem).bankAccount},
	"7": {"driversLicense", (*bitwardenItem).driversLicense},
	"8": {"passport", (*bitwardenItem).passport},
}

func (m *bitwardenItem) read() {
	e := &m.Entry
	m.SourceID, _ = m.o.text("id")
	if len(m.SourceID) > maxFieldName {
		m.keepText("id", m.SourceID)
		m.SourceID = ""
	}
	e.Title, _ = m.o.text("name")
	if fav, ok := m.o.text("favorite"); ok && fav != "true" && fav != "false" {
		m.keepText("favorite", fav)
	} else {
		e.Favorite = fav == "true"
	}
	e.Created, e.Modified = m.time(m.o, "creationDate"), m.time(m.o, "revisionDate")
	m.trash()
	m.typed()
	m.notes()
	m.customFields()
	m.history()
	m.folders()
	m.reprompt()
	for _, name := range []string{"organizationId", "collectionIds"} { // they stand in the folders; an export back needs them
		if raw := m.o.take(name); raw != nil && !saysNothing(raw) {
			m.keep(name, raw)
		}
	}
	m.rest("", m.o)
}

func (m *bitwardenItem) trash() {
	deleted := m.o.peek("deletedDate")
	m.Entry.Trashed = m.time(m.o, "deletedDate")
	if deleted != nil && !saysNothing(deleted) && m.Entry.Trashed.IsZero() {
		m.Entry.Trashed = m.now // deleted, whenever that was
	}
	if raw := m.o.take("archivedDate"); raw != nil && !saysNothing(raw) {
		m.note("archivedDate", raw, "Signet has no archive: kept as it came")
	}
}

// typed reads the data of the item's type. What belongs to another type, and types that nobody knows, become provenance.
func (m *bitwardenItem) typed() {
	raw := m.o.take("type")
	typ, _ := scalar(raw)
	t, known := bitwardenTypes[typ]
	if !known {
		m.note("type", raw, "an item type unknown to Signet: its data is kept as it came")
		return
	}
	o := m.o.object(t.member)
	if o == nil {
		o = &jsonObject{}
	}
	t.read(m, o)
	m.rest(t.member+".", o)
}

func (m *bitwardenItem) secureNote(o *jsonObject) {
	if typ, ok := o.text("type"); ok && typ != "0" {
		m.keepText("secureNote.type", typ)
	}
	if text, ok := scalar(m.o.peek("notes")); !ok || text == "" {
		m.o.take("notes")
		m.add(vault.Credential{Type: vault.Note, Members: []vault.Member{{Name: "content", Value: secret.FromString("")}}})
	}
}

func (m *bitwardenItem) notes() {
	if text, ok := m.o.text("notes"); ok && text != "" {
		m.add(vault.Credential{Type: vault.Note, Members: []vault.Member{{Name: "content", Value: secret.FromString(text)}}})
	}
}

// customFields reads fields in their order: 0 text, 1 hidden, 2 boolean, 3 linked.
func (m *bitwardenItem) customFields() {
	c := vault.Credential{Type: vault.CustomType}
	for i, raw := range m.o.list("fields") {
		name := "fields." + strconv.Itoa(i)
		o, err := parseObject(raw)
		if err != nil {
			m.note(name, raw, whyUnknown)
			continue
		}
		if f, ok := m.customField(name, o, raw); ok {
			c.Fields = append(c.Fields, f)
		}
	}
	if len(c.Fields) > 0 {
		m.add(c)
	}
}

func (m *bitwardenItem) customField(name string, o *jsonObject, raw jsontext.Value) (f vault.Member, ok bool) {
	typ, ok := o.text("type")
	if !ok && o.peek("type") != nil {
		typ = "?"
	}
	label, _ := o.text("name")
	if linked, ok := o.text("linkedId"); ok && typ != "3" && linked != "" {
		m.keepText(name+".linkedId", linked)
	}
	if typ == "3" {
		m.note(name, raw, "a field linked to "+linkedTo(raw)+": Signet has no linked fields; kept as it came")
		return f, false
	}
	value, isText := o.text("value")
	f = vault.Member{Label: label, Value: secret.FromString(value)}
	switch {
	case typ == "0" || typ == "":
		f.Type = "string"
	case typ == "2" && (value == "true" || value == "false"):
		f.Type = "boolean"
	case typ == "2" && !isText:
		f.Type, f.Value = "boolean", secret.FromString("false")
	case typ == "1":
		f.Type = "concealed-string"
	default: // whatever it is, it may be a secret
		f.Type = "concealed-string"
		m.keepText(name+".type", typ)
		m.lose("field "+label, Changed, "a field type unknown to Signet: taken over as a concealed text")
	}
	m.rest(name+".", o)
	return f, true
}

// bitwardenLinks names the targets of linked fields that logins have; cards and identities have many more.
var bitwardenLinks = map[string]string{"100": "the user name", "101": "the password"}

func linkedTo(raw jsontext.Value) string {
	if o, err := parseObject(raw); err == nil {
		if id, ok := o.text("linkedId"); ok && bitwardenLinks[id] != "" {
			return bitwardenLinks[id]
		}
	}
	return "another field"
}

// history reads previous passwords. lastUsedDate, the time that Bitwarden shows beside one, is the time that Signet shows. Items that
// are no logins have such rows too, of their hidden fields: they have no password for the rows to belong to.
func (m *bitwardenItem) history() {
	i := slices.IndexFunc(m.Entry.Credentials, func(c vault.Credential) bool { return c.Type == vault.BasicAuth })
	if raw := m.o.peek("passwordHistory"); i < 0 && raw != nil && !saysNothing(raw) {
		m.note("passwordHistory", m.o.take("passwordHistory"), "previous values of an item without password: kept as they came")
		return
	}
	for n, raw := range m.o.list("passwordHistory") {
		name := "passwordHistory." + strconv.Itoa(n)
		o, err := parseObject(raw)
		if err != nil {
			m.note(name, raw, whyUnknown)
			continue
		}
		value, ok := o.text("password")
		when := m.pastTime(o, name)
		if ok {
			past := vault.Past{Path: "cred/" + m.Entry.Credentials[i].ID + "/password", Value: secret.FromString(value)}
			if t := vault.ParseTime(when); !t.IsZero() {
				past.Written, past.Wall = t, t.UnixMilli()
			}
			m.Entry.History = append(m.Entry.History, past)
		}
		m.rest(name+".", o)
	}
}

func (m *bitwardenItem) pastTime(o *jsonObject, name string) string {
	raw := o.take("lastUsedDate")
	if raw == nil || saysNothing(raw) {
		return ""
	}
	s, _ := scalar(raw)
	if t := vault.ParseTime(s); t.IsZero() || !plausible(t, m.now) {
		m.note(name+".lastUsedDate", raw, "an impossible time: taken as unknown, kept as it came")
		return ""
	}
	return s
}

// folders puts the item into its folder and its collections. Ids that the file does not explain are kept.
func (m *bitwardenItem) folders() {
	if id, ok := m.o.text("folderId"); ok && id != "" {
		if f, ok := m.dirs.place(id); ok {
			m.Folders = append(m.Folders, f)
		} else {
			m.keepText("folderId", id)
			m.lose("folderId", Kept, "the file has no such folder: kept as it came")
		}
	}
	raw := m.o.peek("collectionIds")
	if raw == nil || raw.Kind() != '[' {
		return
	}
	ids, err := parseList(raw)
	if err != nil {
		return
	}
	missing := false
	for _, v := range ids {
		id, ok := scalar(v)
		if !ok || id == "" {
			continue
		}
		f, ok := m.dirs.place(id)
		if missing = missing || !ok; ok {
			m.Folders = append(m.Folders, f)
		}
	}
	if missing {
		m.lose("collectionIds", Kept, "the file has no such collection: kept as it came")
	}
}

func (m *bitwardenItem) reprompt() {
	raw := m.o.take("reprompt")
	if s, ok := scalar(raw); raw != nil && (!ok || s != "0" && s != "") {
		m.note("reprompt", raw, "Signet asks for the master password by its own settings: kept as it came")
	}
}

// joinNames joins the parts of a name that are there.
func joinNames(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), " ")
}
