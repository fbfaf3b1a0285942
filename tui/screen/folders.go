package screen

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"signet/tui/dialog"
	"signet/tui/widget"
	"signet/vault/entry"
)

// Folders shows the tree of folders and all tags, with how many entries each has. Enter lists those entries; folders are made, renamed, moved
// and removed here, tags renamed, merged and removed, each as one step. Entries stay, whatever happens to what they are in.
type Folders struct {
	env     Env
	h       int
	lot     *lot
	lines   []groupLine
	list    widget.List
	loading bool
	again   bool
	pick    *picker
}

// lot is what the vault has of folders and tags.
type lot struct {
	rows    []entry.Row // both sides of the trash: a tag is renamed everywhere
	folders []Folder
	paths   map[entry.ID]string
	here    map[entry.ID]int // entries outside the trash in the folder itself
	below   map[entry.ID]int // and in it and the folders inside
	tags    map[string]int
}

// groupLine is one line of the screen: a heading, a folder or a tag.
type groupLine struct {
	heading string
	folder  entry.ID
	tag     string
	text    string
	depth   int
	count   int
	all     int // with the folders inside
}

// NewFolders makes the screen.
func NewFolders(env Env) *Folders { return &Folders{env: env} }

// Init implements Screen.
func (s *Folders) Init() tea.Cmd { return s.load() }

// Title implements Screen.
func (s *Folders) Title() string { return "Folders and tags" }

// Typing implements Typer.
func (s *Folders) Typing() bool { return s.pick != nil }

// Busy implements Busier.
func (s *Folders) Busy() bool { return s.lot == nil }

// Close implements Screen.
func (s *Folders) Close() { s.lot, s.lines, s.pick = nil, nil, nil }

type lotRead struct {
	lot *lot
	err error
}

func (s *Folders) load() tea.Cmd {
	if s.loading {
		s.again = true
		return nil
	}
	s.loading = true
	return s.env.cmd(func(ctx context.Context) tea.Msg {
		l, err := s.env.readLot(ctx)
		return lotRead{l, err}
	})
}

// readLot reads all rows and counts.
func (e Env) readLot(ctx context.Context) (*lot, error) {
	l := &lot{paths: map[entry.ID]string{}, here: map[entry.ID]int{}, below: map[entry.ID]int{}, tags: map[string]int{}}
	for _, trash := range []bool{false, true} {
		rows, err := e.Vault.Rows(ctx, trash)
		if err != nil {
			return nil, err
		}
		l.rows = append(l.rows, rows...)
	}
	var err error
	if l.folders, err = e.Vault.Folders(ctx); err != nil {
		return nil, err
	}
	l.count()
	return l, nil
}

func (l *lot) count() {
	above := map[entry.ID]entry.ID{}
	for _, f := range l.folders {
		l.paths[f.ID] = joinPath(f.Path)
		above[f.ID] = f.Parent
	}
	for i := range l.rows {
		r := &l.rows[i]
		if !r.Trashed.IsZero() {
			continue
		}
		for _, t := range r.Tags {
			l.tags[t]++
		}
		for _, f := range r.Folders {
			l.here[f]++
			seen := map[entry.ID]bool{}
			for id := f; id != "" && !seen[id]; id = above[id] {
				seen[id] = true
				l.below[id]++
			}
		}
	}
}

// tree lists the folders, each below the one that it is in.
func (l *lot) tree() (out []groupLine) {
	folders := slices.Clone(l.folders)
	slices.SortStableFunc(folders, func(a, b Folder) int {
		return cmp.Or(slices.CompareFunc(a.Path, b.Path, func(x, y string) int {
			return cmp.Or(strings.Compare(entry.Fold(x), entry.Fold(y)), strings.Compare(x, y))
		}),
			strings.Compare(string(a.ID), string(b.ID)))
	})
	for _, f := range folders {
		title := ""
		if n := len(f.Path); n > 0 {
			title = f.Path[n-1]
		}
		out = append(out, groupLine{folder: f.ID, text: title, depth: max(len(f.Path)-1, 0), count: l.here[f.ID], all: l.below[f.ID]})
	}
	return out
}

