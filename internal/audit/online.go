package audit

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
)

// Bounds of what a breach service is asked and may answer.
const (
	prefixLen = 5 // hexadecimal digits that the service gets to see
	suffixLen = hexLen - prefixLen
	MaxAnswer = 4 << 20 // bytes of one answer; with padding it is about 40 kB
	inFlight  = 4       // requests at the same time: quick enough, and kind
	maxMisses = 3       // failures in a row after which the service is left alone
)

// Fetcher asks a breach service for one prefix and returns the lines of its answer, at most MaxAnswer bytes. It waits and retries as the
// service asks for.
type Fetcher interface {
	Fetch(ctx context.Context, prefix string) ([]byte, error)
}

// Online asks a service by k-anonymity: it gets the first five of forty digits of a hash, which a few thousand passwords have in
// common, and answers with the rest of all that it knows. Which one was meant, it does not learn.
type Online struct {
	Fetch   Fetcher
	Service string // for people: "api.pwnedpasswords.com"
}

// Name implements Source.
func (o Online) Name() string { return o.Service }

// ID implements Source.
func (o Online) ID() string { return "service " + o.Service }

// Stage implements Source.
func (o Online) Stage() Stage { return AtNet }

// batch are the hashes with one prefix: from to before to.
type batch struct {
	prefix   string
	from, to int
}

// batches puts sorted hashes together by prefix, so that no prefix is asked twice.
func batches(hashes []Hash) (out []batch) {
	for i, h := range hashes {
		p := strings.ToUpper(hex.EncodeToString(h[:3])[:prefixLen])
		if n := len(out); n > 0 && out[n-1].prefix == p {
			out[n-1].to = i + 1
			continue
		}
		out = append(out, batch{p, i, i + 1})
	}
	return out
}

// Look implements Source.
func (o Online) Look(ctx context.Context, hashes []Hash, hit func(i, seen int), progress func(done, total int)) error {
	todo := batches(hashes)
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	r := round{o: o, hashes: hashes, hit: hit, progress: progress, total: len(todo), stop: stop}
	next := make(chan batch)
	var wg sync.WaitGroup
	for range min(inFlight, len(todo)) {
		wg.Go(func() {
			for b := range next {
				r.ask(ctx, b)
			}
		})
	}
feed:
	for _, b := range todo {
		select {
		case next <- b:
		case <-ctx.Done():
			break feed
		}
	}
	close(next)
	wg.Wait()
	return r.result()
}

// round is one run through all prefixes.
type round struct {
	o        Online
	hashes   []Hash
	hit      func(i, seen int)
	progress func(done, total int)
	total    int
	stop     func()

	mu      sync.Mutex
	done    int
	answers int
	misses  int // in a row
	failed  error
}

func (r *round) ask(ctx context.Context, b batch) {
	body, err := r.o.Fetch.Fetch(ctx, b.prefix)
	var seen map[string]int
	if err == nil {
		seen, err = parseRange(body)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.done++
	r.progress(r.done, r.total)
	if err != nil {
		if r.misses++; r.failed == nil || errors.Is(r.failed, context.Canceled) {
			r.failed = err
		}
		if r.misses >= maxMisses {
			r.stop()
		}
		return
	}
	r.misses, r.answers = 0, r.answers+1
	for i := b.from; i < b.to; i++ {
		r.hit(i, seen[strings.ToUpper(hex.EncodeToString(r.hashes[i][:]))[prefixLen:]])
	}
}

func (r *round) result() error {
	switch {
	case r.failed == nil && r.answers == r.total:
		return nil
	case r.failed == nil:
		return context.Canceled
	case r.answers == 0:
		return fmt.Errorf("no answer: %w", r.failed)
	}
	return fmt.Errorf("answered %d of %d questions: %w", r.answers, r.total, r.failed)
}

var errAnswer = errors.New("the answer is no list of hashes")

// parseRange reads "SUFFIX35:COUNT" lines. Lines with count 0 are padding, which hides the size of the answer from who listens.
func parseRange(body []byte) (map[string]int, error) {
	if len(body) > MaxAnswer {
		return nil, errAnswer
	}
	seen := map[string]int{}
	for line := range bytes.Lines(body) {
		line = bytes.TrimRight(line, "\r\n")
		if len(line) == 0 {
			continue
		}
		suffix, count, ok := bytes.Cut(line, []byte{':'})
		if !ok || len(suffix) != suffixLen || bytes.ContainsFunc(suffix, notHex) || len(count) > maxCount {
			return nil, errAnswer
		}
		n, err := strconv.ParseUint(string(bytes.TrimSpace(count)), 10, 32)
		if err != nil {
			return nil, errAnswer
		}
		if n > 0 {
			seen[strings.ToUpper(string(suffix))] = int(n)
		}
	}
	return seen, nil
}

func notHex(r rune) bool { return (r < '0' || r > '9') && (r < 'A' || r > 'F') && (r < 'a' || r > 'f') }
