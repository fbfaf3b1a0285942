package vault

import (
	"context"
	"errors"
	"time"

	"signet/vault/entry"
	"signet/vault/format"
)

// Within is one update from within: everything that it reads is as it stands under the lock, so that nobody changes it before it is written.
type Within struct{ tx *tx }

// Update runs one edit that depends on what it finds: do looks, and returns what is to be written as one atomic segment, as with Apply. What do writes into
// this device's own store meanwhile is durable at once; do takes it back itself when it fails after that.
func (v *Vault) Update(ctx context.Context, do func(w Within) ([]Edit, error)) (Result, error) {
	return v.update(ctx, func(tx *tx) error {
		edits, err := do(Within{tx})
		if err != nil {
			return err
		}
		return tx.apply(nil, edits)
	})
}

// Record returns a record as it was before the edit; one without fields when there is none.
func (w Within) Record(id ID) (format.Record, error) { return w.tx.record(id) }

// With returns up to limit records that have, for every word, a token that begins with it.
func (w Within) With(words []string, limit int) ([]format.Record, error) {
	w.tx.v.mu.Lock()
	defer w.tx.v.mu.Unlock()
	if err := w.tx.v.openable(); err != nil {
		return nil, err
	}
	return w.tx.v.recordsWith(words, limit)
}

// Rows returns the rows that keep wants, of all records.
func (w Within) Rows(keep func(Row) bool) (rows []Row, err error) {
	w.tx.v.mu.Lock()
	defer w.tx.v.mu.Unlock()
	if err := w.tx.v.openable(); err != nil {
		return nil, err
	}
	var bad error
	err = w.tx.v.cache.c.Scan(func(id, _ string, row []byte) bool {
		if len(row) == 0 {
			return true
		}
		r, err := entry.ParseRow(ID(id), row)
		if err != nil {
			bad = err
		} else if keep(r) {
			rows = append(rows, r)
		}
		return bad == nil
	})
	return rows, errors.Join(err, bad)
}

// With returns up to limit records that have, for every word, a token that begins with it.
func (v *Vault) With(ctx context.Context, words []string, limit int) (recs []format.Record, err error) {
	err = v.look(ctx, func() error { recs, err = v.recordsWith(words, limit); return err })
	return recs, err
}

// recordsWith is With for callers that hold mu.
func (v *Vault) recordsWith(words []string, limit int) ([]format.Record, error) {
	ids, err := v.cache.c.Match(words, limit)
	if err != nil {
		return nil, err
	}
	recs := make([]format.Record, 0, len(ids))
	for _, id := range ids {
		r, err := v.record(ID(id))
		if err != nil {
			return nil, err
		}
		if r.Exists() {
			recs = append(recs, r)
		}
	}
	return recs, nil
}

// own runs do with the lock and this device's key as it is now, for what must be durable at once in this device's own store. What else may be wrong with the
// vault is no reason to forget it. wait is how long another process may have the lock. mu is held.
func (v *Vault) own(ctx context.Context, wait time.Duration, do func() error) error {
	return v.alone(ctx, wait, func() error {
		if err := v.fresh(ctx, true); errors.Is(err, ErrWayChanged) || errors.Is(err, ErrRevoked) {
			return err
		}
		if err := v.openable(); err != nil {
			return err
		}
		return do()
	})
}

// Get reads a blob of this device's own store, as Local.Get does.
func (w Within) Get(name string) ([]byte, error) { return w.tx.v.local.Get(name) }

// Put writes one, durably.
func (w Within) Put(name string, data []byte) error { return w.tx.v.local.Put(name, data) }
