package screen

import (
	"context"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"signet/tui/dialog"
	"signet/tui/widget"
	"signet/vault/secret"
)

// Setup leads through making a vault (Welcome), or through taking this machine in after a recovery code opened one (Enrol): choose
// the ways in, see the recovery code, type it back, write. Nothing is written before the last step.
type Setup struct {
	env    Env
	enrol  bool
	only   *OpenRecovery // only a recovery code is made, for a vault that is open
	step   setupStep
	menu   widget.List
	then   any // request that follows the opening
	survey Survey
	about  Enrolment
	form   widget.Form // of the step
	made   Prepared
	code   Recovery
	hasQR  bool // the QR code fills the screen
	busy   string
	// surveying says that the machine is still being looked at: a keyring may take seconds to answer. wanted is set when the user
	// chose to go on meanwhile.
	surveying, wanted bool
	err               string
	saved             string // where the sheet was written
	try               int
	cancel            context.CancelFunc
	noCode            bool     // decided after a warning
	members           []string // that stay, of an enrolment
	strength          *strengthMeter
	shown             secret.Secret // the passphrase that was suggested
}

// setupStep is where the user is.
type setupStep int

const (
	stepMenu setupStep = iota
	stepMembers
	stepWays
	stepShow
	stepSheet
	stepCheck
)

// NewWelcome makes the first screen of a machine without a vault.
func NewWelcome(env Env) *Setup {
	s := &Setup{env: env}
	s.menu.SetCount(len(s.menuItems()))
	s.menu.SetHeight(len(s.menuItems()))
	return s
}

// NewEnrol makes the screen that takes this machine in.
func NewEnrol(env Env) *Setup { return &Setup{env: env, enrol: true, step: stepMembers} }

// NewRecovery makes the screen that makes a recovery code for an open vault.
func NewRecovery(env Env, m OpenRecovery) *Setup { return &Setup{env: env, only: &m, step: stepShow} }

// Messages of this screen.
type (
	surveyed struct {
		survey Survey
		about  Enrolment
		err    error
	}
	prepared struct {
		try  int
		made Prepared
		err  error
	}
	sheetSaved struct {
		path string
		err  error
	}
	committed struct {
		vault Vault
		err   error
	}
	demoOpened struct {
		vault Vault
		err   error
	}
)

// Init implements Screen.
func (s *Setup) Init() tea.Cmd {
	if s.only != nil {
		return s.cmdCode()
	}
	s.surveying = true
	return s.env.cmd(func(ctx context.Context) tea.Msg {
		m := surveyed{}
		if m.survey, m.err = s.env.Ports.Opener.Survey(ctx); m.err != nil || !s.enrol {
			return m
		}
		m.about, m.err = s.env.Ports.Opener.Enrolment(ctx, s.env.Vault)
		return m
	})
}

// Title implements Screen.
func (s *Setup) Title() string {
	switch {
	case s.enrol:
		return "Take this machine in"
	case s.only != nil:
		return "A new recovery code"
	}
	return "Welcome"
}

// Typing implements Typer.
func (s *Setup) Typing() bool {
	d := s.form.Focused()
	return s.step != stepMenu && s.step != stepShow && d != nil && d.Kind != widget.ToggleField && d.Kind != widget.ButtonField
}

// Busy implements Busier.
func (s *Setup) Busy() bool { return s.busy != "" || s.looking() }

// Settled reports whether the survey is done; tests wait for it.
func (s *Setup) Settled() bool { return !s.surveying }

// looking reports whether the user waits for the survey.
func (s *Setup) looking() bool { return s.surveying && (s.wanted || s.enrol) }

// Close implements Screen.
func (s *Setup) Close() {
	s.abort()
	s.form.Wipe()
	s.shown.Wipe()
	s.discard()
}

// discard forgets what was prepared.
func (s *Setup) discard() {
	s.code.Wipe()
	s.code = Recovery{}
	if s.made != nil {
		s.made.Discard()
		s.made = nil
	}
}

