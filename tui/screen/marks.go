package screen

import (
	"context"
	"fmt"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"signet/tui/widget"
	"signet/vault/entry"
)

// marks are the entries that the next action is for. They stay marked while the search changes, so that a lot can be gathered from several
// searches; how many there are is always shown.
type marks struct {
	ids  map[entry.ID]bool
	last entry.ID // marked last: where a range begins
}

func (m *marks) any() bool { return len(m.ids) > 0 }

func (m *marks) has(id entry.ID) bool { return m.ids[id] }

func (m *marks) clear() { *m = marks{} }

func (m *marks) set(id entry.ID, on bool) {
	if m.ids == nil {
		m.ids = map[entry.ID]bool{}
	}
	if on {
		m.ids[id], m.last = true, id
		return
	}
	delete(m.ids, id)
}

// prune forgets entries that are gone.
func (m *marks) prune(x *index) {
	if !m.any() {
		return
	}
	left := make(map[entry.ID]bool, len(m.ids))
	for i := range x.items {
		if id := x.items[i].row.ID; m.ids[id] {
			left[id] = true
		}
	}
	m.ids = left
}

// Questions about several entries.
const askPurgeMarked = "purge marked"

// maxMarked bounds what one action may be for: one step is one segment of the vault.
const maxMarked = 100_000

// many runs the commands that are for the marked entries, or for the one under the cursor when none is marked; it reports whether the key was
// one of them.
func (b *Browse) many(p widget.Press) (tea.Cmd, bool) {
	k := b.env.Keys.Do
	switch {
	case key.Matches(p, k.Mark):
		return b.mark(), true
	case key.Matches(p, k.MarkTo):
		return b.markTo(), true
	case key.Matches(p, k.MarkAll):
		return b.markAll(), true
	case b.side() == inTrash:
		return b.manyInTrash(p)
	case key.Matches(p, k.Export):
		return b.env.say(OpenExport{IDs: idsOf(b.chosen()), Found: b.foundIDs()}), true
	case key.Matches(p, k.Tag):
		return b.change(b.openTags), true
	case key.Matches(p, k.Move):
		return b.change(b.openMove), true
	case key.Matches(p, k.Favorite):
		return b.change(b.favorite), true
	case key.Matches(p, k.Delete) && b.marks.any():
		return b.change(b.trashMarked), true
	}
	return nil, false
}

func (b *Browse) manyInTrash(p widget.Press) (tea.Cmd, bool) {
	k := b.env.Keys.Do
	switch {
	case key.Matches(p, k.PurgeAll):
		return b.askPurgeAll(), true
	case key.Matches(p, k.Restore) && b.marks.any():
		return b.change(b.restoreMarked), true
	case key.Matches(p, k.Purge) && b.marks.any():
		return b.change(b.askPurgeMarked), true
	}
	return nil, false
}

// change runs an action on the chosen entries, when there are any and the vault can be written.
func (b *Browse) change(do func(rows []*entry.Row) tea.Cmd) tea.Cmd {
	rows := b.chosen()
	if len(rows) == 0 {
		return nil
	}
	return b.env.writable(func() tea.Cmd { return do(rows) })
}

// marked are the rows of the marked entries, in the order of the list.
func (b *Browse) marked() []*entry.Row {
	x := b.index()
	if x == nil || !b.marks.any() {
		return nil
	}
	var out []*entry.Row
	for i := range x.items {
		if r := x.items[i].row; b.marks.has(r.ID) && len(out) < maxMarked {
			out = append(out, r)
		}
	}
	return out
}

// chosen are the marked entries, or the one under the cursor.
func (b *Browse) chosen() []*entry.Row {
	if b.marks.any() {
		return b.marked()
	}
	if row, ok := b.current(); ok {
		return []*entry.Row{&row}
	}
	return nil
}

// foundIDs are the entries that the search shows; nil when nothing is searched for.
func (b *Browse) foundIDs() []entry.ID {
	if b.found.x == nil || b.found.query.empty() {
		return nil
	}
	out := make([]entry.ID, len(b.found.hits))
	for i, h := range b.found.hits {
		out[i] = b.found.x.at(h).row.ID
	}
	return out
}

