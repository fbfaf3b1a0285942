package vault

import (
	"context"
	"errors"
	"time"
)

// Watch sends whenever the vault was changed, by this process or another: state/heads is looked at every Poll (decisions.md,
// "One door"). The channel holds one event at most and is closed when ctx ends or the vault is locked.
func (v *Vault) Watch(ctx context.Context) <-chan struct{} {
	out := make(chan struct{}, 1)
	last, _ := v.stamp()
	go func() {
		defer close(out)
		tick := time.NewTicker(v.o.Poll)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			now, err := v.stamp()
			if errors.Is(err, ErrLocked) || errors.Is(err, ErrWayChanged) {
				return
			}
			if err != nil || now == last {
				continue
			}
			last = now
			select {
			case out <- struct{}{}:
			default:
			}
		}
	}()
	return out
}

// stamp reads the heads and nothing else. A vault that is busy with a long edit answers at the next look.
func (v *Vault) stamp() ([32]byte, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if err := v.openable(); err != nil {
		return [32]byte{}, err
	}
	kept := v.marks
	err := v.readHeads()
	now := v.marks.stamp
	if !v.closed {
		v.marks = kept
	}
	return now, err
}
