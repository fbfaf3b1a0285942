package uhidhelper

import (
	"errors"
	"sync"
	"time"
)

// Limits of what users may have at a time. A vault needs one key; two vaults and a test need three.
const (
	keysPerUser        = 4
	keysInAll          = 32
	connectionsPerUser = 8 // those that were not answered yet included
	connectionsInAll   = 96
)

// cooldown is how long a place stays taken after its key left: plugging in and out without end would keep udev and the kernel's log busy.
const cooldown = 250 * time.Millisecond

var errTooMany = errors.New("this user has as many security keys as one may have")

// ledger counts.
type ledger struct {
	mu             sync.Mutex
	perUser, inAll int // limits
	users          map[int]int
	all            int
	after          func(time.Duration, func()) // time.AfterFunc
	wait           time.Duration
}

func newLedger(perUser, inAll int, wait time.Duration) *ledger {
	return &ledger{perUser: perUser, inAll: inAll, users: map[int]int{}, wait: wait, after: func(d time.Duration, f func()) { time.AfterFunc(d, f) }}
}

// take takes a place of a user; the function gives it back, once.
func (l *ledger) take(uid int) (func(), error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.users[uid] >= l.perUser || l.all >= l.inAll {
		return nil, errTooMany
	}
	l.users[uid]++
	l.all++
	return sync.OnceFunc(func() {
		if l.wait == 0 {
			l.give(uid)
			return
		}
		l.after(l.wait, func() { l.give(uid) })
	}), nil
}

func (l *ledger) give(uid int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all--
	if l.users[uid]--; l.users[uid] == 0 {
		delete(l.users, uid)
	}
}

func (l *ledger) empty() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all == 0
}
