package fold

import (
	"bytes"
	"cmp"
	"maps"
	"slices"
	"strings"

	"signet/vault/format"
)

// place is where a dot lives.
type place struct {
	record format.RecordID
	field  string
}

// cell is one live value; segment says that it was read from its own segment and not from a snapshot.
type cell struct {
	value   format.Value
	segment bool
}

// beats reports whether a replaces b as the value of one dot at one place. A segment beats a snapshot; honest files never
// differ otherwise, so the rest only has to be the same order everywhere.
func beats(a, b cell) bool {
	if a.segment != b.segment {
		return a.segment
	}
	return cmp.Or(cmp.Compare(a.value.Wall, b.value.Wall), strings.Compare(a.value.Text, b.value.Text),
		bytes.Compare(a.value.Extra, b.value.Extra)) > 0
}

// fields are the live values of one record.
type fields map[string]map[format.Dot]cell

// load makes a record changeable. A record out of a lying snapshot may list a path or a dot twice: it counts once.
func load(r format.Record) fields {
	out := make(fields, len(r.Fields))
	for _, f := range r.Fields {
		for _, v := range f.Values {
			c := cell{value: v}
			if old, ok := out[f.Path][v.Dot]; !ok || beats(c, old) {
				out.put(f.Path, c)
			}
		}
	}
	return out
}

func (f fields) put(path string, c cell) {
	if f[path] == nil {
		f[path] = map[format.Dot]cell{}
	}
	f[path][c.value.Dot] = c
}

func (f fields) remove(path string, d format.Dot) {
	delete(f[path], d)
	if len(f[path]) == 0 {
		delete(f, path)
	}
}

// record renders the fields sorted by path, their values by rank.
func (f fields) record(id format.RecordID) format.Record {
	out := format.Record{ID: id}
	for _, path := range slices.Sorted(maps.Keys(f)) {
		field := format.Field{Path: path, Values: make([]format.Value, 0, len(f[path]))}
		for _, c := range f[path] {
			field.Values = append(field.Values, c.value)
		}
		slices.SortFunc(field.Values, Rank)
		out.Fields = append(out.Fields, field)
	}
	return out
}

// join joins the fields of one record under both sides' contexts into a new set.
func (law *rules) join(a fields, ca *Context, b fields, cb *Context) fields {
	out := fields{}
	for path, cells := range a {
		for d, c := range cells {
			other, both := b[path][d]
			switch {
			case both && law.beats(other, c):
				out.put(path, other)
			case both || law.keeps(cb, d):
				out.put(path, c)
			}
		}
	}
	for path, cells := range b {
		for d, c := range cells {
			if _, both := a[path][d]; !both && law.keeps(ca, d) {
				out.put(path, c)
			}
		}
	}
	return out
}

// JoinRecord joins two versions of one record under their contexts: a dot stays iff both sides hold it, or the side that
// lacks it has not seen it. A record that one side lacks is the zero Record with that id.
func JoinRecord(a format.Record, ca *Context, b format.Record, cb *Context) format.Record {
	return lawful.join(load(a), ca, load(b), cb).record(a.ID)
}

// Rank sorts values as they are displayed: highest (wall, dot) first. It is negative when a stands before b.
func Rank(a, b format.Value) int {
	return cmp.Or(cmp.Compare(b.Wall, a.Wall), b.Dot.Compare(a.Dot))
}

// Conflicted reports whether a field has live values that differ. Equal concurrent values are no conflict.
func Conflicted(f format.Field) bool {
	for _, v := range f.Values {
		if v.Text != f.Values[0].Text {
			return true
		}
	}
	return false
}
