package screen

import (
	"context"
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"signet/internal/sanitize"
	"signet/tui/widget"
)

// HardwareKeysScreen lists the security keys that are plugged in, and follows them as they come and go.
type HardwareKeysScreen struct {
	env    Env
	rows   []KeyRow
	known  bool
	asking bool // a look is under way
	ticks  int
	shelf  shelf
	err    string
	h      int
}

// NewHardwareKeys makes the screen.
func NewHardwareKeys(env Env) *HardwareKeysScreen {
	return &HardwareKeysScreen{env: env, shelf: shelf{linear: env.Linear}}
}

type keysListed struct {
	rows []KeyRow
	err  error
}

// lookEvery is how many ticks (seconds) lie between two looks.
const lookEvery = 2

// Init implements Screen.
func (s *HardwareKeysScreen) Init() tea.Cmd { return s.cmdList() }

func (s *HardwareKeysScreen) cmdList() tea.Cmd {
	if s.asking {
		return nil
	}
	s.asking = true
	return s.env.cmd(func(ctx context.Context) tea.Msg {
		rows, err := s.env.Ports.HardwareKeys.List(ctx)
		return keysListed{rows, err}
	})
}

// Title implements Screen.
func (s *HardwareKeysScreen) Title() string { return "Hardware keys" }

// Busy implements Busier.
func (s *HardwareKeysScreen) Busy() bool { return !s.known }

// Settled reports whether the first look is done; tests wait for it.
func (s *HardwareKeysScreen) Settled() bool { return s.known }

// Close implements Screen.
func (s *HardwareKeysScreen) Close() {}

// Update implements Screen.
func (s *HardwareKeysScreen) Update(msg tea.Msg) (Screen, tea.Cmd) {
	switch msg := msg.(type) {
	case Sized:
		s.h = msg.H
		s.shelf.sized(msg.W, msg.H-waysHead(msg.H))
	case Tick:
		if s.ticks++; s.ticks%lookEvery == 0 {
			return s, s.cmdList()
		}
	case keysListed:
		s.listed(msg)
	case Click:
		if s.shelf.click(msg.X, msg.Y-waysHead(s.h)) && msg.Double {
			s.shelf.whole = true
		}
	case Wheel:
		s.shelf.wheel(msg.By)
	case widget.Press:
		return s, s.key(msg)
	}
	return s, nil
}

// listed takes a look's answer and tells what came and what went.
func (s *HardwareKeysScreen) listed(m keysListed) {
	s.asking = false
	first := !s.known
	s.known = true
	if m.err != nil {
		s.err = s.env.Explain(m.err)
		return
	}
	s.err = ""
	if !first {
		s.tellNews(m.rows)
	}
	at := ""
	if s.shelf.cursor < len(s.rows) {
		at = s.rows[s.shelf.cursor].ID
	}
	s.rows = m.rows
	rows := make([]shelfRow, len(m.rows))
	for i, r := range m.rows {
		rows[i] = shelfRow{text: r.Name, note: r.USB}
	}
	s.shelf.set(rows)
	if i := slices.IndexFunc(m.rows, func(r KeyRow) bool { return r.ID == at }); i >= 0 {
		s.shelf.to(i)
	}
}

func (s *HardwareKeysScreen) tellNews(now []KeyRow) {
	has := func(rows []KeyRow, id string) bool {
		return slices.ContainsFunc(rows, func(r KeyRow) bool { return r.ID == id })
	}
	for _, r := range now {
		if !has(s.rows, r.ID) {
			s.env.say(Notify{Level: Good, Text: "Plugged in: " + sanitize.Line(r.Name)})
		}
	}
	for _, r := range s.rows {
		if !has(now, r.ID) {
			s.env.say(Notify{Text: "Unplugged: " + sanitize.Line(r.Name)})
		}
	}
}

func (s *HardwareKeysScreen) key(p widget.Press) tea.Cmd {
	k := s.env.Keys
	switch {
	case s.shelf.key(k.Move, p):
	case key.Matches(p, k.Do.Back, k.Do.Leave):
		if s.shelf.whole {
			s.shelf.whole = false
			return nil
		}
		return s.env.say(Back{})
	case key.Matches(p, k.Way.Details) && len(s.rows) > 0:
		s.shelf.whole = !s.shelf.whole
	}
	return nil
}

// View implements Screen.
func (s *HardwareKeysScreen) View(f widget.Frame) (string, widget.Cursor) {
	lines := make([]string, waysHead(f.H))
	lines[0] = widget.Ends(f, f.Theme.Title.Render(widget.Cut(f, s.Title(), f.W)), f.Theme.Muted.Render(sanitize.Line(s.env.Ports.HardwareKeys.Library())), f.W)
	switch {
	case !s.known:
		return widget.Lines(f, append(lines, widget.Spinner(f)+f.Theme.Muted.Render(" looking for keys"))), widget.Cursor{}
	case s.err != "":
		return widget.Lines(f, append(lines, tellText(f, f.Theme.Danger, s.err)...)), widget.Cursor{}
	case len(s.rows) == 0:
		return widget.Lines(f, append(lines, tellText(f, f.Theme.Muted, "No security key is plugged in. Plug one in: it appears here by itself.")...)), widget.Cursor{}
	}
	body, cur := s.shelf.view(f.Sized(f.W, f.H-len(lines)), s.tell)
	return widget.Lines(f, append(lines, strings.Split(body, "\n")...)), cur.Moved(0, len(lines))
}

func (s *HardwareKeysScreen) tell(f widget.Frame) []string {
	if s.shelf.cursor >= len(s.rows) {
		return nil
	}
	r := s.rows[s.shelf.cursor]
	lines := []string{f.Theme.Title.Render(widget.Fit(f, r.Name, f.W)), ""}
	lines = append(lines, tellPair(f, "Maker", r.Maker)...)
	lines = append(lines, tellPair(f, "Product", r.Product)...)
	lines = append(lines, tellPair(f, "USB id", r.USB)...)
	return append(lines, tellPair(f, "Path", r.Path)...)
}

// Keys implements Screen.
func (s *HardwareKeysScreen) Keys() []key.Binding {
	k := s.env.Keys
	ks := []key.Binding{k.Do.Back}
	if len(s.rows) > 0 {
		ks = append([]key.Binding{k.Way.Details, k.Move.Up, k.Move.Down, k.Move.PageUp, k.Move.PageDown, k.Move.First, k.Move.Last}, ks...)
	}
	return ks
}
