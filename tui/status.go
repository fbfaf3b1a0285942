package tui

import (
	"fmt"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"signet/internal/sanitize"
	"signet/tui/screen"
	"signet/tui/widget"
)

// status is what the status line says.
type status struct {
	notice screen.Notify
	gone   time.Time // when a notice without a countdown goes
	more   []screen.Notify
	said   []screen.Said // what was shown, oldest first
	count  int           // of all that was ever said
	work   string        // what takes time
	since  time.Time
}

// How long a notice stays.
const (
	noticeFor = 6 * time.Second
	badFor    = 15 * time.Second
	maxMore   = 8
	maxSaid   = 200
	workFrom  = time.Second
)

// notify shows a notice. Bad ones queue up, so that several warnings are all seen.
func (s *status) notify(n screen.Notify, now time.Time) {
	s.work = ""
	if n.Level == screen.Bad && s.notice.Level == screen.Bad && now.Before(s.gone) && len(s.more) < maxMore {
		n.Text = sanitize.Line(n.Text)
		s.more = append(s.more, n)
		s.log(n, now)
		return
	}
	s.set(n, now)
}

// set shows a notice at once.
func (s *status) set(n screen.Notify, now time.Time) {
	n.Text = sanitize.Line(n.Text)
	s.log(n, now)
	s.show(n, now)
}

// log keeps a notice for the messages screen.
func (s *status) log(n screen.Notify, now time.Time) {
	s.count++
	if s.said = append(s.said, screen.Said{At: now, Level: n.Level, Text: n.Text}); len(s.said) > maxSaid {
		s.said = s.said[1:]
	}
}

func (s *status) show(n screen.Notify, now time.Time) {
	s.work = ""
	s.notice, s.gone = n, now.Add(noticeFor)
	if n.Level == screen.Bad {
		s.gone = now.Add(badFor)
	}
	if !n.Until.IsZero() {
		s.gone = n.Until
	}
}

func (s *status) clear() { *s = status{} }

// tick takes away what is over and shows what comes after it.
func (s *status) tick(now time.Time) {
	if s.notice.Text == "" || now.Before(s.gone) {
		return
	}
	then := s.notice.Then
	s.notice = screen.Notify{}
	switch {
	case then != "":
		s.set(screen.Notify{Text: then}, now)
	case len(s.more) > 0:
		s.show(s.more[0], now)
		s.more = s.more[1:]
	}
}

func (s *status) view(f widget.Frame) string {
	n := s.notice
	if s.work != "" && f.Now.Sub(s.since) >= workFrom {
		return f.Theme.Muted.Render(widget.Cut(f, widget.Spinner(f)+" "+s.work, f.W))
	}
	text := n.Text
	count := ""
	if !n.Until.IsZero() {
		count = countdown(f, n.Until)
	}
	// The countdown is what counts: where there is little room, a shorter wording is taken.
	for _, less := range n.Less {
		if widget.Width(text)+widget.Width(count) <= f.W-2 {
			break
		}
		text = sanitize.Line(less)
	}
	text += count
	switch {
	case f.Theme.Linear:
		return f.Theme.Text.Render(widget.Cut(f, text, f.W))
	case n.Level == screen.Good:
		return f.Theme.Good.Render(widget.Cut(f, f.Theme.Tick+" "+text, f.W))
	case n.Level == screen.Bad:
		return f.Theme.Danger.Render(widget.Cut(f, f.Theme.Cross+" "+text, f.W))
	}
	return f.Theme.Muted.Render(widget.Cut(f, text, f.W))
}

// working says what takes time, once it takes longer than people think it should.
func (r *root) working(what string) { r.status.work, r.status.since = sanitize.Line(what), r.now() }

// say shows a notice at once.
func (r *root) say(n screen.Notify) { r.status.set(n, r.now()) }

// messages opens the list of what was said, or closes it.
func (r *root) messages() tea.Cmd {
	if len(r.stack) == 0 {
		return nil
	}
	if _, open := r.top().(*screen.Messages); open {
		return r.pop()
	}
	return r.push(func(e screen.Env) screen.Screen { return screen.NewMessages(e, slices.Clone(r.status.said)) })
}

// countdown says when the clipboard is cleared. A screen reader would read every second of it: it hears the time once.
func countdown(f widget.Frame, until time.Time) string {
	if f.Theme.Linear {
		return f.Theme.Sep + "clears at " + until.In(f.Now.Location()).Format("15:04:05")
	}
	return fmt.Sprintf("%sclears in %ds", f.Theme.Sep, widget.Left(f.Now, until))
}

// retell brings new notices to the screen that lists them.
func (r *root) retell() tea.Cmd {
	if r.status.count == r.told {
		return nil
	}
	r.told = r.status.count
	if len(r.stack) == 0 {
		return nil
	}
	if _, open := r.top().(*screen.Messages); !open {
		return nil
	}
	return r.toTop(slices.Clone(r.status.said))
}

