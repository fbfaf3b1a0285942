package vault

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"signet/vault/entry"
	"signet/vault/format"
)

func maintained(v *Vault) error {
	v.compactAt = 1
	return v.Maintain(context.Background())
}

// logFiles counts the files of the logs.
func (w *world) logFiles() (out []string) {
	for _, name := range w.fs.Files() {
		if format.ParseName(name).Kind == format.FileLog {
			out = append(out, name)
		}
	}
	return out
}

func TestCompactionKeepsEverythingInFewFiles(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.open()
	for round := range 4 {
		for i := range 6 {
			apply(t, v, append(login(round*10+i, fmt.Sprint(round, i), "x"), entry.Set(recID(0), "subtitle", fmt.Sprint(round, i)))...)
		}
		want := state(t, v)
		must(t, maintained(v))
		if got := state(t, v); got != want {
			t.Fatalf("round %d: state changed", round)
		}
		c := w.clone()
		c.fs.DeleteFile(cacheName)
		c.fs.DeleteFile(tailName)
		if got := state(t, c.open()); got != want {
			t.Fatalf("round %d: the snapshot says something else", round)
		}
		if n := len(w.logFiles()); n > keptSnapshots {
			t.Errorf("round %d: %d files in the log", round, n)
		}
		if c.notices.has("missing") || c.notices.has("rollback") || c.notices.has("fork") {
			t.Errorf("round %d: %v", round, c.notices.list)
		}
	}
	must(t, v.Maintain(context.Background()))
	before := len(w.logFiles())
	v.compactAt = 0
	must(t, v.Maintain(context.Background()))
	if len(w.logFiles()) != before {
		t.Error("compacted without need")
	}
}

// An undo still works when the segments are gone.
func TestUndoAfterCompaction(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.open()
	apply(t, v, login(1, "Mail", "one")...)
	before := visible(t, v)
	res := apply(t, v, entry.Set(recID(1), passwordPath, "two"))
	must(t, maintained(v))
	last, err := w.open().LastEdit(context.Background())
	if err != nil || fmt.Sprint(last) != fmt.Sprint(res.SIDs) {
		t.Errorf("last edit %v, %v, want %v", last, err, res.SIDs)
	}
	undoOf(t, w.open(), res)
	if got := visible(t, v); got != before {
		t.Errorf("undone:\n%s", got)
	}
}

// I6: no file is deleted without a snapshot, read back and verified, that lists its sid.
func TestI6NoDeleteWithoutAVerifiedSnapshot(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.open()
	for i := range 8 {
		apply(t, v, login(i, fmt.Sprint(i), "x")...)
	}
	must(t, maintained(v))
	for i := range 8 {
		apply(t, v, login(10+i, fmt.Sprint(i), "x")...)
	}
	sids := map[string]format.SID{} // every file that was ever seen, with its sid
	note := func(c *world) {
		cv := c.open()
		cv.mu.Lock()
		defer cv.mu.Unlock()
		tr, err := cv.trust()
		must(t, err)
		lib, err := cv.readLibrary(context.Background(), tr, nil)
		must(t, err)
		have := map[format.SID]bool{}
		for _, f := range lib.files {
			sids[f.path()] = f.sid
			for _, list := range f.ctx.Have {
				for _, sid := range list {
					have[sid] = true
				}
			}
		}
		for path, sid := range sids {
			if c.fs.ReadFile(path) == nil && !have[sid] {
				t.Errorf("%s is gone and no snapshot lists it", path)
			}
		}
	}
	note(w.clone())
	crashPoints(t, w, 2, func(v *Vault) error { return maintained(v) }, func(c *world, _ string, _ bool) { note(c) })
}

