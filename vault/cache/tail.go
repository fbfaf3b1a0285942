package cache

import (
	"bytes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"maps"
	"slices"

	"golang.org/x/crypto/chacha20poly1305"

	"signet/vault/seal"
)

// cache.tail: frames, each u32 length (big-endian, of what follows) | nonce (24) | XChaCha20-Poly1305 of the frame under the key of
// purpose tail. The associated data is the base's id and the frame's number, so that a frame of another base, of another
// place or of another key does not open.
const (
	frameHead = 4
	frameMin  = chacha20poly1305.NonceSizeX + chacha20poly1305.Overhead
	maxFrame  = 1 << 29
)

// tail is what changed since the base, the newest state per document.
type tail struct {
	aead   cipher.AEAD
	baseID [16]byte
	stamp  Stamp
	live   int
	docs   map[string]*tailDoc
	ids    []string // keys of docs, sorted; nil when not known
	notes  [][]byte
	plain  [][]byte // what the parts are pieces of
	frames uint64
	stamps []Stamp // after each frame
	size   int64   // bytes of whole frames
	torn   bool
}

func openTail(b []byte, k Keys, r *root) (*tail, error) {
	key := seal.Key(k.Local, seal.PurposeTail)
	defer key.Wipe()
	aead, err := chacha20poly1305.NewX(key.Reveal())
	if err != nil {
		return nil, stale("no key for the tail")
	}
	t := &tail{aead: aead, baseID: r.baseID, stamp: r.stamp, live: int(r.docs), docs: map[string]*tailDoc{}}
	return t, t.extend(b)
}

// extend takes over the whole frames of b.
func (t *tail) extend(b []byte) error {
	arena := make([]byte, 0, len(b)) // never grows: plaintext is shorter
	t.plain = append(t.plain, arena[:cap(arena)])
	t.torn = false
	for len(b) > 0 {
		if len(b) < frameHead || int64(binary.BigEndian.Uint32(b)) > int64(len(b)-frameHead) {
			t.torn = true
			break
		}
		sealed := b[frameHead : frameHead+int(binary.BigEndian.Uint32(b))]
		b = b[frameHead+len(sealed):]
		plain, err := t.open(arena[len(arena):], sealed)
		if err != nil {
			return err
		}
		if err := t.apply(plain, sealed); err != nil {
			return err
		}
		arena = arena[:len(arena)+len(plain)]
	}
	return nil
}

// TailSize returns how many bytes of the tail count: where the next frame goes. When the file is longer (and not Torn), another
// process wrote: Extend first.
func (c *Cache) TailSize() int64 { return c.tail.size }

// Extend takes frames that another process appended: the tail's bytes from TailSize on. A torn last one is ignored, a bad one is
// ErrStale, as when the tail belongs to another base by now: then open both files again.
func (c *Cache) Extend(more []byte) error { return wrap("extend cache", c.tail.extend(more)) }

func (t *tail) open(dst, sealed []byte) ([]byte, error) {
	if len(sealed) < frameMin {
		return nil, stale("frame %d of the tail is too short", t.frames)
	}
	nonce, text := sealed[:chacha20poly1305.NonceSizeX], sealed[chacha20poly1305.NonceSizeX:]
	out, err := t.aead.Open(dst, nonce, text, t.associated())
	if err != nil {
		return nil, stale("frame %d of the tail is damaged, or of another base or key", t.frames)
	}
	return out, nil
}

func (t *tail) associated() []byte {
	return binary.BigEndian.AppendUint64(append(make([]byte, 0, 24), t.baseID[:]...), t.frames)
}

// apply takes over a frame whose plaintext nobody changes any more.
func (t *tail) apply(plain, sealed []byte) error {
	f, err := parseFrame(plain)
	if err != nil {
		return err
	}
	for _, id := range f.gone {
		t.docs[id] = &tailDoc{gone: true, frame: t.frames}
	}
	for i := range f.docs {
		f.docs[i].frame = t.frames
		t.docs[f.docs[i].id] = &f.docs[i].tailDoc
	}
	t.ids = nil
	t.notes = append(t.notes, f.note)
	t.stamp, t.live = f.stamp, f.live
	t.stamps = append(t.stamps, f.stamp)
	t.frames++
	t.size += int64(frameHead + len(sealed))
	return nil
}

