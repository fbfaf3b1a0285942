package screen

import (
	"strings"

	"charm.land/bubbles/v2/key"

	"signet/internal/sanitize"
	"signet/tui/widget"
)

// auditHead is how many lines stand above the shelf: the heading, the kinds, an empty line where there is room.
func auditHead(h int) int {
	if h >= 12 {
		return 3
	}
	return 2
}

// label says a kind in words.
func (k AuditKind) label() string {
	switch k {
	case AuditBreached:
		return "known from breaches"
	case AuditReused:
		return "used more than once"
	case AuditWeak:
		return "easy to guess"
	case AuditInsecure:
		return "without encryption"
	case AuditExpired:
		return "expired"
	case AuditExpiring:
		return "expires soon"
	case AuditDuplicate:
		return "there twice"
	case AuditNoSecond:
		return "no second factor"
	case AuditOld:
		return "old password"
	}
	return string(k)
}

func (v AuditSeverity) word() string {
	switch v {
	case AuditHigh:
		return "High"
	case AuditMedium:
		return "Medium"
	}
	return "Low"
}

// auditRow is the row of a finding, with the heading that it has when it is the first of its kind.
func auditRow(f AuditFinding) shelfRow {
	text := orElse(f.Title, "(no title)")
	if f.User != "" {
		text += "  " + f.User
	}
	return shelfRow{head: f.Severity.word() + ": " + f.Kind.label(), text: text, note: sanitize.Line(f.What), warn: f.Severity == AuditHigh}
}

// View implements Screen.
func (s *Audit) View(f widget.Frame) (string, widget.Cursor) {
	lines := make([]string, auditHead(f.H))
	lines[0] = s.headLine(f)
	switch {
	case s.report == nil && s.err != "":
		return widget.Lines(f, append(lines, tellText(f, f.Theme.Danger, s.err)...)), widget.Cursor{}
	case s.report == nil:
		return widget.Lines(f, append(lines, s.nothingYet(f)...)), widget.Cursor{}
	case len(s.report.Findings) == 0:
		return widget.Lines(f, append(lines[:len(lines)-1], s.nothingFound(f)...)), widget.Cursor{}
	}
	lines[1] = s.chips(f)
	body, cur := s.shelf.view(f.Sized(f.W, f.H-len(lines)), s.tell)
	return widget.Lines(f, append(lines, strings.Split(body, "\n")...)), cur.Moved(0, len(lines))
}

func (s *Audit) headLine(f widget.Frame) string {
	if s.task.busy() && s.loud(f.Now) {
		t := s.task
		if s.stage != "" {
			t.what = map[string]string{"entries": "looking at entries:", "hash list": "searching the hash list:", "breach service": "asking the breach service:"}[s.stage]
		}
		return t.view(f, s.env)[0]
	}
	left := f.Theme.Title.Render(widget.Cut(f, s.Title(), f.W))
	if s.report == nil {
		return left
	}
	right := f.Theme.Muted.Render(plural(len(s.report.Findings), "finding", "findings") + " in " + plural(s.report.Entries, "entry", "entries"))
	for _, more := range s.alsoSaid(f) {
		if with := right + f.Theme.Muted.Render(", ") + more; widget.Width(left)+widget.Width(with)+2 <= f.W {
			right = with
		}
	}
	return widget.Ends(f, left, right, f.W)
}

// alsoSaid is what the heading says where there is room.
func (s *Audit) alsoSaid(f widget.Frame) (out []string) {
	for _, g := range s.report.Unchecked {
		if g.Failed {
			out = append(out, f.Theme.Danger.Render("breaches could not be looked up"))
		} else {
			out = append(out, f.Theme.Muted.Render("breaches not looked up"))
		}
	}
	if n := s.report.Ignored; n > 0 {
		out = append(out, f.Theme.Muted.Render(thousands(n)+" left out by tags"))
	}
	return out
}

func (s *Audit) nothingYet(f widget.Frame) []string {
	if s.task.busy() {
		return nil // the heading says it
	}
	return []string{f.Theme.Text.Render("The audit was cancelled. " + s.env.Keys.Audit.Again.Help().Key + " begins it again.")}
}

