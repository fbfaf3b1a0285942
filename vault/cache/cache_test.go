package cache_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"signet/vault/cache"
)

// Sizes around the edges of fences, chunks and segments.
func TestLookupsAgreeWithAMap(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 2, 3, 1023, 1024, 1025, 5000} {
		for name, build := range map[string]buildFunc{"Build": cache.Build, "BuildTiny": cache.BuildTiny} {
			t.Run(fmt.Sprintf("%s of %d", name, n), func(t *testing.T) {
				t.Parallel()
				docs := sample(n)
				c := opened(t, built(t, build, docs, []byte("context")), nil)
				var ids, titles []string
				var queries [][]string
				for _, i := range []int{0, 1, 2, 3, n / 2, n/2 + 1, n - 2, n - 1, n} {
					ids = append(ids, id32(max(i, 0)*3), id32(max(i, 0)*3+1))
					titles = append(titles, fmt.Sprintf("title %d", i/2))
					queries = append(queries, []string{fmt.Sprintf("word%d", i)}, []string{"all", fmt.Sprintf("ten%d", i%10), "word1"})
				}
				queries = append(queries, nil, []string{""}, []string{"a"}, []string{"zzz"}, []string{"0"}, []string{"", "w"}, []string{"all", "nowhere"})
				compare(t, c, mapOf(docs), ids, append(titles, "", "title", "nowhere"), queries)
			})
		}
	}
}

// Search texts that are longer than a segment, end exactly at one, or begin just before its end.
func TestScanAcrossSegments(t *testing.T) {
	t.Parallel()
	for _, size := range []int{
		cache.SegmentSize / 3, cache.SegmentSize - 31, cache.SegmentSize - 30, cache.SegmentSize - 29, cache.SegmentSize,
		cache.SegmentSize + 3, 3*cache.SegmentSize + 7,
	} {
		var docs []cache.Doc
		for i := range 9 {
			n := size
			if i%4 == 3 {
				n = i
			}
			docs = append(docs, cache.Doc{ID: id32(i), Search: strings.Repeat(string(rune('a'+i)), n), Row: []byte{byte(i)}})
		}
		c := opened(t, built(t, cache.Build, docs, nil), nil)
		compareScan(t, c, mapOf(docs))
		for i, d := range docs {
			if ids, err := c.Find([]string{d.Search[:1]}, 9); err != nil || !slices.Equal(ids, []string{d.ID}) {
				t.Errorf("texts of %d bytes: Find of the one in place %d = %v, %v", size, i, ids, err)
			}
		}
	}
}

// A column that several goroutines share: every document is looked at once, and the first ones come back.
func TestFindInParts(t *testing.T) {
	t.Parallel()
	docs := sample(20000)
	c := opened(t, built(t, cache.Build, docs, nil), nil)
	for i, d := range docs {
		if i%1000 > 0 && (i < 9990 || i > 10010) {
			continue
		}
		if ids, err := c.Find([]string{fmt.Sprintf(" user%d@", i), "title"}, 9); err != nil || !slices.Equal(ids, []string{d.ID}) {
			t.Errorf("Find of document %d = %v, %v", i, ids, err)
		}
	}
	for _, max := range []int{1, 100, 10001, 20000, 30000} {
		ids, err := c.Find([]string{"title"}, max)
		if n := min(max, len(docs)); err != nil || len(ids) != n || ids[n-1] != docs[n-1].ID {
			t.Errorf("Find of all up to %d: %d ids, %v", max, len(ids), err)
		}
	}
}

func TestScanEndsWhenTold(t *testing.T) {
	t.Parallel()
	docs := sample(20000)
	c := opened(t, built(t, cache.Build, docs, nil), nil)
	for _, stop := range []int{1, 2, 5000, 19999} {
		n := 0
		err := c.Scan(func(string, string, []byte) bool { n++; return n < stop })
		if err != nil || n != stop {
			t.Errorf("Scan called %d times, %v; want %d", n, err, stop)
		}
	}
}

func TestContextAndNotes(t *testing.T) {
	t.Parallel()
	long := bytes.Repeat([]byte("context "), 40000) // several chunks
	base := built(t, cache.Build, sample(10), long)
	c := opened(t, base, nil)
	var tail []byte
	for i := range 3 {
		f, off, err := c.Frame(cache.Stamp{byte(i + 2)}, nil, nil, fmt.Appendf(nil, "note %d", i))
		if err != nil || off != int64(len(tail)) {
			t.Fatalf("Frame: off %d, %v; want %d", off, err, len(tail))
		}
		tail = append(tail, f...)
	}
	for name, c := range map[string]*cache.Cache{"written": c, "reopened": opened(t, base, tail)} {
		b, notes, err := c.Context()
		if err != nil || !bytes.Equal(b, long) || fmt.Sprintf("%s", notes) != "[note 0 note 1 note 2]" {
			t.Errorf("%s: Context = %d bytes, %s, %v", name, len(b), notes, err)
		}
		if c.Stamp() != (cache.Stamp{4}) {
			t.Errorf("%s: Stamp = %x", name, c.Stamp())
		}
	}
}

