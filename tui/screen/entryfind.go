package screen

import (
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"signet/tui/widget"
	"signet/vault/entry"
)

// finder searches in what the entry screen shows: labels and values, long notes above all. What is concealed is not found.
type finder struct {
	line widget.Line
	hits []hit
	at   int // the hit the cursor is on
}

// hit is a row of a column in which the text occurs.
type hit struct{ pane, row int }

func (s *Entry) startFind() {
	s.find = &finder{line: widget.Line{Placeholder: "find in this entry", Max: maxFind}}
}

// maxFind bounds what is searched for.
const maxFind = 200

func (s *Entry) findPaste(text string) {
	if s.find != nil {
		s.find.line.Paste(text)
		s.search()
	}
}

func (s *Entry) findKey(p widget.Press) tea.Cmd {
	k := s.env.Keys
	switch {
	case key.Matches(p, k.Do.Back):
		s.find.line.Wipe()
		s.find = nil
		s.follow()
	case key.Matches(p, k.Do.Open), key.Matches(p, widget.Typing(k.Move.Down)):
		s.jump(1)
	case key.Matches(p, widget.Typing(k.Move.Up)):
		s.jump(-1)
	case s.find.line.Key(k.Edit, p):
		s.search()
	}
	return nil
}

// search looks for the text in everything that is drawn, from the top, and goes to its first place.
func (s *Entry) search() {
	s.find.hits, s.find.at = nil, 0
	want := entry.Fold(s.find.line.Text())
	if want == "" || s.d == nil {
		return
	}
	f := bodyRoom(widget.Frame{W: s.size.W, H: s.size.H, Theme: plainLook, Now: s.env.Now()})
	for n, p := range s.panes(f, -1) {
		for i, row := range p.rows {
			if strings.Contains(entry.Fold(row.plain()), want) {
				s.find.hits = append(s.find.hits, hit{n, i})
			}
		}
	}
	s.show1()
}

func (s *Entry) jump(by int) {
	if n := len(s.find.hits); n > 0 {
		s.find.at = (s.find.at + by + n) % n
		s.show1()
	}
}

// show1 puts the cursor on the line of the hit, and its row into view.
func (s *Entry) show1() {
	if len(s.find.hits) == 0 {
		return
	}
	h := s.find.hits[s.find.at]
	f := bodyRoom(widget.Frame{W: s.size.W, H: s.size.H, Theme: plainLook, Now: s.env.Now()})
	p := s.panes(f, -1)[h.pane]
	if line, ok := p.lineAt(h.row); ok && s.d.lines[line].kind != lineHeading {
		s.list.To(line)
	}
	s.top[h.pane] = max(0, min(h.row-f.H/2, len(p.rows)-f.H)) // in the middle, with what is said before and after
	s.follow()
}

// mark underlines the text in the rows of a column that are in view, of which the first is row top.
func (m *finder) mark(f widget.Frame, rows []string, top, pane int) {
	want := entry.Fold(m.line.Text())
	if want == "" {
		return
	}
	for i, h := range m.hits {
		if y := h.row - top; h.pane == pane && y >= 0 && y < len(rows) {
			rows[y] = markText(f, rows[y], want, i == m.at)
		}
	}
}

// markText underlines every place of a folded text in a row; the row loses its other colours, so that the places stand out.
func markText(f widget.Frame, row, want string, here bool) string {
	plain := ansi.Strip(row)
	folded := entry.Fold(plain)
	if len(folded) != len(plain) {
		return row // the places would not fit
	}
	style := f.Theme.Match
	if here {
		style = f.Theme.Selected.Underline(true)
	}
	var out strings.Builder
	for {
		i := strings.Index(folded, want)
		if i < 0 {
			out.WriteString(f.Theme.Text.Render(plain))
			return out.String()
		}
		out.WriteString(f.Theme.Text.Render(plain[:i]) + style.Render(plain[i:i+len(want)]))
		plain, folded = plain[i+len(want):], folded[i+len(want):]
	}
}

func (m *finder) view(f widget.Frame) (string, widget.Cursor) {
	prompt := f.Theme.Accent.Render(f.Theme.Pointer) + " "
	count := ""
	switch {
	case m.line.Len() == 0:
	case len(m.hits) == 0:
		count = f.Theme.Danger.Render("not found")
	default:
		count = f.Theme.Muted.Render(thousands(m.at+1) + " of " + thousands(len(m.hits)))
	}
	at := widget.Width(prompt)
	text, cur := m.line.View(f.Sized(f.W-at-widget.Width(count)-2, 1), true)
	return widget.Ends(f, prompt+text, count, f.W), cur.Moved(at, 0)
}

func (s *Entry) findKeys() []key.Binding {
	k := s.env.Keys
	next, prev, back := k.Do.Open, widget.Typing(k.Move.Up), k.Do.Back
	next.SetHelp(next.Help().Key, "next place")
	prev.SetHelp(prev.Help().Key, "place before")
	back.SetHelp(back.Help().Key, "end of the search")
	return []key.Binding{next, prev, back}
}
