package screen

import (
	"slices"
	"strconv"
	"strings"

	"signet/internal/sanitize"
	"signet/tui/dialog"
	"signet/tui/widget"
)

// approvalWidth keeps the dialog readable.
const approvalWidth = 72

// Ranks of what stands in the dialog: where there is little room, the lowest goes first. What has rankAlways never goes.
const (
	rankBlank = iota
	rankNice
	rankRoute
	rankMeaning
	rankMeans
	rankWho
	rankHeading
	rankAlways
)

// part is some lines of the dialog that go or stay together.
type approvalLines struct {
	rank    int // when they go
	lines   []string
	short   []string // taken in their place, from shorter on
	shorter int
	what    approvalPart
}

type approvalPart int

const (
	inText approvalPart = iota
	inRows              // what can be chosen
	inField
	inButtons
)

// laid is the dialog as it is drawn at one size.
type laid struct {
	w     int
	parts []approvalLines
	from  int // the first row that is shown
}

// fewRows are as many choices as always have room before anything else goes.
const fewRows = 3

// lay decides what of the dialog there is room for. It is pure.
func (a *Approval) lay(f widget.Frame) laid {
	w := min(f.W-2, approvalWidth)
	if f.W < 8 || f.Theme.Linear {
		w = f.W
	}
	f = f.Sized(max(0, w-4), max(0, f.H-2))
	parts := a.parts(f)
	rows := 0
	height := func() (n int) { // without the rows
		for _, p := range parts {
			if p.what != inRows {
				n += len(p.lines)
			} else {
				rows = len(p.lines)
			}
		}
		return n
	}
	for rank := rankBlank; rank < rankAlways; rank++ {
		for i := len(parts) - 1; i >= 0 && height()+min(rows, fewRows) > f.H; i-- {
			switch p := &parts[i]; {
			case p.rank == rank:
				p.lines = nil
			case p.short != nil && p.shorter == rank:
				p.lines = p.short
			}
		}
	}
	from := 0
	for i := range parts {
		if p := &parts[i]; p.what == inRows {
			room := min(len(p.lines), max(1, f.H-height()))
			l := a.list
			var to int
			from, to = l.Visible(room)
			p.lines = p.lines[from:to]
		}
	}
	return laid{w, parts, from}
}

// readable reports whether everything fits that a person has to know before they allow something.
func (a *Approval) readable(f widget.Frame) bool {
	n := 0
	l := a.lay(f)
	for _, p := range l.parts {
		n += len(p.lines)
	}
	return n <= f.H-2 && l.w-4 >= leastApproval
}

// leastApproval is the width from which names can be read.
const leastApproval = 20

// tooSmall stands in a dialog that is not readable.
func (a *Approval) tooSmall(f widget.Frame) (string, widget.Cursor) {
	text := approvalWants(a.req.Action) + ": enlarge the terminal to read it; " + a.keys.Request.Refuse.Help().Key + " refuses"
	lines := widget.Wrap(sanitize.Line(a.req.asker()+" "+text), max(1, f.W-4))
	return widget.Box(f, "", strings.Join(lines[:min(len(lines), max(0, f.H-2))], "\n"), max(0, f.W), true), widget.Cursor{Shown: f.Theme.Linear}
}

// parts are everything that there is to say, from the top.
func (a *Approval) parts(f widget.Frame) []approvalLines {
	r := a.req
	blank := approvalLines{rank: rankBlank, lines: []string{""}}
	out := append(a.whoParts(f), blank, a.meansPart(f))
	out = append(out, a.rowParts(f)...)
	if a.asks() || a.spells() {
		out = append(out, blank, approvalLines{rank: rankAlways, what: inField, lines: []string{a.fieldLine(f)}})
	} else if r.Verified {
		out = append(out, approvalLines{rank: rankNice, lines: tellText(f, f.Theme.Muted, "You proved who you are a moment ago: a key press is enough.")})
	}
	out = append(out, approvalLines{rank: rankAlways, lines: a.stateLines(f)}, blank, approvalLines{rank: rankAlways, what: inButtons, lines: []string{a.buttonLine(f)}})
	return slices.DeleteFunc(out, func(p approvalLines) bool { return len(p.lines) == 0 })
}

// whoParts say who asks, and for which site and account.
func (a *Approval) whoParts(f widget.Frame) (out []approvalLines) {
	r := a.req
	add := func(rank int, lines []string) { out = append(out, approvalLines{rank: rank, lines: lines}) }
	if r.Site != "" {
		add(rankAlways, widget.Paint(f.Theme.Title, hostLines(f, r.Site)))
		if sanitize.Domain(r.Site) != r.Site {
			out = append(out, approvalLines{
				rank: rankAlways, lines: tellText(f, f.Theme.Warn, "Not plain letters: it may only look like a name you know."),
				shorter: rankRoute, short: tellText(f, f.Theme.Warn, "A name in other letters!"),
			})
		}
	}
	if r.Action == ApproveRegister {
		add(rankAlways, approvalPair(f, "Account", account(r.Account, r.Display)))
	}
	add(rankNice, approvalPair(f, "Calls itself", r.SiteName))
	add(rankWho, approvalPair(f, "Asked by", firstWord(r.Requester, "an unknown program")))
	add(rankRoute, approvalPair(f, "Through", r.Route))
	return out
}

