package vault

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"syscall"
	"testing"

	"signet/vault/entry"
	"signet/vault/fold"
	"signet/vault/mirror/crashfs"
)

// tight is a room in which nothing stands in memory: every segment is read again, and every few values go to the disk.
var tight = room{ops: 0, pile: fold.Sizes{Run: 500, Memory: 1}, records: 3}

func (w *world) tmp() (out []string) {
	for _, f := range w.fs.Files() {
		if strings.HasPrefix(f, "state/tmp/") {
			out = append(out, f)
		}
	}
	return out
}

// busy is a world with replaced, deleted and conflicting values in several files behind a snapshot.
func busy(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	v := w.open()
	for i := range 8 {
		apply(t, v, append(login(i%5, fmt.Sprint("entry ", i), fmt.Sprint("secret ", i)), entry.Set(recID(9-i), "subtitle", strings.Repeat("x", 90*i)))...)
		if i == 3 {
			must(t, maintained(v))
		}
	}
	apply(t, v, entry.Remove(recID(2), "title"))
	must(t, v.Close())
	return w
}

// A fold that may keep nothing in memory gives what the usual one gives, into a cache and into a snapshot, and leaves nothing behind.
func TestTightFoldGivesTheSame(t *testing.T) {
	t.Parallel()
	w := busy(t)
	want := state(t, w.clone().open())
	v := w.open()
	v.room = tight
	scratch := 0
	w.fs.After(func(op crashfs.Op) {
		if op.Kind == "create" && strings.HasPrefix(op.Name, "state/tmp/") {
			scratch++
		}
	})
	must(t, v.alone(context.Background(), v.o.LockWait, func() error {
		v.dropCache()
		return errors.Join(v.m.RemoveAll(cacheName, tailName), v.fresh(context.Background(), true))
	}))
	if got := state(t, v); got != want || scratch < 5 {
		t.Errorf("cache built through %d files:\n%s\nwant\n%s", scratch, got, want)
	}
	must(t, maintained(v))
	w.fs.After(nil)
	if left := w.tmp(); len(left) > 0 || len(w.logs()) > keptSnapshots {
		t.Errorf("left: %v, log: %v", left, w.logs())
	}
	w.fs.DeleteFile(cacheName)
	w.fs.DeleteFile(tailName)
	if got := state(t, w.open()); got != want {
		t.Errorf("snapshot:\n%s\nwant\n%s", got, want)
	}
}

// I12: what a fold puts on the disk shows nothing of the vault, and opens with no key that the device holds.
func TestI12SortedPartsAreSealed(t *testing.T) {
	t.Parallel()
	w := busy(t)
	v := w.open()
	v.room = tight
	seen := 0
	w.fs.After(func(op crashfs.Op) {
		for _, name := range w.tmp() {
			b := w.fs.ReadFile(name)
			if seen++; bytes.Contains(b, []byte("secret")) || bytes.Contains(b, []byte("entry")) || bytes.Contains(b, []byte("password")) {
				t.Errorf("%s shows content after %s", name, op)
			}
		}
	})
	must(t, maintained(v))
	w.fs.After(nil)
	if seen < 5 {
		t.Errorf("only %d parts seen", seen)
	}
}

// What is read again must be what was judged. A segment that is exchanged between the two, even for a genuine one, ends the fold;
// one that is gone is looked for anew.
func TestSegmentExchangedWhileItIsFolded(t *testing.T) {
	t.Parallel()
	w := busy(t)
	v := w.open()
	v.room = tight
	for name, change := range map[string]func(path string){
		"another genuine file": func(path string) { w.fs.WriteFile(path, w.fs.ReadFile(w.logs()[len(w.logs())-1])) },
		"damaged":              func(path string) { w.fs.WriteFile(path, flip(w.fs.ReadFile(path), 900)) },
		"gone":                 func(path string) { w.fs.DeleteFile(path) },
	} {
		v.mu.Lock()
		tr, err := v.trust()
		must(t, err)
		lib, err := v.readLibrary(context.Background(), tr, nil)
		must(t, err)
		i := slices.IndexFunc(lib.files, func(f *logFile) bool { return f.again != nil && f.folded() })
		path := lib.files[i].path()
		whole := w.fs.ReadFile(path)
		change(path)
		_, err = lib.fold(nil)
		v.mu.Unlock()
		if want := map[bool]error{true: fs.ErrNotExist, false: ErrCorrupt}[name == "gone"]; !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", name, err, want)
		}
		w.fs.WriteFile(path, whole)
	}
}

// I11 for the sorted parts: a disk that is full for them changes nothing, and reading goes on in memory.
func TestNoRoomForSortedParts(t *testing.T) {
	t.Parallel()
	for n := 1; ; n++ {
		w := busy(t)
		want := state(t, w.clone().open())
		logs := w.logs()
		v := w.open()
		v.room = tight
		count, hit := 0, false
		w.fs.Fail(func(op crashfs.Op) error {
			if strings.HasPrefix(op.Name, "state/tmp/") && op.Kind != "remove" {
				if count++; count >= n {
					hit = true
					return syscall.ENOSPC
				}
			}
			return nil
		})
		err := maintained(v)
		w.fs.Fail(nil)
		if !hit {
			break
		}
		if err != nil && !errors.Is(err, ErrDiskFull) || err != nil && !slices.Equal(w.logs(), logs) {
			t.Errorf("full from %d: %v, log %v", n, err, w.logs())
		}
		if got := state(t, w.open()); got != want {
			t.Errorf("full from %d: %s", n, got)
		}
		if left := w.tmp(); len(left) > 0 {
			t.Errorf("full from %d: left %v", n, left)
		}
		if n > 3 {
			n += 4
		}
	}
}

// An edit of more records than may stand in memory is read again from its segments: cache, other handles and the files say the same
// after it, also when nothing is left of some of its records.
func TestTightEditsReachTheCache(t *testing.T) {
	t.Parallel()
	w := busy(t)
	v := w.open()
	v.room, v.target = tight, 2<<10
	ctx := context.Background()
	same := func(when string, left int) {
		t.Helper()
		got := state(t, v)
		c := w.clone()
		c.fs.DeleteFile(cacheName)
		c.fs.DeleteFile(tailName)
		for name, other := range map[string]*Vault{"another handle": w.open(), "a fold of the files": c.open()} {
			if s := state(t, other); s != got {
				t.Errorf("%s: %s says\n%s\nthis one\n%s", when, name, s, got)
			}
		}
		if n := len(w.tmp()); n > 0 || v.cache == nil || v.cache.detached {
			t.Errorf("%s: %d files left in state/tmp, cache %+v", when, n, v.cache)
		}
		if n := v.cache.c.Len(); n != left {
			t.Errorf("%s: %d records, want %d", when, n, left)
		}
	}
	res, err := v.Import(ctx, "x", logins(40, 1, "long notes, long notes"))
	must(t, err)
	same("import", 42) // the record of the import is one of them
	_, err = v.Undo(ctx, res.SIDs)
	must(t, err)
	same("undo", 42)
	var ids []ID
	for i := range 20 {
		ids = append(ids, recID(i+15))
	}
	_, err = v.PurgeEntries(ctx, ids)
	must(t, err)
	same("purge of entries", 22)
	var edits []Edit
	for i := range 9 {
		edits = append(edits, entry.Set(recID(i), "subtitle", fmt.Sprint("again ", i)))
	}
	apply(t, v, edits...)
	same("a wide edit", 22)
}
