package entry

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"signet/vault/format"
	"signet/vault/secret"
)

// IDs makes fresh ids.
type IDs struct{ Rand io.Reader }

// SystemIDs uses the system's randomness.
func SystemIDs() IDs { return IDs{rand.Reader} }

// Record returns a fresh record id.
func (g IDs) Record() ID {
	var b [16]byte
	g.fill(b[:])
	return format.NewRecordID(b)
}

// Short returns a fresh id of 8 characters for a credential, URL or field.
func (g IDs) Short() string {
	var b [16]byte
	g.fill(b[:5])
	return string(format.NewRecordID(b))[:8]
}

func (g IDs) fill(b []byte) {
	if _, err := io.ReadFull(g.Rand, b); err != nil {
		panic("no randomness: " + err.Error()) // unreachable with the system's
	}
}

// errNoID says that a caller forgot the record id.
var errNoID = errors.New("entry has no id")

// Edits returns what writes e as a new record. Ids and places that are missing are made; e.Modified, when set, is the wall time of
// every field (an import's source time). Fields named in the schema as type-conforming store only their value.
func (e Entry) Edits(ids IDs) ([]Edit, error) {
	if e.ID == "" {
		return nil, errNoID
	}
	w := editWriter{id: e.ID, wall: millis(e.Modified), ids: ids}
	if e.Rec != "" && e.Rec != RecEntry {
		w.set(PathRec, string(e.Rec))
	}
	w.set(PathTitle, e.Title)
	w.optional(PathSubtitle, e.Subtitle)
	if e.Favorite {
		w.set(PathFavorite, "true")
	}
	w.time(PathCreated, e.Created)
	w.time(PathExpires, e.Expires)
	w.time(PathTrashed, e.Trashed)
	for _, f := range e.Folders {
		w.set(FolderPath(f), "true")
	}
	for _, t := range e.Tags {
		w.set(TagPath(t), "true")
	}
	w.urls(e.URLs)
	for _, a := range e.Apps {
		w.set(JoinPath("app", orID(a.ID, ids)), a.JSON)
	}
	w.credentials(e.Credentials)
	for _, m := range e.Other {
		w.secret(m.Path, m.Value)
	}
	for _, s := range e.Sources {
		w.secret(JoinPath("src", s.Format, s.Name), s.Value)
	}
	w.history(e)
	return w.edits, w.err
}

type editWriter struct {
	id    ID
	wall  int64
	ids   IDs
	edits []Edit
	err   error
}

func (w *editWriter) set(path, value string) { w.secret(path, secret.FromString(value)) }

func (w *editWriter) optional(path, value string) {
	if value != "" {
		w.set(path, value)
	}
}

func (w *editWriter) time(path string, t time.Time) {
	if !t.IsZero() {
		w.set(path, FormatTime(t))
	}
}

func (w *editWriter) secret(path string, value secret.Secret) {
	if err := CheckPath(path); err != nil && w.err == nil {
		w.err = err
	}
	if n := len(value.Reveal()); n > format.MaxValue && !format.IsHistory(path) && w.err == nil {
		w.err = fmt.Errorf("value of %s has %d bytes: allowed are %d", path, n, format.MaxValue)
	}
	w.edits = append(w.edits, Edit{FieldRef: FieldRef{w.id, path}, Value: value, Wall: w.wall})
}

func orID(id string, ids IDs) string {
	if id != "" {
		return id
	}
	return ids.Short()
}

func (w *editWriter) urls(urls []URL) {
	pos := PosSequence(len(urls))
	for i, u := range urls {
		id := orID(u.ID, w.ids)
		w.set(JoinPath("url", id), u.URL)
		w.set(JoinPath("url", id, "pos"), orPos(u.Pos, pos[i]))
		w.optional(JoinPath("url", id, "match"), u.Match)
		w.optional(JoinPath("url", id, "label"), u.Label)
	}
}

func orPos(pos, other string) string {
	if pos != "" {
		return pos
	}
	return other
}

func (w *editWriter) credentials(creds []Credential) {
	pos := PosSequence(len(creds))
	for i, c := range creds {
		id := orID(c.ID, w.ids)
		w.set(CredPath(id, "type"), c.Type)
		w.set(CredPath(id, "pos"), orPos(c.Pos, pos[i]))
		for _, m := range c.Members {
			w.member(c.Type, id, m)
		}
		w.fields(id, c.Fields)
	}
}

func (w *editWriter) member(typ, cred string, m Member) {
	name := EscapeSegment(m.Name)
	if m.JSON {
		name = "json:" + name
	}
	path := "cred/" + EscapeSegment(cred) + "/" + name
	w.secret(path, m.Value)
	spec, _ := Spec(typ)
	ms, known := spec.Member(m.Name)
	if m.Label != "" && m.Label != ms.Label && m.Label != m.Name {
		w.set(path+"/label", m.Label)
	}
	if known && m.Type != "" && m.Type != ms.Type && !ms.Plain {
		w.set(path+"/fieldType", string(m.Type))
	}
}

