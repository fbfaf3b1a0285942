package screen

import (
	"context"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"signet/internal/sanitize"
	"signet/tui/widget"
	"signet/vault/entry"
)

// editLists are the folders and tags that there are, for completion.
type editLists struct {
	folders []Folder
	tags    []string
	err     error
}

// cmdLists reads the folders and tags. The form works without them.
func (s *Edit) cmdLists() tea.Cmd {
	return s.env.cmd(func(ctx context.Context) tea.Msg {
		folders, err := s.env.Vault.Folders(ctx)
		if err != nil {
			return editLists{err: err}
		}
		rows, err := s.env.Vault.Rows(ctx, false)
		seen := map[string]int{}
		for _, r := range rows {
			for _, t := range r.Tags {
				seen[t]++
			}
		}
		tags := make([]string, 0, len(seen))
		for t := range seen {
			tags = append(tags, t)
		}
		slices.SortFunc(tags, func(a, b string) int { // the most used ones first
			if seen[a] != seen[b] {
				return seen[b] - seen[a]
			}
			return strings.Compare(a, b)
		})
		return editLists{folders, tags, err}
	})
}

// lists takes the folders and tags; a folder that was not touched gets its name.
func (s *Edit) lists(m editLists) tea.Cmd {
	if m.err != nil {
		return s.env.fail("Folders and tags are not known", m.err)
	}
	s.folders, s.tags, s.listed = m.folders, m.tags, true
	if d := s.form.Field(fieldFolder); d != nil && !d.Changed() {
		d.Put([]byte(s.folderText()))
		d.Settle()
	}
	return nil
}

func pathText(f Folder) string { return strings.Join(f.Path, "/") }

// folderText is how the field calls the folder of the entry.
func (s *Edit) folderText() string {
	if len(s.e.Folders) == 0 || !s.listed { // its name comes with the lists
		return ""
	}
	for _, f := range s.folders {
		if f.ID == s.e.Folders[0] {
			return pathText(f)
		}
	}
	return string(s.e.Folders[0])
}

// folderOf finds the folder that a text names; case counts only where two folders differ in nothing else.
func (s *Edit) folderOf(text string) (Folder, bool) {
	text = cleanPath(text)
	for _, same := range []func(string) bool{func(p string) bool { return p == text }, func(p string) bool { return strings.EqualFold(p, text) }} {
		for _, f := range s.folders {
			if text != "" && same(pathText(f)) {
				return f, true
			}
		}
	}
	return Folder{}, false
}

// cleanPath drops blanks around the names of a path, and names that are empty.
func cleanPath(text string) string {
	var names []string
	for _, n := range strings.Split(text, "/") {
		if n = strings.TrimSpace(n); n != "" {
			names = append(names, n)
		}
	}
	return strings.Join(names, "/")
}

// folderNote says that a new folder will be made, and in which other folders the entry is.
func (s *Edit) folderNote(f widget.Frame) (string, bool) {
	d := s.form.Field(fieldFolder)
	if d == nil || !s.listed {
		return "", false
	}
	if text := cleanPath(d.Text()); text != "" && d.Changed() {
		if _, there := s.folderOf(text); !there {
			return "a new folder: " + sanitize.Line(text), true
		}
	}
	if n := len(s.e.Folders); n > 1 {
		var more []string
		for _, id := range s.e.Folders[1:] {
			for _, f := range s.folders {
				if f.ID == id {
					more = append(more, sanitize.Line(pathText(f)))
				}
			}
		}
		return "also in: " + strings.Join(more, ", "), true
	}
	return "", false
}

func (s *Edit) suggestFolders(text string) []widget.Option {
	var all []widget.Option
	for _, f := range s.folders {
		if p := pathText(f); p != text {
			all = append(all, widget.Option{Value: p, Label: sanitize.Line(p)})
		}
	}
	return widget.Filter(all, strings.TrimSpace(text))
}

// suggestTags completes the tag behind the last comma.
func (s *Edit) suggestTags(text string) []widget.Option {
	cut := strings.LastIndexByte(text, ',') + 1
	head, part := text[:cut], strings.TrimSpace(text[cut:])
	if part == "" {
		return nil
	}
	if head != "" {
		head += " "
	}
	var all []widget.Option
	have := splitTags(text[:cut])
	for _, t := range s.tags {
		if t != part && !slices.Contains(have, t) {
			all = append(all, widget.Option{Value: t, Label: sanitize.Line(t)})
		}
	}
	hits := widget.Filter(all, part)
	for i, h := range hits {
		hits[i].Value = head + h.Value
	}
	return hits
}

// folder moves the entry; a folder that is not there is made, with those above it.
func (w *formWriter) folder(text string) {
	if len(w.e.Folders) > 0 {
		w.removeAll(entry.FolderPath(w.e.Folders[0]))
	}
	text = cleanPath(text)
	if text == "" {
		return
	}
	f, ok := w.s.folderOf(text)
	if !ok {
		f = w.newFolder(strings.Split(text, "/"))
	}
	path := entry.FolderPath(f.ID)
	w.edits = slices.DeleteFunc(w.edits, func(e entry.Edit) bool { return e.Path == path })
	w.set(path, "true")
}

// newFolder makes the folders of a path that are not there yet.
func (w *formWriter) newFolder(names []string) Folder {
	if len(names) == 0 {
		return Folder{}
	}
	if f, ok := w.s.folderOf(strings.Join(names, "/")); ok {
		return f
	}
	above := w.newFolder(names[:len(names)-1])
	f := Folder{ID: w.s.ids().Record(), Path: names}
	w.edits = append(w.edits, entry.NewFolder(f.ID, names[len(names)-1], above.ID)...)
	return f
}
