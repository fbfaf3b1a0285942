package fold

import (
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"

	"signet/vault/format"
)

var errOrder = errors.New("stream records: not sorted by id")

// Delta is what a set of segments does to a state that is streamed by, record by record, without ever standing in memory
// as a whole: the ops per record, and every dot that they replace.
type Delta struct {
	law     *rules
	ctx     *Context
	touched map[format.RecordID]fields // records that ops name, with the values that they add
	home    map[format.Dot]place       // where each added value lives
	fresh   map[format.SID]bool        // segments that the base had not folded
	again   map[format.SID][]format.Op // segments that it had: they correct what it says about their dots
	gone    map[format.Dot][]place     // replaced dots, and where the ops stand that replaced them
	wanted  map[format.Dot]struct{}    // of those: live in the base perhaps, and not met yet
	pile    *Pile                      // instead of touched and home, for many segments
}

// NewDelta starts from the context of the state that will stream by (a snapshot's, or the cache's). It takes ctx over and
// advances it.
func NewDelta(ctx *Context) *Delta { return newDelta(lawful, ctx) }

// NewPiledDelta is a Delta whose added values stand on a pile instead of in memory, for any number of segments. It is for Stream
// alone, once: it knows no touched records and is never local.
func NewPiledDelta(ctx *Context, p *Pile) *Delta {
	d := newDelta(lawful, ctx)
	d.pile = p
	return d
}

func newDelta(law *rules, ctx *Context) *Delta {
	return &Delta{
		law: law, ctx: ctx, touched: map[format.RecordID]fields{}, home: map[format.Dot]place{}, fresh: map[format.SID]bool{},
		again: map[format.SID][]format.Op{}, gone: map[format.Dot][]place{}, wanted: map[format.Dot]struct{}{},
	}
}

// Add folds one segment into the delta. Segments may come in any order, and more than once. The delta keeps ops.
func (d *Delta) Add(log format.MemberID, sid format.SID, ops []format.Op) {
	d.AddFrom(log, sid, 0, ops)
}

// AddFrom is Add for one stretch of a segment that the context does not have: ops stand in it from index from on. It is for the
// writer of a large segment, who streams its records one by one through a small delta each.
func (d *Delta) AddFrom(log format.MemberID, sid format.SID, from int, ops []format.Op) {
	if d.fresh[sid] {
		return
	}
	if d.ctx.Has(sid) {
		d.again[sid] = ops
	} else {
		d.fresh[sid] = true
	}
	for i, op := range ops {
		if d.pile == nil && d.touched[op.Record] == nil {
			d.touched[op.Record] = fields{}
		}
		if dot := (format.Dot{SID: sid, I: from + i}); op.Value != nil && d.law.adds(d.ctx, dot) {
			d.put(place{op.Record, op.Field}, written(op, dot))
		}
		for _, x := range op.Replaces {
			d.replace(place{op.Record, op.Field}, x)
		}
	}
	d.ctx.add(log, sid)
}

func (d *Delta) put(at place, c cell) {
	if d.pile != nil {
		d.pile.put(at, c.value)
		return
	}
	d.touched[at.record].put(at.field, c)
	d.home[c.value.Dot] = at
}

func (d *Delta) replace(by place, x format.Dot) {
	if at, ok := d.home[x]; ok && d.law.reaches(by, at) {
		d.touched[at.record].remove(at.field, x)
		delete(d.home, x)
	}
	if d.pile == nil && d.ctx.Has(x.SID) && !d.fresh[x.SID] {
		if _, before := d.gone[x]; !before {
			d.wanted[x] = struct{}{}
		}
	}
	d.gone[x] = append(d.gone[x], by)
	if d.law.remembers(d.ctx, x) {
		d.ctx.remember(x)
	}
}

// Touched returns the ids of records that the ops name, sorted.
func (d *Delta) Touched() []format.RecordID { return slices.Sorted(maps.Keys(d.touched)) }

