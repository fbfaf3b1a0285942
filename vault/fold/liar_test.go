package fold

import (
	"errors"
	"slices"
	"testing"

	"signet/vault/format"
)

// A lying snapshot lists the files of a drawing as folded and says something else about their dots. What it hides cannot be
// known from the files that it lists (whoever collects recomputes it, vault.md 5.7); what it invents must give way to the
// segments, in whatever order they come.
func TestSegmentBeatsLyingSnapshot(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, draw, want string
		lie              func(d *drawing, records []format.Record) []format.Record
	}{
		{"another value", `A1(f=true@1)`, `f: true`, func(_ *drawing, r []format.Record) []format.Record {
			r[0].Fields[0].Values[0].Text = "very much a lie" // behind "true", so that only the segment's right can win
			return r
		}},
		{"another clock", `A1(f=x@1) -> B1(g)
			A1(f=x@1) -> C1(f=y+@5)`, `f: y x|g: B1`, func(d *drawing, r []format.Record) []format.Record {
			i := slices.IndexFunc(r[0].Fields[0].Values, func(v format.Value) bool { return v.Dot.SID == d.byName["A1"].sid })
			r[0].Fields[0].Values[i].Wall = 9999
			return r
		}},
		{"a dot that the file never wrote", `A1(f)`, `f: A1`, func(d *drawing, r []format.Record) []format.Record {
			dot := format.Dot{SID: d.byName["A1"].sid, I: 5}
			r[0].Fields = append(r[0].Fields, format.Field{Path: "g", Values: []format.Value{{Dot: dot, Text: "lie"}}})
			return r
		}},
		{"a delete as a value", `A1(f) -> A2(-f)`, ``, func(d *drawing, _ []format.Record) []format.Record {
			dot := format.Dot{SID: d.byName["A2"].sid, I: 0}
			return []format.Record{{ID: recordOf("r"), Fields: []format.Field{{Path: "f", Values: []format.Value{{Dot: dot, Text: "lie"}}}}}}
		}},
		{"a replaced value as live", `A1(f) -> A2(f)`, `f: A2`, func(d *drawing, r []format.Record) []format.Record {
			dot := format.Dot{SID: d.byName["A1"].sid, I: 0}
			r[0].Fields[0].Values = append(r[0].Fields[0].Values, format.Value{Dot: dot, Text: "A1", Wall: 100})
			return r
		}},
		{"the value in a second place as well", `A1(f)`, `f: A1`, func(_ *drawing, r []format.Record) []format.Record {
			return append(r, format.Record{ID: recordOf("s"), Fields: r[0].Fields})
		}},
		{"one dot twice in a field", `A1(f=true@1)`, `f: true`, func(_ *drawing, r []format.Record) []format.Record {
			v := r[0].Fields[0].Values[0]
			v.Text = "lie"
			r[0].Fields[0].Values = append(r[0].Fields[0].Values, v)
			return r
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := parse(tt.draw)
			honest := NewState()
			for _, f := range d.order {
				honest.Fold(f.log, f.sid, f.ops)
			}
			s := take("lie", honest, nil)
			s.records = tt.lie(d, s.records)
			checkLie(t, d, s, tt.want)
		})
	}
}

// checkLie folds the drawing's files and the lie in every order, and the files as a delta over the lie.
func checkLie(t *testing.T, d *drawing, lie snapshot, want string) {
	t.Helper()
	moves := append(d.moves(), func(s *State) { s.Join(lie.load(lawful)) })
	for order := range permutations(len(moves)) {
		s := NewState()
		for _, i := range order {
			moves[i](s)
		}
		if got := d.reading(s); got != want {
			t.Errorf("order %v reads %q, want %q", order, got, want)
		}
	}
	delta := NewDelta(NewContext(lie.ctx))
	for _, f := range d.order {
		delta.Add(f.log, f.sid, f.ops)
	}
	if delta.Local() {
		t.Error("a delta over files that the base had folded already cannot know that it is local")
	}
	after, err := gather(delta.Stream(each(lie.records)))
	if err != nil {
		t.Fatal(err)
	}
	if got := d.reading(must(Load(delta.Context(), each(after)))); got != want {
		t.Errorf("the stream reads %q, want %q", got, want)
	}
}

// A dot that a record lists twice counts once, the same one in any order, and an empty value is a value.
func TestOneDotTwiceInARecord(t *testing.T) {
	t.Parallel()
	dot := format.Dot{SID: newFile("A1", nil).sid}
	a, b := format.Value{Dot: dot, Text: "a"}, format.Value{Dot: dot}
	ctx := context(newFile("A1", nil))
	for _, values := range [][]format.Value{{a, b}, {b, a}} {
		r := format.Record{ID: recordOf("r"), Fields: []format.Field{{Path: "f", Values: values}}}
		got := JoinRecord(r, ctx, r, ctx).Fields[0].Values
		if len(got) != 1 || got[0].Text != "a" {
			t.Errorf("%v joins to %v", values, got)
		}
	}
	r := format.Record{ID: recordOf("r"), Fields: []format.Field{{Path: "f", Values: []format.Value{b}}}}
	if got := JoinRecord(r, ctx, r, ctx); len(got.Fields) != 1 {
		t.Error("an empty value is dropped")
	}
}

func TestMutantSnapshotBeatsSegmentIsNoticed(t *testing.T) {
	t.Parallel()
	d := parse(`A1(f=true@1)`)
	weak := *lawful
	weak.beats = func(a, b cell) bool { return !a.segment }
	s := newState(&weak)
	s.Fold(d.order[0].log, d.order[0].sid, d.order[0].ops)
	lie := take("lie", s, nil)
	lie.records[0].Fields[0].Values[0].Text = "lie"
	s.Join(lie.load(&weak))
	if got := d.reading(s); got != "f: lie" {
		t.Errorf("the weakened rule reads %q: the scenario does not depend on the rule", got)
	}
}

// A value whose segment the snapshot does not list would come back after every replacement.
func TestInventedSegmentIsRefused(t *testing.T) {
	t.Parallel()
	d := parse(`A1 -> B1(g)`)
	all := NewState()
	for _, f := range d.order {
		all.Fold(f.log, f.sid, f.ops)
	}
	s := take("lie", all, nil)
	delete(s.ctx.Have, d.byName["A1"].log)
	if _, err := Load(NewContext(s.ctx), each(s.records)); !errors.Is(err, ErrInvented) {
		t.Errorf("Load gives %v, want ErrInvented", err)
	}
	if err := Covers(NewContext(s.ctx), s.records[0]); !errors.Is(err, ErrInvented) {
		t.Errorf("Covers gives %v, want ErrInvented", err)
	}
}

// A sid that a lying snapshot lists under another log stands under the same log in any order of joining.
func TestSegmentListedUnderTwoLogs(t *testing.T) {
	t.Parallel()
	d := parse(`A1`)
	sid := d.order[0].sid
	lie := format.Context{Have: map[format.MemberID][]format.SID{logOf("B"): {sid}}}
	for _, first := range []bool{true, false} {
		s, o := NewState(), must(Load(NewContext(lie), each(nil)))
		if first {
			s.Join(o)
		}
		s.Fold(logOf("A"), sid, nil)
		s.Join(o)
		if got := s.Context().Format().Have[logOf("A")]; !slices.Equal(got, []format.SID{sid}) {
			t.Errorf("snapshot first %v: have of A is %v", first, got)
		}
	}
}
