package cache

import (
	"bytes"
	"cmp"
	"slices"
	"sort"
	"strings"
)

// cleanWords cuts words as tokens are cut, and drops empty ones and repetitions.
func cleanWords(words []string) []string {
	var out []string
	for _, w := range words {
		if w = cutToken(w); w != "" && !slices.Contains(out, w) {
			out = append(out, w)
		}
	}
	return out
}

// match returns the rows that fit every word. Words whose stretch of the index is short go first: when nothing is left,
// the long ones are never read.
func (b *base) match(words []string) (rowSet, error) {
	words = slices.Clone(words)
	slices.SortStableFunc(words, func(v, w string) int { return cmp.Compare(b.stretch(v).len, b.stretch(w).len) })
	var all rowSet
	for _, w := range words {
		set, err := b.matchWord(w)
		if err != nil {
			return nil, err
		}
		if all == nil {
			all = set
		} else if !all.and(set) {
			return nil, nil
		}
	}
	return all, nil
}

// fenceRange returns the fences of the blocks that may hold tokens beginning with prefix.
func (b *base) fenceRange(prefix string) (lo, hi int) {
	f := b.root.tokenFences
	lo = max(0, sort.Search(len(f), func(i int) bool { return f[i].text > prefix })-1)
	for hi = lo; hi < len(f); hi++ {
		if hi > lo && f[hi].text > prefix && !strings.HasPrefix(f[hi].text, prefix) {
			break
		}
	}
	return lo, hi
}

// stretch returns those blocks as a range of the token section.
func (b *base) stretch(prefix string) section {
	lo, hi := b.fenceRange(prefix)
	if lo == hi {
		return section{}
	}
	off := b.root.tokenFences[lo].off
	return section{off, b.fenceOff(hi) - off}
}

func (b *base) fenceOff(i int) int64 {
	if i == len(b.root.tokenFences) {
		return b.root.tokens.len
	}
	return b.root.tokenFences[i].off
}

// matchWord returns the rows of all tokens that begin with prefix.
func (b *base) matchWord(prefix string) (rowSet, error) {
	set := newRowSet(b.root.docs)
	lo, hi := b.fenceRange(prefix)
	err := b.eachBlock(lo, hi, func(token []byte, p postings) (bool, error) {
		if !bytes.HasPrefix(token, []byte(prefix)) {
			return string(token) < prefix, nil
		}
		return true, p.addTo(set, b.root.docs)
	})
	return set, err
}

// eachBlock calls f for the tokens from one fence to another, until it returns false.
func (b *base) eachBlock(lo, hi int, f func(token []byte, p postings) (bool, error)) error {
	more := true
	for i := lo; i < hi && more; i++ {
		blocks, err := b.pages.view(b.root.tokens, b.fenceOff(i), b.fenceOff(i+1)-b.fenceOff(i))
		if err != nil {
			return err
		}
		err = eachToken(blocks, func(token []byte, p postings) (bool, error) {
			more, err = f(token, p)
			return more, err
		})
		if err != nil {
			return err
		}
	}
	return nil
}
