package strength

import (
	"bytes"

	"github.com/trustelem/zxcvbn/match"
)

// repeats finds what is written several times: "aaaa", "abcabc". What is repeated is judged as a password of its own.
func repeats(p text, hints map[string]int, found []*match.Match) []*match.Match {
	for at := 0; at < len(p.chars); {
		i, length, unit := nextRepeat(p.chars, at)
		if length == 0 {
			break
		}
		m := newMatch("repeat", p, i, i+length-1)
		m.BaseToken = string(p.chars[i : i+unit])
		m.RepeatCount = length / unit
		m.BaseGuesses = guesses(p.part(i, i+unit), nil)
		if len(hints) > 0 {
			m.BaseGuesses = min(m.BaseGuesses, guesses(p.part(i, i+unit), hints))
		}
		found = append(found, m)
		at = i + length
	}
	return found
}

// nextRepeat finds the first place from at on where something is written twice or more. Of a short and a long thing repeated there
// the one is taken that covers more: of "aabaab" "aab" twice, of "aaaaa" "a" five times. length 0: nowhere.
func nextRepeat(s []byte, at int) (i, length, unit int) {
	for i = at; i < len(s); i++ {
		line := s[i:]
		if eol := bytes.IndexByte(line, '\n'); eol >= 0 {
			line = line[:eol] // a repeat does not reach over a line end
		}
		shortest, longest := 0, 0
		for n := 1; 2*n <= len(line); n++ {
			if bytes.Equal(line[:n], line[n:2*n]) {
				if shortest == 0 {
					shortest = n
				}
				longest = n
			}
		}
		if shortest == 0 {
			continue
		}
		byShort, byLong := covered(line, shortest), covered(line, longest)
		if byLong > byShort {
			return i, byLong, period(line[:byLong])
		}
		return i, byShort, shortest
	}
	return 0, 0, 0
}

// covered is how far the first n characters go on repeating.
func covered(s []byte, n int) int {
	end := n
	for end+n <= len(s) && bytes.Equal(s[:n], s[end:end+n]) {
		end += n
	}
	return end
}

// period is the length of the shortest thing of which s is a whole number of repeats.
func period(s []byte) int {
	for n := 1; 2*n <= len(s); n++ {
		if len(s)%n == 0 && covered(s, n) == len(s) {
			return n
		}
	}
	return len(s)
}
