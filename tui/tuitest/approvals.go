package tuitest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"signet/tui/screen"
)

// Approvals asks what a test tells it to, and keeps the rules of the real port: a question that was answered, that ran out or that its program gave up
// is over, a wrong secret leaves it, and after too many the way is blocked.
type Approvals struct {
	Block chan struct{} // when set, an answer with a secret waits for it or for its context

	mu      sync.Mutex
	out     chan screen.ApprovalRequest
	open    map[uint64]screen.ApprovalRequest
	last    uint64
	tries   int
	answers []Answered
	vaults  []screen.Vault
}

// Answered is a decision that the port took.
type Answered struct {
	ID       uint64
	Decision screen.Decision // without its secret
	Verified bool
}

// approvalTries is how many wrong secrets there may be.
const approvalTries = 3

// Errors of the fake.
var (
	ErrOver    = errors.New("the question is over")
	ErrOpenIt  = errors.New("an open vault is the answer")
	ErrBlocked = errors.New("too many wrong tries: the way is blocked until the program starts again")
)

// PIN is that of the fake virtual key.
const PIN = "4711"

// fits knows the passphrase of the sample vault and the PIN.
func fits(d screen.Decision) bool {
	if d.Way == screen.VerifyPassphrase {
		return d.Secret.RevealString() == "open sesame"
	}
	return d.Secret.RevealString() == PIN
}

// NewApprovals asks nothing by itself.
func NewApprovals() *Approvals {
	return &Approvals{out: make(chan screen.ApprovalRequest, 64), open: map[uint64]screen.ApprovalRequest{}}
}

// Approvals implements screen.Approvals.
func (a *Approvals) Approvals(ctx context.Context) <-chan screen.ApprovalRequest {
	to := make(chan screen.ApprovalRequest)
	go func() {
		defer close(to)
		for {
			select {
			case r := <-a.out:
				select {
				case to <- r:
				case <-ctx.Done():
					return
				}
			case <-ctx.Done():
				return
			}
		}
	}()
	return to
}

// Ask asks, and returns the question's id.
func (a *Approvals) Ask(r screen.ApprovalRequest) uint64 {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.last++
	r.ID = a.last
	a.open[r.ID] = r
	a.out <- r
	return r.ID
}

// GiveUp ends a question as its program would.
func (a *Approvals) GiveUp(id uint64, why string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if r, waits := a.open[id]; waits {
		delete(a.open, id)
		a.out <- screen.ApprovalRequest{ID: r.ID, Over: why}
	}
}

// Tell says what became of a question that was answered, under an id of its own.
func (a *Approvals) Tell(what, step string, done bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.last++
	a.out <- screen.ApprovalRequest{ID: a.last, Over: what, Done: done, Step: step}
}

// Answer implements screen.Approvals.
func (a *Approvals) Answer(ctx context.Context, id uint64, d screen.Decision) error {
	defer d.Secret.Wipe()
	if a.Block != nil && !d.Secret.IsEmpty() {
		select {
		case <-a.Block:
		case <-ctx.Done():
			return fmt.Errorf("check the passphrase: %w", ctx.Err())
		}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	r, waits := a.open[id]
	switch {
	case !waits:
		return ErrOver
	case r.Action == screen.ApproveUnlock && d.Allow:
		return ErrOpenIt
	}
	verified := false
	if d.Allow && len(r.Verify) > 0 && !r.Verified {
		if err := a.check(r, d); err != nil {
			return err
		}
		verified = true
	}
	delete(a.open, id)
	a.answers = append(a.answers, Answered{id, screen.Decision{Allow: d.Allow, Account: d.Account, Binding: d.Binding, Way: d.Way}, verified})
	return nil
}

func (a *Approvals) check(r screen.ApprovalRequest, d screen.Decision) error {
	switch {
	case a.tries >= approvalTries || !slices.Contains(r.Verify, d.Way):
		return ErrBlocked
	case fits(d):
		a.tries = 0
		return nil
	}
	a.tries++
	return fmt.Errorf("%w: %d tries left", ErrWrong, approvalTries-a.tries)
}

// Opened implements screen.Approvals: who waited for nothing but an open vault has it.
func (a *Approvals) Opened(v screen.Vault) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.vaults = append(a.vaults, v)
	for id, r := range a.open {
		if v != nil && r.Action == screen.ApproveUnlock {
			delete(a.open, id)
			a.out <- screen.ApprovalRequest{ID: id, Action: r.Action, Over: "the vault is open", Done: true}
		}
	}
}

// Retell asks an open question in other words.
func (a *Approvals) Retell(id uint64, change func(*screen.ApprovalRequest)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if r, waits := a.open[id]; waits {
		change(&r)
		a.open[id] = r
		a.out <- r
	}
}

// Vaults are what Opened was told, in order.
func (a *Approvals) Vaults() []screen.Vault {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.vaults)
}

// Answers are the decisions that were taken, in order.
func (a *Approvals) Answers() []Answered {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.answers)
}

// Waiting is how many questions wait.
func (a *Approvals) Waiting() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.open)
}
