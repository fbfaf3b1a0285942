package formattest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
	"iter"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"signet/exporter"
	"signet/vault"
	"signet/vault/entry"
	"signet/vault/format"
	"signet/vault/secret"
)

// Now is the time that tests import at.
var Now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// Vault stands in for a vault: records in memory, written by the rules that vault.Import has (one batch per record, limits), read back
// by the code that the vault reads with.
type Vault struct {
	records map[vault.ID]map[string]format.Value
	files   map[string][]byte
	others  map[vault.FieldRef]format.Value // second live values
	ids     *counter
	seq     uint64
}

// NewVault returns an empty vault, the same every time.
func NewVault() *Vault { return NewVaultSeed(0) }

// NewVaultSeed returns an empty vault whose ids are not those of another seed's.
func NewVaultSeed(seed byte) *Vault {
	return &Vault{records: map[vault.ID]map[string]format.Value{}, files: map[string][]byte{}, others: map[vault.FieldRef]format.Value{}, ids: &counter{seed: seed}}
}

// counter gives bytes that never repeat and are the same every time.
type counter struct {
	seed byte
	n    uint64
}

func (c *counter) Read(p []byte) (int, error) {
	for done := 0; done < len(p); {
		c.n++
		sum := sha256.Sum256(binary.BigEndian.AppendUint64([]byte{c.seed}, c.n))
		done += copy(p[done:], sum[:])
	}
	return len(p), nil
}

// IDs makes the vault's ids.
func (v *Vault) IDs() vault.IDs { return vault.IDs{Rand: v.ids} }

// Apply writes edits.
func (v *Vault) Apply(edits []vault.Edit) error {
	for _, e := range edits {
		limit := format.MaxValue
		if format.IsHistory(e.Path) {
			limit = format.MaxHistValue
		}
		if err := format.CheckPath(e.Path); err != nil {
			return fmt.Errorf("%s: %w", e.Path, err)
		}
		if _, err := format.ParseRecordID(string(e.Record)); err != nil {
			return err
		}
		if len(e.Value.Reveal()) > limit {
			return fmt.Errorf("%s: %d bytes", e.Path, len(e.Value.Reveal()))
		}
		rec := v.records[e.Record]
		if rec == nil {
			rec = map[string]format.Value{}
			v.records[e.Record] = rec
		}
		if e.Delete {
			delete(rec, e.Path)
			continue
		}
		v.seq++
		var sum [32]byte
		copy(sum[:], fmt.Sprint(v.seq))
		rec[e.Path] = format.Value{Text: e.Value.RevealString(), Wall: e.Wall, Dot: format.Dot{SID: format.Sum(sum[:]).SID()}}
	}
	return nil
}

// Set writes one field.
func (v *Vault) Set(id vault.ID, path, value string) {
	if err := v.Apply([]vault.Edit{vault.SetEdit(id, path, value)}); err != nil {
		panic(err)
	}
}

func (v *Vault) record(id vault.ID) format.Record {
	r := format.Record{ID: id}
	for _, path := range slices.Sorted(maps.Keys(v.records[id])) {
		f := format.Field{Path: path, Values: []format.Value{v.records[id][path]}}
		if other, ok := v.others[vault.FieldRef{Record: id, Path: path}]; ok {
			f.Values = append(f.Values, other)
		}
		r.Fields = append(r.Fields, f)
	}
	return r
}

// Records returns what is there, entries or folders, sorted by title, then id.
func (v *Vault) Records(rec entry.Rec) (out []vault.Entry) {
	for id := range v.records {
		e := entry.FromRecord(v.record(id), vault.View{Reveal: true, History: true, Sources: true})
		if e.Rec == rec {
			out = append(out, e)
		}
	}
	slices.SortFunc(out, func(a, b vault.Entry) int {
		return strings.Compare(a.Title+"\x00"+string(a.ID), b.Title+"\x00"+string(b.ID))
	})
	return out
}

// All returns every entry.
func (v *Vault) All() []vault.Entry { return v.Records(vault.RecEntry) }

