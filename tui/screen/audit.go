package screen

import (
	"context"
	"slices"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"signet/tui/dialog"
	"signet/tui/widget"
	"signet/vault/entry"
)

// Audit lists what is weak in the vault, worst first, with what it means and what to do. It looks again whenever the vault changes,
// so that a finding that was mended goes away.
type Audit struct {
	env    Env
	report *AuditReport // nil until the first one is there
	kind   AuditKind    // only these; "" for all
	shown  []int        // findings of the report that the shelf shows
	titles map[entry.ID]string
	counts map[AuditKind]int // findings of the report
	shelf  shelf
	task   task
	stage  string
	news   chan auditProgress
	quiet  bool // the running audit was not asked for by anybody: it shows itself only when it takes long
	began  time.Time
	again  bool // look once more when the running audit is done
	err    string
	w, h   int
}

// NewAudit makes the screen.
func NewAudit(env Env) *Audit { return &Audit{env: env} }

// Messages of this screen.
type (
	auditDone struct {
		try    int
		report AuditReport
		err    error
	}
	auditProgress struct {
		try         int
		stage       string
		done, total int
	}
)

// Init implements Screen. What was found last is shown at once, and looked at again.
func (s *Audit) Init() tea.Cmd {
	if r, ok := s.env.Ports.Auditor.Last(s.env.Vault); ok {
		s.take(r)
	}
	return s.run(s.report != nil, AuditOptions{})
}

// Title implements Screen.
func (s *Audit) Title() string { return "Audit" }

// Busy implements Busier.
func (s *Audit) Busy() bool { return s.task.busy() && s.loud(s.env.Now()) }

// Settled reports whether the newest report is shown; tests wait for it.
func (s *Audit) Settled() bool { return !s.task.busy() && s.report != nil }

// Close implements Screen.
func (s *Audit) Close() { s.task.stop() }

// quietFor is how long an audit that nobody asked for stays unseen.
const quietFor = time.Second

// loud reports whether the running audit is to be seen.
func (s *Audit) loud(now time.Time) bool { return !s.quiet || now.Sub(s.began) >= quietFor }

// run begins an audit.
func (s *Audit) run(quiet bool, o AuditOptions) tea.Cmd {
	ctx, try := s.task.begin(s.env, "looking at every entry")
	s.quiet, s.again, s.began, s.stage = quiet, false, s.env.Now(), ""
	if !quiet {
		s.err = ""
	}
	news := make(chan auditProgress, 1)
	s.news = news
	work := s.env.cmd(func(context.Context) tea.Msg {
		defer close(news)
		r, err := s.env.Ports.Auditor.Run(ctx, s.env.Vault, o, func(stage string, done, total int) {
			select { // only the newest number is worth drawing
			case news <- auditProgress{try, stage, done, total}:
			default:
			}
		})
		return auditDone{try, r, err}
	})
	return tea.Batch(work, s.listen())
}

func (s *Audit) listen() tea.Cmd {
	news := s.news
	return s.env.cmd(func(context.Context) tea.Msg {
		if n, ok := <-news; ok {
			return n
		}
		return nil
	})
}

// Update implements Screen.
func (s *Audit) Update(msg tea.Msg) (Screen, tea.Cmd) {
	switch msg := msg.(type) {
	case Sized:
		s.w, s.h = msg.W, msg.H
		s.shelf.sized(msg.W, msg.H-auditHead(msg.H))
	case widget.Press:
		return s, s.key(msg)
	case Click:
		if s.shelf.click(msg.X, msg.Y-auditHead(s.h)) && msg.Double {
			return s, s.open()
		}
	case Wheel:
		s.shelf.wheel(msg.By)
	case Changed:
		return s, s.changed()
	case auditDone:
		return s, s.done(msg)
	case auditProgress:
		if !s.task.late(msg.try) {
			s.stage, s.task.done, s.task.total = msg.stage, msg.done, msg.total
			return s, s.listen()
		}
	case stepDone:
		return s, s.env.stepped(msg)
	case dialog.Answered:
		return s, s.answered(msg)
	}
	return s, nil
}

// changed looks again, once the running audit is done.
func (s *Audit) changed() tea.Cmd {
	if s.task.busy() {
		s.again = true
		return nil
	}
	return s.run(true, AuditOptions{})
}

func (s *Audit) done(m auditDone) tea.Cmd {
	if s.task.late(m.try) {
		return nil
	}
	s.task.stop()
	if m.err != nil {
		s.err = s.env.Explain(m.err)
		return s.env.fail("The audit failed", m.err)
	}
	s.err = ""
	s.take(m.report)
	if s.again {
		return s.run(true, AuditOptions{})
	}
	return nil
}

// take shows a report; the cursor stays on its finding, or at its place when that is gone.
func (s *Audit) take(r AuditReport) {
	at, had := s.current()
	s.report = &r
	s.titles, s.counts = make(map[entry.ID]string, len(r.Findings)), map[AuditKind]int{}
	for _, f := range r.Findings {
		s.titles[f.Entry] = f.Title
		s.counts[f.Kind]++
	}
	s.filter()
	if !had {
		return
	}
	for i, n := range s.shown {
		if f := r.Findings[n]; f.Entry == at.Entry && f.Kind == at.Kind && f.Path == at.Path {
			s.shelf.to(i)
			return
		}
	}
}

// filter fills the shelf with the findings of the chosen kind; with all when there are none of it any more.
func (s *Audit) filter() {
	if s.counts[s.kind] == 0 {
		s.kind = ""
	}
	s.shown = s.shown[:0]
	var rows []shelfRow
	for i, f := range s.report.Findings {
		if s.kind != "" && f.Kind != s.kind {
			continue
		}
		row := auditRow(f)
		if n := len(s.shown); n > 0 {
			if last := s.report.Findings[s.shown[n-1]]; last.Kind == f.Kind && last.Severity == f.Severity {
				row.head = ""
			}
		}
		s.shown, rows = append(s.shown, i), append(rows, row)
	}
	s.shelf.set(rows)
	s.shelf.sized(s.w, s.h-auditHead(s.h))
}

