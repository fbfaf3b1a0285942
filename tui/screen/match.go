package screen

import (
	"bytes"
	"slices"
	"sync"

	"github.com/junegunn/fzf/src/algo"
	"github.com/junegunn/fzf/src/util"

	"signet/vault/entry"
)

// word is one word of a search, folded, with what is computed once for all entries.
type word struct {
	text  []byte
	runes []rune
	mask  uint64
}

// maxWord bounds the length of a word in a search.
const maxWord = 256

func newWord(s string) word {
	text := entry.Fold(s)
	if len(text) > maxWord {
		text = string([]rune(text)[:maxWord/4])
	}
	return word{text: []byte(text), runes: []rune(text), mask: letters([]byte(text))}
}

// letters is the set of bytes in a text, one bit for every letter and digit, the rest sharing some. A text can hold a word's letters only
// when it has all bits of the word: one comparison rules most entries out.
func letters(text []byte) (mask uint64) {
	for _, c := range text {
		switch {
		case c >= 'a' && c <= 'z':
			mask |= 1 << (c - 'a')
		case c >= '0' && c <= '9':
			mask |= 1 << (26 + c - '0')
		case c < 0x80:
			mask |= 1 << (36 + c%12)
		default:
			mask |= 1 << (48 + c%16)
		}
	}
	return mask
}

// The tiers of a word's match, best first. What was typed without a gap stands above scattered letters; the title above the user name above
// sites, tags and folders.
const (
	tierExact    = iota // the title is the query
	tierPrefix          // the title begins with it
	tierWord            // a word of the title begins with it
	tierInitials        // the words of the title begin with its letters: "aws" for Amazon Web Services
	tierInside          // it is inside the title
	tierUser            // the user name, or a word of it, begins with it
	tierInUser
	tierSite // a part of a site's name begins with it
	tierInSite
	tierOther // a part of a tag, a folder or the subtitle begins with it
	tierInOther
	tierNear    // its letters are in the title with few and small gaps
	tierNearish // the same, less near
	tierNearUser
	tierNearOther
	tierLoose // its letters are somewhere in one field, in order; counts only when nothing else matches
	tierNone
)

// near is the score for each letter from which scattered letters count as near, nearer from which they are better than that. A letter scores
// 16, one at the beginning of a word up to 26 (the first one 36), and a gap takes 3 and 1 for each letter skipped: with 20, "gthb" finds GitHub
// and "amzn" finds Amazon, while three letters out of the middle of three words find nothing.
const (
	near   = 20
	nearer = 24
)

// scratch is what one worker of a search needs.
type scratch struct{ slab *util.Slab }

// Sizes of the scratch, as fzf uses them: longer fields are matched greedily.
const (
	slab16 = 100 << 10
	slab32 = 2 << 10
)

var scratches = sync.Pool{New: func() any { return &scratch{util.MakeSlab(slab16, slab32)} }}

// fuzzyReady fills fzf's tables, once.
var fuzzyReady = sync.OnceFunc(func() { algo.Init("default") })

// fuzzy scores the letters of a word in a folded field; false when they are not there in order.
func (s *scratch) fuzzy(w *word, field []byte) (int, bool) {
	chars := util.ToChars(field)
	r, _ := algo.FuzzyMatchV2(true, false, true, &chars, w.runes, false, s.slab)
	return r.Score, r.Start >= 0
}

// place says how well a word matches an item.
func (it *item) place(w *word, s *scratch) int {
	if w.mask&^it.mask != 0 {
		return tierNone
	}
	best := tierNone
	if at := bytes.Index(it.hay, w.text); at >= 0 {
		best = it.inside(w.text, at)
	}
	if best > tierInitials && it.initialed(w.text) {
		return tierInitials
	}
	if best == tierNone && len(w.runes) > 1 {
		best = it.scattered(w, s)
	}
	return best
}

// inside ranks a word that is in the item as it is, first at at.
func (it *item) inside(w []byte, at int) int {
	title, user, sites := int(it.ends[0]), int(it.ends[1]), int(it.ends[2])
	switch {
	case at == 0 && len(w) == title:
		return tierExact
	case at == 0:
		return tierPrefix
	case at < title:
		return begins(it.hay[:title], w, at, tierWord, tierInside)
	case at < user:
		return begins(it.hay[:user], w, at, tierUser, tierInUser)
	case at < sites:
		return begins(it.hay[:sites], w, at, tierSite, tierInSite)
	}
	return begins(it.hay, w, at, tierOther, tierInOther)
}

// begins tells a word that begins where a word of the text begins from one that is in the middle of words only.
func begins(text, w []byte, at, start, middle int) int {
	for {
		if at == 0 || boundary(text[at-1]) {
			return start
		}
		next := bytes.Index(text[at+1:], w)
		if next < 0 {
			return middle
		}
		at += next + 1
	}
}

