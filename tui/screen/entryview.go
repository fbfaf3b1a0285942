package screen

import (
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"signet/tui/widget"
)

// Limits of the entry's layout.
const (
	twoColumnsFrom = 110 // columns from which fields and history stand beside each other
	columnGap      = 3
	fewestRows     = 3 // rows of the body below which the heading goes
)

// pane is a column of the entry where it stands on the screen.
type pane struct {
	x, w int
	column
	top int
}

// panes draws the columns of the body. cursor -1 marks no line.
func (s *Entry) panes(f widget.Frame, cursor int) []pane {
	if s.d.shape != twoColumns {
		return []pane{s.pane(f, 0, f.W, 0, len(s.d.lines), cursor, 0)}
	}
	w := f.W * 53 / 100
	right := w + columnGap
	return []pane{s.pane(f, 0, w, 0, s.d.side, cursor, 0), s.pane(f, right, f.W-right, s.d.side, len(s.d.lines), cursor, 1)}
}

func (s *Entry) pane(f widget.Frame, x, w, from, to, cursor, n int) pane {
	p := pane{x: x, w: max(w, 0), column: s.d.draw(f.Sized(w, f.H), from, to, cursor)}
	p.top = max(0, min(s.top[n], len(p.rows)-f.H))
	if cursor >= 0 && p.has(cursor) {
		first, last := p.span(cursor)
		p.top = scrolled(p.top, first, last, len(p.rows), f.H)
		if p.top > 0 && p.top <= first && s.headingOnly(cursor, from) && last <= f.H {
			p.top = 0
		}
	}
	return p
}

// headingOnly reports whether nothing but a heading stands above the line in its column: then it is shown with it.
func (s *Entry) headingOnly(line, from int) bool {
	for i := from; i < line; i++ {
		if s.d.lines[i].kind != lineHeading {
			return false
		}
	}
	return true
}

// bodyRoom is what the body has below the heading.
func bodyRoom(f widget.Frame) widget.Frame { return f.Sized(f.W, f.H-headRows(f)) }

func headRows(f widget.Frame) int {
	switch {
	case f.H >= roomyFrom:
		return 2
	case f.H > fewestRows:
		return 1
	}
	return 0
}

// measured is the layout at the size of the last message.
func (s *Entry) measured() ([]pane, widget.Frame) {
	f := bodyRoom(widget.Frame{W: s.size.W, H: s.size.H, Theme: plainLook, Now: s.env.Now()})
	return s.panes(f, s.list.Cursor), f
}

// follow remembers how far the columns are scrolled.
func (s *Entry) follow() {
	if s.d == nil {
		return
	}
	panes, _ := s.measured()
	for i, p := range panes {
		s.top[i] = p.top
	}
}

// moved applies a movement key. A line with more rows than fit is scrolled through before the cursor leaves it.
func (s *Entry) moved(p widget.Press) bool {
	m := s.env.Keys.Move
	switch {
	case key.Matches(p, m.Down):
		s.step(1, 1)
	case key.Matches(p, m.Up):
		s.step(-1, 1)
	case key.Matches(p, m.PageDown):
		s.step(1, max(s.size.H-headRows(widget.Frame{H: s.size.H})-1, 1))
	case key.Matches(p, m.PageUp):
		s.step(-1, max(s.size.H-headRows(widget.Frame{H: s.size.H})-1, 1))
	case m.moved(&s.list, p): // first and last
		s.land(-1)
		s.follow()
	default:
		return false
	}
	return true
}

// step moves by rows: within a long line it scrolls, else it goes to the line that many rows on, at least to the next one.
func (s *Entry) step(dir, rows int) {
	panes, f := s.measured()
	n, at := 0, panes[0]
	for i, p := range panes {
		if p.has(s.list.Cursor) {
			n, at = i, p
		}
	}
	first, last := at.span(s.list.Cursor)
	if dir > 0 && at.top+f.H < last {
		s.top[n] = min(at.top+rows, last-f.H)
		return
	}
	if dir < 0 && at.top > first && last-first > f.H {
		s.top[n] = max(at.top-rows, first)
		return
	}
	before := s.list.Cursor
	s.list.Move(dir)
	s.land(dir)
	for rows > 1 && at.has(s.list.Cursor) && s.list.Cursor != before {
		begin, end := at.span(s.list.Cursor)
		if dir > 0 && end > first+rows || dir < 0 && begin < first-rows {
			break
		}
		before = s.list.Cursor
		s.list.Move(dir)
		s.land(dir)
	}
	if dir < 0 { // a long line is entered at its end
		s.top[n] = max(s.top[n], 0)
	}
	s.follow()
}

