package cache

import (
	"encoding/binary"
	"iter"
	"slices"
	"strings"
)

// The token index: all tokens, sorted, in blocks of about 16 KiB. An entry is: bytes shared with the token before | length of
// the rest | length of the postings | rest | postings. The first entry of a block shares nothing. Postings: postings.go.

// tokenSource yields every token in order with its rows, rising. When it ends early, err says why.
type tokenSource struct {
	each iter.Seq2[string, []uint32]
	err  error
}

// tokenIndex collects (token, row) pairs in memory: 8 bytes each, and every distinct token once.
type tokenIndex struct {
	ids   map[string]uint32
	names []string
	last  []uint32 // per token: its last row + 1, so that a document counts once
	count []uint32 // per token: its rows
	pairs [][]uint64
}

const pairBlock = 32 << 10

func (t *tokenIndex) add(row uint32, tokens []string) {
	if t.ids == nil {
		t.ids = map[string]uint32{}
	}
	for _, token := range tokens {
		token = cutToken(token)
		if token == "" {
			continue
		}
		id, ok := t.ids[token]
		if !ok {
			id = t.name(token)
		}
		if t.last[id] == row+1 {
			continue
		}
		t.last[id] = row + 1
		t.count[id]++
		t.pair(uint64(id)<<32 | uint64(row))
	}
}

// name gives a new token its number. It is copied: it may be part of something larger.
func (t *tokenIndex) name(token string) uint32 {
	id := uint32(len(t.names))
	token = string([]byte(token))
	t.ids[token] = id
	t.names, t.last, t.count = append(t.names, token), append(t.last, 0), append(t.count, 0)
	return id
}

func (t *tokenIndex) pair(p uint64) {
	n := len(t.pairs)
	if n == 0 || len(t.pairs[n-1]) == pairBlock {
		t.pairs = append(t.pairs, make([]uint64, 0, pairBlock))
		n++
	}
	t.pairs[n-1] = append(t.pairs[n-1], p)
}

// sorted yields every token in order with its rows, rising. It consumes the index.
func (t *tokenIndex) sorted() iter.Seq2[string, []uint32] {
	ends := make([]uint32, len(t.names))
	total := uint32(0)
	for i, n := range t.count {
		ends[i] = total // where its rows begin; filling moves it to where they end
		total += n
	}
	rows := make([]uint32, total)
	for _, block := range t.pairs {
		for _, p := range block {
			rows[ends[p>>32]] = uint32(p)
			ends[p>>32]++
		}
	}
	t.ids, t.last, t.pairs = nil, nil, nil
	order := make([]uint32, len(t.names))
	for i := range order {
		order[i] = uint32(i)
	}
	slices.SortFunc(order, func(a, b uint32) int { return strings.Compare(t.names[a], t.names[b]) })
	return func(yield func(string, []uint32) bool) {
		for _, id := range order {
			if !yield(t.names[id], rows[ends[id]-t.count[id]:ends[id]]) {
				return
			}
		}
	}
}

func cutToken(t string) string { return t[:min(len(t), maxToken)] }

// tokenWriter lays tokens out in blocks and sets the fences.
type tokenWriter struct {
	write  func([]byte) error
	size   int   // of a block
	off    int64 // of the block under way
	block  []byte
	docs   int64
	post   []byte
	last   string
	fences []tokenFence
}

func (w *tokenWriter) add(token string, rows []uint32) error {
	if len(w.block) >= w.size {
		if err := w.flush(); err != nil {
			return err
		}
	}
	shared := commonPrefix(w.last, token)
	if len(w.block) == 0 {
		w.fences = append(w.fences, tokenFence{separator(w.last, token), w.off})
		shared = 0
	}
	w.post = appendPostings(w.post[:0], rows, w.docs)
	w.block = binary.AppendUvarint(w.block, uint64(shared))
	w.block = binary.AppendUvarint(w.block, uint64(len(token)-shared))
	w.block = binary.AppendUvarint(w.block, uint64(len(w.post)))
	w.block = append(append(w.block, token[shared:]...), w.post...)
	w.last = token
	return nil
}

func (w *tokenWriter) flush() error {
	err := w.write(w.block)
	w.off += int64(len(w.block))
	w.block = w.block[:0]
	return err
}

func commonPrefix(a, b string) int {
	n := min(len(a), len(b))
	for i := range n {
		if a[i] != b[i] {
			return i
		}
	}
	return n
}

// separator returns the shortest beginning of token that is above last.
func separator(last, token string) string {
	return token[:min(len(token), commonPrefix(last, token)+1)]
}

// thin drops every second fence until they fit into their budget: then more blocks stand between two fences.
func thin(f []tokenFence, budget int) []tokenFence {
	for {
		size := 0
		for _, t := range f {
			size += len(t.text) + 2*binary.MaxVarintLen32
		}
		if size <= budget {
			return f
		}
		half := f[:0]
		for i := 0; i < len(f); i += 2 {
			half = append(half, f[i])
		}
		f = half
	}
}

// eachToken calls f for the tokens of whole blocks, until it returns false. Token and postings are valid during the call.
func eachToken(blocks []byte, f func(token []byte, p postings) (bool, error)) error {
	token := make([]byte, 0, maxToken)
	for r := (reader{b: blocks}); len(r.b) > 0; {
		shared, rest, post := r.uvarint(), r.uvarint(), r.uvarint()
		text, p := r.take(rest), postings(r.take(post))
		if r.bad || shared > uint64(len(token)) || shared+rest > maxToken {
			return stale("malformed token index")
		}
		token = append(token[:shared], text...)
		if more, err := f(token, p); err != nil || !more {
			return err
		}
	}
	return nil
}
