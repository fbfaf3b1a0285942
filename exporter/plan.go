package exporter

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"signet/vault"
	"signet/vault/secret"
)

// Names of the provenance that every import keeps: the item's id in its source, and a fingerprint of what it held then.
const (
	srcID   = "id"
	srcHash = "hash"
)

// KindFolder is the kind of a Planned that is no entry: the report does not count it.
const KindFolder = "folder"

// Planner compares items with what the vault holds and turns them into edits (formats.md 14.2). Tell it all that is there with
// KnownFolder (parents first) and Known, then call Import, or Add for every item and Finish. It is used for one import.
//
// What it decides, in this order:
//   - An item whose id in the source is known is the entry that came of it. Unchanged in the source: nothing happens, whatever was
//     edited in the vault. Changed there alone: the entry follows, old values go to history. Changed in both: a conflict, the vault's stays.
//   - An item without id, or one that brings no more than an entry that did not come from this source, is a duplicate when all is equal.
//   - A login that brings nothing but another address of a login in the vault adds the address to it.
//   - Everything else is new. A passkey whose id is known with another key is kept beside the other, and reported.
type Planner struct {
	format  string
	ids     vault.IDs
	source  map[string]*known  // by id in this format
	inFile  map[string]int     // how often an id came in this import
	content map[print]bool     // entries that have no id of this format, and items that have none
	logins  map[print][]*login // by user name and password
	keys    map[print][]print  // passkeys by RP ID and credential id: their private keys
	folders *folderPlan        //
	touched map[vault.ID]bool  // entries that this import writes: a record comes in one batch
	merges  []*login           // logins that get addresses, in Finish
}

// known is an entry that came from this source.
type known struct {
	id     vault.ID
	hash   string    // of the item, when it came
	now    print     // of the entry, today
	fields fieldSums // its values, when it was not edited since
}

type login struct {
	id    vault.ID
	title string
	urls  []vault.URL
	edits []vault.Edit
}

// NewPlanner plans an import in the named format.
func NewPlanner(format string, ids vault.IDs) *Planner {
	return &Planner{
		format: format, ids: ids, source: map[string]*known{}, inFile: map[string]int{}, content: map[print]bool{},
		logins: map[print][]*login{}, keys: map[print][]print{}, folders: newFolderPlan(format, ids), touched: map[vault.ID]bool{},
	}
}

// KnownFolder tells of a folder that exists, parents first, and of what an import kept with it.
func (p *Planner) KnownFolder(id vault.ID, path []string, sources ...vault.Source) {
	p.folders.known(id, path, sources)
}

// Known tells of an entry that exists, revealed and with its sources. The entry may be wiped afterwards.
func (p *Planner) Known(e vault.Entry) {
	fp := fingerprint(e)
	id, hash := p.origin(e)
	switch {
	case id != "":
		k := &known{id: e.ID, hash: hash, now: fp}
		if hash == fp.String() {
			k.fields = sumFields(e, p.ids)
		}
		p.source[id] = k
	case hash != "":
		p.content[parsePrint(hash)] = true
	}
	if id == "" {
		p.content[p.contentPrint(e, fp, e.Folders)] = true
	}
	if p.format == signetName && p.source[string(e.ID)] == nil {
		p.source[string(e.ID)] = &known{id: e.ID, now: fp} // our own export names entries by their own ids
	}
	p.remember(e)
}

// origin reads the id in this format, and the fingerprint, that an earlier import kept.
func (p *Planner) origin(e vault.Entry) (id, hash string) {
	for _, s := range e.Sources {
		switch {
		case s.Format != p.format:
		case s.Name == srcID:
			id = s.Value.RevealString()
		case s.Name == srcHash:
			hash = s.Value.RevealString()
		}
	}
	return id, hash
}

