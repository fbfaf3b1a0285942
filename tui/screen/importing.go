package screen

import (
	"context"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"signet/tui/widget"
	"signet/vault/secret"
)

// Import reads a file of another program: first it says what would happen, then it does it, then it tells item by item what did not
// come over.
type Import struct {
	env    Env
	path   *pathInput
	form   widget.Form
	plan   *Plan
	report *Report
	text   scroller
	task   task
	err    string
}

// NewImport makes the screen.
func NewImport(env Env) *Import {
	s := &Import{env: env, path: newPathInput(env, "File", "the file that the other program exported")}
	s.form.Fields = []*widget.Field{s.path.field, goButton("Look into it")}
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

// asks reports whether the form is on the screen.
func (s *Import) asks() bool { return s.plan == nil && s.report == nil }

// Typing implements Typer.
func (s *Import) Typing() bool { return s.asks() }

// Busy implements Busier.
func (s *Import) Busy() bool { return s.task.busy() }

// Close implements Screen.
func (s *Import) Close() {
	s.task.stop()
	s.form.Wipe()
}

// Update implements Screen.
func (s *Import) Update(msg tea.Msg) (Screen, tea.Cmd) {
	switch msg := msg.(type) {
	case Sized:
		s.text.w, s.text.h = msg.W, msg.H-importHead
		s.text.tell(s.told)
	case widget.Press:
		return s, tea.Batch(s.key(msg), s.path.cmdLook())
	case Click:
		return s, s.click(msg)
	case Wheel:
		s.text.wheel(msg.By)
	case tea.PasteMsg:
		if s.Typing() && !s.task.busy() {
			s.form.Paste(droppedPath(msg.Content, s.form.Focused() == s.path.field))
		}
		return s, s.path.cmdLook()
	case pathsFound:
		s.path.take(msg)
	case progressed:
		return s, s.task.progressed(s.env, msg)
	case inspected:
		s.inspected(msg)
	case imported:
		return s, s.imported(msg)
	}
	return s, nil
}

// droppedPath takes the quotes off a file that was dropped onto the terminal.
func droppedPath(text string, isPath bool) string {
	if !isPath {
		return text
	}
	text = strings.TrimSpace(text)
	if n := len(text); n > 1 && (text[0] == '\'' || text[0] == '"') && text[n-1] == text[0] {
		return text[1 : n-1]
	}
	return strings.ReplaceAll(text, `\ `, " ")
}

func (s *Import) key(p widget.Press) tea.Cmd {
	k := s.env.Keys
	switch {
	case s.task.busy():
		if key.Matches(p, k.Form.Cancel) {
			s.cancelled()
		}
		return nil
	case s.report != nil:
		return s.reportKey(p)
	case s.plan != nil:
		return s.planKey(p)
	case key.Matches(p, k.Form.Cancel):
		return s.env.say(Back{})
	case s.path.tab(k, p, s.form.Focused()):
		return nil
	}
	s.err = ""
	if s.form.Key(s.env.formKeys(), p) == buttonGo && s.form.Check() {
		return s.cmdInspect()
	}
	return nil
}

func (s *Import) cancelled() {
	s.task.stop()
	s.err = "cancelled: nothing was imported"
}

func (s *Import) planKey(p widget.Press) tea.Cmd {
	k := s.env.Keys
	switch {
	case key.Matches(p, k.Setup.Continue) && s.changes():
		return s.cmdImport()
	case key.Matches(p, k.Setup.Continue):
		return s.env.say(Back{})
	case key.Matches(p, k.Form.Cancel, k.Do.Leave):
		s.plan, s.text.top, s.err = nil, 0, ""
	default:
		s.text.key(k.Move, p)
	}
	return nil
}

func (s *Import) reportKey(p widget.Press) tea.Cmd {
	k := s.env.Keys
	switch {
	case key.Matches(p, k.Form.Cancel, k.Setup.Continue, k.Do.Leave):
		return s.env.say(Back{})
	case key.Matches(p, k.Do.Undo) && s.report.Step != "":
		s.env.say(UndoLast{})
		return s.env.say(Back{})
	}
	s.text.key(k.Move, p)
	return nil
}

// changes reports whether the plan would do anything.
func (s *Import) changes() bool { return s.plan.Added+s.plan.Merged+s.plan.Updated > 0 }

// click works on the form; the plan and the report have nothing to click.
func (s *Import) click(m Click) tea.Cmd {
	if s.task.busy() || !s.asks() {
		return nil
	}
	above := len(s.head(m.Frame))
	if s.form.Click(m.Frame.Sized(m.Frame.W, m.Frame.H-above), m.X, m.Y-above) == buttonGo && s.form.Check() {
		return s.cmdInspect()
	}
	return nil
}

func (s *Import) pass() secret.Secret {
	if d := s.form.Field(fieldPass); d != nil {
		return d.Value()
	}
	return secret.Secret{}
}

func (s *Import) cmdInspect() tea.Cmd {
	ctx, try := s.task.begin(s.env, "looking into the file")
	s.err = ""
	path, pass := strings.TrimSpace(s.path.field.Text()), s.pass()
	report, finish, listen := s.task.counted(s.env, 0)
	return tea.Batch(listen, s.env.cmd(func(context.Context) tea.Msg {
		defer pass.Wipe()
		defer finish()
		p, err := s.env.Ports.Importer.Inspect(ctx, s.env.Vault, path, pass, report)
		return inspected{try, p, err}
	}))
}

func (s *Import) inspected(m inspected) {
	if s.task.late(m.try) {
		return
	}
	s.task.stop()
	switch f := s.env.Ports.Faults.FilePassphrase; {
	case m.err != nil && f != nil && f(m.err) && s.form.Field(fieldPass) == nil:
		s.form.Fields = []*widget.Field{s.path.field, {ID: fieldPass, Label: "Its passphrase", Kind: widget.SecretText}, s.form.Fields[1]}
		s.form.Focus = 1
		s.err = "the file is encrypted: type the passphrase that it was encrypted with"
	case m.err != nil:
		s.err = s.env.Explain(m.err)
	default:
		s.plan, s.text.top = &m.plan, 0
		s.text.tell(s.told)
	}
}

func (s *Import) cmdImport() tea.Cmd {
	ctx, try := s.task.begin(s.env, "importing")
	s.err = ""
	plan, pass := *s.plan, s.pass()
	report, finish, listen := s.task.counted(s.env, plan.Items)
	return tea.Batch(listen, s.env.cmd(func(context.Context) tea.Msg {
		defer pass.Wipe()
		defer finish()
		r, err := s.env.Ports.Importer.Import(ctx, s.env.Vault, plan, pass, report)
		return imported{try, r, err}
	}))
}

func (s *Import) imported(m imported) tea.Cmd {
	if s.task.late(m.try) {
		if m.err == nil && m.report.Step != "" { // it was done before the cancelling arrived
			s.err = "it was done before it could be cancelled"
			return s.env.say(Stepped{Step: m.report.Step, Done: "The file was imported before it could be cancelled", Name: "the import"})
		}
		return nil
	}
	s.task.stop()
	if m.err != nil {
		s.err = s.env.Explain(m.err)
		return nil
	}
	s.report, s.text.top = &m.report, 0
	s.text.tell(s.told)
	if m.report.Step == "" {
		return nil
	}
	done := m.report.Added + m.report.Merged + m.report.Updated
	return s.env.say(Stepped{Step: m.report.Step, Done: plural(done, "entry is", "entries are") + " imported", Name: "the import"})
}

// Keys implements Screen.
func (s *Import) Keys() []key.Binding {
	k := s.env.Keys
	switch {
	case s.task.busy():
		return []key.Binding{k.Form.Cancel}
	case s.report != nil && s.report.Step != "":
		return []key.Binding{k.Setup.Continue, k.Do.Undo, k.Move.Down, k.Move.Up, k.Move.PageDown, k.Move.PageUp, k.Form.Cancel}
	case !s.asks():
		return []key.Binding{k.Setup.Continue, k.Form.Cancel, k.Move.Down, k.Move.Up, k.Move.PageDown, k.Move.PageUp}
	}
	return []key.Binding{k.Form.Submit, s.path.next(k, s.form.Focused()), k.Form.Cancel, k.Form.Prev, k.Form.Show}
}
