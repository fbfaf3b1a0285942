package vault

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"signet/vault/entry"
	"signet/vault/format"
	"signet/vault/secret"
)

// edit turns one edit into operations: the write itself, which replaces every live value of its field, and a history row for
// each value replaced (decisions.md "History"). f is the field as it is now.
func (tx *tx) edit(e Edit, f format.Field) {
	text := e.Value.RevealString()
	if isCounter(e.Path) && !e.Delete {
		text = highest(text, f)
	}
	if tx.changesNothing(e, text, f) {
		return
	}
	op := &format.Op{Record: e.Record, Field: e.Path, Replaces: dotsOf(f.Values), Wall: e.Wall}
	if op.Wall <= 0 || op.Wall > format.MaxInt {
		op.Wall = tx.now
	}
	if !e.Delete {
		op.Value = &text
	}
	tx.put(op)
	if hasHistory(f.Path) || e.Delete && (isCounter(f.Path) || isPlace(f.Path)) {
		tx.saveHistory(e.Record, f)
	}
}

// changesNothing reports an edit that would leave what is there: an import that runs twice writes nothing.
func (tx *tx) changesNothing(e Edit, text string, f format.Field) bool {
	if e.Delete {
		return len(f.Values) == 0
	}
	return len(f.Values) == 1 && f.Values[0].Text == text
}

// saveHistory writes one row for each value that is replaced, copied from that value only: two devices that replace the same
// value thereby write the same field with the same text.
func (tx *tx) saveHistory(id format.RecordID, f format.Field) {
	if tx.purge {
		return
	}
	r := tx.records[id]
	for _, v := range f.Values {
		text, err := format.HistoryRow{Field: f.Path, Value: v.Text, Wall: v.Wall}.Encode()
		if err != nil {
			continue // unreachable: a value of 1 MiB escapes to 6 MiB at most
		}
		path := entry.HistPath(v.Dot)
		old, _ := r.Get(path)
		if len(old.Values) == 1 && old.Values[0].Text == text {
			continue
		}
		tx.put(&format.Op{Record: id, Field: path, Replaces: dotsOf(old.Values), Value: &text, Wall: tx.now})
	}
}

// hasHistory reports whether replaced values of a field are kept. Of counters and places only the deleted value is: otherwise
// taking back the removal of a counted one-time code would set its counter back to nothing.
func hasHistory(path string) bool {
	return !format.IsHistory(path) && !format.IsSource(path) && !isCounter(path) && !isPlace(path)
}

// isCounter: the counter of a one-time code or passkey joins by maximum and is never a conflict.
func isCounter(path string) bool { return strings.HasSuffix(path, "/signet:counter") }

// isPlace: where something stands in a list is not worth a history.
func isPlace(path string) bool { return strings.HasSuffix(path, "/pos") || path == "pos" }

func dotsOf(values []format.Value) []format.Dot {
	var out []format.Dot
	for _, v := range values {
		out = append(out, v.Dot)
	}
	return out
}

// highest is the counter's new value: never below a live one.
func highest(text string, f format.Field) string {
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		return text
	}
	for _, v := range f.Values {
		if m, err := strconv.ParseUint(v.Text, 10, 64); err == nil {
			n = max(n, m)
		}
	}
	return strconv.FormatUint(n, 10)
}

// put adds an operation; an earlier one for the same field gives way.
func (tx *tx) put(op *format.Op) {
	byField := tx.ops[op.Record]
	if byField == nil {
		byField = map[string]*format.Op{}
		tx.ops[op.Record] = byField
	}
	byField[op.Field] = op
}

// keptRows is how many previous values of members that are not concealed an entry keeps. The record of the security key keeps fewer: its large blobs are large, and
// any program that knows the PIN may write them over and over.
const (
	keptRows = 50
	keptOwn  = 8
)

// keepWithinLimits trims the history of a record that this edit writes, and refuses a record with too many fields.
func (tx *tx) keepWithinLimits(id format.RecordID) error {
	r := tx.records[id]
	tx.trim(r)
	n := 0
	for _, f := range r.Fields {
		op := tx.ops[id][f.Path]
		if !format.IsHistory(f.Path) && (op == nil || op.Value != nil) {
			n++
		}
	}
	for path, op := range tx.ops[id] {
		if _, there := r.Get(path); !there && op.Value != nil && !format.IsHistory(path) {
			n++
		}
	}
	if n > format.MaxFields {
		return fmt.Errorf("apply edit: an entry of %d fields, at most %d: %w", n, format.MaxFields, ErrTooLarge)
	}
	return nil
}

// trim deletes the oldest rows of members that are not concealed, beyond the 50 newest. Rows of the newest segment stay until
// the next one, so that its undo has them.
func (tx *tx) trim(r format.Record) {
	most := keptRows
	if f, ok := r.Get(entry.PathRec); ok && f.Values[0].Text == string(entry.RecAuthenticator) {
		most = keptOwn
	}
	if len(tx.ops[r.ID]) == 0 || len(r.Fields) <= most {
		return
	}
	kept := 0
	for _, p := range entry.FromRecord(r, entry.View{History: true}).History {
		if p.Concealed {
			continue
		}
		if kept++; kept <= most {
			continue
		}
		f, _ := r.Get(p.HistPath)
		fresh := slices.ContainsFunc(f.Values, func(v format.Value) bool { return v.Dot.SID == tx.head })
		if tx.ops[r.ID][p.HistPath] == nil && !fresh {
			tx.put(&format.Op{Record: r.ID, Field: p.HistPath, Replaces: dotsOf(f.Values), Wall: tx.now})
		}
	}
}

// candidates is a field that was changed since, for ChangedError. Concealed values are withheld: whoever may see them reads
// the entry again.
func candidates(r format.Record, f format.Field, path string) Conflict {
	c := Conflict{Path: path, Concealed: concealedIn(r, path)}
	for _, v := range f.Values {
		k := Candidate{Dot: v.Dot, Wall: v.Wall}
		if k.Withheld = c.Concealed; !k.Withheld {
			k.Value = secret.FromString(v.Text)
		}
		c.Candidates = append(c.Candidates, k)
	}
	return c
}

// concealedIn reports whether the schema conceals a field of this record. Of custom fields, whose type stands beside the value,
// every value counts as concealed.
func concealedIn(r format.Record, path string) bool {
	if strings.HasPrefix(path, "cred/") && strings.Contains(path, "/field/") {
		return strings.HasSuffix(path, "/value")
	}
	return entry.ConcealedPath(path, func(cred string) string {
		f, ok := r.Get(entry.CredPath(cred, "type"))
		if !ok || len(f.Values) == 0 {
			return ""
		}
		return f.Values[0].Text
	})
}

// size estimates from above what an op takes in a segment.
func size(op format.Op) int {
	n := 128 + 2*len(op.Field) + 24*len(op.Replaces) + len(op.Extra)
	if op.Value == nil {
		return n
	}
	for i := 0; i < len(*op.Value); i++ {
		switch c := (*op.Value)[i]; {
		case c < 0x20 || c == 0x7f:
			n += 6
		case c == '"' || c == '\\':
			n += 2
		default:
			n++
		}
	}
	return n
}
