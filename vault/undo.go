package vault

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"signet/vault/entry"
	"signet/vault/fold"
	"signet/vault/format"
	"signet/vault/secret"
)

// Undo takes back what the segments sids wrote (decisions.md "Undo"): values that they wrote go, values that they replaced
// come back, all of them where there were several. What was edited since stays and is named in Result.Skipped; when nothing
// is left to take back, it is *UndoError. A sid of an import stands for the whole import. Undo of an undo works the same way.
func (v *Vault) Undo(ctx context.Context, sids []format.SID) (Result, error) {
	return v.update(ctx, func(tx *tx) error {
		u := &undo{tx: tx, of: map[format.SID]bool{}}
		for _, sid := range sids {
			u.of[sid] = true
		}
		if err := u.wholeImports(ctx); err != nil {
			return err
		}
		ids, err := u.records(ctx)
		if err != nil {
			return err
		}
		return u.run(ids)
	})
}

// LastEdit returns the newest edit of this device, for an undo that names none.
func (v *Vault) LastEdit(ctx context.Context) (sids []format.SID, err error) {
	err = v.look(ctx, func() error {
		if sids = ownOf(v.marks.heads).Last; len(sids) == 0 {
			return fmt.Errorf("find the last edit: %w", ErrNotFound)
		}
		return nil
	})
	return sids, err
}

// undo is one undo in the making.
type undo struct {
	tx     *tx
	of     map[format.SID]bool
	stays  []entry.FieldRef                        // edited since
	layers map[int]map[format.RecordID][]format.Op // further values of fields that were in conflict
}

// wholeImports makes of any sid of an import all of them.
func (u *undo) wholeImports(ctx context.Context) error {
	v := u.tx.v
	v.mu.Lock()
	defer v.mu.Unlock()
	var imports []format.RecordID
	err := v.cache.c.Scan(func(id, _ string, row []byte) bool {
		if r, err := entry.ParseRow(ID(id), row); err == nil && len(row) > 0 && r.Rec == entry.RecImport {
			imports = append(imports, ID(id))
		}
		return ctx.Err() == nil
	})
	for _, id := range imports {
		r, rerr := v.record(id)
		if rerr != nil {
			return rerr
		}
		f, ok := r.Get(entry.PathParts)
		if !ok || len(f.Values) == 0 {
			continue
		}
		all := append(importParts(r), f.Values[0].Dot.SID)
		if slices.ContainsFunc(all, func(s format.SID) bool { return u.of[s] }) {
			for _, s := range all {
				u.of[s] = true
			}
		}
	}
	return cmp.Or(err, ctx.Err())
}

