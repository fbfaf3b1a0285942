package exporter

import "slices"

// Action is what happened to one item.
type Action string

// The actions.
const (
	Added     Action = "added"
	Merged    Action = "merged"    // something new of it went into an entry that was there
	Updated   Action = "updated"   // nobody had edited it, and the source has changed: it followed
	Duplicate Action = "duplicate" // it was there; nothing changed
	Conflict  Action = "conflict"  // the source's item and the vault's entry differ; the vault's was kept
	Skipped   Action = "skipped"   // not imported at all; Losses say why
	Exported  Action = "exported"
	Noted     Action = "noted" // no item: Losses tell of a folder, or of the file as a whole
)

// Fate is what happened to one value.
type Fate string

// The fates. Only Dropped is a loss.
const (
	Changed Fate = "changed" // kept in another form, as Note says
	Kept    Fate = "source"  // kept as provenance only (src/…)
	Dropped Fate = "dropped" // in the vault, or in the file, in no form
)

// Loss is one value that did not go over as it was. It names the field, never the value.
type Loss struct {
	Field string
	Fate  Fate
	Note  string
}

// Row is the report's line for one item.
type Row struct {
	Title  string
	Place  string
	Action Action
	Losses []Loss
}

// Report counts and, where something is worth telling, names the items.
type Report struct {
	Format string
	Items  int
	Counts map[Action]int
	Kinds  map[string]int // by kind of entry
	Rows   []Row          // items with losses, conflicts, duplicates or skips; at most MaxRows
	More   int            // rows beyond MaxRows
	lossy  bool           // a value was dropped
}

// MaxRows bounds the rows that a report keeps.
const MaxRows = 100_000

// Add counts an item and keeps its row when there is something to tell. What is no item (KindFolder) is not counted.
func (r *Report) Add(kind string, row Row) {
	if r.Counts == nil {
		r.Counts, r.Kinds = map[Action]int{}, map[string]int{}
	}
	if kind != KindFolder {
		r.Items++
		r.Counts[row.Action]++
		r.Kinds[kind]++
	}
	quiet := row.Action == Added || row.Action == Exported || kind == KindFolder
	if len(row.Losses) == 0 && quiet {
		return
	}
	r.lossy = r.lossy || slices.ContainsFunc(row.Losses, func(l Loss) bool { return l.Fate == Dropped })
	if len(r.Rows) >= MaxRows {
		r.More++
		return
	}
	r.Rows = append(r.Rows, row)
}

// Lossy reports whether an item was skipped or a value dropped: exit code 3. Duplicates and provenance are no loss.
func (r *Report) Lossy() bool {
	return r.lossy || r.Counts[Skipped] > 0 || r.Counts[Conflict] > 0
}
