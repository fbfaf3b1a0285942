package screen

import (
	"context"
	"slices"
	"sort"
	"strings"
	"time"

	"signet/vault/entry"
)

// loader reads a list. It is used by one command, outside Update.
type loader struct {
	env   Env
	trash bool
	old   *index // nil: there is none yet
	mark  string
}

// mostPatched is how many changed rows are put into an index one by one; above it a new index costs less.
const mostPatched = 2000

// load gives the index of now. Where the vault can say what changed, the old one is patched.
func (l *loader) load(ctx context.Context) (*index, error) {
	usage, err := l.env.Vault.Usage(ctx)
	if err != nil {
		usage = nil // only the order suffers
	}
	if d, ok := l.env.Vault.(Differ); ok {
		c, err := d.Changes(ctx, l.mark)
		if err != nil {
			return nil, err
		}
		l.mark = c.Mark // of before the rows are read: what changes meanwhile is named again next time
		if l.old != nil && !c.All && len(c.Rows)+len(c.Gone) <= mostPatched && onlyEntries(c, l.old.folders) {
			return l.old.patched(c, l.trash, usage, l.env.Now()), nil
		}
	}
	rows, err := l.env.Vault.Rows(ctx, l.trash)
	if err != nil {
		return nil, err
	}
	folders, err := l.env.folders(ctx)
	if err != nil {
		return nil, err
	}
	return newIndex(rows, folders, usage, l.env.Now()), nil
}

// onlyEntries reports whether no folder changed: the text of every entry in one holds its path.
func onlyEntries(c Changes, folders map[entry.ID]string) bool {
	for _, r := range c.Rows {
		if _, was := folders[r.ID]; was || r.Rec == entry.RecFolder {
			return false
		}
	}
	return !slices.ContainsFunc(c.Gone, func(id entry.ID) bool { _, was := folders[id]; return was })
}

// patched is the index with some rows replaced, added or taken away. What did not change is shared with the old one.
func (x *index) patched(c Changes, trash bool, usage map[entry.ID]Use, now time.Time) *index {
	changed := make(map[entry.ID]bool, len(c.Rows)+len(c.Gone))
	for _, id := range c.Gone {
		changed[id] = true
	}
	folded := foldFolders(x.folders)
	var a arena
	var fresh []item
	for i := range c.Rows {
		r := &c.Rows[i]
		changed[r.ID] = true
		if r.Rec == entry.RecEntry && r.Trashed.IsZero() != trash {
			fresh = append(fresh, newItem(&a, r, folded, usage, now))
		}
	}
	y := &index{folders: x.folders, usage: usage, now: now, items: make([]item, 0, len(x.items)+len(fresh))}
	for _, it := range x.items {
		if changed[it.row.ID] {
			continue
		}
		it.heat = 0
		if u, used := usage[it.row.ID]; used && u.Count > 0 {
			it.heat = heatOf(u, now)
		}
		y.items = append(y.items, it)
	}
	y.insert(fresh)
	return y
}

// insert puts items where they belong in the list's order.
func (x *index) insert(fresh []item) {
	if len(fresh) == 0 {
		return
	}
	slices.SortFunc(fresh, func(a, b item) int { return listed(a.row, b.row) })
	old := x.items
	out := make([]item, 0, len(old)+len(fresh))
	for i := range fresh {
		n := sort.Search(len(old), func(k int) bool { return listed(old[k].row, fresh[i].row) > 0 })
		out = append(append(out, old[:n]...), fresh[i])
		old = old[n:]
	}
	x.items = append(out, old...)
}

// listed compares two rows as the list is sorted.
func listed(a, b *entry.Row) int {
	if c := newSortKey(titleKey(nil, a), 0).compare(newSortKey(titleKey(nil, b), 0)); c != 0 {
		return c
	}
	return strings.Compare(string(a.ID), string(b.ID))
}
