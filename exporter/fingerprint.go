package exporter

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"hash"
	"iter"
	"slices"
	"strings"

	"signet/vault"
	"signet/vault/secret"
)

// print is a fingerprint of content. It lives in memory and, as src/<format>/hash, inside the vault.
type print [sha256.Size]byte

func (p print) String() string { return base64.RawURLEncoding.EncodeToString(p[:]) }

// parsePrint reads what String wrote; the zero print when it is none.
func parsePrint(s string) (p print) {
	if b, err := base64.RawURLEncoding.DecodeString(s); err == nil && len(b) == len(p) {
		copy(p[:], b)
	}
	return p
}

// fingerprint covers what a person would call the content: not ids, places, times of writing, history or provenance. What the vault gives
// back of an entry has the fingerprint of what was written.
func fingerprint(e vault.Entry) print {
	h := sha256.New()
	hashStrings(h, "signet/v1/import", e.Title, e.Subtitle, boolText(e.Favorite), boolText(!e.Trashed.IsZero()))
	if !e.Expires.IsZero() {
		hashStrings(h, "expires", vault.FormatTime(e.Expires))
	}
	hashStrings(h, slices.Compact(slices.Sorted(slices.Values(e.Tags)))...)
	for _, u := range e.URLs {
		hashStrings(h, "url", u.URL, u.Match, u.Label)
	}
	apps := make([]string, 0, len(e.Apps))
	for _, a := range e.Apps {
		apps = append(apps, a.JSON)
	}
	hashStrings(h, slices.Sorted(slices.Values(apps))...) // the vault does not keep their order
	for _, c := range e.Credentials {
		hashCredential(h, c)
	}
	return print(h.Sum(nil))
}

func hashCredential(h hash.Hash, c vault.Credential) {
	hashStrings(h, "cred", c.Type)
	members := slices.Clone(c.Members)
	slices.SortStableFunc(members, func(a, b vault.Member) int { return strings.Compare(a.Name, b.Name) })
	for _, m := range members {
		if m.Name == "signet:att" || m.Name == "signet:data" || m.Name == "id" || m.Name == "signet:counter" {
			continue // where bytes lie, and what moves by use, is no content
		}
		hashStrings(h, m.Name, m.Value.RevealString())
	}
	for _, m := range c.Fields {
		typ := m.Type
		if typ == "" {
			typ = "string"
		}
		hashStrings(h, "field", m.Label, string(typ), m.Value.RevealString())
	}
}

// mark is a short hash of a value by which a person would recognise an entry.
type mark uint64

// marksOf are an entry's title, addresses, and the values of its credentials that differ from entry to entry.
func marksOf(e vault.Entry) (out []mark) {
	add := func(kind, value string) {
		if value != "" {
			h := sha256.New()
			hashStrings(h, kind, value)
			out = append(out, mark(binary.BigEndian.Uint64(h.Sum(nil))))
		}
	}
	add("title", vault.Fold(e.Title))
	for _, u := range e.URLs {
		add("url", u.URL)
	}
	for _, c := range e.Credentials {
		for _, m := range c.Members {
			if markedMembers[m.Name] {
				add("member", m.Value.RevealString())
			}
		}
		for _, m := range c.Fields {
			if m.Type != "boolean" {
				add("field", m.Value.RevealString())
			}
		}
	}
	return out
}

var markedMembers = map[string]bool{
	"username": true, "password": true, "secret": true, "credentialId": true, "privateKey": true, "content": true, "number": true, "fullName": true,
	"surname": true, "streetAddress": true, "tel": true, "key": true, "ssid": true, "passphrase": true, "passportNumber": true, "documentNumber": true, "licenseNumber": true, "name": true,
}

// related reports whether two entries have something in common. One without anything to compare is given the benefit of its id.
func related(a, b []mark) bool {
	return len(a) == 0 || len(b) == 0 || slices.ContainsFunc(a, func(m mark) bool { return slices.Contains(b, m) })
}

// contentPrint also covers where the entry is and what an import of this format kept beside it: two items are the same only when
// nothing of the second would be lost.
func (p *Planner) contentPrint(e vault.Entry, fp print, folders []vault.ID) print {
	h := sha256.New()
	_, _ = h.Write(fp[:])
	ids := make([]string, 0, len(folders))
	for _, id := range folders {
		ids = append(ids, string(id))
	}
	hashStrings(h, slices.Sorted(slices.Values(ids))...)
	var kept []string
	for _, s := range e.Sources {
		if s.Format == p.format && s.Name != srcID && s.Name != srcHash {
			kept = append(kept, s.Name+"\x00"+s.Value.RevealString())
		}
	}
	hashStrings(h, slices.Sorted(slices.Values(kept))...)
	return print(h.Sum(nil))
}

// loginPrint identifies a user name and password.
func loginPrint(e vault.Entry) (print, bool) {
	c, ok := e.Credential(vault.BasicAuth)
	if !ok || c.Text("password") == "" {
		return print{}, false
	}
	h := sha256.New()
	hashStrings(h, c.Text("username"), c.Text("password"))
	return print(h.Sum(nil)), true
}

// passkeyPrints identifies a passkey by RP ID and credential id, and its private key.
func passkeyPrints(c vault.Credential) (id, key print) {
	h := sha256.New()
	hashStrings(h, c.Text("rpId"), c.Text("credentialId"))
	m, _ := c.Member("key")
	return print(h.Sum(nil)), valuePrint(m.Value)
}

func valuePrint(v secret.Secret) print { return sha256.Sum256(v.Reveal()) }

// fieldSums remembers an entry's values by path, so that a changed item rewrites only what changed: path, a zero byte, the first 16 bytes of the value's
// hash, and so on. There is one for every entry that came from the source, so it is kept small.
type fieldSums []byte

const sumSize = 16

func sumFields(e vault.Entry, ids vault.IDs) fieldSums {
	e.History = nil
	edits, err := e.Edits(ids)
	if err != nil {
		return nil
	}
	n := 0
	for _, ed := range edits {
		n += len(ed.Path) + 1 + sumSize
	}
	out := make(fieldSums, 0, n)
	for _, ed := range edits {
		sum := valuePrint(ed.Value)
		out = append(append(append(out, ed.Path...), 0), sum[:sumSize]...)
	}
	return out
}

// all yields the paths with their sums.
func (f fieldSums) all() iter.Seq2[string, [sumSize]byte] {
	return func(yield func(string, [sumSize]byte) bool) {
		for rest := []byte(f); len(rest) > 0; {
			end := bytes.IndexByte(rest, 0)
			path, sum := string(rest[:end]), [sumSize]byte(rest[end+1:end+1+sumSize])
			if rest = rest[end+1+sumSize:]; !yield(path, sum) {
				return
			}
		}
	}
}

// isForeignSource: what another format's import kept is not this one's to remove.
func isForeignSource(path, format string) bool {
	rest, ok := strings.CutPrefix(path, "src/")
	return ok && !strings.HasPrefix(rest, format+"/")
}

// hashStrings hashes a list so that no other list gives the same bytes.
func hashStrings(h hash.Hash, ss ...string) {
	var n [8]byte
	put := func(x int) {
		binary.BigEndian.PutUint64(n[:], uint64(x)) //nolint:gosec // a length
		_, _ = h.Write(n[:])
	}
	put(len(ss))
	for _, s := range ss {
		put(len(s))
		_, _ = h.Write([]byte(s))
	}
}

func boolText(b bool) string {
	if b {
		return "true"
	}
	return "false"
}
