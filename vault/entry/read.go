package entry

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"signet/vault/format"
	"signet/vault/secret"
)

// View says what FromRecord gives out.
type View struct {
	Reveal  bool // concealed values
	History bool
	Sources bool
}

// TimeLayout is how times stand in values: RFC 3339 UTC with milliseconds.
const TimeLayout = "2006-01-02T15:04:05.000Z07:00"

// FormatTime renders a time value.
func FormatTime(t time.Time) string { return t.UTC().Format(TimeLayout) }

// ParseTime reads a time value; the zero time when it is none.
func ParseTime(s string) time.Time {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return time.Time{}
	}
	return t.UTC()
}

// FromRecord reads a record as an entry. It never fails: what it does not understand stands in Other.
func FromRecord(rec format.Record, v View) Entry {
	r := reader{view: v, creds: map[string]*Credential{}, urls: map[string]*URL{}, fields: map[string]*Member{}, types: credTypes(rec)}
	r.e = Entry{ID: rec.ID, Rec: RecEntry, Dots: make(map[string][]format.Dot, len(rec.Fields))}
	for _, f := range rec.Fields {
		r.field(f)
	}
	return r.finish()
}

// credTypes finds the types first, because concealment of a member depends on them and paths come sorted by name.
func credTypes(rec format.Record) map[string]string {
	types := map[string]string{}
	for _, f := range rec.Fields {
		if id, ok := strings.CutPrefix(f.Path, "cred/"); ok {
			if id, ok := strings.CutSuffix(id, "/type"); ok && !strings.Contains(id, "/") && len(f.Values) > 0 {
				types[id] = f.Values[0].Text
			}
		}
	}
	return types
}

type reader struct {
	view   View
	e      Entry
	types  map[string]string
	creds  map[string]*Credential
	urls   map[string]*URL
	fields map[string]*Member // custom fields by "cred/field"
	subs   []format.Field     // label, fieldType … below members: applied at the end
	latest int64
}

func (r *reader) field(f format.Field) {
	if len(f.Values) == 0 {
		return
	}
	dots := make([]format.Dot, len(f.Values))
	for i, v := range f.Values {
		dots[i] = v.Dot
	}
	r.e.Dots[f.Path] = dots
	top := f.Values[0]
	seg := strings.Split(f.Path, "/")
	switch {
	case seg[0] == "hist":
		r.history(f)
		return
	case seg[0] == "src":
		r.source(f, seg)
		return
	}
	for _, v := range f.Values {
		r.latest = max(r.latest, v.Wall)
	}
	if !r.entryLevel(f.Path, top.Text) && !r.listLevel(seg, top.Text) && !r.credLevel(seg, f) {
		r.e.Other = append(r.e.Other, r.member(f, UnescapeSegment(f.Path), TypeString, ConcealedPath(f.Path, nil)))
	}
	r.conflict(f)
}

func (r *reader) entryLevel(path, text string) bool {
	switch path {
	case PathRec:
		r.e.Rec = Rec(text)
	case PathTitle:
		r.e.Title = text
	case PathSubtitle:
		r.e.Subtitle = text
	case PathFavorite:
		r.e.Favorite = text == "true"
	case PathCreated:
		r.e.Created = ParseTime(text)
	case PathExpires:
		r.e.Expires = ParseTime(text)
	case PathTrashed:
		r.e.Trashed = ParseTime(text)
	default:
		return false
	}
	return true
}

func (r *reader) listLevel(seg []string, text string) bool {
	if len(seg) < 2 {
		return false
	}
	switch {
	case seg[0] == "tag" && len(seg) == 2:
		r.e.Tags = append(r.e.Tags, UnescapeSegment(seg[1]))
	case seg[0] == "folder" && len(seg) == 2:
		r.e.Folders = append(r.e.Folders, ID(seg[1]))
	case seg[0] == "app" && len(seg) == 2:
		r.e.Apps = append(r.e.Apps, App{ID: seg[1], JSON: text})
	case seg[0] == "url" && len(seg) == 2:
		r.url(seg[1]).URL = text
	case seg[0] == "url" && len(seg) == 3 && seg[2] == "match":
		r.url(seg[1]).Match = text
	case seg[0] == "url" && len(seg) == 3 && seg[2] == "label":
		r.url(seg[1]).Label = text
	case seg[0] == "url" && len(seg) == 3 && seg[2] == "pos":
		r.url(seg[1]).Pos = text
	default:
		return false
	}
	return true
}

func (r *reader) url(id string) *URL {
	u, ok := r.urls[id]
	if !ok {
		u = &URL{ID: id}
		r.urls[id] = u
	}
	return u
}

func (r *reader) cred(id string) *Credential {
	c, ok := r.creds[id]
	if !ok {
		c = &Credential{ID: id, Type: r.types[id]}
		r.creds[id] = c
	}
	return c
}

