package screen

import (
	"cmp"
	"maps"
	"math"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"signet/internal/sanitize"
	"signet/vault/entry"
)

// index holds the rows of a list in their listed order, with folded text for the search. It never changes once it is built, so
// searches run beside the program's loop, on all cores, while the last complete result is on the screen. An edit makes a new index that
// shares what did not change with the old one (patch.go).
type index struct {
	items   []item // favourites first, then by title
	folders map[entry.ID]string
	usage   map[entry.ID]Use
	now     time.Time

	once  [orders]sync.Once
	perms [orders][]int32 // the numbers of the items in each order; asked for with sorted
	tally sync.Once
	tags  map[string]int // how many entries have each tag
}

// item is a row and what the search needs of it.
type item struct {
	row      *entry.Row
	hay      []byte    // folded: title, user name, sites, then tags, folders and subtitle; one a line
	ends     [3]uint16 // where title, user name and sites end in hay
	heat     uint8     // how often and how lately it was used here, 0 to heats-1
	initials [8]byte   // of the title's words
	mask     uint64    // letters of hay
	bits     uint64    // what has:, kind: and is: ask
}

// order is how a list is sorted.
type order int

// The orders. In the first one favourites stand first.
const (
	byTitle order = iota
	byModified
	byUsed
	byCreated
	orders
)

func (o order) String() string {
	return [...]string{"by title", "last changed first", "last used first", "newest first"}[o]
}

// Limits of what the search looks at: nobody types more, and a hostile entry must not slow the others down.
const (
	maxHayTitle = 1 << 10
	maxHayField = 512
	maxHay      = 8 << 10
)

// newIndex sorts the rows and folds their text. It keeps the rows.
func newIndex(rows []entry.Row, folders map[entry.ID]string, usage map[entry.ID]Use, now time.Time) *index {
	x := &index{folders: folders, usage: usage, now: now, items: make([]item, len(rows))}
	folded := foldFolders(folders)
	made := make([]item, len(rows))
	spread(len(rows), func(from, to int) {
		var a arena
		for i := from; i < to; i++ {
			made[i] = newItem(&a, &rows[i], folded, usage, now)
		}
	})
	for i, n := range sortedRows(rows) {
		x.items[i] = made[n]
	}
	return x
}

// arena hands out small pieces of large blocks, so that a hundred thousand texts are a few objects for the collector.
type arena struct{ free []byte }

const arenaBlock = 64 << 10

// keep copies a text into the arena.
func (a *arena) keep(text []byte) []byte {
	if cap(a.free)-len(a.free) < len(text) {
		a.free = make([]byte, 0, max(arenaBlock, len(text)))
	}
	from := len(a.free)
	a.free = append(a.free, text...)
	return a.free[from:len(a.free):len(a.free)]
}

func newItem(a *arena, r *entry.Row, folders map[entry.ID]string, usage map[entry.ID]Use, now time.Time) item {
	it := item{row: r, initials: initialsOf(r.Title), bits: bitsOf(r)}
	var room [256]byte
	hay := appendFolded(room[:0], r.Title, maxHayTitle)
	it.ends[0] = uint16(len(hay))
	hay = appendFolded(append(hay, '\n'), r.Username, maxHayField)
	it.ends[1] = uint16(len(hay))
	for _, u := range r.URLs {
		hay = appendSite(hay, hostOf(u))
	}
	for _, rp := range r.RPIDs {
		hay = appendSite(hay, rp)
	}
	it.ends[2] = uint16(len(hay))
	for _, t := range r.Tags {
		hay = appendLine(hay, t)
	}
	for _, f := range r.Folders {
		hay = appendLine(hay, folders[f])
	}
	hay = appendLine(hay, r.Subtitle)
	it.hay, it.mask = a.keep(hay), letters(hay)
	if u := usage[r.ID]; u.Count > 0 {
		it.heat = heatOf(u, now)
	}
	return it
}

func appendLine(hay []byte, s string) []byte {
	if s == "" || len(hay) > maxHay {
		return hay
	}
	return appendFolded(append(hay, '\n'), s, maxHayField)
}

// appendSite appends a host, and one of an international name as people read it too.
func appendSite(hay []byte, host string) []byte {
	hay = appendLine(hay, host)
	if strings.Contains(host, "xn--") {
		hay = appendLine(hay, sanitize.Domain(host))
	}
	return hay
}

// appendFolded appends what entry.Fold makes of a text, as one line of at most limit bytes, without making a string of it where it is ASCII.
func appendFolded(dst []byte, s string, limit int) []byte {
	if len(s) > limit {
		s = s[:limit]
	}
	from := len(dst)
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c >= 0x80:
			folded := strings.ReplaceAll(entry.Fold(strings.ToValidUTF8(s, "")), "\n", " ")
			return append(dst[:from], folded[:min(len(folded), 2*limit)]...)
		case c >= 'A' && c <= 'Z':
			c += 'a' - 'A'
		case c == '\n':
			c = ' '
		}
		dst = append(dst, c)
	}
	return dst
}