func idsOf(rows []*entry.Row) []entry.ID {
	out := make([]entry.ID, len(rows))
	for i, r := range rows {
		out[i] = r.ID
	}
	return out
}

// mark marks the entry under the cursor, or takes its mark away, and goes on to the next.
func (b *Browse) mark() tea.Cmd {
	row, ok := b.current()
	if !ok {
		return nil
	}
	b.marks.set(row.ID, !b.marks.has(row.ID))
	b.list.Move(1)
	return b.look()
}

// markTo marks everything between the entry marked last and the cursor.
func (b *Browse) markTo() tea.Cmd {
	from, to := b.list.Cursor, b.list.Cursor
	for i, h := range b.found.hits {
		if b.found.x.at(h).row.ID == b.marks.last {
			from = i
		}
	}
	for i := min(from, to); i <= max(from, to) && i < len(b.found.hits); i++ {
		b.marks.set(b.found.x.at(b.found.hits[i]).row.ID, true)
	}
	return nil
}

// markAll marks everything that is shown, or takes the marks away when everything is marked.
func (b *Browse) markAll() tea.Cmd {
	all := len(b.found.hits) > 0
	for _, h := range b.found.hits {
		all = all && b.marks.has(b.found.x.at(h).row.ID)
	}
	for i, h := range b.found.hits {
		if i < maxMarked {
			b.marks.set(b.found.x.at(h).row.ID, !all)
		}
	}
	return nil
}

// name is what a notice calls the entries of an action.
func nameOf(rows []*entry.Row) string {
	if len(rows) == 1 {
		return "“" + orElse(rows[0].Title, "(no title)") + "”"
	}
	return fmt.Sprintf("%s entries", thousands(len(rows)))
}

func verb(rows []*entry.Row) string {
	if len(rows) == 1 {
		return " is "
	}
	return " are "
}

// cmdEdits writes edits of several entries as one step.
func (b *Browse) cmdEdits(done, name string, edits []entry.Edit) tea.Cmd {
	if len(edits) == 0 {
		return b.env.say(Notify{Text: "Nothing to change"})
	}
	return b.env.cmdStep(done, name, func(ctx context.Context) (Applied, error) { return b.env.Vault.Apply(ctx, nil, edits) })
}

func (b *Browse) trashMarked(rows []*entry.Row) tea.Cmd {
	edits := make([]entry.Edit, len(rows))
	for i, r := range rows {
		edits[i] = entry.Trash(r.ID, b.env.Now())
	}
	return b.cmdEdits(nameOf(rows)+verb(rows)+"in the trash", "moving "+nameOf(rows)+" to the trash", edits)
}

func (b *Browse) restoreMarked(rows []*entry.Row) tea.Cmd {
	edits := make([]entry.Edit, len(rows))
	for i, r := range rows {
		edits[i] = entry.Untrash(r.ID)
	}
	return b.cmdEdits(nameOf(rows)+verb(rows)+"out of the trash", "taking "+nameOf(rows)+" out of the trash", edits)
}

// favorite makes favourites of entries, or plain entries of them when all are favourites already.
func (b *Browse) favorite(rows []*entry.Row) tea.Cmd {
	off := true
	for _, r := range rows {
		off = off && r.Favorite
	}
	var edits []entry.Edit
	for _, r := range rows {
		switch {
		case off:
			edits = append(edits, entry.Remove(r.ID, entry.PathFavorite))
		case !r.Favorite:
			edits = append(edits, entry.Set(r.ID, entry.PathFavorite, "true"))
		}
	}
	if off {
		return b.cmdEdits(nameOf(rows)+verb(rows)+"no favourite any more", "taking the star from "+nameOf(rows), edits)
	}
	what := "a favourite"
	if len(rows) > 1 {
		what = "favourites"
	}
	return b.cmdEdits(nameOf(rows)+verb(rows)+what, "making "+nameOf(rows)+" "+what, edits)
}

func (b *Browse) askPurgeMarked(rows []*entry.Row) tea.Cmd {
	q := purgeQuestion(rows[0].Title)
	q.ID = askPurgeMarked
	if len(rows) > 1 {
		q.Text = strings.Replace(q.Text, "“"+rows[0].Title+"” goes with its history", nameOf(rows)+" go with their history", 1)
	}
	return b.env.ask(q)
}