// Local reports whether applying the delta to the touched records alone is enough: every dot in an x that the base context
// had seen was found in one of the records given to Apply, or is known to live nowhere else. False means: stream all records
// through Stream (a foreign write replaced a dot in another record, or one that is gone already: the delta cannot tell).
// Ask after Apply was called for every touched record.
func (d *Delta) Local() bool { return d.pile == nil && len(d.wanted) == 0 && len(d.again) == 0 }

// Apply returns the record after the delta; base is the zero Record with that ID when the state has none.
func (d *Delta) Apply(base format.Record) format.Record { return d.apply(base, d.touched[base.ID]) }

func (d *Delta) apply(base format.Record, added fields) format.Record {
	if len(added) == 0 && !d.changes(base) {
		return base
	}
	out := fields{}
	for path, cells := range load(base) {
		for _, c := range cells {
			if c, ok := d.rest(place{base.ID, path}, c); ok {
				out.put(path, c)
			}
		}
	}
	for path, cells := range added {
		for _, c := range cells {
			out.put(path, c)
		}
	}
	return out.record(base.ID)
}

// changes reports whether a value of the record is named by the delta at all, which for most records it is not.
func (d *Delta) changes(base format.Record) bool {
	for _, f := range base.Fields {
		for _, v := range f.Values {
			_, gone := d.gone[v.Dot]
			_, again := d.again[v.Dot.SID]
			if gone || again {
				return true
			}
		}
	}
	return false
}

// rest is what the delta leaves of one value of the base; false when it goes.
func (d *Delta) rest(at place, c cell) (cell, bool) {
	dot := c.value.Dot
	delete(d.wanted, dot)
	if d.isGone(at, dot) {
		return cell{}, false
	}
	ops, again := d.again[dot.SID]
	if !again {
		return c, true
	}
	right, ok := corrected(ops, dot, at)
	if ok && !d.law.beats(right, c) {
		return c, true
	}
	return right, ok
}

// addition is what the segments add to one record.
type addition struct {
	id    format.RecordID
	added fields
}

// additions yields every record that is named, sorted by id, with what is added to it.
func (d *Delta) additions(yield func(addition) bool) {
	if d.pile == nil {
		for _, id := range d.Touched() {
			if !yield(addition{id, d.touched[id]}) {
				return
			}
		}
		return
	}
	for id, values := range d.pile.sorted() {
		a := addition{id, fields{}}
		for _, p := range values { // in memory a later write would have taken it away again
			if !d.isGone(place{id, p.field}, p.value.Dot) {
				a.added.put(p.field, cell{value: p.value, segment: true})
			}
		}
		if !yield(a) {
			return
		}
	}
}

func (d *Delta) isGone(at place, dot format.Dot) bool {
	return slices.ContainsFunc(d.gone[dot], func(by place) bool { return d.law.reaches(by, at) })
}

// Stream yields the whole new state sorted by id, given the base records sorted by id. Memory is bounded by the delta. An
// error of the base ends the stream, and so does a base that is not sorted.
func (d *Delta) Stream(base iter.Seq2[format.Record, error]) iter.Seq2[format.Record, error] {
	return func(yield func(format.Record, error) bool) {
		next, stop := iter.Pull(d.additions)
		defer stop()
		a, more := next()
		last := format.RecordID("")
		emit := func(r format.Record, added fields) bool {
			r = d.apply(r, added)
			return len(r.Fields) == 0 || yield(r, nil)
		}
		upTo := func(id format.RecordID) bool { // what is added to records that the base does not have
			for ; more && (id == "" || a.id < id); a, more = next() {
				if !emit(format.Record{ID: a.id}, a.added) {
					return false
				}
			}
			return true
		}
		for r, err := range base {
			if err == nil && r.ID <= last {
				err = errOrder
			}
			if err != nil {
				yield(format.Record{}, err)
				return
			}
			if last = r.ID; !upTo(r.ID) {
				return
			}
			var added fields
			if more && a.id == r.ID {
				added = a.added
				a, more = next()
			}
			if !emit(r, added) {
				return
			}
		}
		if upTo("") && d.pile != nil && d.pile.err != nil {
			yield(format.Record{}, fmt.Errorf("stream records: %w", d.pile.err))
		}
	}
}

// Context returns the context after everything that was added.
func (d *Delta) Context() *Context { return d.ctx }
