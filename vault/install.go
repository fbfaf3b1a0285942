package vault

import (
	"cmp"
	"io"
	"iter"
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

// manyRecords is from how many changed records on an edit is streamed into the cache instead of standing in memory twice.
const manyRecords = 2000

func (v *Vault) install(tx *tx) error {
	var n note
	groups := tx.c.groups()
	for _, p := range tx.c.parts {
		n.fold(tx.t.self, p.mark)
		if len(groups) <= manyRecords {
			v.recent[p.mark.SID] = recordsOf(p.ops)
		}
	}
	if !v.holds(tx.c.before) {
		return nil // the next look folds what was written
	}
	if len(groups) > manyRecords && len(groups) > v.cache.c.Len()/2 && !v.cache.detached {
		return v.installMany(tx, groups, n)
	}
	var changed []format.Record
	for r := range tx.after(groups) {
		changed = append(changed, r)
		if len(changed) == manyRecords {
			if err := v.advance(changed, note{}, false); err != nil {
				return err
			}
			changed = changed[:0]
		}
	}
	if len(groups) <= manyRecords {
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
func (tx *tx) after(groups []group) iter.Seq[format.Record] {
	return func(yield func(format.Record) bool) {
		for i := 0; i < len(groups); {
			id, delta := groups[i].id, fold.NewDelta(fold.NewContext(format.Context{}))
			for ; i < len(groups) && groups[i].id == id; i++ {
				p := tx.c.parts[groups[i].part]
				delta.AddFrom(tx.t.self, p.mark.SID, groups[i].from, p.ops[groups[i].from:groups[i].to])
			}
			base, ok := tx.records[id]
			if !ok {
				base.ID = id
			}
			if !yield(delta.Apply(base)) {
				return
			}
		}
	}
}

// installMany writes a new cache file in which the records of a large edit stand among the others.
func (v *Vault) installMany(tx *tx, groups []group, n note) error {
	text, err := n.encode()
	if err != nil {
		return err
	}
	c := v.cache.c
	context := func() ([]byte, error) { return mergedContext(c, text) }
	v.replaceCache(func(w io.Writer) error {
		return cache.Build(w, v.cacheKeys(), cache.Stamp(v.marks.stamp), among(c.Docs(), tx.after(groups)), context)
	})
	return nil
}

// among yields the documents of a cache with changed records in their places. Both are sorted by id.
func among(old iter.Seq2[cache.Doc, error], changed iter.Seq[format.Record]) iter.Seq2[cache.Doc, error] {
	return func(yield func(cache.Doc, error) bool) {
		next, stop := iter.Pull(changed)
		defer stop()
		r, more := next()
		emit := func() bool { // the record that is next, unless nothing is left of it
			ok := len(r.Fields) == 0 || yield(docOf(r), nil)
			r, more = next()
			return ok
		}
		for d, err := range old {
			if err != nil {
				yield(cache.Doc{}, err)
				return
			}
			for more && string(r.ID) < d.ID {
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
