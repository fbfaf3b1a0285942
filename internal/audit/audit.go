package audit

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"runtime"
	"slices"
	"sync"
	"time"

	"signet/vault/entry"
)

// Defaults of Options.
const (
	// OldAfter is when a password counts as old. Age alone is no danger, and forced change makes passwords worse (NIST SP 800-63B);
	// three years is long enough that a site may have lost its hashes unnoticed, so the finding is a low one.
	OldAfter = 3 * 365 * 24 * time.Hour
	// SoonCard and SoonDocument are how early an expiry is told: a new card comes by post, a passport takes months and many borders
	// ask for half a year.
	SoonCard     = 60 * 24 * time.Hour
	SoonDocument = 180 * 24 * time.Hour
)

// Stage names what a run is doing.
type Stage string

// The stages.
const (
	Reading Stage = "entries"
	InFile  Stage = "hash list"
	AtNet   Stage = "breach service"
)

// Options say how to audit.
type Options struct {
	Now      time.Time
	Kinds    []Kind        // nil: all
	OldAfter time.Duration // 0: the default; below 0: never
	Sources  []Source      // where breaches are looked up, in this order; the next is asked for what the one before did not know
	Total    int           // entries that will come, for progress
	Workers  int           // 0: one for every processor
	Progress func(stage Stage, done, total int)
	NoSource Gap // the gap to report when breaches are wanted and there is no source
}

func (o Options) wants(k Kind) bool { return len(o.Kinds) == 0 || slices.Contains(o.Kinds, k) }

// Auditor runs audits of one vault and remembers, by keyed hash, what it computed.
type Auditor struct {
	key [keySize]byte

	mu     sync.Mutex
	scores map[digest]judged
	known  map[string]map[digest]int // by source: how often a password was seen, 0 for never
	closed bool
}

// errClosed says that the Auditor was closed: the vault is locked.
var errClosed = errors.New("the audit is over: the vault was locked")

// New makes an Auditor; rand gives its key.
func New(rand io.Reader) (*Auditor, error) {
	a := &Auditor{scores: map[digest]judged{}, known: map[string]map[digest]int{}}
	if _, err := io.ReadFull(rand, a.key[:]); err != nil {
		return nil, fmt.Errorf("make the audit's key: %w", err)
	}
	return a, nil
}

// Close wipes what is remembered.
func (a *Auditor) Close() {
	a.mu.Lock()
	defer a.mu.Unlock()
	clear(a.key[:])
	clear(a.scores)
	clear(a.known)
	a.closed = true
}

// Run examines the entries, which it wipes. An error means that there is no report; what a source could not do is a gap of it.
func (a *Auditor) Run(ctx context.Context, entries iter.Seq2[entry.Entry, error], o Options) (Report, error) {
	if o.OldAfter == 0 {
		o.OldAfter = OldAfter
	}
	if o.Progress == nil {
		o.Progress = func(Stage, int, int) {}
	}
	a.mu.Lock()
	closed, key := a.closed, a.key
	a.mu.Unlock()
	if closed {
		return Report{}, errClosed
	}
	facts, err := a.read(ctx, entries, o, key)
	if err != nil {
		return Report{}, err
	}
	all := collect(facts)
	defer all.wipe()
	rep := Report{Entries: len(facts), Passwords: all.uses}
	seen := a.breaches(ctx, all, o, &rep)
	if err := ctx.Err(); err != nil {
		return Report{}, err
	}
	all.judge(o, seen, &rep)
	a.forget(all)
	rep.sort()
	return rep, nil
}

// read examines every entry by itself: one reader, several workers.
func (a *Auditor) read(ctx context.Context, entries iter.Seq2[entry.Entry, error], o Options, key [keySize]byte) ([]fact, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	n := o.Workers
	if n <= 0 {
		n = runtime.GOMAXPROCS(0)
	}
	in := make(chan entry.Entry, 4*n)
	parts := make([][]fact, n)
	var wg sync.WaitGroup
	for w := range n {
		wg.Go(func() {
			x := examiner{a: a, o: o, hash: newHasher(key)}
			for e := range in {
				if ctx.Err() == nil {
					parts[w] = append(parts[w], x.examine(e))
				}
				e.Wipe()
			}
		})
	}
	err := feed(ctx, entries, in, o)
	close(in)
	wg.Wait()
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return nil, err
	}
	return slices.Concat(parts...), nil
}

func feed(ctx context.Context, entries iter.Seq2[entry.Entry, error], in chan<- entry.Entry, o Options) error {
	done := 0
	for e, err := range entries {
		if err != nil {
			return err
		}
		if e.Rec != entry.RecEntry || !e.Trashed.IsZero() {
			e.Wipe()
			continue
		}
		select {
		case in <- e:
		case <-ctx.Done():
			e.Wipe()
			return ctx.Err()
		}
		if done++; done%64 == 0 || done == o.Total {
			o.Progress(Reading, done, max(done, o.Total))
		}
	}
	return nil
}
