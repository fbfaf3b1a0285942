package vault

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"signet/vault/entry"
	"signet/vault/format"
)

// Result says what an edit did.
type Result struct {
	SIDs    []format.SID // of the segments written; none when nothing had to change
	Records []ID         // that changed, sorted
	Skipped []string     // what an undo could not restore, in words
}

// Apply writes edits as one atomic segment (vault.md 5.5). A field that base names and whose live values are not the ones
// that base saw fails the whole call with *ChangedError; a field that base does not name is replaced, and what it held goes
// to the history. Edits that change nothing are left out. When Apply returns without an error, the edit survives kill -9 and
// power loss.
func (v *Vault) Apply(ctx context.Context, base Base, edits []Edit) (Result, error) {
	return v.update(ctx, func(tx *tx) error { return tx.apply(base, edits) })
}

// update runs one edit under the lock: fill turns it into operations, and what it filled in is committed.
func (v *Vault) update(ctx context.Context, fill func(*tx) error) (Result, error) {
	if v.readOnly {
		return Result{}, ErrReadOnly
	}
	v.write.Lock()
	defer v.write.Unlock()
	unlock, err := v.m.Lock(ctx, v.o.LockWait)
	if err != nil {
		return Result{}, err
	}
	defer unlock()
	tx, err := v.begin(ctx)
	if err != nil {
		return Result{}, err
	}
	defer tx.abort()
	if err := fill(tx); err != nil {
		return Result{}, err
	}
	return tx.finish()
}

// tx is one edit in the making: the records it looked at, as they were, and the operations so far, at most one per field.
type tx struct {
	v       *Vault
	t       *trust
	c       *commit
	now     int64
	head    format.SID // the newest own file before this edit
	records map[format.RecordID]format.Record
	ops     map[format.RecordID]map[string]*format.Op
	touched map[format.RecordID]bool
	purge   bool // writes no history rows
	skipped []string
}

// begin settles, folds what others wrote, and guards.
func (v *Vault) begin(ctx context.Context) (*tx, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if err := v.openable(); err != nil {
		return nil, err
	}
	if err := v.settle(); err != nil {
		return nil, err
	}
	if err := v.fresh(ctx, true); err != nil {
		return nil, err
	}
	t, err := v.trust()
	if err != nil {
		return nil, err
	}
	if t, err = v.guarded(t); err != nil {
		return nil, err
	}
	c, err := v.newCommit(t)
	if err != nil {
		return nil, err
	}
	return &tx{
		v: v, t: t, c: c, now: v.o.Now().UnixMilli(), head: c.at.SID, touched: map[format.RecordID]bool{},
		records: map[format.RecordID]format.Record{}, ops: map[format.RecordID]map[string]*format.Op{},
	}, nil
}

// guarded is guard, and begins a new epoch first when that is what is missing.
func (v *Vault) guarded(t *trust) (*trust, error) {
	err := v.guard(t)
	if !errors.Is(err, ErrRotate) {
		return t, err
	}
	if t, err = v.rotate(t, "guard"); err != nil {
		return nil, err
	}
	if err := v.fresh(context.Background(), true); err != nil {
		return nil, err
	}
	return t, v.guard(t)
}

// record returns a record as it was before this edit.
func (tx *tx) record(id format.RecordID) (format.Record, error) {
	if r, ok := tx.records[id]; ok {
		return r, nil
	}
	tx.v.mu.Lock()
	defer tx.v.mu.Unlock()
	if err := tx.v.openable(); err != nil {
		return format.Record{}, err
	}
	r, err := tx.v.record(id)
	if err == nil {
		tx.records[id] = r
	}
	return r, err
}

