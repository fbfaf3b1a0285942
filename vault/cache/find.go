package cache

import (
	"runtime"
	"slices"
	"strings"
	"sync"
)

// Find returns the first max ids, in order, of documents whose search text contains every word. It is for queries that Match
// finds nothing for: it reads the whole search column, on all cores. Empty words say nothing; without any word nothing is found.
func (c *Cache) Find(words []string, max int) ([]string, error) {
	words = slices.DeleteFunc(slices.Clone(words), func(w string) bool { return w == "" })
	if len(words) == 0 || max <= 0 {
		return nil, nil
	}
	parts, err := c.base.columnParts(runtime.GOMAXPROCS(0))
	if err != nil {
		return nil, wrap("search cache", err)
	}
	found, errs := make([][]string, len(parts)), make([]error, len(parts))
	c.tail.sorted() // once, before others read it
	var wg sync.WaitGroup
	for i := range parts {
		wg.Go(func() { found[i], errs[i] = c.findIn(parts[i], words, max) })
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, wrap("search cache", err)
		}
	}
	more := c.tail.collect(max, func(_ string, d *tailDoc) bool { return containsAll(string(d.search), words) })
	return mergeIDs(slices.Concat(found...), more, max), nil
}

func containsAll(text string, words []string) bool {
	for _, w := range words {
		if !strings.Contains(text, w) {
			return false
		}
	}
	return true
}

// findIn searches one part of the column through one buffer.
func (c *Cache) findIn(part section, words []string, max int) ([]string, error) {
	var ids []string
	s := &columnScan{shadows: c.tail.sorted(), f: func(id, search string, _ []byte) bool {
		if containsAll(search, words) {
			ids = append(ids, strings.Clone(id))
		}
		return len(ids) < max
	}}
	buf := make([]byte, min(part.len, segmentSize))
	read := func(cut section) segment {
		return segment{data: buf[:cut.len], err: readFull(c.base.pages.r, buf[:cut.len], cut.off)}
	}
	return ids, s.end(serial(part.cuts(), read, s.segment))
}

// columnParts divides the column between two documents into about equal parts, at most n and none of less than a segment.
func (b *base) columnParts(n int) ([]section, error) {
	col := b.root.column
	n = max(1, min(n, int(col.len/segmentSize), int(b.root.docs)))
	var parts []section
	from := int64(0)
	for i := 1; i <= n; i++ {
		to := col.len
		if i < n {
			at, err := b.row(b.root.docs * int64(i) / int64(n))
			if err != nil {
				return nil, err
			}
			to = at.column
		}
		if to < from || to > col.len {
			return nil, stale("malformed row table")
		}
		parts = append(parts, section{col.off + from, to - from})
		from = to
	}
	return parts, nil
}
