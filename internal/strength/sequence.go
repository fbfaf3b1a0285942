package strength

import "github.com/trustelem/zxcvbn/match"

// maxStep is the largest step of a sequence: "acegi" is one, with steps of 2.
const maxStep = 5

// sequences finds characters that follow one another by equal steps: "abcd", "97531". A stretch ends with the character at which
// the next begins.
func sequences(p text, found []*match.Match) []*match.Match {
	n := len(p.runes)
	for i := 0; i < n-1; {
		d := p.runes[i+1] - p.runes[i]
		j := i + 1
		for j+1 < n && p.runes[j+1]-p.runes[j] == d {
			j++
		}
		size := max(d, -d)
		if (j-i > 1 || size == 1) && size > 0 && size <= maxStep {
			m := newMatch("sequence", p, i, j)
			m.Ascending = d > 0
			found = append(found, m)
		}
		i = j
	}
	return found
}
