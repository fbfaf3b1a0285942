package screen

import (
	"context"
	"fmt"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"signet/tui/widget"
	"signet/vault/secret"
)

// Import reads a file of another program: first it says what would happen, then it does it, then it tells item by item what did not
// come over.
type Import struct {
	env      Env
	form     widget.Form
	plan     *Plan
	report   *Report
	busy     string
	err      string
	try      int
	cancel   context.CancelFunc
	done     int
	total    int
	progress chan [2]int
	top      int
	h        int
}

// NewImport makes the screen.
func NewImport(env Env) *Import {
	s := &Import{env: env}
	s.form.Fields = []*widget.Field{
		{ID: fieldPath, Label: "File", Hint: "path of the export; a Bitwarden JSON or a browser's CSV", Validate: needed("name a file")},
		goButton("Look into it"),
	}
	return s
}

// Messages of this screen.
type (
	inspected struct {
		try  int
		plan Plan
		err  error
	}
	imported struct {
		try    int
		report Report
		err    error
	}
)

// Init implements Screen.
func (s *Import) Init() tea.Cmd { return nil }

// Title implements Screen.
func (s *Import) Title() string { return "Import" }

// Typing implements Typer.
func (s *Import) Typing() bool {
	d := s.form.Focused()
	return s.plan == nil && s.report == nil && d != nil && d.Kind != widget.ButtonField
}

// Busy implements Busier.
func (s *Import) Busy() bool { return s.busy != "" }

// Close implements Screen.
func (s *Import) Close() {
	s.abort()
	s.form.Wipe()
}

func (s *Import) abort() {
	if s.cancel != nil {
		s.cancel()
		s.cancel = nil
	}
	s.busy = ""
	s.try++
}

func (s *Import) begin(what string) (context.Context, int) {
	s.abort()
	var ctx context.Context
	ctx, s.cancel = context.WithCancel(s.env.Ctx)
	s.busy, s.err = what, ""
	return ctx, s.try
}

// Update implements Screen.
func (s *Import) Update(msg tea.Msg) (Screen, tea.Cmd) {
	switch msg := msg.(type) {
	case Sized:
		s.h = msg.H
	case widget.Press:
		return s, s.key(msg)
	case tea.PasteMsg:
		if s.Typing() && s.busy == "" {
			// A file that is dropped onto a terminal arrives as its quoted path.
			s.form.Paste(strings.Trim(strings.TrimSpace(msg.Content), `'"`))
		}
	case Click:
		return s, s.click(msg)
	case Wheel:
		s.wheel(msg.By)
	case inspected:
		s.inspected(msg)
	case progressed:
		if msg.try == s.try {
			s.done, s.total = msg.done, msg.total
			return s, s.cmdProgress()
		}
	case imported:
		return s, s.imported(msg)
	}
	return s, nil
}

func (s *Import) key(p widget.Press) tea.Cmd {
	k := s.env.Keys
	switch {
	case s.busy != "":
		if key.Matches(p, k.Form.Cancel) {
			s.abort()
			s.err = "cancelled"
		}
		return nil
	case s.report != nil:
		if key.Matches(p, k.Form.Cancel, k.Setup.Continue, k.Do.Leave) {
			return s.env.say(Back{})
		}
		s.scroll(p, len(s.report.Notes))
		return nil
	case s.plan != nil:
		return s.planKey(p)
	case key.Matches(p, k.Form.Cancel):
		return s.env.say(Back{})
	}
	s.err = ""
	if s.form.Key(s.env.formKeys(), p) == buttonGo && s.form.Check() {
		return s.cmdInspect()
	}
	return nil
}

func (s *Import) planKey(p widget.Press) tea.Cmd {
	k := s.env.Keys
	switch {
	case key.Matches(p, k.Setup.Continue):
		return s.cmdImport()
	case key.Matches(p, k.Form.Cancel, k.Do.Leave):
		s.plan, s.top = nil, 0
	default:
		s.scroll(p, len(s.plan.Notes))
	}
	return nil
}

func (s *Import) scroll(p widget.Press, n int) {
	l := widget.List{Count: n, Height: max(1, s.h-6), Cursor: s.top}
	s.env.Keys.Move.moved(&l, p)
	s.top = l.Cursor
}

// click works on the form; the plan and the report have nothing to click.
func (s *Import) click(m Click) tea.Cmd {
	if s.busy != "" || s.plan != nil || s.report != nil {
		return nil
	}
	if s.form.Click(m.Frame.Sized(m.Frame.W, min(6, m.Frame.H-2)), m.X, m.Y-2) == buttonGo && s.form.Check() {
		return s.cmdInspect()
	}
	return nil
}

func (s *Import) wheel(by int) {
	var notes []string
	switch {
	case s.report != nil:
		notes = s.report.Notes
	case s.plan != nil:
		notes = s.plan.Notes
	}
	s.top = max(0, min(s.top+by, len(notes)-1))
}

func (s *Import) pass() secret.Secret {
	if d := s.form.Field(fieldPass); d != nil {
		return d.Value()
	}
	return secret.Secret{}
}