// boundary reports whether a word can begin after this byte.
func boundary(c byte) bool {
	return c < 0x80 && (c < '0' || c > '9' && c < 'a' || c > 'z')
}

// initialed reports whether the words of the title begin with the letters.
func (it *item) initialed(w []byte) bool {
	return len(w) > 1 && len(w) <= len(it.initials) && bytes.Equal(it.initials[:len(w)], w)
}

// scattered looks for the letters of a word, in order, in one field after the other.
func (it *item) scattered(w *word, s *scratch) int {
	best, from := tierNone, 0
	for from < len(it.hay) && best > tierNear {
		to := len(it.hay)
		if n := bytes.IndexByte(it.hay[from:], '\n'); n >= 0 {
			to = from + n
		}
		if field := it.hay[from:to]; inOrder(field, w.text) {
			best = min(best, it.nearness(w, s, field, from))
		}
		from = to + 1
	}
	return best
}

func (it *item) nearness(w *word, s *scratch, field []byte, from int) int {
	score, ok := s.fuzzy(w, field)
	switch n := len(w.runes); {
	case !ok:
		return tierNone
	case score < near*n:
		return tierLoose
	case from > int(it.ends[0]) && from < int(it.ends[1]):
		return tierNearUser
	case from > 0:
		return tierNearOther
	case score < nearer*n:
		return tierNearish
	}
	return tierNear
}

// inOrder reports whether the bytes of w are in text, in that order.
func inOrder(text, w []byte) bool {
	for _, c := range w {
		at := bytes.IndexByte(text, c)
		if at < 0 {
			return false
		}
		text = text[at+1:]
	}
	return true
}

// The key of a hit: the sum of its words' tiers, then how often it is used. Hits are sorted by counting keys, so that those of one key keep
// the order of the list.
const (
	heats   = 16
	maxSum  = 63
	keyNone = (maxSum + 1) * heats
)

// hot is the use from which an entry in whose title a word begins comes among those whose title begins with it: what somebody uses every day
// is what they mean.
const hot = 6

// rank is the key of an item, and whether some word is there only loosely; keyNone when a word is missing.
func (it *item) rank(q *query, whole []byte, s *scratch) (key int, loose bool) {
	sum := 0
	for i := range q.words {
		tier := it.place(&q.words[i], s)
		switch {
		case tier == tierNone:
			return keyNone, false
		case tier == tierLoose:
			loose = true
		case tier == tierExact && len(q.words) > 1:
			tier = tierPrefix
		case tier == tierWord && it.heat >= hot:
			tier = tierPrefix
		}
		sum += tier
	}
	if len(q.words) > 1 && bytes.HasPrefix(it.hay, whole) {
		sum = tierPrefix
		if len(whole) == int(it.ends[0]) {
			sum = tierExact
		}
	}
	return min(sum, maxSum)*heats + heats - 1 - int(it.heat), loose
}

// spans are the letters of a field that words match: ranges of runes, sorted, none touching another.
type stretch struct{ from, to int }

// spansIn finds what to mark of a field, folded rune by rune: every place that a word has in it as it is, best one first, else its scattered
// letters where scatter allows them.
func spansIn(field []rune, words []word, scatter bool) []stretch {
	hit := make([]bool, len(field))
	for i := range words {
		w := &words[i]
		if len(w.runes) == 0 {
			continue
		}
		if at := bestAt(field, w.runes); at >= 0 {
			for k := range w.runes {
				hit[at+k] = true
			}
		} else if scatter {
			for _, at := range scatteredAt(field, w) {
				hit[at] = true
			}
		}
	}
	return runs(hit)
}

// runs are the stretches of letters that are hit.
func runs(hit []bool) (out []stretch) {
	for i := 0; i < len(hit); i++ {
		if !hit[i] {
			continue
		}
		from := i
		for i < len(hit) && hit[i] {
			i++
		}
		out = append(out, stretch{from, i})
	}
	return out
}

// bestAt is where a word stands in a field: at the beginning, else where a word begins, else anywhere; -1 when it does not.
func bestAt(field, w []rune) int {
	found := -1
	for at := 0; at+len(w) <= len(field); at++ {
		if !slices.Equal(field[at:at+len(w)], w) {
			continue
		}
		if at == 0 || field[at-1] < 0x80 && boundary(byte(field[at-1])) {
			return at
		}
		if found < 0 {
			found = at
		}
	}
	return found
}

// scatteredAt are the places of a word's letters.
func scatteredAt(field []rune, w *word) []int {
	if len(w.runes) < 2 {
		return nil
	}
	fuzzyReady()
	s, _ := scratches.Get().(*scratch)
	defer scratches.Put(s)
	chars := util.RunesToChars(field)
	if _, pos := algo.FuzzyMatchV2(true, false, true, &chars, w.runes, true, s.slab); pos != nil {
		return *pos
	}
	return nil
}