func (w *editWriter) fields(cred string, fields []Member) {
	pos := PosSequence(len(fields))
	for i, m := range fields {
		id := orID(m.ID, w.ids)
		w.set(CredPath(cred, "field", id, "pos"), orPos(m.Pos, pos[i]))
		w.optional(CredPath(cred, "field", id, "label"), m.Label)
		if m.Type != "" && m.Type != TypeString {
			w.set(CredPath(cred, "field", id, "type"), string(m.Type))
		}
		w.secret(CredPath(cred, "field", id, "value"), m.Value)
	}
}

// history writes previous values that an import brings. They never had a dot, so their rows are named by one made from
// their content: importing the same file twice writes the same rows.
func (w *editWriter) history(e Entry) {
	for _, p := range e.History {
		path := p.Path
		row, err := format.HistoryRow{Field: path, Value: p.Value.RevealString(), Wall: p.Wall}.Encode()
		if err != nil {
			w.err = errors.Join(w.err, err)
			continue
		}
		sum := format.Sum(append([]byte("signet/v1/imported-history\x00"), row...))
		w.secret(HistPath(format.Dot{SID: sum.SID()}), secret.FromString(row))
	}
}

// NewFolder returns the edits of a folder record.
func NewFolder(id ID, title string, parent ID) []Edit {
	edits := []Edit{Set(id, PathRec, string(RecFolder)), Set(id, PathTitle, title)}
	if parent != "" {
		edits = append(edits, Set(id, PathParent, string(parent)))
	}
	return edits
}

// Trash returns the edit that moves an entry to the trash.
func Trash(id ID, now time.Time) Edit { return Set(id, PathTrashed, FormatTime(now)) }

// Untrash returns the edit that takes it out again.
func Untrash(id ID) Edit { return Remove(id, PathTrashed) }

// AddCredential returns the edits of one more credential behind the existing ones.
func (e Entry) AddCredential(c Credential, ids IDs) ([]Edit, error) {
	last := ""
	if n := len(e.Credentials); n > 0 {
		last = e.Credentials[n-1].Pos
	}
	c.ID, c.Pos = orID(c.ID, ids), orPos(c.Pos, PosBetween(last, ""))
	w := editWriter{id: e.ID, ids: ids}
	w.credentials([]Credential{c})
	return w.edits, w.err
}

// RemoveAll returns the edits that delete every field whose path is prefix or below it.
func (e Entry) RemoveAll(prefix string) []Edit {
	var edits []Edit
	for path := range e.Dots {
		if path == prefix || strings.HasPrefix(path, prefix+"/") {
			edits = append(edits, Remove(e.ID, path))
		}
	}
	slices.SortFunc(edits, func(a, b Edit) int { return strings.Compare(a.Path, b.Path) })
	return edits
}

// With returns the entry as it would read after the edits, so that several assignments of one command build on each other.
// Values that were withheld stay so; it is a preview for making edits, not a state to show.
func (e Entry) With(edits []Edit) Entry {
	rec := e.skeleton()
	for _, ed := range edits {
		if ed.Record != e.ID || ed.Delete {
			delete(rec, ed.Path)
			continue
		}
		rec[ed.Path] = format.Value{Text: ed.Value.RevealString(), Wall: ed.Wall}
	}
	r := format.Record{ID: e.ID}
	for path, v := range rec {
		r.Fields = append(r.Fields, format.Field{Path: path, Values: []format.Value{v}})
	}
	slices.SortFunc(r.Fields, func(a, b format.Field) int { return strings.Compare(a.Path, b.Path) })
	out := FromRecord(r, View{})
	out.Dots = e.Dots
	if out.Dots == nil {
		out.Dots = map[string][]format.Dot{}
	}
	return out
}

// skeleton is the entry's structure as fields, without the values that are withheld.
func (e Entry) skeleton() map[string]format.Value {
	fields := map[string]format.Value{}
	clone := e
	clone.History, clone.Sources = nil, nil
	edits, err := clone.Edits(SystemIDs())
	if err != nil {
		return fields
	}
	for _, ed := range edits {
		fields[ed.Path] = format.Value{Text: ed.Value.RevealString(), Wall: ed.Wall}
	}
	return fields
}

// RemoveField returns the edits that remove a found field; with the last member of a credential the whole credential goes.
func (e Entry) RemoveField(f Found) []Edit {
	seg := strings.Split(f.Path, "/")
	switch {
	case seg[0] == "url" && len(seg) == 2:
		return e.RemoveAll(f.Path)
	case len(seg) == 5 && seg[2] == "field":
		return e.RemoveAll(strings.Join(seg[:4], "/"))
	case seg[0] != "cred":
		return []Edit{Remove(e.ID, f.Path)}
	}
	for _, c := range e.Credentials {
		if c.ID == f.Cred && (len(c.Members) <= 1 && len(c.Fields) == 0 || c.Type == TOTP) {
			return e.RemoveAll("cred/" + f.Cred)
		}
	}
	return e.RemoveAll(f.Path)
}

// RemoveTag returns the edit that removes a tag.
func (e Entry) RemoveTag(name string) Edit { return Remove(e.ID, TagPath(name)) }
