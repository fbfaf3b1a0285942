package cache

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"signet/vault/seal"
	"signet/vault/secret"
)

// ErrStale means that cache or tail cannot be used (absent, damaged, of another layout, another key's): rebuild.
var ErrStale = errors.New("cache cannot be used")

// stale says why; callers branch on ErrStale alone.
func stale(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrStale, fmt.Sprintf(format, args...))
}

// Stamp is the HMAC of the heads slot that the content is fresh for.
type Stamp [32]byte

// Doc is one record as the cache keeps it. Raw and Row are opaque here.
type Doc struct {
	ID     string   // 26 characters
	Title  string   // folded; "" is not found by title
	Tokens []string // folded words, for Match; of a longer one the first 128 bytes count
	Search string   // folded text of the search column, for Scan
	Row    []byte   // what a list shows, compact
	Raw    []byte   // the record with its dots
}

// Keys are the device's derived keys for the two files.
type Keys struct{ Local secret.Secret } // the 32-byte local secret; the package derives purposes cache and tail through vault/seal

// ReaderAt is the cache file.
type ReaderAt interface {
	io.ReaderAt
	Size() int64
}

// Limits of what is written and believed.
const (
	maxDocs    = 1 << 24   // documents in one file
	maxPart    = 1 << 30   // bytes of one record, column entry, token block or context
	maxToken   = 128       // bytes of one token; longer ones are cut, in documents and in queries alike
	mergeAbove = 512 << 10 // bytes of tail after which a merge pays (vault.md 5.14)
)

// Cache is an open cache with its tail. It is used by one goroutine at a time; Scan's function and the loops over Docs may read
// from it, but Frame must wait until they ended.
type Cache struct {
	base *base
	tail *tail
}

// base is the file: what the last Build wrote.
type base struct {
	pages *pages
	root  root
}

// Open opens a cache and reads its tail (nil for none). One chunk of the file is decrypted. ErrStale when it cannot be used; a
// torn last frame of the tail is ignored (Torn tells), a bad one is ErrStale.
func Open(file ReaderAt, tail []byte, k Keys) (*Cache, error) {
	b, err := openBase(file, k)
	if err != nil {
		return nil, fmt.Errorf("open cache: %w", err)
	}
	t, err := openTail(tail, k, &b.root)
	if err != nil {
		return nil, fmt.Errorf("open cache: %w", err)
	}
	return &Cache{base: b, tail: t}, nil
}

func openBase(file ReaderAt, k Keys) (*base, error) {
	local := seal.NewLocal(k.Local, seal.PurposeCache)
	defer local.Wipe()
	plain, size, err := seal.OpenAt(file, file.Size(), seal.StanzaLocal, local)
	if err != nil {
		return nil, stale("%v", err)
	}
	p := &pages{r: plain, size: size}
	rootOff := max(0, size-1) / chunkSize * chunkSize
	b, err := p.view(section{rootOff, size - rootOff}, 0, size-rootOff)
	if err != nil {
		return nil, err
	}
	r, err := parseRoot(slices.Clone(b), rootOff)
	if err != nil {
		return nil, err
	}
	return &base{pages: p, root: r}, nil
}

// Close overwrites the plaintext that the cache holds, as far as it can. The cache must not be used afterwards.
func (c *Cache) Close() {
	c.base.pages.wipe()
	c.tail.wipe()
}

// Stamp says what the content is fresh for: the last frame's stamp, or the root's.
func (c *Cache) Stamp() Stamp { return c.tail.stamp }

// Len returns the number of live documents.
func (c *Cache) Len() int { return c.tail.live }

// Torn reports that the tail ended in the middle of a frame, which was ignored. Whoever appends next cuts the file at
// Frame's off first.
func (c *Cache) Torn() bool { return c.tail.torn }

// WantsMerge reports that the tail has grown beyond 512 KiB: Merge or Build anew after the answer.
func (c *Cache) WantsMerge() bool { return c.tail.size > mergeAbove }

// Context returns the opaque context bytes of the base file and the notes of the tail's frames in order, one per frame.
func (c *Cache) Context() (base []byte, notes [][]byte, err error) {
	b, err := c.base.pages.view(c.base.root.context, 0, c.base.root.context.len)
	if err != nil {
		return nil, nil, fmt.Errorf("read cache context: %w", err)
	}
	for _, n := range c.tail.notes {
		notes = append(notes, slices.Clone(n))
	}
	return slices.Clone(b), notes, nil
}

// ByID returns a document's Raw and Row, and its Title.
func (c *Cache) ByID(id string) (Doc, bool, error) {
	if d, ok := c.tail.docs[id]; ok {
		return d.doc(id), !d.gone, nil
	}
	i, ok, err := c.base.find(id)
	if err != nil || !ok {
		return Doc{}, false, wrap("read cache", err)
	}
	d, err := c.base.doc(i)
	if err != nil {
		return Doc{}, false, wrap("read cache", err)
	}
	d.Search = ""
	return d, true, nil
}

// ByPrefix returns the first max ids that begin with prefix, in order.
func (c *Cache) ByPrefix(prefix string, max int) ([]string, error) {
	var ids []string
	i, err := c.base.lowerBound(prefix)
	for ; err == nil && i < c.base.root.docs && len(ids) < max; i++ {
		var id string
		if id, err = c.base.id(i); err != nil || !strings.HasPrefix(id, prefix) {
			break
		}
		if !c.tail.shadows(id) {
			ids = append(ids, id)
		}
	}
	if err != nil {
		return nil, wrap("search cache", err)
	}
	more := c.tail.collect(max, func(id string, _ *tailDoc) bool { return strings.HasPrefix(id, prefix) })
	return mergeIDs(ids, more, max), nil
}

// ByTitle returns the ids of documents with exactly that folded title, in order.
func (c *Cache) ByTitle(title string) ([]string, error) {
	if title == "" {
		return nil, nil
	}
	rows, err := c.base.titled(title)
	if err != nil {
		return nil, wrap("search cache", err)
	}
	ids, err := c.liveIDs(slices.Values(rows), len(rows))
	if err != nil {
		return nil, wrap("search cache", err)
	}
	more := c.tail.collect(len(c.tail.docs), func(_ string, d *tailDoc) bool { return string(d.title) == title })
	return mergeIDs(ids, more, len(ids)+len(more)), nil
}

// Match returns the first max ids, in order, of documents that have, for every word, a token that begins with it. Empty
// words say nothing; without any word nothing matches.
func (c *Cache) Match(words []string, max int) ([]string, error) {
	words = cleanWords(words)
	if len(words) == 0 || max <= 0 {
		return nil, nil
	}
	set, err := c.base.match(words)
	if err != nil {
		return nil, wrap("search cache", err)
	}
	ids, err := c.liveIDs(set.rows(), max)
	if err != nil {
		return nil, wrap("search cache", err)
	}
	more := c.tail.collect(max, func(_ string, d *tailDoc) bool { return d.matches(words) })
	return mergeIDs(ids, more, max), nil
}

// mergeIDs joins two sorted lists that share nothing, up to max.
func mergeIDs(a, b []string, max int) []string {
	if len(b) > 0 {
		a = append(a, b...)
		slices.Sort(a)
	}
	return a[:min(len(a), max)]
}

// wrap adds what was attempted, and keeps nil.
func wrap(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", what, err)
}
