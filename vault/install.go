package vault

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"iter"
	"maps"
	"slices"

	"signet/vault/cache"
	"signet/vault/fold"
	"signet/vault/format"
)

// installed moves the cache on to what was committed. The edit is saved: a cache that cannot follow is no failure of it.
func (v *Vault) installed(tx *tx) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.closed {
		return // committed, and locked meanwhile
	}
	if err := v.install(tx); err != nil {
		v.dropCache()
		v.notice("cache", "the edit is saved, but the cache could not be brought up to date: %v", err)
	}
}

func (v *Vault) install(tx *tx) error {
	var n note
	many := tx.c.light
	for _, p := range tx.c.parts {
		n.fold(tx.t.self, p.mark)
		if !many {
			v.recent[p.mark.SID] = recordsOf(p.ops)
		}
	}
	if !v.holds(tx.c.before) {
		return nil // the next look folds what was written
	}
	parts := v.newSpool()
	defer parts.close()
	after := tx.after()
	if many {
		var err error
		if after, err = tx.afterMany(parts); err != nil {
			return err
		}
	}
	if many && len(tx.touched) > v.cache.c.Len()/2 && !v.cache.detached {
		return v.installMany(after, n)
	}
	var changed []format.Record
	for r, err := range after {
		if err != nil {
			return err
		}
		changed = append(changed, r)
		if len(changed) == usualRoom.records {
			if err := v.advance(changed, note{}, false); err != nil {
				return err
			}
			changed = changed[:0]
		}
	}
	if !many {
		return v.advance(changed, n, true)
	}
	if err := v.advance(changed, n, false); err != nil {
		return err
	}
	v.mergeCache()
	return nil
}

// group is where the operations of one record stand in the parts of a commit.
type group struct {
	id       format.RecordID
	part     int
	from, to int
}

// groups lists them sorted by record, in the order of the parts.
func (c *commit) groups() []group {
	var out []group
	for i, p := range c.parts {
		for at, op := range p.ops {
			if last := len(out) - 1; at > 0 && out[last].id == op.Record {
				out[last].to = at + 1
			} else {
				out = append(out, group{op.Record, i, at, at + 1})
			}
		}
	}
	slices.SortStableFunc(out, func(a, b group) int { return cmp.Or(cmp.Compare(a.id, b.id), cmp.Compare(a.part, b.part)) })
	return out
}

// after yields the records as the commit leaves them, sorted by id. A write of ours replaces values of its own record only, so
// each record is folded for itself.
func (tx *tx) after() iter.Seq2[format.Record, error] {
	return func(yield func(format.Record, error) bool) {
		groups := tx.c.groups()
		for i := 0; i < len(groups); {
			id, delta := groups[i].id, fold.NewDelta(fold.NewContext(format.Context{}))
			for ; i < len(groups) && groups[i].id == id; i++ {
				p := tx.c.parts[groups[i].part]
				delta.AddFrom(tx.t.self, p.mark.SID, groups[i].from, p.ops[groups[i].from:groups[i].to])
			}
			base, err := tx.before(id)
			if !yield(delta.Apply(base), err) || err != nil {
				return
			}
		}
	}
}

// afterMany is after for an edit whose operations do not stand in memory any more: they are read again from its segments.
func (tx *tx) afterMany(store fold.Store) (iter.Seq2[format.Record, error], error) {
	delta := fold.NewPiledDelta(fold.NewContext(format.Context{}), fold.NewPile(store, tx.v.room.pile))
	for _, p := range tx.c.parts {
		ops, err := tx.operations(p)
		if err != nil {
			return nil, err
		}
		delta.Add(tx.t.self, p.mark.SID, ops)
	}
	ids := slices.Sorted(maps.Keys(tx.touched))
	was := func(yield func(format.Record, error) bool) {
		for _, id := range ids {
			r, err := tx.before(id)
			if (err != nil || len(r.Fields) > 0) && !yield(r, err) {
				return
			}
		}
	}
	return withGone(ids, delta.Stream(was)), nil
}

