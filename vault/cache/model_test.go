package cache_test

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"signet/vault/cache"
)

// model is a cache with its files, and what they must say.
type model struct {
	base, tail []byte
	cache      *cache.Cache
	docs       map[string]cache.Doc
	stamp      cache.Stamp
	context    string
	notes      []string
	// what the tail said before its last frame, for a torn one
	before func()
}

var (
	aWord  = rapid.StringMatching(`[ab]{1,3}|[a-z]{3,8}`)
	anID   = rapid.Map(rapid.IntRange(0, 60), id32)
	aDoc   = rapid.Custom(drawDoc)
	aQuery = rapid.SliceOfN(rapid.OneOf(aWord, rapid.StringMatching(`[a-z]?`)), 0, 3)
)

func drawDoc(t *rapid.T) cache.Doc {
	d := cache.Doc{
		ID: anID.Draw(t, "id"), Title: rapid.StringMatching(`[ab]{0,2}`).Draw(t, "title"), Tokens: rapid.SliceOfN(aWord, 0, 5).Draw(t, "tokens"),
		Search: rapid.String().Draw(t, "search"), Row: rapid.SliceOfN(rapid.Byte(), 0, 9).Draw(t, "row"), Raw: rapid.SliceOfN(rapid.Byte(), 0, 9).Draw(t, "raw"),
	}
	if rapid.IntRange(0, 19).Draw(t, "long") == 0 { // some chunks, not many: the model runs a few thousand steps
		d.Search = strings.Repeat(d.Search, 300)
		d.Raw = bytes.Repeat(d.Raw, 8000)
	}
	return d
}

// Any sequence of builds, merges, frames, reopenings and torn tails answers as a map does.
func TestModel(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := &model{docs: map[string]cache.Doc{}}
		m.rebuild(t)
		t.Repeat(map[string]func(*rapid.T){
			"":        m.check,
			"rebuild": m.rebuild,
			"merge":   m.merge,
			"frame":   m.frame,
			"reopen":  m.reopen,
			"tear":    m.tear,
		})
	})
}

func (m *model) fresh(t *rapid.T) {
	m.tail, m.notes, m.before = nil, nil, nil
	m.reopen(t)
}

func (m *model) rebuild(t *rapid.T) {
	build := rapid.SampledFrom([]buildFunc{cache.Build, cache.BuildTiny}).Draw(t, "build")
	for _, d := range rapid.SliceOfN(aDoc, 0, 30).Draw(t, "docs") {
		m.docs[d.ID] = d
	}
	m.stamp[0]++
	m.context = rapid.String().Draw(t, "context")
	var w bytes.Buffer
	err := build(&w, keysOf(1), m.stamp, seq(sorted(m.docs)), func() ([]byte, error) { return []byte(m.context), nil })
	if err != nil {
		t.Fatal(err)
	}
	m.base = w.Bytes()
	m.fresh(t)
}

func (m *model) merge(t *rapid.T) {
	var w bytes.Buffer
	m.context = rapid.String().Draw(t, "context")
	if err := m.cache.Merge(&w, keysOf(1), func() ([]byte, error) { return []byte(m.context), nil }); err != nil {
		t.Fatal(err)
	}
	m.base = w.Bytes()
	m.fresh(t)
}

func (m *model) frame(t *rapid.T) {
	docs, stamp, notes := maps.Clone(m.docs), m.stamp, len(m.notes)
	changed := rapid.SliceOfN(aDoc, 0, 4).Draw(t, "changed")
	gone := rapid.SliceOfN(anID, 0, 4).Draw(t, "gone")
	note := rapid.String().Draw(t, "note")
	m.stamp[1]++
	f, off, err := m.cache.Frame(m.stamp, changed, gone, []byte(note))
	if err != nil {
		t.Fatal(err)
	}
	m.tail = append(m.tail[:off:off], f...)
	m.before = func() { m.docs, m.stamp, m.notes, m.tail = docs, stamp, m.notes[:notes], m.tail[:off] }
	m.notes = append(m.notes, note)
	for _, id := range gone {
		delete(m.docs, id)
	}
	for _, d := range changed {
		m.docs[d.ID] = d
	}
}

func (m *model) reopen(t *rapid.T) {
	c, err := cache.Open(fileOf(m.base), slices.Clone(m.tail), keysOf(1))
	if err != nil {
		t.Fatal(err)
	}
	m.cache = c
}

// tear loses a part of the last frame, as a crash may.
func (m *model) tear(t *rapid.T) {
	if m.before == nil {
		t.Skip("nothing to tear")
	}
	whole := m.tail
	m.before()
	m.before = nil // a tail is torn at its end only
	cut := rapid.IntRange(len(m.tail), len(whole)-1).Draw(t, "cut")
	torn := cut > len(m.tail)
	m.tail = whole[:cut]
	m.reopen(t)
	if m.cache.Torn() != torn {
		t.Fatalf("Torn = %v", m.cache.Torn())
	}
}

func (m *model) check(t *rapid.T) {
	if m.cache.Stamp() != m.stamp {
		t.Fatalf("Stamp = %x, want %x", m.cache.Stamp(), m.stamp)
	}
	base, notes, err := m.cache.Context()
	if err != nil || string(base) != m.context || fmt.Sprintf("%q", notes) != fmt.Sprintf("%q", m.notes) {
		t.Fatalf("Context = %q, %q, %v; want %q, %q", base, notes, err, m.context, m.notes)
	}
	ids := rapid.SliceOfN(anID, 1, 2).Draw(t, "ids")
	titles := []string{"", "a", "b", "ab", "ba"}
	compare(t, m.cache, m.docs, ids, titles, rapid.SliceOfN(aQuery, 1, 2).Draw(t, "queries"))
}
