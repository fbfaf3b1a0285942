package screen

import (
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"signet/tui/widget"
)

// Help lists every key, made from the key map: those of the screen below first. Typing after the search key filters it.
type Help struct {
	env    Env
	lines  []helpLine
	search widget.Line
	typing bool
	pager  pager
	w, h   int
}

// helpLine is a row: a heading, a key with what it does, or a text.
type helpLine struct {
	heading string
	keys    string
	desc    string
}

// HelpGroup are bindings under a heading.
type HelpGroup struct {
	Title string
	Keys  []key.Binding
}

// NewHelp makes the help out of what works on the screen below, and of what works everywhere.
func NewHelp(env Env, groups ...HelpGroup) *Help {
	s := &Help{env: env, pager: pager{linear: env.Linear}, search: widget.Line{Placeholder: "type a key or what it does"}}
	for _, g := range groups {
		s.group(g.Title, g.Keys)
	}
	k := env.Keys
	s.group("In lists", []key.Binding{k.Move.Up, k.Move.Down, k.Move.PageUp, k.Move.PageDown, k.Move.First, k.Move.Last})
	e := k.Edit
	s.group("In text", []key.Binding{
		e.Left, e.Right, e.WordLeft, e.WordRight, e.Start, e.End, e.Backspace, e.Delete, e.DeleteWord, e.DeleteToStart, e.DeleteToEnd,
	})
	s.text("Search", "All words must be found: as they are, as first letters (aws), or as letters in order (gthb). The best match stands first; among equal ones what is used "+
		"most on this device.")
	s.text("Filters", "tag:work folder:Bank kind:passkey has:totp is:weak in:trash user:ada url:example.com; -tag:work for the opposite; quotes keep spaces together: "+
		`folder:"My bank". Tab completes what stands below the line.`)
	s.text("Values", "has: "+strings.Join(hasWords(), " ")+"; is: "+strings.Join(closed("is"), " "))
	return s
}

func (s *Help) group(title string, bindings []key.Binding) {
	s.lines = append(s.lines, helpLine{heading: title})
	var seen []string
	for _, b := range bindings {
		if !b.Enabled() || slices.Contains(seen, b.Help().Desc) {
			continue
		}
		seen = append(seen, b.Help().Desc)
		names := make([]string, len(b.Keys()))
		for i, k := range b.Keys() {
			names[i] = widget.ShowKey(k)
		}
		s.lines = append(s.lines, helpLine{keys: strings.Join(names, "  "), desc: b.Help().Desc})
	}
}

func (s *Help) text(title, text string) {
	s.lines = append(s.lines, helpLine{heading: title}, helpLine{desc: text})
}

// Init implements Screen.
func (s *Help) Init() tea.Cmd { return nil }

// Title implements Screen.
func (s *Help) Title() string { return "Help" }

// Typing implements Typer.
func (s *Help) Typing() bool { return s.typing }

// Close implements Screen.
func (s *Help) Close() { s.search.Wipe() }

// Update implements Screen.
func (s *Help) Update(msg tea.Msg) (Screen, tea.Cmd) {
	switch msg := msg.(type) {
	case Sized:
		s.w, s.h = msg.W, msg.H
	case tea.PasteMsg:
		s.typing = true
		s.search.Paste(msg.Content)
	case Click:
		s.typing = msg.Y == 0
	case Wheel:
		s.measured().wheel(msg.By)
	case widget.Press:
		return s, s.key(msg)
	}
	return s, nil
}

// measured is the pager with the present number of lines.
func (s *Help) measured() *pager {
	s.pager.count, s.pager.height = len(s.rows(widget.Frame{W: s.w, H: s.h})), s.h-helpTop
	return &s.pager
}

func (s *Help) key(p widget.Press) tea.Cmd {
	k := s.env.Keys
	switch {
	case s.typing && (p.Typed() != "" || !key.Matches(p, k.Do.Back, k.Do.Open, k.Move.Up, k.Move.Down, k.Move.PageUp, k.Move.PageDown)):
		s.search.Key(k.Edit, p)
		s.pager.at = 0
	case key.Matches(p, k.Do.Back) && s.search.Len() > 0:
		s.search.Wipe()
		s.typing, s.pager.at = false, 0
	case s.typing && key.Matches(p, k.Do.Back, k.Do.Open):
		s.typing = false
	case key.Matches(p, k.Do.Back, k.Do.Leave):
		return s.env.say(Back{})
	case key.Matches(p, k.Do.Search):
		s.typing = true
	default:
		s.measured().key(k.Move, p)
	}
	return nil
}

// found are the lines that the search line asks for, with their headings.
func (s *Help) found() []helpLine {
	words := strings.Fields(strings.ToLower(s.search.Text()))
	if len(words) == 0 {
		return s.lines
	}
	var out []helpLine
	var heading *helpLine
	for i, l := range s.lines {
		if l.heading != "" {
			heading = &s.lines[i]
			continue
		}
		text := strings.ToLower(l.keys + " " + l.desc)
		if slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(text, w) }) {
			continue
		}
		if heading != nil {
			out = append(out, *heading)
			heading = nil
		}
		out = append(out, l)
	}
	return out
}

// helpTop is how many lines stand above the keys.
const helpTop = 1

// View implements Screen.
func (s *Help) View(f widget.Frame) (string, widget.Cursor) {
	head, at := f.Theme.Title.Render("Help")+"  ", widget.Width("Help  ")
	text, cur := s.search.View(f.Sized(f.W-at-1, 1), s.typing)
	if !s.typing && s.search.Len() == 0 {
		text = f.Theme.Muted.Render(widget.Cut(f, s.env.Keys.Do.Search.Help().Key+" finds a key", f.W-at))
	}
	out := []string{head + text}
	rows := s.rows(f)
	if len(rows) == 0 {
		rows = []string{"  " + f.Theme.Text.Render("No key does that. "+s.env.Keys.Do.Back.Help().Key+" shows all.")}
	}
	from, line := s.pager.window(len(rows), f.H-helpTop)
	if !s.typing {
		cur = line.Moved(0, helpTop)
	} else {
		cur = cur.Moved(at, 0)
	}
	return widget.Lines(f, append(out, rows[from:]...)), cur
}

// rows are the lines that are drawn, wrapped.
func (s *Help) rows(f widget.Frame) []string {
	found := s.found()
	most := 0
	for _, l := range found {
		most = max(most, widget.Width(widget.SpellKey(f, l.keys)))
	}
	most = min(most, max(f.W/2, 8), 34)
	var out []string
	for _, l := range found {
		switch {
		case l.heading != "":
			out = append(out, f.Theme.Section.Render(l.heading))
		case l.keys == "":
			for _, t := range widget.Wrap(l.desc, f.W-2) {
				out = append(out, "  "+f.Theme.Muted.Render(t))
			}
		default:
			out = append(out, "  "+f.Theme.Key.Render(widget.Pad(f, widget.SpellKey(f, l.keys), most))+"  "+f.Theme.Text.Render(l.desc))
		}
	}
	return out
}

// Keys implements Screen.
func (s *Help) Keys() []key.Binding {
	m, d := s.env.Keys.Move, s.env.Keys.Do
	if s.typing {
		return widget.TypingAll(d.Back, m.Up, m.Down, m.PageUp, m.PageDown)
	}
	return []key.Binding{m.Up, m.Down, d.Search, m.PageUp, m.PageDown, m.First, m.Last, d.Back}
}
