package vault

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"

	"signet/vault/cache"
	"signet/vault/fold"
	"signet/vault/format"
)

// rebuild folds every file anew and streams the result into a new cache: on disk under the lock, else in memory. A snapshot that
// turns out to be no snapshot is left out, and everything begins again.
func (v *Vault) rebuild(ctx context.Context, held bool) error {
	for {
		if err := v.rebuildOnce(ctx, held); !v.unmasked(err) {
			return err
		}
	}
}

func (v *Vault) rebuildOnce(ctx context.Context, held bool) error {
	t, err := v.trust()
	if err != nil {
		return err
	}
	limit := v.marks.heads.Logs
	if held || v.marks.lost {
		limit = nil
	}
	lib, err := v.readLibrary(ctx, t, limit)
	if err != nil {
		return fmt.Errorf("read logs: %w", err)
	}
	if held && !v.marks.lost {
		if err := v.moveMarks(lib, t); err != nil {
			return err
		}
	}
	v.report(lib)
	return v.buildCache(lib, held && !v.marks.lost && !lib.incomplete()) // what is missing may come back any time
}

// moveMarks writes what was folded beyond the marks into the heads. Never backwards: marks that the tree does not reach
// stay, and say that something was lost.
func (v *Vault) moveMarks(lib *library, t *trust) error {
	tops := lib.tops(v.marks.heads, t.self)
	if mapsEqual(tops, v.marks.heads.Logs) {
		return nil
	}
	h := v.marks.heads
	if tops[t.self] != h.Logs[t.self] {
		o := ownOf(h)
		o.Tip = lib.bySID[tops[t.self].SID].hash.String()
		h.Extra = o.with(h.Extra)
	}
	h.Logs = tops
	return v.writeHeads(h)
}

func mapsEqual(a, b map[format.MemberID]format.Mark) bool {
	if len(a) != len(b) {
		return false
	}
	for k, x := range a {
		if b[k] != x {
			return false
		}
	}
	return true
}

// report tells what the logs show beside their content.
func (v *Vault) report(lib *library) {
	for _, f := range lib.finds {
		v.notice(f.Kind, "log %s, file %d: %s", f.Log.Short(), f.Seq, f.Text)
	}
	for _, f := range lib.files {
		if f.state != StateOK && f.state != StateGap {
			v.notice(string(f.state), "%s: %s", f.path(), f.why)
		}
	}
}

// buildCache streams the fold into a cache file, or into memory when it may not or cannot be written to disk.
func (v *Vault) buildCache(lib *library, onDisk bool) error {
	v.dropCache()
	build := func(w io.Writer, store fold.Store) error {
		state, err := lib.fold(store)
		if err != nil {
			return err
		}
		s := seen{marks: v.marks.heads.Logs, ctx: state.ctx.Format()}
		return cache.Build(w, v.cacheKeys(), cache.Stamp(v.marks.stamp), docs(state.records), s.encode)
	}
	if onDisk {
		err := v.m.Remove(tailName)
		if err == nil {
			parts := v.newSpool()
			err = v.m.Replace(cacheName, func(w io.Writer) error { return build(w, parts) })
			parts.close()
		}
		if err == nil {
			v.reopen()
			if v.cache != nil {
				return nil
			}
			err = errors.New("the new cache does not open")
		}
		if errors.Is(err, ErrCorrupt) || retry(err) {
			return err
		}
		v.notice("cache", "the cache could not be written: %v", err)
	}
	var memory bytes.Buffer
	if err := build(&memory, nil); err != nil {
		return err
	}
	c, err := cache.Open(bytes.NewReader(memory.Bytes()), nil, v.cacheKeys())
	if err != nil {
		return fmt.Errorf("open vault: %w", err)
	}
	v.cache = &openCache{c: c, detached: true}
	return nil
}

func docs(records iter.Seq2[format.Record, error]) iter.Seq2[cache.Doc, error] {
	return func(yield func(cache.Doc, error) bool) {
		for r, err := range records {
			if err != nil {
				yield(cache.Doc{}, err)
				return
			}
			if !yield(docOf(r), nil) {
				return
			}
		}
	}
}