// before is a record as it was before the edit, the empty one when there was none. The cache still holds it when the edit does not.
// mu is held.
func (tx *tx) before(id format.RecordID) (format.Record, error) {
	r, ok := tx.records[id]
	if !ok {
		return tx.v.record(id)
	}
	r.ID = id
	return r, nil
}

// operations reads a part that was published. It must be what was staged.
func (tx *tx) operations(p part) ([]format.Op, error) {
	if p.ops != nil {
		return p.ops, nil
	}
	m, _ := tx.t.roster.Member(tx.t.self)
	f, err := tx.v.openLog(context.Background(), tx.t, p.name, m)
	if err != nil {
		return nil, err
	}
	if f.state != StateOK || f.sid != p.mark.SID {
		return nil, fmt.Errorf("read %s: %w: %s", f.path(), ErrCorrupt, f.why)
	}
	return f.ops, nil
}

// withGone puts the empty record in the place of every one of ids that the stream leaves out, because nothing is left of it.
func withGone(ids []format.RecordID, records iter.Seq2[format.Record, error]) iter.Seq2[format.Record, error] {
	return func(yield func(format.Record, error) bool) {
		for r, err := range records {
			for err == nil && len(ids) > 0 && ids[0] < r.ID {
				if !yield(format.Record{ID: ids[0]}, nil) {
					return
				}
				ids = ids[1:]
			}
			if !yield(r, err) || err != nil {
				return
			}
			ids = ids[min(1, len(ids)):]
		}
		for _, id := range ids {
			if !yield(format.Record{ID: id}, nil) {
				return
			}
		}
	}
}

// installMany writes a new cache file in which the records of a large edit stand among the others.
func (v *Vault) installMany(after iter.Seq2[format.Record, error], n note) error {
	text, err := n.encode()
	if err != nil {
		return err
	}
	c := v.cache.c
	seen := func() ([]byte, error) { return mergedContext(c, text) }
	v.replaceCache(func(w io.Writer) error {
		return cache.Build(w, v.cacheKeys(), cache.Stamp(v.marks.stamp), among(c.Docs(), after), seen)
	})
	return nil
}

// among yields the documents of a cache with changed records in their places; empty ones are left out. Both are sorted by id.
func among(old iter.Seq2[cache.Doc, error], changed iter.Seq2[format.Record, error]) iter.Seq2[cache.Doc, error] {
	return func(yield func(cache.Doc, error) bool) {
		next, stop := iter.Pull2(changed)
		defer stop()
		r, broken, more := next()
		emit := func() bool { // the record that is next, unless nothing is left of it
			if broken != nil {
				yield(cache.Doc{}, broken)
				return false
			}
			ok := len(r.Fields) == 0 || yield(docOf(r), nil)
			r, broken, more = next()
			return ok
		}
		for d, err := range old {
			if err != nil {
				yield(cache.Doc{}, err)
				return
			}
			for more && (broken != nil || string(r.ID) < d.ID) {
				if !emit() {
					return
				}
			}
			if more && string(r.ID) == d.ID {
				if !emit() {
					return
				}
				continue
			}
			kept, err := format.ParseRecord(d.Raw)
			if !yield(docOf(kept), err) || err != nil {
				return
			}
		}
		for more {
			if !emit() {
				return
			}
		}
	}
}

// recordsOf lists the records of a segment, whose operations stand together by record.
func recordsOf(ops []format.Op) []format.RecordID {
	var out []format.RecordID
	for _, op := range ops {
		if n := len(out); n == 0 || out[n-1] != op.Record {
			out = append(out, op.Record)
		}
	}
	return out
}

// holds makes sure that the cache at hand is what was before the commit, and that of the disk if possible.
func (v *Vault) holds(stamps []format.Hash) bool {
	fits := func() bool {
		return v.cache != nil && slices.Contains(stamps, format.Hash(v.cache.c.Stamp()))
	}
	if fits() && !v.cache.detached {
		return true
	}
	kept := v.cache
	v.cache = nil
	if v.reopen(); fits() {
		kept.close()
		return true
	}
	v.dropCache()
	v.cache = kept
	return fits()
}
