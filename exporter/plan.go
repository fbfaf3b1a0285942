package exporter

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"hash"
	"slices"
	"strings"

	"signet/vault"
	"signet/vault/secret"
)

// Names of the provenance that every import keeps: the item's id in its source, and what it looked like then.
const (
	srcID   = "id"
	srcHash = "hash"
)

// print is a fingerprint of content. It lives in memory and, as src/<format>/hash, inside the vault.
type print [sha256.Size]byte

func (p print) String() string { return base64.RawURLEncoding.EncodeToString(p[:]) }

// Planner compares items with what the vault holds and turns them into edits (formats.md 14.2). Feed it all that is there with
// KnownFolder and Known, then every item with Add. It is used for one import.
type Planner struct {
	format  string
	ids     vault.IDs
	source  map[string]sourced       // by id in this format
	content map[print]vault.ID       // entries without an id of this format
	logins  map[print][]*login       // by user name and password
	folders map[string]vault.ID      // by path, segments joined by NUL
	keys    map[string]secret.Secret // passkeys by RP ID and credential id: their private keys
}

type sourced struct {
	hash string
	now  print
}

type login struct {
	id    vault.ID
	title string
	urls  []vault.URL
}

// NewPlanner plans an import in the named format.
func NewPlanner(format string, ids vault.IDs) *Planner {
	return &Planner{
		format: format, ids: ids, source: map[string]sourced{}, content: map[print]vault.ID{}, logins: map[print][]*login{},
		folders: map[string]vault.ID{}, keys: map[string]secret.Secret{},
	}
}

// KnownFolder tells of a folder that exists.
func (p *Planner) KnownFolder(id vault.ID, path []string) {
	key := strings.Join(path, "\x00")
	if _, ok := p.folders[key]; !ok {
		p.folders[key] = id
	}
}

// Known tells of an entry that exists, revealed and with its sources, and of its folder's path. The entry may be wiped
// afterwards.
func (p *Planner) Known(e vault.Entry, folder []string) {
	fp := fingerprint(e, folder)
	id, hash := "", ""
	for _, s := range e.Sources {
		if s.Format != p.format {
			continue
		}
		switch s.Name {
		case srcID:
			id = s.Value.RevealString()
		case srcHash:
			hash = s.Value.RevealString()
		}
	}
	if id != "" {
		p.source[id] = sourced{hash, fp}
	} else {
		p.content[fp] = e.ID
	}
	p.remember(e)
}

func (p *Planner) remember(e vault.Entry) {
	if key, ok := loginKey(e); ok {
		p.logins[key] = append(p.logins[key], &login{e.ID, vault.Fold(e.Title), slices.Clone(e.URLs)})
	}
	for _, c := range e.Credentials {
		if c.Type == vault.Passkey {
			m, _ := c.Member("key")
			p.keys[passkeyID(c)] = m.Value.Clone()
		}
	}
}

func passkeyID(c vault.Credential) string { return c.Text("rpId") + "\x00" + c.Text("credentialId") }

// Planned is what an item comes to.
type Planned struct {
	ID    vault.ID // of the entry that was added or merged into; "" otherwise
	Edits []vault.Edit
	Row   Row
	Kind  string
}

// Add plans one item. An error means that the entry cannot be written as it is (a value above the limits): the item counts
// as skipped.
func (p *Planner) Add(it Item) Planned {
	out := Planned{Row: Row{Title: it.Entry.Title, Place: it.Place, Losses: it.Losses}, Kind: string(vault.KindOf(it.Entry.Credentials))}
	fp := fingerprint(it.Entry, it.Folder)
	if action, ok := p.seen(it, fp); ok {
		out.Row.Action = action
		if action == Conflict {
			out.Row.Losses = append(out.Row.Losses, Loss{"entry", Dropped, "the vault's entry was edited, and so was the source's: the vault's stays"})
		} else {
			out.Row.Losses = nil
		}
		return out
	}
	if l := p.sameLogin(it); l != nil {
		out.ID, out.Row.Action = l.id, Merged
		out.Edits = p.mergeURLs(l, it.Entry.URLs)
		if len(out.Edits) == 0 {
			out.Row.Action = Duplicate
		}
		return out
	}
	return p.add(it, fp, out)
}

// seen finds the item by its id in the source, or by content among entries that did not come from there.
func (p *Planner) seen(it Item, fp print) (Action, bool) {
	if it.SourceID != "" {
		if s, ok := p.source[it.SourceID]; ok {
			if s.hash == fp.String() || s.now == fp {
				return Duplicate, true
			}
			return Conflict, true
		}
	}
	_, ok := p.content[fp]
	return Duplicate, ok
}