// apply checks edits against what the caller saw and turns them into operations.
func (tx *tx) apply(base Base, edits []Edit) error {
	var changed []Conflict
	last := map[entry.FieldRef]int{}
	for i, e := range edits {
		last[e.FieldRef] = i
	}
	for i, e := range edits {
		if last[e.FieldRef] != i {
			continue // written twice in one call: the last one counts
		}
		r, err := tx.record(e.Record)
		if err != nil {
			return err
		}
		if err := checkEdit(e); err != nil {
			return err
		}
		f, _ := r.Get(e.Path)
		if dots, named := base[e.FieldRef]; named && !sameDots(dots, f.Values) && !isCounter(e.Path) {
			changed = append(changed, candidates(r, f, e.Path))
			continue
		}
		tx.edit(e, f)
	}
	if len(changed) > 0 {
		return &ChangedError{changed}
	}
	for _, id := range slices.Sorted(maps.Keys(tx.ops)) {
		if err := tx.keepWithinLimits(id); err != nil {
			return err
		}
	}
	return nil
}

func checkEdit(e Edit) error {
	if _, err := format.ParseRecordID(string(e.Record)); err != nil {
		return fmt.Errorf("apply edit: %w", err)
	}
	if err := format.CheckPath(e.Path); err != nil {
		return fmt.Errorf("apply edit: %w", err)
	}
	limit := format.MaxValue
	if format.IsHistory(e.Path) {
		limit = format.MaxHistValue
	}
	if n := len(e.Value.Reveal()); n > limit {
		return fmt.Errorf("apply edit: %s has %d bytes, at most %d: %w", e.Path, n, limit, ErrTooLarge)
	}
	return nil
}

func sameDots(dots []format.Dot, values []format.Value) bool {
	if len(dots) != len(values) {
		return false
	}
	for _, v := range values {
		if !slices.Contains(dots, v.Dot) {
			return false
		}
	}
	return true
}

// finish commits what was filled in and moves the cache on.
func (tx *tx) finish() (Result, error) {
	tx.c.quiet = tx.housekeeping()
	for _, id := range slices.Sorted(maps.Keys(tx.ops)) {
		if err := tx.flushRecord(id); err != nil {
			return Result{}, err
		}
	}
	if err := tx.c.cut(); err != nil {
		return Result{}, err
	}
	res := Result{Skipped: tx.skipped}
	if len(tx.c.parts) == 0 {
		return res, nil
	}
	if err := tx.c.publish(); err != nil {
		return Result{}, err
	}
	res.SIDs = tx.c.sids()
	res.Records = slices.Sorted(maps.Keys(tx.touched))
	tx.v.installed(tx)
	return res, nil
}

// housekeeping reports an edit that no person made: counters that were used, and what the security key keeps for itself. It is not the last edit that an undo without a
// name takes back; by its own it is taken back like any other.
func (tx *tx) housekeeping() bool {
	for id, ops := range tx.ops {
		f, own := tx.records[id].Get(entry.PathRec)
		own = own && f.Values[0].Text == string(entry.RecAuthenticator)
		if op := ops[entry.PathRec]; op != nil && op.Value != nil {
			own = *op.Value == string(entry.RecAuthenticator)
		}
		for path := range ops {
			if !own && !isCounter(path) {
				return false
			}
		}
	}
	return len(tx.c.parts) == 0 && len(tx.ops) > 0
}

// flushRecord hands the operations of one record to the commit, sorted by field. A record is never split between segments.
func (tx *tx) flushRecord(id format.RecordID) error {
	byField := tx.ops[id]
	delete(tx.ops, id)
	ops := make([]format.Op, 0, len(byField))
	for _, field := range slices.Sorted(maps.Keys(byField)) {
		ops = append(ops, *byField[field])
	}
	if len(ops) == 0 {
		return nil
	}
	tx.touched[id] = true
	return tx.c.add(ops)
}

// forget drops a record that this edit is done with, when it does not change it, or changes so many that they are read again from the
// cache.
func (tx *tx) forget(id format.RecordID) {
	if !tx.touched[id] || tx.c.light {
		delete(tx.records, id)
	}
}

func (tx *tx) abort() { tx.c.discard() }
