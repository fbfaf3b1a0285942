package vault

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"signet/vault/format"
	"signet/vault/mirror/crashfs"
	"signet/vault/seal"
	"signet/vault/secret"
)

// Guards of the second line: each holds when the one before it has failed. Every test here kills one mutant that no other test
// had noticed.

// A disk that returns other bytes than were written, under a snapshot: nothing is deleted on the strength of it (I6).
func TestSnapshotThatDoesNotReadBackCoversNothing(t *testing.T) {
	t.Parallel()
	for name, act := range map[string]func(*Vault) error{
		"compaction": maintained, "purge": func(v *Vault) error { return v.PurgeVault(t.Context()) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := settled(t)
			v := w.open()
			before, files := state(t, v), w.logFiles()
			w.fs.After(func(op crashfs.Op) {
				_, to, renamed := strings.Cut(op.Name, " → ")
				if op.Kind == "rename" && renamed && strings.HasPrefix(to, "log/") {
					data := w.fs.ReadFile(to)
					w.fs.WriteFile(to, flip(data, len(data)-20))
				}
			})
			err := act(v)
			w.fs.After(nil)
			if err == nil {
				t.Error("it is not told")
			}
			for _, f := range files {
				if w.fs.ReadFile(f) == nil {
					t.Errorf("%s was deleted", f)
				}
			}
			must(t, v.Close())
			w.fs.DeleteFile(cacheName)
			if got := state(t, w.open()); got != before {
				t.Errorf("the files say\n%s", got)
			}
		})
	}
}

// Marks that ask for a purge which no snapshot of this epoch stands for: nothing is deleted, and it is told.
func TestPurgeNeedsItsSnapshot(t *testing.T) {
	t.Parallel()
	for name, below := range map[string]int{"a segment": 1, "of another epoch": 2} {
		w := settled(t)
		v := w.open()
		if below == 2 {
			must(t, maintained(v))
		}
		files := w.logFiles()
		v.mu.Lock()
		h := v.marks.heads
		h.Purge = &format.Purge{Below: below, SID: h.Logs[v.self].SID}
		must(t, v.writeHeads(h))
		v.mu.Unlock()
		if _, err := v.Apply(t.Context(), nil, login(7, "x", "y")); !errors.Is(err, ErrCorrupt) {
			t.Errorf("%s: %v", name, err)
		}
		for _, f := range files {
			if w.fs.ReadFile(f) == nil {
				t.Errorf("%s: %s was deleted", name, f)
			}
		}
	}
}

// An identity for an older epoch that the roster did not commit, handed on in a second prev file, and a segment under it: closed.
func TestUncommittedOlderEpochOpensNothing(t *testing.T) {
	t.Parallel()
	x := newVictim(t)
	v := x.open("keyring")
	must(t, v.Rotate(t.Context(), "test"))
	x.learn(v)
	must(t, v.Close())
	text, rcpt, err := seal.NewIdentity()
	must(t, err)
	k, err := newEpochKey(format.SlotFile{Vault: x.id, Epoch: 1, Identity: text})
	must(t, err)
	names, err := x.mirror().Names(epochDir(2))
	must(t, err)
	var f namedFile
	i := slices.IndexFunc(names, func(n string) bool { return strings.HasPrefix(n, "prev-") })
	for f.name == "" || f.name > epochDir(2)+"/"+names[i] { // it stands before the true one, and so is read first
		f, err = sealPrev(x.id, x.tr.epoch, []epochKey{k})
		must(t, err)
	}
	x.write(f.name, f.data)
	h := x.header()
	h.Epoch, h.EpochK = 1, k.short()
	x.unharmed(x.put(x.segment(h, x.id, x.tr.sign), x.at.Seq+1, rcpt), StateWaiting)
}

