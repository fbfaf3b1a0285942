package vault

import (
	"context"
	"io"

	"signet/vault/cache"
	"signet/vault/entry"
	"signet/vault/fold"
	"signet/vault/format"
)

// catchUp folds the files between what the cache has seen and the marks. false: that cannot be done simply, rebuild.
func (v *Vault) catchUp(ctx context.Context, held bool) (bool, error) {
	base, notes, err := v.cache.c.Context()
	if err != nil {
		return false, nil //nolint:nilerr // a cache that cannot be read is rebuilt
	}
	s, err := parseSeen(base, notes)
	if err != nil {
		return false, nil //nolint:nilerr // as above
	}
	t, err := v.trust()
	if err != nil {
		return false, err
	}
	files, ok, err := v.behind(ctx, t, s.marks)
	if !ok || err != nil {
		return false, err
	}
	delta := fold.NewDelta(fold.NewContext(s.ctx))
	var n note
	for _, f := range files {
		delta.Add(f.log, f.sid, f.ops)
		n.fold(f.log, f.mark())
	}
	n.cloud(files, delta.Context())
	changed, err := v.applyDelta(delta)
	if err != nil || !delta.Local() {
		return false, nil //nolint:nilerr // rebuilt
	}
	return true, v.advance(changed, n, held)
}

// cloud notes the dots that were replaced before their segment was folded.
func (n *note) cloud(files []*logFile, ctx *fold.Context) {
	for _, f := range files {
		for _, op := range f.ops {
			for _, x := range op.Replaces {
				if !ctx.Has(x.SID) {
					n.Cloud = append(n.Cloud, x.String())
				}
			}
		}
	}
}

// behind opens the files of every log between from and the marks, in order. false when they are not a plain chain of good
// segments and own snapshots: then everything is folded anew.
func (v *Vault) behind(ctx context.Context, t *trust, from map[format.MemberID]format.Mark) ([]*logFile, bool, error) {
	var out []*logFile
	size := int64(0)
	for log, top := range v.marks.heads.Logs {
		at := from[log]
		if at == top {
			continue
		}
		m, known := t.roster.Member(log)
		if !known || top.Seq < at.Seq || top.Seq == at.Seq && top.SID != at.SID || len(m.Spans) != 1 || !m.Active {
			return nil, false, nil
		}
		names, err := v.m.Names(logDir(log))
		if err != nil {
			return nil, false, err
		}
		for _, base := range names {
			name := format.ParseName(logDir(log) + "/" + base)
			if name.Kind != format.FileLog || name.Seq <= at.Seq || name.Seq > top.Seq {
				continue
			}
			f, err := v.openLog(ctx, t, name, m)
			if err != nil {
				return nil, false, err
			}
			plain := f.state == StateOK && f.header.Seq == at.Seq+1 && f.prev() == at.SID && (f.kind == format.KindSegment || log == t.self)
			if size += f.size; !plain || size > catchUpLimit {
				return nil, false, nil
			}
			at = f.mark()
			out = append(out, f)
		}
		if at != top {
			return nil, false, nil
		}
	}
	for log := range from {
		if _, ok := v.marks.heads.Logs[log]; !ok {
			return nil, false, nil
		}
	}
	return out, true, nil
}

// catchUpLimit is up to which size missing files are folded one by one; beyond it, a rebuild streams.
const catchUpLimit = 64 << 20

// applyDelta returns the records that a delta names, as they are after it.
func (v *Vault) applyDelta(delta *fold.Delta) ([]format.Record, error) {
	var out []format.Record
	for _, id := range delta.Touched() {
		r, err := v.record(id)
		if err != nil {
			return nil, err
		}
		out = append(out, delta.Apply(r))
	}
	return out, nil
}

// record returns a record as the cache has it, the zero record with that id when there is none.
func (v *Vault) record(id format.RecordID) (format.Record, error) {
	d, ok, err := v.cache.c.ByID(string(id))
	if err != nil {
		return format.Record{}, err
	}
	if !ok {
		return format.Record{ID: id}, nil
	}
	return format.ParseRecord(d.Raw)
}

// advance moves the cache on to the marks: changed are the records that differ, as they are now. What cannot be written to
// disk stays in memory: the cache is derived, and the next process folds the same again.
func (v *Vault) advance(changed []format.Record, n note, held bool) error {
	var docs []cache.Doc
	var gone []string
	for _, r := range changed {
		if len(r.Fields) == 0 {
			gone = append(gone, string(r.ID))
		} else {
			docs = append(docs, docOf(r))
		}
	}
	text, err := n.encode()
	if err != nil {
		return err
	}
	frame, off, err := v.cache.c.Frame(cache.Stamp(v.marks.stamp), docs, gone, text)
	if err != nil {
		v.dropCache()
		return v.rebuild(context.Background(), held)
	}
	switch {
	case !held || v.cache.detached || v.cache.file == nil:
		v.cache.detached = true
	case len(frame) > largeFrame:
		v.mergeCache()
	default:
		v.cache.detached = v.m.Append(tailName, off, frame) != nil
	}
	return nil
}

// largeFrame is above which size a change (an import) goes into a new cache file at once.
const largeFrame = 512 << 10

// mergeCache writes base and tail as a new cache file. The tail goes first: a crash between leaves an older cache, which is
// caught up, never a tail beside a base that it does not belong to.
func (v *Vault) mergeCache() {
	c := v.cache.c
	v.replaceCache(func(w io.Writer) error {
		return c.Merge(w, v.cacheKeys(), func() ([]byte, error) { return mergedContext(c) })
	})
}

// replaceCache puts a new cache file, which build makes from the one at hand, in its place. When that cannot be done, the
// disk keeps an older one, which is caught up.
func (v *Vault) replaceCache(build func(io.Writer) error) {
	s, err := v.m.Stage(build)
	if err != nil {
		v.cache.detached = true
		v.notice("cache", "the cache could not be written: %v", err)
		return
	}
	v.dropCache() // some systems replace no file that is open
	if err = v.m.Remove(tailName); err == nil {
		err = v.m.Install(s, cacheName)
	}
	if err != nil {
		v.m.Discard(s)
		v.notice("cache", "the cache could not be written: %v", err)
	}
	v.reopen()
}

// mergedContext is the context of a cache, the notes of its tail and further ones taken in.
func mergedContext(c *cache.Cache, more ...[]byte) ([]byte, error) {
	base, notes, err := c.Context()
	if err != nil {
		return nil, err
	}
	s, err := parseSeen(base, append(notes, more...))
	if err != nil {
		return nil, err
	}
	s.ctx = fold.NewContext(s.ctx).Format() // cloud dots whose segment came in leave
	return s.encode()
}

// docOf is what the cache keeps of a record. A record that does not exist for the user (only history or sources are left)
// is kept with an empty row and found by id alone.
func docOf(r format.Record) cache.Doc {
	d := cache.Doc{ID: string(r.ID), Raw: format.AppendRecord(nil, r)}
	if r.Exists() {
		ix := entry.IndexOf(r)
		d.Title, d.Tokens, d.Search, d.Row = ix.Title, ix.Tokens, ix.Search, ix.Row.Append(nil)
	}
	return d
}
