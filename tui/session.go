package tui

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"signet/tui/dialog"
	"signet/tui/screen"
	"signet/tui/widget"
)

// session is an open vault in the program. The zero session is "locked".
type session struct {
	vault    screen.Vault
	settings screen.Settings
	info     screen.Info
	ctx      context.Context //nolint:containedctx // ends when the vault locks
	cancel   context.CancelFunc
	since    time.Time // opened
	active   time.Time // last key or paste
	proved   time.Time // the user unlocked again to see a secret
	ready    bool      // its screens are there
}

func (s *session) open() bool { return s.vault != nil }

// Messages about the session.
type (
	started struct {
		exists bool
		err    error
	}
	sessionReady struct {
		ctx      context.Context //nolint:containedctx // tells sessions apart
		settings screen.Settings
		info     screen.Info
		events   <-chan screen.Event
		drafts   []screen.Draft
		draftErr error
		then     any
		err      error
	}
	settingsRead struct {
		ctx      context.Context //nolint:containedctx // tells sessions apart
		settings screen.Settings
	}
	watched struct {
		ctx    context.Context //nolint:containedctx // tells sessions apart
		event  screen.Event
		events <-chan screen.Event
		closed bool
	}
)

// context is the session's while a vault is open, else the program's.
func (r *root) context() context.Context {
	if r.session.open() {
		return r.session.ctx
	}
	return r.ctx
}

// start looks whether there is a vault.
func (r *root) start() tea.Cmd {
	if r.opt.Vault != nil {
		return func() tea.Msg { return screen.Opened{Vault: r.opt.Vault} }
	}
	ctx, o := r.ctx, r.opt.Ports.Opener
	return func() tea.Msg {
		exists, err := o.Exists(ctx)
		return started{exists, err}
	}
}

func (r *root) began(m started) tea.Cmd {
	if m.err != nil {
		r.status.notify(screen.Notify{Level: screen.Bad, Text: "Looking for the vault failed: " + r.env(rootID).Explain(m.err)}, r.now())
	}
	if m.exists {
		return r.replace(func(e screen.Env) screen.Screen { return screen.NewUnlock(e, screen.UnlockNote{Fresh: true}) })
	}
	return r.replace(func(e screen.Env) screen.Screen { return screen.NewWelcome(e) })
}

// opened takes a vault over and reads what the program has to know before it shows it.
func (r *root) opened(v screen.Vault, then any) tea.Cmd {
	old := r.session
	ctx, cancel := context.WithCancel(r.ctx)
	r.session = session{vault: v, ctx: ctx, cancel: cancel, since: r.now(), active: r.now()}
	r.steps = nil
	before := r.locking
	return tea.Batch(cmdClose(old, v), func() tea.Msg {
		m := sessionReady{ctx: ctx, then: then}
		if m.settings, m.err = v.Settings(ctx); m.err != nil {
			return m
		}
		if m.info, m.err = v.Info(ctx); m.err != nil {
			return m
		}
		if m.events, m.err = v.Watch(ctx); m.err != nil || m.info.Demo {
			return m
		}
		m.drafts, m.draftErr = readDrafts(ctx, v, before)
		return m
	})
}

// cmdClose locks a vault whose place another one takes (an enrolment opens the vault anew).
func cmdClose(old session, now screen.Vault) tea.Cmd {
	if !old.open() {
		return nil
	}
	old.cancel()
	if old.vault == now {
		return nil
	}
	return func() tea.Msg {
		_ = old.vault.Lock(context.WithoutCancel(old.ctx))
		return nil
	}
}

