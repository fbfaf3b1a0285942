package vault

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"signet/vault/entry"
	"signet/vault/format"
)

// RestoreValue writes a previous value back: old is the dot of the write that had set it. What stands there now goes to the
// history like any replaced value.
func (v *Vault) RestoreValue(ctx context.Context, id ID, old format.Dot) (Result, error) {
	return v.update(ctx, func(tx *tx) error {
		r, err := tx.record(id)
		if err != nil {
			return err
		}
		f, ok := r.Get(entry.HistPath(old))
		var row entry.HistoryRow
		if !ok || len(f.Values) == 0 || json.Unmarshal([]byte(f.Values[0].Text), &row) != nil {
			return fmt.Errorf("restore value: %w", ErrNotFound)
		}
		return tx.apply(nil, []Edit{entry.Set(id, row.Field, row.Value)})
	})
}

// PurgeEntries removes records for good from the current state, history and sources included. Their bytes leave the disk with
// the next compaction, surely only with Purge.
func (v *Vault) PurgeEntries(ctx context.Context, ids []ID) (Result, error) {
	var gone []format.Record
	res, err := v.update(ctx, func(tx *tx) error {
		tx.purge = true
		for _, id := range ids {
			r, err := tx.record(id)
			if err != nil {
				return err
			}
			if len(r.Fields) == 0 {
				return fmt.Errorf("purge %s: %w", id, ErrNotFound)
			}
			tx.removeFields(r, func(string) bool { return true })
			gone = append(gone, r)
		}
		return nil
	})
	if err == nil {
		err = v.look(ctx, func() error { return v.dropBound(gone) })
	}
	return res, err
}

// PurgeHistory removes previous values: of these records, or of all when ids is nil. Fields that name one are spared none.
func (v *Vault) PurgeHistory(ctx context.Context, ids []ID) (Result, error) {
	return v.update(ctx, func(tx *tx) error {
		tx.purge = true
		if ids == nil {
			var err error
			if ids, err = tx.withHistory(ctx); err != nil {
				return err
			}
		}
		for _, id := range ids {
			r, err := tx.record(id)
			if err != nil {
				return err
			}
			tx.removeFields(r, format.IsHistory)
		}
		return nil
	})
}

func (tx *tx) removeFields(r format.Record, which func(path string) bool) {
	for _, f := range r.Fields {
		if which(f.Path) {
			tx.put(&format.Op{Record: r.ID, Field: f.Path, Replaces: dotsOf(f.Values), Wall: tx.now})
		}
	}
}

// withHistory lists every record that has a history, also those of which nothing else is left.
func (tx *tx) withHistory(ctx context.Context) ([]ID, error) {
	tx.v.mu.Lock()
	defer tx.v.mu.Unlock()
	var ids []ID
	for d, err := range tx.v.cache.c.Docs() {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return nil, err
		}
		r, err := format.ParseRecord(d.Raw)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(r.Fields, func(f format.Field) bool { return format.IsHistory(f.Path) }) {
			ids = append(ids, r.ID)
		}
	}
	return ids, nil
}

// Author is who wrote a segment.
type Author struct {
	Device format.MemberID
	Name   string
	This   bool // this very device
}

// Authors says which device wrote which segment, for those that were folded.
func (v *Vault) Authors(ctx context.Context, sids []format.SID) (out map[format.SID]Author, err error) {
	out = map[format.SID]Author{}
	asked := make(map[format.SID]bool, len(sids))
	for _, sid := range sids {
		asked[sid] = true
	}
	err = v.look(ctx, func() error {
		base, notes, err := v.cache.c.Context()
		if err != nil {
			return err
		}
		s, err := parseSeen(base, notes)
		if err != nil {
			return err
		}
		t, err := v.trust()
		if err != nil {
			return err
		}
		for log, have := range s.ctx.Have {
			for _, sid := range have {
				if asked[sid] {
					m, _ := t.roster.Member(log)
					out[sid] = Author{log, m.Name, log == t.self}
				}
			}
		}
		return nil
	})
	return out, err
}