func (p *Planner) remember(e vault.Entry) {
	if key, ok := loginPrint(e); ok {
		p.logins[key] = append(p.logins[key], &login{id: e.ID, title: vault.Fold(e.Title), urls: slices.Clone(e.URLs)})
	}
	for _, c := range e.Credentials {
		if c.Type == vault.Passkey {
			id, key := passkeyPrints(c)
			if !slices.Contains(p.keys[id], key) {
				p.keys[id] = append(p.keys[id], key)
			}
		}
	}
}

// Planned is what an item comes to.
type Planned struct {
	ID    vault.ID // of the entry that was added, changed or merged into; "" otherwise
	Edits []vault.Edit
	Row   Row
	Kind  string // of the entry; KindFolder when it is none
}

// Import reads a whole file: it plans every item, and what is left to do after the last one. Every Planned holds all edits of its records.
func (p *Planner) Import(ctx context.Context, f Format, r io.Reader, o ReadOptions, emit func(Planned) error) error {
	if err := f.Import(ctx, r, o, func(it Item) error { return emit(p.Add(it)) }); err != nil {
		return err
	}
	for _, out := range p.Finish() {
		if err := emit(out); err != nil {
			return err
		}
	}
	return nil
}

// Add plans one item. An entry that cannot be written as it is (a value above the limits) counts as skipped.
func (p *Planner) Add(it Item) Planned {
	if it.Entry.Rec == vault.RecFolder {
		return p.addFolder(it)
	}
	out := Planned{Row: Row{Title: it.Entry.Title, Place: it.Place, Losses: it.Losses}, Kind: string(vault.KindOf(it.Entry.Credentials))}
	it.SourceID = p.unique(it.SourceID)
	it.Entry.Folders = p.folders.place(it.Folders)
	fp := fingerprint(it.Entry)
	if k := p.came(it); k != nil {
		return p.again(it, k, fp, out)
	}
	content := p.contentPrint(it.Entry, fp, it.Entry.Folders)
	if p.content[content] && (it.SourceID == "" || bringsNoMore(it)) {
		out.Row.Action, out.Row.Losses = Duplicate, nil
		return out
	}
	if l := p.sameLogin(it); l != nil {
		return p.merge(l, it, out)
	}
	return p.add(it, fp, content, out)
}

func (p *Planner) addFolder(it Item) Planned {
	for _, f := range it.Folders {
		p.folders.use(p.folders.find(f))
	}
	return Planned{Kind: KindFolder, Row: Row{Title: it.Entry.Title, Place: it.Place, Losses: it.Losses}}
}

// unique keeps two items of one id apart: the second is id#2, in every import of the file.
func (p *Planner) unique(id string) string {
	if id == "" {
		return ""
	}
	p.inFile[id]++
	if n := p.inFile[id]; n > 1 {
		return id + "#" + strconv.Itoa(n)
	}
	return id
}

// came finds the entry that an item became in an earlier import, or that it came from itself: what was exported here, imported elsewhere and
// exported there brings the id that it had here along.
func (p *Planner) came(it Item) *known {
	if it.SourceID == "" {
		return nil
	}
	if k := p.source[it.SourceID]; k != nil {
		return k
	}
	if id, _ := p.origin(it.Entry); id != "" {
		return p.source[id]
	}
	return nil
}

// again plans an item that came before.
func (p *Planner) again(it Item, k *known, fp print, out Planned) Planned {
	switch {
	case k.hash == fp.String() || k.now == fp:
		out.Row.Action, out.Row.Losses = Duplicate, nil
	case k.fields != nil && !p.touched[k.id]:
		return p.follow(it, k, fp, out)
	default:
		why := "changed in the vault and in the source: the vault's stays"
		if k.hash == "" {
			why = "the vault's entry is another than it was when the file was written: the vault's stays"
		}
		out.Row.Action = Conflict
		out.Row.Losses = append(out.Row.Losses, Loss{"entry", Dropped, why})
	}
	return out
}

