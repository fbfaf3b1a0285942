package strength

import (
	"maps"
	"slices"
	"strings"

	"github.com/trustelem/zxcvbn/match"
)

// lookAlikes are the characters that people write for a letter.
var lookAlikes = []struct {
	letter byte
	by     string
}{
	{'a', "4@"}, {'b', "8"}, {'c', "({[<"}, {'e', "3"}, {'g', "69"}, {'i', "1!|"}, {'l', "1|7"}, {'o', "0"}, {'s', "$5"}, {'t', "+7"}, {'x', "%"}, {'z', "2"},
}

// maxReadings bounds the ways of reading one password. A password that has all look-alikes has fewer.
const maxReadings = 4096

// reading says which letter each look-alike stands for; it gives every letter at most one look-alike.
type reading map[byte]byte

// l33t finds words written with look-alike characters.
func (t *tables) l33t(p text, hints map[string]int, found []*match.Match) []*match.Match {
	for _, r := range readings(p.lower) {
		read := make([]byte, len(p.lower))
		for i, c := range p.lower {
			read[i] = c
			if letter, ok := r[c]; ok {
				read[i] = letter
			}
		}
		t.each(read, hints, func(i, j int, word string, rank int) {
			if i == j || string(p.lower[i:j+1]) == word {
				return // one character is noise; without a look-alike it is a plain word
			}
			m := newMatch("dictionary", p, i, j)
			m.MatchedWord, m.Rank, m.L33t, m.Sub = word, rank, true, r.in(p.lower[i:j+1])
			found = append(found, m)
		})
		clear(read)
	}
	return found
}

// in is the part of a reading that a stretch uses, as the scoring wants it.
func (r reading) in(stretch []byte) map[string]string {
	sub := map[string]string{}
	for _, c := range stretch {
		if letter, ok := r[c]; ok {
			sub[string(rune(c))] = string(rune(letter))
		}
	}
	return sub
}

// readings lists the ways of giving every letter one of its look-alikes that occur in the text. Where two letters want the same
// look-alike ('1' for i and l) there is a way for each. None when there are no look-alikes.
func readings(lower []byte) []reading {
	all := []reading{{}}
	for _, l := range lookAlikes {
		var next []reading
		for _, c := range []byte(l.by) {
			if !slices.Contains(lower, c) {
				continue
			}
			for _, r := range all {
				with := maps.Clone(r)
				if _, taken := r[c]; taken {
					next = append(next, r)
				}
				with[c] = l.letter
				next = append(next, with)
			}
		}
		if len(next) > 0 {
			all = distinct(next)
		}
		if len(all) > maxReadings {
			all = all[:maxReadings]
		}
	}
	if len(all) == 1 && len(all[0]) == 0 {
		return nil
	}
	return all
}

func distinct(rs []reading) (out []reading) {
	seen := map[string]bool{}
	for _, r := range rs {
		var key strings.Builder
		for _, c := range slices.Sorted(maps.Keys(r)) {
			key.WriteByte(c)
			key.WriteByte(r[c])
		}
		if !seen[key.String()] {
			seen[key.String()] = true
			out = append(out, r)
		}
	}
	return out
}
