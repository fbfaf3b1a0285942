package fold

import (
	"errors"
	"iter"
	"maps"
	"slices"

	"signet/vault/format"
)

// ErrInvented says that a snapshot holds a value of a segment that it does not list as folded.
var ErrInvented = errors.New("snapshot holds a write of a file it does not list")

// State is a whole folded state in memory: for tests, for small vaults, and for joins of several snapshots.
type State struct {
	law     *rules
	ctx     *Context
	records map[format.RecordID]fields
	places  map[format.SID]map[int][]place // where each live dot lives; several places only after a lie
}

// NewState returns the empty state.
func NewState() *State { return newState(lawful) }

func newState(law *rules) *State {
	return &State{
		law: law, ctx: NewContext(format.Context{}),
		records: map[format.RecordID]fields{}, places: map[format.SID]map[int][]place{},
	}
}

// Load builds the state that a snapshot holds; it takes ctx over. A value whose segment ctx does not have is refused with
// ErrInvented: such a value could come back after it was replaced.
func Load(ctx *Context, records iter.Seq2[format.Record, error]) (*State, error) {
	return loadState(lawful, ctx, records)
}

func loadState(law *rules, ctx *Context, records iter.Seq2[format.Record, error]) (*State, error) {
	s := newState(law)
	s.ctx = ctx
	for r, err := range records {
		if err != nil {
			return nil, err
		}
		if err := Covers(ctx, r); err != nil {
			return nil, err
		}
		for path, cells := range load(r) {
			for _, c := range cells {
				s.put(place{r.ID, path}, c)
			}
		}
	}
	return s, nil
}

// Covers checks that every value of a snapshot's record is of a segment that the snapshot lists as folded; ErrInvented
// otherwise. Whoever streams a snapshot instead of loading it calls this for each record.
func Covers(ctx *Context, r format.Record) error {
	for _, f := range r.Fields {
		for _, v := range f.Values {
			if !ctx.Has(v.Dot.SID) {
				return ErrInvented
			}
		}
	}
	return nil
}

// Fold folds one segment of a log. Folding what was folded changes nothing; what a snapshot said about the segment's own
// dots gives way to the segment.
func (s *State) Fold(log format.MemberID, sid format.SID, ops []format.Op) {
	if s.ctx.Has(sid) {
		s.correct(sid, ops)
	}
	for i, op := range ops {
		if d := (format.Dot{SID: sid, I: i}); op.Value != nil && s.law.adds(s.ctx, d) {
			s.put(place{op.Record, op.Field}, written(op, d))
		}
		for _, d := range op.Replaces {
			s.replace(place{op.Record, op.Field}, d)
		}
	}
	s.ctx.add(log, sid)
}

// written is the value that an op adds.
func written(op format.Op, d format.Dot) cell {
	return cell{value: format.Value{Dot: d, Wall: op.Wall, Text: *op.Value, Extra: op.Extra}, segment: true}
}

// correct lets a segment overrule what a snapshot said about its dots: a dot that lives where its op wrote it gets the op's
// value, one that lives anywhere else was invented.
func (s *State) correct(sid format.SID, ops []format.Op) {
	for i, places := range s.places[sid] {
		d := format.Dot{SID: sid, I: i}
		for _, at := range slices.Clone(places) {
			c := cell{value: s.records[at.record][at.field][d].value}
			if right, ok := corrected(ops, d, at); !ok {
				s.remove(at, d)
			} else if s.law.beats(right, c) {
				s.records[at.record].put(at.field, right)
			}
		}
	}
}

// corrected is what the ops of a segment say about its dot d at a place; false when none of them put it there.
func corrected(ops []format.Op, d format.Dot, at place) (cell, bool) {
	if d.I < 0 || d.I >= len(ops) {
		return cell{}, false
	}
	op := ops[d.I]
	if op.Value == nil || op.Record != at.record || op.Field != at.field {
		return cell{}, false
	}
	return written(op, d), true
}

// replace removes a dot wherever it lives and, when its segment is still to come, remembers that it is gone.
func (s *State) replace(by place, d format.Dot) {
	for _, at := range slices.Clone(s.places[d.SID][d.I]) {
		if s.law.reaches(by, at) {
			s.remove(at, d)
		}
	}
	if s.law.remembers(s.ctx, d) {
		s.ctx.remember(d)
	}
}

func (s *State) put(at place, c cell) {
	if s.records[at.record] == nil {
		s.records[at.record] = fields{}
	}
	d := c.value.Dot
	if s.places[d.SID] == nil {
		s.places[d.SID] = map[int][]place{}
	}
	if !slices.Contains(s.places[d.SID][d.I], at) {
		s.places[d.SID][d.I] = append(s.places[d.SID][d.I], at)
	}
	s.records[at.record].put(at.field, c)
}

func (s *State) remove(at place, d format.Dot) {
	s.records[at.record].remove(at.field, d)
	if len(s.records[at.record]) == 0 {
		delete(s.records, at.record)
	}
	rest := slices.DeleteFunc(s.places[d.SID][d.I], func(p place) bool { return p == at })
	s.places[d.SID][d.I] = rest
	if len(rest) == 0 {
		delete(s.places[d.SID], d.I)
	}
	if len(s.places[d.SID]) == 0 {
		delete(s.places, d.SID)
	}
}

// Join joins another state, as read from a snapshot. It does not change o.
func (s *State) Join(o *State) {
	out := newState(s.law)
	for id := range s.records {
		out.fill(id, s.law.join(s.records[id], s.ctx, o.records[id], o.ctx))
	}
	for id := range o.records {
		if _, both := s.records[id]; !both {
			out.fill(id, s.law.join(nil, s.ctx, o.records[id], o.ctx))
		}
	}
	s.records, s.places = out.records, out.places
	s.ctx.Join(o.ctx)
}

func (s *State) fill(id format.RecordID, f fields) {
	for path, cells := range f {
		for _, c := range cells {
			s.put(place{id, path}, c)
		}
	}
}

// Record returns one record, fields sorted by path, values by rank; false when it has no field at all.
func (s *State) Record(id format.RecordID) (format.Record, bool) {
	f, ok := s.records[id]
	return f.record(id), ok
}

// Records yields all records sorted by id.
func (s *State) Records() iter.Seq[format.Record] {
	return func(yield func(format.Record) bool) {
		for _, id := range slices.Sorted(maps.Keys(s.records)) {
			if !yield(s.records[id].record(id)) {
				return
			}
		}
	}
}

// Context returns the state's context.
func (s *State) Context() *Context { return s.ctx }
