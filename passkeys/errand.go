package passkeys

import (
	"context"
	"crypto/sha256"
	"errors"
	"time"
)

// Times of a U2F request that waits for a person. They are the only ones that pass by the real clock: what they end is a question on somebody's screen.
const (
	errandPatience = 80 * time.Millisecond // how long a host waits for one "not yet"
	errandSilence  = 3 * time.Second       // a host that was silent for so long has given up
)

// errand is one U2F request that a host repeats until it is answered: what has to be asked, asked beside the requests.
type errand struct {
	key    [sha256.Size]byte // of the request
	ctx    context.Context   //nolint:containedctx // it outlives the message that began it
	cancel context.CancelFunc
	idle   *time.Timer
	stage  int
	done   chan struct{} // closed when what this stage asks is answered
	answer Answer
	err    error
	told   bool // the log knows how it ended
}

// The stages of an errand.
const (
	errandOpens = iota + 1
	errandAsks
)

// errandFor continues the errand of a request, or begins one. Another one ends with it: a person is asked one thing at a time.
func (a *Authenticator) errandFor(ctx context.Context, r apdu) *errand {
	key := sha256.Sum256(append([]byte{r.instruction, r.p1}, r.data...))
	if e := a.errand; e != nil && e.key == key && e.ctx.Err() == nil {
		e.idle.Reset(errandSilence)
		return e
	}
	a.dropErrand()
	e := &errand{key: key}
	e.ctx, e.cancel = context.WithCancel(context.WithoutCancel(ctx))
	e.idle = time.AfterFunc(errandSilence, e.cancel)
	a.errand = e
	return e
}

// opening reports whether a person is being asked to open the vault.
func (e *errand) opening() bool {
	if e == nil || e.stage != errandOpens {
		return false
	}
	select {
	case <-e.done:
		return false
	default:
		return true
	}
}

// dropErrand ends the errand and takes its question off the screen.
func (a *Authenticator) dropErrand() {
	if e := a.cancelErrand(); e != nil && e.done != nil {
		<-e.done
	}
}

// cancelErrand ends the errand and returns it, while its question may still be on the screen for a moment.
func (a *Authenticator) cancelErrand() *errand {
	e := a.errand
	if e != nil {
		a.errand = nil
		e.idle.Stop()
		e.cancel()
	}
	return e
}

// step starts what a stage asks, and waits a moment for the answer.
func (e *errand) step(ctx context.Context, stage int, ask func() error) error {
	if e.stage > stage {
		return nil
	}
	if e.stage < stage {
		e.stage, e.done = stage, make(chan struct{})
		go func() {
			defer close(e.done)
			e.err = ask()
		}()
	}
	patience := time.NewTimer(errandPatience)
	defer patience.Stop()
	select {
	case <-e.done:
		return e.err
	case <-patience.C:
	case <-ctx.Done():
	}
	return wordConditionsNotSatisfied
}

// opens makes the store usable for an errand.
func (a *Authenticator) opens(ctx context.Context, c *call, e *errand) error {
	if a.opt.Open != nil {
		err := e.step(ctx, errandOpens, func() error { return a.opt.Open(e.ctx, func(bool) {}) })
		if err != nil {
			return e.ended(c, err)
		}
	}
	var err error
	if c.mem, err = a.opt.State.Read(ctx); err == nil && !a.u2f(c) {
		a.dropErrand()
		return wordInstructionUnknown
	}
	return err
}

// asks puts the question of an errand to a person. When it was answered with yes the errand is over.
func (a *Authenticator) asks(ctx context.Context, c *call, e *errand, ask Ask) (Answer, error) {
	event := c.event
	event.Asked = true
	err := e.step(ctx, errandAsks, func() error {
		var err error
		if e.answer, err = a.opt.Approver.Approve(e.ctx, ask); err == nil && !e.answer.Allowed {
			err = StatusOperationDenied
		}
		if e.ctx.Err() != nil { // nobody will ask again how it ended
			a.report(e.ctx, &call{event: event, noted: true}, StatusUserActionTimeout)
			err = e.ctx.Err()
		}
		return err
	})
	if err != nil {
		return Answer{}, e.ended(c, err)
	}
	c.event.Asked, c.noted, c.event.Request = true, true, RequestID(e.ctx)
	answer := e.answer
	a.dropErrand()
	return answer, nil
}

// ended notes, once, that a person was asked and there is no yes. The errand stays, so that a host that does not give up is not asked about again.
func (e *errand) ended(c *call, err error) error {
	var w word
	if errors.As(err, &w) {
		return err // not yet
	}
	c.event.Asked, c.noted, c.event.Request = true, !e.told, RequestID(e.ctx)
	e.told = true
	return err
}