// meansPart says what will happen. What takes something away is always said.
func (a *Approval) meansPart(f widget.Frame) approvalLines {
	r, style := a.req, f.Theme.Text
	if r.Action == ApproveReset {
		style = f.Theme.Danger
	}
	long, short := approvalMeans(r)
	p := approvalLines{rank: rankMeans, lines: tellText(f, style, long), shorter: rankMeaning, short: tellText(f, style, short)}
	if r.Action == ApproveReset || r.Excluded || r.Replaces || r.Action == ApproveConfigure {
		p.rank = rankAlways
	}
	return p
}

// rowParts are what can be chosen: accounts, or where the key will live.
func (a *Approval) rowParts(f widget.Frame) []approvalLines {
	r := a.req
	var out []approvalLines
	switch {
	case a.choices() > 0:
		head := "Where its key lives"
		if r.Action == ApproveSignIn {
			head = "Account"
		}
		if n := a.choices(); n > 2 {
			head += "  " + countOf(a.list.Cursor+1, n)
		}
		out = append(out, approvalLines{rank: rankBlank, lines: []string{""}}, approvalLines{rank: rankHeading, lines: []string{f.Theme.Section.Render(widget.Cut(f, head, f.W))}})
		rows := approvalLines{rank: rankAlways, what: inRows}
		for i := range a.choices() {
			rows.lines = append(rows.lines, a.rowLine(f, i))
		}
		out = append(out, rows)
		if r.Action == ApproveRegister {
			out = append(out, approvalLines{rank: rankNice, lines: tellText(f, f.Theme.Muted, bindingMeans(a.binding()))})
		}
	case r.Action == ApproveRegister && !r.Excluded:
		out = append(out, approvalLines{rank: rankRoute, lines: approvalPair(f, "Kind", bindingWord(r.Binding))})
		out = append(out, approvalLines{rank: rankNice, lines: tellText(f, f.Theme.Muted, bindingMeans(r.Binding))})
	}
	return out
}

func (a *Approval) rowLine(f widget.Frame, i int) string {
	mark, style := " ", f.Theme.Text
	if i == a.list.Cursor {
		mark, style = f.Theme.Accent.Render(f.Theme.Pointer), f.Theme.Selected
	}
	if a.req.Action == ApproveRegister {
		return mark + " " + style.Render(widget.Fit(f, bindingChoice(bindingChoices[i]), f.W-2))
	}
	acc := a.req.Accounts[i]
	text := account(acc.Name, acc.Display)
	if i < 9 && a.choices() > 1 && !a.asks() {
		text = strconv.Itoa(i+1) + " " + text
	}
	var notes []string
	if t := sanitize.Line(acc.Title); t != "" && !strings.EqualFold(t, a.req.Site) && !strings.EqualFold(t, acc.Name) {
		notes = append(notes, "in “"+t+"”")
	}
	if acc.Binding != "" {
		notes = append(notes, sanitize.Line(bindingWord(acc.Binding)))
	}
	if !acc.LastUsed.IsZero() {
		notes = append(notes, "used "+acc.LastUsed.In(f.Now.Location()).Format("2006-01-02"))
	}
	w := f.W - 2
	left := style.Render(widget.Fit(f, text, w))
	for len(notes) > 0 { // the account's own name counts more than what else is known of it
		right := strings.Join(notes, f.Theme.Sep)
		if widget.Width(sanitize.Line(text))+2+widget.Width(right) <= w {
			return mark + " " + widget.Ends(f, left, f.Theme.Muted.Render(right), w)
		}
		notes = notes[1:]
	}
	return mark + " " + left
}

// account is an account's name, and what it is shown as where that says more.
func account(name, display string) string {
	switch {
	case name == "" && display == "":
		return "(no account name)"
	case name == "" || strings.EqualFold(name, display):
		return display
	case display == "":
		return name
	}
	return name + " (" + display + ")"
}

func (a *Approval) fieldLine(f widget.Frame) string {
	line, _ := a.fieldView(f)
	return line
}

func (a *Approval) fieldView(f widget.Frame) (string, widget.Cursor) {
	if a.spells() {
		label := "Type “" + resetWord + "”  "
		text, cur := a.word.View(f.Sized(f.W-widget.Width(label)-1, 1), !a.busy)
		return f.Theme.Label.Render(label) + text, cur.Moved(widget.Width(label), 0)
	}
	label := "PIN  "
	if a.req.Verify[a.way] == VerifyPassphrase {
		label = "Passphrase  "
	}
	text, cur := a.field.View(f.Sized(f.W-widget.Width(label)-1, 1), !a.busy)
	return f.Theme.Label.Render(label) + text, cur.Moved(widget.Width(label), 0)
}