// Compaction survives a crash at every step: nothing is lost, and no alarm is raised.
func TestI10CompactionSurvivesCrashes(t *testing.T) {
	t.Parallel()
	w := settled(t)
	must(t, maintained(w.open()))
	apply(t, w.open(), login(5, "Fifth", "x")...)
	want, err := reopened(w.clone())
	must(t, err)
	act := func(v *Vault) error {
		v.room = tight
		return maintained(v)
	}
	crashPoints(t, w, 1, act, func(c *world, when string, _ bool) {
		got, err := reopened(c)
		if err != nil || got != want {
			t.Errorf("%s: %v\n%s", when, err, got)
		}
		if left := c.tmp(); len(left) > 0 {
			t.Errorf("%s: left after the next edit: %v", when, left)
		}
	})
}

// What only the cache still holds, because its file is damaged, is not sealed into a snapshot as if it had never been.
func TestCompactionWaitsWhileAFileIsDamaged(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.open()
	for i := range 4 {
		apply(t, v, login(i, fmt.Sprint(i), "x")...)
	}
	victim := w.logFiles()[1]
	whole := w.fs.ReadFile(victim)
	w.fs.WriteFile(victim, flip(whole, len(whole)/2))
	must(t, maintained(v))
	if n := len(w.logFiles()); n != 4 {
		t.Errorf("%d files, want 4", n)
	}
	w.fs.WriteFile(victim, whole)
	must(t, maintained(v))
	if n := len(w.logFiles()); n != 1 {
		t.Errorf("%d files, want 1", n)
	}
}

func TestPurgeLeavesNothingOld(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.open()
	ctx := context.Background()
	apply(t, v, append(login(1, "Mail", "one"), login(2, "Bank", "two")...)...)
	_, err := v.PurgeEntries(ctx, []ID{recID(2)})
	must(t, err)
	want := state(t, v)
	before := w.clone()
	must(t, v.PurgeVault(ctx))
	if got := state(t, v); got != want {
		t.Errorf("after purge:\n%s", got)
	}
	c := w.clone()
	c.fs.DeleteFile(cacheName)
	if got := state(t, c.open()); got != want {
		t.Errorf("from files:\n%s", got)
	}
	for _, name := range before.fs.Files() {
		old := format.ParseName(name)
		if old.Kind != format.FileUnknown && old.Kind != format.FileAtt && w.fs.ReadFile(name) != nil {
			t.Errorf("%s is still there", name)
		}
	}
	apply(t, v, login(3, "Third", "x")...)
	if got := value(t, w.open(), recID(3), "title"); got != "Third" {
		t.Errorf("edit after purge: %q", got)
	}
}

func TestPurgeRefusesWhileAFileIsBad(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.open()
	for i := range 3 {
		apply(t, v, login(i, fmt.Sprint(i), "x")...)
	}
	victim := w.logFiles()[1]
	whole := w.fs.ReadFile(victim)
	w.fs.DeleteFile(victim)
	if err := v.PurgeVault(context.Background()); !errors.Is(err, ErrCorrupt) {
		t.Errorf("missing file: %v", err)
	}
	w.fs.WriteFile(victim, flip(whole, 300))
	if err := v.PurgeVault(context.Background()); !errors.Is(err, ErrCorrupt) {
		t.Errorf("damaged file: %v", err)
	}
}

// A purge that is cut off is finished by the next opening that writes; whatever happens, nothing that is current is lost.
func TestPurgeSurvivesCrashes(t *testing.T) {
	t.Parallel()
	w := settled(t)
	want, err := reopened(w.clone())
	must(t, err)
	purge := func(v *Vault) error {
		v.room = tight
		return v.PurgeVault(context.Background())
	}
	crashPoints(t, w, 0, purge, func(c *world, when string, done bool) {
		got, err := reopened(c)
		if err != nil || got != want {
			t.Errorf("%s: %v\n%s", when, err, got)
		}
		for _, name := range c.fs.Files() {
			if done && strings.HasPrefix(name, "epochs/000001/") {
				t.Errorf("%s: %s is still there", when, name)
			}
		}
	})
}
