package exporter

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"signet/vault"
	"signet/vault/secret"
)

// Bitwarden's unencrypted JSON, personal and of an organisation, items of types 1 to 8 (formats.md 4.1). A collection is a folder here: an
// item may lie in several. The file streams: one item is held at a time, and of folders only their ids and names. Folders may
// stand behind the items: then an item names its folder by id alone, and the planner, which writes folders last, learns
// the names afterwards.

const bitwardenName = "bitwarden-json"

func bitwardenJSON() Format {
	return Format{
		Name: bitwardenName, Label: "Bitwarden JSON", Ext: ".json", Plain: true,
		Detect: detectBitwarden, Import: importBitwarden,
	}
}

// Advice of the encrypted variants (formats.md 4.2, 4.3).
const (
	adviceBitwardenPassword = "it is protected by a password: in Bitwarden choose Export vault with the file format .json (not \".json (Encrypted)\"), import that file and delete it"
	adviceBitwardenAccount  = "this export can only be read by the same Bitwarden account: in Bitwarden choose Export vault with the file format .json (not \".json (Encrypted)\"), import that file and delete it"
)

// detectBitwarden walks the top-level members that the head holds.
func detectBitwarden(head []byte) bool {
	d := jsontext.NewDecoder(bytes.NewReader(head), lenient...)
	if t, err := d.ReadToken(); err != nil || t.Kind() != '{' {
		return false
	}
	encrypted, lists, shaped := false, 0, false
	for {
		name, err := d.ReadToken()
		if err != nil || name.Kind() != '"' {
			return shaped || encrypted && lists > 0
		}
		switch key := name.String(); key {
		case "encKeyValidation_DO_NOT_EDIT":
			return true
		case "vaults", "accounts", "version":
			return false // Proton Pass, CXF
		case "folders", "collections", "items":
			lists++
			fits, empty := bitwardenList(d, key)
			if !fits && !empty {
				return false
			}
			if shaped = shaped || fits; key == "items" && fits {
				return true
			}
		case "encrypted":
			value, err := d.ReadValue()
			encrypted = err == nil && (value.Kind() == 't' || value.Kind() == 'f')
		default:
			if d.SkipValue() != nil {
				return false
			}
		}
	}
}

// bitwardenList looks at the first element of a list and reads to the list's end as far as the head goes.
func bitwardenList(d *jsontext.Decoder, key string) (fits, empty bool) {
	if d.PeekKind() == 'n' {
		return false, d.SkipValue() == nil
	}
	if t, err := d.ReadToken(); err != nil || t.Kind() != '[' {
		return false, err != nil
	}
	if d.PeekKind() == ']' {
		_, err := d.ReadToken()
		return false, err == nil
	}
	first, err := d.ReadValue()
	if err != nil {
		return false, true // cut off by the head's end: it says nothing
	}
	o, err := parseObject(first)
	if err != nil {
		return false, false
	}
	if key == "items" {
		fits = o.peek("type").Kind() == '0' && o.peek("name").Kind() == '"'
	} else {
		fits = o.peek("id").Kind() == '"' && o.peek("name").Kind() == '"'
	}
	for d.PeekKind() != ']' {
		if d.SkipValue() != nil {
			return fits, !fits
		}
	}
	_, _ = d.ReadToken()
	return fits, false
}

type bitwardenReader struct {
	in    *jsonStream
	emit  func(Item) error
	ctx   context.Context //nolint:containedctx // one import
	now   time.Time
	dirs  bitwardenFolders
	items int
	seen  bool // a list of items or folders was there
}

func importBitwarden(ctx context.Context, r io.Reader, o ReadOptions, emit func(Item) error) error {
	in := &bitwardenReader{in: newJSONStream(skipMark(r)), emit: emit, ctx: ctx, now: o.now(), dirs: newBitwardenFolders()}
	t, err := in.in.token()
	if err != nil {
		return err
	}
	if t.Kind() != '{' {
		return fmt.Errorf("%w: it does not begin with an object", ErrDamaged)
	}
	for in.in.PeekKind() != '}' {
		name, err := in.in.token()
		if err != nil {
			return err
		}
		if err := in.member(name.String()); err != nil {
			return err
		}
	}
	if _, err := in.in.token(); err != nil {
		return err
	}
	if err := in.in.end(); err != nil {
		return err
	}
	if !in.seen {
		return fmt.Errorf("%w: it has neither items nor folders", ErrUnsupported)
	}
	return in.finish()
}

