package cli

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"signet/internal/logind"
	"signet/internal/session"
	"signet/passkeys"
	"signet/vault"
)

// heldVault is the vault of a command that runs for long: open, or locked by the vault's own rules and opened again when it is needed.
type heldVault struct {
	a      *App
	door   *session.Door
	unlock func(ctx context.Context, waiting func(bool)) (*vault.Vault, error) // asks somebody; vault.ErrLocked when they will not
	say    func(text string)                                                   // tells whoever watches
	asking func() bool                                                         // somebody is being asked: nobody is idle

	mu     sync.Mutex
	local  *session.Local
	rules  session.Settings
	opened time.Time
	used   time.Time // when the last request ended
	busy   int       // requests at work
	end    context.CancelFunc
}

// lockLook is how often the times of a lock are looked at.
const lockLook = time.Second

// newHeldVault makes one that is locked.
func newHeldVault(a *App, dir string) *heldVault {
	h := &heldVault{a: a, say: func(string) {}, asking: func() bool { return false }}
	h.door = session.NewDoor(session.DoorOptions{Open: h.open, Dir: dir, Now: a.Now, Rand: a.Rand})
	return h
}

// take makes an open vault the one in use.
func (h *heldVault) take(ctx context.Context, v *vault.Vault) (*session.Local, error) {
	l := session.NewLocal(v, h.a.Now)
	rules, err := l.Settings(ctx)
	if err == nil {
		var events <-chan session.Event
		watching, end := context.WithCancel(context.WithoutCancel(ctx))
		if events, err = l.Watch(watching); err == nil {
			h.mu.Lock()
			now := time.Now()
			h.local, h.rules, h.opened, h.used, h.end = l, rules, now, now, end
			h.mu.Unlock()
			h.door.Use(l)
			_, _ = h.door.State().Read(ctx) // so that a host that only looks finds an answer when it is locked again
			go h.follow(watching, l, events)
			return l, nil
		}
		end()
	}
	return nil, errors.Join(err, l.Close())
}

// open is session.DoorOptions.Open.
func (h *heldVault) open(ctx context.Context, waiting func(bool)) (*session.Local, error) {
	h.mu.Lock()
	l := h.local
	h.mu.Unlock()
	if l != nil {
		if _, err := l.Info(ctx); err == nil {
			return l, nil
		}
		h.lock(ctx, l, "") // it is, and nobody told us yet
	}
	v, err := h.unlock(ctx, waiting)
	if errors.Is(err, vault.ErrLocked) {
		return nil, passkeys.ErrLocked
	}
	if err != nil {
		return nil, err
	}
	return h.take(ctx, v)
}

// follow keeps the rules fresh and honours a lock that another process made.
func (h *heldVault) follow(ctx context.Context, l *session.Local, events <-chan session.Event) {
	for e := range events {
		if e.Kind == session.EventLocked {
			h.lock(ctx, l, "another program changed the keys of the vault")
			return
		}
		if rules, err := l.Settings(ctx); err == nil {
			h.mu.Lock()
			h.rules = rules
			h.mu.Unlock()
		}
	}
}

// request notes that a request begins or ends: between them nobody is idle.
func (h *heldVault) request(begins bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if begins {
		h.busy++
		return
	}
	h.busy--
	h.used = time.Now()
}

// current is the open vault, nil while it is locked.
func (h *heldVault) current() *session.Local {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.local
}

// lock takes the vault away and wipes its keys; which is the one that is meant, nil for whichever is open.
func (h *heldVault) lock(ctx context.Context, which *session.Local, why string) {
	h.mu.Lock()
	l := h.local
	if l == nil || which != nil && which != l {
		h.mu.Unlock()
		return
	}
	h.local = nil
	h.end()
	h.mu.Unlock()
	h.door.Use(nil)
	if err := closeSession(ctx, l); err != nil {
		h.say("upkeep of the vault failed and will be tried again: " + h.a.cleanf("%s", err))
	}
	if why != "" {
		next := "The next request asks for it."
		if !h.a.interactive() {
			next = "Requests are refused until it opens without a question."
		}
		h.say("Locked: " + why + ". " + next)
	}
}

// closeSession finishes upkeep and locks; when there is no time for upkeep, it locks.
func closeSession(ctx context.Context, s session.Session) error {
	done := make(chan error, 1)
	go func() { done <- s.Close() }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done(): // no time for upkeep: the keys go now
		return s.Lock(context.WithoutCancel(ctx))
	case <-time.After(4 * time.Second):
		return s.Lock(ctx)
	}
}

// watch locks the vault when its rules say so, until ctx ends; then it is locked.
func (h *heldVault) watch(ctx context.Context) {
	machine := logind.Watch(ctx, logind.Options{})
	tick := time.NewTicker(lockLook)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			h.lock(ctx, nil, "")
			return
		case <-tick.C:
			if why := h.due(time.Now()); why != "" {
				h.lock(ctx, nil, why)
			}
		case e, ok := <-machine:
			if !ok {
				machine = nil
				continue
			}
			h.machineEvent(ctx, e)
		}
	}
}

func (h *heldVault) machineEvent(ctx context.Context, e logind.Event) {
	defer e.Done()
	name, why := "suspend", "the machine goes to sleep"
	if e.Why == logind.Screen {
		name, why = "screen", "the screen is locked"
	}
	h.mu.Lock()
	on := slices.Contains(h.rules.LockOn, name)
	h.mu.Unlock()
	if on {
		h.lock(ctx, nil, why)
	}
}

// due says why the vault shall be locked by now; "" when it shall not.
func (h *heldVault) due(now time.Time) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	since := func(t time.Time) time.Duration { return max(now.Sub(t), now.Round(0).Sub(t.Round(0))) } // a machine that slept counts by the wall
	switch {
	case h.local == nil:
	case h.rules.LockMax > 0 && since(h.opened) >= h.rules.LockMax:
		return "it was open for " + shortTime(h.rules.LockMax)
	case h.rules.LockIdle > 0 && h.busy == 0 && !h.asking() && since(h.used) >= h.rules.LockIdle:
		return "nothing was asked for " + shortTime(h.rules.LockIdle)
	}
	return ""
}

// shortTime is a setting's time as a person says it.
func shortTime(d time.Duration) string {
	switch {
	case d%time.Hour == 0:
		return plural(int(d/time.Hour), "hour")
	case d%time.Minute == 0:
		return plural(int(d/time.Minute), "minute")
	}
	return d.String()
}
