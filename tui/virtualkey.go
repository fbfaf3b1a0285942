package tui

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"signet/internal/sanitize"
	"signet/tui/screen"
	"signet/tui/widget"
)

// The virtual security key: a switch that works from everywhere, and its state at the end of the status line, where it always stands while the key is on.

// virtual is what the root knows of the virtual key.
type virtual struct {
	status screen.VirtualStatus
	winked time.Time // a host asked to be shown which key it is
}

// winkFor is how long the status line says it after a wink.
const winkFor = 5 * time.Second

// Messages about the virtual key.
type (
	keyChanged struct {
		status  screen.VirtualStatus
		changes <-chan struct{}
		closed  bool
	}
	keySwitched struct {
		on     bool
		status screen.VirtualStatus
		err    error
	}
)

// followKey begins to follow the virtual key.
func (r *root) followKey() tea.Cmd {
	k, ctx := r.opt.Ports.VirtualKey, r.ctx
	if k == nil {
		return nil
	}
	return func() tea.Msg { return keyChanged{status: k.Status(), changes: k.Changes(ctx)} }
}

// keyChanged takes the new state and waits for the next one.
func (r *root) keyChanged(m keyChanged) tea.Cmd {
	if m.closed {
		return nil
	}
	k := r.opt.Ports.VirtualKey
	next := func() tea.Msg {
		_, ok := <-m.changes
		return keyChanged{k.Status(), m.changes, !ok}
	}
	return tea.Batch(r.keyIs(m.status), next)
}

// keyIs notes the state, and says what a person has to know of a change.
func (r *root) keyIs(now screen.VirtualStatus) tea.Cmd {
	was := r.virtual.status
	r.virtual.status = now
	told := tea.Cmd(nil)
	if was.On != now.On {
		told = r.broadcast(screen.KeyIs{On: now.On})
	}
	if now.Fault != "" && now.Fault != was.Fault {
		r.say(screen.Notify{Level: screen.Bad, Text: "The virtual key went off: " + sanitize.Line(now.Fault) + ". " + chordOf(r.keys.Do.VirtualKey) + " tries it again"})
		return tea.Batch(told, r.ring())
	}
	if was.Busy && !now.Busy { // the log has a row more
		told = tea.Batch(told, r.broadcast(screen.RequestAnswered{}))
	}
	if now.On && now.Wink > was.Wink {
		r.virtual.winked = r.now()
		r.say(screen.Notify{Level: screen.Good, Text: "Here I am: a program asked this virtual key to show itself"})
		return tea.Batch(told, r.ring())
	}
	return told
}

// switchKey plugs the virtual key in or out.
func (r *root) switchKey() tea.Cmd {
	k, ctx := r.opt.Ports.VirtualKey, r.ctx
	if k == nil {
		return nil
	}
	on := !r.virtual.status.On
	if on && r.session.info.Demo {
		r.say(screen.Notify{Text: "The demo has no virtual key: nothing real could sign in with it"})
		return nil
	}
	r.working(map[bool]string{true: "Plugging the virtual key in", false: "Unplugging the virtual key"}[on])
	return func() tea.Msg {
		err := k.Switch(ctx, on)
		return keySwitched{on, k.Status(), err}
	}
}

func (r *root) keySwitched(m keySwitched) tea.Cmd {
	r.status.work = ""
	cmd := r.keyIs(m.status)
	switch {
	case m.err != nil && m.on:
		r.say(screen.Notify{Level: screen.Bad, Text: "The virtual key is not on: " + r.env(rootID).Explain(m.err)})
	case m.err != nil:
		r.say(screen.Notify{Level: screen.Bad, Text: "The virtual key is still on: " + r.env(rootID).Explain(m.err)})
	case m.on && m.status.Route == "pty":
		r.say(screen.Notify{Level: screen.Good, Text: "The virtual key is on at " + m.status.Path + ": programs may ask there"})
	case m.on:
		r.say(screen.Notify{Level: screen.Good, Text: "The virtual key is on: browsers find it like one that is plugged in", Less: []string{"The virtual key is on"}})
	default:
		r.say(screen.Notify{Text: "The virtual key is off: no program finds it any more", Less: []string{"The virtual key is off"}})
	}
	return cmd
}

// keyState is the end of the status line: what the virtual key does, "" while it is off.
func (r *root) keyState(f widget.Frame) string {
	s := r.virtual.status
	switch {
	case s.Fault != "" && !s.On:
		return f.Theme.Danger.Render("key fault")
	case !s.On:
		return ""
	case elapsed(r.virtual.winked, f.Now) < winkFor && !r.virtual.winked.IsZero():
		return f.Theme.Selected.Render("key is here")
	case s.Busy || len(r.approvals.queue) > 0:
		return f.Theme.Warn.Render("key asked")
	}
	return f.Theme.Good.Render("key on")
}

// withKey puts the state of the virtual key at the end of a status line, whatever else has to give way.
func (r *root) withKey(f widget.Frame, left, right string) string {
	state := r.keyState(f)
	if state == "" {
		return widget.Ends(f, left, right, f.W)
	}
	if right != "" {
		right += f.Theme.Muted.Render(f.Theme.Sep)
	}
	room := f.W - widget.Width(state)
	if widget.Width(left)+widget.Width(right) >= room {
		right = ""
	}
	if room < 2 {
		return widget.Cut(f, state, f.W)
	}
	return widget.Ends(f, widget.Cut(f, left, room-1), right+state, f.W)
}