// hostOf is entry.Host without its allocations for the addresses that are nearly all.
func hostOf(u string) string {
	_, rest, ok := strings.Cut(u, "://")
	if !ok {
		return entry.Host(u)
	}
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	host := rest[:end]
	for i := 0; i < len(host); i++ {
		c := host[i]
		if c != '.' && c != '-' && (c < '0' || c > '9') && (c < 'a' || c > 'z') {
			return entry.Host(u)
		}
	}
	if host == "" {
		return entry.Host(u)
	}
	return host
}

// initialsOf are the first letters of a title's words, folded; a capital letter after a small one begins a word too, as in YouTube. What is
// no ASCII letter or digit counts as a letter that nobody types.
func initialsOf(title string) (out [8]byte) {
	n, before := 0, byte(' ')
	for i := 0; i < len(title) && n < len(out) && i < maxHayTitle; i++ {
		c := title[i]
		low := c | 0x20
		switch {
		case c >= 'A' && c <= 'Z' && (before < 'A' || before >= 'a' && before <= 'z'), c >= 'a' && c <= 'z' && wordEnd(before), c >= '0' && c <= '9' && wordEnd(before):
			if c >= '0' && c <= '9' {
				low = c
			}
			out[n] = low
			n++
		case c >= 0xc0 && wordEnd(before):
			out[n] = 0xff
			n++
		}
		before = c
	}
	return out
}

func wordEnd(c byte) bool { return boundary(c|0x20) && boundary(c) }

// heatOf says how often and how lately an entry was used, from 1 to heats-1. Use fades: what was opened every day last year is not what is
// looked for today.
func heatOf(u Use, now time.Time) uint8 {
	weight := 0.25
	if !u.Last.IsZero() {
		switch age := now.Sub(u.Last); {
		case age <= 24*time.Hour:
			weight = 4
		case age <= 7*24*time.Hour:
			weight = 2
		case age <= 30*24*time.Hour:
			weight = 1
		case age <= 365*24*time.Hour:
			weight = 0.5
		}
	}
	return uint8(min(heats-1, max(1, int(2*math.Log2(1+float64(u.Count)*weight)))))
}

func foldFolders(folders map[entry.ID]string) map[entry.ID]string {
	out := make(map[entry.ID]string, len(folders))
	for id, path := range folders {
		out[id] = entry.Fold(path)
	}
	return out
}

// sorted are the numbers of all items in an order. It may be called from any goroutine; the slice is not to be changed.
func (x *index) sorted(by order) []int32 {
	x.once[by].Do(func() {
		out := make([]int32, len(x.items))
		for i := range out {
			out[i] = int32(i)
		}
		if by != byTitle {
			when := make([]int64, len(x.items))
			for i := range x.items {
				when[i] = x.when(&x.items[i], by).UnixMilli()
			}
			slices.SortStableFunc(out, func(a, b int32) int { return cmp.Compare(when[b], when[a]) })
		}
		x.perms[by] = out
	})
	return x.perms[by]
}

// when is the time that an order goes by; zero for those that have none.
func (x *index) when(it *item, by order) time.Time {
	switch by {
	case byUsed:
		return x.usage[it.row.ID].Last
	case byCreated:
		return it.row.Created
	}
	return it.row.Modified
}

// counts are the tags of all items and how many have each. It may be called from any goroutine.
func (x *index) counts() map[string]int {
	x.tally.Do(func() {
		x.tags = map[string]int{}
		for i := range x.items {
			for _, t := range x.items[i].row.Tags {
				x.tags[t]++
			}
		}
	})
	return x.tags
}

// tagsLike are the tags that a typed one means: those of that name, else those that begin with it.
func (x *index) tagsLike(typed string) map[string]bool {
	same, begun := map[string]bool{}, map[string]bool{}
	for t := range x.counts() {
		switch folded := entry.Fold(t); {
		case folded == typed:
			same[t] = true
		case strings.HasPrefix(folded, typed):
			begun[t] = true
		}
	}
	if len(same) > 0 {
		return same
	}
	return begun
}

// foldersLike are the folders whose path holds what was typed.
func (x *index) foldersLike(typed string) map[entry.ID]bool {
	out := map[entry.ID]bool{}
	for id, path := range x.folders {
		if strings.Contains(slashed(entry.Fold(path)), slashed(typed)) {
			out[id] = true
		}
	}
	return out
}

// slashed writes a path as `signet ls` does: without spaces around its slashes.
func slashed(path string) string { return strings.ReplaceAll(path, " / ", "/") }

// tagNames are the tags in order.
func (x *index) tagNames() []string {
	names := slices.Collect(maps.Keys(x.counts()))
	slices.SortFunc(names, func(a, b string) int {
		return cmp.Or(strings.Compare(entry.Fold(a), entry.Fold(b)), strings.Compare(a, b))
	})
	return names
}

// worthwhile is how many items are worth a goroutine.
const worthwhile = 4096

// spread runs f over [0,n) in parts, on all cores when there is enough to do.
func spread(n int, f func(from, to int)) {
	parts := min(runtime.GOMAXPROCS(0), n/worthwhile+1)
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