// follow brings an entry that nobody edited up to date with its source. Its place stays: folders belong to the vault.
func (p *Planner) follow(it Item, k *known, fp print, out Planned) Planned {
	e := p.prepared(it, fp.String())
	e.ID, e.Folders = k.id, nil
	fresh, err := p.edits(e)
	if err != nil {
		return skipped(out, err)
	}
	out.Edits = p.difference(k, fresh)
	p.touched[k.id] = true
	p.noteKeys(e, &out)
	k.hash, k.now, k.fields = fp.String(), fp, nil
	out.ID, out.Row.Action = k.id, Updated
	return out
}

// difference returns what makes the old fields into the fresh ones.
func (p *Planner) difference(k *known, fresh []vault.Edit) (edits []vault.Edit) {
	old := maps.Collect(k.fields.all())
	for _, ed := range fresh {
		sum := valuePrint(ed.Value)
		if was, ok := old[ed.Path]; !ok || was != [sumSize]byte(sum[:sumSize]) {
			edits = append(edits, ed)
		}
		delete(old, ed.Path)
	}
	for _, path := range slices.Sorted(maps.Keys(old)) {
		if !strings.HasPrefix(path, "folder/") && !isForeignSource(path, p.format) {
			edits = append(edits, vault.RemoveEdit(k.id, path))
		}
	}
	return edits
}

func (p *Planner) add(it Item, fp, content print, out Planned) Planned {
	hash := fp
	if it.SourceID == "" {
		hash = content
	}
	e := p.prepared(it, hash.String())
	e.ID = p.ids.Record()
	edits, err := p.edits(e)
	if err != nil {
		return skipped(out, err)
	}
	p.noteKeys(e, &out)
	for _, id := range e.Folders {
		p.folders.use(id)
	}
	p.touched[e.ID] = true
	p.remember(e)
	if it.SourceID != "" {
		p.source[it.SourceID] = &known{id: e.ID, hash: fp.String(), now: fp}
	} else {
		p.content[content] = true
	}
	out.ID, out.Edits, out.Row.Action = e.ID, edits, Added
	return out
}

// prepared returns the entry with ids and with the provenance by which the next import knows it.
func (p *Planner) prepared(it Item, hash string) vault.Entry {
	e := it.Entry
	assignIDs(&e, it.SourceID)
	e.Sources = slices.DeleteFunc(slices.Clone(e.Sources), func(s vault.Source) bool { return s.Format == p.format && (s.Name == srcID || s.Name == srcHash) })
	if it.SourceID != "" {
		e.Sources = append(e.Sources, vault.Source{Format: p.format, Name: srcID, Value: secret.FromString(it.SourceID)})
	}
	e.Sources = append(e.Sources, vault.Source{Format: p.format, Name: srcHash, Value: secret.FromString(hash)})
	return e
}

// edits checks what the vault would refuse: one item too large must not fail the whole import.
func (p *Planner) edits(e vault.Entry) ([]vault.Edit, error) {
	edits, err := e.Edits(p.ids)
	if err != nil {
		return nil, err
	}
	if edits, err = once(edits); err != nil {
		return nil, err
	}
	n := 0
	for _, ed := range edits {
		if !strings.HasPrefix(ed.Path, "hist/") {
			n++
		} else if len(ed.Value.Reveal()) > maxHistory {
			return nil, fmt.Errorf("a previous value has more than %d bytes", maxHistory)
		}
	}
	if n > maxFields {
		return nil, fmt.Errorf("an entry of %d fields: allowed are %d", n, maxFields)
	}
	return edits, nil
}

// once leaves out what is written twice. Two values for one field are none: nobody could say which one was meant.
func once(edits []vault.Edit) ([]vault.Edit, error) {
	first := make(map[string]secret.Secret, len(edits))
	out := edits[:0]
	for _, ed := range edits {
		old, twice := first[ed.Path]
		if twice && !old.Equal(ed.Value) {
			return nil, fmt.Errorf("field %s is there twice, with different values", ed.Path)
		}
		if !twice {
			first[ed.Path] = ed.Value
			out = append(out, ed)
		}
	}
	return out, nil
}

