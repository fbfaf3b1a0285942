package vault

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"

	"signet/vault/cache"
	"signet/vault/fold"
	"signet/vault/format"
)

// rescue finds what the cache holds and the files do not. The cache is joined as a snapshot is (vault.md 5.4): of what both
// have seen the fold of the files is right, so that an old cache brings nothing back; what only the cache has seen is of files
// that are gone. The cache is this device's own and authenticated; nothing else is known of lost files.
type rescue struct {
	v       *Vault
	lib     *library
	held    bool         // the caller has the file lock
	kept    *cache.Cache // nil: there is none that opens
	shut    func()
	seen    *fold.Context           // what it has seen
	denied  map[format.SID]*logFile // files that are here and must not be believed: not out of the cache either
	layers  map[int][]format.Op     // further values of fields in conflict: a segment writes a field once
	unsaved []string                // what is lost, in words
	left    map[format.SID]int      // values of denied files that the cache holds
}

func (v *Vault) newRescue(lib *library, held bool) *rescue {
	r := &rescue{v: v, lib: lib, held: held, denied: map[format.SID]*logFile{}, shut: func() {}}
	for _, f := range lib.files {
		if f.state == StateQuarantined && f.sid != "" {
			r.denied[f.sid] = f
		}
	}
	why := r.open()
	for _, f := range lib.finds {
		gone := f.Kind == "missing" || f.Kind == "rollback" || f.Kind == "hidden"
		if gone && (r.kept == nil || !r.seen.Has(f.SID)) {
			r.unsaved = append(r.unsaved, fmt.Sprintf("what log %s, file %d wrote: %s", f.Log.Short(), f.Seq, why))
		}
	}
	return r
}

// open opens the cache on the disk, whatever state it is fresh for, without its tail when that is broken. It returns what to
// say of a file that the cache does not help with.
func (r *rescue) open() string {
	const none = "no cache holds it"
	file, err := r.v.m.Open(cacheName)
	if err != nil {
		return none
	}
	r.shut = func() { _ = file.Close() }
	tail, err := r.v.m.Read(tailName, maxTail)
	if err != nil {
		tail = nil
	}
	c, err := cache.Open(file, tail, r.v.cacheKeys())
	if err != nil && tail != nil {
		c, err = cache.Open(file, nil, r.v.cacheKeys())
	}
	if err != nil {
		return none
	}
	r.shut = func() { c.Close(); _ = file.Close() }
	base, notes, err := c.Context()
	if err != nil {
		return none
	}
	s, err := parseSeen(base, notes)
	if err != nil {
		return none
	}
	r.kept, r.seen = c, fold.NewContext(s.ctx)
	return "the cache had not taken it in"
}

func (r *rescue) close() {
	r.shut()
	r.kept, r.shut = nil, func() {}
}

// run walks files and cache side by side and hands the operations that save what only the cache has to c; nil only counts. It
// returns how many records that concerns.
func (r *rescue) run(ctx context.Context, c *commit) (n int, err error) {
	if r.kept == nil {
		return 0, nil
	}
	r.layers, r.left = map[int][]format.Op{}, map[format.SID]int{}
	var store fold.Store
	if r.held {
		parts := r.v.newSpool()
		defer parts.close()
		store = parts
	}
	state, err := r.lib.fold(store)
	if err != nil {
		return 0, err
	}
	for a, b := range sideBySide(state.records, r.records()) {
		if a.err != nil {
			return n, a.err
		}
		if err := ctx.Err(); err != nil {
			return n, err
		}
		if b.err != nil { // a damaged cache: what came before it is saved
			r.miss(c, "what the cache holds behind a damaged place: %v", b.err)
			break
		}
		ops := r.record(state.ctx, a.Record, b.Record)
		if len(ops) == 0 {
			continue
		}
		n++
		if err := give(c, ops); err != nil {
			return n, err
		}
	}
	for _, sid := range slices.Sorted(maps.Keys(r.left)) {
		r.miss(c, "%d values of %s, which must not be believed", r.left[sid], r.denied[sid].path())
	}
	return n, r.more(c)
}

// saveCacheOnly writes what only the cache holds into the log before the cache ends, because the device's key is replaced. Nothing is
// accepted thereby: the marks still name the lost files. It reports whether something was written. mu and the file lock are held.
func (v *Vault) saveCacheOnly(ctx context.Context, t *trust, lib *library) (bool, error) {
	if !lib.incomplete() {
		return false, nil
	}
	r := v.newRescue(lib, true)
	defer r.close()
	if n, err := r.run(ctx, nil); n == 0 || err != nil {
		return false, err
	}
	if err := v.guard(t); err != nil {
		return false, fmt.Errorf("save what only the cache holds (signet doctor --accept does it as well): %w", err)
	}
	c, err := v.newCommit(t)
	if err != nil {
		return false, err
	}
	defer c.discard()
	c.saved, c.target = true, min(c.target, importTarget)
	if _, err = r.run(ctx, c); err == nil {
		err = c.cut()
	}
	if err == nil {
		err = c.publishHeld()
	}
	return err == nil, err
}

// miss notes what cannot be saved, once.
func (r *rescue) miss(c *commit, text string, args ...any) {
	if c == nil {
		r.unsaved = append(r.unsaved, fmt.Sprintf(text, args...))
	}
}

