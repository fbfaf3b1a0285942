package passkeystest

import (
	"context"
	"sync"

	"signet/passkeys"
)

// Person answers what an authenticator asks: yes, unless the fields say otherwise.
type Person struct {
	mu       sync.Mutex
	Asked    []passkeys.Ask // what was asked, in order
	Refuses  bool
	Unable   bool  // cannot be verified, although asked
	Blind    bool  // cannot choose among accounts, as a script that says yes to everything
	Err      error // returned instead of an answer
	Choose   int
	Binding  passkeys.Binding
	Absent   bool                         // answers when the context ends
	Deciding func(ask passkeys.Ask) error // called first, when there is one
}

var _ passkeys.Approver = (*Person)(nil)

// Change changes the person while an authenticator may be asking.
func (p *Person) Change(change func(p *Person)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change(p)
}

// Count is how often the person was asked.
func (p *Person) Count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.Asked)
}

// Approve implements Approver.
func (p *Person) Approve(ctx context.Context, ask passkeys.Ask) (passkeys.Answer, error) {
	p.mu.Lock()
	p.Asked = append(p.Asked, ask)
	deciding, absent := p.Deciding, p.Absent
	p.mu.Unlock()
	if deciding != nil {
		if err := deciding(ask); err != nil {
			return passkeys.Answer{}, err
		}
	}
	if absent {
		<-ctx.Done()
		return passkeys.Answer{}, ctx.Err()
	}
	return p.answer(ask)
}

func (p *Person) answer(ask passkeys.Ask) (passkeys.Answer, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	answer := passkeys.Answer{Allowed: !p.Refuses, Verified: ask.Verify && !p.Unable && !p.Refuses, Chosen: p.Choose, Binding: p.Binding}
	if p.Blind {
		answer.Chosen = passkeys.Undecided
	}
	return answer, p.Err
}

// Last is the latest question.
func (p *Person) Last() passkeys.Ask {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.Asked) == 0 {
		return passkeys.Ask{}
	}
	return p.Asked[len(p.Asked)-1]
}

// Times is how often it was asked.
func (p *Person) Times() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.Asked)
}
