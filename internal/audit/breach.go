package audit

import (
	"bytes"
	"context"
	"fmt"
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

// question is a hash on its way to a source.
type question struct {
	hash   Hash
	digest digest
}

// breaches looks every password up, in each source what neither the one before nor an earlier run has answered. What was answered
// once counts as long as the Auditor lives, also in runs that do not ask.
func (a *Auditor) breaches(ctx context.Context, all *collection, o Options, rep *Report) map[digest]int {
	if !o.wants(Breached) {
		return nil
	}
	seen, asked := a.remembered(all)
	for _, s := range o.Sources {
		answers, err := look(ctx, s, a.open(s, all, seen), o)
		for d, n := range answers {
			asked[d] = true
			if n > 0 {
				seen[d] = n
			}
		}
		a.learn(s.ID(), answers)
		if err != nil && ctx.Err() == nil {
			rep.Gaps = append(rep.Gaps, Gap{What: gapBreaches, Why: s.Name() + ": " + err.Error(), Todo: "the rest of the audit is complete", Failed: true})
		}
	}
	if len(o.Sources) == 0 {
		a.unasked(all, asked, o, rep)
	}
	return seen
}

const gapBreaches = "passwords known from breaches"

// unasked tells of a run that has no source: nothing was looked up, or nothing since some passwords were changed.
func (a *Auditor) unasked(all *collection, asked map[digest]bool, o Options, rep *Report) {
	g, fresh := o.NoSource, len(all.passwords)-len(asked)
	if fresh == 0 && len(asked) > 0 {
		return
	}
	if len(asked) > 0 && !g.Failed {
		g.Why = fmt.Sprintf("%d new since they were looked up", fresh)
	}
	if g.What == "" {
		g.What = gapBreaches
	}
	rep.Gaps = append(rep.Gaps, g)
}

// remembered are the answers of earlier runs: how often a password was seen, and which were answered at all.
func (a *Auditor) remembered(all *collection) (seen map[digest]int, asked map[digest]bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	seen, asked = map[digest]int{}, map[digest]bool{}
	for _, answers := range a.known {
		for d, n := range answers {
			if _, there := all.passwords[d]; !there {
				continue
			}
			asked[d] = true
			if n > 0 {
				seen[d] = max(seen[d], n)
			}
		}
	}
	return seen, asked
}

// open are the passwords that a source is to be asked about.
func (a *Auditor) open(s Source, all *collection, seen map[digest]int) (out []question) {
	a.mu.Lock()
	defer a.mu.Unlock()
	known := a.known[s.ID()]
	for d, places := range all.passwords {
		if _, ok := known[d]; ok || seen[d] > 0 {
			continue
		}
		out = append(out, question{all.facts[places[0].fact].passwords[places[0].use].hash, d})
	}
	return out
}

func look(ctx context.Context, s Source, open []question, o Options) (map[digest]int, error) {
	answers := map[digest]int{}
	if len(open) == 0 {
		return answers, nil
	}
	slices.SortFunc(open, func(a, b question) int { return bytes.Compare(a.hash[:], b.hash[:]) })
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
