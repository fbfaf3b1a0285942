package vault

import (
	"context"
	"fmt"
	"iter"

	"signet/vault/entry"
	"signet/vault/format"
)

// look runs do with a fresh cache, under mu.
func (v *Vault) look(ctx context.Context, do func() error) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if err := v.fresh(ctx, false); err != nil {
		return err
	}
	return do()
}

// Record returns the record with that id, whatever it is; ErrNotFound when there is none (any more).
func (v *Vault) Record(ctx context.Context, id ID) (r format.Record, err error) {
	err = v.look(ctx, func() error {
		if r, err = v.record(id); err == nil && !r.Exists() {
			err = fmt.Errorf("read %s: %w", id, ErrNotFound)
		}
		return err
	})
	if err != nil {
		return format.Record{}, err
	}
	return r, nil
}

// Entry returns one entry; view says what it gives out.
func (v *Vault) Entry(ctx context.Context, id ID, view View) (Entry, error) {
	r, err := v.Record(ctx, id)
	if err != nil {
		return Entry{}, err
	}
	return entry.FromRecord(r, view), nil
}

// ByPrefix returns up to limit ids that begin with prefix, in order.
func (v *Vault) ByPrefix(ctx context.Context, prefix string, limit int) ([]ID, error) {
	return v.find(ctx, func() ([]string, error) { return v.cache.c.ByPrefix(prefix, limit) })
}

// ByTitle returns the entries with exactly that title, folding case.
func (v *Vault) ByTitle(ctx context.Context, title string) ([]ID, error) {
	return v.find(ctx, func() ([]string, error) { return v.cache.c.ByTitle(entry.Fold(title)) })
}

// Match returns up to limit records that have, for every word, a token that begins with it. Words are folded already.
func (v *Vault) Match(ctx context.Context, words []string, limit int) ([]ID, error) {
	return v.find(ctx, func() ([]string, error) { return v.cache.c.Match(words, limit) })
}

// find runs a look-up and leaves out records of which only history is left.
func (v *Vault) find(ctx context.Context, look func() ([]string, error)) (ids []ID, err error) {
	err = v.look(ctx, func() error {
		found, err := look()
		for _, id := range found {
			d, ok, err := v.cache.c.ByID(id)
			if err != nil {
				return err
			}
			if ok && len(d.Row) > 0 {
				ids = append(ids, ID(id))
			}
		}
		return err
	})
	return ids, err
}

// Row returns what a list shows of one record.
func (v *Vault) Row(ctx context.Context, id ID) (row Row, err error) {
	err = v.look(ctx, func() error {
		d, ok, err := v.cache.c.ByID(string(id))
		if err == nil && (!ok || len(d.Row) == 0) {
			err = fmt.Errorf("read %s: %w", id, ErrNotFound)
		}
		if err == nil {
			row, err = entry.ParseRow(id, d.Row)
		}
		return err
	})
	return row, err
}

// Scan calls f for every record with the folded text that is searched and its encoded row (ParseRow), in no fixed order,
// until f returns false. Only the search column is decrypted. f must not call the vault and must not keep row.
func (v *Vault) Scan(ctx context.Context, f func(id ID, search string, row []byte) bool) error {
	return v.look(ctx, func() error {
		return v.cache.c.Scan(func(id, search string, row []byte) bool {
			return ctx.Err() == nil && (len(row) == 0 || f(ID(id), search, row))
		})
	})
}

// Changes says what changed since a mark that an earlier call gave: the rows of records that changed or are new, and the ids of those that are
// gone. Some may be named that did not change. all is true when that is not known any more, as with an empty mark: then everything has to be
// read. next is the mark of now; what changes later is a change since it.
func (v *Vault) Changes(ctx context.Context, since string) (rows []Row, gone []ID, next string, all bool, err error) {
	err = v.look(ctx, func() error {
		next = v.cache.c.Mark()
		var bad error
		all = !v.cache.c.Since(since, func(id string, isGone bool, row []byte) {
			if isGone || len(row) == 0 {
				gone = append(gone, ID(id))
				return
			}
			r, err := entry.ParseRow(ID(id), row)
			if err != nil {
				bad = err
			}
			rows = append(rows, r)
		})
		return bad
	})
	return rows, gone, next, all, err
}

// ParseRow decodes a row that Scan gave.
func ParseRow(id ID, row []byte) (Row, error) { return entry.ParseRow(id, row) }

// Bounds of one stretch of Records: the vault is held while it is read, and not while it is worked on.
const (
	stretchRecords = 256
	stretchBytes   = 1 << 20
)

// Records yields every record sorted by id. It reads a stretch at a time, so that a loop that takes its time keeps nobody waiting; a
// record that is changed meanwhile comes as it was before or after.
func (v *Vault) Records(ctx context.Context) iter.Seq2[format.Record, error] {
	return func(yield func(format.Record, error) bool) {
		for from, more := ID(""), true; more; {
			var recs []format.Record
			err := v.look(ctx, func() (err error) {
				recs, from, more, err = v.stretch(ctx, from)
				return err
			})
			if err != nil {
				yield(format.Record{}, err)
				return
			}
			for _, r := range recs {
				if !yield(r, nil) {
					return
				}
			}
		}
	}
}

// stretch reads the next records from an id on; next is where the one after begins.
func (v *Vault) stretch(ctx context.Context, from ID) (recs []format.Record, next ID, more bool, err error) {
	size := 0
	for d, err := range v.cache.c.DocsFrom(string(from)) {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return nil, "", false, err
		}
		if len(recs) == stretchRecords || size >= stretchBytes {
			return recs, ID(d.ID), true, nil
		}
		r, err := format.ParseRecord(d.Raw)
		if err != nil {
			return nil, "", false, err
		}
		size += len(d.Raw)
		if r.Exists() {
			recs = append(recs, r)
		}
	}
	return recs, "", false, nil
}

// Len returns how many records the cache holds, those of which only history is left included.
func (v *Vault) Len(ctx context.Context) (n int, err error) {
	err = v.look(ctx, func() error { n = v.cache.c.Len(); return nil })
	return n, err
}

// Generation changes with every change of the vault.
func (v *Vault) Generation(ctx context.Context) (n uint64, err error) {
	err = v.look(ctx, func() error { n = uint64(v.marks.heads.Generation); return nil })
	return n, err
}