func (p *Planner) add(it Item, fp print, out Planned) Planned {
	e := it.Entry
	e.ID = p.ids.Record()
	edits := p.folder(&e, it.Folder)
	if it.SourceID != "" {
		e.Sources = append(e.Sources, vault.Source{Format: p.format, Name: srcID, Value: secret.FromString(it.SourceID)},
			vault.Source{Format: p.format, Name: srcHash, Value: secret.FromString(fp.String())})
	}
	own, err := e.Edits(p.ids)
	if err != nil {
		out.Row.Action = Skipped
		out.Row.Losses = append(out.Row.Losses, Loss{"entry", Dropped, err.Error()})
		return out
	}
	for _, c := range e.Credentials {
		if c.Type != vault.Passkey {
			continue
		}
		m, _ := c.Member("key")
		if other, ok := p.keys[passkeyID(c)]; ok && !other.Equal(m.Value) {
			out.Row.Losses = append(out.Row.Losses, Loss{"passkey", Changed, "another passkey with the same id but another key is in the vault: both are kept"})
		}
	}
	out.ID, out.Edits, out.Row.Action = e.ID, append(edits, own...), Added
	if it.SourceID != "" {
		p.source[it.SourceID] = sourced{fp.String(), fp}
	} else {
		p.content[fp] = e.ID
		p.remember(e)
	}
	return out
}

// folder puts the entry into the folder of that path and returns the edits that make what is missing of it.
func (p *Planner) folder(e *vault.Entry, path []string) (edits []vault.Edit) {
	var parent vault.ID
	for i := range path {
		key := strings.Join(path[:i+1], "\x00")
		id, ok := p.folders[key]
		if !ok {
			id = p.ids.Record()
			p.folders[key] = id
			edits = append(edits, vault.NewFolder(id, path[i], parent)...)
		}
		parent = id
	}
	if parent != "" {
		e.Folders = []vault.ID{parent}
	}
	return edits
}

// sameLogin finds a login with the same user name and password on the same site for an item that has nothing else to bring.
func (p *Planner) sameLogin(it Item) *login {
	key, ok := loginKey(it.Entry)
	if !ok || it.SourceID != "" || len(it.Entry.Credentials) != 1 || len(it.Folder) > 0 || len(it.Entry.Sources) > 0 {
		return nil
	}
	for _, l := range p.logins[key] {
		if l.title == vault.Fold(it.Entry.Title) || sharesHost(l.urls, it.Entry.URLs) {
			return l
		}
	}
	return nil
}

func sharesHost(a, b []vault.URL) bool {
	return slices.ContainsFunc(a, func(x vault.URL) bool {
		return slices.ContainsFunc(b, func(y vault.URL) bool { return vault.Host(x.URL) != "" && vault.Host(x.URL) == vault.Host(y.URL) })
	})
}

func (p *Planner) mergeURLs(l *login, urls []vault.URL) (edits []vault.Edit) {
	e := vault.Entry{ID: l.id, URLs: l.urls}
	for _, u := range urls {
		if u.URL == "" || slices.ContainsFunc(e.URLs, func(x vault.URL) bool { return x.URL == u.URL }) {
			continue
		}
		edits = append(edits, e.AddURL(u, p.ids)...)
	}
	l.urls = e.URLs
	return edits
}

func loginKey(e vault.Entry) (print, bool) {
	c, ok := e.Credential(vault.BasicAuth)
	if !ok || c.Text("password") == "" {
		return print{}, false
	}
	h := sha256.New()
	hashStrings(h, c.Text("username"), c.Text("password"))
	return print(h.Sum(nil)), true
}

// fingerprint covers what a person would call the content: not ids, places, times, history or provenance.
func fingerprint(e vault.Entry, folder []string) print {
	h := sha256.New()
	hashStrings(h, "signet/v1/import", e.Title, e.Subtitle, boolText(e.Favorite), boolText(!e.Trashed.IsZero()))
	if !e.Expires.IsZero() {
		hashStrings(h, e.Expires.UTC().Format("2006-01-02T15:04:05"))
	}
	hashStrings(h, folder...)
	tags := slices.Sorted(slices.Values(e.Tags))
	hashStrings(h, tags...)
	for _, u := range e.URLs {
		hashStrings(h, "url", u.URL, u.Match, u.Label)
	}
	for _, a := range e.Apps {
		hashStrings(h, "app", a.JSON)
	}
	for _, c := range e.Credentials {
		hashCredential(h, c)
	}
	return print(h.Sum(nil))
}

func hashCredential(h hash.Hash, c vault.Credential) {
	hashStrings(h, "cred", c.Type)
	members := slices.Clone(c.Members)
	slices.SortFunc(members, func(a, b vault.Member) int { return strings.Compare(a.Name, b.Name) })
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

func hashStrings(h hash.Hash, ss ...string) {
	var n [8]byte
	for _, s := range append([]string{string(rune('0' + len(ss)%10))}, ss...) {
		binary.BigEndian.PutUint64(n[:], uint64(len(s)))
		_, _ = h.Write(n[:])
		_, _ = h.Write([]byte(s))
	}
}

func boolText(b bool) string {
	if b {
		return "true"
	}
	return "false"
}
