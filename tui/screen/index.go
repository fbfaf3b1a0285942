package screen

import (
	"cmp"
	"context"
	"runtime"
	"slices"
	"strings"
	"sync"

	"signet/vault/entry"
)

// index holds the rows of a list in their listed order, with folded text for the search. It never changes once it is built, so
// searches run beside the program's loop, on all cores, while the last complete result is on the screen.
type index struct {
	rows    []entry.Row
	hay     []string // folded: title, user, hosts, RP IDs, tags, folder; one per line, the title first
	titles  []int    // length of the folded title in hay
	folders []string // folded path of folders
	used    []bool   // used on this device
	byID    map[entry.ID]int32
}

// newIndex sorts the rows (favourites first, then by title) and folds their text.
func newIndex(rows []entry.Row, folders map[entry.ID]string, usage map[entry.ID]Use) *index {
	x := &index{rows: rows, byID: make(map[entry.ID]int32, len(rows))}
	sortRows(rows)
	n := len(rows)
	x.hay, x.titles, x.folders, x.used = make([]string, n), make([]int, n), make([]string, n), make([]bool, n)
	spread(n, func(from, to int) {
		for i := from; i < to; i++ {
			x.fold(i, folders)
		}
	})
	for i, r := range rows {
		x.byID[r.ID] = int32(i)
		x.used[i] = usage[r.ID].Count > 0
	}
	return x
}

// sortRows sorts numbers instead of rows, because a row is large, and folds each title once.
func sortRows(rows []entry.Row) {
	titles, order := make([]string, len(rows)), make([]int32, len(rows))
	spread(len(rows), func(from, to int) {
		for i := from; i < to; i++ {
			titles[i], order[i] = entry.Fold(rows[i].Title), int32(i)
		}
	})
	slices.SortFunc(order, func(a, b int32) int {
		if rows[a].Favorite != rows[b].Favorite {
			if rows[a].Favorite {
				return -1
			}
			return 1
		}
		return cmp.Or(natural(titles[a], titles[b]), cmp.Compare(rows[a].ID, rows[b].ID))
	})
	sorted := make([]entry.Row, len(rows))
	for i, n := range order {
		sorted[i] = rows[n]
	}
	copy(rows, sorted)
}