// Wipe overwrites a recovery code.
func (r Recovery) Wipe() {
	r.Text.Wipe()
	r.Words.Wipe()
	r.QR.Wipe()
}

func (s *Setup) abort() {
	if s.cancel != nil {
		s.cancel()
		s.cancel = nil
	}
	s.busy = ""
	s.try++
}

// Update implements Screen.
func (s *Setup) Update(msg tea.Msg) (Screen, tea.Cmd) {
	cmd := s.update(msg)
	return s, tea.Batch(cmd, s.strength.cmd())
}

func (s *Setup) update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case widget.Press:
		return s.key(msg)
	case tea.PasteMsg:
		if s.busy == "" && s.step != stepMenu && s.step != stepShow {
			s.form.Paste(msg.Content)
		}
	case Click:
		return s.click(msg)
	case Wheel:
		if s.step == stepMenu {
			s.menu.Move(msg.By)
		}
	case surveyed:
		s.surveyed(msg)
	case prepared:
		return s.prepared(msg)
	case sheetSaved:
		s.sheetSaved(msg)
	case committed:
		return s.committed(msg)
	case demoOpened:
		s.busy = ""
		if msg.err != nil {
			s.err = s.env.Explain(msg.err)
			return nil
		}
		return s.env.say(Opened{Vault: msg.vault})
	case strengthRead:
		msg.take()
	case suggested:
		s.suggested(msg)
	case dialog.Answered:
		return s.answered(msg)
	}
	return nil
}

func (s *Setup) surveyed(m surveyed) {
	s.surveying = false
	if m.err != nil {
		s.err = s.env.Explain(m.err)
	}
	s.survey, s.about = m.survey, m.about
	switch {
	case s.enrol:
		s.toMembers()
	case s.wanted:
		s.wanted = false
		s.toWays()
	}
}

// menuItem is a row of the welcome menu.
type menuItem struct{ id, label, about string }

func (s *Setup) menuItems() []menuItem {
	items := []menuItem{{"create", "Create a vault", "ways to open it, then a recovery code"}}
	if s.env.Ports.Importer != nil {
		items = append(items, menuItem{"import", "Create a vault and import a file", "from another password manager"})
	}
	if s.env.Ports.Demo != nil {
		items = append(items, menuItem{"demo", "Try a demo vault", "sample entries; nothing is kept"})
	}
	return append(items, menuItem{"quit", "Quit", ""})
}

func (s *Setup) key(p widget.Press) tea.Cmd {
	k := s.env.Keys
	if s.busy != "" || s.looking() {
		if key.Matches(p, k.Form.Cancel) {
			return s.stop()
		}
		return nil
	}
	switch s.step {
	case stepMenu:
		return s.menuKey(p)
	case stepShow:
		return s.showKey(p)
	}
	if key.Matches(p, k.Form.Cancel) {
		return s.back()
	}
	if s.step == stepCheck && key.Matches(p, k.Setup.Skip) {
		return s.askSkip()
	}
	s.err = ""
	if s.step == stepWays && key.Matches(p, k.Form.Generate) {
		return s.cmdSuggest()
	}
	if d := s.form.Focused(); d != nil && d.Kind == widget.SecretText && key.Matches(p, k.Form.Show) {
		s.showAll(widget.EchoPlain - d.Secret.Echo)
		return nil
	}
	if s.form.Key(s.env.formKeys(), p) == buttonGo {
		return s.goOn()
	}
	return nil
}

// stop ends what can be ended: waiting for the survey, a key derivation. Writing is not stopped half way.
func (s *Setup) stop() tea.Cmd {
	switch {
	case s.cancel != nil:
		s.abort()
		if s.only != nil {
			return s.env.say(Back{})
		}
	case s.wanted:
		s.wanted = false
	case s.surveying && s.enrol:
		return s.env.say(Back{})
	}
	return nil
}

func (s *Setup) showAll(e widget.Echo) {
	for _, d := range s.form.Fields {
		d.Secret.Echo = e
	}
}

