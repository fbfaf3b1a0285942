package cache

import (
	"io"
	"iter"
	"slices"
)

// Merge writes a new file with what base and tail hold together, as fresh as this cache is, and with a new context. Tokens come
// from the old index: no record is parsed and no word is folded again.
func (c *Cache) Merge(w io.Writer, k Keys, context func() ([]byte, error)) error {
	b := &builder{shape: usual}
	return b.build(w, k, c.Stamp(), context, func() (*tokenSource, error) { return c.mergeInto(b) })
}

func (c *Cache) mergeInto(b *builder) (*tokenSource, error) {
	moved := make([]uint32, c.base.root.docs) // new row + 1 of a row in the base; 0: gone
	var late tokenIndex
	for s, err := range c.all() {
		if err != nil {
			return nil, err
		}
		if s.tail == nil {
			moved[s.row] = uint32(b.root.docs) + 1
		} else {
			late.add(uint32(b.root.docs), s.tail.tokenList())
		}
		if err := b.add(&s.doc); err != nil {
			return nil, err
		}
	}
	out := &tokenSource{}
	out.each = func(yield func(string, []uint32) bool) { out.err = c.base.mergeTokens(moved, late.sorted(), yield) }
	return out, nil
}

func (d *tailDoc) tokenList() []string {
	var out []string
	for r := (reader{b: d.tokens}); len(r.b) > 0; {
		out = append(out, string(r.part()))
	}
	return out
}

// mergeTokens yields the base's tokens with their rows moved, and the late ones, in order.
func (b *base) mergeTokens(moved []uint32, late iter.Seq2[string, []uint32], yield func(string, []uint32) bool) error {
	next, stop := iter.Pull2(late)
	defer stop()
	l, lateRows, more := next()
	wanted := true // until yield says otherwise
	lateBelow := func(token string, all bool) {
		for wanted && more && (all || l < token) {
			wanted = yield(l, lateRows)
			l, lateRows, more = next()
		}
	}
	var rows []uint32
	err := b.eachBlock(0, len(b.root.tokenFences), func(text []byte, p postings) (bool, error) {
		token := string(text)
		lateBelow(token, false)
		rows = rows[:0]
		err := p.each(b.root.docs, func(row int64) {
			if moved[row] != 0 {
				rows = append(rows, moved[row]-1)
			}
		})
		if more && l == token {
			rows = append(rows, lateRows...)
			slices.Sort(rows)
			l, lateRows, more = next()
		}
		if err == nil && wanted && len(rows) > 0 {
			wanted = yield(token, rows)
		}
		return wanted, err
	})
	if err == nil {
		lateBelow("", true)
	}
	return err
}