func (s *Import) cmdInspect() tea.Cmd {
	ctx, try := s.begin("looking into the file")
	path, pass := s.form.Field(fieldPath).Line.Text(), s.pass()
	return s.env.cmd(func(context.Context) tea.Msg {
		defer pass.Wipe()
		p, err := s.env.Ports.Importer.Inspect(ctx, path, pass)
		return inspected{try, p, err}
	})
}

func (s *Import) inspected(m inspected) {
	if m.try != s.try {
		return
	}
	s.abort()
	switch f := s.env.Ports.Faults.FilePassphrase; {
	case m.err != nil && f != nil && f(m.err) && s.form.Field(fieldPass) == nil:
		s.form.Fields = []*widget.Field{s.form.Fields[0], {ID: fieldPass, Label: "Its passphrase", Kind: widget.SecretText}, s.form.Fields[1]}
		s.form.Focus = 1
		s.err = "the file is encrypted"
	case m.err != nil:
		s.err = s.env.Explain(m.err)
	default:
		s.plan = &m.plan
	}
}

func (s *Import) cmdImport() tea.Cmd {
	ctx, try := s.begin("importing")
	plan, pass := *s.plan, s.pass()
	s.done, s.total, s.progress = 0, plan.Entries, make(chan [2]int, 1)
	progress := s.progress
	run := s.env.cmd(func(context.Context) tea.Msg {
		defer pass.Wipe()
		defer close(progress)
		r, err := s.env.Ports.Importer.Import(ctx, s.env.Vault, plan, pass, func(done, total int) {
			select { // only the newest number is worth drawing
			case progress <- [2]int{done, total}:
			default:
			}
		})
		return imported{try, r, err}
	})
	return tea.Batch(run, s.cmdProgress())
}

func (s *Import) cmdProgress() tea.Cmd {
	try, progress := s.try, s.progress
	return s.env.cmd(func(context.Context) tea.Msg {
		n, ok := <-progress
		if !ok {
			return nil
		}
		return progressed{try, n[0], n[1]}
	})
}

func (s *Import) imported(m imported) tea.Cmd {
	if m.try != s.try {
		if m.err == nil && m.report.Step != "" { // it was done before the cancelling arrived
			return s.env.say(Stepped{Step: m.report.Step, Done: "The file was imported before it could be cancelled", Name: "the import"})
		}
		return nil
	}
	s.abort()
	if m.err != nil {
		s.err = s.env.Explain(m.err)
		return nil
	}
	s.report, s.top = &m.report, 0
	if m.report.Step == "" {
		return nil
	}
	return s.env.say(Stepped{Step: m.report.Step, Done: thousands(m.report.Added) + " entries are imported", Name: "the import"})
}

// View implements Screen.
func (s *Import) View(f widget.Frame) (string, widget.Cursor) {
	lines := []string{f.Theme.Title.Render("Import"), ""}
	var cur widget.Cursor
	switch {
	case s.report != nil:
		r := s.report
		lines = append(lines, f.Theme.Good.Render(fmt.Sprintf("%s added, %s were here already", thousands(r.Added), thousands(r.Duplicates))))
		if r.Left > 0 {
			lines = append(lines, f.Theme.Danger.Render(thousands(r.Left)+" were left out"))
		}
		lines = append(lines, s.notes(f, r.Notes, "Everything came over.")...)
	case s.plan != nil:
		p := s.plan
		lines = append(lines, f.Theme.Text.Render(widget.Fit(f, p.Format+": "+thousands(p.Entries)+" entries, "+thousands(p.Duplicates)+" of them here already", f.W)))
		lines = append(lines, s.notes(f, p.Notes, "Everything will come over.")...)
	default:
		body, at := s.form.View(f.Sized(f.W, min(6, f.H-len(lines))))
		cur = at.Moved(0, len(lines))
		lines = append(lines, strings.Split(body, "\n")...)
	}
	if s.busy != "" {
		cur.Shown = false
		lines = append(lines, "", widget.Spinner(f)+f.Theme.Muted.Render(" "+s.busy+s.share()))
	}
	if s.err != "" {
		lines = append(lines, widget.Paint(f.Theme.Danger, widget.Wrap(widget.Fit(f, s.err, 4*f.W), f.W))...)
	}
	return widget.Lines(f, lines), cur
}

func (s *Import) share() string {
	if s.total == 0 || s.plan == nil {
		return ""
	}
	return " " + thousands(s.done) + " of " + thousands(s.total)
}

func (s *Import) notes(f widget.Frame, notes []string, none string) []string {
	if len(notes) == 0 {
		return []string{f.Theme.Muted.Render(none)}
	}
	lines := []string{f.Theme.Warn.Render(thousands(len(notes)) + " note(s) about what is kept in another form, or not at all:")}
	for _, n := range notes[min(s.top, len(notes)):] {
		lines = append(lines, "  "+f.Theme.Text.Render(widget.Fit(f, n, f.W-2)))
	}
	return lines
}

// Keys implements Screen.
func (s *Import) Keys() []key.Binding {
	k := s.env.Keys
	switch {
	case s.busy != "":
		return []key.Binding{k.Form.Cancel}
	case s.plan != nil || s.report != nil:
		return []key.Binding{k.Setup.Continue, k.Move.Down, k.Move.Up, k.Form.Cancel}
	}
	return []key.Binding{k.Form.Next, k.Form.Prev, k.Form.Cancel}
}