func (r *root) ready(m sessionReady) tea.Cmd {
	if m.ctx != r.session.ctx {
		sealed{failed: m.drafts}.Wipe()
		return nil
	}
	if m.err != nil {
		sealed{failed: m.drafts}.Wipe()
		r.status.notify(screen.Notify{Level: screen.Bad, Text: "Opening the vault failed: " + r.env(rootID).Explain(m.err)}, r.now())
		return r.lock(screen.LockedElsewhere)
	}
	r.session.settings, r.session.info, r.session.ready = m.settings, m.info, true
	for _, w := range m.info.Warnings {
		r.status.notify(screen.Notify{Level: screen.Bad, Text: w}, r.now())
	}
	if m.info.ReadOnly {
		r.status.notify(screen.Notify{Text: "Opened with a recovery code: read only. " + widget.Typing(r.keys.Do.Enrol).Help().Key + " takes this machine in"}, r.now())
	}
	cmds := []tea.Cmd{r.replace(func(e screen.Env) screen.Screen { return screen.NewBrowse(e) }), watch(m.ctx, m.events), r.heed(m.ctx)}
	if m.draftErr != nil {
		r.status.notify(screen.Notify{Level: screen.Bad, Text: "Some unsaved changes could not be read: " + r.env(rootID).Explain(m.draftErr)}, r.now())
	}
	if !m.info.Demo {
		cmds = append(cmds, r.vaultIs(r.session.vault))
		cmds = append(cmds, r.reopen(append(m.drafts, r.waiting...)))
		r.waiting = nil
	}
	if m.then != nil {
		cmds = append(cmds, r.request(m.then))
	}
	return tea.Batch(cmds...)
}

// watch waits for the next event of the vault.
func watch(ctx context.Context, events <-chan screen.Event) tea.Cmd {
	return func() tea.Msg {
		e, ok := <-events
		return watched{ctx, e, events, !ok}
	}
}

func (r *root) event(m watched) tea.Cmd {
	if m.ctx != r.session.ctx || !r.session.open() {
		return nil
	}
	if m.closed || m.event.Kind == screen.EventLocked {
		return r.lock(screen.LockedElsewhere)
	}
	return tea.Batch(r.broadcast(screen.Changed{}), watch(m.ctx, m.events), r.cmdSettings())
}

// cmdSettings reads the settings again: they may be what changed, here or elsewhere.
func (r *root) cmdSettings() tea.Cmd {
	ctx, v := r.session.ctx, r.session.vault
	return func() tea.Msg {
		s, err := v.Settings(ctx)
		if err != nil {
			return nil // what was known goes on counting
		}
		return settingsRead{ctx, s}
	}
}

func (r *root) settingsRead(m settingsRead) {
	if m.ctx == r.session.ctx && r.session.open() {
		r.session.settings = m.settings
	}
}

// askDraft asks before unsaved changes are put aside or lost.
const (
	askLockDraft = "lock with a draft"
	askQuitDraft = "quit with a draft"
)

// lock locks the vault. By key, unsaved changes are asked about; otherwise nobody may be there to answer: the screen goes at once,
// and the changes wait as a draft for the next unlock.
func (r *root) lock(why screen.LockReason) tea.Cmd {
	if !r.session.open() {
		return nil
	}
	if len(r.dirty()) > 0 && why == screen.LockedByKey {
		return r.ask(screen.Ask{To: rootID, Dialog: dialog.Choice{
			ID: askLockDraft, Title: "Lock with unsaved changes?",
			Text: "The form has changes that are not saved. Kept, it opens again after the unlock.",
			Options: []dialog.Option{
				{ID: "", Label: "Stay"}, {ID: "keep", Label: "Lock and keep them"}, {ID: "drop", Label: "Lock and forget them", Danger: true},
			},
		}})
	}
	return r.lockNow(why, true)
}

func (r *root) lockNow(why screen.LockReason, keep bool) tea.Cmd {
	v, demo := r.session.vault, r.session.info.Demo
	var jobs []job
	if keep {
		jobs = r.jobs()
	} else {
		r.dropAll()
	}
	r.session.cancel()
	r.session, r.steps, r.sequence, r.offered, r.terminal = session{}, nil, sequence{}, screen.Copy{}, false
	r.status.clear()
	r.forgetTitles()
	note := screen.UnlockNote{Why: why, Draft: len(jobs)+len(r.waiting) > 0}
	open := func(e screen.Env) screen.Screen { return screen.NewUnlock(e, note) }
	if demo {
		open = func(e screen.Env) screen.Screen { return screen.NewWelcome(e) }
	}
	r.locking = make(chan struct{})
	return tea.Batch(r.replace(open), r.vaultIs(nil), r.cmdClear(), cmdLock(r.ctx, why, v, r.keeper, jobs, r.locking))
}

// dropAll forgets the unsaved changes of every form.
func (r *root) dropAll() {
	for _, d := range r.dirty() {
		r.keeper.drop(d.DraftID())
	}
}

