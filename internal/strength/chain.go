package strength

import (
	"math"
	"slices"

	"github.com/trustelem/zxcvbn/match"
	"github.com/trustelem/zxcvbn/scoring"
)

// chain finds the cheapest way of putting a password together from patterns, with unknown characters in between where it has to,
// and returns how many guesses it takes. The measure is zxcvbn's: a chain of l parts costs l! times the product of what its parts cost, and
// what trying all shorter chains costs before, D^(l-1).
//
// It is the library's search on arrays instead of maps, without making a value for every stretch of unknown characters: several times
// as fast. What a pattern costs is the library's answer.
type chain struct {
	password string
	ends     [][]*match.Match // by their last character
	best     [][]part         // by their last character, then by how many parts they have, less one
}

// part is the last part of the best chain of some length that ends at some character.
type part struct {
	product float64 // of the guesses of all parts; 0: there is no such chain
	cost    float64
	unknown bool // the last part is unknown characters
}

// shorterChains is D: what each more part costs at least, because shorter chains are tried first.
const shorterChains = scoring.MinGuessesBeforeGrowingSequence

func newChain(password string, found []*match.Match) *chain {
	c := &chain{password: password, ends: make([][]*match.Match, len(password)), best: make([][]part, len(password))}
	for _, m := range found {
		c.ends[m.J] = append(c.ends[m.J], m)
	}
	// What begins first is tried first: a chain is dropped when a shorter one is cheaper so far, though it could be the cheaper one later.
	for _, at := range c.ends {
		slices.SortStableFunc(at, func(a, b *match.Match) int { return a.I - b.I })
	}
	return c
}

// guesses runs the search from the first character to the last.
func (c *chain) guesses() float64 {
	n := len(c.password)
	for k := range n {
		for _, m := range c.ends[k] {
			c.extend(m.I, k, scoring.EstimateGuesses(m, c.password), false)
		}
		for i := 0; i <= k; i++ {
			c.extend(i, k, unknownGuesses(k-i+1), true)
		}
	}
	least := math.Inf(1)
	for _, p := range c.best[n-1] {
		if p.product > 0 {
			least = min(least, p.cost)
		}
	}
	return least
}

// extend puts a part from i to k behind every chain that ends before it. Two stretches of unknown characters in a row are one.
func (c *chain) extend(i, k int, guesses float64, unknown bool) {
	if i == 0 {
		c.offer(k, 1, guesses, unknown)
		return
	}
	for at, before := range c.best[i-1] {
		if before.product > 0 && !(unknown && before.unknown) {
			c.offer(k, at+2, guesses*before.product, unknown)
		}
	}
}

// offer keeps a chain of l parts that ends at k when no chain of as many parts or fewer is as cheap.
func (c *chain) offer(k, l int, product float64, unknown bool) {
	cost := factorial(l)*product + math.Pow(shorterChains, float64(l-1))
	for _, p := range c.best[k][:min(l, len(c.best[k]))] {
		if p.product > 0 && p.cost <= cost {
			return
		}
	}
	for len(c.best[k]) < l {
		c.best[k] = append(c.best[k], part{})
	}
	c.best[k][l-1] = part{product, cost, unknown}
}

// unknownGuesses is what n characters without a pattern cost: ten each, and a little more than the least that a pattern costs, so
// that patterns come first.
func unknownGuesses(n int) float64 {
	least := float64(scoring.MinSubmatchGuessesMultiChar + 1)
	if n == 1 {
		least = scoring.MinSubmatchGuessesSingleChar + 1
	}
	return max(math.Pow(scoring.BruteforceCardinality, float64(n)), least)
}

func factorial(n int) float64 {
	f := 1.0
	for i := 2; i <= n; i++ {
		f *= float64(i)
	}
	return f
}
