package vault

import (
	"path/filepath"
	"strings"
	"testing"

	"signet/vault/format"
	"signet/vault/mirror/crashfs"
)

// forked is a home whose device was cloned (a restored backup of the home, say), both went on writing, and the clone's files
// have come here: a fork of the own log, folded and told.
func forked(t *testing.T) (*home, *Vault) {
	t.Helper()
	h, v := strongHome(t)
	clone := h.copied()
	cv := clone.open("keyring")
	apply(t, v, login(3, "written here", "x")...)
	for n := range 3 {
		apply(t, cv, login(4+n, "written by the clone", "y")...)
	}
	must(t, cv.Close())
	must(t, v.Close())
	for _, name := range logFiles(t, clone) {
		h.write(name, clone.read(name))
	}
	h.forgetful()
	v = h.open("keyring")
	apply(t, v, login(8, "written after they met", "z")...)
	for _, n := range []int{3, 4, 6, 8} {
		if value(t, v, recID(n), "title") == "" {
			t.Fatalf("before anything else entry %d is not there", n)
		}
	}
	return h, v
}

// A cut names one branch of a fork. Whatever sets one (a new key of the device, its removal by a restore) must not drop what
// stands on the other branch: it was folded and shown (I5).
func TestForkSurvivesANewKey(t *testing.T) {
	t.Parallel()
	h, v := forked(t)
	want := state(t, v)
	must(t, v.RemoveSlot(t.Context(), "recovery", RemoveOptions{}))
	must(t, v.AddWay(t.Context(), passWay(), nil))
	must(t, v.RemoveSlot(t.Context(), "keyring", RemoveOptions{}))
	if got := state(t, v); got != want {
		t.Errorf("after the key was replaced:\n%s\nwant\n%s", got, want)
	}
	h.forgetful()
	if got := state(t, h.open("passphrase")); got != want {
		t.Errorf("from the files:\n%s\nwant\n%s", got, want)
	}
}

func TestForkSurvivesARestore(t *testing.T) {
	t.Parallel()
	h, v := forked(t)
	want := state(t, v)
	must(t, v.Close())
	n := h.elsewhere(false)
	o := n.enrolAll()
	o.Confirm = nil // the old device goes
	nv := n.enrol(o)
	if got := state(t, nv); got != want {
		t.Errorf("restored:\n%s\nwant\n%s", got, want)
	}
	n.forgetful()
	if got := state(t, n.open("keyring")); got != want {
		t.Errorf("from the files:\n%s\nwant\n%s", got, want)
	}
}

// The mark of the own log stays on its own branch, however far the other one has come.
func TestForkDoesNotMoveTheOwnMark(t *testing.T) {
	t.Parallel()
	h, v := strongHome(t)
	clone := h.copied()
	cv := clone.open("keyring")
	for n := range 5 {
		apply(t, cv, login(4+n, "written by the clone", "y")...)
	}
	must(t, cv.Close())
	at := v.marks.heads.Logs[v.Device()]
	must(t, v.Close())
	for _, name := range logFiles(t, clone)[2:] {
		if format.ParseName(name).Seq > at.Seq+1 { // without the file that would be adopted
			h.write(name, clone.read(name))
		}
	}
	h.forgetful()
	v = h.open("keyring")
	if got := v.marks.heads.Logs[v.Device()]; got != at {
		t.Errorf("the own mark moved from %v to %v", at, got)
	}
	apply(t, v, login(3, "written here", "x")...)
	h.forgetful()
	v = h.open("keyring")
	for _, n := range []int{1, 2, 3, 5, 8} {
		if value(t, v, recID(n), "title") == "" {
			t.Errorf("entry %d is not there in %s", n, filepath.Base(h.dir))
		}
	}
}

// Both branches have a file with the number after our newest; the other one's is not taken for our own.
func TestForkIsNotAdopted(t *testing.T) {
	t.Parallel()
	h, v := strongHome(t)
	clone := h.copied()
	cv := clone.open("keyring")
	for n := range 3 {
		apply(t, cv, login(4+n, "written by the clone", "y")...)
	}
	must(t, cv.Close())
	apply(t, v, login(3, "written here", "x")...)
	at := v.marks.heads.Logs[v.Device()]
	must(t, v.Close())
	for _, name := range logFiles(t, clone) {
		h.write(name, clone.read(name))
	}
	v = h.open("keyring")
	apply(t, v, login(9, "written after they met", "x")...)
	tr := trustOf(t, v)
	v.mu.Lock()
	defer v.mu.Unlock()
	lib, err := v.readLibrary(t.Context(), tr, nil)
	must(t, err)
	if f := lib.bySID[v.marks.heads.Logs[tr.self].SID]; f == nil || f.prev() != at.SID {
		t.Errorf("the next file does not build on ours: %+v", f)
	}
}

// A thief's file, signed with the key that was replaced, directly behind the cut: it is not taken for a write of ours that was cut off.
func TestOldKeyIsNotAdopted(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	v := h.init()
	apply(t, v, login(1, "Bank", "s3cret")...)
	thief := h.copied()
	must(t, v.RemoveSlot(t.Context(), "passphrase", RemoveOptions{}))
	want, at := state(t, v), v.marks.heads.Logs[v.Device()]
	must(t, v.Close())
	tv := thief.open("passphrase")
	apply(t, tv, SetEdit(recID(1), passwordPath, "the thief's"))
	must(t, tv.Close())
	h.slip(thief, "log/")
	h.forgetful()
	v = h.open("keyring")
	if got := state(t, v); got != want || v.marks.heads.Logs[v.Device()] != at {
		t.Errorf("mark %v, want %v; the vault says\n%s", v.marks.heads.Logs[v.Device()], at, got)
	}
}

