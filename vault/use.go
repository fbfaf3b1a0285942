package vault

import (
	"encoding/json"
	"errors"
	"sync"
	"time"

	"signet/vault/format"
)

// Use is how often and when this device used an entry.
type Use struct {
	Count int   `json:"n"`
	Last  int64 `json:"t"` // ms since 1970
}

const (
	useBlob        = "use"
	passkeyUseBlob = "use-passkeys" // by entry id / credential id
	useEvery       = time.Minute
	maxUse         = 12000 // things that use counts are kept of, the most recent ones: as many as fit into a blob
)

// counts are the use counts of one kind of thing. They are gathered in memory and written at most once a minute, and at Close.
type counts struct {
	blob string

	mu      sync.Mutex
	use     map[string]Use // as last read or written, with what was added since
	added   map[string]Use // since then
	written time.Time
}

// Used notes that an entry was used. It costs nothing: the count is written with the next ones.
func (l *Local) Used(id ID) error { return l.entries.add(l, string(id), l.v.o.Now()) }

// UsedPasskey notes that a passkey was used.
func (l *Local) UsedPasskey(id ID, cred string, at time.Time) error {
	return l.passkeys.add(l, passkeyUse(id, cred), at)
}

// PasskeyUsed says when this device used a passkey last; the zero time when it never did, or does not know.
func (l *Local) PasskeyUsed(id ID, cred string) time.Time {
	u, err := l.passkeys.one(l, passkeyUse(id, cred))
	if err != nil || u.Last == 0 {
		return time.Time{}
	}
	return time.UnixMilli(u.Last)
}

func passkeyUse(id ID, cred string) string { return string(id) + "/" + cred }

// Usage returns the use counts of this device.
func (l *Local) Usage() (map[ID]Use, error) {
	c := &l.entries
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.load(l); err != nil {
		return nil, err
	}
	out := make(map[ID]Use, len(c.use))
	for id, u := range c.use {
		out[ID(id)] = u
	}
	return out, nil
}

func (l *Local) flush() error { return errors.Join(l.entries.close(l), l.passkeys.close(l)) }

func (c *counts) add(l *Local, id string, at time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.load(l); err != nil {
		return err
	}
	c.use[id] = c.use[id].plus(Use{1, at.UnixMilli()})
	c.added[id] = c.added[id].plus(Use{1, at.UnixMilli()})
	if l.v.o.Now().Sub(c.written) < useEvery {
		return nil
	}
	return c.flush(l)
}

func (c *counts) one(l *Local, id string) (Use, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	err := c.load(l)
	return c.use[id], err
}

func (u Use) plus(o Use) Use { return Use{u.Count + o.Count, max(u.Last, o.Last)} }

// load reads the counts once. Counts that cannot be read are started anew: they are a convenience.
func (c *counts) load(l *Local) error {
	if c.use != nil {
		return nil
	}
	var err error
	c.use, err = c.read(l)
	c.added, c.written = map[string]Use{}, l.v.o.Now()
	return err
}

func (c *counts) read(l *Local) (map[string]Use, error) {
	raw, err := l.Get(c.blob)
	if err != nil && !errors.Is(err, ErrCorrupt) {
		return nil, err
	}
	var use map[string]Use
	if json.Unmarshal(raw, &use) != nil || use == nil {
		use = map[string]Use{}
	}
	return use, nil
}

func (c *counts) close(l *Local) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.added) == 0 || l.v.readOnly {
		return nil
	}
	err := c.flush(l)
	if errors.Is(err, ErrLocked) {
		return nil
	}
	return err
}

// flush adds what was counted here to what other processes counted meanwhile, and writes it.
func (c *counts) flush(l *Local) error {
	use, err := c.read(l)
	if err != nil {
		return err
	}
	for id, u := range c.added {
		use[id] = use[id].plus(u)
	}
	c.use = use
	for len(c.use) > maxUse {
		delete(c.use, c.oldest())
	}
	raw, err := json.Marshal(c.use)
	if err != nil {
		return err
	}
	if err := l.Put(c.blob, raw); err != nil {
		return err
	}
	c.added, c.written = map[string]Use{}, l.v.o.Now()
	return nil
}

func (c *counts) oldest() (id string) {
	last := int64(format.MaxInt)
	for i, u := range c.use {
		if u.Last < last {
			id, last = i, u.Last
		}
	}
	return id
}
