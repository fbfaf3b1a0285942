package tui

import (
	"context"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"signet/tui/dialog"
	"signet/tui/screen"
	"signet/tui/theme"
	"signet/tui/widget"
)

// root is the one tea.Model. It is held by pointer; only Update and what it calls change it.
type root struct {
	opt   Options
	keys  screen.Keys
	looks theme.Options
	theme theme.Theme
	w, h  int
	ctx   context.Context //nolint:containedctx // the program's life

	stack   []layer   // the top one gets keys
	dialogs []overlay // above every screen
	lastID  int64     // of the newest screen; ids are never used again

	session  session
	status   status
	pending  bool           // the leader was pressed, the next key completes the chord
	steps    []step         // what can be undone, oldest first
	waiting  []screen.Draft // unsaved changes that could not be kept on the disk and wait in memory for the next unlock
	keeper   *keeper
	locking  chan struct{} // closed when the last lock is done
	forget   bool          // quit without the unsaved changes
	stopped  bool          // the process is about to be stopped, or was just continued: nothing is drawn
	out      screen.Outbox
	memory   screen.Memory
	kept     screen.Kept
	spinning bool // a frameMsg is on its way

	pace     *pace
	mouse    mouse
	told     int      // how many notices the messages screen knows
	recent   []string // actions of the palette, the last one used last
	sequence sequence
	offered  screen.Copy // what a question offers to copy
	terminal bool        // values may be copied through the terminal

	approvals approvals
	virtual   virtual
}

// layer is a screen on the stack.
type layer struct {
	id    int64
	s     screen.Screen
	draft *draftState // of a form that was written to the store
}

// overlay is a dialog and the screen that asked.
type overlay struct {
	to    int64
	d     dialog.Dialog
	grace dialog.Grace
}

func newRoot(ctx context.Context, opt Options) *root {
	r := &root{opt: opt, keys: Keys(), ctx: ctx, keeper: newKeeper(), looks: theme.Options{Name: opt.Theme, Light: opt.Light, NoColor: opt.NoColor, ASCII: opt.ASCII, Linear: opt.Linear}}
	r.theme = theme.New(r.looks)
	if opt.Keys != nil {
		r.keys = *opt.Keys
	}
	r.mouse.on = !opt.NoMouse
	return r
}

// now is the time of the clock port.
func (r *root) now() time.Time { return r.opt.Ports.Now() }

// Init implements tea.Model.
func (r *root) Init() tea.Cmd {
	cmds := []tea.Cmd{r.start(), r.listen(), r.followKey(), r.after(time.Second, tickMsg{})}
	if !r.opt.NoColor && !r.opt.FixedTheme {
		cmds = append(cmds, tea.RequestBackgroundColor)
	}
	return tea.Batch(cmds...)
}

// Update implements tea.Model.
func (r *root) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	r.pace.follow(msg)
	cmds := []tea.Cmd{r.dispatch(msg)}
	for asked := r.out.Take(); len(asked) > 0; asked = r.out.Take() {
		for _, m := range asked {
			cmds = append(cmds, r.request(m))
		}
	}
	return r, tea.Batch(append(cmds, r.front(), r.retell(), r.spin())...)
}

func (r *root) dispatch(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		r.w, r.h = max(msg.Width, 0), max(msg.Height, 0)
		return r.broadcast(r.sized())
	case tea.BackgroundColorMsg:
		r.looks.Light = !msg.IsDark()
		r.theme = theme.New(r.looks)
		return nil
	case tea.KeyPressMsg:
		return tea.Batch(r.active(), r.press(msg))
	case tea.PasteMsg:
		return tea.Batch(r.active(), r.paste(msg))
	case tea.MouseClickMsg:
		return tea.Batch(r.active(), r.clicked(msg))
	case tea.MouseWheelMsg:
		return tea.Batch(r.active(), r.wheeled(msg))
	case tea.MouseMotionMsg:
		return r.dragged(msg)
	case tickMsg:
		return r.ticked()
	case frameMsg:
		r.spinning = false
		return nil
	case tea.FocusMsg:
		r.approvals.blurred = false
		return nil
	case tea.BlurMsg:
		r.approvals.blurred = true
		return nil
	case stopAsked:
		return r.stop()
	case tea.ResumeMsg:
		return r.goOn()
	case screen.Answer:
		return r.deliver(msg)
	}
	return r.request(msg)
}

