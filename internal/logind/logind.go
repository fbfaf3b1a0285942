package logind

import (
	"context"
	"sync"
	"time"
)

// Why says why the vault shall be locked.
type Why int

// The reasons.
const (
	Suspend Why = iota
	Screen
)

// Event asks for the vault to be locked now. Done says that it is: the machine may go on. It may be called more than once.
type Event struct {
	Why  Why
	Done func()
}

// Options say where to listen. The zero value is the real machine.
type Options struct {
	System, Session string // addresses of the buses; "": those of the environment
	UID             int    // whose sessions count; 0: the process's
}

// Limits.
const (
	patience = 4 * time.Second  // how long sleep is delayed for Done; logind's own limit is 5 s
	again    = 5 * time.Second  // between two tries to reach a bus
	answerIn = 2 * time.Second  // how long one question may take
	queue    = 16               // signals that may wait
	mostTime = 10 * time.Minute // between two tries when it fails for long
)

// Watch listens until ctx ends, then closes the channel. It never fails: a bus that is not there is tried again now and then.
func Watch(ctx context.Context, o Options) <-chan Event {
	w := &watcher{o: o, out: make(chan Event)}
	var running sync.WaitGroup
	for _, listen := range w.listeners() {
		running.Go(func() { w.keep(ctx, listen) })
	}
	go func() {
		running.Wait()
		close(w.out)
	}()
	return w.out
}

type watcher struct {
	o   Options
	out chan Event
}

// keep listens again whenever a connection ends, with growing pauses while it ends at once.
func (w *watcher) keep(ctx context.Context, listen func(context.Context) error) {
	for pause := again; ctx.Err() == nil; {
		began := time.Now()
		if _ = listen(ctx); time.Since(began) > pause {
			pause = again
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
		pause = min(2*pause, mostTime)
	}
}

// tell sends an event and waits until it was answered or patience ends. It goes on waiting when ctx ends: that is what locking does first.
func (w *watcher) tell(ctx context.Context, why Why) {
	done := make(chan struct{})
	select {
	case w.out <- Event{why, sync.OnceFunc(func() { close(done) })}:
	case <-ctx.Done():
		return
	}
	select {
	case <-done:
	case <-time.After(patience):
	}
}

// Availability says what Watch can notice here. An empty text means: it can.
type Availability struct {
	Suspend string // why a suspend is not noticed
	Screen  string // why a screen lock is not noticed
}
