package tui

import (
	"context"

	tea "charm.land/bubbletea/v2"

	"signet/tui/screen"
)

// machineSays is an event of the machine on its way to the root.
type machineSays struct {
	ctx    context.Context //nolint:containedctx // tells sessions apart
	event  screen.LockEvent
	events <-chan screen.LockEvent
}

// heed listens to the machine while a vault is open.
func (r *root) heed(ctx context.Context) tea.Cmd {
	if r.opt.Ports.Machine == nil {
		return nil
	}
	m := r.opt.Ports.Machine
	return func() tea.Msg { return nextEvent(ctx, m.LockEvents(ctx)) }
}

func nextEvent(ctx context.Context, events <-chan screen.LockEvent) tea.Msg {
	e, ok := <-events
	if !ok {
		return nil
	}
	return machineSays{ctx, e, events}
}

// machine locks when the machine sleeps or its screen is locked, as the setting lock.on says. The machine may go on when the keys are wiped.
func (r *root) machine(m machineSays) tea.Cmd {
	s := r.session
	wanted := m.event.Why == screen.LockedSuspend && s.settings.LockSuspend || m.event.Why == screen.LockedScreen && s.settings.LockScreen
	if m.ctx != s.ctx || !s.open() || !wanted {
		m.event.Done()
		return func() tea.Msg { return nextEvent(m.ctx, m.events) }
	}
	cmd, locking := r.lockNow(m.event.Why, true), r.locking
	return tea.Batch(cmd, func() tea.Msg {
		<-locking
		m.event.Done()
		return nil
	})
}
