package screen

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"signet/tui/widget"
	"signet/vault/entry"
)

// maxTag bounds the name of a tag or a folder: it is part of a path of at most 512 bytes in which other letters may take three.
const maxTag = 120

// picked gives a key to the open picker.
func (b *Browse) picked(p widget.Press) tea.Cmd {
	cmd, closed := b.pick.key(b.env.Keys, p)
	if closed {
		b.pick = nil
	}
	return cmd
}

// open puts a picker up.
func (b *Browse) open(p *picker) tea.Cmd {
	p.list.SetHeight(b.h - pickerTop(b.h, p))
	p.filter()
	b.pick = p
	return nil
}

// openTags lets tags be put on entries and taken from them.
func (b *Browse) openTags(rows []*entry.Row) tea.Cmd {
	have := map[string]int{}
	for _, r := range rows {
		for _, t := range r.Tags {
			have[t]++
		}
	}
	counts := b.index().counts()
	p := &picker{title: "Tags of " + nameOf(rows), many: true, fresh: "new tag"}
	p.line.Placeholder = "type a tag"
	for _, t := range b.index().tagNames() {
		o := pick{text: t, info: thousands(counts[t])}
		switch have[t] {
		case 0:
		case len(rows):
			o.was = all
		default:
			o.was = some
		}
		o.state = o.was
		p.options = append(p.options, o)
	}
	// What the entries have stands first: it is what is taken away.
	slices.SortStableFunc(p.options, func(x, y pick) int { return cmp.Compare(y.was, x.was) })
	p.done = func(chosen []pick, _ string) (tea.Cmd, string) { return b.tag(rows, chosen) }
	return b.open(p)
}

// tag writes the tags that were switched, as one step.
func (b *Browse) tag(rows []*entry.Row, chosen []pick) (tea.Cmd, string) {
	var edits []entry.Edit
	var names []string
	for _, c := range chosen {
		if why := badTag(c.text); why != "" {
			return nil, why
		}
		names = append(names, sign(c.state == all)+c.text)
		for _, r := range rows {
			has := slices.Contains(r.Tags, c.text)
			switch {
			case c.state == all && !has:
				edits = append(edits, entry.Set(r.ID, entry.TagPath(c.text), "true"))
			case c.state == none && has:
				edits = append(edits, entry.Remove(r.ID, entry.TagPath(c.text)))
			}
		}
	}
	what := strings.Join(names, " ")
	return b.cmdEdits("Tags of "+nameOf(rows)+": "+what, "the tags of "+nameOf(rows), edits), ""
}

func sign(plus bool) string {
	if plus {
		return "+"
	}
	return "-"
}

// badTag says why a text cannot be a tag, or "".
func badTag(name string) string {
	switch {
	case strings.TrimSpace(name) == "":
		return "a tag needs a name"
	case strings.Contains(name, ","):
		return "a tag has no comma: forms put one between two tags"
	case len(name) > maxTag:
		return "this name is too long"
	case entry.CheckPath(entry.TagPath(name)) != nil:
		return "this cannot be the name of a tag"
	}
	return ""
}

// openMove asks for the folder that entries are moved to.
func (b *Browse) openMove(rows []*entry.Row) tea.Cmd {
	folders := b.index().folders
	p := &picker{title: "Move " + nameOf(rows) + " to a folder", fresh: "make the folder"}
	p.line.Placeholder = "type a folder; A / B makes B inside A"
	for _, id := range foldersInOrder(folders) {
		o := pick{text: folders[id], value: id}
		if len(rows) == 1 && slices.Contains(rows[0].Folders, id) {
			o.info = "here now"
		}
		p.options = append(p.options, o)
	}
	for _, r := range rows {
		if len(r.Folders) > 0 {
			p.options = append(p.options, pick{text: "(no folder)"})
			break
		}
	}
	p.done = func(chosen []pick, typed string) (tea.Cmd, string) { return b.move(rows, chosen, typed) }
	return b.open(p)
}

func foldersInOrder(folders map[entry.ID]string) []entry.ID {
	ids := slices.Collect(maps.Keys(folders))
	slices.SortFunc(ids, func(a, b entry.ID) int {
		return cmp.Or(strings.Compare(entry.Fold(folders[a]), entry.Fold(folders[b])), strings.Compare(string(a), string(b)))
	})
	return ids
}

// move writes the folder of entries, and makes it when it is new, as one step.
func (b *Browse) move(rows []*entry.Row, chosen []pick, typed string) (tea.Cmd, string) {
	var edits []entry.Edit
	to, name := entry.ID(""), "no folder"
	if len(chosen) > 0 {
		to = chosen[0].value
		if to != "" {
			name = "“" + chosen[0].text + "”"
		}
	} else {
		made, id, why := newFolders(b.env, b.index().folders, typed)
		if why != "" {
			return nil, why
		}
		edits, to, name = made, id, "“"+typed+"”"
	}
	edits = append(edits, moveEdits(rows, to)...)
	return b.cmdEdits(nameOf(rows)+verb(rows)+"in "+name, "moving "+nameOf(rows), edits), ""
}

// moveEdits put entries into one folder and take them out of the others.
func moveEdits(rows []*entry.Row, to entry.ID) (edits []entry.Edit) {
	for _, r := range rows {
		for _, f := range r.Folders {
			if f != to {
				edits = append(edits, entry.Remove(r.ID, entry.FolderPath(f)))
			}
		}
		if to != "" && !slices.Contains(r.Folders, to) {
			edits = append(edits, entry.Set(r.ID, entry.FolderPath(to), "true"))
		}
	}
	return edits
}

// newFolders makes the folders of a path that do not exist yet, and says which one is the last.
func newFolders(env Env, folders map[entry.ID]string, path string) (edits []entry.Edit, last entry.ID, why string) {
	byPath := map[string]entry.ID{}
	for _, id := range foldersInOrder(folders) {
		byPath[entry.Fold(folders[id])] = id
	}
	ids := entry.IDs{Rand: env.Ports.Rand}
	var so []string
	for _, part := range strings.Split(path, " / ") {
		title := strings.TrimSpace(part)
		if why := badFolder(title); why != "" {
			return nil, "", why
		}
		so = append(so, title)
		if id, there := byPath[entry.Fold(joinPath(so))]; there {
			last = id
			continue
		}
		id := ids.Record()
		edits = append(edits, entry.NewFolder(id, title, last)...)
		last = id
	}
	return edits, last, ""
}

// badFolder says why a text cannot be the title of a folder, or "".
func badFolder(title string) string {
	switch {
	case title == "":
		return "a folder needs a name"
	case len(title) > maxTag:
		return "this name is too long"
	}
	return ""
}
