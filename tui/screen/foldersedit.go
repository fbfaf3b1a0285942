package screen

import (
	"context"
	"fmt"
	"maps"
	"slices"

	tea "charm.land/bubbletea/v2"

	"signet/tui/dialog"
	"signet/vault/entry"
)

// Questions of the folders screen.
const (
	askRemoveFolder = "remove folder"
	askRemoveTag    = "remove tag"
)

func (s *Folders) put(p *picker) tea.Cmd {
	p.list.SetHeight(s.h - pickerTop(s.h, p))
	p.filter()
	s.pick = p
	return nil
}

// openNew asks for the name of a new folder, inside the one under the cursor.
func (s *Folders) openNew() tea.Cmd {
	p := &picker{title: "New folder; A / B makes B inside A", fresh: "make the folder"}
	if l, ok := s.current(); ok && l.folder != "" {
		p.line.Set([]byte(s.lot.paths[l.folder] + " / "))
	}
	p.done = func(_ []pick, typed string) (tea.Cmd, string) {
		edits, _, why := newFolders(s.env, s.lot.paths, typed)
		if why == "" && len(edits) == 0 {
			why = "this folder exists already"
		}
		if why != "" {
			return nil, why
		}
		return s.cmdEdits("Folder “"+typed+"” is made", "making the folder “"+typed+"”", edits), ""
	}
	return s.put(p)
}

func (s *Folders) cmdEdits(done, name string, edits []entry.Edit) tea.Cmd {
	if len(edits) == 0 {
		return s.env.say(Notify{Text: "Nothing to change"})
	}
	return s.env.cmdStep(done, name, func(ctx context.Context) (Applied, error) { return s.env.Vault.Apply(ctx, nil, edits) })
}

// openRename asks for another name. A tag that gets the name of another one is merged with it.
func (s *Folders) openRename(l groupLine) tea.Cmd {
	p := &picker{title: "Another name for “" + l.text + "”", fresh: "rename to"}
	if l.tag != "" {
		p.title += ", or another tag to merge it with"
		for _, t := range slices.Sorted(maps.Keys(s.lot.tags)) {
			if t != l.tag {
				p.options = append(p.options, pick{text: t, info: thousands(s.lot.tags[t])})
			}
		}
	}
	p.line.Set([]byte(l.text))
	p.done = func(chosen []pick, typed string) (tea.Cmd, string) {
		if len(chosen) > 0 {
			typed = chosen[0].text
		}
		if l.tag != "" {
			return s.renameTag(l.tag, typed)
		}
		if why := badFolder(typed); why != "" {
			return nil, why
		}
		return s.cmdEdits("Folder “"+typed+"” is renamed", "renaming the folder “"+l.text+"”", []entry.Edit{entry.Set(l.folder, entry.PathTitle, typed)}), ""
	}
	return s.put(p)
}

func (s *Folders) renameTag(old, name string) (tea.Cmd, string) {
	if why := badTag(name); why != "" {
		return nil, why
	}
	if name == old {
		return s.cmdEdits("", "", nil), ""
	}
	var edits []entry.Edit
	for _, r := range s.lot.tagged(old) {
		edits = append(edits, entry.Remove(r.ID, entry.TagPath(old)))
		if !slices.Contains(r.Tags, name) {
			edits = append(edits, entry.Set(r.ID, entry.TagPath(name), "true"))
		}
	}
	done := "Tag “" + old + "” is now “" + name + "”"
	if s.lot.tags[name] > 0 {
		done = "Tag “" + old + "” is merged with “" + name + "”"
	}
	return s.cmdEdits(done, "renaming the tag “"+old+"”", edits), ""
}

// tagged are the rows with a tag, those in the trash included.
func (l *lot) tagged(tag string) (out []*entry.Row) {
	for i := range l.rows {
		if slices.Contains(l.rows[i].Tags, tag) {
			out = append(out, &l.rows[i])
		}
	}
	return out
}

