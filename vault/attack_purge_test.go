package vault

import (
	"strings"
	"syscall"
	"testing"

	"signet/vault/format"
	"signet/vault/mirror/crashfs"
)

// A log with two branches is purged: what both say stays, nothing of the old files does, and doctor has nothing to say.
func TestForkIsPurgedWhole(t *testing.T) {
	t.Parallel()
	h, v := forked(t)
	want := state(t, v)
	must(t, v.PurgeVault(t.Context()))
	h.forgetful()
	v = h.open("keyring")
	if got := state(t, v); got != want {
		t.Errorf("the vault says\n%s\nwant\n%s", got, want)
	}
	if n := logFiles(t, h); len(n) != 1 {
		t.Errorf("files %v", n)
	}
	for _, f := range h.doctor(v).Files {
		if f.State != StateOK {
			t.Errorf("doctor: %+v", f)
		}
	}
}

// A purge is cut off, and before it is finished a file comes back that it had not folded (a clone's, from a backup): it is in
// no snapshot, so it is not deleted.
func TestCutOffPurgeDeletesNothingItHasNotFolded(t *testing.T) {
	t.Parallel()
	w := settled(t)
	clone := w.clone()
	cv := clone.open()
	apply(t, cv, login(8, "written by the clone", "x")...)
	must(t, cv.Close())
	newest := clone.logFiles()[len(clone.logFiles())-1]
	v := w.open()
	apply(t, v, login(7, "written here", "x")...)
	removed := false
	w.fs.Fail(func(op crashfs.Op) error {
		if removed = removed || op.Kind == "remove" && strings.HasPrefix(op.Name, "log/"); removed {
			return syscall.EIO
		}
		return nil
	})
	if err := v.PurgeVault(t.Context()); err == nil || !removed {
		t.Fatalf("the purge was not cut off: %v", err)
	}
	w.fs.Fail(nil)
	c := w.on(w.fs.Kill())
	c.fs.WriteFile(newest, clone.fs.ReadFile(newest))
	cv = c.open()
	apply(t, cv, login(9, "written after", "x")...)
	if value(t, cv, recID(7), "title") == "" || value(t, cv, recID(9), "title") == "" {
		t.Error("the vault lost an entry")
	}
	if c.fs.ReadFile(newest) == nil && value(t, cv, recID(8), "title") == "" {
		t.Error("a file that no snapshot lists was deleted")
	}
	if format.ParseName(newest).Kind != format.FileLog {
		t.Fatal(newest)
	}
}