// Entry returns the one entry of that title.
func (v *Vault) Entry(t testing.TB, title string) vault.Entry {
	t.Helper()
	var found []vault.Entry
	for _, e := range v.All() {
		if e.Title == title {
			found = append(found, e)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d entries are called %q", len(found), title)
	}
	return found[0]
}

// Folder returns the titles on the way to a folder.
func (v *Vault) Folder(id vault.ID) (path []string) {
	for n := 0; id != "" && n < 100; n++ {
		rec := v.records[id]
		path = append([]string{rec[entry.PathTitle].Text}, path...)
		id = vault.ID(rec[entry.PathParent].Text)
	}
	return path
}

// Planner returns a planner that knows what the vault holds.
func (v *Vault) Planner(name string) *exporter.Planner {
	p := exporter.NewPlanner(name, v.IDs())
	folders := v.Records(vault.RecFolder)
	slices.SortStableFunc(folders, func(a, b vault.Entry) int { return slices.Compare(v.Folder(a.ID), v.Folder(b.ID)) })
	for _, f := range folders {
		p.KnownFolder(f.ID, v.Folder(f.ID), f.Sources...)
	}
	for _, e := range v.All() {
		p.Known(e)
		e.Wipe()
	}
	return p
}

// Import reads a file into the vault, as a whole or not at all, and counts what was written.
func (v *Vault) Import(f exporter.Format, r io.Reader) (exporter.Report, int, error) {
	rep := exporter.Report{Format: f.Name}
	opt := exporter.ReadOptions{Store: v.store, Now: func() time.Time { return Now }}
	touched := map[vault.ID]bool{}
	var batches [][]vault.Edit
	err := v.Planner(f.Name).Import(context.Background(), f, r, opt, func(p exporter.Planned) error {
		rep.Add(p.Kind, p.Row)
		return checkBatch(p.Edits, touched, &batches)
	})
	if err != nil {
		return rep, 0, err
	}
	n := 0
	for _, b := range batches {
		n += len(b)
		if err := v.Apply(b); err != nil {
			return rep, n, err
		}
	}
	return rep, n, nil
}

func checkBatch(edits []vault.Edit, touched map[vault.ID]bool, batches *[][]vault.Edit) error {
	fields := map[vault.FieldRef]bool{}
	now := map[vault.ID]bool{}
	for _, e := range edits {
		if touched[e.Record] {
			return fmt.Errorf("record %s comes in two batches", e.Record)
		}
		now[e.Record] = true
		if fields[e.FieldRef] {
			return fmt.Errorf("%s is written twice", e.Path)
		}
		fields[e.FieldRef] = true
	}
	maps.Copy(touched, now)
	*batches = append(*batches, edits)
	return nil
}

// ImportString imports a text and expects it to work.
func (v *Vault) ImportString(t testing.TB, f exporter.Format, text string) exporter.Report {
	t.Helper()
	rep, _, err := v.Import(f, strings.NewReader(text))
	if err != nil {
		t.Fatalf("import: %v", err)
	}
	return rep
}

func (v *Vault) store(r io.Reader) (vault.Member, error) {
	b, err := io.ReadAll(r)
	if err != nil {
		return vault.Member{}, err
	}
	name := fmt.Sprintf("file-%d", len(v.files))
	v.files[name] = b
	return vault.Member{Name: "signet:att", Value: secret.FromString(name)}, nil
}

// Files returns how many attachments were stored.
func (v *Vault) Files() int { return len(v.files) }

// Source gives out the vault to an export.
func (v *Vault) Source() exporter.Source { return source{v} }

type source struct{ v *Vault }

func (s source) Entries(context.Context) iter.Seq2[vault.Entry, error] {
	return func(yield func(vault.Entry, error) bool) {
		for _, e := range s.v.All() {
			if !yield(e, nil) {
				return
			}
		}
	}
}

func (s source) Folders(context.Context) (out []exporter.SourceFolder, err error) {
	for _, f := range s.v.Records(vault.RecFolder) {
		parent := vault.ID(s.v.records[f.ID][entry.PathParent].Text)
		out = append(out, exporter.SourceFolder{ID: f.ID, Parent: parent, Title: f.Title, Sources: f.Sources})
	}
	return out, nil
}

func (s source) File(_ context.Context, ref vault.FieldRef, w io.Writer) error {
	name := s.v.records[ref.Record][ref.Path].Text
	b, ok := s.v.files[name]
	if !ok {
		return fmt.Errorf("no file at %s", ref.Path)
	}
	_, err := io.Copy(w, bytes.NewReader(b))
	return err
}

// Raw returns an entry's fields as they are written.
func (v *Vault) Raw(id vault.ID) map[string]string {
	out := map[string]string{}
	for path, value := range v.records[id] {
		out[path] = value.Text
	}
	return out
}

// AddFile stores the bytes of an attachment and returns the value that says where they are.
func (v *Vault) AddFile(b []byte) string {
	m, err := v.store(bytes.NewReader(b))
	if err != nil {
		panic(err)
	}
	return m.Value.RevealString()
}

// LoseFile makes an attachment unreadable.
func (v *Vault) LoseFile(name string) { delete(v.files, name) }

// FileBytes returns an attachment's bytes.
func (v *Vault) FileBytes(name string) []byte { return v.files[name] }

// Conflict gives a field one more live value.
func (v *Vault) Conflict(id vault.ID, path, value string) {
	v.others[vault.FieldRef{Record: id, Path: path}] = format.Value{Text: value, Wall: Now.UnixMilli(), Dot: format.Dot{SID: format.Sum([]byte(value)).SID()}}
}
