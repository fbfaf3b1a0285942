package screen

import (
	"context"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"signet/tui/dialog"
	"signet/tui/widget"
)

// WaysScreen lists the ways into the vault and its devices, and adds, tests, changes and removes ways in.
type WaysScreen struct {
	env    Env
	list   WayList
	known  bool
	shelf  shelf
	form   *wayForm // fills the screen while it is open
	task   task
	err    string
	w, h   int
	chosen WayRow // that the open question is about
}

// NewWays makes the screen.
func NewWays(env Env) *WaysScreen { return &WaysScreen{env: env, shelf: shelf{linear: env.Linear}} }

// Messages of this screen.
type (
	waysListed struct {
		list WayList
		err  error
	}
	wayWorked struct {
		try  int
		done string
		err  error
	}
	// waysChanged tells that a way in was added beside this screen.
	waysChanged struct{}
)

// Init implements Screen.
func (s *WaysScreen) Init() tea.Cmd { return s.cmdList() }

func (s *WaysScreen) cmdList() tea.Cmd {
	return s.env.cmd(func(ctx context.Context) tea.Msg {
		l, err := s.env.Ports.Ways.List(ctx, s.env.Vault)
		return waysListed{l, err}
	})
}

// Title implements Screen.
func (s *WaysScreen) Title() string { return "Ways in and devices" }

// Typing implements Typer.
func (s *WaysScreen) Typing() bool { return s.form != nil && s.form.typing() }

// Busy implements Busier.
func (s *WaysScreen) Busy() bool { return s.task.busy() || !s.known }

// Settled reports whether the list was read; tests wait for it.
func (s *WaysScreen) Settled() bool { return s.known }

// Close implements Screen.
func (s *WaysScreen) Close() {
	s.task.stop()
	s.closeForm()
}

func (s *WaysScreen) closeForm() {
	if s.form != nil {
		s.form.form.Wipe()
		s.form = nil
	}
}

// Update implements Screen.
func (s *WaysScreen) Update(msg tea.Msg) (Screen, tea.Cmd) {
	switch msg := msg.(type) {
	case Sized:
		s.w, s.h = msg.W, msg.H
		s.shelf.sized(msg.W, msg.H-waysHead(msg.H))
	case widget.Press:
		return s, tea.Batch(s.key(msg), s.cmdStrength())
	case tea.PasteMsg:
		if s.Typing() && !s.task.busy() {
			s.form.form.Paste(msg.Content)
		}
		return s, s.cmdStrength()
	case Click:
		return s, s.click(msg)
	case strengthRead:
		msg.take()
	case Wheel:
		if s.form != nil {
			s.form.form.Scroll(msg.By)
			return s, nil
		}
		s.shelf.wheel(msg.By)
	case waysListed:
		s.listed(msg)
	case waysChanged, Changed:
		return s, s.cmdList()
	case wayWorked:
		return s, s.worked(msg)
	case dialog.Answered:
		return s, s.answered(msg)
	}
	return s, nil
}

// cmdStrength estimates a new passphrase that is being typed.
func (s *WaysScreen) cmdStrength() tea.Cmd {
	if s.form == nil {
		return nil
	}
	return s.form.strength.cmd()
}

func (s *WaysScreen) listed(m waysListed) {
	s.known = true
	if m.err != nil {
		s.err = s.env.Explain(m.err)
		return
	}
	s.err, s.list = "", m.list
	s.shelf.set(wayRows(m.list))
	s.shelf.sized(s.w, s.h-waysHead(s.h))
}

// current is the way under the cursor; false on a device.
func (s *WaysScreen) current() (WayRow, bool) {
	if i := s.shelf.cursor; i < len(s.list.Ways) {
		return s.list.Ways[i], true
	}
	return WayRow{}, false
}

func (s *WaysScreen) key(p widget.Press) tea.Cmd {
	k := s.env.Keys
	switch {
	case s.task.busy():
		if key.Matches(p, k.Form.Cancel) && !s.task.firm {
			s.task.stop()
			return s.env.say(Notify{Text: "Cancelled"})
		}
		return nil
	case s.form != nil:
		return s.formKey(p)
	case s.shelf.key(k.Move, p):
		return nil
	case key.Matches(p, k.Do.Back, k.Do.Leave):
		if s.shelf.whole {
			s.shelf.whole = false
			return nil
		}
		return s.env.say(Back{})
	case key.Matches(p, k.Way.Details):
		s.shelf.whole = !s.shelf.whole
		return nil
	case key.Matches(p, k.Do.Enrol) && s.env.Info.ReadOnly:
		return s.env.say(OpenEnrol{})
	}
	return s.act(p)
}

func (s *WaysScreen) act(p widget.Press) tea.Cmd {
	k := s.env.Keys.Way
	if key.Matches(p, k.Add) {
		return s.env.writable(s.askAdd)
	}
	w, ok := s.current()
	for _, a := range []struct {
		key  key.Binding
		can  bool
		do   func(WayRow) tea.Cmd
		none string
	}{
		{k.Test, w.canTest(), s.test, "this one cannot be tested here"},
		{k.Rename, w.canRename(), s.rename, "this one has no name to change"},
		{k.Change, w.canChange(), s.change, "this one is not changed: add a new one and remove it"},
		{k.Remove, w.canRemove(), s.remove, "there is nothing left to remove: the next change of a key ends it"},
	} {
		switch {
		case !key.Matches(p, a.key):
		case !ok:
			return s.env.say(Notify{Text: "Devices are only listed here"})
		case !a.can:
			return s.env.say(Notify{Text: title(a.none)})
		default:
			return s.env.writable(func() tea.Cmd { return a.do(w) })
		}
	}
	return nil
}

func (w WayRow) canTest() bool { return !w.Gone && !w.Unlisted && w.Kind != WayHardware }

func (w WayRow) canRename() bool { return !w.Gone && !w.Unlisted }

func (w WayRow) canChange() bool {
	return w.Device && !w.Gone && !w.Unlisted && (w.Kind == WayPassphrase || w.Kind == WayKeyring)
}

func (w WayRow) canRemove() bool { return !w.Gone }

// Keys implements Screen.
func (s *WaysScreen) Keys() []key.Binding {
	k := s.env.Keys
	switch {
	case s.task.busy():
		return []key.Binding{k.Form.Cancel}
	case s.form != nil:
		return []key.Binding{k.Form.Submit, k.Form.Next, k.Form.Cancel, k.Form.Show, k.Form.Prev, k.Setup.Toggle}
	}
	ks := []key.Binding{k.Way.Details}
	w, ok := s.current()
	if !s.env.Info.ReadOnly {
		ks = append(ks, k.Way.Add)
		for _, a := range []struct {
			key key.Binding
			can bool
		}{{k.Way.Test, w.canTest()}, {k.Way.Change, w.canChange()}, {k.Way.Remove, w.canRemove()}, {k.Way.Rename, w.canRename()}} {
			if ok && a.can {
				ks = append(ks, a.key)
			}
		}
	} else {
		ks = append(ks, k.Do.Enrol)
	}
	return append(ks, k.Move.Up, k.Move.Down, k.Move.PageUp, k.Move.PageDown, k.Move.First, k.Move.Last, k.Do.Back)
}
