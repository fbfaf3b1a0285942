package tuitest

import (
	"context"
	"sync"

	"signet/tui/screen"
)

// Machine is a machine that sleeps and locks its screen when told.
type Machine struct {
	Suspend, Screen string // what Missing says
	mu              sync.Mutex
	events          chan screen.LockEvent
}

// LockEvents implements screen.Machine. The last listener gets the events.
func (m *Machine) LockEvents(ctx context.Context) <-chan screen.LockEvent {
	in, out := make(chan screen.LockEvent, 8), make(chan screen.LockEvent)
	m.mu.Lock()
	m.events = in
	m.mu.Unlock()
	go func() {
		defer close(out)
		defer m.leave(in)
		for {
			select {
			case e := <-in:
				select {
				case out <- e:
				case <-ctx.Done():
					return
				}
			case <-ctx.Done():
				return
			}
		}
	}()
	return out
}

func (m *Machine) leave(in chan screen.LockEvent) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.events == in {
		m.events = nil
	}
}

// Missing implements screen.Machine.
func (m *Machine) Missing(context.Context) (suspend, locked string) { return m.Suspend, m.Screen }

// Listened reports whether somebody listens.
func (m *Machine) Listened() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.events != nil
}

// Tell sends an event; the channel that it returns is closed by Done.
func (m *Machine) Tell(why screen.LockReason) <-chan struct{} {
	m.mu.Lock()
	defer m.mu.Unlock()
	done := make(chan struct{})
	m.events <- screen.LockEvent{Why: why, Done: sync.OnceFunc(func() { close(done) })}
	return done
}