func (s *Setup) menuKey(p widget.Press) tea.Cmd {
	k := s.env.Keys
	switch {
	case key.Matches(p, k.Do.Leave):
		return s.env.say(Quit{})
	case !key.Matches(p, k.Form.Submit):
		k.Move.moved(&s.menu, p)
		return nil
	}
	return s.chooseItem()
}

// chooseItem does what the row of the menu under the cursor says.
func (s *Setup) chooseItem() tea.Cmd {
	switch s.menuItems()[s.menu.Cursor].id {
	case "quit":
		return s.env.say(Quit{})
	case "demo":
		s.busy = "making the demo vault"
		return s.env.cmd(func(ctx context.Context) tea.Msg {
			v, err := s.env.Ports.Demo.Open(ctx)
			return demoOpened{v, err}
		})
	case "import":
		s.then = OpenImport{}
	default:
		s.then = nil
	}
	if s.surveying {
		s.wanted = true
		return nil
	}
	s.toWays()
	return nil
}

// back goes one step back; out of the first, it leaves.
func (s *Setup) back() tea.Cmd {
	s.err = ""
	switch {
	case s.step == stepMembers:
		return s.env.say(Back{})
	case s.step == stepWays && s.enrol && len(s.about.Members) > 0:
		s.toMembers()
	case s.step == stepWays && s.enrol:
		return s.env.say(Back{})
	case s.step == stepWays:
		s.form.Wipe()
		s.form, s.step = widget.Form{}, stepMenu
	case s.step == stepCheck || s.step == stepSheet:
		s.form.Wipe()
		s.form, s.step = widget.Form{}, stepShow
	}
	return nil
}

// showKey handles the keys while the recovery code is on the screen.
func (s *Setup) showKey(p widget.Press) tea.Cmd {
	k := s.env.Keys
	switch {
	case s.made == nil:
	case s.hasQR:
		s.hasQR = false
	case key.Matches(p, k.Setup.QR):
		s.hasQR = true
	case key.Matches(p, k.Setup.SaveSheet):
		s.toSheet()
	case key.Matches(p, k.Setup.Skip):
		return s.askSkip()
	case key.Matches(p, k.Setup.Continue):
		s.toCheck()
	case key.Matches(p, k.Form.Cancel):
		s.discard()
		if s.only != nil {
			return s.env.say(Back{})
		}
		s.toWays()
	}
	return nil
}

const askSkip = "skip recovery"

// askSkip: going on without typing the code back is possible where the sheet was saved, because a file is read back; or without any
// code, as a decision that was asked for. A code that nobody checked is never made: with a slip of the pen it opens nothing.
func (s *Setup) askSkip() tea.Cmd {
	q := dialog.Choice{
		ID: askSkip, Title: "Go on without typing the code?", Options: []dialog.Option{{ID: "", Label: "Back to the code"}},
		Text: "A code with a slip of the pen opens nothing, and that shows only on the day it is needed. Saved to a file, it needs no typing: the file is read back.",
	}
	if s.saved != "" {
		q.Text = "The sheet was written to the file and read back: the code in it is right."
		q.Options = append(q.Options, dialog.Option{ID: "saved", Label: "Go on with the code in the file"})
	}
	if s.only == nil {
		q.Text += " Without a code, everything in the vault is lost when this machine is lost or its keyring forgets the key."
		q.Options = append(q.Options, dialog.Option{ID: "none", Label: "Make no recovery code at all", Danger: true})
	}
	return s.env.ask(q)
}

func (s *Setup) answered(a dialog.Answered) tea.Cmd {
	if a.Question != askSkip {
		return nil
	}
	switch a.Choice {
	case "saved":
		return s.cmdCommit()
	case "none":
		s.discard()
		s.noCode = true
		s.toWays()
		s.err = "No recovery code will be made. Confirm the ways in once more."
	}
	return nil
}

// shortest is the least length of a passphrase, in characters: below it a guess is too cheap whatever it says.
const shortest = 8
