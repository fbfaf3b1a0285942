package screen

import (
	"context"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"signet/tui/dialog"
	"signet/tui/widget"
)

// Export writes entries into a file: first it asks what, where and how protected, then it says what the format cannot hold, then it writes.
type Export struct {
	env    Env
	ask    OpenExport
	form   exportForm
	plan   *Tally
	opt    ExportOptions // what the plan is of, without its passphrase
	exists bool          // the file is there, and shall be replaced
	done   *Exported
	text   scroller
	task   task
	err    string
}

// NewExport makes the screen.
func NewExport(env Env, m OpenExport) *Export {
	s := &Export{env: env, ask: m}
	s.form.build(env, m)
	return s
}

// Messages of this screen.
type (
	exportLooked struct {
		try   int
		file  FileState
		tally Tally
		err   error
	}
	// exportProven tells that the user may see secrets, and so may write them.
	exportProven  struct{}
	exportWritten struct {
		try  int
		done Exported
		err  error
	}
)

// Questions of this screen.
const (
	askExportClear   = "export in clear"
	askExportReplace = "replace the file"
)

// Init implements Screen.
func (s *Export) Init() tea.Cmd { return s.form.path.cmdLook() }

// Title implements Screen.
func (s *Export) Title() string { return "Export" }

// asks reports whether the form is on the screen.
func (s *Export) asks() bool { return s.plan == nil && s.done == nil }

// Typing implements Typer.
func (s *Export) Typing() bool { return s.asks() }

// Busy implements Busier.
func (s *Export) Busy() bool { return s.task.busy() }

// Close implements Screen.
func (s *Export) Close() {
	s.task.stop()
	s.form.Wipe()
}

// Update implements Screen.
func (s *Export) Update(msg tea.Msg) (Screen, tea.Cmd) {
	switch msg := msg.(type) {
	case Sized:
		s.text.w, s.text.h = msg.W, msg.H-importHead
		s.text.tell(s.told)
	case widget.Press:
		return s, tea.Batch(s.key(msg), s.form.cmds())
	case Click:
		return s, tea.Batch(s.click(msg), s.form.cmds())
	case Wheel:
		s.text.wheel(msg.By)
	case tea.PasteMsg:
		if s.Typing() && !s.task.busy() {
			s.form.Paste(droppedPath(msg.Content, s.form.Focused() == s.form.path.field))
		}
		return s, s.form.cmds()
	case pathsFound:
		s.form.path.take(msg)
	case strengthRead:
		msg.take()
	case progressed:
		return s, s.task.progressed(s.env, msg)
	case exportLooked:
		return s, s.looked(msg)
	case dialog.Answered:
		return s, s.answered(msg)
	case exportProven:
		return s, s.cmdWrite()
	case exportWritten:
		return s, s.written(msg)
	}
	return s, nil
}

func (s *Export) key(p widget.Press) tea.Cmd {
	k := s.env.Keys
	switch {
	case s.task.busy():
		if key.Matches(p, k.Form.Cancel) {
			s.task.stop()
			s.err = "cancelled: no file was written"
		}
		return nil
	case s.done != nil:
		if key.Matches(p, k.Setup.Continue, k.Form.Cancel, k.Do.Leave) {
			return s.env.say(Back{})
		}
		s.text.key(k.Move, p)
		return nil
	case s.plan != nil:
		return s.planKey(p)
	case key.Matches(p, k.Form.Cancel):
		return s.env.say(Back{})
	case s.form.path.tab(k, p, s.form.Focused()):
		return nil
	case key.Matches(p, k.Form.Show):
		s.form.show()
		return nil
	}
	s.err = ""
	return s.pressed(s.form.Key(s.env.formKeys(), p))
}

// pressed does what a button of the form is for.
func (s *Export) pressed(button string) tea.Cmd {
	s.form.arrange()
	if button != buttonGo || !s.form.complete() {
		return nil
	}
	return s.cmdLook()
}