// current is the finding under the cursor.
func (s *Audit) current() (AuditFinding, bool) {
	if s.report == nil || s.shelf.cursor >= len(s.shown) {
		return AuditFinding{}, false
	}
	return s.report.Findings[s.shown[s.shelf.cursor]], true
}

func (s *Audit) key(p widget.Press) tea.Cmd {
	k := s.env.Keys
	switch {
	case s.shelf.key(k.Move, p):
		return nil
	case s.task.busy() && s.loud(s.env.Now()) && key.Matches(p, k.Form.Cancel):
		s.task.stop()
		return s.env.say(Notify{Text: "The audit is cancelled; " + k.Audit.Again.Help().Key + " begins it again"})
	case key.Matches(p, k.Do.Back, k.Do.Leave):
		if s.shelf.whole {
			s.shelf.whole = false
			return nil
		}
		return s.env.say(Back{})
	case key.Matches(p, k.Audit.Again):
		return s.run(false, AuditOptions{})
	case key.Matches(p, k.Audit.Online) && s.canAsk():
		return s.env.ask(s.onlineQuestion())
	case key.Matches(p, k.Audit.Next):
		return s.turn(1)
	case key.Matches(p, k.Audit.Prev):
		return s.turn(-1)
	}
	return s.act(p)
}

// act does what a key does with the finding under the cursor.
func (s *Audit) act(p widget.Press) tea.Cmd {
	k := s.env.Keys
	f, ok := s.current()
	switch {
	case ok && key.Matches(p, k.Do.Open):
		return s.open()
	case ok && key.Matches(p, k.Audit.Details):
		s.shelf.whole = !s.shelf.whole
		return nil
	case ok && key.Matches(p, k.Audit.Ignore):
		return s.env.writable(func() tea.Cmd { return s.cmdIgnore(f) })
	}
	cmd, _ := s.env.act(p, subject{id: f.Entry, title: f.Title})
	return cmd
}

func (s *Audit) open() tea.Cmd {
	f, ok := s.current()
	if !ok {
		return nil
	}
	return s.env.say(OpenEntry{f.Entry})
}

// cmdIgnore tags the entry, so that findings of this kind are left out. The tag is seen, synced and undone like any other.
func (s *Audit) cmdIgnore(f AuditFinding) tea.Cmd {
	tag := AuditIgnoreTag + "/" + string(f.Kind)
	return s.env.cmdStep("Left out by the tag "+tag, "leaving a finding out", func(ctx context.Context) (Applied, error) {
		return s.env.Vault.Apply(ctx, nil, []entry.Edit{entry.Set(f.Entry, entry.TagPath(tag), "true")})
	})
}

// turn shows the findings of the next kind that has any; behind the last one come all again.
func (s *Audit) turn(dir int) tea.Cmd {
	if s.report == nil {
		return nil
	}
	kinds := append([]AuditKind{""}, s.kinds()...)
	at := slices.Index(kinds, s.kind) + dir
	s.kind = kinds[(at+len(kinds))%len(kinds)]
	s.shelf.whole = false
	s.filter()
	s.shelf.to(0)
	return nil
}

// kinds are those that the report has, worst first.
func (s *Audit) kinds() []AuditKind {
	return slices.DeleteFunc(AuditKinds(), func(k AuditKind) bool { return s.counts[k] == 0 })
}

const askOnline = "ask the breach service"

// canAsk reports whether asking the service would tell more.
func (s *Audit) canAsk() bool {
	if s.report == nil || s.report.Passwords == 0 {
		return false
	}
	return !s.report.Online || slices.ContainsFunc(s.report.Unchecked, func(g AuditGap) bool { return g.Failed })
}

func (s *Audit) onlineQuestion() dialog.Choice {
	return dialog.Choice{
		ID: askOnline, Title: "Ask the breach service?",
		Text: "api.pwnedpasswords.com gets the first 5 of 40 digits of the hash of each of your " + plural(s.report.Passwords, "password", "passwords") +
			", and answers with all hashes that begin so. It does not learn a password or a whole hash. It does learn your address, and about how many passwords you have.",
		Options: []dialog.Option{{ID: "", Label: "Do not ask"}, {ID: "yes", Label: "Ask this time"}},
	}
}

func (s *Audit) answered(a dialog.Answered) tea.Cmd {
	switch {
	case a.Question == askOnline && a.Choice == "yes":
		return s.run(false, AuditOptions{Online: true})
	case a.Question == askKind && a.Choice != "":
		return s.env.openNew(a.Choice)
	}
	return nil
}

// Keys implements Screen.
func (s *Audit) Keys() []key.Binding {
	k := s.env.Keys
	m, d := k.Move, k.Do
	var ks []key.Binding
	if s.task.busy() && s.loud(s.env.Now()) {
		ks = append(ks, k.Form.Cancel)
	}
	if _, ok := s.current(); ok {
		ks = append(ks, d.Open, d.Edit, k.Audit.Ignore, k.Audit.Next)
		if s.env.Ports.Browser != nil {
			ks = append(ks, d.OpenURL)
		}
		ks = append(ks, d.Password, d.User, d.Delete, k.Audit.Prev, k.Audit.Details, d.CopyNext)
	}
	if s.canAsk() {
		ks = append(ks, k.Audit.Online)
	}
	return append(ks, k.Audit.Again, d.Undo, m.Up, m.Down, m.PageUp, m.PageDown, m.First, m.Last, d.Back)
}
