package ctaphid

import (
	"encoding/binary"
	"io"
	"time"
)

// maxChannels bounds how many hosts are remembered. A host that allocates more takes the place of the one that was silent longest, so that a program that
// opens channels in a loop locks nobody out for longer than it keeps doing so.
const maxChannels = 256

// channels remembers which channels were handed out.
type channels struct {
	rand io.Reader
	used map[Channel]uint64 // when it was last used, as a count
	now  uint64
}

func newChannels(rand io.Reader) *channels { return &channels{rand: rand, used: map[Channel]uint64{}} }

// known reports whether a channel was handed out, and notes that it was used.
func (c *channels) known(ch Channel) bool {
	if _, ok := c.used[ch]; !ok {
		return false
	}
	c.touch(ch)
	return true
}

func (c *channels) touch(ch Channel) {
	c.now++
	c.used[ch] = c.now
}

// open hands a new channel out. Its number is random, so that no program guesses another one's.
func (c *channels) open(busy Channel) (Channel, error) {
	for {
		var b [4]byte
		if _, err := io.ReadFull(c.rand, b[:]); err != nil {
			return none, err
		}
		ch := Channel(binary.BigEndian.Uint32(b[:]))
		if _, taken := c.used[ch]; taken || ch == none || ch == Broadcast {
			continue
		}
		if len(c.used) >= maxChannels {
			c.forget(busy)
		}
		c.touch(ch)
		return ch, nil
	}
}

// forget drops the channel that was silent longest; not the one whose request is at work.
func (c *channels) forget(busy Channel) {
	oldest, when := none, uint64(0)
	for ch, at := range c.used {
		if ch != busy && (oldest == none || at < when) {
			oldest, when = ch, at
		}
	}
	delete(c.used, oldest)
}

// lock keeps the authenticator for one channel (section 11.2.9.2.2).
type lock struct {
	ch    Channel
	until time.Time
}

// maxLock is how many seconds a host may ask for.
const maxLock = 10

func (l *lock) keepsOut(ch Channel, now time.Time) bool {
	return l.ch != none && l.ch != ch && now.Before(l.until)
}
