package exporter

import (
	"crypto/sha256"
	"encoding/base32"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"signet/vault"
	"signet/vault/entry"
	"signet/vault/secret"
)

// jsonItem is an Item in the making from one JSON object. Its helpers put values where they belong and note what did not fit.
type jsonItem struct {
	Item
	format string
	o      *jsonObject
	now    time.Time
}

// keep stores a raw value as provenance without a word in the report: it says nothing that a person would miss.
func (it *jsonItem) keep(name string, raw jsontext.Value) {
	it.source(keptSource(it.format, name, raw))
}

// keepText is keep for a text.
func (it *jsonItem) keepText(name, text string) {
	it.source(vault.Source{Format: it.format, Name: sourceName(name), Value: secret.FromString(text)})
}

// note keeps a raw value as provenance and says so.
func (it *jsonItem) note(name string, raw jsontext.Value, why string) {
	it.keep(name, raw)
	it.lose(name, Kept, why)
}

// source adds provenance. Beyond what an entry can have, one more is as good as many: the planner skips the item and says so.
// Two of one name stay two.
func (it *jsonItem) source(s vault.Source) {
	if len(it.Entry.Sources) > maxFields {
		return
	}
	name := s.Name
	for n := 2; slices.ContainsFunc(it.Entry.Sources, func(x vault.Source) bool { return x.Name == s.Name }); n++ {
		s.Name = name + "~" + strconv.Itoa(n)
	}
	it.Entry.Sources = append(it.Entry.Sources, s)
}

func (it *jsonItem) lose(field string, fate Fate, why string) {
	if len(it.Losses) <= maxFields {
		it.Losses = append(it.Losses, Loss{plainName(field), fate, why})
	}
}

// rest keeps every member that nobody took. prefix names the object in the item: "login.".
func (it *jsonItem) rest(prefix string, o *jsonObject) {
	o.rest(func(name string, raw jsontext.Value, why string) { it.note(prefix+name, raw, why) })
}

// add appends a credential and returns its index.
func (it *jsonItem) add(c vault.Credential) {
	it.Entry.Credentials = append(it.Entry.Credentials, c)
}

// member takes a text member of o into a credential, when it is there.
func (it *jsonItem) member(c *vault.Credential, o *jsonObject, from, to string) {
	if s, ok := o.text(from); ok {
		c.Members = append(c.Members, vault.Member{Name: to, Value: secret.FromString(s)})
	}
}

// nonEmpty is member for formats that write "" for absent.
func (it *jsonItem) nonEmpty(c *vault.Credential, o *jsonObject, from, to string) {
	if s, ok := o.text(from); ok && s != "" {
		c.Members = append(c.Members, vault.Member{Name: to, Value: secret.FromString(s)})
	}
}

// field takes a text member of o into a list of custom fields.
func (it *jsonItem) field(c *vault.Credential, o *jsonObject, from, label string, typ vault.FieldType) {
	if s, ok := o.text(from); ok && s != "" {
		c.Fields = append(c.Fields, vault.Member{Label: label, Type: typ, Value: secret.FromString(s)})
	}
}

// time takes an RFC 3339 time. One that cannot be true is kept as it came and reported (formats.md 1): unknown is better than wrong.
func (it *jsonItem) time(o *jsonObject, name string) time.Time {
	raw := o.take(name)
	if raw == nil || saysNothing(raw) {
		return time.Time{}
	}
	s, ok := scalar(raw)
	t := vault.ParseTime(s)
	if !ok || t.IsZero() {
		it.note(name, raw, "no time: kept as it came")
		return time.Time{}
	}
	if !plausible(t, it.now) {
		it.note(name, raw, "an impossible time: taken as unknown, kept as it came")
		return time.Time{}
	}
	return t
}

// plausible reports whether something can have happened at t: after 1980 and not later than a day from now (formats.md 1).
func plausible(t, now time.Time) bool {
	return t.Year() >= 1980 && t.Before(now.Add(24*time.Hour))
}

// sourcePath is the path of src/<format>/<name>.
func sourcePath(format, name string) string { return entry.JoinPath("src", format, name) }

func keptSource(format, name string, raw jsontext.Value) vault.Source {
	name, value := sourceName(name), compact(raw)
	if s, ok := scalar(raw); ok && raw.Kind() != '"' || ok && !looksLikeJSON(s) {
		value = s // a plain text reads better than a quoted one
	}
	return vault.Source{Format: format, Name: name, Value: secret.FromString(strings.ToValidUTF8(value, "\uFFFD"))}
}

// looksLikeJSON keeps a text apart from a value: what would parse as JSON stays quoted.
func looksLikeJSON(s string) bool { return jsontext.Value(s).IsValid() }

// sourceName bounds a name, which becomes a part of a path of at most 512 bytes when escaped.
func sourceName(name string) string {
	if len(name) <= maxFieldName {
		return name
	}
	return "member~" + shortID("name", name)
}

var idAlphabet = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// shortID makes the id of a credential, URL or field from what it is in the source. The same item gets the same ids in
// every import, so that a later import of a changed item changes just its fields, and history knows its path.
func shortID(parts ...string) string {
	h := sha256.New()
	hashStrings(h, "signet/v1/id")
	hashStrings(h, parts...)
	return idAlphabet.EncodeToString(h.Sum(nil)[:5])
}

// credentialID is the id that assignIDs gives to the first credential of a type.
func credentialID(typ, seed string) string { return shortID("cred", typ, seed, "1") }

// assignIDs gives ids to whatever has none.
func assignIDs(e *vault.Entry, seed string) {
	n := map[string]int{}
	next := func(parts ...string) string {
		key := strings.Join(parts, "\x00")
		n[key]++
		return shortID(append(parts, seed, strconv.Itoa(n[key]))...)
	}
	for i := range e.URLs {
		if e.URLs[i].ID == "" {
			e.URLs[i].ID = next("url", e.URLs[i].URL)
		}
	}
	for i := range e.Apps {
		if e.Apps[i].ID == "" {
			e.Apps[i].ID = next("app", e.Apps[i].JSON)
		}
	}
	for i := range e.Credentials {
		c := &e.Credentials[i]
		if c.ID == "" {
			c.ID = next("cred", c.Type)
		}
		for j := range c.Fields {
			if c.Fields[j].ID == "" {
				c.Fields[j].ID = next("field", c.ID, c.Fields[j].Label)
			}
		}
	}
}