// nothingFound says what was looked at, what was not, and how it would be.
func (s *Audit) nothingFound(f widget.Frame) []string {
	r := s.report
	if r.Entries == 0 {
		return tellText(f, f.Theme.Text, "There is nothing to look at yet: the vault has no entries.")
	}
	lines := tellText(f, f.Theme.Good, f.Theme.Tick+" Nothing found. "+plural(r.Entries, "entry", "entries")+" with "+plural(r.Passwords, "password", "passwords")+" were looked at.")
	for _, g := range r.Unchecked {
		lines = append(lines, "")
		lines = append(lines, s.gap(f, g)...)
	}
	return lines
}

// gap tells of a part that was not checked.
func (s *Audit) gap(f widget.Frame, g AuditGap) []string {
	style := f.Theme.Muted
	if g.Failed {
		style = f.Theme.Danger
	}
	lines := tellText(f, style, "Not checked: "+g.What+": "+g.Why+".")
	lines = append(lines, tellText(f, f.Theme.Muted, title(g.Todo)+".")...)
	if s.canAsk() {
		lines = append(lines, keyHint(f, s.env.Keys.Audit.Online, "asks the service this time, after a question"))
	}
	return lines
}

// keyHint says what a key does.
func keyHint(f widget.Frame, k key.Binding, does string) string {
	return f.Theme.Key.Render(widget.Pad(f, k.Help().Key, 6)) + f.Theme.Muted.Render(widget.Cut(f, does, f.W-6))
}

// chips are the kinds with their numbers; the chosen one is always seen.
func (s *Audit) chips(f widget.Frame) string {
	chip := func(k AuditKind) string {
		text := "all " + thousands(len(s.report.Findings))
		if k != "" {
			text = string(k) + " " + thousands(s.counts[k])
		}
		if k == s.kind {
			return f.Theme.Selected.Render("[" + text + "]")
		}
		return f.Theme.Muted.Render(text)
	}
	kinds := append([]AuditKind{""}, s.kinds()...)
	parts := make([]string, len(kinds))
	at := 0
	for i, k := range kinds {
		if k == s.kind {
			at = i
		}
		parts[i] = chip(k)
	}
	for first := 0; ; first++ { // leave out from the left until the chosen one is in
		if first == at || widget.Width(strings.Join(parts[first:at+1], "  ")) <= f.W {
			return widget.Cut(f, strings.Join(parts[first:], "  "), f.W)
		}
	}
}

// maxWithShown is how many entries of a group the telling names.
const maxWithShown = 12

// tell tells the finding under the cursor in full.
func (s *Audit) tell(f widget.Frame) []string {
	x, ok := s.current()
	if !ok {
		return nil
	}
	style := f.Theme.Text
	if x.Severity == AuditHigh {
		style = f.Theme.Danger
	}
	lines := []string{f.Theme.Title.Render(widget.Fit(f, orElse(x.Title, "(no title)"), f.W))}
	if x.User != "" {
		lines = append(lines, f.Theme.Muted.Render(widget.Fit(f, x.User, f.W)))
	}
	lines = append(lines, tellText(f, style, title(x.Kind.label())+": "+x.What)...)
	lines = append(lines, "")
	lines = append(lines, tellText(f, f.Theme.Muted, x.Means)...)
	lines = append(lines, tellText(f, f.Theme.Text, x.Todo)...)
	lines = append(lines, s.tellGroup(f, x)...)
	lines = append(lines, "")
	k := s.env.Keys
	lines = append(lines, keyHint(f, k.Do.Open, "opens the entry, "+k.Do.Edit.Help().Key+" edits it"), keyHint(f, k.Audit.Ignore, "leaves this out from now on, by a tag"))
	for _, g := range s.report.Unchecked {
		lines = append(lines, "")
		lines = append(lines, s.gap(f, g)...)
	}
	return lines
}

func (s *Audit) tellGroup(f widget.Frame, x AuditFinding) (lines []string) {
	for i, id := range x.With {
		if i == 0 {
			lines = append(lines, "", f.Theme.Label.Render("The others"))
		}
		if i == maxWithShown {
			return append(lines, "  "+f.Theme.Muted.Render("and "+thousands(len(x.With)-i)+" more"))
		}
		lines = append(lines, "  "+f.Theme.Text.Render(widget.Fit(f, orElse(s.titles[id], "(no title)"), f.W-2)))
	}
	return lines
}
