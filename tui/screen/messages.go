package screen

import (
	"strings"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"signet/tui/widget"
)

// Said is one notice that the status line showed.
type Said struct {
	At    time.Time
	Level Level
	Text  string
}

// Messages lists what the status line said since the vault was opened, newest first.
type Messages struct {
	env   Env
	said  []Said // oldest first
	pager pager
	w, h  int
}

// NewMessages makes the screen.
func NewMessages(env Env, said []Said) *Messages {
	return &Messages{env: env, said: said, pager: pager{linear: env.Linear}}
}

// Init implements Screen.
func (s *Messages) Init() tea.Cmd { return nil }

// Title implements Screen.
func (s *Messages) Title() string { return "Messages" }

// Close implements Screen.
func (s *Messages) Close() { s.said = nil }

// Update implements Screen.
func (s *Messages) Update(msg tea.Msg) (Screen, tea.Cmd) {
	switch msg := msg.(type) {
	case Sized:
		s.w, s.h = msg.W, msg.H
	case []Said:
		s.said = msg
	case Wheel:
		s.measured().wheel(msg.By)
	case widget.Press:
		k := s.env.Keys
		if key.Matches(msg, k.Do.Back, k.Do.Leave) {
			return s, s.env.say(Back{})
		}
		s.measured().key(k.Move, msg)
	}
	return s, nil
}

func (s *Messages) measured() *pager {
	s.pager.count, s.pager.height = len(s.lines(widget.Frame{W: s.w, H: s.h, Now: s.env.Now()})), s.h-2
	return &s.pager
}

// lines are the notices, newest first, wrapped below their time.
func (s *Messages) lines(f widget.Frame) []string {
	const at = len("15:04:05  ")
	var out []string
	for i := len(s.said) - 1; i >= 0; i-- {
		m := s.said[i]
		style, sign := f.Theme.Text, ""
		switch m.Level {
		case Good:
			style, sign = f.Theme.Good, f.Theme.Tick+" "
		case Bad:
			style, sign = f.Theme.Danger, f.Theme.Cross+" "
		}
		for j, l := range widget.Wrap(sign+m.Text, max(8, f.W-at)) {
			when := strings.Repeat(" ", at)
			if j == 0 {
				when = m.At.In(f.Now.Location()).Format(time.TimeOnly) + "  "
			}
			out = append(out, f.Theme.Muted.Render(when)+style.Render(l))
		}
	}
	return out
}

// View implements Screen.
func (s *Messages) View(f widget.Frame) (string, widget.Cursor) {
	head := []string{f.Theme.Title.Render("Messages"), ""}
	if len(s.said) == 0 {
		return widget.Lines(f, append(head, f.Theme.Text.Render("Nothing was said since the vault was opened."))), widget.Cursor{Shown: f.Theme.Linear}
	}
	lines := s.lines(f)
	from, cur := s.pager.window(len(lines), f.H-2)
	return widget.Lines(f, append(head, lines[from:]...)), cur.Moved(0, 2)
}

// Keys implements Screen.
func (s *Messages) Keys() []key.Binding {
	k := s.env.Keys
	return []key.Binding{k.Do.Back, k.Move.Down, k.Move.Up, k.Move.PageDown, k.Move.PageUp, k.Move.First, k.Move.Last}
}
