package vault

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"signet/vault/format"
	"signet/vault/seal"
)

// Accepted says what AcceptHeads did about values whose files are gone.
type Accepted struct {
	Entries int          // records of which only the cache still held something, now in the log again
	SIDs    []format.SID // the segments that hold it
	Unsaved []string     // what cannot be saved, in words
}

// AcceptHeads takes what is here for the whole truth: the high-water marks are written anew from the files that can be folded.
// It is the person's decision after marks were lost, or after files were lost for good; what was known before is then
// forgotten, and a rollback that happened stays unnoticed. What only the cache still holds of lost files is written into the own
// log first, under the old clocks, and committed together with the marks: from then on nothing depends on the cache.
func (v *Vault) AcceptHeads(ctx context.Context) (a Accepted, err error) {
	err = v.alone(ctx, v.o.LockWait, func() error {
		a, err = v.acceptHeads(ctx)
		return err
	})
	return a, err
}

func (v *Vault) acceptHeads(ctx context.Context) (a Accepted, err error) {
	if err := v.readHeads(); err != nil {
		return a, err
	}
	t, err := v.trust()
	if err != nil {
		return a, err
	}
	if err := v.finishOrGiveUp(&a); err != nil {
		return a, err
	}
	lib, err := v.provenLibrary(ctx, t)
	if err != nil {
		return a, err
	}
	r := v.newRescue(lib, true)
	defer r.close()
	todo, err := r.run(ctx, nil)
	if err != nil {
		return a, err
	}
	a.Unsaved = append(a.Unsaved, r.unsaved...)
	if todo > 0 {
		if t, err = v.mayRescue(t, lib); err != nil {
			return a, fmt.Errorf("save what only the cache holds: %w", err)
		}
	}
	if err := v.acceptWith(ctx, t, lib, r, &a); err != nil {
		return a, err
	}
	// The cache of before is not what the files say. They hold everything now: the next look folds them.
	r.close()
	v.dropCache()
	if err := v.m.RemoveAll(tailName, cacheName); err != nil {
		return a, err
	}
	return a, v.fresh(ctx, true)
}

// finishOrGiveUp gives the parts of a committed edit their names. One that is gone is named, and the others stay.
func (v *Vault) finishOrGiveUp(a *Accepted) error {
	if v.marks.lost || len(v.marks.heads.Pending) == 0 {
		return nil
	}
	err := v.finishPending()
	if errors.Is(err, ErrCorrupt) {
		a.Unsaved = append(a.Unsaved, err.Error())
		return nil
	}
	return err
}

// mayRescue is the guard before the saved values are sealed and signed. When an epoch must begin first and there are no marks
// to begin it from, they are written first.
func (v *Vault) mayRescue(t *trust, lib *library) (*trust, error) {
	err := v.guard(t)
	if !errors.Is(err, ErrRotate) {
		return t, err
	}
	if v.marks.lost {
		if err := v.writeHeads(v.acceptedHeads(t, lib)); err != nil {
			return nil, err
		}
	}
	if t, err = v.rotate(t, "guard"); err != nil {
		return nil, err
	}
	return t, v.guard(t)
}

// acceptedHeads are marks made from nothing but the files that are here.
func (v *Vault) acceptedHeads(t *trust, lib *library) format.Heads {
	h := format.Heads{Generation: v.marks.heads.Generation, Logs: lib.tops(format.Heads{}, t.self), Roster: t.roster.Head, Epoch: t.epoch.n}
	if !v.marks.lost {
		h.Purge = v.marks.heads.Purge
	}
	h.Extra = lib.accounts(t.self).with(nil)
	return h
}

// acceptWith writes the marks, and with them what the rescue saves.
func (v *Vault) acceptWith(ctx context.Context, t *trust, lib *library, r *rescue, a *Accepted) error {
	h := v.acceptedHeads(t, lib)
	c, err := v.commitOn(t, h, lib)
	if err != nil {
		return err
	}
	defer c.discard()
	if a.Entries, err = r.run(ctx, c); err != nil {
		return err
	}
	if err := c.cut(); err != nil {
		return err
	}
	if a.SIDs = c.sids(); len(a.SIDs) == 0 {
		return v.writeHeads(h)
	}
	return c.publishWith(h)
}

// commitOn is newCommit behind marks that are not written yet.
func (v *Vault) commitOn(t *trust, h format.Heads, lib *library) (*commit, error) {
	c := &commit{v: v, t: t, saved: true, heads: h, at: h.Logs[t.self], target: min(v.target, importTarget)}
	if c.at.Seq > 0 {
		f := lib.bySID[c.at.SID]
		if f == nil {
			return nil, fmt.Errorf("find the newest own file: %w", ErrCorrupt)
		}
		c.tip = f.hash
	}
	to, err := seal.ParseRecipient(t.epoch.rcpt)
	c.to = to
	return c, err
}

// publishWith commits the parts by the very marks that begin them. After a failure either the old marks count (or none, as
// before), or these: then whoever takes the lock next finishes the renames.
func (c *commit) publishWith(h format.Heads) error {
	c.pend(&h)
	if err := c.v.m.SyncTmp(); err != nil {
		return err
	}
	was := c.v.marks
	c.done = true // the marks may name the staged files from here on; what nobody names, the next writer clears away
	if err := c.v.writeHeads(h); err != nil {
		if was.lost {
			return err
		}
		return c.v.unwritten(err, was.heads)
	}
	return c.rename()
}

// accounts is what the heads keep of the own log, found again from its files, and which files the person gives up.
func (lib *library) accounts(self format.MemberID) own {
	var o own
	seq := 0
	for _, f := range lib.files {
		if f.log == self && f.folded() && f.kind == format.KindSnapshot && f.header.Seq > seq {
			seq, o.Snap = f.header.Seq, f.size
		}
	}
	for _, f := range lib.files {
		if f.log == self && f.folded() && f.header.Seq > seq {
			o.Open += f.size
			o.Files++
		}
	}
	o.Lost = lib.absent()
	for sid := range lib.lost {
		if lib.bySID[sid] == nil {
			o.Lost = append(o.Lost, sid)
		}
	}
	slices.Sort(o.Lost)
	o.Lost = slices.Compact(o.Lost)
	o.Lost = o.Lost[:min(len(o.Lost), maxLost)]
	return o
}

// returned are files that were given up and are here again.
func (lib *library) returned() (out []*logFile) {
	for sid := range lib.lost {
		if f := lib.bySID[sid]; f != nil {
			out = append(out, f)
		}
	}
	return out
}

// maxLost bounds how many given up files the marks remember.
const maxLost = 1 << 14
