package vault

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"slices"

	"signet/vault/format"
	"signet/vault/mirror"
	"signet/vault/seal"
)

// compactFrom is how many bytes of own files may stand behind the newest own snapshot, at least; of a large snapshot half of
// its size (vault.md 5.6).
const compactFrom = 1 << 20

// compactFiles is how many own files may stand there: every edit lists them, to find one that was cut off. With 20,000 that
// made an edit fourteen times as dear (1.9 to 27 ms), and a vault of 100,000 entries would get there by bytes alone.
const compactFiles = 2048

// keptSnapshots is how many own snapshots stay.
const keptSnapshots = 2

// Maintain does the upkeep that the last edits made due: a snapshot that replaces many small files, and a cache file that takes
// in its tail. Callers run it after they have answered. It waits for nobody, and what it cannot do now is done another time.
func (v *Vault) Maintain(ctx context.Context) error {
	if v.readOnly {
		return nil
	}
	due, err := v.upkeepDue(ctx)
	if err != nil || !due {
		return err
	}
	v.write.Lock()
	defer v.write.Unlock()
	unlock, err := v.m.Lock(ctx, v.o.ReadWait)
	if errors.Is(err, ErrInUse) {
		return nil
	}
	if err != nil {
		return err
	}
	defer unlock()
	v.mu.Lock()
	defer v.mu.Unlock()
	if err := v.openable(); err != nil {
		return err
	}
	if err := v.settle(); err != nil {
		return err
	}
	if err := v.fresh(ctx, true); err != nil {
		return err
	}
	if v.compactDue() {
		if err := v.compact(ctx); err != nil {
			return fmt.Errorf("compact: %w", err)
		}
	}
	if v.cache != nil && v.cache.c.WantsMerge() && v.cache.file != nil && !v.cache.detached {
		v.mergeCache()
	}
	return nil
}

func (v *Vault) upkeepDue(ctx context.Context) (due bool, err error) {
	err = v.look(ctx, func() error {
		due = !v.marks.lost && (v.compactDue() || v.cache.c.WantsMerge())
		return nil
	})
	return due, err
}

func (v *Vault) compactDue() bool {
	o := ownOf(v.marks.heads)
	return o.Open > max(v.compactFrom(), o.Snap/2) || o.Files > compactFiles
}

func (v *Vault) compactFrom() int64 {
	if v.compactAt > 0 {
		return v.compactAt
	}
	return compactFrom
}

// compact writes a snapshot of everything folded and removes the own files that it covers. When a file that the log needs is
// missing or damaged, nothing is done: what only the cache still holds must not be sealed into a snapshot as if it never was.
func (v *Vault) compact(ctx context.Context) error {
	t, err := v.trust()
	if err != nil {
		return err
	}
	if err := v.guard(t); err != nil {
		return err
	}
	lib, err := v.provenLibrary(ctx, t)
	if err != nil {
		return err
	}
	if !lib.ownWhole(t.self) {
		v.notice("compact", "a file of this device's log is missing or damaged: nothing is compacted")
		return nil
	}
	s, err := v.snapshot(lib, t, nil)
	if err != nil {
		return err
	}
	return v.collect(lib, t, s)
}

// ownWhole reports whether every file that this device's log needs is here and good. A quarantined one is not needed: it was
// read, it does not count, and it stays.
func (lib *library) ownWhole(self format.MemberID) bool {
	for _, f := range lib.files {
		if f.log == self && f.state != StateOK && f.state != StateQuarantined {
			return false
		}
	}
	return !slices.ContainsFunc(lib.finds, func(f Finding) bool { return f.Log == self && f.Kind != "fork" })
}