// The true roster, sealed anew to an epoch key of the attacker's, and a slot for the recovery code that holds this key: the code
// does not believe it, so that no restore hands that key on in place of the true one.
func TestResealedRosterIsNotBelieved(t *testing.T) {
	t.Parallel()
	x := newVictim(t)
	text, _, err := seal.NewIdentity()
	must(t, err)
	k, err := newEpochKey(format.SlotFile{Vault: x.id, Epoch: 1, Identity: text})
	must(t, err)
	for _, m := range x.tr.roster.Members {
		f, err := sealSlot(x.id, k, m.MemberKeys)
		must(t, err)
		must(t, x.mirror().Remove(x.slotOf(1, m.Kind).Path()))
		x.write(f.name, f.data)
	}
	x.putRoster(format.JoinRoster(x.tr.roster.Chain), len(x.tr.roster.Chain), k)
	if v, err := x.try(UnlockOptions{Method: MethodRecovery, Secret: secret.FromString(x.code)}); err == nil {
		t.Errorf("the code opened\n%s", state(t, v))
	}
	if _, err := x.home.at().Enrol(t.Context(), x.enrolAll()); err == nil {
		t.Error("the code enrolled this machine")
	}
	x.forgetful()
	if _, err := x.try(UnlockOptions{}); err == nil {
		t.Error("the device opened it")
	}
}

// Many small edits beside a large snapshot: the log is compacted for the number of its files, not only for their bytes, so that
// what an edit costs does not grow with them.
func TestManyFilesAreCompacted(t *testing.T) {
	t.Parallel()
	w := settled(t)
	v := w.open()
	v.compactAt = 1 << 30
	must(t, v.Maintain(t.Context()))
	if n := len(w.logFiles()); n != 2 {
		t.Fatalf("%d files", n)
	}
	v.mu.Lock()
	h := v.marks.heads
	o := ownOf(h)
	if o.Files != 2 {
		t.Errorf("the marks count %d own files, want 2", o.Files)
	}
	o.Files = compactFiles
	h.Extra = o.with(h.Extra)
	must(t, v.writeHeads(h))
	v.mu.Unlock()
	must(t, v.Maintain(t.Context()))
	if n := len(w.logFiles()); n != 2 {
		t.Errorf("%d files: compacted too early", n)
	}
	apply(t, v, login(9, "one more", "x")...)
	must(t, v.Maintain(t.Context()))
	if n := len(w.logFiles()); n != 1 {
		t.Errorf("%d files, want 1", n)
	}
	if o := ownOf(v.marks.heads); o.Files != 0 {
		t.Errorf("after that the marks count %d", o.Files)
	}
}

// A roster file with a higher number that no change of the members can have written (of another vault, or with bytes that are not
// its own) is named, and does not keep the owner from writing. A real one that this device's key does not open still does.
func TestJunkRosterDoesNotStopWriting(t *testing.T) {
	t.Parallel()
	h, v := strongHome(t)
	must(t, v.Close())
	other := newHome(t)
	ov := other.init(NewWay{Kind: "keyring"})
	must(t, ov.Close())
	rosters, err := other.mirror().Names("roster")
	must(t, err)
	alien := other.read("roster/" + rosters[0])
	whole := "roster/000077-" + format.H32(alien) + ".age"
	h.write(whole, alien)
	v = h.open("keyring")
	apply(t, v, login(3, "Shop", "x")...)
	if s := h.doctor(v).states()[whole]; s != StateQuarantined {
		t.Errorf("of another vault: %q", s)
	}
	must(t, v.Close())
	if rv, err := h.try(UnlockOptions{Method: MethodRecovery, Secret: secret.FromString(h.code)}); err != nil || !strings.Contains(state(t, rv), "Shop") {
		t.Errorf("the code: %v", err)
	}

	n := h.elsewhere(false) // the device is revoked there, and the news come here
	must(t, os.Remove(filepath.Join(n.dir, whole)))
	o := n.enrolAll()
	o.Confirm = nil
	nv := n.enrol(o)
	must(t, nv.Close())
	real, err := n.mirror().Names("roster")
	must(t, err)
	name := "roster/" + real[len(real)-1]
	for _, dir := range []string{"roster", "epochs/000002"} {
		names, err := n.mirror().Names(dir)
		must(t, err)
		for _, base := range names {
			h.write(dir+"/"+base, n.read(dir+"/"+base))
		}
	}
	v = h.open("keyring")
	if _, err := v.Apply(t.Context(), nil, login(4, "x", "y")); !errors.Is(err, ErrWayChanged) {
		t.Errorf("beside a real one: %v", err)
	}
	if s := h.doctor(v).states()[name]; s != StateWaiting {
		t.Errorf("a real one is %q", s)
	}
	h.write(name, flip(h.read(name), 3000)) // no longer what its name says
	must(t, os.Remove(filepath.Join(h.dir, whole)))
	if s := h.doctor(v).states()[name]; s != StateDamaged {
		t.Errorf("a damaged one is %q", s)
	}
}