// openMove asks for the folder that a folder goes into. It cannot go into itself, nor into a folder inside it.
func (s *Folders) openMove(l groupLine) tea.Cmd {
	p := &picker{title: "Move “" + l.text + "” into"}
	p.options = []pick{{text: "(no other folder: the top)"}}
	inside := s.lot.inside(l.folder)
	for _, id := range foldersInOrder(s.lot.paths) {
		if !inside[id] {
			p.options = append(p.options, pick{text: s.lot.paths[id], value: id})
		}
	}
	p.done = func(chosen []pick, _ string) (tea.Cmd, string) {
		if len(chosen) == 0 {
			return nil, "choose a folder"
		}
		edit := entry.Remove(l.folder, entry.PathParent)
		if to := chosen[0].value; to != "" {
			edit = entry.Set(l.folder, entry.PathParent, string(to))
		} else if s.lot.parent(l.folder) == "" {
			return s.cmdEdits("", "", nil), ""
		}
		return s.cmdEdits("Folder “"+l.text+"” is moved", "moving the folder “"+l.text+"”", []entry.Edit{edit}), ""
	}
	return s.put(p)
}

func (l *lot) parent(id entry.ID) entry.ID {
	for _, f := range l.folders {
		if f.ID == id {
			return f.Parent
		}
	}
	return ""
}

// inside are a folder and all folders in it, however deep.
func (l *lot) inside(id entry.ID) map[entry.ID]bool {
	out := map[entry.ID]bool{id: true}
	for grown := true; grown; {
		grown = false
		for _, f := range l.folders {
			if out[f.Parent] && !out[f.ID] {
				out[f.ID], grown = true, true
			}
		}
	}
	return out
}

func (s *Folders) askRemove(l groupLine) tea.Cmd {
	options := []dialog.Option{{ID: "", Label: "Keep it"}, {ID: "yes", Label: "Remove it", Danger: true}}
	if l.tag != "" {
		return s.env.ask(dialog.Choice{
			ID: askRemoveTag, Title: "Remove the tag “" + l.tag + "”?", Options: options,
			Text: "It is taken from " + plural(len(s.lot.tagged(l.tag)), "entry", "entries") + ", which stay as they are otherwise. Undo brings it back.",
		})
	}
	where := "are in no folder then"
	if up := s.lot.parent(l.folder); up != "" {
		where = fmt.Sprintf("move up to “%s”", s.lot.paths[up])
	}
	return s.env.ask(dialog.Choice{
		ID: askRemoveFolder, Title: "Remove the folder “" + l.text + "”?", Options: options,
		Text: "No entry is removed: " + plural(l.count, "entry", "entries") + " and the folders in it " + where + ". Undo brings it back.",
	})
}

func (s *Folders) answered(a dialog.Answered) tea.Cmd {
	l, ok := s.current()
	if !ok || a.Choice != "yes" {
		return nil
	}
	switch {
	case a.Question == askRemoveTag && l.tag != "":
		var edits []entry.Edit
		for _, r := range s.lot.tagged(l.tag) {
			edits = append(edits, entry.Remove(r.ID, entry.TagPath(l.tag)))
		}
		return s.cmdEdits("Tag “"+l.tag+"” is removed", "removing the tag “"+l.tag+"”", edits)
	case a.Question == askRemoveFolder && l.folder != "":
		return s.cmdRemoveFolder(l)
	}
	return nil
}

// cmdRemoveFolder removes a folder; what is in it moves up.
func (s *Folders) cmdRemoveFolder(l groupLine) tea.Cmd {
	up, edits := s.lot.parent(l.folder), []entry.Edit(nil)
	for i := range s.lot.rows {
		r := &s.lot.rows[i]
		if !slices.Contains(r.Folders, l.folder) {
			continue
		}
		edits = append(edits, entry.Remove(r.ID, entry.FolderPath(l.folder)))
		if up != "" && !slices.Contains(r.Folders, up) {
			edits = append(edits, entry.Set(r.ID, entry.FolderPath(up), "true"))
		}
	}
	for _, f := range s.lot.folders {
		switch {
		case f.Parent != l.folder:
		case up != "":
			edits = append(edits, entry.Set(f.ID, entry.PathParent, string(up)))
		default:
			edits = append(edits, entry.Remove(f.ID, entry.PathParent))
		}
	}
	return s.env.cmdStep("Folder “"+l.text+"” is removed", "removing the folder “"+l.text+"”", func(ctx context.Context) (Applied, error) {
		e, err := s.env.Vault.Get(ctx, l.folder, false)
		if err != nil {
			return Applied{}, err
		}
		for _, path := range slices.Sorted(maps.Keys(e.Dots)) {
			edits = append(edits, entry.Remove(l.folder, path))
		}
		return s.env.Vault.Apply(ctx, nil, edits)
	})
}