func (r *reader) credLevel(seg []string, f format.Field) bool {
	if seg[0] != "cred" || len(seg) < 3 {
		return false
	}
	c := r.cred(seg[1])
	switch {
	case len(seg) == 3 && seg[2] == "type":
	case len(seg) == 3 && seg[2] == "pos":
		c.Pos = f.Values[0].Text
	case seg[2] == "field" && len(seg) == 5:
		r.customField(seg, f)
	case len(seg) == 3:
		r.credMember(c, seg[2], f)
	default:
		r.subs = append(r.subs, f)
	}
	return true
}

func (r *reader) credMember(c *Credential, segment string, f format.Field) {
	name, isJSON := strings.CutPrefix(segment, "json:")
	name = UnescapeSegment(name)
	spec, _ := Spec(c.Type)
	ms, known := spec.Member(name)
	if !known {
		ms = MemberSpec{Name: name, Type: TypeString, Label: name}
	}
	m := r.member(f, name, ms.Type, ConcealedPath(f.Path, func(id string) string { return r.types[id] }))
	m.Label, m.JSON = ms.Label, isJSON
	c.Members = append(c.Members, m)
}

func (r *reader) customField(seg []string, f format.Field) {
	key := seg[1] + "/" + seg[3]
	m, ok := r.fields[key]
	if !ok {
		m = &Member{ID: seg[3], Path: strings.Join(seg[:4], "/") + "/value", Type: TypeString}
		r.fields[key] = m
	}
	switch text := f.Values[0].Text; seg[4] {
	case "pos":
		m.Pos = text
	case "label":
		m.Label = text
	case "type":
		m.Type = FieldType(text)
	case "value":
		m.Value, m.Wall = secret.FromString(text), f.Values[0].Wall
	default:
		r.subs = append(r.subs, f)
	}
}

func (r *reader) member(f format.Field, name string, typ FieldType, concealed bool) Member {
	m := Member{Name: name, Path: f.Path, Type: typ, Concealed: concealed, Wall: f.Values[0].Wall}
	if concealed && !r.view.Reveal {
		m.Withheld = true
		return m
	}
	m.Value = secret.FromString(f.Values[0].Text)
	return m
}

func (r *reader) conflict(f format.Field) {
	if !Conflicted(f) {
		return
	}
	c := Conflict{Path: f.Path, Concealed: r.concealed(f.Path)}
	for _, v := range f.Values {
		cand := Candidate{Dot: v.Dot, Wall: v.Wall}
		if cand.Withheld = c.Concealed && !r.view.Reveal; !cand.Withheld {
			cand.Value = secret.FromString(v.Text)
		}
		c.Candidates = append(c.Candidates, cand)
	}
	r.e.Conflicts = append(r.e.Conflicts, c)
}

// concealed also covers custom fields, whose type stands beside the value and may not have been read yet: they count as
// concealed until finish knows better, so that a conflict never shows a secret.
func (r *reader) concealed(path string) bool {
	if strings.HasPrefix(path, "cred/") && strings.Contains(path, "/field/") {
		return strings.HasSuffix(path, "/value")
	}
	return ConcealedPath(path, func(id string) string { return r.types[id] })
}

// Conflicted reports whether the live values of a field differ. signet:counter joins by maximum and is never in conflict.
func Conflicted(f format.Field) bool {
	if strings.HasSuffix(f.Path, "/signet:counter") {
		return false
	}
	for _, v := range f.Values[1:] {
		if v.Text != f.Values[0].Text {
			return true
		}
	}
	return false
}

// HistoryRow is the value of a hist/ field.
type HistoryRow struct {
	Field string `json:"f"`
	Value string `json:"v"`
	Wall  int64  `json:"w"`
}

func (r *reader) history(f format.Field) {
	if !r.view.History {
		return
	}
	var row HistoryRow
	dot, err := format.ParseDot(strings.TrimPrefix(f.Path, "hist/"))
	if err != nil || json.Unmarshal([]byte(f.Values[0].Text), &row) != nil {
		return
	}
	p := Past{Dot: dot, Path: row.Field, Wall: row.Wall, Written: fromMillis(row.Wall), HistPath: f.Path, Concealed: r.concealed(row.Field)}
	if p.Withheld = p.Concealed && !r.view.Reveal; !p.Withheld {
		p.Value = secret.FromString(row.Value)
	}
	r.e.History = append(r.e.History, p)
}

func (r *reader) source(f format.Field, seg []string) {
	if !r.view.Sources {
		return
	}
	s := Source{Path: f.Path, Withheld: !r.view.Reveal}
	if len(seg) > 1 {
		s.Format = UnescapeSegment(seg[1])
	}
	if len(seg) > 2 {
		s.Name = UnescapeSegment(strings.Join(seg[2:], "/"))
	}
	if r.view.Reveal {
		s.Value = secret.FromString(f.Values[0].Text)
	}
	r.e.Sources = append(r.e.Sources, s)
}

