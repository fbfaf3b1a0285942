package cache_test

import (
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"signet/vault/cache"
)

// Entries as a vault of that size holds them: about 700 bytes of record, 60 of text, 8 words.
func entries(n int) iter.Seq2[cache.Doc, error] {
	return func(yield func(cache.Doc, error) bool) {
		filler := strings.Repeat("x", 640)
		for i := range n {
			host := fmt.Sprintf("service%d", i/3)
			user := fmt.Sprintf("alice%d", i%997)
			d := cache.Doc{
				ID: id32(i), Title: fmt.Sprintf("service %d account", i), Row: fmt.Appendf(nil, "%s@example.org|login|%s.example.com", user, host),
				Tokens: []string{"service", fmt.Sprint(i), "account", user, "example", "org", host, "com"},
				Search: fmt.Sprintf("service %d account %s@example.org %s.example.com", i, user, host),
				Raw:    fmt.Appendf(nil, `{"e":"%d","f":{"title":"%s","x":"%s"}}`, i, host, filler),
			}
			if !yield(d, nil) {
				return
			}
		}
	}
}

func noContext() ([]byte, error) { return nil, nil }

// onDisk opens a file as the vault does.
type onDisk struct {
	*os.File
	size int64
}

func (f onDisk) Size() int64 { return f.size }

var benchFiles = struct {
	sync.Mutex
	path map[int]string
}{path: map[int]string{}}

var benchDir string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "cache-bench")
	if err != nil {
		panic(err)
	}
	benchDir = dir
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// benchFile builds a file of n entries once.
func benchFile(b *testing.B, n int) onDisk {
	b.Helper()
	benchFiles.Lock()
	defer benchFiles.Unlock()
	if benchFiles.path[n] == "" {
		path := filepath.Join(benchDir, fmt.Sprintf("cache-%d.age", n))
		w, err := os.Create(path)
		if err != nil {
			b.Fatal(err)
		}
		if err := cache.Build(w, keysOf(1), cache.Stamp{1}, entries(n), noContext); err != nil {
			b.Fatal(err)
		}
		if err := w.Close(); err != nil {
			b.Fatal(err)
		}
		benchFiles.path[n] = path
	}
	f, err := os.Open(benchFiles.path[n])
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { f.Close() })
	st, err := f.Stat()
	if err != nil {
		b.Fatal(err)
	}
	return onDisk{f, st.Size()}
}

// benchTail makes frames of one changed entry each.
func benchTail(b *testing.B, f onDisk, n int) []byte {
	b.Helper()
	c, err := cache.Open(f, nil, keysOf(1))
	if err != nil {
		b.Fatal(err)
	}
	var tail []byte
	i := 0
	for d := range entries(n) {
		d.ID = id32(i * 7)
		i++
		frame, _, err := c.Frame(cache.Stamp{2}, []cache.Doc{d}, nil, []byte("note"))
		if err != nil {
			b.Fatal(err)
		}
		tail = append(tail, frame...)
	}
	return tail
}

// Every query is a cold one: open, ask, throw away.
func BenchmarkCold(b *testing.B) {
	for _, size := range []struct{ docs, frames int }{{100, 0}, {10000, 0}, {100000, 0}, {100000, 256}, {100000, 2000}} {
		for _, q := range coldQueries(size.docs) {
			b.Run(fmt.Sprintf("%s/docs=%d/frames=%d", q.name, size.docs, size.frames), func(b *testing.B) {
				f := benchFile(b, size.docs)
				tail := benchTail(b, f, size.frames)
				b.ReportAllocs()
				for b.Loop() {
					c, err := cache.Open(f, tail, keysOf(1))
					if err == nil {
						err = q.ask(c)
					}
					if err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

type coldQuery struct {
	name string
	ask  func(*cache.Cache) error
}

func coldQueries(n int) []coldQuery {
	get := func(c *cache.Cache, ids []string, err error) error {
		if err == nil && len(ids) == 0 {
			err = io.ErrUnexpectedEOF
		}
		if err == nil {
			_, _, err = c.ByID(ids[0])
		}
		return err
	}
	words := func(w ...string) func(*cache.Cache) error {
		return func(c *cache.Cache) error {
			ids, err := c.Match(w, 20)
			return get(c, ids, err)
		}
	}
	return []coldQuery{
		{"open", func(*cache.Cache) error { return nil }},
		{"id", func(c *cache.Cache) error { return get(c, []string{id32(n / 2)}, nil) }},
		{"prefix", func(c *cache.Cache) error {
			ids, err := c.ByPrefix(id32(n / 2)[:13], 2)
			return get(c, ids, err)
		}},
		{"title", func(c *cache.Cache) error {
			ids, err := c.ByTitle(fmt.Sprintf("service %d account", n/2))
			return get(c, ids, err)
		}},
		{"word", words(fmt.Sprintf("service%d", n/6))},
		{"words", words(fmt.Sprintf("service%d", n/6), "account", "alice")},
		{"common", words("a")},
		{"find", func(c *cache.Cache) error {
			_, err := c.Find([]string{"e99 "}, 20)
			return err
		}},
		{"scan", func(c *cache.Cache) error {
			hits := 0
			err := c.Scan(func(_, search string, _ []byte) bool {
				if strings.Contains(search, "e99 ") {
					hits++
				}
				return true
			})
			return err
		}},
	}
}

func BenchmarkBuild(b *testing.B) {
	for _, n := range []int{100, 10000, 100000} {
		b.Run(fmt.Sprintf("docs=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := cache.Build(io.Discard, keysOf(1), cache.Stamp{}, entries(n), noContext); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkBuildMemory reports what Build holds when all documents are in and nothing of them is written yet but records.
func BenchmarkBuildMemory(b *testing.B) {
	for b.Loop() {
		runtime.GC()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		docs := func(yield func(cache.Doc, error) bool) {
			entries(100000)(yield)
			runtime.GC()
			runtime.ReadMemStats(&after)
		}
		if err := cache.Build(io.Discard, keysOf(1), cache.Stamp{}, docs, noContext); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/1e6, "MB-held")
		b.ReportMetric(float64(after.HeapSys-after.HeapReleased)/1e6, "MB-heap")
	}
}

func BenchmarkMerge(b *testing.B) {
	for _, n := range []int{100, 10000, 100000} {
		b.Run(fmt.Sprintf("docs=%d/frames=2000", n), func(b *testing.B) {
			f := benchFile(b, n)
			c, err := cache.Open(f, benchTail(b, f, 2000), keysOf(1))
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if err := c.Merge(io.Discard, keysOf(1), noContext); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkDocs(b *testing.B) {
	c, err := cache.Open(benchFile(b, 100000), nil, keysOf(1))
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		for _, err := range c.Docs() {
			if err != nil {
				b.Fatal(err)
			}
		}
	}
}

func BenchmarkFrame(b *testing.B) {
	c, err := cache.Open(benchFile(b, 100000), nil, keysOf(1))
	if err != nil {
		b.Fatal(err)
	}
	var one cache.Doc
	for d := range entries(1) {
		one = d
	}
	for b.Loop() {
		if _, _, err := c.Frame(cache.Stamp{}, []cache.Doc{one}, nil, nil); err != nil {
			b.Fatal(err)
		}
	}
}
