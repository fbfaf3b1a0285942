package cli

import (
	"context"
	"errors"
	"sync"

	"signet/tui/screen"
)

// tuiVirtual is the virtual security key of the terminal interface: it lives in this process and survives locks of the vault.
type tuiVirtual struct {
	a     *App
	owner func() string // tells this key from those of other vaults
	desk  *tuiApprovals

	route     string
	switching sync.Mutex // one at a time
	mu        sync.Mutex
	now       screen.VirtualStatus
	work      int // requests
	key       *virtualKey
	stop      func() // unplugs and waits
	watchers  map[chan struct{}]bool
}

var _ screen.VirtualKey = (*tuiVirtual)(nil)

// newTUIVirtual makes one that is off.
func newTUIVirtual(a *App, desk *tuiApprovals) *tuiVirtual {
	v := &tuiVirtual{a: a, owner: func() string { return keyOwner(desk.dir) }, desk: desk, route: routeUHID, watchers: map[chan struct{}]bool{}}
	desk.route = func() string { return routeWords(v.Status().Route) }
	desk.requester = v.requester
	return v
}

// Status implements screen.VirtualKey.
func (v *tuiVirtual) Status() screen.VirtualStatus {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.now
}

// Changes implements screen.VirtualKey.
func (v *tuiVirtual) Changes(ctx context.Context) <-chan struct{} {
	news, out := make(chan struct{}, 1), make(chan struct{})
	v.mu.Lock()
	v.watchers[news] = true
	v.mu.Unlock()
	go func() {
		defer close(out)
		for {
			select {
			case <-ctx.Done():
				v.mu.Lock()
				delete(v.watchers, news)
				v.mu.Unlock()
				return
			case <-news:
			}
			select {
			case out <- struct{}{}:
			case <-ctx.Done():
			}
		}
	}()
	return out
}

// change changes the status and tells.
func (v *tuiVirtual) change(f func(*screen.VirtualStatus)) {
	v.mu.Lock()
	defer v.mu.Unlock()
	f(&v.now)
	for w := range v.watchers {
		select {
		case w <- struct{}{}:
		default:
		}
	}
}

func (v *tuiVirtual) requester() string {
	v.mu.Lock()
	key := v.key
	v.mu.Unlock()
	if key == nil {
		return ""
	}
	return key.requester()
}

// Switch implements screen.VirtualKey.
func (v *tuiVirtual) Switch(asked context.Context, on bool) error {
	v.switching.Lock()
	defer v.switching.Unlock()
	v.mu.Lock()
	stop := v.stop
	v.mu.Unlock()
	switch {
	case on == (stop != nil):
		return nil
	case on:
		return v.plug(asked)
	}
	stop()
	return nil
}

func (v *tuiVirtual) plug(asked context.Context) error {
	key := &virtualKey{
		a: v.a, door: v.desk.door, approver: v.desk, canVerify: v.desk.canVerify, busy: v.request, say: func(string) {}, ended: v.desk.ended,
		wink: func() { v.change(func(s *screen.VirtualStatus) { s.Wink++ }) },
	}
	if err := key.plug(v.route, v.owner()); err != nil {
		return withoutHint(err)
	}
	if err := reachable(asked, key.device); err != nil { // a key that nobody finds is worse than none
		return errors.Join(withoutHint(err), key.device.Close())
	}
	ctx, cancel := context.WithCancel(context.Background())
	gone := make(chan struct{})
	v.mu.Lock()
	v.key, v.stop = key, func() { cancel(); <-gone }
	v.mu.Unlock()
	v.change(func(s *screen.VirtualStatus) { s.On, s.Path, s.Route, s.Fault = true, key.device.Path(), key.route, "" })
	go func() {
		defer close(gone)
		err := key.serve(ctx)
		v.mu.Lock()
		v.key, v.stop = nil, nil
		v.mu.Unlock()
		v.change(func(s *screen.VirtualStatus) {
			s.On, s.Busy, s.Path = false, false, ""
			if err != nil && !errors.Is(err, context.Canceled) {
				s.Fault = v.a.cleanf("%s", err)
			}
		})
		cancel()
	}()
	return nil
}

// withoutHint takes the hint away, which names flags of a command; the message says what to do.
func withoutHint(err error) error {
	e := *classify(err)
	e.Hint = ""
	return &e
}

// request notes that one begins or ends.
func (v *tuiVirtual) request(begins bool) {
	v.mu.Lock()
	if begins {
		v.work++
	} else {
		v.work--
	}
	busy := v.work > 0
	v.mu.Unlock()
	v.change(func(s *screen.VirtualStatus) { s.Busy = busy })
}

// atStart plugs the key in where the configuration says so; what is wrong with it stands in the status.
func (v *tuiVirtual) atStart(ctx context.Context, on bool) {
	if !on {
		return
	}
	if err := v.Switch(ctx, true); err != nil {
		e := classify(err)
		v.change(func(s *screen.VirtualStatus) { s.Fault = v.a.cleanf("%s", e.Error()) })
	}
}

func (v *tuiVirtual) close() { _ = v.Switch(context.Background(), false) }
