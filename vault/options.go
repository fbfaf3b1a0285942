package vault

import (
	"crypto/rand"
	"io"
	"time"

	"signet/vault/unlock"
)

// Options are what a vault takes from its surroundings. The zero value is right outside tests.
type Options struct {
	Now      func() time.Time
	Rand     io.Reader
	LockWait time.Duration // how long a writer waits for another process, 10 s
	ReadWait time.Duration // how long a reader waits before it folds in memory, 50 ms
	Poll     time.Duration // how often Watch looks, 500 ms
	Notice   func(Notice)  // told what was found or repaired on the way; may be nil

	Keyring unlock.Keyring // the operating system's, with its time-outs
	Order   []string       // ways in by name or kind, in the order to try them; the rest follows in the built-in order
	// SyncedFolder names the service that synchronises a directory: a vault never lives in such a folder, and
	// doctor warns (decisions.md, names of things on a machine). nil: not looked at.
	SyncedFolder func(dir string) (string, bool)
}

// Notice is something that the user should know, found while doing something else.
type Notice struct {
	Code string // one word for machines: adopted, fork, rollback, hidden, repaired, cache
	Text string // for people: no secrets, no names of entries
}

func (o Options) filled() Options {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Rand == nil {
		o.Rand = rand.Reader
	}
	if o.LockWait == 0 {
		o.LockWait = 10 * time.Second
	}
	if o.ReadWait == 0 {
		o.ReadWait = 50 * time.Millisecond
	}
	if o.Poll == 0 {
		o.Poll = 500 * time.Millisecond
	}
	if o.Notice == nil {
		o.Notice = func(Notice) {}
	}
	return o
}
