package screen

import (
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"

	"signet/tui/widget"
)

// Action is one row of the command palette: a key that is pressed on the screen below, or a request to the root.
type Action struct {
	Name string // in a few words; it names the action among those used last
	Line string // one line more, where it helps
	Keys string // as the help shows them
	// Press does what the key does. It counts as a chord, so it is never taken for text.
	Press widget.Press
	Ask   tea.Msg // instead of Press
}

// Chosen tells the root which action of the palette to do.
type Chosen struct{ Action Action }

// Palette lists every action that can be done now; typing filters it, Enter does the one under the cursor.
type Palette struct {
	env    Env
	all    []Action
	found  []int
	marks  [][]int // of each row found: the letters of its name that matched
	search widget.Line
	list   widget.List
	walked bool // the last key moved the cursor in the list
}

// NewPalette makes the palette over a list that is in its order already: what was used last comes first.
func NewPalette(env Env, actions []Action) *Palette {
	s := &Palette{env: env, all: actions, search: widget.Line{Placeholder: "type what you want to do"}}
	s.filter()
	return s
}

// Init implements Screen.
func (s *Palette) Init() tea.Cmd { return nil }

// Title implements Screen.
func (s *Palette) Title() string { return "All commands" }

// Typing implements Typer.
func (s *Palette) Typing() bool { return true }

// Close implements Screen.
func (s *Palette) Close() { s.search.Wipe() }

// Update implements Screen.
func (s *Palette) Update(msg tea.Msg) (Screen, tea.Cmd) {
	switch msg := msg.(type) {
	case Sized:
		s.list.SetHeight(max(1, msg.H-paletteTop(msg.H)))
	case widget.Press:
		return s, s.key(msg)
	case tea.PasteMsg:
		s.search.Paste(msg.Content)
		s.filter()
	case Click:
		top := paletteTop(msg.Frame.H)
		from, to := s.list.Visible(max(0, msg.Frame.H-top))
		if i := from + msg.Y - top; i >= from && i < to {
			s.list.To(i)
			return s, s.choose()
		}
	case Wheel:
		s.list.Move(msg.By)
	}
	return s, nil
}

func (s *Palette) key(p widget.Press) tea.Cmd {
	k := s.env.Keys
	switch {
	case p.Typed() == "" && k.Move.moved(&s.list, p):
		s.walked = true
	case p.Typed() == "" && key.Matches(p, k.Do.Open):
		return s.choose()
	case p.Typed() == "" && key.Matches(p, k.Do.Back):
		return s.env.say(Back{})
	default:
		before := s.search.Text()
		s.search.Key(k.Edit, p)
		if s.search.Text() != before {
			s.filter()
		}
		s.walked = false
	}
	return nil
}

func (s *Palette) choose() tea.Cmd {
	if s.list.Cursor >= len(s.found) {
		return nil
	}
	return s.env.say(Chosen{s.all[s.found[s.list.Cursor]]})
}

// filter looks for every word of the search line in the names, then in the lines below them; the best match comes first.
func (s *Palette) filter() {
	type hit struct {
		i, score int
		marks    []int
	}
	var hits []hit
	words := strings.Fields(strings.ToLower(s.search.Text()))
	for i, a := range s.all {
		if score, marks, ok := fuzzy(a.Name, a.Line, words); ok {
			hits = append(hits, hit{i, score, marks})
		}
	}
	slices.SortStableFunc(hits, func(a, b hit) int { return b.score - a.score })
	s.found, s.marks = make([]int, len(hits)), make([][]int, len(hits))
	for i, h := range hits {
		s.found[i], s.marks[i] = h.i, h.marks
	}
	s.list.SetCount(len(hits))
	s.list.To(0)
}

// fuzzy finds all words in a name, or whole in the line below it. marks are the letters of the name that matched.
func fuzzy(name, line string, words []string) (score int, marks []int, ok bool) {
	folded := []rune(strings.ToLower(name))
	for _, w := range words {
		n, at := matchWord(folded, []rune(w))
		if n == 0 && !strings.Contains(strings.ToLower(line), w) {
			return 0, nil, false
		}
		score += n
		marks = append(marks, at...)
	}
	return score, marks, true
}

// Scores of one word: best at the beginning of a word of the name, then anywhere in it, then as letters in their order with gaps.
const (
	scoreStart  = 1000
	scoreInside = 500
	scoreGaps   = 100
)

