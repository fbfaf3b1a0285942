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
//   - An item whose id in the source is known is the entry that came of it, unless the two have nothing in common: some programs count their
//     items from 1 in every file, and one file must not overwrite what came of another. Unchanged in the source: nothing happens, whatever was
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
	marks  []mark    // by which it is told from an unrelated item of the same id
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
		k := &known{id: e.ID, hash: hash, now: fp, marks: marksOf(e)}
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
		p.source[string(e.ID)] = &known{id: e.ID, now: fp, marks: marksOf(e)} // our own export names entries by their own ids
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
	o.Want = p.wants
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
	v := p.judge(it)
	if it.SourceID != "" {
		p.inFile[it.SourceID]++
	}
	switch v.action {
	case Updated:
		return p.follow(v, out)
	case Merged:
		return p.merge(v, out)
	case Added:
		return p.add(v, out)
	case Conflict:
		why := "changed in the vault and in the source: the vault's stays"
		if v.known.hash == "" {
			why = "the vault's entry is another than it was when the file was written: the vault's stays"
		}
		out.Row.Losses = append(out.Row.Losses, Loss{"entry", Dropped, why})
	case Duplicate:
		out.Row.Losses = nil
	}
	out.Row.Action = v.action
	return out
}

// wants reports whether an item will be taken over, before its attachments are stored.
func (p *Planner) wants(it Item) bool {
	action := p.judge(it).action
	return action == Added || action == Updated
}

// verdict is what is to be done with an item.
type verdict struct {
	action  Action
	item    Item   // with the id by which it is told from others, and its folders
	fp      print  // of the item
	content print  // with its place
	known   *known // what it became before
	login   *login // what its address goes to
}

// judge decides, and changes nothing but that it makes ids for folders.
func (p *Planner) judge(it Item) verdict {
	it.SourceID = p.unique(it.SourceID)
	it.Entry.Folders = p.folders.place(it.Folders)
	v := verdict{item: it, fp: fingerprint(it.Entry), known: p.came(it)}
	if v.known != nil && !v.known.is(v.fp) && !related(v.known.marks, marksOf(it.Entry)) {
		v.item.SourceID += "~" + shortID("other", string(vault.KindOf(it.Entry.Credentials)), it.Entry.Title)
		v.known = p.source[v.item.SourceID]
	}
	v.content = p.contentPrint(it.Entry, v.fp, it.Entry.Folders)
	switch {
	case v.known != nil:
		v.action = p.again(v.known, v.fp)
	case p.content[v.content] && (it.SourceID == "" || bringsNoMore(it)):
		v.action = Duplicate
	default:
		v.action = Added
		if v.login = p.sameLogin(it); v.login != nil {
			v.action = Merged
		}
	}
	return v
}

func (p *Planner) addFolder(it Item) Planned {
	out := Planned{Kind: KindFolder, Row: Row{Title: it.Entry.Title, Action: Noted, Place: it.Place, Losses: it.Losses}}
	for _, f := range it.Folders {
		p.folders.use(p.folders.find(f))
		out.Row.Title = f[len(f)-1].Title
	}
	return out
}

// unique keeps two items of one id apart: the second is id#2, in every import of the file.
func (p *Planner) unique(id string) string {
	if n := p.inFile[id]; id != "" && n > 0 {
		return id + "#" + strconv.Itoa(n+1)
	}
	return id
}

// is reports whether an item is what the entry was when it came, or is now.
func (k *known) is(fp print) bool { return k.hash == fp.String() || k.now == fp }

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

// again judges an item that came before.
func (p *Planner) again(k *known, fp print) Action {
	switch {
	case k.is(fp):
		return Duplicate
	case k.fields != nil && !p.touched[k.id]:
		return Updated
	}
	return Conflict
}

// follow brings an entry that nobody edited up to date with its source. Its place stays: folders belong to the vault.
func (p *Planner) follow(v verdict, out Planned) Planned {
	k := v.known
	e := p.prepared(v.item, v.fp.String())
	e.ID, e.Folders = k.id, nil
	fresh, err := p.edits(e)
	if err != nil {
		return skipped(out, err)
	}
	p.touched[k.id] = true
	out.ID, out.Row.Action, out.Edits = k.id, Updated, p.difference(k, fresh)
	p.noteKeys(e, &out)
	k.hash, k.now, k.fields = v.fp.String(), v.fp, nil
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

func (p *Planner) add(v verdict, out Planned) Planned {
	it, hash := v.item, v.fp
	if it.SourceID == "" {
		hash = v.content
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
		p.source[it.SourceID] = &known{id: e.ID, hash: hash.String(), now: hash, marks: marksOf(e)}
	} else {
		p.content[v.content] = true
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