// more hands over the further values of fields in conflict, in segments of their own.
func (r *rescue) more(c *commit) error {
	for n := 1; r.layers[n] != nil && c != nil; n++ {
		if err := c.cut(); err != nil {
			return err
		}
		for _, op := range r.layers[n] {
			if err := c.add([]format.Op{op}); err != nil {
				return err
			}
		}
	}
	return nil
}

// give hands the operations of one record over, together when a segment takes them.
func give(c *commit, ops []format.Op) error {
	if c == nil {
		return nil
	}
	n := 0
	for _, op := range ops {
		n += size(op)
	}
	if n <= segmentTarget {
		return c.add(ops)
	}
	for _, op := range ops { // one commit makes them visible together
		if err := c.add([]format.Op{op}); err != nil {
			return err
		}
	}
	return nil
}

// record returns the operations that turn a record of the files into what it is joined with the cache's. One of the two may have
// no fields.
func (r *rescue) record(have *fold.Context, a, b format.Record) []format.Op {
	if sameRecord(a, b) {
		return nil
	}
	joined := fold.JoinRecord(a, have, b, r.seen)
	var ops []format.Op
	for _, path := range pathsOf(a, joined) {
		was, _ := a.Get(path)
		is, _ := joined.Get(path)
		if op, ok := r.field(have, format.Op{Record: a.ID, Field: path}, was.Values, is.Values); ok {
			ops = append(ops, op)
		}
	}
	return ops
}

// field fills in the operation that makes a field's values what they are in the cache: the first lost one is written again as
// it was, under its old clock, and takes the place of its old dot, so that nothing is doubled when the file comes back.
func (r *rescue) field(have *fold.Context, op format.Op, was, is []format.Value) (format.Op, bool) {
	for _, v := range was {
		if !holdsDot(is, v.Dot) && len(r.denied) == 0 { // replaced by a lost write
			op.Replaces = append(op.Replaces, v.Dot)
		}
	}
	changed := len(op.Replaces) > 0
	if saved, ok := format.HistoryDot(op.Field); ok && len(is) > 0 && !have.Seen(saved) && r.seen.Has(saved.SID) {
		op.Replaces = append(op.Replaces, saved) // or the value that the row keeps would live again beside its successor
	}
	lost := slices.DeleteFunc(slices.Clone(is), func(v format.Value) bool { return holdsDot(was, v.Dot) })
	for i, v := range lost {
		next := format.Op{Record: op.Record, Field: op.Field, Replaces: []format.Dot{v.Dot}, Value: &v.Text, Wall: v.Wall, Extra: v.Extra}
		if i == 0 {
			next.Replaces = append(next.Replaces, op.Replaces...)
			op = next
		} else {
			r.layers[i] = append(r.layers[i], next)
		}
	}
	if len(lost) == 0 {
		op.Wall = r.v.o.Now().UnixMilli()
	}
	return op, len(lost) > 0 || changed
}

func holdsDot(values []format.Value, d format.Dot) bool {
	return slices.ContainsFunc(values, func(v format.Value) bool { return v.Dot == d })
}

// pathsOf lists the fields of two records, sorted.
func pathsOf(a, b format.Record) []string {
	var out []string
	for _, r := range []format.Record{a, b} {
		for _, f := range r.Fields {
			out = append(out, f.Path)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// records streams the cache's records, without the values that must not be believed.
func (r *rescue) records() iter.Seq2[format.Record, error] {
	return func(yield func(format.Record, error) bool) {
		for d, err := range r.kept.Docs() {
			var rec format.Record
			if err == nil {
				rec, err = format.ParseRecord(d.Raw)
			}
			if err == nil {
				rec = r.believed(rec)
			}
			if !yield(rec, err) || err != nil {
				return
			}
		}
	}
}

func (r *rescue) believed(rec format.Record) format.Record {
	if len(r.denied) == 0 {
		return rec
	}
	out := format.Record{ID: rec.ID}
	for _, f := range rec.Fields {
		f.Values = slices.DeleteFunc(slices.Clone(f.Values), func(v format.Value) bool {
			_, no := r.denied[v.Dot.SID]
			if no {
				r.left[v.Dot.SID]++
			}
			return no
		})
		if len(f.Values) > 0 {
			out.Fields = append(out.Fields, f)
		}
	}
	return out
}

// found is a record of a stream, or how the stream ended.
type found struct {
	format.Record
	err error
}

// sideBySide walks two streams sorted by id; where one has no record, it is the empty one with that id. An error of either
// is the last thing that comes.
func sideBySide(a, b iter.Seq2[format.Record, error]) iter.Seq2[found, found] {
	return func(yield func(a, b found) bool) {
		nextA, stopA := iter.Pull2(a)
		defer stopA()
		nextB, stopB := iter.Pull2(b)
		defer stopB()
		ra, errA, okA := nextA()
		rb, errB, okB := nextB()
		for okA || okB {
			if errA != nil || errB != nil {
				yield(found{ra, errA}, found{rb, errB})
				return
			}
			id, fromA, fromB := ra.ID, okA, okB
			if fromA && fromB {
				id = min(ra.ID, rb.ID)
				fromA, fromB = ra.ID == id, rb.ID == id
			} else if fromB {
				id = rb.ID
			}
			x, y := found{Record: format.Record{ID: id}}, found{Record: format.Record{ID: id}}
			if fromA {
				x.Record = ra
				ra, errA, okA = nextA()
			}
			if fromB {
				y.Record = rb
				rb, errB, okB = nextB()
			}
			if !yield(x, y) {
				return
			}
		}
	}
}