func (s *Export) click(m Click) tea.Cmd {
	if s.task.busy() || !s.asks() {
		return nil
	}
	above := len(s.head(m.Frame))
	return s.pressed(s.form.Click(m.Frame.Sized(m.Frame.W, m.Frame.H-above), m.X, m.Y-above))
}

func (s *Export) planKey(p widget.Press) tea.Cmd {
	k := s.env.Keys
	switch {
	case key.Matches(p, k.Setup.Continue):
		return s.confirm()
	case key.Matches(p, k.Form.Cancel, k.Do.Leave):
		s.plan, s.text.top, s.err = nil, 0, ""
	default:
		s.text.key(k.Move, p)
	}
	return nil
}

// cmdLook finds out what would be written, and whether the file is there.
func (s *Export) cmdLook() tea.Cmd {
	ctx, try := s.task.begin(s.env, "looking what would be written")
	s.err = ""
	s.opt = s.form.options()
	opt := s.opt
	report, finish, listen := s.task.counted(s.env, 0)
	return tea.Batch(listen, s.env.cmd(func(context.Context) tea.Msg {
		defer finish()
		m := exportLooked{try: try}
		if s.env.Ports.Files != nil {
			if m.file, m.err = s.env.Ports.Files.Look(ctx, opt.Path); m.err != nil {
				return m
			}
		}
		m.tally, m.err = s.env.Ports.Exporter.Preview(ctx, s.env.Vault, opt, report)
		return m
	}))
}

func (s *Export) looked(m exportLooked) tea.Cmd {
	if s.task.late(m.try) {
		return nil
	}
	s.task.stop()
	switch {
	case m.err != nil:
		return s.failed(m.err)
	case m.file.Exists && !m.file.Usual:
		s.form.fault(fieldPath, map[bool]string{true: "that is a folder: name a file in it", false: "that is no regular file: choose another name"}[m.file.Dir])
		return nil
	}
	s.exists = m.file.Exists
	s.plan, s.text.top = &m.tally, 0
	s.text.tell(s.told)
	return nil
}

// confirm asks what has to be asked before the file is written: each question once, the graver one first.
func (s *Export) confirm() tea.Cmd {
	if s.form.inClear() {
		return s.env.ask(dialog.Choice{
			ID: askExportClear, Title: "Write every secret in clear?",
			Text: "Whoever can read " + s.opt.Path + " can read all passwords, codes and keys in it: programs that you run, backups, who finds the disk. " +
				"Deleting it later may leave its content on the disk.",
			Options: []dialog.Option{{ID: "", Label: "Back"}, {ID: "clear", Label: "Write it in clear", Danger: true}},
		})
	}
	return s.confirmReplace()
}

func (s *Export) confirmReplace() tea.Cmd {
	if !s.exists {
		return s.prove()
	}
	return s.env.ask(dialog.Choice{
		ID: askExportReplace, Title: "Replace the file?", Text: s.opt.Path + " is there already. What it holds now is gone then.",
		Options: []dialog.Option{{ID: "", Label: "Keep it"}, {ID: "replace", Label: "Replace it", Danger: true}},
	})
}

// prove: what shows secrets asks for an unlock where the vault's setting says so.
func (s *Export) prove() tea.Cmd {
	return s.env.say(Prove{To: s.env.ID, Then: exportProven{}, Why: "asks again before secrets are written to a file (setting reveal.again)"})
}

func (s *Export) answered(a dialog.Answered) tea.Cmd {
	switch {
	case s.plan == nil || a.Choice == "":
		return nil
	case a.Question == askExportClear:
		return s.confirmReplace()
	case a.Question == askExportReplace:
		s.opt.Replace = true
		return s.prove()
	}
	return nil
}

func (s *Export) cmdWrite() tea.Cmd {
	if s.plan == nil || s.task.busy() {
		return nil
	}
	ctx, try := s.task.begin(s.env, "writing")
	s.err = ""
	opt := s.opt
	opt.Passphrase = s.form.passphrase()
	report, finish, listen := s.task.counted(s.env, s.plan.Items)
	return tea.Batch(listen, s.env.cmd(func(context.Context) tea.Msg {
		defer opt.Passphrase.Wipe()
		defer finish()
		done, err := s.env.Ports.Exporter.Export(ctx, s.env.Vault, opt, report)
		return exportWritten{try, done, err}
	}))
}