// The device's key is replaced when the log was compacted before: the older snapshot lies below files that are gone by law.
// Nothing of that stops the next compaction or a purge, and doctor has nothing to say.
func TestNewKeyAfterCompaction(t *testing.T) {
	t.Parallel()
	h, v := strongHome(t)
	must(t, v.AddWay(t.Context(), passWay(), nil))
	for round := range 3 {
		for n := range 3 {
			apply(t, v, login(10*round+n, "entry", "x")...)
		}
		must(t, maintained(v))
	}
	apply(t, v, login(40, "behind the snapshot", "x")...)
	want := state(t, v)
	must(t, v.RemoveSlot(t.Context(), "keyring", RemoveOptions{}))
	h.forgetful()
	v = h.open("passphrase")
	if got := state(t, v); got != want {
		t.Errorf("after the key was replaced:\n%s\nwant\n%s", got, want)
	}
	for _, f := range h.doctor(v).Files {
		if f.State != StateOK {
			t.Errorf("doctor: %+v", f)
		}
	}
	files := len(logFiles(t, h))
	must(t, maintained(v))
	if len(logFiles(t, h)) > files {
		t.Error("nothing is compacted any more")
	}
	must(t, v.PurgeVault(t.Context()))
	if got := state(t, v); got != want {
		t.Errorf("in the end:\n%s\nwant\n%s", got, want)
	}
}

// A file of the log is lost, everything else folds; then the key is replaced. What folded before folds after.
func TestNewKeyBesideALostFile(t *testing.T) {
	t.Parallel()
	h, v := strongHome(t)
	must(t, v.AddWay(t.Context(), passWay(), nil))
	for n := range 4 {
		apply(t, v, login(10+n, "entry", "x")...)
	}
	must(t, v.Close())
	must(t, h.mirror().Remove(logFiles(t, h)[3]))
	h.forgetful()
	v = h.open("passphrase")
	want := state(t, v)
	must(t, v.RemoveSlot(t.Context(), "keyring", RemoveOptions{}))
	h.forgetful()
	if got := state(t, h.open("passphrase")); got != want {
		t.Errorf("after the key was replaced:\n%s\nwant\n%s", got, want)
	}
	n := h.elsewhere(false)
	o := n.enrolAll()
	o.Confirm = nil
	if got := state(t, n.enrol(o)); got != want {
		t.Errorf("restored:\n%s\nwant\n%s", got, want)
	}
}

// The same while the cache still holds what the lost file wrote: a new key ends that cache, and takes nothing along.
func TestNewKeyKeepsWhatOnlyTheCacheHolds(t *testing.T) {
	t.Parallel()
	for _, lost := range []int{2, 3, 4} {
		h, want := richHome(t)
		v := h.open("keyring")
		must(t, v.AddWay(t.Context(), passWay(), nil))
		must(t, v.Close())
		file := logFiles(t, h)[lost]
		whole := h.read(file)
		must(t, h.mirror().Remove(file))
		v = h.open("keyring")
		must(t, v.RemoveSlot(t.Context(), "keyring", RemoveOptions{}))
		if got := state(t, v); got != want {
			t.Errorf("file %d: after the key was replaced:\n%s\nwant\n%s", lost, got, want)
		}
		must(t, v.Close())
		h.forgetful()
		v = h.open("passphrase")
		if got := state(t, v); got != want {
			t.Errorf("file %d: from the files:\n%s\nwant\n%s", lost, got, want)
		}
		if r := h.doctor(v); r.Intact() {
			t.Errorf("file %d: nobody has accepted the loss, and doctor says nothing", lost)
		}
		must(t, v.Close())
		h.write(file, whole)
		h.forgetful()
		if got := state(t, h.open("passphrase")); got != want {
			t.Errorf("file %d: with the file back:\n%s\nwant\n%s", lost, got, want)
		}
	}
}

// The snapshot that a new key needs beside a fork, and everything after it, cut off by a crash at every step: both branches are
// there, and the next unlock finishes or takes back.
func TestForkSurvivesACrashDuringANewKey(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	clone := &desk{t, d.fs.Survivor(crashfs.Kept), d.ring, d.code, d.pass}
	for n, at := range []*desk{d, clone} {
		v := at.open("keyring")
		for i := range 1 + n {
			apply(t, v, login(20+10*n+i, []string{"written here", "written by the clone"}[n], "x")...)
		}
		must(t, v.Close())
	}
	for _, name := range clone.fs.Files() {
		if strings.HasPrefix(name, "log/") {
			d.fs.WriteFile(name, clone.fs.ReadFile(name))
		}
	}
	d.fs.DeleteFile(cacheName)
	must(t, d.open("keyring").Close())
	moments := d.crashes(func(d *desk) error {
		v := d.open("keyring")
		defer v.Close()
		return v.RemoveSlot(t.Context(), "passphrase", RemoveOptions{})
	})
	for _, m := range thin(moments, 8) {
		m.fs.DeleteFile(cacheName)
		v, err := m.try("keyring")
		if err != nil {
			t.Errorf("%s: %v", m.step, err)
			continue
		}
		s, err := tryState(v)
		if err != nil || !strings.Contains(s, "written here") || strings.Count(s, "written by the clone") != 2 || !strings.Contains(s, "Bank") {
			t.Errorf("%s: %v\n%s", m.step, err, s)
		}
		if _, err := v.Apply(t.Context(), nil, login(40, "after", "x")); err != nil {
			t.Errorf("%s: write: %v", m.step, err)
		}
		must(t, v.Close())
	}
}
