package audit

import (
	"bytes"
	"context"
	"slices"
)

// Source is a place where breached passwords are looked up.
type Source interface {
	// Name says what it is, for people: "the hash list /home/ada/pwned.txt".
	Name() string
	// ID tells apart what must be asked again: it changes when the list does.
	ID() string
	// Stage is what a run that asks it is doing.
	Stage() Stage
	// Look looks hashes up, which come sorted and each once, and calls hit with the place of every hash that it has an answer for and how often
	// it was seen, 0 for never. What was answered before an error counts. progress takes how many are done.
	Look(ctx context.Context, hashes []Hash, hit func(i, seen int), progress func(done, total int)) error
}

// asked is a hash on its way to a source.
type asked struct {
	hash   Hash
	digest digest
}

// breaches looks every password up, in each source what the one before did not know, and what was not answered in an earlier run.
func (a *Auditor) breaches(ctx context.Context, all *collection, o Options, rep *Report) map[digest]int {
	seen := map[digest]int{}
	if !o.wants(Breached) {
		return seen
	}
	if len(o.Sources) == 0 {
		rep.Gaps = append(rep.Gaps, o.NoSource)
		return seen
	}
	for _, s := range o.Sources {
		known := a.answers(s.ID())
		var open []asked
		for d, places := range all.passwords {
			n, ok := known[d]
			if ok && n > 0 {
				seen[d] = max(seen[d], n)
			}
			if !ok && seen[d] == 0 {
				p := places[0]
				open = append(open, asked{all.facts[p.fact].passwords[p.use].hash, d})
			}
		}
		answers, err := look(ctx, s, open, o)
		for d, n := range answers {
			if n > 0 {
				seen[d] = n
			}
		}
		a.learn(s.ID(), answers)
		if err != nil && ctx.Err() == nil {
			rep.Gaps = append(rep.Gaps, gapOf(s, err))
		}
	}
	return seen
}

func look(ctx context.Context, s Source, open []asked, o Options) (map[digest]int, error) {
	answers := map[digest]int{}
	if len(open) == 0 {
		return answers, nil
	}
	slices.SortFunc(open, func(a, b asked) int { return bytes.Compare(a.hash[:], b.hash[:]) })
	hashes := make([]Hash, len(open))
	for i, q := range open {
		hashes[i] = q.hash
	}
	defer clear(open)
	defer clear(hashes)
	o.Progress(s.Stage(), 0, len(hashes))
	err := s.Look(ctx, hashes, func(i, n int) { answers[open[i].digest] = n }, func(done, total int) { o.Progress(s.Stage(), done, total) })
	return answers, err
}

func gapOf(s Source, err error) Gap {
	g := Gap{What: "passwords known from breaches", Why: s.Name() + ": " + err.Error(), Todo: "the rest of the audit is complete", Failed: true}
	return g
}

func (a *Auditor) answers(source string) map[digest]int {
	a.mu.Lock()
	defer a.mu.Unlock()
	out := make(map[digest]int, len(a.known[source]))
	for d, n := range a.known[source] {
		out[d] = n
	}
	return out
}

func (a *Auditor) learn(source string, answers map[digest]int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closed {
		return
	}
	m := a.known[source]
	if m == nil {
		m = map[digest]int{}
		a.known[source] = m
	}
	for d, n := range answers {
		m[d] = n
	}
}
