package cache

import (
	"encoding/base64"
	"encoding/binary"
)

// A mark names a state of the cache: the base's id, how many frames of the tail there were, and the stamp of the last. The stamp is there
// because a tail that could not be written may be replaced by another one of the same base.
const markLen = 16 + 8 + len(Stamp{})

// Mark names what the cache says now, for Since.
func (c *Cache) Mark() string {
	b := make([]byte, 0, markLen)
	b = append(b, c.tail.baseID[:]...)
	b = binary.BigEndian.AppendUint64(b, c.tail.frames)
	return base64.RawURLEncoding.EncodeToString(append(b, c.tail.stamp[:]...))
}

// Since calls f for every document that changed after the mark was taken: its row, which is empty when only history is left of it, or nothing
// but the id when it is gone. Some may be named that did not change. False when the mark is of another base: then everything may have changed.
func (c *Cache) Since(mark string, f func(id string, gone bool, row []byte)) bool {
	b, err := base64.RawURLEncoding.DecodeString(mark)
	if err != nil || len(b) != markLen || [16]byte(b[:16]) != c.tail.baseID {
		return false
	}
	n := binary.BigEndian.Uint64(b[16:])
	if n > c.tail.frames || c.tail.stampAt(n, c.base.root.stamp) != Stamp(b[24:]) {
		return false
	}
	for id, d := range c.tail.docs {
		if d.frame >= n {
			f(id, d.gone, d.row[:len(d.row):len(d.row)])
		}
	}
	return true
}

// stampAt is the stamp after n frames; first is that of the base.
func (t *tail) stampAt(n uint64, first Stamp) Stamp {
	if n == 0 {
		return first
	}
	return t.stamps[n-1]
}
