package screen

import (
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"signet/tui/widget"
	"signet/vault/entry"
)

// picker is a list to choose from by typing, in the place of the list below it: tags for some entries, a folder to move to, a new name. What
// was typed and is none of the options can be a new one.
type picker struct {
	title   string
	line    widget.Line
	options []pick
	shown   []int // of options, in their order; len(options) stands for what was typed
	list    widget.List
	many    bool   // several can be switched before Enter; Tab switches
	fresh   string // what choosing the typed text does: "make the folder"; "": it cannot be chosen
	note    string // why the last choice was refused
	// done gets what was chosen: the options switched, or the one under the cursor; typed is the new one, or "".
	done func(chosen []pick, typed string) (cmd tea.Cmd, why string)
}

// pick is one option.
type pick struct {
	text  string
	value entry.ID
	info  string
	state state
	was   state
}

// state says which of the entries have an option.
type state int

// The states.
const (
	none state = iota
	some
	all
)

// filter chooses the options that hold what was typed.
func (p *picker) filter() {
	typed := entry.Fold(strings.TrimSpace(p.line.Text()))
	p.shown = p.shown[:0]
	exact := false
	for i, o := range p.options {
		folded := entry.Fold(o.text)
		if strings.Contains(folded, typed) {
			p.shown = append(p.shown, i)
		}
		exact = exact || folded == typed
	}
	if p.fresh != "" && typed != "" && !exact {
		p.shown = append(p.shown, len(p.options))
	}
	p.list.SetCount(len(p.shown))
	p.list.To(0)
}

func (p *picker) paste(text string) {
	p.line.Paste(text)
	p.filter()
}

// typed is the text as a new option.
func (p *picker) typed() string { return strings.TrimSpace(p.line.Text()) }

// at is the option under the cursor; ok is false when there is none, fresh says that it is what was typed.
func (p *picker) at() (i int, fresh, ok bool) {
	if p.list.Cursor >= len(p.shown) {
		return 0, false, false
	}
	i = p.shown[p.list.Cursor]
	return i, i == len(p.options), true
}

// key applies a key; closed says that the picker is done with.
func (p *picker) key(k Keys, press widget.Press) (cmd tea.Cmd, closed bool) {
	p.note = ""
	switch {
	case key.Matches(press, k.Pick.Cancel):
		return nil, true
	case key.Matches(press, k.Pick.Take, k.Pick.Save):
		return p.accept()
	case p.many && key.Matches(press, k.Pick.Switch):
		p.toggle()
		return nil, false
	case press.Typed() == "" && k.Move.moved(&p.list, press):
		return nil, false
	}
	before := p.line.Text()
	p.line.Key(k.Edit, press)
	if p.line.Text() != before {
		p.filter()
	}
	return nil, false
}

// toggle switches the option under the cursor for all entries, and makes room for the next word.
func (p *picker) toggle() {
	i, fresh, ok := p.at()
	if !ok {
		return
	}
	if fresh {
		p.options = append(p.options, pick{text: p.typed(), state: all})
	} else if o := &p.options[i]; o.state == all {
		o.state = none
	} else {
		o.state = all
	}
	if p.line.Len() > 0 {
		p.line.Wipe()
		p.filter()
		p.list.To(i)
	}
}

// accept gives out what was chosen. With several to switch, the one under the cursor counts only when none was switched before, or when it
// was typed.
func (p *picker) accept() (tea.Cmd, bool) {
	if p.many {
		if len(p.switched()) == 0 || p.line.Len() > 0 {
			p.toggle()
		}
		cmd, why := p.done(p.switched(), "")
		p.note = why
		return cmd, why == ""
	}
	i, fresh, ok := p.at()
	if !ok && p.fresh == "" {
		return nil, false
	}
	var chosen []pick
	typed := ""
	if !ok || fresh {
		typed = p.typed()
	} else {
		chosen = []pick{p.options[i]}
	}
	cmd, why := p.done(chosen, typed)
	p.note = why
	return cmd, why == ""
}

// switched are the options that are not as they were.
func (p *picker) switched() (out []pick) {
	for _, o := range p.options {
		if o.state != o.was {
			out = append(out, o)
		}
	}
	return out
}

// view draws the picker.
func (p *picker) view(f widget.Frame) (string, widget.Cursor) {
	lines := []string{f.Theme.Title.Render(widget.Fit(f, p.title, f.W))}
	prompt := f.Theme.Accent.Render(f.Theme.Pointer) + " "
	text, cur := p.line.View(f.Sized(f.W-widget.Width(prompt), 1), true)
	cur = cur.Moved(widget.Width(prompt), 1)
	lines = append(lines, prompt+text)
	if p.note != "" {
		lines = append(lines, f.Theme.Danger.Render(widget.Fit(f, f.Theme.Cross+" "+p.note, f.W)))
	} else if f.H >= roomyFrom {
		lines = append(lines, "")
	}
	from, to := p.list.Visible(f.H - len(lines))
	for i := from; i < to; i++ {
		lines = append(lines, p.row(f, i))
	}
	if len(p.shown) == 0 && len(p.options) > 0 {
		lines = append(lines, f.Theme.Muted.Render("  nothing is called so"))
	}
	return widget.Lines(f, lines), cur
}

func (p *picker) row(f widget.Frame, i int) string {
	n, here := p.shown[i], i == p.list.Cursor
	mark, style := "  ", f.Theme.Text
	if here {
		mark, style = f.Theme.Accent.Render(f.Theme.Pointer)+" ", f.Theme.Selected
	}
	if n == len(p.options) {
		return mark + style.Render(widget.Fit(f, p.fresh+" “"+p.typed()+"”", f.W-2))
	}
	o := p.options[n]
	box := ""
	if p.many {
		box = [...]string{none: f.Theme.Off, some: "[-]", all: f.Theme.On}[o.state] + " "
	}
	left := f.Theme.Text.Render(box) + style.Render(widget.Fit(f, o.text, f.W-4-widget.Width(box)-widget.Width(o.info)))
	line := widget.Ends(f, left, f.Theme.Faint.Render(o.info), max(f.W-2, 0))
	if here {
		return mark + widget.Bar(f, line, f.W-2)
	}
	return mark + line
}

// keys are what works while something is chosen.
func (p *picker) keys(k Keys) []key.Binding {
	b := []key.Binding{k.Pick.Take}
	if p.many {
		b = []key.Binding{k.Pick.Save, k.Pick.Switch}
	}
	return widget.TypingAll(append(b, k.Pick.Cancel, k.Move.Up, k.Move.Down, k.Move.PageUp, k.Move.PageDown)...)
}
