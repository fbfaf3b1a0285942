package fold

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"testing"

	"signet/vault/format"
)

// records makes n records of one old value each, without holding them.
func records(n int, sid format.SID) iter.Seq2[format.Record, error] {
	return func(yield func(format.Record, error) bool) {
		for i := range n {
			r := format.Record{ID: numbered(i), Fields: []format.Field{{Path: "f", Values: []format.Value{{Dot: format.Dot{SID: sid, I: i}, Text: "old"}}}}}
			if !yield(r, nil) {
				return
			}
		}
	}
}

func numbered(i int) format.RecordID {
	return format.NewRecordID([16]byte{0, byte(i >> 16), byte(i >> 8), byte(i)})
}

func context(f *file) *Context {
	return NewContext(format.Context{Have: map[format.MemberID][]format.SID{f.log: {f.sid}}})
}

func op(id format.RecordID, path, value string, x ...format.Dot) format.Op {
	return format.Op{Record: id, Field: path, Value: &value, Replaces: x}
}

func TestStreamInsertsReplacesAndDrops(t *testing.T) {
	t.Parallel()
	base, next := newFile("A1", nil), newFile("A2", nil)
	d := NewDelta(context(base))
	d.Add(next.log, next.sid, []format.Op{
		op(numbered(1), "f", "new", format.Dot{SID: base.sid, I: 1}),
		{Record: numbered(3), Field: "f", Replaces: []format.Dot{{SID: base.sid, I: 3}}},
		op(numbered(9), "f", "last"),
		op(recordOf("\x00\x00\x00\x01\x01"), "f", "between", format.Dot{SID: base.sid, I: 4}),
	})
	var got []string
	for r, err := range d.Stream(records(6, base.sid)) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, r.Fields[0].Values[0].Text)
	}
	if want := []string{"old", "new", "between", "old", "old", "last"}; !slices.Equal(got, want) {
		t.Errorf("stream yields %v, want %v", got, want)
	}
}

func TestStreamStopsAtErrors(t *testing.T) {
	t.Parallel()
	broken := errors.New("disk on fire")
	for _, tt := range []struct {
		name string
		base iter.Seq2[format.Record, error]
		want error
	}{
		{"of the base", func(yield func(format.Record, error) bool) { yield(format.Record{}, broken) }, broken},
		{"a record out of order", each([]format.Record{{ID: numbered(2)}, {ID: numbered(1)}}), errOrder},
		{"a record twice", each([]format.Record{{ID: numbered(2)}, {ID: numbered(2)}}), errOrder},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := NewDelta(NewContext(format.Context{}))
			if _, err := gather(d.Stream(tt.base)); !errors.Is(err, tt.want) {
				t.Errorf("stream ends with %v, want %v", err, tt.want)
			}
		})
	}
}

// Whoever stops reading stops the base too, at any place.
func TestStreamMayBeLeft(t *testing.T) {
	t.Parallel()
	base, next := newFile("A1", nil), newFile("A2", nil)
	for stop := range 5 {
		d := NewDelta(context(base))
		d.Add(next.log, next.sid, []format.Op{op(numbered(0), "g", "x"), op(recordOf("\x00\x00\x00\x01\x01"), "f", "y"), op(numbered(9), "f", "z")})
		n := 0
		for range d.Stream(records(3, base.sid)) {
			if n++; n > stop {
				break
			}
		}
	}
}