// press gives a key to whom it belongs: a pending chord, the keys that work everywhere, the top dialog, the top screen.
func (r *root) press(msg tea.KeyPressMsg) tea.Cmd {
	p := widget.Press{Key: msg}
	switch {
	case r.pending:
		r.pending = false
		p.Chord = r.keys.Global.Leader.Keys()[0] + " " + widget.Press{Key: msg}.String()
	case key.Matches(p, r.keys.Global.Leader):
		r.pending = true
		return nil
	}
	return r.pressed(p)
}

// pressed gives a whole key or chord to whom it belongs.
func (r *root) pressed(p widget.Press) tea.Cmd {
	if r.late() && !key.Matches(p, r.keys.Global.Quit, r.keys.Global.Suspend) {
		return nil
	}
	if cmd, ok := r.everywhere(p); ok {
		return cmd
	}
	if n := len(r.dialogs); n > 0 {
		return r.toDialog(p)
	}
	return r.toTop(p)
}

// everywhere are the keys that no screen and no dialog can take away. A plain letter among them counts only where nobody types.
func (r *root) everywhere(p widget.Press) (tea.Cmd, bool) {
	g := r.keys.Global
	match := func(b key.Binding) bool {
		if p.Typed() != "" {
			return len(r.dialogs) == 0 && !r.typing() && key.Matches(p, b)
		}
		return key.Matches(p, b)
	}
	switch {
	case match(g.Quit):
		return r.request(screen.Quit{}), true
	case match(g.Suspend):
		return r.stop(), true
	case match(g.Lock) && r.session.open():
		return r.request(screen.Lock{Why: screen.LockedByKey}), true
	case match(g.Help) && len(r.dialogs) == 0:
		return r.request(screen.OpenHelp{}), true
	}
	return r.shortcut(p, match)
}

func (r *root) toDialog(p tea.Msg) tea.Cmd {
	top := &r.dialogs[len(r.dialogs)-1]
	if top.grace.Swallows(r.now()) {
		return nil
	}
	d, action := top.d.Update(p, r.keys.Dialog)
	top.d = d
	switch {
	case action.Send != nil:
		return r.request(action.Send)
	case !action.Close:
		return nil
	}
	to := top.to
	r.dialogs = r.dialogs[:len(r.dialogs)-1]
	if to == rootID {
		return r.answered(action.Answer)
	}
	return r.deliver(screen.Answer{To: to, Msg: action.Answer})
}

func (r *root) toTop(msg tea.Msg) tea.Cmd {
	if len(r.stack) == 0 {
		return nil
	}
	return r.update(len(r.stack)-1, msg)
}

func (r *root) update(i int, msg tea.Msg) tea.Cmd {
	s, cmd := r.stack[i].s.Update(msg)
	r.stack[i].s = s
	return cmd
}

// broadcast gives a message to every screen of the stack.
func (r *root) broadcast(msg tea.Msg) tea.Cmd {
	cmds := make([]tea.Cmd, len(r.stack))
	for i := range r.stack {
		cmds[i] = r.update(i, msg)
	}
	return tea.Batch(cmds...)
}

// deliver brings an answer to the screen that asked; when it is gone the answer is wiped.
func (r *root) deliver(a screen.Answer) tea.Cmd {
	for i := range r.stack {
		if r.stack[i].id == a.To {
			return r.update(i, a.Msg)
		}
	}
	if a.To == rootID {
		return r.request(a.Msg)
	}
	r.status.work = ""
	if w, ok := a.Msg.(screen.Wiper); ok {
		w.Wipe()
	}
	return nil
}

func (r *root) paste(msg tea.PasteMsg) tea.Cmd {
	switch {
	case len(r.dialogs) > 0:
		return r.toDialog(msg)
	case r.late():
		return nil
	}
	return r.toTop(msg)
}

// top is the screen that gets the keys.
func (r *root) top() screen.Screen { return r.stack[len(r.stack)-1].s }

// typing reports whether plain letters are text on the top screen.
func (r *root) typing() bool {
	if len(r.stack) == 0 {
		return false
	}
	t, ok := r.top().(screen.Typer)
	return ok && t.Typing()
}
