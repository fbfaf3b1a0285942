package vault

import (
	"context"
	"slices"

	"signet/vault/entry"
)

// manyRows is from how many rows on one pass over the search column is cheaper than looking each of them up: a look-up
// decrypts up to two chunks of 64 KiB, the column of 100,000 rows has about 200.
const manyRows = 100

// Search returns the rows of records that have, for every word, a token that begins with it. Words are folded already. It
// costs the same however many other records there are.
func (v *Vault) Search(ctx context.Context, words []string, limit int) (rows []Row, err error) {
	err = v.look(ctx, func() error {
		ids, err := v.cache.c.Match(words, limit)
		if err != nil {
			return err
		}
		rows, err = v.rowsOf(ids)
		return err
	})
	return rows, err
}

// Rows returns the rows of records; those that do not exist are left out.
func (v *Vault) Rows(ctx context.Context, ids []ID) (rows []Row, err error) {
	err = v.look(ctx, func() error {
		plain := make([]string, len(ids))
		for i, id := range ids {
			plain[i] = string(id)
		}
		rows, err = v.rowsOf(plain)
		return err
	})
	return rows, err
}

// rowsOf looks up few rows one by one and picks many out of the search column. mu is held.
func (v *Vault) rowsOf(ids []string) ([]Row, error) {
	rows := make([]Row, 0, len(ids))
	take := func(id string, row []byte) error {
		if len(row) == 0 {
			return nil // only history is left of it
		}
		r, err := entry.ParseRow(ID(id), row)
		rows = append(rows, r)
		return err
	}
	if len(ids) < manyRows {
		for _, id := range ids {
			d, ok, err := v.cache.c.ByID(id)
			if err == nil && ok {
				err = take(id, d.Row)
			}
			if err != nil {
				return nil, err
			}
		}
		return rows, nil
	}
	slices.Sort(ids)
	var bad error
	err := v.cache.c.Scan(func(id, _ string, row []byte) bool {
		if _, ok := slices.BinarySearch(ids, id); ok {
			bad = take(id, row)
		}
		return bad == nil
	})
	if bad != nil {
		err = bad
	}
	return rows, err
}