// snapshot writes what the library folds as the next own file, reads it back, and only then puts it into the heads, with a
// purge to be finished when there is one. mu and the file lock are held.
func (v *Vault) snapshot(lib *library, t *trust, purge func(format.SID) *format.Purge) (*logFile, error) {
	tip, err := v.ownTip(t)
	if err != nil {
		return nil, err
	}
	at := v.marks.heads.Logs[t.self]
	h := (&commit{v: v, t: t, heads: v.marks.heads, at: at, tip: tip}).header()
	hash, h32, staged, err := v.writeSnapshot(lib, t, h)
	if err != nil {
		return nil, err
	}
	name := format.Name{Kind: format.FileLog, Log: t.self.Short(), Seq: h.Seq, H32: h32}
	before := v.marks.stamp
	f, err := v.publishSnapshot(t, staged, name, hash)
	if err == nil {
		next := v.advanced(v.marks.heads, f.mark(), f.accounted(v.marks.heads))
		if purge != nil {
			next.Purge = purge(f.sid)
		}
		now := v.marks.heads
		if err = v.writeHeads(next); err != nil {
			err = v.unwritten(err, now)
		}
	}
	if errors.Is(err, ErrUnsure) {
		return nil, err // the marks may name it
	}
	if err != nil {
		_ = v.m.Remove(name.Path()) // in no marks: as if it had not been written
		return nil, err
	}
	var n note
	n.fold(t.self, f.mark())
	if v.holds([]format.Hash{before}) {
		return f, v.advance(nil, n, true)
	}
	return f, nil
}

// accounted is what the heads keep of the own log once f is its newest file.
func (f *logFile) accounted(h format.Heads) own {
	o := ownOf(h)
	o.add(f)
	return o
}

func (v *Vault) writeSnapshot(lib *library, t *trust, h format.SegmentHeader) (hash format.Hash, h32 string, s mirror.Staged, err error) {
	to, err := seal.ParseRecipient(t.epoch.rcpt)
	if err != nil {
		return hash, "", s, err
	}
	parts := v.newSpool()
	defer parts.close()
	state, err := lib.fold(parts)
	if err != nil {
		return hash, "", s, err
	}
	sealed := sha256.New()
	s, err = v.m.Stage(func(w io.Writer) error {
		age, err := seal.Writer(io.MultiWriter(w, sealed), to)
		if err != nil {
			return err
		}
		head := format.SnapshotHeader{SegmentHeader: h, Heads: v.marks.heads.Logs}
		if hash, err = format.WriteSnapshot(age, head, state.ctx.Format(), state.records, t.sign); err != nil {
			return err
		}
		return age.Close()
	})
	return hash, format.Hash(sealed.Sum(nil)).H32(), s, err
}

// publishSnapshot makes the file visible and reads it back from its name: only what decrypts and verifies to the very bytes
// that were folded may cover anything (I6).
func (v *Vault) publishSnapshot(t *trust, s mirror.Staged, name format.Name, hash format.Hash) (*logFile, error) {
	if err := v.m.Publish(s, name.Path()); err != nil {
		v.m.Discard(s)
		return nil, err
	}
	if err := v.m.SyncDirs(name.Path()); err != nil {
		return nil, err
	}
	m, _ := t.roster.Member(t.self)
	f, err := v.openLog(context.Background(), t, name, m)
	if err != nil {
		return nil, err
	}
	if f.state != StateOK || f.kind != format.KindSnapshot || f.hash != hash {
		return nil, fmt.Errorf("%w: the snapshot does not read back: %s", ErrCorrupt, f.why)
	}
	return f, nil
}

// collect removes own files that the snapshot s lists, except the newest snapshots (vault.md 5.6). Nothing else is ever deleted.
func (v *Vault) collect(lib *library, t *trust, s *logFile) error {
	have := map[format.SID]bool{}
	for _, sids := range s.ctx.Have {
		for _, sid := range sids {
			have[sid] = true
		}
	}
	var snaps []*logFile
	for _, f := range lib.files {
		if f.log == t.self && f.kind == format.KindSnapshot && f.folded() {
			snaps = append(snaps, f)
		}
	}
	slices.SortFunc(snaps, func(a, b *logFile) int { return b.header.Seq - a.header.Seq })
	kept := map[format.SID]bool{s.sid: true}
	for i := 0; i < len(snaps) && i < keptSnapshots-1; i++ {
		kept[snaps[i].sid] = true
	}
	var gone []string
	for _, f := range lib.files {
		if f.log == t.self && f.folded() && have[f.sid] && !kept[f.sid] {
			gone = append(gone, f.path())
		}
	}
	return v.m.RemoveAll(gone...)
}