func matchWord(name, word []rune) (score int, at []int) {
	for i := range name {
		if !slices.Equal(name[i:min(len(name), i+len(word))], word) {
			continue
		}
		n := scoreInside - i
		if i == 0 || name[i-1] == ' ' {
			n = scoreStart - i
		}
		if n > score {
			score, at = n, span(i, len(word))
		}
	}
	if score > 0 {
		return score, at
	}
	for i, r := range name {
		if len(at) < len(word) && r == word[len(at)] {
			at = append(at, i)
		}
	}
	if len(at) < len(word) {
		return 0, nil
	}
	return max(1, scoreGaps-(at[len(at)-1]-at[0])), at
}

func span(from, n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = from + i
	}
	return out
}

// markLetters marks letters, by their index, in a safe text.
func markLetters(text string, marks []int, base, mark lipgloss.Style) string {
	var out, run strings.Builder
	on := false
	flush := func() {
		style := base
		if on {
			style = mark
		}
		if run.Len() > 0 {
			out.WriteString(style.Render(run.String()))
		}
		run.Reset()
	}
	for i, r := range []rune(text) {
		if hit := slices.Contains(marks, i); hit != on {
			flush()
			on = hit
		}
		run.WriteRune(r)
	}
	flush()
	return out.String()
}

// paletteTop is how many lines stand above the rows.
func paletteTop(h int) int {
	if h >= roomyFrom {
		return 2
	}
	return 1
}

// Columns of the palette's rows.
const (
	keysRoom = 16 // for the keys
	lineFrom = 64 // columns from which the line beside the name is shown
)

// View implements Screen.
func (s *Palette) View(f widget.Frame) (string, widget.Cursor) {
	prompt := f.Theme.Accent.Render(f.Theme.Pointer) + " "
	at := widget.Width(prompt)
	text, cur := s.search.View(f.Sized(f.W-at-1, 1), true)
	cur = cur.Moved(at, 0)
	lines := append([]string{prompt + text}, make([]string, paletteTop(f.H)-1)...)
	if len(s.found) == 0 {
		none := widget.Wrap("No command is called that. "+s.env.Keys.Do.Back.Help().Key+" goes back.", max(f.W-2, 1))
		return widget.Lines(f, append(lines, indent(widget.Paint(f.Theme.Text, none))...)), cur
	}
	from, to := s.list.Visible(max(0, f.H-len(lines)))
	for i := from; i < to; i++ {
		if i == s.list.Cursor && f.Theme.Linear && s.walked {
			cur = widget.Cursor{X: 2, Y: len(lines), Shown: true}
		}
		lines = append(lines, s.row(f, i))
	}
	return widget.Lines(f, lines), cur
}

func (s *Palette) row(f widget.Frame, i int) string {
	a, here := s.all[s.found[i]], i == s.list.Cursor
	mark, style := "  ", f.Theme.Text
	if here {
		mark, style = f.Theme.Accent.Render(f.Theme.Pointer)+" ", f.Theme.Selected
	}
	if f.Theme.Linear {
		return widget.Cut(f, mark+style.Render(a.Name)+f.Theme.Sep+widget.SpellKey(f, a.Keys)+f.Theme.Sep+a.Line, f.W)
	}
	room := min(f.W-2, 34)
	if f.W < lineFrom {
		room = max(4, f.W-2-keysRoom)
	}
	name := widget.Fit(f, a.Name, room-1)
	match := f.Theme.Match
	if here { // the colours of the row under the cursor fit each other; others would not
		match = style.Underline(true)
	}
	out := markLetters(name, s.marks[i], style, match) + strings.Repeat(" ", max(1, room-widget.Width(name)))
	out += f.Theme.Key.Render(widget.Pad(f, widget.SpellKey(f, a.Keys), keysRoom-1)) + " "
	if f.W >= lineFrom {
		out += f.Theme.Muted.Render(widget.Fit(f, a.Line, f.W-2-room-keysRoom))
	}
	if here {
		out = widget.Bar(f, out, f.W-2)
	}
	return mark + out
}

// Keys implements Screen.
func (s *Palette) Keys() []key.Binding {
	k := s.env.Keys
	run := k.Do.Open
	run.SetHelp(run.Help().Key, "do it")
	return widget.TypingAll(run, k.Move.Down, k.Move.Up, k.Do.Back, k.Move.PageDown, k.Move.PageUp, k.Move.First, k.Move.Last)
}
