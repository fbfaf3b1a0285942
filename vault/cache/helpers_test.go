package cache_test

import (
	"bytes"
	"fmt"
	"io"
	"iter"
	"maps"
	"slices"
	"strings"
	"testing"

	"signet/vault/cache"
	"signet/vault/secret"
)

// file is a cache file in memory.
type file struct{ *bytes.Reader }

func fileOf(b []byte) file { return file{bytes.NewReader(b)} }

func keysOf(b byte) cache.Keys {
	return cache.Keys{Local: secret.New(bytes.Repeat([]byte{b}, 32))}
}

// id32 is a valid id made from a number, and rising with it.
func id32(n int) string {
	const digits = "234567abcdefghijklmnopqrstuvwxyz"
	id := []byte(strings.Repeat("2", 26))
	for i := 12; n > 0; i-- {
		id[i] = digits[n%32]
		n /= 32
	}
	return string(id)
}

func sorted(m map[string]cache.Doc) []cache.Doc {
	var out []cache.Doc
	for _, id := range slices.Sorted(maps.Keys(m)) {
		out = append(out, m[id])
	}
	return out
}

func seq(docs []cache.Doc) iter.Seq2[cache.Doc, error] {
	return func(yield func(cache.Doc, error) bool) {
		for _, d := range docs {
			if !yield(d, nil) {
				return
			}
		}
	}
}

func mapOf(docs []cache.Doc) map[string]cache.Doc {
	m := map[string]cache.Doc{}
	for _, d := range docs {
		m[d.ID] = d
	}
	return m
}

type buildFunc func(io.Writer, cache.Keys, cache.Stamp, iter.Seq2[cache.Doc, error], func() ([]byte, error)) error

func built(t testing.TB, build buildFunc, docs []cache.Doc, context []byte) []byte {
	t.Helper()
	var w bytes.Buffer
	err := build(&w, keysOf(1), cache.Stamp{1}, seq(docs), func() ([]byte, error) { return context, nil })
	if err != nil {
		t.Fatal(err)
	}
	return w.Bytes()
}