func (s *Export) written(m exportWritten) tea.Cmd {
	if s.task.late(m.try) {
		if m.err == nil { // it was done before the cancelling arrived
			s.err = ""
			return s.env.say(Notify{Level: Bad, Text: "The file was written before it could be cancelled: " + m.done.Path})
		}
		return nil
	}
	s.task.stop()
	s.opt.Replace = false
	if m.err != nil {
		return s.failed(m.err)
	}
	s.form.Wipe()
	s.plan, s.done, s.text.top = nil, &m.done, 0
	s.text.tell(s.told)
	return s.env.say(Notify{Level: Good, Text: plural(m.done.Items, "entry is", "entries are") + " written"})
}

func (s *Export) failed(err error) tea.Cmd {
	f := s.env.Ports.Faults
	switch {
	case f.Locked != nil && f.Locked(err):
		return s.env.say(Lock{LockedElsewhere})
	case f.Exists != nil && f.Exists(err):
		s.exists = true // it came while nobody looked
	}
	s.err = s.env.Explain(err)
	return nil
}

// Keys implements Screen.
func (s *Export) Keys() []key.Binding {
	k := s.env.Keys
	switch {
	case s.task.busy():
		return []key.Binding{k.Form.Cancel}
	case !s.asks():
		return []key.Binding{k.Setup.Continue, k.Form.Cancel, k.Move.Down, k.Move.Up, k.Move.PageDown, k.Move.PageUp}
	}
	return []key.Binding{k.Form.Submit, k.Form.Next, k.Setup.Toggle, k.Form.Cancel, k.Form.Prev, k.Form.Show}
}

// View implements Screen.
func (s *Export) View(f widget.Frame) (string, widget.Cursor) {
	lines := s.head(f)
	room := f.Sized(f.W, f.H-len(lines))
	if !s.asks() {
		return widget.Lines(f, append(lines, s.text.view(room, s.told)...)), widget.Cursor{Y: len(lines), Shown: f.Theme.Linear && room.H > 0}
	}
	body, cur := s.form.View(room)
	if s.task.busy() {
		cur.Shown = false
	}
	return widget.Lines(f, append(lines, strings.Split(body, "\n")...)), cur.Moved(0, len(lines))
}

func (s *Export) head(f widget.Frame) []string {
	step := ""
	switch {
	case s.done != nil:
		step = "done"
	case s.plan != nil:
		step = "what would be written"
	}
	lines := []string{widget.Ends(f, f.Theme.Title.Render("Export"), f.Theme.Muted.Render(step), f.W), ""}
	if v := s.task.view(f, s.env); len(v) > 0 {
		lines[1] = v[0]
	}
	if s.err != "" {
		lines = append(lines, tellText(f, f.Theme.Danger, s.err)...)
	}
	return lines
}

// told are all lines of the plan or the result.
func (s *Export) told(w int) []toldLine {
	switch {
	case s.done != nil:
		d := s.done
		lines := toldText(toldGood, d.Path, w)
		if len(lines) > 0 {
			lines[0].glyph = true
		}
		lines = append(lines, toldText(toldMuted, fileSize(d.Size)+", readable by you alone (mode "+d.Mode+")", w)...)
		lines = append(lines, toldText(toldPlain, d.Next, w)...)
		return append(append(lines, toldLine{}), tallyLines(w, d.Tally, "The file holds everything.")...)
	case s.plan != nil:
		lines := toldText(toldAccent, s.form.summary(s.opt), w)
		lines = append(lines, toldText(toldPlain, s.env.Keys.Setup.Continue.Help().Key+" writes it. Settings, devices and ways in are not part of an export.", w)...)
		return append(append(lines, toldLine{}), tallyLines(w, *s.plan, "The file will hold everything.")...)
	}
	return nil
}