func (r *root) quit() tea.Cmd {
	dirty := len(r.dirty()) > 0
	if !dirty && len(r.waiting) == 0 {
		return tea.Quit // questions of programs are refused when the program ends
	}
	refused := r.refuseWaiting() // nobody answers two things at once
	for _, o := range r.dialogs {
		if c, ok := o.d.(dialog.Choice); ok && c.ID == askQuitDraft {
			return refused
		}
	}
	c := dialog.Choice{ID: askQuitDraft, Title: "Quit with unsaved changes?", Text: "The form has changes that are not saved. Kept, it opens again at the next start.", Options: []dialog.Option{{ID: "", Label: "Stay"}}}
	if dirty {
		c.Options = append(c.Options, dialog.Option{ID: "keep", Label: "Quit and keep them"})
	} else {
		c.Text = "They could not be kept on the disk. Unlock the vault to get them back."
	}
	c.Options = append(c.Options, dialog.Option{ID: "quit", Label: "Quit and lose them", Danger: true})
	r.ask(screen.Ask{To: rootID, Dialog: c})
	return refused
}

func (r *root) answered(a dialog.Answered) tea.Cmd {
	switch {
	case a.Question == screen.AskCopyURL, a.Question == askTerminal:
		return r.copyAnswered(a)
	case a.Question == askQuitDraft && a.Choice != "":
		r.forget = a.Choice == "quit"
		return tea.Quit
	case a.Question == askLockDraft && a.Choice != "":
		return r.lockNow(screen.LockedByKey, a.Choice == "keep")
	}
	return nil
}

// active notes that somebody is there. The first key after a long sleep of the machine still finds the vault locked: idle is looked
// at before the key counts.
func (r *root) active() tea.Cmd {
	cmd := r.idle()
	r.session.active = r.now()
	return cmd
}

// idle locks when nobody was there for too long. Times are compared without the monotonic clock too, because that one stands still
// while a machine sleeps.
func (r *root) idle() tea.Cmd {
	s := r.session
	if !s.open() {
		return nil
	}
	switch now := r.now(); {
	case s.settings.LockIdle > 0 && elapsed(s.active, now) >= s.settings.LockIdle:
		return r.lock(screen.LockedIdle)
	case s.settings.LockMax > 0 && elapsed(s.since, now) >= s.settings.LockMax:
		return r.lock(screen.LockedMax)
	}
	return nil
}

// elapsed is the longer of what the monotonic clock and the wall clock say.
func elapsed(from, to time.Time) time.Duration {
	return max(to.Sub(from), to.Round(0).Sub(from.Round(0)))
}

// provenFor is how long an unlock counts where the vault's setting reveal.again asks for one before a secret is shown or copied.
const provenFor = 30 * time.Second

// mayReveal reports whether secrets may be shown without asking.
func (r *root) mayReveal() bool {
	return !r.session.settings.RevealAgain || r.justProven()
}

// justProven reports whether the user unlocked again a moment ago. Nobody proves anything to a demo vault.
func (r *root) justProven() bool {
	s := r.session
	return s.info.Demo || !s.proved.IsZero() && elapsed(s.proved, r.now()) < provenFor
}

// prove lets the user unlock again where the vault asks for it, and then goes on.
func (r *root) prove(m screen.Prove) tea.Cmd {
	if r.justProven() || !m.Always && r.mayReveal() {
		return r.deliver(screen.Answer{To: m.To, Msg: m.Then})
	}
	return r.push(func(e screen.Env) screen.Screen { return screen.NewUnlock(e, screen.UnlockNote{Prove: &m}) })
}

func (r *root) proven(m screen.Proven) tea.Cmd {
	r.session.proved = r.now()
	return r.deliver(screen.Answer{To: m.To, Msg: m.Then})
}

// copy copies; a secret only after the same question as showing it.
func (r *root) copy(m screen.Copy) tea.Cmd {
	m.Terminal = r.terminal
	secret := m.What == screen.CopyPassword || m.What == screen.CopyCode || m.What == screen.CopyPast || m.Concealed
	if secret && !m.Proven {
		m.Proven = true
		return r.prove(screen.Prove{To: rootID, Then: m})
	}
	r.working("Copying")
	return r.env(rootID).CmdCopy(m)
}
