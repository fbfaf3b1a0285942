package cli

import (
	"context"

	"signet/internal/logind"
	"signet/tui/screen"
)

// tuiMachine listens to systemd-logind and the screen savers.
type tuiMachine struct{}

func (tuiMachine) LockEvents(ctx context.Context) <-chan screen.LockEvent {
	out := make(chan screen.LockEvent)
	in := logind.Watch(ctx, logind.Options{})
	go func() {
		defer close(out)
		for e := range in {
			why := screen.LockedSuspend
			if e.Why == logind.Screen {
				why = screen.LockedScreen
			}
			select {
			case out <- screen.LockEvent{Why: why, Done: e.Done}:
			case <-ctx.Done(): // the vault is being locked: sleep waits its few seconds
			}
		}
	}()
	return out
}

func (tuiMachine) Missing(ctx context.Context) (suspend, locked string) {
	a := logind.Probe(ctx, logind.Options{})
	return a.Suspend, a.Screen
}

// lockOnHere says, as a sentence to follow others, which part of lock.on cannot be obeyed on this machine; "" when all of it can.
func lockOnHere(ctx context.Context) string {
	suspend, locked := tuiMachine{}.Missing(ctx)
	switch {
	case suspend != "" && locked != "":
		return " Not available here, lock.idle still holds: " + suspend + "."
	case suspend != "":
		return " suspend is not noticed here: " + suspend + "."
	case locked != "":
		return " The screen's lock is not noticed here: " + locked + "."
	}
	return ""
}