func skipped(out Planned, err error) Planned {
	out.Row.Action = Skipped
	out.Row.Losses = append(out.Row.Losses, Loss{"entry", Dropped, err.Error()})
	return out
}

// noteKeys reports passkeys that are there already: with another key both are kept, because only their site knows which one counts.
func (p *Planner) noteKeys(e vault.Entry, out *Planned) {
	for _, c := range e.Credentials {
		if c.Type != vault.Passkey {
			continue
		}
		id, key := passkeyPrints(c)
		switch keys := p.keys[id]; {
		case slices.ContainsFunc(keys, func(k print) bool { return k != key }):
			out.Row.Losses = append(out.Row.Losses, Loss{"passkey", Changed, "another passkey with the same id but another key is in the vault: both are kept"})
		case len(keys) > 0 && out.Row.Action != Updated:
			out.Row.Losses = append(out.Row.Losses, Loss{"passkey", Changed, "the same passkey is in the vault already, in another entry: both are kept"})
		}
	}
}

// bringsNoMore reports an item that holds nothing beyond what fingerprints cover.
func bringsNoMore(it Item) bool { return len(it.Entry.History) == 0 && len(it.Entry.Sources) == 0 }

// sameLogin finds a login with the same user name and password for an item that has nothing else to bring than an address: same title, or
// same site and a title that only names the site.
func (p *Planner) sameLogin(it Item) *login {
	key, ok := loginPrint(it.Entry)
	if !ok || it.SourceID != "" || len(it.Entry.Credentials) != 1 || len(it.Folders) > 0 || !bringsNoMore(it) || !bare(it.Entry) {
		return nil
	}
	title := vault.Fold(it.Entry.Title)
	for _, l := range p.logins[key] {
		if !p.touched[l.id] && (l.title == title || namesSite(title, it.Entry.URLs) && sharesHost(l.urls, it.Entry.URLs)) {
			return l
		}
	}
	return nil
}

// bare reports an entry without anything at its own level but title and addresses.
func bare(e vault.Entry) bool {
	return e.Subtitle == "" && !e.Favorite && e.Expires.IsZero() && e.Trashed.IsZero() && len(e.Tags)+len(e.Apps)+len(e.Other) == 0
}

func namesSite(title string, urls []vault.URL) bool {
	return title == "" || slices.ContainsFunc(urls, func(u vault.URL) bool {
		host := vault.Host(u.URL)
		return title == host || "www."+title == host || title == "www."+host
	})
}

func sharesHost(a, b []vault.URL) bool {
	return slices.ContainsFunc(a, func(x vault.URL) bool {
		return slices.ContainsFunc(b, func(y vault.URL) bool { return vault.Host(x.URL) != "" && vault.Host(x.URL) == vault.Host(y.URL) })
	})
}

// merge adds an item's addresses to a login. They are written in Finish, because a record comes in one batch and the next row
// may bring one more.
func (p *Planner) merge(l *login, it Item, out Planned) Planned {
	out.Row.Action = Duplicate
	if len(l.edits) == 0 {
		p.merges = append(p.merges, l)
	}
	e := vault.Entry{ID: l.id, URLs: l.urls}
	for _, u := range it.Entry.URLs {
		if u.URL != "" && !slices.ContainsFunc(e.URLs, func(x vault.URL) bool { return x.URL == u.URL }) {
			l.edits = append(l.edits, e.AddURL(u, p.ids)...)
			out.ID, out.Row.Action = l.id, Merged
		}
	}
	l.urls = e.URLs
	return out
}

// Finish returns what is written after the last item: addresses for logins that were there, and the new folders.
func (p *Planner) Finish() (out []Planned) {
	for _, l := range p.merges {
		if len(l.edits) > 0 && !p.touched[l.id] {
			p.touched[l.id] = true
			out = append(out, Planned{ID: l.id, Edits: l.edits, Kind: KindFolder})
		}
	}
	p.merges = nil
	for _, edits := range p.folders.edits() {
		out = append(out, Planned{Edits: edits, Kind: KindFolder})
	}
	return out
}