// lines are all lines of the screen.
func (l *lot) lines() (out []groupLine) {
	if tree := l.tree(); len(tree) > 0 {
		out = append(append(out, groupLine{heading: "Folders"}), tree...)
	}
	x := index{tags: l.tags}
	x.tally.Do(func() {})
	if names := x.tagNames(); len(names) > 0 {
		out = append(out, groupLine{heading: "Tags"})
		for _, t := range names {
			out = append(out, groupLine{tag: t, text: t, count: l.tags[t], all: l.tags[t]})
		}
	}
	return out
}

// Update implements Screen.
func (s *Folders) Update(msg tea.Msg) (Screen, tea.Cmd) {
	switch msg := msg.(type) {
	case widget.Press:
		return s, s.key(msg)
	case tea.PasteMsg:
		if s.pick != nil {
			s.pick.paste(msg.Content)
		}
	case Sized:
		s.h = msg.H
		s.list.SetHeight(s.listHeight())
	case Click:
		return s, s.click(msg)
	case Wheel:
		if s.pick != nil {
			s.pick.list.Scroll(msg.By * wheelRows)
			return s, nil
		}
		s.list.Scroll(msg.By * wheelRows)
		s.skip(1)
	case Changed:
		return s, s.load()
	case lotRead:
		return s, s.take(msg)
	case stepDone:
		return s, s.env.stepped(msg)
	case dialog.Answered:
		return s, s.answered(msg)
	}
	return s, nil
}

func (s *Folders) listHeight() int {
	if s.h >= roomyFrom {
		return s.h - 2
	}
	return s.h
}

func (s *Folders) take(m lotRead) tea.Cmd {
	s.loading = false
	var more tea.Cmd
	if s.again {
		s.again = false
		more = s.load()
	}
	if m.err != nil {
		return tea.Batch(more, s.env.fail("Reading the vault failed", m.err))
	}
	at, had := s.current()
	s.lot, s.lines = m.lot, m.lot.lines()
	s.list.SetCount(len(s.lines))
	for i, l := range s.lines {
		if had && l.heading == "" && l.folder == at.folder && l.tag == at.tag {
			s.list.To(i)
		}
	}
	s.skip(1)
	return more
}

// current is the line under the cursor.
func (s *Folders) current() (groupLine, bool) {
	if s.list.Cursor >= len(s.lines) || s.lines[s.list.Cursor].heading != "" {
		return groupLine{}, false
	}
	return s.lines[s.list.Cursor], true
}

// skip moves the cursor off a heading, in the direction in which it was going.
func (s *Folders) skip(by int) {
	for range 2 {
		if s.list.Cursor < len(s.lines) && s.lines[s.list.Cursor].heading != "" {
			before := s.list.Cursor
			s.list.Move(by)
			if s.list.Cursor == before {
				by = -by
				s.list.Move(by)
			}
		}
	}
}

func (s *Folders) click(c Click) tea.Cmd {
	top := s.h - s.listHeight()
	from, to := s.list.Visible(s.listHeight())
	row := from + c.Y - top
	if s.pick != nil || c.Y < top || row >= to || s.lines[row].heading != "" {
		return nil
	}
	again := row == s.list.Cursor
	s.list.To(row)
	if c.Double && again {
		return s.open()
	}
	return nil
}

func (s *Folders) key(p widget.Press) tea.Cmd {
	k := s.env.Keys
	if s.pick != nil {
		cmd, closed := s.pick.key(k, p)
		if closed {
			s.pick = nil
		}
		return cmd
	}
	before := s.list.Cursor
	if k.Move.moved(&s.list, p) {
		s.skip(cmp.Or(cmp.Compare(s.list.Cursor, before), 1))
		return nil
	}
	switch {
	case key.Matches(p, k.Folder.Entries):
		return s.open()
	case key.Matches(p, k.Do.Back, k.Do.Leave):
		return s.env.say(Back{})
	case key.Matches(p, k.Do.Undo):
		return s.env.writable(func() tea.Cmd { return s.env.say(UndoLast{}) })
	case key.Matches(p, k.Folder.New) && s.lot != nil:
		return s.env.writable(s.openNew)
	}
	l, ok := s.current()
	if !ok {
		return nil
	}
	for _, c := range []struct {
		key key.Binding
		can bool
		do  func(groupLine) tea.Cmd
	}{
		{k.Folder.Rename, true, s.openRename}, {k.Folder.Move, l.folder != "", s.openMove}, {k.Folder.Remove, true, s.askRemove},
	} {
		if c.can && key.Matches(p, c.key) {
			return s.env.writable(func() tea.Cmd { return c.do(l) })
		}
	}
	return nil
}

