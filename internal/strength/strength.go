package strength

import (
	"math"

	"github.com/trustelem/zxcvbn/match"

	"signet/vault/secret"
)

// maxChars is how much of a password is looked at. The cost of the search for the best chain grows with more than the square of
// the length (110 characters took the library 20 ms), and 64 characters of any kind are far beyond the best score; only a password
// whose first 64 characters are one cheap pattern is judged too hard, and such a one has to be called weak anyway.
const maxChars = 64

// maxHints and maxHint bound what is known about the owner.
const (
	maxHints = 16
	maxHint  = 64
)

// Score thresholds of zxcvbn, in guesses; delta keeps rounding from lifting a score.
const delta = 5

var thresholds = []float64{1e3, 1e6, 1e8, 1e10}

// MaxScore is the best score.
const MaxScore = 4

// Strength is an estimate.
type Strength struct {
	Guesses float64 // how many guesses an attacker needs who knows how people choose passwords
	Score   int     // 0 to MaxScore
}

// Bits is log2 of the guesses, what a generator would call entropy.
func (s Strength) Bits() float64 {
	if s.Guesses < 1 {
		return 0
	}
	return math.Log2(s.Guesses)
}

// Words says it in words.
func (s Strength) Words() string {
	return [...]string{"very weak", "weak", "fair", "good", "strong"}[min(max(s.Score, 0), MaxScore)]
}

// Estimate judges a password. Hints are words that an attacker tries first: user name, name of the site.
func Estimate(password secret.Secret, hints ...string) Strength {
	p := shape(password.Reveal())
	defer p.wipe()
	g := guesses(p, hintDictionary(hints))
	return Strength{Guesses: g, Score: score(g)}
}

func score(guesses float64) int {
	for i, t := range thresholds {
		if guesses < t+delta {
			return i
		}
	}
	return MaxScore
}

func guesses(p text, hints map[string]int) float64 {
	if len(p.chars) == 0 {
		return 1
	}
	return newChain(string(p.chars), matches(p, hints)).guesses()
}

// matches finds every pattern.
func matches(p text, hints map[string]int) []*match.Match {
	t := loaded()
	found := t.dictionary(p, hints, nil)
	found = t.reversed(p, hints, found)
	found = t.l33t(p, hints, found)
	found = t.spatial(p, found)
	found = repeats(p, hints, found)
	found = sequences(p, found)
	found = years(p, found)
	return dates(p, found)
}

// newMatch is a match of the characters from i to j, both included.
func newMatch(pattern string, p text, i, j int) *match.Match {
	return &match.Match{Pattern: pattern, Token: string(p.chars[i : j+1]), I: i, J: j}
}