// copied tells what was copied, by which way, and counts down to the clearing.
func (r *root) copied(m screen.CopyDone) tea.Cmd {
	r.status.work = ""
	if !r.session.open() { // locked meanwhile: what came late goes at once
		return r.cmdClear()
	}
	if m.Err != nil {
		return r.notCopied(m)
	}
	if m.Copy.Sequence && m.Copy.ID == r.sequence.id { // only what was copied is behind us
		r.sequence.next++
	}
	n := screen.Notify{Level: screen.Good, Text: m.What + " copied"}
	long, short := r.sequenceText(m)
	via, note := "", ""
	if m.Via != "" {
		via = " (" + m.Via + ")"
	}
	if len(m.Notes) > 0 && !m.Stays { // what stays says so itself
		note = r.theme.Sep + m.Notes[0]
	}
	least := n.Text
	if m.Stays { // that is never left out: somebody has to clear it by hand
		least += r.theme.Sep + "not cleared"
		n.Text += r.theme.Sep + "not cleared by itself"
	}
	n.Less = []string{n.Text + via + long, n.Text + long, n.Text + short, n.Text, least}
	n.Text += via + long + note
	if m.ClearIn > 0 {
		n.Until, n.Then = m.At.Add(m.ClearIn), "The clipboard was cleared"
	}
	r.status.set(n, r.now())
	return nil
}

// cmdClear empties the clipboard when it holds what was copied here.
func (r *root) cmdClear() tea.Cmd {
	c, ctx := r.opt.Ports.Clipboard, r.ctx
	if c == nil {
		return nil
	}
	return func() tea.Msg {
		_ = c.Clear(ctx)
		return nil
	}
}

// tickMsg comes every second; frameMsg turns a spinner while the top screen waits for something.
type (
	tickMsg  struct{}
	frameMsg struct{}
)

const frames = 120 * time.Millisecond

// after sends a message later.
func (r *root) after(d time.Duration, m tea.Msg) tea.Cmd {
	if r.opt.after != nil {
		return r.opt.after(d, m)
	}
	return tea.Tick(d, func(time.Time) tea.Msg { return m })
}

func (r *root) ticked() tea.Cmd {
	r.status.tick(r.now())
	r.expire()
	return tea.Batch(r.idle(), r.autosave(), r.broadcast(screen.Tick{Now: r.now()}), r.after(time.Second, tickMsg{}))
}

func (r *root) spin() tea.Cmd {
	if r.spinning || r.theme.Linear || !r.busy() {
		return nil
	}
	r.spinning = true
	return r.after(frames, frameMsg{})
}

// busy reports whether the top screen waits for something.
func (r *root) busy() bool {
	if len(r.stack) == 0 {
		return false
	}
	b, ok := r.top().(screen.Busier)
	if d := r.approval(); d != nil && d.Busy() {
		return true
	}
	return ok && b.Busy() || r.status.work != ""
}

// step is a change that can be undone.
type step struct{ id, name string }

// maxSteps is how many changes the program remembers; older ones are in the history.
const maxSteps = 100

func (r *root) stepped(m screen.Stepped) {
	text, less := m.Done, shortened(m.Done)
	if m.Step != "" {
		r.steps = append(r.steps, step{m.Step, m.Name})
		if len(r.steps) > maxSteps {
			r.steps = r.steps[1:]
		}
		how := r.theme.Sep + r.keyOf(r.keys.Do.Undo) + " undoes it"
		text, less = text+how, less+how
	}
	r.status.set(screen.Notify{Level: screen.Good, Text: text, Less: []string{less}}, r.now())
}

// shortName is how long a name in a notice is where there is little room.
const shortName = 12

// shortened cuts the name that a notice quotes: what happened and how it is undone says more than the end of a long title.
func shortened(text string) string {
	from, to := strings.Index(text, "“"), strings.LastIndex(text, "”")
	if from < 0 || to < from {
		return text
	}
	name := []rune(text[from+len("“") : to])
	if len(name) <= shortName {
		return text
	}
	return text[:from] + "“" + strings.TrimSpace(string(name[:shortName])) + "…" + text[to:]
}

type undone struct {
	step    step
	applied screen.Applied
	err     error
}

func (r *root) undo() tea.Cmd {
	if len(r.steps) == 0 {
		r.status.set(screen.Notify{Text: "Nothing to undo since the vault was opened"}, r.now())
		return nil
	}
	last := r.steps[len(r.steps)-1]
	r.steps = r.steps[:len(r.steps)-1]
	r.working("Taking back " + last.name)
	ctx, v := r.context(), r.session.vault
	return func() tea.Msg {
		a, err := v.Undo(ctx, last.id)
		return screen.Answer{To: rootID, Msg: undone{last, a, err}}
	}
}

func (r *root) undoDone(m undone) tea.Cmd {
	if !r.session.open() {
		return nil
	}
	switch {
	case m.err != nil:
		r.status.set(screen.Notify{Level: screen.Bad, Text: "Not undone: " + r.env(rootID).Explain(m.err)}, r.now())
	case len(m.applied.Skipped) > 0:
		r.status.set(screen.Notify{Level: screen.Bad, Text: "Undone in part: " + m.applied.Skipped[0]}, r.now())
	default:
		r.status.set(screen.Notify{Level: screen.Good, Text: "Taken back: " + m.step.name}, r.now())
	}
	return nil
}
