package passkeys

import (
	"context"
	"time"
)

// resetWithin is how long after it was plugged in an authenticator can be reset.
const resetWithin = 10 * time.Second

// reset is authenticatorReset (CTAP 2.1, section 6.6). Nothing is lost for good: passkeys go to the trash, and the old sealing keys are kept apart.
func (a *Authenticator) reset(ctx context.Context, c *call) (any, error) {
	if a.opt.PresenceOnly || a.opt.Now().Sub(a.since) > resetWithin {
		return nil, StatusNotAllowed
	}
	if err := a.unlock(ctx, c); err != nil {
		return nil, err
	}
	count, err := a.opt.Store.Count(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := a.ask(ctx, c, Ask{Action: ActionReset, Passkeys: count}); err != nil {
		return nil, err
	}
	if err := a.opt.Store.Clear(ctx); err != nil {
		return nil, err
	}
	if err := a.opt.State.Update(ctx, (*Memory).reset); err != nil {
		return nil, err
	}
	a.revoke()
	a.misses, a.uvMisses = 0, 0
	for _, p := range pinProtocols() {
		if err := a.newAgreement(p); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

// reset makes the memory that of a new authenticator, but for the retired keys.
func (m *Memory) reset() error {
	*m = Memory{RetiredKeys: append(m.SealKeys, m.RetiredKeys...)}
	return nil
}