// Frame returns the bytes to append to the tail for these changes: docs that changed or are new, ids that are gone, a note
// that moves the context on, and the stamp after it. The cache itself sees the change at once. off is where it must be written;
// the file is cut there first (Torn). A document that is both gone and changed is changed. When writing fails, the cache is ahead of
// its file and must be opened again.
func (c *Cache) Frame(stamp Stamp, changed []Doc, gone []string, note []byte) (frame []byte, off int64, err error) {
	live, err := c.liveAfter(changed, gone)
	if err != nil {
		return nil, 0, fmt.Errorf("write cache frame: %w", err)
	}
	plain, err := appendFrame(nil, stamp, live, changed, gone, note)
	if err != nil {
		return nil, 0, fmt.Errorf("write cache frame: %w", err)
	}
	off = c.tail.size
	frame, err = c.tail.seal(plain)
	if err == nil {
		err = c.tail.apply(plain, frame[frameHead:])
	}
	if err != nil {
		return nil, 0, fmt.Errorf("write cache frame: %w", err)
	}
	c.tail.plain = append(c.tail.plain, plain)
	c.tail.torn = false
	return frame, off, nil
}

func (t *tail) seal(plain []byte) ([]byte, error) {
	n := chacha20poly1305.NonceSizeX + len(plain) + t.aead.Overhead()
	if n > maxFrame {
		return nil, fmt.Errorf("too much for one frame")
	}
	out := make([]byte, frameHead+chacha20poly1305.NonceSizeX, frameHead+n)
	binary.BigEndian.PutUint32(out, uint32(n))
	if _, err := rand.Read(out[frameHead:]); err != nil {
		return nil, err
	}
	return t.aead.Seal(out, out[frameHead:], plain, t.associated()), nil
}

// liveAfter counts the documents that there are after a change.
func (c *Cache) liveAfter(changed []Doc, gone []string) (int, error) {
	after := make(map[string]bool, len(changed)+len(gone))
	for _, id := range gone {
		after[id] = false
	}
	for i := range changed {
		after[changed[i].ID] = true
	}
	live := c.tail.live
	for _, id := range slices.Sorted(maps.Keys(after)) {
		if err := checkID(id); err != nil {
			return 0, err
		}
		was, err := c.has(id)
		if err != nil {
			return 0, err
		}
		if was {
			live--
		}
		if after[id] {
			live++
		}
	}
	return live, nil
}

func (c *Cache) has(id string) (bool, error) {
	if d, ok := c.tail.docs[id]; ok {
		return !d.gone, nil
	}
	_, ok, err := c.base.find(id)
	return ok, err
}

// shadows reports whether the tail, not the base, speaks for that id.
func (t *tail) shadows(id string) bool {
	_, ok := t.docs[id]
	return ok
}

// sorted returns all ids that the tail speaks for.
func (t *tail) sorted() []string {
	if t.ids == nil {
		// Never nil, even when there is none: goroutines that share a search call this and must find it done.
		t.ids = slices.AppendSeq(make([]string, 0, len(t.docs)), maps.Keys(t.docs))
		slices.Sort(t.ids)
	}
	return t.ids
}

// collect returns the first max ids, in order, of live documents that f accepts.
func (t *tail) collect(max int, f func(id string, d *tailDoc) bool) []string {
	var ids []string
	for id, d := range t.docs {
		if !d.gone && f(id, d) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids[:min(len(ids), max)]
}

// matches reports whether every word begins one of the tokens.
func (d *tailDoc) matches(words []string) bool {
	for _, w := range words {
		if !d.hasToken(w) {
			return false
		}
	}
	return true
}

func (d *tailDoc) hasToken(prefix string) bool {
	for r := (reader{b: d.tokens}); len(r.b) > 0; {
		if bytes.HasPrefix(r.part(), []byte(prefix)) && !r.bad {
			return true
		}
	}
	return false
}

// doc copies a document out, without tokens and text; the zero Doc when it is gone.
func (d *tailDoc) doc(id string) Doc {
	if d.gone {
		return Doc{}
	}
	return Doc{ID: id, Title: string(d.title), Row: slices.Clone(d.row), Raw: slices.Clone(d.raw)}
}

func (t *tail) wipe() {
	for _, p := range t.plain {
		clear(p)
	}
	t.docs, t.ids, t.notes, t.plain = map[string]*tailDoc{}, nil, nil, nil
}
