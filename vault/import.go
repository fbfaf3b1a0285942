package vault

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"signet/vault/entry"
	"signet/vault/format"
)

// Import writes one atomic edit of any size under one hold of the lock (vault.md 5.5): every batch holds the edits of whole
// records, which stream into segments of at most 16 MiB. A record comes in one batch only. The last segment adds a record
// "import" that names the earlier ones, so that Undo of any of its sids finds all. When every edit changes nothing, nothing
// is written.
func (v *Vault) Import(ctx context.Context, title string, batches iter.Seq2[[]Edit, error]) (Result, error) {
	var record ID
	res, err := v.update(ctx, func(tx *tx) error {
		tx.c.target = min(tx.c.target, importTarget)
		for edits, err := range batches {
			if err == nil {
				err = ctx.Err()
			}
			if err == nil {
				err = tx.batch(edits)
			}
			if err != nil {
				return err
			}
		}
		var err error
		record, err = tx.importRecord(title)
		return err
	})
	res.Records = slices.DeleteFunc(res.Records, func(id ID) bool { return id == record })
	return res, err
}

// importTarget keeps the segments of an import small: each is in memory a few times while it is signed and sealed.
const importTarget = 4 << 20

func (tx *tx) batch(edits []Edit) error {
	for _, e := range edits {
		if tx.touched[e.Record] {
			return fmt.Errorf("import: record %s comes in two batches", e.Record)
		}
	}
	if err := tx.apply(nil, edits); err != nil {
		return err
	}
	for _, id := range slices.Sorted(maps.Keys(tx.ops)) {
		if err := tx.flushRecord(id); err != nil {
			return err
		}
	}
	for _, e := range edits {
		tx.forget(e.Record)
	}
	return nil
}

// importRecord adds the record that ties the segments of an import together.
func (tx *tx) importRecord(title string) (ID, error) {
	if len(tx.touched) == 0 {
		return "", nil
	}
	id := entry.IDs{Rand: tx.v.o.Rand}.Record()
	if err := tx.c.closeFull(); err != nil {
		return "", err
	}
	var parts []string
	for _, sid := range tx.c.sids() {
		parts = append(parts, string(sid))
	}
	return id, tx.apply(nil, []Edit{
		entry.Set(id, entry.PathRec, string(entry.RecImport)), entry.Set(id, entry.PathTitle, title),
		entry.Set(id, entry.PathTime, entry.FormatTime(tx.v.o.Now())), entry.Set(id, entry.PathParts, strings.Join(parts, " ")),
	})
}

// closeFull ends the open segment when the import's own record might not fit into it: the parts that it names must be known.
func (c *commit) closeFull() error {
	if c.size > c.target-format.MaxValue-(64<<10) {
		return c.cut()
	}
	return nil
}

// importParts reads which segments an import was, from its record.
func importParts(r format.Record) []format.SID {
	f, ok := r.Get(entry.PathParts)
	if !ok || len(f.Values) == 0 {
		return nil
	}
	var out []format.SID
	for word := range strings.FieldsSeq(f.Values[0].Text) {
		if sid, err := format.ParseSID(word); err == nil {
			out = append(out, sid)
		}
	}
	return out
}