func TestTailShadowsTheBase(t *testing.T) {
	t.Parallel()
	docs := sample(50)
	base := built(t, cache.Build, docs, nil)
	c := opened(t, base, nil)
	changed := cache.Doc{ID: docs[7].ID, Title: "changed", Tokens: []string{"changed"}, Search: "s", Row: []byte("r"), Raw: []byte("x")}
	fresh := cache.Doc{ID: id32(1), Title: "title 4", Tokens: []string{"word8", "word8", ""}, Search: "s2", Row: []byte("r2"), Raw: []byte("x2")}
	f1, _, err := c.Frame(cache.Stamp{2}, []cache.Doc{changed, fresh}, []string{docs[9].ID, id32(2)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	back := docs[9]
	f2, off, err := c.Frame(cache.Stamp{3}, []cache.Doc{back}, []string{fresh.ID}, nil)
	if err != nil || off != int64(len(f1)) {
		t.Fatal(off, err)
	}
	first, second := mapOf(docs), mapOf(docs)
	first[changed.ID], second[changed.ID] = changed, changed
	first[fresh.ID] = fresh
	delete(first, docs[9].ID)
	ids := []string{docs[7].ID, docs[8].ID, docs[9].ID, id32(1), id32(2)}
	titles := []string{"title 3", "title 4", "changed"}
	queries := [][]string{{"all"}, {"word7"}, {"word8"}, {"word9"}, {"changed"}, {"all", "word9"}}
	compare(t, opened(t, base, f1), first, ids, titles, queries)
	compare(t, opened(t, base, slices.Concat(f1, f2)), second, ids, titles, queries)
	compare(t, c, second, ids, titles, queries)
}

func TestTornTailIsIgnoredAndTold(t *testing.T) {
	t.Parallel()
	docs := sample(5)
	base := built(t, cache.Build, docs, nil)
	c := opened(t, base, nil)
	f1, _, _ := c.Frame(cache.Stamp{2}, nil, []string{docs[0].ID}, nil)
	f2, _, _ := c.Frame(cache.Stamp{3}, nil, []string{docs[1].ID}, nil)
	for cut := range len(f2) {
		c := opened(t, base, slices.Concat(f1, f2[:cut]))
		if c.Torn() != (cut > 0) || c.Stamp() != (cache.Stamp{2}) || c.Len() != 4 {
			t.Fatalf("cut at %d: torn %v, stamp %x, %d documents", cut, c.Torn(), c.Stamp(), c.Len())
		}
		f, off, err := c.Frame(cache.Stamp{4}, nil, nil, nil)
		if err != nil || off != int64(len(f1)) || c.Torn() {
			t.Fatalf("cut at %d: next frame at %d, torn %v, %v", cut, off, c.Torn(), err)
		}
		if got := opened(t, base, slices.Concat(f1, f)).Stamp(); got != (cache.Stamp{4}) {
			t.Fatalf("cut at %d: stamp %x after the next frame", cut, got)
		}
	}
}

// Two processes: what one appends the other takes over, and neither writes over the other.
func TestExtendTakesOverWhatOthersWrote(t *testing.T) {
	t.Parallel()
	docs := sample(9)
	base := built(t, cache.Build, docs, nil)
	a, b := opened(t, base, nil), opened(t, base, nil)
	var tail []byte
	for i := range 6 {
		f, off, err := a.Frame(cache.Stamp{byte(i + 2)}, nil, []string{docs[i].ID}, nil)
		if err != nil || off != int64(len(tail)) {
			t.Fatal(off, err)
		}
		tail = append(tail, f...)
		if err := b.Extend(tail[b.TailSize() : len(tail)-1]); err != nil || !b.Torn() || b.TailSize() != off {
			t.Fatalf("half a frame: torn %v, size %d, %v", b.Torn(), b.TailSize(), err)
		}
		if err := b.Extend(tail[b.TailSize():]); err != nil || b.Torn() || b.Stamp() != a.Stamp() || b.Len() != a.Len() {
			t.Fatalf("a frame: torn %v, stamp %x, %d documents, %v", b.Torn(), b.Stamp(), b.Len(), err)
		}
		a, b = b, a
	}
	compare(t, a, mapOf(docs[6:]), []string{docs[5].ID, docs[6].ID}, nil, nil)
	if err := a.Extend(tail[:len(tail)/6]); !errors.Is(err, cache.ErrStale) {
		t.Errorf("a frame of another place: %v", err)
	}
}

func TestLongTokensCountByTheirBeginning(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", cache.MaxToken)
	docs := []cache.Doc{{ID: id32(1), Tokens: []string{long + "a"}}, {ID: id32(2), Tokens: []string{long[1:]}}}
	base := built(t, cache.Build, docs, nil)
	c := opened(t, base, nil)
	for _, q := range []string{long + "a", long + "b", long} {
		if ids, err := c.Match([]string{q}, 9); err != nil || !slices.Equal(ids, []string{id32(1)}) {
			t.Errorf("Match of %d bytes = %v, %v", len(q), ids, err)
		}
	}
}

func TestBuildRefuses(t *testing.T) {
	t.Parallel()
	boom := errors.New("boom")
	fine := func() ([]byte, error) { return nil, nil }
	docs := func(ids ...string) []cache.Doc {
		var out []cache.Doc
		for _, id := range ids {
			out = append(out, cache.Doc{ID: id})
		}
		return out
	}
	for name, try := range map[string]func() error{
		"short id": func() error { return cache.Build(io.Discard, keysOf(1), cache.Stamp{}, seq(docs("abc")), fine) },
		"foreign id": func() error {
			return cache.Build(io.Discard, keysOf(1), cache.Stamp{}, seq(docs(strings.Repeat("1", 26))), fine)
		},
		"unsorted": func() error {
			return cache.Build(io.Discard, keysOf(1), cache.Stamp{}, seq(docs(id32(2), id32(1))), fine)
		},
		"repeated": func() error {
			return cache.Build(io.Discard, keysOf(1), cache.Stamp{}, seq(docs(id32(2), id32(2))), fine)
		},
		"frame id": func() error {
			_, _, err := opened(t, built(t, cache.Build, nil, nil), nil).Frame(cache.Stamp{}, docs("abc"), nil, nil)
			return err
		},
	} {
		if err := try(); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	failing := func(yield func(cache.Doc, error) bool) { yield(cache.Doc{}, boom) }
	if err := cache.Build(io.Discard, keysOf(1), cache.Stamp{}, failing, fine); !errors.Is(err, boom) {
		t.Errorf("error of docs came back as %v", err)
	}
	bad := func() ([]byte, error) { return nil, boom }
	if err := cache.Build(io.Discard, keysOf(1), cache.Stamp{}, seq(nil), bad); !errors.Is(err, boom) {
		t.Errorf("error of context came back as %v", err)
	}
}

// full fails after n bytes, as a disk does.
type full struct{ n int }

var errFull = errors.New("disk full")

func (f *full) Write(p []byte) (int, error) {
	if f.n -= len(p); f.n < 0 {
		return 0, errFull
	}
	return len(p), nil
}

func TestFullDisk(t *testing.T) {
	t.Parallel()
	docs := sample(3000)
	fine := func() ([]byte, error) { return nil, nil }
	base := built(t, cache.Build, docs, nil)
	c := opened(t, base, nil)
	if _, _, err := c.Frame(cache.Stamp{2}, docs[:1], nil, nil); err != nil {
		t.Fatal(err)
	}
	for n := 0; n < len(base)-cache.ChunkSize; n += 30000 {
		if err := cache.Build(&full{n}, keysOf(1), cache.Stamp{}, seq(docs), fine); !errors.Is(err, errFull) {
			t.Errorf("Build with room for %d bytes: %v", n, err)
		}
		if err := c.Merge(&full{n}, keysOf(1), fine); !errors.Is(err, errFull) {
			t.Errorf("Merge with room for %d bytes: %v", n, err)
		}
	}
}

func TestCloseClearsWhatWasRead(t *testing.T) {
	t.Parallel()
	c := opened(t, built(t, cache.Build, sample(10), nil), nil)
	if _, _, err := c.ByID(id32(3)); err != nil {
		t.Fatal(err)
	}
	c.Close()
	if c.HoldsPlaintext() {
		t.Error("plaintext is left after Close")
	}
}

func TestWantsMerge(t *testing.T) {
	t.Parallel()
	c := opened(t, built(t, cache.Build, nil, nil), nil)
	doc := cache.Doc{ID: id32(1), Raw: make([]byte, 300<<10)}
	for _, want := range []bool{false, true} {
		if _, _, err := c.Frame(cache.Stamp{}, []cache.Doc{doc}, nil, nil); err != nil || c.WantsMerge() != want {
			t.Errorf("WantsMerge = %v, %v; want %v", c.WantsMerge(), err, want)
		}
	}
}