// stateLines say what is wrong, or what goes on.
func (a *Approval) stateLines(f widget.Frame) []string {
	k := a.keys.Request
	switch {
	case a.busy && a.asks():
		return []string{widget.Spinner(f) + f.Theme.Muted.Render(widget.Cut(f, " checking; "+k.Refuse.Help().Key+" stops", f.W-2))}
	case a.busy:
		return nil
	case a.err != "":
		lines := tellText(f, f.Theme.Danger, a.err)
		return lines[:min(len(lines), max(1, f.H/4))]
	case a.hint:
		return tellText(f, f.Theme.Accent, widget.SpellKey(f, k.Allow.Help().Key)+" allows it, "+widget.SpellKey(f, k.Refuse.Help().Key)+" refuses")
	}
	return nil
}

// buttons are the two answers, as they stand in their line.
func (a *Approval) buttons(f widget.Frame) (allow, refuse string) {
	k := a.keys.Request
	yes := k.Allow.Help().Key
	if a.asks() || a.spells() {
		yes = k.Take.Help().Key
	}
	return "[" + widget.SpellKey(f, yes) + " Allow]", "[" + widget.SpellKey(f, k.Refuse.Help().Key) + " Refuse]"
}

func (a *Approval) buttonLine(f widget.Frame) string {
	allow, refuse := a.buttons(f)
	style := f.Theme.Good
	if a.req.Action == ApproveReset {
		style = f.Theme.Danger
	}
	left := style.Render(allow) + "  " + f.Theme.Text.Render(refuse)
	if a.req.Until.IsZero() {
		return left
	}
	if f.Theme.Linear {
		return left + " until " + a.req.Until.In(f.Now.Location()).Format("15:04:05")
	}
	secs := widget.Left(f.Now, a.req.Until)
	clock := f.Theme.Muted
	if secs <= 5 {
		clock = f.Theme.Warn
	}
	text := strconv.Itoa(secs) + "s"
	if secs >= 120 {
		text = strconv.Itoa(secs/60) + " min"
	}
	return widget.Ends(f, left, clock.Render(text), f.W)
}

// View implements dialog.Dialog.
func (a *Approval) View(f widget.Frame) (string, widget.Cursor) {
	if !a.readable(f) {
		return a.tooSmall(f)
	}
	l := a.lay(f)
	in := f.Sized(max(0, l.w-4), f.H)
	var lines []string
	cur := widget.Cursor{}
	for _, p := range l.parts {
		switch {
		case p.what == inRows && !a.asks():
			cur = widget.Cursor{X: 2, Y: len(lines) + 1 + a.list.Cursor - l.from, Shown: f.Theme.Linear}
		case p.what == inField:
			_, at := a.fieldView(in)
			cur = at.Moved(2, len(lines)+1)
		}
		lines = append(lines, p.lines...)
	}
	title := approvalTitle(a.req)
	if a.of > 1 {
		title += "  " + countOf(a.nth, a.of)
	}
	return widget.Box(f, title, strings.Join(lines, "\n"), l.w, true), cur
}

// click answers by the buttons, and chooses a row.
func (a *Approval) click(m dialog.Click) dialog.Action {
	l := a.lay(m.Frame)
	y := m.Y - 1
	if a.busy || a.small || m.X < 2 || m.X >= l.w-2 {
		return dialog.Action{}
	}
	for _, p := range l.parts {
		if y >= 0 && y < len(p.lines) {
			return a.clicked(m, p.what, l.from+y)
		}
		y -= len(p.lines)
	}
	return dialog.Action{}
}

func (a *Approval) clicked(m dialog.Click, what approvalPart, row int) dialog.Action {
	switch what {
	case inRows:
		a.list.To(row)
		a.meant, a.hint = true, false
	case inButtons:
		allow, refuse := a.buttons(m.Frame)
		x := m.X - 2
		from := widget.Width(allow) + 2
		switch {
		case x < widget.Width(allow):
			return a.allow()
		case x >= from && x < from+widget.Width(refuse):
			return a.refuse()
		}
	}
	return dialog.Action{}
}

// approvalPair is a label and a value in one line, cut; the values of a dialog are foreign and have to stay short.
func approvalPair(f widget.Frame, label, value string) []string {
	if value == "" {
		return nil
	}
	const labels = 14
	if f.W < 3*labels {
		return []string{f.Theme.Label.Render(label+" ") + f.Theme.Text.Render(widget.Fit(f, value, f.W-widget.Width(label)-1))}
	}
	return []string{f.Theme.Label.Render(widget.Pad(f, label, labels)) + f.Theme.Text.Render(widget.Fit(f, value, f.W-labels))}
}