// records finds what the segments touched: this process remembers its own writes, everything else is searched for.
func (u *undo) records(ctx context.Context) ([]format.RecordID, error) {
	v := u.tx.v
	v.mu.Lock()
	defer v.mu.Unlock()
	found, known := map[format.RecordID]bool{}, true
	for sid := range u.of {
		ids, ok := v.recent[sid]
		known = known && ok
		for _, id := range ids {
			found[id] = true
		}
	}
	if known {
		return slices.Sorted(maps.Keys(found)), nil
	}
	for d, err := range v.cache.c.Docs() {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return nil, err
		}
		for sid := range u.of {
			if bytes.Contains(d.Raw, []byte(sid)) {
				found[format.RecordID(d.ID)] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(found)), nil
}

func (u *undo) run(ids []format.RecordID) error {
	for _, id := range ids {
		r, err := u.tx.record(id)
		if err != nil {
			return err
		}
		u.record(r)
		if err := u.tx.flushRecord(id); err != nil {
			return err
		}
		u.tx.forget(id)
	}
	if len(u.tx.touched) == 0 {
		if len(u.stays) > 0 {
			return &UndoError{u.stays}
		}
		return fmt.Errorf("undo: %w", ErrNotFound)
	}
	for _, ref := range u.stays {
		u.tx.skip("%s was edited since and stays", ref.Path)
	}
	return u.flush()
}

// flush hands over what comes back beside the first value of a field: one value per field and segment, so a field that was in conflict
// has its further values written in segments of their own.
func (u *undo) flush() error {
	for n := 1; u.layers[n] != nil; n++ {
		if err := u.tx.c.cut(); err != nil {
			return err
		}
		for id, ops := range u.layers[n] {
			for i := range ops {
				u.tx.ops[id] = orNew(u.tx.ops[id])
				u.tx.ops[id][ops[i].Field] = &ops[i]
			}
		}
		for _, id := range slices.Sorted(maps.Keys(u.tx.ops)) {
			if err := u.tx.flushRecord(id); err != nil {
				return err
			}
		}
	}
	return nil
}

func orNew(m map[string]*format.Op) map[string]*format.Op {
	if m == nil {
		return map[string]*format.Op{}
	}
	return m
}

// wrote is what the segments did to one record.
type wrote struct {
	r       format.Record
	live    map[string]bool   // fields of which a live value is theirs
	saved   map[string][]past // values that they replaced, by field
	later   map[string]bool   // fields of which somebody replaced their value
	crowded bool              // so much history that rows may have been trimmed
}

// past is a value that was there before, and the history row that keeps it.
type past struct {
	row entry.HistoryRow
	dot format.Dot
	at  format.Field
}

func (u *undo) look(r format.Record) wrote {
	w := wrote{r: r, live: map[string]bool{}, saved: map[string][]past{}, later: map[string]bool{}}
	plain := 0
	for _, f := range r.Fields {
		theirs := slices.ContainsFunc(f.Values, func(v format.Value) bool { return u.of[v.Dot.SID] })
		if !format.IsHistory(f.Path) {
			w.live[f.Path] = w.live[f.Path] || theirs
			continue
		}
		dot, ok := format.HistoryDot(f.Path)
		var row entry.HistoryRow
		if !ok || len(f.Values) == 0 || json.Unmarshal([]byte(f.Values[0].Text), &row) != nil {
			continue
		}
		if !concealedIn(r, row.Field) {
			plain++
		}
		if theirs {
			w.saved[row.Field] = append(w.saved[row.Field], past{row, dot, f})
		} else if u.of[dot.SID] {
			w.later[row.Field] = true
		}
	}
	w.crowded = plain >= keptRows
	return w
}

// record takes back what was done to one record.
func (u *undo) record(r format.Record) {
	w := u.look(r)
	var fields []string
	for path, theirs := range w.live {
		if theirs {
			fields = append(fields, path)
		}
	}
	for path := range w.saved {
		fields = append(fields, path)
	}
	for path := range w.later {
		fields = append(fields, path)
	}
	slices.Sort(fields)
	fields = slices.Compact(fields)
	if u.stuck(w, "") {
		u.tx.skip("an entry was edited since and stays as it is")
		u.stays = append(u.stays, entry.FieldRef{Record: r.ID, Path: entry.PathTitle})
		return
	}
	for _, path := range fields {
		if !u.field(w, path) {
			continue
		}
		for _, p := range w.saved[path] { // the row was theirs too
			u.tx.put(&format.Op{Record: r.ID, Field: p.at.Path, Replaces: dotsOf(p.at.Values), Wall: u.tx.now})
		}
	}
}

// stuck reports that a thing which the segments created (the entry, a credential, an address) has been edited since: without
// the field that makes it what it is, the edit would be left as a stump. So it stays as a whole.
func (u *undo) stuck(w wrote, thing string) bool {
	owner := makerOf(thing)
	if len(w.saved[owner]) > 0 || !w.live[owner] && !w.later[owner] {
		return false
	}
	within := func(path string) bool { return thing == "" || thingOf(path) == thing }
	for path := range w.later {
		if within(path) {
			return true
		}
	}
	made, _ := w.r.Get(owner)
	for _, f := range w.r.Fields {
		if format.IsHistory(f.Path) || format.IsSource(f.Path) || !within(f.Path) {
			continue
		}
		since := func(v format.Value) bool { return !u.of[v.Dot.SID] && v.Wall > made.Values[0].Wall }
		if len(made.Values) > 0 && slices.ContainsFunc(f.Values, since) {
			return true
		}
	}
	return false
}

// thingOf is what a field belongs to: a credential, an address, or "" for the entry itself.
func thingOf(path string) string {
	seg := strings.SplitN(path, "/", 3)
	if len(seg) > 1 && (seg[0] == "cred" || seg[0] == "url") {
		return seg[0] + "/" + seg[1]
	}
	return ""
}

// makerOf is the field that is there as long as a thing is.
func makerOf(thing string) string {
	switch {
	case strings.HasPrefix(thing, "cred/"):
		return thing + "/type"
	case thing != "":
		return thing
	}
	return entry.PathTitle
}

// field takes back one field; false when it stays.
func (u *undo) field(w wrote, path string) bool {
	f, _ := w.r.Get(path)
	f.Path = path
	others := slices.ContainsFunc(f.Values, func(v format.Value) bool { return !u.of[v.Dot.SID] })
	thing := thingOf(path)
	if others || w.later[path] || thing != "" && u.stuck(w, thing) {
		u.stays = append(u.stays, entry.FieldRef{Record: w.r.ID, Path: path})
		return false
	}
	old := w.saved[path]
	switch {
	case len(old) > 0:
		u.restore(w.r.ID, f, old)
	case u.unknownBefore(w, path):
		u.tx.skip("%s: what was there before is no longer kept", path)
		return false
	default:
		u.tx.edit(Edit{FieldRef: entry.FieldRef{Record: w.r.ID, Path: path}, Delete: true}, f)
	}
	return true
}

// unknownBefore reports that the segments may have replaced a value of which no row is kept: then what they wrote stays. A
// field that came together with the thing that it belongs to had nothing before.
func (u *undo) unknownBefore(w wrote, path string) bool {
	if hasHistory(path) || format.IsSource(path) {
		return w.crowded && !concealedIn(w.r, path) && !w.live[entry.PathTitle]
	}
	thing := thingOf(path)
	owner := makerOf(thing)
	return thing == "" || !w.live[owner] || len(w.saved[owner]) > 0
}

// restore writes the values back that were there before, the displayed one first.
func (u *undo) restore(id format.RecordID, f format.Field, old []past) {
	slices.SortFunc(old, func(a, b past) int {
		return fold.Rank(format.Value{Dot: a.dot, Wall: a.row.Wall}, format.Value{Dot: b.dot, Wall: b.row.Wall})
	})
	e := Edit{FieldRef: entry.FieldRef{Record: id, Path: f.Path}, Value: secret.FromString(old[0].row.Value), Wall: u.tx.now}
	u.tx.edit(e, f)
	for i, p := range old[1:] {
		if u.layers == nil {
			u.layers = map[int]map[format.RecordID][]format.Op{}
		}
		if u.layers[i+1] == nil {
			u.layers[i+1] = map[format.RecordID][]format.Op{}
		}
		text := p.row.Value
		u.layers[i+1][id] = append(u.layers[i+1][id], format.Op{Record: id, Field: f.Path, Value: &text, Wall: u.tx.now - int64(i) - 1})
	}
}

func (tx *tx) skip(format string, args ...any) {
	tx.skipped = append(tx.skipped, fmt.Sprintf(format, args...))
}
