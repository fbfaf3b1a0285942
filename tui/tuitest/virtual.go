package tuitest

import (
	"context"
	"slices"
	"sync"
	"time"

	"signet/tui/screen"
)

// VirtualKey is a virtual key that a test moves.
type VirtualKey struct {
	mu      sync.Mutex
	status  screen.VirtualStatus
	err     error
	changes chan struct{}
}

// NewVirtualKey is off.
func NewVirtualKey() *VirtualKey { return &VirtualKey{changes: make(chan struct{}, 64)} }

// Status implements screen.VirtualKey.
func (k *VirtualKey) Status() screen.VirtualStatus {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.status
}

// Switch implements screen.VirtualKey.
func (k *VirtualKey) Switch(_ context.Context, on bool) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.err != nil && on {
		return k.err
	}
	k.status = screen.VirtualStatus{On: on}
	if on {
		k.status.Path, k.status.Route = "/dev/uhid", "uhid"
	}
	k.changes <- struct{}{}
	return nil
}

// Changes implements screen.VirtualKey.
func (k *VirtualKey) Changes(ctx context.Context) <-chan struct{} {
	out := make(chan struct{})
	go func() {
		defer close(out)
		for {
			select {
			case <-k.changes:
				select {
				case out <- struct{}{}:
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

// Fail makes switching on fail, until it is called with nil.
func (k *VirtualKey) Fail(err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.err = err
}

// Set changes the status.
func (k *VirtualKey) Set(change func(*screen.VirtualStatus)) {
	k.mu.Lock()
	change(&k.status)
	k.mu.Unlock()
	k.changes <- struct{}{}
}

// RequestLog is a few requests, the newest first.
type RequestLog struct {
	mu   sync.Mutex
	rows []screen.RequestRow
	err  error
}

// NewRequestLog has one of each sort.
func NewRequestLog() *RequestLog {
	at := func(d time.Duration) time.Time { return Start.Add(-d) }
	return &RequestLog{rows: []screen.RequestRow{
		{At: at(time.Minute), What: "sign in", Requester: "firefox", Route: "uhid", Site: "github.com", Account: "octocat", Answer: "ok", Good: true, UP: true, UV: true, Trusted: true},
		{At: at(time.Hour), What: "new passkey", Requester: "firefox", Route: "uhid", Site: "gitlab.com", Account: "work@example.com", Answer: "refused", UP: false, Trusted: true},
		{At: at(2 * time.Hour), What: "sign in", Requester: Hostile, Route: "pty", Site: "аpple.com", Account: Hostile, Answer: "timeout", Trusted: false},
		{At: at(26 * time.Hour), What: "sign in", Route: "uhid", Site: "github.com", Answer: "no passkey", Trusted: true},
		{At: at(49 * time.Hour), What: "reset", Route: "uhid", Answer: "ok", Good: true, UP: true, Trusted: true},
	}}
}

// Requests implements screen.RequestLog.
func (l *RequestLog) Requests(context.Context, screen.Vault) ([]screen.RequestRow, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.rows), l.err
}

// Set says what was asked for.
func (l *RequestLog) Set(rows ...screen.RequestRow) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.rows = rows
}

// Fail makes reading fail, until it is called with nil.
func (l *RequestLog) Fail(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.err = err
}
