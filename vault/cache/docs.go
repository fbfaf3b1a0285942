package cache

import (
	"fmt"
	"iter"
	"slices"
)

// Docs yields every live document sorted by id, without Tokens and Search: for rebuilds and exports. It ends with the first
// error.
func (c *Cache) Docs() iter.Seq2[Doc, error] { return c.DocsFrom("") }

// DocsFrom is Docs without the documents whose ids are below id, at the cost of finding the first: so a walk can be left and taken
// up again.
func (c *Cache) DocsFrom(id string) iter.Seq2[Doc, error] {
	return func(yield func(Doc, error) bool) {
		for s, err := range c.from(id) {
			if err != nil {
				yield(Doc{}, fmt.Errorf("read cache: %w", err))
				return
			}
			s.doc.Search = ""
			if !yield(s.doc, nil) {
				return
			}
		}
	}
}

// step is a document on the way through base and tail: from the base's row, or from the tail.
type step struct {
	doc  Doc
	row  int64
	tail *tailDoc // nil: from the base
}

// all walks base and tail side by side, both sorted by id.
func (c *Cache) all() iter.Seq2[step, error] { return c.from("") }

// from walks them from an id on.
func (c *Cache) from(id string) iter.Seq2[step, error] {
	return func(yield func(step, error) bool) {
		first, err := c.base.lowerBound(id)
		if err != nil {
			yield(step{}, err)
			return
		}
		ids := c.tail.sorted()
		at, _ := slices.BinarySearch(ids, id)
		ids = ids[at:]
		for i := first; i < c.base.root.docs; i++ {
			d, err := c.base.doc(i)
			if err != nil {
				yield(step{}, err)
				return
			}
			for len(ids) > 0 && ids[0] < d.ID {
				if !c.tail.yield(ids[0], yield) {
					return
				}
				ids = ids[1:]
			}
			if len(ids) > 0 && ids[0] == d.ID {
				continue
			}
			if !yield(step{doc: d, row: i}, nil) {
				return
			}
		}
		for _, id := range ids {
			if !c.tail.yield(id, yield) {
				return
			}
		}
	}
}

// yield hands a document of the tail on, unless it is gone.
func (t *tail) yield(id string, yield func(step, error) bool) bool {
	d := t.docs[id]
	if d == nil || d.gone {
		return true
	}
	out := d.doc(id)
	out.Search = string(d.search)
	return yield(step{doc: out, tail: d}, nil)
}