func (in *bitwardenReader) member(name string) error {
	switch name {
	case "encrypted":
		v, err := in.in.value(MaxCell)
		if err != nil || v.Kind() != 't' {
			return err
		}
		return in.refuse()
	case "encKeyValidation_DO_NOT_EDIT":
		if _, err := in.in.value(MaxCell); err != nil {
			return err
		}
		return in.refuse()
	case "salt", "kdfType", "data": // only the variant with a password has them
		return fmt.Errorf("%w: %s", ErrEncrypted, adviceBitwardenPassword)
	case "folders", "collections":
		in.seen, in.dirs.told = true, true
		return in.list(name, func(raw jsontext.Value) error { return in.dirs.add(name, raw) })
	case "items":
		in.seen = true
		return in.list(name, in.item)
	}
	// A member of the file as a whole that nobody knows: there is no entry to keep it with.
	v, err := in.in.value(MaxItemBytes)
	if err != nil || saysNothing(v) {
		return err
	}
	return in.emit(Item{
		Entry:  vault.Entry{Rec: vault.RecFolder, Title: "the file as a whole"},
		Losses: []Loss{{plainName(name), Dropped, "unknown to Signet, and it belongs to no item"}},
	})
}

// refuse finds out which encrypted variant this is: only the one with a password names its salt.
func (in *bitwardenReader) refuse() error {
	for in.in.PeekKind() != '}' {
		name, err := in.in.token()
		if err != nil {
			return err
		}
		switch name.String() {
		case "salt", "passwordProtected", "kdfType", "data":
			return fmt.Errorf("%w: %s", ErrEncrypted, adviceBitwardenPassword)
		case "items", "folders":
			return fmt.Errorf("%w: %s", ErrEncrypted, adviceBitwardenAccount)
		}
		if _, err := in.in.value(MaxCell); err != nil {
			return err
		}
	}
	return fmt.Errorf("%w: %s", ErrEncrypted, adviceBitwardenAccount)
}

// list reads an array element by element; null is an empty one.
func (in *bitwardenReader) list(name string, each func(jsontext.Value) error) error {
	if in.in.PeekKind() == 'n' {
		_, err := in.in.token()
		return err
	}
	t, err := in.in.token()
	if err != nil {
		return err
	}
	if t.Kind() != '[' {
		return fmt.Errorf("%w: %s is no list", ErrDamaged, name)
	}
	for n := 1; in.in.PeekKind() != ']'; n++ {
		if err := in.ctx.Err(); err != nil {
			return err
		}
		v, err := in.in.value(MaxItemBytes)
		if err != nil {
			return fmt.Errorf("%s, number %d: %w", name, n, err)
		}
		if err := each(v); err != nil {
			return err
		}
	}
	_, err = in.in.token()
	return err
}

func (in *bitwardenReader) item(raw jsontext.Value) error {
	if in.items++; in.items > MaxItems {
		return fmt.Errorf("%w: more than %d items", ErrUnsupported, MaxItems)
	}
	o, err := parseObject(raw)
	if err != nil {
		return fmt.Errorf("item %d: %w: %s", in.items, ErrDamaged, errNoObject)
	}
	m := &bitwardenItem{jsonItem: jsonItem{format: bitwardenName, o: o, now: in.now}, dirs: &in.dirs}
	m.Place = fmt.Sprintf("item %d", in.items)
	m.read()
	return in.emit(m.Item)
}