// natural compares as people count: "site 9" before "site 10".
func natural(a, b string) int {
	for len(a) > 0 && len(b) > 0 {
		if digit(a[0]) && digit(b[0]) {
			m, n := digits(a), digits(b)
			x, y := strings.TrimLeft(a[:m], "0"), strings.TrimLeft(b[:n], "0")
			if c := cmp.Or(cmp.Compare(len(x), len(y)), strings.Compare(x, y), cmp.Compare(m, n)); c != 0 {
				return c
			}
			a, b = a[m:], b[n:]
			continue
		}
		if a[0] != b[0] {
			return cmp.Compare(a[0], b[0])
		}
		a, b = a[1:], b[1:]
	}
	return cmp.Compare(len(a), len(b))
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

func digits(s string) int {
	n := 0
	for n < len(s) && digit(s[n]) {
		n++
	}
	return n
}

func (x *index) fold(i int, folders map[entry.ID]string) {
	r := &x.rows[i]
	var paths []string
	for _, f := range r.Folders {
		paths = append(paths, folders[f])
	}
	x.folders[i] = entry.Fold(strings.Join(paths, "\n"))
	title := entry.Fold(r.Title)
	x.titles[i] = len(title)
	parts := append(make([]string, 0, 8), title, entry.Fold(r.Subtitle), entry.Fold(r.Username))
	for _, u := range r.URLs {
		parts = append(parts, entry.Fold(entry.Host(u)))
	}
	for _, list := range [][]string{r.RPIDs, r.Tags} {
		for _, s := range list {
			parts = append(parts, entry.Fold(s))
		}
	}
	x.hay[i] = strings.Join(append(parts, x.folders[i]), "\n")
}

// spread runs f over [0,n) in parts, on all cores when there is enough to do.
func spread(n int, f func(from, to int)) {
	const worth = 4096
	parts := min(runtime.GOMAXPROCS(0), n/worth+1)
	if parts <= 1 {
		f(0, n)
		return
	}
	var wg sync.WaitGroup
	for p := range parts {
		wg.Go(func() { f(n*p/parts, n*(p+1)/parts) })
	}
	wg.Wait()
}

// The ranks of a match, best first. Within a rank, entries used on this device come first, then the list's order counts.
const (
	rankExact  = iota // the title is the query
	rankPrefix        // the title begins with it
	rankWord          // a word of the title begins with it
	rankInside        // it is inside the title
	rankOther         // elsewhere: user, host, tag, folder
	rankLoose         // only its letters, in order, are in the title
	ranks
	noMatch = ranks
)

// found is a complete result: numbers of rows, best first.
type found struct {
	query query
	hits  []int32
	loose bool
}

// search finds the rows of a query. old, when it is not nil and the query narrows its query, is looked at instead of all rows. A
// cancelled search returns false.
func (x *index) search(ctx context.Context, q query, old *found) (found, bool) {
	if q.empty() {
		return found{query: q, hits: x.all()}, true
	}
	from := x.all()
	if old != nil && !old.loose && q.narrows(old.query) {
		from = slices.Clone(old.hits)
		slices.Sort(from)
	}
	hits, ok := x.rank(ctx, from, func(i int32) int { return x.match(q, i) })
	loose := ok && len(hits) == 0 && len(q.words) == 1 && len(q.words[0]) > 1
	if loose {
		hits, ok = x.rank(ctx, x.all(), func(i int32) int { return x.looseMatch(q, i) })
	}
	return found{q, hits, loose}, ok
}

// all are the numbers of all rows.
func (x *index) all() []int32 {
	all := make([]int32, len(x.rows))
	for i := range all {
		all[i] = int32(i)
	}
	return all
}

// rank sorts the rows by what match says of each: a bucket for every rank and use, so the list's order stays inside.
func (x *index) rank(ctx context.Context, from []int32, match func(int32) int) ([]int32, bool) {
	score := make([]uint8, len(from))
	spread(len(from), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			if i%1024 == 0 && ctx.Err() != nil {
				return
			}
			r := 2 * match(from[i])
			if r < 2*noMatch && !x.used[from[i]] {
				r++
			}
			score[i] = uint8(r)
		}
	})
	if ctx.Err() != nil {
		return nil, false
	}
	var start [2*noMatch + 2]int
	for _, s := range score {
		start[s+1]++
	}
	for i := 1; i < len(start); i++ {
		start[i] += start[i-1]
	}
	hits := make([]int32, start[2*noMatch])
	for i, s := range score {
		if s < 2*noMatch {
			hits[start[s]] = from[i]
			start[s]++
		}
	}
	return hits, true
}

// match ranks one row: every word has to be found; the worst place of a word counts, except that the others may be anywhere when
// the first is in the title.
func (x *index) match(q query, i int32) int {
	hay, title := x.hay[i], x.titles[i]
	best := rankOther
	for n, w := range q.words {
		at := strings.Index(hay, w)
		if at < 0 {
			return noMatch
		}
		if n == 0 {
			best = place(hay, title, w, at)
		}
	}
	if len(q.filters) > 0 && !q.passes(&x.rows[i], x.folders[i]) {
		return noMatch
	}
	return best
}

func place(hay string, title int, w string, at int) int {
	switch {
	case at == 0 && len(w) == title:
		return rankExact
	case at == 0:
		return rankPrefix
	}
	inside := rankOther
	for at+len(w) <= title {
		if c := hay[at-1]; c == ' ' || c == '-' || c == '.' || c == '/' || c == '_' || c == '(' {
			return rankWord
		}
		inside = rankInside
		next := strings.Index(hay[at+1:title], w)
		if next < 0 {
			break
		}
		at += next + 1
	}
	return inside
}

func (x *index) looseMatch(q query, i int32) int {
	title := x.hay[i][:x.titles[i]]
	for _, r := range q.words[0] {
		at := strings.IndexRune(title, r)
		if at < 0 {
			return noMatch
		}
		title = title[at+1:]
	}
	if !q.passes(&x.rows[i], x.folders[i]) {
		return noMatch
	}
	return rankLoose
}
