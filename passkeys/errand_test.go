package passkeys_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"signet/passkeys"
)

// onScreen counts the questions that are on a person's screen, and all that ever were.
type onScreen struct{ now, ever atomic.Int32 }

func (s *onScreen) Approve(ctx context.Context, _ passkeys.Ask) (passkeys.Answer, error) {
	s.ever.Add(1)
	s.now.Add(1)
	defer s.now.Add(-1)
	<-ctx.Done()
	return passkeys.Answer{}, ctx.Err()
}

// The question of a U2F host stays up while the host asks, goes when it has given up, and is logged as one that nobody answered.
func TestU2FQuestionGoesWithItsHost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, screen := old(t), &onScreen{}
		h.opt.Approver = screen
		var mu sync.Mutex
		var logged []passkeys.Event
		h.opt.Log = func(_ context.Context, e passkeys.Event) {
			mu.Lock()
			defer mu.Unlock()
			logged = append(logged, e)
		}
		h.replug()
		events := func() []passkeys.Event {
			mu.Lock()
			defer mu.Unlock()
			return logged
		}
		request := extended(1, 3, challenge, siteOf("a.example"))
		for range 20 { // a slow host
			h.word("not yet", u2fWait, request)
			time.Sleep(time.Second)
		}
		if synctest.Wait(); screen.now.Load() != 1 || screen.ever.Load() != 1 || len(events()) != 0 {
			t.Errorf("%d on the screen of %d, %d events", screen.now.Load(), screen.ever.Load(), len(events()))
		}
		time.Sleep(3 * time.Second)
		if synctest.Wait(); screen.now.Load() != 0 {
			t.Error("the question stays without its host")
		}
		if got := events(); len(got) != 1 || got[0].Status != passkeys.StatusUserActionTimeout || got[0].Command != "U2F register" || !got[0].Asked {
			t.Errorf("%+v", got)
		}
		h.word("asked anew", u2fWait, request)
		if screen.ever.Load() != 2 {
			t.Error("a host that comes back is not asked about")
		}
		h.a.Forget()
		if synctest.Wait(); screen.now.Load() != 0 {
			t.Error("the question stays although the vault is locked")
		}
	})
}

// A yes that nobody fetches is worth nothing later.
func TestU2FApprovalEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := old(t)
		answer := make(chan bool)
		h.person.Deciding = func(passkeys.Ask) error { <-answer; return nil }
		request := extended(1, 3, challenge, siteOf("a.example"))
		h.word("not yet", u2fWait, request)
		answer <- true
		time.Sleep(4 * time.Second)
		h.word("too late", u2fWait, request)
		answer <- true
		h.word("in time", u2fOK, request)
		if len(h.person.Asked) != 2 {
			t.Errorf("asked %d times", len(h.person.Asked))
		}
	})
}
