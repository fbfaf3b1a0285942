package widget

import (
	"bytes"
	"slices"

	"signet/vault/secret"
)

// Limits of what can be taken back in one field.
const (
	maxUndoSteps = 200
	maxUndoBytes = 4 << 20
	maxRun       = 24 // bytes of typing that are one step
)

// change is one step of an edit: at offset at, out was replaced by in.
type change struct {
	at, before int // before is where the cursor stood
	out, in    secret.Secret
}

func (c change) wipe() {
	c.out.Wipe()
	c.in.Wipe()
}

func (c change) size() int { return len(c.out.Reveal()) + len(c.in.Reveal()) }

// journal remembers the steps of a buffer, and those that were taken back.
type journal struct {
	done, undone []change
	size         int // bytes that the steps hold
}

// note adds a step. Typing and deleting in one go are one step.
func (j *journal) note(c change) {
	j.size += c.size()
	for _, u := range j.undone {
		j.size -= u.size()
		u.wipe()
	}
	j.undone = nil
	if !j.joined(c) {
		j.done = append(j.done, c)
	}
	for len(j.done) > 1 && (len(j.done) > maxUndoSteps || j.size > maxUndoBytes) {
		j.size -= j.done[0].size()
		j.done[0].wipe()
		j.done = j.done[1:]
	}
}

// joined puts a step into the one before where they are one run of typing, or of deleting to the left.
func (j *journal) joined(c change) bool {
	if len(j.done) == 0 {
		return false
	}
	last := &j.done[len(j.done)-1]
	lastIn, lastOut, in, out := last.in.Reveal(), last.out.Reveal(), c.in.Reveal(), c.out.Reveal()
	switch {
	case len(lastIn)+len(in) > maxRun || len(lastOut)+len(out) > maxRun:
		return false
	case len(out) == 0 && len(lastOut) == 0 && len(lastIn) > 0 && c.at == last.at+len(lastIn) && !bytes.ContainsAny(in, " \n"):
		joined := secret.New(slices.Concat(lastIn, in))
		last.in.Wipe()
		last.in = joined
	case len(in) == 0 && len(lastIn) == 0 && c.at+len(out) == last.at:
		joined := secret.New(slices.Concat(out, lastOut))
		last.out.Wipe()
		last.out, last.at = joined, c.at
	default:
		return false
	}
	c.wipe()
	return true
}

func (j *journal) wipe() {
	for _, c := range append(j.done, j.undone...) {
		c.wipe()
	}
	*j = journal{}
}

// Undo takes the last step back; it reports false when there is none.
func (b *Buffer) Undo() bool {
	n := len(b.log.done)
	if n == 0 {
		return false
	}
	c := b.log.done[n-1]
	b.log.done, b.log.undone = b.log.done[:n-1], append(b.log.undone, c)
	b.replace(c.at, c.at+len(c.in.Reveal()), c.out.Reveal())
	b.at = c.before
	return true
}

// Redo does the step again that was taken back last.
func (b *Buffer) Redo() bool {
	n := len(b.log.undone)
	if n == 0 {
		return false
	}
	c := b.log.undone[n-1]
	b.log.undone, b.log.done = b.log.undone[:n-1], append(b.log.done, c)
	b.replace(c.at, c.at+len(c.out.Reveal()), c.in.Reveal())
	return true
}
