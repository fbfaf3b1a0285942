package cache

import (
	"errors"
	"io"
	"iter"

	"signet/vault/secret"
)

// ErrStale means that cache or tail cannot be used (absent, damaged, of another layout, another key's): rebuild.
var ErrStale = errors.New("cache cannot be used")

// Stamp is the HMAC of the heads slot that the content is fresh for.
type Stamp [32]byte

// Doc is one record as the cache keeps it. Raw and Row are opaque here.
type Doc struct {
	ID     string   // 26 characters
	Title  string   // folded; "" is not found by title
	Tokens []string // folded words, for Match
	Search string   // folded text of the search column, for Scan
	Row    []byte   // what a list shows, compact
	Raw    []byte   // the record with its dots
}

// Keys are the device's derived keys for the two files.
type Keys struct{ Local secret.Secret } // the 32-byte local secret; the package derives purposes cache and tail through vault/seal

// Build streams a new cache file: docs sorted by ID, then the context as opaque bytes. It never holds more than the indexes.
func Build(w io.Writer, k Keys, stamp Stamp, docs iter.Seq2[Doc, error], context func() ([]byte, error)) error {
	panic("contract: cache.Build")
}

// ReaderAt is the cache file.
type ReaderAt interface {
	io.ReaderAt
	Size() int64
}

// Cache is an open cache with its tail.
type Cache struct{ keys Keys }

// Open opens a cache and reads its tail (nil for none). One chunk of the file is decrypted. ErrStale when it cannot be used; a
// torn last frame of the tail is ignored, a bad one is ErrStale.
func Open(file ReaderAt, tail []byte, k Keys) (*Cache, error) { panic("contract: cache.Open") }

// Stamp says what the content is fresh for: the last frame's stamp, or the root's.
func (c *Cache) Stamp() Stamp { panic("contract: cache.Stamp") }

// Len returns the number of live documents.
func (c *Cache) Len() int { panic("contract: cache.Len") }

// ByID returns a document's Raw and Row.
func (c *Cache) ByID(id string) (Doc, bool, error) { panic("contract: cache.ByID") }

// ByPrefix returns up to max ids that begin with prefix.
func (c *Cache) ByPrefix(prefix string, max int) ([]string, error) { panic("contract: cache.ByPrefix") }

// ByTitle returns the ids of documents with exactly that folded title.
func (c *Cache) ByTitle(title string) ([]string, error) { panic("contract: cache.ByTitle") }

// Match returns the ids of documents that have, for every word, a token that begins with it (up to max).
func (c *Cache) Match(words []string, max int) ([]string, error) { panic("contract: cache.Match") }

// Scan calls f for every live document in no fixed order with its search text and row, until f returns false. It decrypts the search column
// only; substring search and the TUI's list are built on it.
func (c *Cache) Scan(f func(id, search string, row []byte) bool) error { panic("contract: cache.Scan") }

// Docs yields every live document sorted by id, without Tokens and Search: for rebuilds and exports.
func (c *Cache) Docs() iter.Seq2[Doc, error] { panic("contract: cache.Docs") }

// Context returns the opaque context bytes of the base file and the notes of the tail's frames in order.
func (c *Cache) Context() (base []byte, notes [][]byte, err error) { panic("contract: cache.Context") }

// Frame returns the bytes to append to the tail for these changes: docs that changed or are new, ids that are gone, a note
// that moves the context on, and the stamp after it. The cache itself sees the change at once. off is where it must be written.
func (c *Cache) Frame(stamp Stamp, changed []Doc, gone []string, note []byte) (frame []byte, off int64, err error) {
	panic("contract: cache.Frame")
}

// WantsMerge reports that the tail has grown beyond 512 KiB: Build anew after the answer.
func (c *Cache) WantsMerge() bool { panic("contract: cache.WantsMerge") }