// open lists what is in the folder, or what has the tag.
func (s *Folders) open() tea.Cmd {
	l, ok := s.current()
	switch {
	case !ok:
		return nil
	case l.tag != "":
		return s.env.say(SearchFor{"tag:" + quoted(l.tag)})
	}
	return s.env.say(SearchFor{"folder:" + quoted(s.lot.paths[l.folder])})
}

// Keys implements Screen.
func (s *Folders) Keys() []key.Binding {
	if s.pick != nil {
		return s.pick.keys(s.env.Keys)
	}
	k, d := s.env.Keys.Folder, s.env.Keys.Do
	ks := []key.Binding{k.Entries, k.New}
	if l, ok := s.current(); ok {
		ks = append(ks, k.Rename, k.Remove)
		if l.folder != "" {
			ks = append(ks, k.Move)
		}
	}
	return append(ks, d.Undo, d.Back)
}

// View implements Screen.
func (s *Folders) View(f widget.Frame) (string, widget.Cursor) {
	if s.pick != nil {
		return s.pick.view(f)
	}
	var lines []string
	if f.H >= roomyFrom {
		lines = append(lines, f.Theme.Title.Render("Folders and tags"), "")
	}
	if s.lot == nil {
		return widget.Lines(f, append(lines, "  "+widget.Spinner(f)+f.Theme.Muted.Render(" reading the vault"))), widget.Cursor{}
	}
	if len(s.lines) == 0 {
		return widget.Lines(f, append(lines, s.nothing(f)...)), widget.Cursor{}
	}
	cur := widget.Cursor{}
	from, to := s.list.Visible(f.H - len(lines))
	for i := from; i < to && i < len(s.lines); i++ {
		if i == s.list.Cursor && f.Theme.Linear {
			cur = widget.Cursor{Y: len(lines), Shown: true}
		}
		lines = append(lines, s.line(f, s.lines[i], i == s.list.Cursor))
	}
	return widget.Lines(f, lines), cur
}

func (s *Folders) nothing(f widget.Frame) []string {
	k := s.env.Keys.Do
	return []string{
		"  " + f.Theme.Text.Render("No folders and no tags yet."), "",
		"  " + f.Theme.Key.Render(s.env.Keys.Folder.New.Help().Key) + "  " + f.Theme.Muted.Render("make a folder"),
		"  " + f.Theme.Key.Render(k.Back.Help().Key) + "  " + f.Theme.Muted.Render("back; "+k.Tag.Help().Key+" in the list tags entries"),
	}
}

// nameRoom keeps counts near the names that they belong to.
const nameRoom = 60

func (s *Folders) line(f widget.Frame, l groupLine, here bool) string {
	if l.heading != "" {
		return f.Theme.Section.Render(l.heading)
	}
	mark, style := "  ", f.Theme.Text
	if here {
		mark, style = f.Theme.Accent.Render(f.Theme.Pointer)+" ", f.Theme.Selected
	}
	count := thousands(l.count)
	if l.all != l.count {
		count += ", " + thousands(l.all) + " with its folders"
	}
	w := min(f.W, nameRoom)
	indent := strings.Repeat("  ", min(l.depth, max(0, w/8)))
	name := orElse(l.text, "(no name)")
	if l.tag != "" {
		name = "#" + name
	}
	left := indent + style.Render(widget.Fit(f, name, max(w-4-len(indent)-widget.Width(count), 6)))
	line := widget.Ends(f, left, f.Theme.Faint.Render(count), max(w-2, 0))
	if here {
		return mark + widget.Bar(f, line, w-2)
	}
	return mark + line
}