// click puts the cursor on a line; a second click at once copies it, or keeps a value of a conflict.
func (s *Entry) click(m Click) tea.Cmd {
	if s.d == nil || s.find != nil {
		return nil
	}
	panes, f := s.measured()
	y := m.Y - (s.size.H - f.H)
	for _, p := range panes {
		if m.X < p.x || m.X >= p.x+p.w || y < 0 {
			continue
		}
		line, ok := p.lineAt(p.top + y)
		if !ok || s.d.lines[line].kind == lineHeading {
			return nil
		}
		if s.d.lines[line].kind == lineCandidate {
			line = s.candidateAt(f.Sized(p.w, f.H), line, m.X-p.x)
		}
		s.list.To(line)
		s.follow()
		if m.Double && s.d.lines[line].kind != lineCandidate {
			return s.copyRow()
		}
		return nil
	}
	return nil
}

// candidateAt is the value of a conflict in that column of the screen.
func (s *Entry) candidateAt(f widget.Frame, line, x int) int {
	if !s.d.beside(f, line) {
		return line
	}
	from, to := s.d.candidates(line)
	return min(from+x/max(f.W/(to-from), 1), to-1)
}

func (s *Entry) wheel(m Wheel) {
	if s.d != nil && s.find == nil {
		s.step(m.By, wheelRows)
	}
}

// View implements Screen.
func (s *Entry) View(f widget.Frame) (string, widget.Cursor) {
	if s.d == nil {
		text := widget.Spinner(f) + f.Theme.Muted.Render(" reading")
		if s.failed != "" {
			text = f.Theme.Danger.Render(widget.Fit(f, s.failed, f.W))
		}
		return widget.Lines(f, []string{text}), widget.Cursor{}
	}
	room := bodyRoom(f)
	panes := s.panes(room, s.list.Cursor)
	var at widget.Cursor
	views := make([]string, len(panes))
	for i, p := range panes {
		if p.has(s.list.Cursor) && f.Theme.Linear {
			first, _ := p.span(s.list.Cursor)
			at = widget.Cursor{X: p.x, Y: f.H - room.H + first - p.top, Shown: true}
		}
		rows := p.painted(p.top, room.H)
		if s.find != nil {
			s.find.mark(f, rows, p.top, i)
		}
		views[i] = widget.Lines(room.Sized(p.w, room.H), rows)
	}
	body := views[0]
	if len(views) > 1 {
		body = widget.Beside(f, views[0], panes[0].w, " "+f.Theme.Border.Render(f.Theme.Box.Left)+" ", views[1])
	}
	head, cur := s.head(f, panes, room.H)
	if s.find != nil {
		at = cur
	}
	return widget.Lines(f, append(head, strings.Split(body, "\n")...)), at
}

// head is the entry's title, or what is searched for in it.
func (s *Entry) head(f widget.Frame, panes []pane, h int) ([]string, widget.Cursor) {
	n := headRows(f)
	if n == 0 {
		return nil, widget.Cursor{}
	}
	more := false
	for _, p := range panes {
		more = more || p.top+h < len(p.rows)
	}
	line, cur := s.titleLine(f, more), widget.Cursor{}
	if s.find != nil {
		line, cur = s.find.view(f)
	}
	return append([]string{line}, make([]string, n-1)...), cur
}

func (s *Entry) titleLine(f widget.Frame, more bool) string {
	star := ""
	if s.d.e.Favorite {
		star = f.Theme.Warn.Render(f.Theme.Star) + " "
	}
	kind := f.Theme.Muted.Render(widget.Fit(f, string(s.d.e.Kind), 12))
	switch {
	case !s.d.e.Trashed.IsZero():
		kind = f.Theme.Danger.Render("in the trash")
	case len(s.d.e.Conflicts) > 0:
		kind = f.Theme.Danger.Render(f.Theme.Conflict + " conflict")
	case s.d.shape == onlyPast:
		kind = f.Theme.Muted.Render("history")
	case s.audit != "":
		kind = f.Theme.Warn.Render(widget.Fit(f, s.audit, f.W/3)) + f.Theme.Muted.Render(f.Theme.Sep) + kind
	}
	name := orElse(s.d.e.Title, "(no title)")
	if more { // that something is out of sight counts for more than what kind the entry is
		below := f.Theme.Faint.Render("more below")
		if both := below + f.Theme.Faint.Render(f.Theme.Sep) + kind; widget.Width(star)+widget.Width(widget.Fit(f, name, f.W))+widget.Width(both) < f.W {
			kind = both
		} else {
			kind = below
		}
	}
	room := max(f.W-widget.Width(star)-widget.Width(kind)-1, f.W/2)
	title := star + f.Theme.Title.Render(widget.Fit(f, name, room))
	return widget.Ends(f, title, kind, f.W)
}
