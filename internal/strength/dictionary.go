package strength

import (
	"bytes"
	"compress/gzip"
	_ "embed" // the word list
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/trustelem/zxcvbn/adjacency"
	"github.com/trustelem/zxcvbn/match"
)

// tables is what the matchers look things up in. It is built on first use and holds about 4 MB from then on.
type tables struct {
	words   map[string]int32 // word → best rank in any list
	longest int
	begins  []uint64 // a bit for every hash of the first 4 characters of a word: most look-ups end here
	boards  []board
}

// The word list: for every rank a line with the words whose best rank it is, merged from the library's six lists. words_test.go
// writes and compares it.
//
//go:embed words.gz
var wordList []byte

// Bounds of the list, so that a file built wrongly is noticed and not believed.
const (
	wordCount   = 95_000 // about
	maxListSize = 4 << 20
)

// loaded returns the tables. Building them takes about 20 ms.
var loaded = sync.OnceValue(func() *tables {
	t := &tables{words: make(map[string]int32, wordCount), begins: make([]uint64, 1<<beginBits/64)}
	for rank, line := range strings.Split(unpack(wordList), "\n") {
		for w := range strings.FieldsSeq(line) {
			t.add(w, int32(rank)+1)
		}
	}
	for _, name := range []string{"qwerty", "dvorak", "keypad", "mac_keypad"} {
		if g := adjacency.Graphs[name]; g != nil {
			t.boards = append(t.boards, newBoard(g))
		}
	}
	return t
})

// unpack reads the embedded list; it is part of the program, so that a fault in it is one of the build.
func unpack(packed []byte) string {
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		panic("read the word list: " + err.Error())
	}
	plain, err := io.ReadAll(io.LimitReader(z, maxListSize))
	if err != nil {
		panic("read the word list: " + err.Error())
	}
	return string(plain)
}

// add keeps the best rank of a word: with everything else equal, the guesses grow with it.
func (t *tables) add(w string, rank int32) {
	if old, ok := t.words[w]; ok && old <= rank {
		return
	}
	t.words[w] = rank
	t.longest = max(t.longest, len(w))
	if len(w) >= beginLen {
		h := beginHash(w[0], w[1], w[2], w[3])
		t.begins[h/64] |= 1 << (h % 64)
	}
}

const (
	beginLen  = 4
	beginBits = 18
)

func beginHash(a, b, c, d byte) uint32 {
	return (uint32(a)<<24 | uint32(b)<<16 | uint32(c)<<8 | uint32(d)) * 2654435761 >> (32 - beginBits)
}

// longestFrom is how long a word can be that begins at i.
func (t *tables) longestFrom(lower []byte, i int) int {
	n := min(t.longest, len(lower)-i)
	if n < beginLen {
		return n
	}
	h := beginHash(lower[i], lower[i+1], lower[i+2], lower[i+3])
	if t.begins[h/64]&(1<<(h%64)) == 0 {
		return beginLen - 1
	}
	return n
}

// each calls f for every stretch that is a word, with its rank.
func (t *tables) each(lower []byte, hints map[string]int, f func(i, j int, word string, rank int)) {
	for i := range lower {
		n := t.longestFrom(lower, i)
		if len(hints) > 0 {
			n = min(maxHint, len(lower)-i)
		}
		for j := i; j < i+n; j++ {
			w := lower[i : j+1]
			rank := int(t.words[string(w)])
			if hint := hints[string(w)]; hint > 0 && (rank == 0 || hint < rank) {
				rank = hint
			}
			if rank > 0 {
				f(i, j, string(w), rank)
			}
		}
	}
}

func (t *tables) dictionary(p text, hints map[string]int, found []*match.Match) []*match.Match {
	t.each(p.lower, hints, func(i, j int, word string, rank int) {
		m := newMatch("dictionary", p, i, j)
		m.MatchedWord, m.Rank = word, rank
		found = append(found, m)
	})
	return found
}

// reversed finds words that are written backwards.
func (t *tables) reversed(p text, hints map[string]int, found []*match.Match) []*match.Match {
	back := slices.Clone(p.lower)
	slices.Reverse(back)
	defer clear(back)
	last := len(back) - 1
	t.each(back, hints, func(i, j int, word string, rank int) {
		m := newMatch("dictionary", p, last-j, last-i)
		m.MatchedWord, m.Rank, m.Reversed = word, rank, true
		found = append(found, m)
	})
	return found
}

// hintDictionary ranks hints in the order in which they are given.
func hintDictionary(hints []string) map[string]int {
	if len(hints) == 0 {
		return nil
	}
	out := make(map[string]int, len(hints))
	for i, h := range hints[:min(len(hints), maxHints)] {
		h = strings.ToLower(h)
		if _, ok := out[h]; !ok && h != "" && len(h) <= maxHint {
			out[h] = i + 1
		}
	}
	return out
}