func TestDeltaIsLocal(t *testing.T) {
	t.Parallel()
	base, next, other := newFile("A1", nil), newFile("A2", nil), newFile("B1", nil)
	dot := func(f *file, i int) format.Dot { return format.Dot{SID: f.sid, I: i} }
	for _, tt := range []struct {
		name string
		add  func(d *Delta)
		want bool
	}{
		{"nothing", func(*Delta) {}, true},
		{"a new record", func(d *Delta) { d.Add(next.log, next.sid, []format.Op{op(numbered(7), "f", "x")}) }, true},
		{"a write that replaces what its record holds", func(d *Delta) {
			d.Add(next.log, next.sid, []format.Op{op(numbered(1), "f", "x", dot(base, 1))})
		}, true},
		{"two writes that replace the same", func(d *Delta) {
			d.Add(next.log, next.sid, []format.Op{op(numbered(1), "f", "x", dot(base, 1))})
			d.Add(other.log, other.sid, []format.Op{op(numbered(1), "f", "y", dot(base, 1))})
		}, true},
		{"one record of several whose dots another op of the delta lists", func(d *Delta) {
			d.Add(next.log, next.sid, []format.Op{op(numbered(1), "g", "x", dot(base, 2)), op(numbered(2), "g", "y")})
		}, true},
		{"a dot of a file to come", func(d *Delta) {
			d.Add(next.log, next.sid, []format.Op{op(numbered(1), "f", "x", dot(other, 0))})
		}, true},
		{"a dot of a file of the delta", func(d *Delta) {
			d.Add(next.log, next.sid, []format.Op{op(numbered(1), "g", "x")})
			d.Add(other.log, other.sid, []format.Op{op(numbered(2), "g", "y", dot(next, 0))})
		}, true},
		{"a dot of another record", func(d *Delta) {
			d.Add(next.log, next.sid, []format.Op{op(numbered(1), "f", "x", dot(base, 2))})
		}, false},
		{"a dot that lives nowhere any more", func(d *Delta) {
			d.Add(next.log, next.sid, []format.Op{op(numbered(1), "f", "x", dot(base, 99))})
		}, false},
		{"a file that the base has", func(d *Delta) { d.Add(base.log, base.sid, nil) }, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := NewDelta(context(base))
			tt.add(d)
			all := slices.Collect(func(yield func(format.Record) bool) {
				for r := range records(6, base.sid) {
					if !yield(r) {
						return
					}
				}
			})
			for _, id := range d.Touched() {
				r := format.Record{ID: id}
				if i := slices.IndexFunc(all, func(r format.Record) bool { return r.ID == id }); i >= 0 {
					r = all[i]
				}
				d.Apply(r)
			}
			if d.Local() != tt.want {
				t.Errorf("Local is %v, want %v", d.Local(), tt.want)
			}
		})
	}
}

// What the delta holds does not grow with what streams by: a record that it does not name passes as it is.
func TestStreamAllocatesByTheDelta(t *testing.T) {
	base, next := newFile("A1", nil), newFile("A2", nil)
	ready := make([]format.Record, 0, 2000)
	for r := range records(2000, base.sid) {
		ready = append(ready, r)
	}
	d := NewDelta(context(base))
	d.Add(next.log, next.sid, []format.Op{op(numbered(5), "f", "x", format.Dot{SID: base.sid, I: 5})})
	allocs := testing.AllocsPerRun(5, func() {
		for range d.Stream(each(ready)) {
		}
	})
	if allocs > 60 {
		t.Errorf("%v allocations for one changed record among 2,000", allocs)
	}
}

func TestJoinRecordIsJoinOfOneRecord(t *testing.T) {
	t.Parallel()
	for seed := range uint64(200) {
		w := newWorld(seeded(seed), obey)
		if err := w.run(25); err != nil {
			t.Fatal(err)
		}
		a, b := w.devices[0].state, w.devices[1].state
		want := joined(a, b)
		for _, id := range []format.RecordID{recordOf("r"), recordOf("s")} {
			ra, _ := a.Record(id)
			rb, _ := b.Record(id)
			ra.ID, rb.ID = id, id
			got := JoinRecord(ra, a.Context(), rb, b.Context())
			expect, _ := want.Record(id)
			if fmt.Sprint(got.Fields) != fmt.Sprint(expect.Fields) {
				t.Fatalf("seed %d: joined record is\n%v, of the joined state\n%v", seed, got.Fields, expect.Fields)
			}
		}
	}
}
