package screen

import (
	"context"
	"slices"
	"sync/atomic"

	"signet/vault/entry"
)

// found is a complete result: numbers of items, best first.
type found struct {
	x     *index // whose numbers they are
	query query
	by    order
	hits  []int32
	// cands are the items that hold every word's letters, in the order of the list: a longer query has to look at no others.
	cands   []int32
	loose   bool   // nothing matched but scattered letters
	problem string // a filter's value names nothing: said instead of "nothing matches"
	hint    string // what would be found without one of the filters
}

// findings are, for each value of is: that the audit answers, the entries.
type findings map[string]map[entry.ID]bool

// search finds the items of a query. old, when it is not nil and the query narrows its query, is looked at instead of all items. A
// cancelled search returns false.
func (x *index) search(ctx context.Context, q query, by order, audit findings, old *found) (found, bool) {
	f := found{x: x, query: q, by: by}
	if q.empty() && q.bad == "" {
		f.hits = x.sorted(by)
		return f, ctx.Err() == nil
	}
	tests, problem := x.compile(q, audit)
	from := x.sorted(by)
	if old != nil && old.x == x && old.by == by && old.problem == "" && q.narrows(old.query) {
		from, tests = old.cands, nil // they passed the same filters
	}
	if f.problem = problem; problem != "" {
		return f, ctx.Err() == nil
	}
	keys, loose, ok := x.keys(ctx, &q, tests, from)
	if !ok {
		return f, false
	}
	f.collect(from, keys, loose)
	if len(f.hits) == 0 && len(q.filters) > 0 {
		f.hint = x.without(ctx, q, by, audit)
	}
	return f, ctx.Err() == nil
}

// keys ranks every item of from. loose says of each whether some word is there only as scattered letters.
func (x *index) keys(ctx context.Context, q *query, tests []test, from []int32) (keys []uint16, loose []bool, ok bool) {
	fuzzyReady()
	keys, loose = make([]uint16, len(from)), make([]bool, len(from))
	whole := []byte(q.whole())
	var stopped atomic.Bool
	spread(len(from), func(lo, hi int) {
		s, _ := scratches.Get().(*scratch)
		defer scratches.Put(s)
		for i := lo; i < hi; i++ {
			if i%1024 == 0 && ctx.Err() != nil {
				stopped.Store(true)
				return
			}
			it := &x.items[from[i]]
			key, far := it.rank(q, whole, s)
			if key < keyNone && !passes(tests, it) {
				key = keyNone
			}
			keys[i], loose[i] = uint16(key), far
		}
	})
	return keys, loose, !stopped.Load()
}

// collect sorts by counting the keys, so that the list's order stays inside each. Scattered letters count only when there is nothing else.
func (f *found) collect(from []int32, keys []uint16, loose []bool) {
	tight, all := 0, 0
	for i, k := range keys {
		if k < keyNone {
			all++
			if !loose[i] {
				tight++
			}
		}
	}
	f.cands = make([]int32, 0, all)
	f.loose = tight == 0 && all > 0
	var start [keyNone + 2]int32
	counts := func(i int) bool { return keys[i] < keyNone && loose[i] == f.loose }
	for i, k := range keys {
		if k < keyNone {
			f.cands = append(f.cands, from[i])
		}
		if counts(i) {
			start[k+1]++
		}
	}
	for i := 1; i < len(start); i++ {
		start[i] += start[i-1]
	}
	f.hits = make([]int32, start[keyNone])
	for i, k := range keys {
		if counts(i) {
			f.hits[start[k]] = from[i]
			start[k]++
		}
	}
}

// without says which filter excludes everything: what would be found without it.
func (x *index) without(ctx context.Context, q query, by order, audit findings) string {
	for i, f := range slices.Backward(q.filters) { // the one typed last first
		less := q
		less.filters = slices.Delete(slices.Clone(q.filters), i, i+1)
		if less.empty() && len(q.filters) == 1 {
			continue // without it the line is empty: that says nothing
		}
		tests, _ := x.compile(less, audit)
		keys, loose, ok := x.keys(ctx, &less, tests, x.sorted(by))
		if !ok {
			return ""
		}
		var got found
		if got.collect(x.sorted(by), keys, loose); len(got.hits) > 0 {
			return plural(len(got.hits), "entry matches", "entries match") + " without " + f.String()
		}
	}
	return ""
}

// at is the item of a hit.
func (x *index) at(hit int32) *item { return &x.items[hit] }
