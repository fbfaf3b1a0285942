package fold

import (
	"reflect"
	"slices"
	"testing"

	"signet/vault/format"
)

func TestContextKeepsTheOrderOfEachLog(t *testing.T) {
	t.Parallel()
	a, b, c := newFile("A1", nil), newFile("A2", nil), newFile("B1", nil)
	in := format.Context{
		Have:  map[format.MemberID][]format.SID{a.log: {b.sid, a.sid}, c.log: {c.sid}},
		Cloud: []format.Dot{{SID: newFile("C1", nil).sid, I: 2}, {SID: newFile("C1", nil).sid, I: 10}},
	}
	if got := NewContext(in).Format(); !reflect.DeepEqual(got, in) {
		t.Errorf("context comes back as %v, was %v", got, in)
	}
}

func TestContextDropsCloudDotsOfFoldedFiles(t *testing.T) {
	t.Parallel()
	a := newFile("A1", nil)
	c := NewContext(format.Context{Have: map[format.MemberID][]format.SID{a.log: {a.sid}}, Cloud: []format.Dot{{SID: a.sid}}})
	if cloud := c.Format().Cloud; len(cloud) != 0 {
		t.Errorf("cloud is %v", cloud)
	}
	if !c.Seen(format.Dot{SID: a.sid, I: 77}) || c.Len() != 1 {
		t.Error("a folded file's dots are seen")
	}
}

func TestCloneSharesNothing(t *testing.T) {
	t.Parallel()
	a, b := newFile("A1", nil), newFile("B1", nil)
	c := NewContext(format.Context{Cloud: []format.Dot{{SID: b.sid, I: 1}}})
	d := c.Clone()
	d.add(a.log, a.sid)
	d.remember(format.Dot{SID: b.sid, I: 2})
	if c.Has(a.sid) || c.Seen(format.Dot{SID: b.sid, I: 2}) {
		t.Error("a change of the clone shows in the original")
	}
}

func TestRankIsHighestClockThenHighestDot(t *testing.T) {
	t.Parallel()
	v := func(sid string, i int, wall int64) format.Value {
		return format.Value{Dot: format.Dot{SID: format.SID(sid), I: i}, Wall: wall}
	}
	values := []format.Value{v("aaaaaaaaaaaaaaaa", 2, 5), v("aaaaaaaaaaaaaaaa", 10, 5), v("Zaaaaaaaaaaaaaaa", 3, 5), v("aaaaaaaaaaaaaaaa", 0, 6)}
	slices.SortFunc(values, Rank)
	want := []format.Value{v("aaaaaaaaaaaaaaaa", 0, 6), v("aaaaaaaaaaaaaaaa", 10, 5), v("aaaaaaaaaaaaaaaa", 2, 5), v("Zaaaaaaaaaaaaaaa", 3, 5)}
	if !reflect.DeepEqual(values, want) {
		t.Errorf("order is %v", values)
	}
}

func TestConflicted(t *testing.T) {
	t.Parallel()
	field := func(texts ...string) format.Field {
		var f format.Field
		for _, s := range texts {
			f.Values = append(f.Values, format.Value{Text: s})
		}
		return f
	}
	for _, tt := range []struct {
		f    format.Field
		want bool
	}{
		{field(), false}, {field("a"), false}, {field("a", "a"), false}, {field("a", "a", "b"), true},
	} {
		if got := Conflicted(tt.f); got != tt.want {
			t.Errorf("Conflicted(%v) is %v", tt.f, got)
		}
	}
}

func TestUnknownOpMembersAreKept(t *testing.T) {
	t.Parallel()
	f := newFile("A1", nil)
	write := op(recordOf("r"), "f", "x")
	write.Extra = []byte(`{"later":[1]}`)
	s := NewState()
	s.Fold(f.log, f.sid, []format.Op{write})
	s.Join(reload(s))
	r, ok := s.Record(recordOf("r"))
	if !ok || string(r.Fields[0].Values[0].Extra) != `{"later":[1]}` {
		t.Errorf("record is %v", r)
	}
	if _, ok := s.Record(recordOf("s")); ok {
		t.Error("a record without a field is reported")
	}
}
