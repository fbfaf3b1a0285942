package screen

import (
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"signet/tui/widget"
)

// Help lists every key, made from the key map: those of the screen below first.
type Help struct {
	env   Env
	lines []helpLine
	top   int
	h     int
}

type helpLine struct {
	heading string
	keys    string
	desc    string
}

// NewHelp makes the help for the screen with that title and those bindings.
func NewHelp(env Env, title string, here []key.Binding) *Help {
	s := &Help{env: env}
	k := env.Keys
	s.group(title, here)
	s.group("Everywhere", []key.Binding{k.Global.Help, k.Global.Lock, k.Global.Quit, k.Global.Suspend})
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

// Close implements Screen.
func (s *Help) Close() {}

// Update implements Screen.
func (s *Help) Update(msg tea.Msg) (Screen, tea.Cmd) {
	switch msg := msg.(type) {
	case Sized:
		s.h = msg.H
	case widget.Press:
		k := s.env.Keys
		if key.Matches(msg, k.Do.Back, k.Do.Leave) {
			return s, s.env.say(Back{})
		}
		l := widget.List{Count: max(1, len(s.lines)-s.h+1), Height: max(1, s.h), Cursor: s.top}
		k.Move.moved(&l, msg)
		s.top = l.Cursor
	}
	return s, nil
}

// View implements Screen.
func (s *Help) View(f widget.Frame) (string, widget.Cursor) {
	most := 0
	for _, l := range s.lines {
		most = max(most, widget.Width(l.keys))
	}
	most = min(most, max(f.W/2, 8), 34)
	var out []string
	for _, l := range s.lines[min(s.top, max(0, len(s.lines)-f.H)):] {
		switch {
		case l.heading != "":
			out = append(out, f.Theme.Section.Render(l.heading))
		case l.keys == "":
			for _, t := range widget.Wrap(l.desc, f.W-2) {
				out = append(out, "  "+f.Theme.Muted.Render(t))
			}
		default:
			out = append(out, "  "+f.Theme.Key.Render(widget.Pad(f, asciiKeys(f, l.keys), most))+"  "+f.Theme.Text.Render(l.desc))
		}
	}
	return widget.Lines(f, out), widget.Cursor{}
}

func asciiKeys(f widget.Frame, s string) string {
	if !f.Theme.ASCII {
		return s
	}
	return strings.NewReplacer("↑", "Up", "↓", "Down", "←", "Left", "→", "Right").Replace(s)
}

// Keys implements Screen.
func (s *Help) Keys() []key.Binding {
	m := s.env.Keys.Move
	return []key.Binding{m.Up, m.Down, m.PageUp, m.PageDown, s.env.Keys.Do.Back}
}