// finish tells of the folders that no item told of: empty ones, and those that were named behind the items.
func (in *bitwardenReader) finish() error {
	for _, id := range in.dirs.order {
		it := Item{Entry: vault.Entry{Rec: vault.RecFolder}, Folders: []Folder{in.dirs.folder(id)}, Place: "folder"}
		if err := in.emit(it); err != nil {
			return err
		}
	}
	for _, id := range in.dirs.strangers {
		if _, ok := in.dirs.byID[id]; ok {
			continue
		}
		it := Item{Entry: vault.Entry{Rec: vault.RecFolder}, Folders: []Folder{{{ID: id, Title: "Folder " + plainName(id)}}}, Place: "folder"}
		it.Losses = []Loss{{"folder", Changed, "items lie in a folder that the file does not name: it is called by its id"}}
		if err := in.emit(it); err != nil {
			return err
		}
	}
	return nil
}

// bitwardenFolders are the file's folders and collections. A slash in a name nests it below the folder that has
// the name before the slash; names may repeat, and differ by case alone (formats.md 4.1).
type bitwardenFolders struct {
	told      bool // a list of folders was seen
	byID      map[string]bitwardenFolder
	byName    map[string]string // the first folder's id by whole name
	order     []string
	strangers []string // ids that items named before the folders came
	known     map[string]bool
}

type bitwardenFolder struct {
	name    string
	sources []vault.Source
}

func newBitwardenFolders() bitwardenFolders {
	return bitwardenFolders{byID: map[string]bitwardenFolder{}, byName: map[string]string{}, known: map[string]bool{}}
}

func (d *bitwardenFolders) add(list string, raw jsontext.Value) error {
	o, err := parseObject(raw)
	if err != nil {
		return fmt.Errorf("%w: one of %s is no object", ErrDamaged, list)
	}
	id, _ := o.text("id")
	name, _ := o.text("name")
	if id == "" {
		return nil // it has no items
	}
	if len(d.order) >= MaxFolders {
		return fmt.Errorf("%w: more than %d folders", ErrUnsupported, MaxFolders)
	}
	if len(id) > maxFieldName || len(name) > MaxCell {
		return fmt.Errorf("%w: a folder's id or name is too long", ErrUnsupported)
	}
	f := bitwardenFolder{name: name}
	if list == "collections" {
		f.sources = append(f.sources, vault.Source{Format: bitwardenName, Name: "kind", Value: secret.FromString("collection")})
	}
	o.rest(func(name string, raw jsontext.Value, _ string) {
		f.sources = append(f.sources, keptSource(bitwardenName, name, raw))
	})
	if _, twice := d.byID[id]; !twice {
		d.order = append(d.order, id)
	}
	d.byID[id] = f
	if _, ok := d.byName[name]; !ok {
		d.byName[name] = id
	}
	return nil
}

// folder returns the way down to a folder.
func (d *bitwardenFolders) folder(id string) Folder {
	f, ok := d.byID[id]
	if !ok {
		return Folder{{ID: id}}
	}
	titles := folderTitles(f.name)
	way := make(Folder, len(titles))
	for i, title := range titles {
		way[i] = FolderStep{Title: title}
		if above := d.byName[strings.Join(titles[:i+1], "/")]; above != "" {
			way[i].ID, way[i].Sources = above, d.byID[above].sources
		}
	}
	way[len(way)-1].ID, way[len(way)-1].Sources = id, f.sources
	return way
}

// folderTitles cuts a name at its slashes. Where that would leave an empty title, or a tree deeper than anybody's, the name stays whole.
func folderTitles(name string) []string {
	titles := strings.Split(name, "/")
	if len(titles) > MaxFolderDeep || slices.Contains(titles, "") {
		return []string{name}
	}
	return titles
}

// place returns the folder of an id that an item names. ok is false when the file has told its folders and this one is
// not among them.
func (d *bitwardenFolders) place(id string) (f Folder, ok bool) {
	if _, known := d.byID[id]; known {
		return d.folder(id), true
	}
	if d.told || len(id) > maxFieldName || len(d.strangers) >= MaxFolders {
		return nil, false
	}
	if !d.known[id] {
		d.known[id] = true
		d.strangers = append(d.strangers, id)
	}
	return d.folder(id), true
}
