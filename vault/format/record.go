package format

// Op is one write of a segment: {"e":record,"f":field,"x":["<sid>.<i>",…],"v":"…","w":ms}. Its dot is the segment's sid
// and its index among the ops.
type Op struct {
	Record   RecordID
	Field    string  // a path, see decisions.md "Records and fields"
	Replaces []Dot   // x: the dots that this write replaces, wherever they live
	Value    *string // nil deletes
	Wall     int64   // w: milliseconds since 1970
	Extra    []byte  // unknown members as one compact JSON object, nil when there are none; kept for ever
}

// Value is one live value of a field: the dot that wrote it, when, and what.
type Value struct {
	Dot   Dot
	Wall  int64
	Text  string
	Extra []byte // unknown members of the op, see Op.Extra
}

// Field is one field of a record with its live values. Several values are a conflict, unless all texts are equal.
// Values are sorted by displayed rank: highest (wall, dot) first.
type Field struct {
	Path   string
	Values []Value
}

// Record is a record with its fields sorted by path. It is what a snapshot line holds, what the fold yields, and what
// the cache keeps.
type Record struct {
	ID     RecordID
	Fields []Field
}

// Exists reports whether the record has a field outside hist/ and src/ (vault.md 5.4).
func (r Record) Exists() bool {
	for _, f := range r.Fields {
		if !IsHistory(f.Path) && !IsSource(f.Path) {
			return true
		}
	}
	return false
}

// IsHistory reports whether path is below hist/.
func IsHistory(path string) bool { return len(path) >= 5 && path[:5] == "hist/" }

// IsSource reports whether path is below src/.
func IsSource(path string) bool { return len(path) >= 4 && path[:4] == "src/" }

// Get returns the field with that path, or false.
func (r Record) Get(path string) (Field, bool) {
	lo, hi := 0, len(r.Fields)
	for lo < hi {
		if mid := (lo + hi) / 2; r.Fields[mid].Path < path {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	if lo < len(r.Fields) && r.Fields[lo].Path == path {
		return r.Fields[lo], true
	}
	return Field{}, false
}