func (r *reader) finish() Entry {
	e := &r.e
	for _, u := range r.urls {
		e.URLs = append(e.URLs, *u)
	}
	slices.SortFunc(e.URLs, func(a, b URL) int { return cmp.Or(cmp.Compare(a.Pos, b.Pos), cmp.Compare(a.ID, b.ID)) })
	r.finishFields()
	r.finishSubs()
	for _, c := range r.creds {
		sortMembers(c)
		e.Credentials = append(e.Credentials, *c)
	}
	slices.SortFunc(e.Credentials, func(a, b Credential) int { return cmp.Or(cmp.Compare(a.Pos, b.Pos), cmp.Compare(a.ID, b.ID)) })
	slices.SortFunc(e.History, func(a, b Past) int { return cmp.Or(cmp.Compare(b.Wall, a.Wall), b.Dot.Compare(a.Dot)) })
	e.Modified = fromMillis(r.latest)
	e.Kind = KindOf(e.Credentials)
	return *e
}

func (r *reader) finishFields() {
	for key, m := range r.fields {
		cred, _, _ := strings.Cut(key, "/")
		m.Concealed = m.Type == TypeConcealed
		if m.Withheld = m.Concealed && !r.view.Reveal; m.Withheld {
			m.Value.Wipe()
			m.Value = secret.Secret{}
		}
		c := r.cred(cred)
		c.Fields = append(c.Fields, *m)
	}
}

// finishSubs applies label and fieldType that differ from the schema; the rest below a member is shown as Other.
func (r *reader) finishSubs() {
	for _, f := range r.subs {
		seg := strings.Split(f.Path, "/")
		c := r.cred(seg[1])
		i := slices.IndexFunc(c.Members, func(m Member) bool { return m.Path == strings.Join(seg[:3], "/") })
		switch {
		case i >= 0 && len(seg) == 4 && seg[3] == "label":
			c.Members[i].Label = f.Values[0].Text
		case i >= 0 && len(seg) == 4 && seg[3] == "fieldType":
			r.retype(&c.Members[i], FieldType(f.Values[0].Text), f)
		default:
			r.e.Other = append(r.e.Other, r.member(f, UnescapeSegment(f.Path), TypeString, true))
		}
	}
}

// retype only ever tightens: a field that a stranger calls plain stays concealed when the schema says so.
func (r *reader) retype(m *Member, t FieldType, _ format.Field) {
	if m.Concealed {
		return
	}
	m.Type = t
	if t == TypeConcealed {
		m.Concealed = true
		if m.Withheld = !r.view.Reveal; m.Withheld {
			m.Value = secret.Secret{}
		}
	}
}

func sortMembers(c *Credential) {
	spec, _ := Spec(c.Type)
	rank := func(m Member) int {
		if i := slices.IndexFunc(spec.Members, func(s MemberSpec) bool { return s.Name == m.Name }); i >= 0 {
			return i
		}
		return len(spec.Members)
	}
	slices.SortStableFunc(c.Members, func(a, b Member) int { return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a.Name, b.Name)) })
	slices.SortFunc(c.Fields, func(a, b Member) int { return cmp.Or(cmp.Compare(a.Pos, b.Pos), cmp.Compare(a.ID, b.ID)) })
}

// KindOf returns the kind of an entry with these credentials, which are sorted by pos: that of the first, where basic-auth
// wins.
func KindOf(creds []Credential) Kind {
	kind := KindCustom
	for i, c := range creds {
		if c.Type == BasicAuth {
			return KindLogin
		}
		if spec, ok := Spec(c.Type); ok && i == 0 {
			kind = spec.Kind
		}
	}
	return kind
}

// Size returns the true size of a file credential in bytes, -1 when unknown.
func (c Credential) Size() int64 {
	n, err := strconv.ParseInt(c.Text("decryptedSize"), 10, 64)
	if err != nil {
		return -1
	}
	return n
}

// AttachmentPath is the path of the value that says where a file credential's bytes are: in the log itself
// (signet:data) for small ones, in att/ (signet:att) for large ones.
func AttachmentPath(c Credential) string {
	if _, small := c.Member("signet:data"); small {
		return CredPath(c.ID, "signet:data")
	}
	return CredPath(c.ID, "signet:att")
}

// Candidates returns the live values of a field, the displayed one first.
func Candidates(f format.Field) []Candidate {
	out := make([]Candidate, 0, len(f.Values))
	for _, v := range f.Values {
		out = append(out, Candidate{Dot: v.Dot, Wall: v.Wall, Value: secret.FromString(v.Text)})
	}
	return out
}
