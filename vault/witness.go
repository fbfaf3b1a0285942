package vault

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"signet/vault/fold"
	"signet/vault/format"
)

// A snapshot restates what others wrote, under one signature. Two things are never taken from it on trust: records that the
// format does not allow (lyingError), and a state that the files it lists contradict, as long as these are still here
// (contradicts; vault.md 5.7 asks the same of foreign snapshots before anything is collected under them).

// lyingError says that a signed snapshot cannot be read to its end.
type lyingError struct {
	sid format.SID
	why string
}

func (e *lyingError) Error() string { return "snapshot: " + e.why }

// Is makes it an ErrCorrupt.
func (e *lyingError) Is(target error) bool { return target == ErrCorrupt }

// unmasked notes the snapshot that an error is about: from now on it is quarantined. false when the error is another one.
// mu is held.
func (v *Vault) unmasked(err error) bool {
	var lie *lyingError
	if !errors.As(err, &lie) || v.liars[lie.sid] != "" {
		return false
	}
	if v.liars == nil {
		v.liars = map[format.SID]string{}
	}
	v.liars[lie.sid] = lie.why
	return true
}

// provenLibrary is readLibrary with every snapshot of the base read to its end, for whoever deletes on the strength of it or
// reports about it. mu is held.
func (v *Vault) provenLibrary(ctx context.Context, t *trust) (*library, error) {
	for {
		lib, err := v.readLibrary(ctx, t, nil)
		if err != nil {
			return nil, err
		}
		for _, f := range lib.base {
			if err = f.prove(); err != nil {
				break
			}
		}
		if err == nil || !v.unmasked(err) {
			return lib, err
		}
	}
}

// prove reads a snapshot to its end.
func (f *logFile) prove() error {
	for _, err := range f.snapshotRecords(fold.NewContext(f.ctx)) {
		if err != nil {
			return err
		}
	}
	return nil
}

// contradicts says why a snapshot cannot be true, "" when nothing here says so. It can be known only while everything that the
// snapshot lists is still here, in files or in older snapshots; in a vault that was compacted it is not.
func (lib *library) contradicts(f *logFile, self format.MemberID) (string, error) {
	ctx := fold.NewContext(f.ctx)
	part := &library{room: lib.room, bySID: map[format.SID]*logFile{}, ctx: fold.NewContext(format.Context{}), part: true}
	for _, g := range lib.files {
		if g.state == StateOK && g.sid != f.sid && ctx.Has(g.sid) && (g.kind != format.KindSnapshot || covers(ctx, g.ctx)) {
			part.files = append(part.files, g)
			part.bySID[g.sid] = g
		}
	}
	if !part.holdsAll(f.ctx) {
		return "", nil
	}
	if err := part.chooseBase(self); err != nil {
		return "", err
	}
	want, err := part.fold(nil) // in memory: no disk may make a snapshot look wrong
	if err != nil {
		return "", err
	}
	if !slices.Equal(want.ctx.Format().Cloud, f.ctx.Cloud) {
		return "says of files that they were replaced, and no file says so", nil
	}
	if id, same := sameStates(want.records, f.snapshotRecords(ctx)); !same {
		return fmt.Sprintf("says something else about record %.8s than the files that it lists", id), nil
	}
	return "", nil
}

// holdsAll reports whether every file of a context is here, by itself or in a snapshot.
func (lib *library) holdsAll(c format.Context) bool {
	var inSnapshots *fold.Context
	for _, sids := range c.Have {
		for _, sid := range sids {
			if lib.bySID[sid] != nil {
				continue
			}
			if inSnapshots == nil {
				inSnapshots = fold.NewContext(format.Context{})
				for _, g := range lib.files {
					inSnapshots.Join(fold.NewContext(g.ctx))
				}
			}
			if !inSnapshots.Has(sid) {
				return false
			}
		}
	}
	return true
}

// sameStates compares two streams of records; the first record that differs.
func sameStates(a, b iter.Seq2[format.Record, error]) (format.RecordID, bool) {
	next, stop := iter.Pull2(b)
	defer stop()
	for r, err := range a {
		other, berr, ok := next()
		if err != nil || berr != nil || !ok || !sameRecord(r, other) {
			return r.ID, false
		}
	}
	r, _, more := next()
	return r.ID, !more
}

func sameRecord(a, b format.Record) bool {
	return a.ID == b.ID && slices.EqualFunc(a.Fields, b.Fields, func(x, y format.Field) bool {
		return x.Path == y.Path && slices.EqualFunc(x.Values, y.Values, func(p, q format.Value) bool {
			return p.Dot == q.Dot && p.Wall == q.Wall && p.Text == q.Text && bytes.Equal(p.Extra, q.Extra)
		})
	})
}