func opened(t testing.TB, base, tail []byte) *cache.Cache {
	t.Helper()
	c, err := cache.Open(fileOf(base), tail, keysOf(1))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// sample makes n documents with words that repeat.
func sample(n int) []cache.Doc {
	docs := make([]cache.Doc, n)
	for i := range docs {
		docs[i] = cache.Doc{
			ID: id32(i * 3), Title: fmt.Sprintf("title %d", i/2), Tokens: []string{"all", fmt.Sprintf("word%d", i), fmt.Sprintf("ten%d", i%10)},
			Search: fmt.Sprintf("title %d user%d@example.org", i/2, i), Row: fmt.Appendf(nil, "row %d", i), Raw: fmt.Appendf(nil, `{"raw":%d}`, i),
		}
	}
	return docs
}

// compare looks a cache up in every way and compares with what a map says.
func compare(t interface {
	Helper()
	Fatalf(string, ...any)
}, c *cache.Cache, want map[string]cache.Doc, ids, titles []string, queries [][]string,
) {
	t.Helper()
	if c.Len() != len(want) {
		t.Fatalf("Len = %d, want %d", c.Len(), len(want))
	}
	compareDocs(t, c, want)
	compareScan(t, c, want)
	all := sorted(want)
	for _, id := range ids {
		d, ok, err := c.ByID(id)
		w, has := want[id]
		if err != nil || ok != has || string(d.Raw) != string(w.Raw) || string(d.Row) != string(w.Row) {
			t.Fatalf("ByID(%s) = %+v, %v, %v; want %+v, %v", id, d, ok, err, w, has)
		}
		for _, n := range []int{0, 6, 12, 13, 26} {
			prefix := id[:n]
			for _, max := range []int{0, 1, 3, 1 << 30} {
				got, err := c.ByPrefix(prefix, max)
				same(t, fmt.Sprintf("ByPrefix(%q, %d)", prefix, max), got, err, all, max, func(d cache.Doc) bool { return strings.HasPrefix(d.ID, prefix) })
			}
		}
	}
	for _, title := range titles {
		got, err := c.ByTitle(title)
		same(t, fmt.Sprintf("ByTitle(%q)", title), got, err, all, 1<<30, func(d cache.Doc) bool { return title != "" && d.Title == title })
	}
	for _, q := range queries {
		for _, max := range []int{0, 1, 3, 1 << 30} {
			got, err := c.Match(q, max)
			same(t, fmt.Sprintf("Match(%q, %d)", q, max), got, err, all, max, func(d cache.Doc) bool { return matches(d, q) })
			got, err = c.Find(q, max)
			same(t, fmt.Sprintf("Find(%q, %d)", q, max), got, err, all, max, func(d cache.Doc) bool { return contains(d, q) })
		}
	}
}

// same wants the first max ids, in order, of the documents that f accepts.
func same(t interface {
	Helper()
	Fatalf(string, ...any)
}, what string, got []string, err error, want []cache.Doc, max int, f func(cache.Doc) bool,
) {
	t.Helper()
	var ids []string
	for _, d := range want {
		if f(d) && len(ids) < max {
			ids = append(ids, d.ID)
		}
	}
	if err != nil || !slices.Equal(got, ids) {
		t.Fatalf("%s = %v, %v; want %v", what, got, err, ids)
	}
}

// matches is Match, said slowly.
func matches(d cache.Doc, words []string) bool {
	some := false
	for _, w := range words {
		if w == "" {
			continue
		}
		some = true
		w = w[:min(len(w), cache.MaxToken)]
		if !slices.ContainsFunc(d.Tokens, func(t string) bool { return strings.HasPrefix(t, w) }) {
			return false
		}
	}
	return some
}

// contains is Find, said slowly.
func contains(d cache.Doc, words []string) bool {
	some := false
	for _, w := range words {
		some = some || w != ""
		if !strings.Contains(d.Search, w) {
			return false
		}
	}
	return some
}

func compareDocs(t interface {
	Helper()
	Fatalf(string, ...any)
}, c *cache.Cache, want map[string]cache.Doc,
) {
	t.Helper()
	all := sorted(want)
	for d, err := range c.Docs() {
		if err != nil || len(all) == 0 {
			t.Fatalf("Docs yields %+v, %v; want %d more", d, err, len(all))
		}
		w := all[0]
		if d.ID != w.ID || d.Title != w.Title || string(d.Raw) != string(w.Raw) || string(d.Row) != string(w.Row) || d.Tokens != nil || d.Search != "" {
			t.Fatalf("Docs yields %+v, want %+v", d, w)
		}
		all = all[1:]
	}
	if len(all) != 0 {
		t.Fatalf("Docs ended before %+v", all[0])
	}
	all = sorted(want)
	for _, at := range []int{0, len(all) / 3, len(all) - 1} {
		if at >= 0 && at < len(all) {
			compareFrom(t, c, all[at].ID, all[at:])
			compareFrom(t, c, all[at].ID+"a", all[at+1:])
		}
	}
}

// compareFrom takes a walk up in the middle.
func compareFrom(t interface {
	Helper()
	Fatalf(string, ...any)
}, c *cache.Cache, id string, want []cache.Doc,
) {
	t.Helper()
	for d, err := range c.DocsFrom(id) {
		if err != nil || len(want) == 0 || d.ID != want[0].ID {
			t.Fatalf("DocsFrom(%q) yields %s, %v; want %d more", id, d.ID, err, len(want))
		}
		want = want[1:]
	}
	if len(want) != 0 {
		t.Fatalf("DocsFrom(%q) ended before %s", id, want[0].ID)
	}
}

func compareScan(t interface {
	Helper()
	Fatalf(string, ...any)
}, c *cache.Cache, want map[string]cache.Doc,
) {
	t.Helper()
	seen := map[string]bool{}
	err := c.Scan(func(id, search string, row []byte) bool {
		w, ok := want[id]
		if !ok || seen[id] || search != w.Search || string(row) != string(w.Row) {
			t.Fatalf("Scan yields %s %q %q (seen: %v), want %+v", id, search, row, seen[id], w)
		}
		seen[id] = true
		return true
	})
	if err != nil || len(seen) != len(want) {
		t.Fatalf("Scan yields %d of %d: %v", len(seen), len(want), err)
	}
}
