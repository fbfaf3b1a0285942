package cache

import (
	"io"
	"iter"
)

// BuildTiny is Build with indexes so sparse and fences so few that a handful of documents goes through every path of them.
func BuildTiny(w io.Writer, k Keys, stamp Stamp, docs iter.Seq2[Doc, error], context func() ([]byte, error)) error {
	b := &builder{shape: tiny}
	return b.build(w, k, stamp, context, b.fromDocs(docs))
}

var tiny = shape{tokenBlock: 16, rowStride: 2, titleStride: 2, maxRowFences: 5, maxTitleFences: 5, maxTokenFences: 80}

// CheckRoot and CheckFrame parse a stranger's bytes.
func CheckRoot(b []byte, end int64) error {
	_, err := parseRoot(b, end)
	return err
}

// CheckFrame parses a frame's plaintext.
func CheckFrame(b []byte) error {
	_, err := parseFrame(b)
	return err
}

// What the tests need to know of the layout.
const (
	ChunkSize   = chunkSize
	SegmentSize = segmentSize
	MaxToken    = maxToken
)

// HoldsPlaintext reports whether a page still has content.
func (c *Cache) HoldsPlaintext() bool {
	for _, k := range c.base.pages.kept {
		if k.data != nil {
			return true
		}
	}
	return false
}

// TailUnder is the same cache, but what it appends is sealed with another key.
func (c *Cache) TailUnder(k Keys) *Cache {
	t, err := openTail(nil, k, &c.base.root)
	if err != nil {
		panic(err)
	}
	return &Cache{base: c.base, tail: t}
}
