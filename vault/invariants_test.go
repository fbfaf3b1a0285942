package vault

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"

	"signet/vault/entry"
	"signet/vault/format"
	"signet/vault/mirror/crashfs"
	"signet/vault/seal"
)

// life goes through everything that writes: edits, an import of several segments, attachments, undo, compaction, a new epoch,
// a purge of entries. watch looks at the file system after every step.
func life(t *testing.T, w *world, watch func(crashfs.Op)) {
	t.Helper()
	if watch != nil {
		w.fs.After(watch)
		defer w.fs.After(nil)
	}
	ctx := context.Background()
	v := w.open()
	apply(t, v, append(login(1, "Mail", "one"), login(2, "Bank", "two")...)...)
	apply(t, v, entry.Set(recID(1), passwordPath, "three"))
	attach(t, v, recID(1), bytes.Repeat([]byte("attached "), 6000))
	v.target = 8 << 10
	_, err := v.Import(ctx, "import", logins(20, 10, strings.Repeat("x", 200)))
	must(t, err)
	v.target = segmentTarget
	must(t, maintained(v))
	res := apply(t, v, entry.Remove(recID(2), "title"))
	undoOf(t, v, res)
	must(t, v.Rotate(ctx, "test"))
	apply(t, v, entry.Set(recID(2), passwordPath, "four"))
	must(t, maintained(v))
	_, err = v.PurgeEntries(ctx, []ID{recID(11)})
	must(t, err)
	apply(t, v, login(3, "Last", "five")...)
	must(t, v.local.Put("blob", []byte("of the device")))
	must(t, v.Close())
}

// synced lists the names that are synced.
func (w *world) synced() (out []string) {
	for _, name := range w.fs.Files() {
		if format.ParseName(name).Kind != format.FileUnknown {
			out = append(out, name)
		}
	}
	return out
}

// I1: a file, once visible under its name, never changes. I2: its name carries the SHA-256 of its bytes.
func TestI1I2VisibleFilesNeverChange(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first := map[string][]byte{}
	life(t, w, func(crashfs.Op) {
		for _, name := range w.synced() {
			now := w.fs.ReadFile(name)
			was, seen := first[name]
			switch {
			case !seen:
				first[name] = now
				if format.ParseName(name).H32 != format.H32(now) {
					t.Errorf("%s: the name does not fit its bytes", name)
				}
			case !bytes.Equal(was, now):
				t.Errorf("%s changed", name)
			}
		}
	})
	if len(first) < 15 {
		t.Errorf("only %d files were ever visible", len(first))
	}
}

// I2: the identity of a segment is its sid. The same plaintext sealed anew under another name is the same segment: folded once,
// no fork.
func TestI2IdentityIsTheSID(t *testing.T) {
	t.Parallel()
	w := settled(t)
	want := state(t, w.open())
	v := w.open()
	for _, name := range w.logFiles() {
		plain := w.unseal(v, name)
		w.reseal(v, name, plain)
	}
	w.fs.DeleteFile(cacheName)
	w.fs.DeleteFile(tailName)
	if n := len(w.logFiles()); n != 4 {
		t.Fatalf("%d files", n)
	}
	r := w.open()
	if got := state(t, r); got != want {
		t.Errorf("state differs:\n%s", got)
	}
	if w.notices.has("fork") {
		t.Errorf("notices %v", w.notices.list)
	}
	apply(t, r, entry.Set(recID(1), "title", "still writable"))
}

// unseal decrypts a synced file with the epoch's key.
func (w *world) unseal(v *Vault, name string) []byte {
	w.t.Helper()
	v.mu.Lock()
	defer v.mu.Unlock()
	tr, err := v.trust()
	must(w.t, err)
	plain, err := seal.Open(w.fs.ReadFile(name), seal.StanzaHybrid, tr.epoch.id, format.MaxSegment)
	must(w.t, err)
	return plain
}

// reseal seals a plaintext to the current epoch and puts it where name stands, under the name that its bytes yield.
func (w *world) reseal(v *Vault, name string, plain []byte) string {
	w.t.Helper()
	v.mu.Lock()
	defer v.mu.Unlock()
	tr, err := v.trust()
	must(w.t, err)
	to, err := seal.ParseRecipient(tr.epoch.rcpt)
	must(w.t, err)
	sealed, err := seal.Bytes(plain, to)
	must(w.t, err)
	n := format.ParseName(name)
	n.H32 = format.H32(sealed)
	w.fs.WriteFile(n.Path(), sealed)
	return n.Path()
}

// I7: absence never deletes. Files that vanish take nothing else with them, are named, and are whole again when they come back.
func TestI7AbsenceNeverDeletes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	life(t, w, nil)
	want := state(t, w.open())
	for _, name := range w.synced() {
		c := w.clone()
		kept := c.fs.ReadFile(name)
		c.fs.DeleteFile(name)
		before := len(c.synced())
		for _, withCache := range []bool{true, false} {
			if !withCache {
				c.fs.DeleteFile(cacheName)
				c.fs.DeleteFile(tailName)
			}
			if v, err := c.tryOpen(); err == nil {
				_, _ = tryState(v)
				_ = maintained(v)
				_ = v.Close()
			}
		}
		if got := len(c.synced()); got < before {
			t.Errorf("without %s: %d files of %d are left", name, got, before)
		}
		c.fs.WriteFile(name, kept)
		c.fs.DeleteFile(cacheName)
		c.fs.DeleteFile(tailName)
		if got := state(t, c.open()); got != want {
			t.Errorf("with %s back, the state differs", name)
		}
	}
}

// I8: a device writes only its own log, seq strictly +1, prev matches.
func TestI8OwnLogIsOneChain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	chain := map[int]*logFile{}
	life(t, w, nil)
	v := w.open()
	apply(t, v, entry.Set(recID(1), "title", "x"))
	v.mu.Lock()
	defer v.mu.Unlock()
	tr, err := v.trust()
	must(t, err)
	lib, err := v.readLibrary(context.Background(), tr, nil)
	must(t, err)
	last := 0
	for _, f := range lib.files {
		if f.log != tr.self || f.state != StateOK {
			t.Errorf("%s is %s of log %s: %s", f.path(), f.state, f.log, f.why)
		}
		if chain[f.header.Seq] != nil {
			t.Errorf("two files with number %d", f.header.Seq)
		}
		chain[f.header.Seq] = f
		last = max(last, f.header.Seq)
	}
	for seq, f := range chain {
		if before := chain[seq-1]; before != nil && f.header.Prev != before.hash {
			t.Errorf("prev of file %d does not match", seq)
		}
	}
	if top := v.marks.heads.Logs[tr.self]; top.Seq != last || len(lib.finds) > 0 {
		t.Errorf("marks at %d of %d, findings %v", top.Seq, last, lib.finds)
	}
}

// I12: no secret stands in the clear in any file at any moment, in a notice or in an error.
func TestI12NoSecretInTheClear(t *testing.T) {
	t.Parallel()
	const canary = "cAnArYcAnArYcAnArY"
	w := newWorld(t)
	ctx := context.Background()
	forms := []string{canary, base64.StdEncoding.EncodeToString([]byte(canary))[:20], base64.RawURLEncoding.EncodeToString([]byte("x" + canary))[2:20]}
	leak := func(where string, data []byte) {
		for _, f := range forms {
			if bytes.Contains(data, []byte(f)) {
				t.Errorf("%s holds the secret", where)
			}
		}
	}
	w.fs.After(func(op crashfs.Op) {
		for _, name := range w.fs.Files() {
			leak(fmt.Sprintf("after %s: %s", op, name), w.fs.ReadFile(name))
		}
	})
	v := w.open()
	apply(t, v, login(1, canary, canary)...)
	apply(t, v, entry.Set(recID(1), passwordPath, canary+"2"))
	attach(t, v, recID(1), []byte(strings.Repeat(canary, 10)))
	attach(t, v, recID(1), []byte(strings.Repeat(canary, 5000)))
	must(t, v.local.Put("blob", []byte(canary)))
	must(t, maintained(v))
	must(t, v.Rotate(ctx, "test"))
	w.fs.After(nil)
	base := Base{{Record: recID(1), Path: passwordPath}: nil}
	_, err := v.Apply(ctx, base, []Edit{entry.Set(recID(1), passwordPath, canary)})
	var changed *ChangedError
	if !errors.As(err, &changed) {
		t.Fatal(err)
	}
	leak("an error", fmt.Appendf(nil, "%v %+v", err, changed.Fields))
	_, err = v.Apply(ctx, nil, []Edit{entry.Set(recID(1), "title", canary+string(make([]byte, 1<<20)))})
	leak("an error", fmt.Appendf(nil, "%v", err))
	leak("a notice", fmt.Appendf(nil, "%v", w.notices.list))
}

// I14: what cannot be decrypted is never deleted, whatever is tidied up.
func TestI14UndecryptableIsNeverDeleted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	apply(t, w.open(), login(1, "Mail", "x")...)
	stranger := newWorld(t)
	apply(t, stranger.open(), login(1, "Theirs", "x")...)
	self := strings.Split(w.logFiles()[0], "/")[1]
	var planted []string
	plant := func(name string, data []byte) {
		w.fs.WriteFile(name, data)
		planted = append(planted, name)
	}
	for _, name := range stranger.synced() {
		plant(name, stranger.fs.ReadFile(name))
	}
	foreign := stranger.fs.ReadFile(stranger.logFiles()[0])
	for _, n := range []format.Name{
		{Kind: format.FileLog, Log: self, Seq: 40, H32: format.H32(foreign)}, {Kind: format.FileLog, Log: self, Seq: 1, H32: format.H32(foreign)},
		{Kind: format.FilePrev, Epoch: 1, H32: format.H32(foreign)}, {Kind: format.FileRoster, Count: 1, H32: format.H32(foreign)},
		{Kind: format.FileAtt, H32: format.H32(foreign)},
	} {
		plant(n.Path(), foreign)
	}
	plant("log/"+self+"/notes.txt", []byte("a stranger's"))
	v := w.open()
	ctx := context.Background()
	for i := range 5 {
		apply(t, v, login(i+2, fmt.Sprint(i), "x")...)
		must(t, maintained(v))
	}
	_ = v.PurgeVault(ctx) // refuses
	must(t, v.Close())
	if got := value(t, w.open(), recID(1), "title"); got != "Mail" {
		t.Errorf("title %q", got)
	}
	for _, name := range planted {
		if w.fs.ReadFile(name) == nil {
			t.Errorf("%s was deleted", name)
		}
	}
}

// I16: nothing is parsed that was not signed byte for byte. Whoever can seal to the epoch but not sign changes nothing.
func TestI16OnlySignedBytesAreBelieved(t *testing.T) {
	t.Parallel()
	w := settled(t)
	want := state(t, w.open())
	name := w.logFiles()[1]
	plain := w.unseal(w.open(), name)
	other := w.unseal(w.open(), w.logFiles()[0])
	change := func(old, with string) []byte { return []byte(strings.Replace(string(plain), old, with, 1)) }
	sig := plain[bytes.LastIndex(plain[:len(plain)-1], []byte("\n"))+1:]
	for what, forged := range map[string][]byte{
		"a value":               change("savings", "forged!"),
		"the number":            change(`"seq":2`, `"seq":3`),
		"a byte of padding":     change(`{"pad":" `, `{"pad":"x`),
		"a byte behind":         append(bytes.Clone(plain), '\n'),
		"a second signature":    append(bytes.Clone(plain), sig...),
		"no signature":          plain[:len(plain)-len(sig)],
		"another's signature":   append(bytes.Clone(plain[:len(plain)-len(sig)]), other[bytes.LastIndex(other[:len(other)-1], []byte("\n"))+1:]...),
		"a duplicate member":    change(`"v":"savings"`, `"v":"savings","v":"forged"`),
		"another name's file":   other,
		"nothing at all":        {},
		"a snapshot's kind":     change(`{"t":"seg"`, `{"t":"snap"`),
		"a signature elsewhere": append(append([]byte(nil), sig...), plain...),
	} {
		c := w.clone()
		path := c.reseal(c.open(), name, forged)
		c.fs.DeleteFile(cacheName)
		c.fs.DeleteFile(tailName)
		c.fs.DeleteFile(name)
		v := c.open()
		if got := state(t, v); strings.Contains(got, "forged") {
			t.Errorf("%s: believed", what)
		}
		if path != name && !c.notices.has("quarantined") && !c.notices.has("damaged") {
			t.Errorf("%s: not named: %v", what, c.notices.list)
		}
		// With the true file beside it, the forged one changes nothing.
		c.fs.WriteFile(name, w.fs.ReadFile(name))
		c.fs.DeleteFile(cacheName)
		c.fs.DeleteFile(tailName)
		if got := state(t, c.open()); got != want {
			t.Errorf("%s: state differs:\n%s", what, got)
		}
	}
}

// I17: high-water marks from another hand are refused; marks under another key mean that the way in was changed.
func TestI17HeadsFromAnotherHand(t *testing.T) {
	t.Parallel()
	w := settled(t)
	heads := w.fs.ReadFile("state/heads")
	v := w.open()
	slot := v.marks.slot
	half := len(heads) / 2
	c := w.clone()
	for i := range 2 {
		if b := heads[i*half:]; b[0] != 0 || i == slot {
			heads = flip(heads, i*half+100)
		}
	}
	c.fs.WriteFile("state/heads", heads)
	if _, err := c.tryOpen(); !errors.Is(err, ErrCorrupt) {
		t.Errorf("altered: %v, want ErrCorrupt", err)
	}
	stranger := settled(t)
	w.fs.WriteFile("state/heads", stranger.fs.ReadFile("state/heads"))
	if _, err := v.Record(context.Background(), recID(1)); !errors.Is(err, ErrWayChanged) {
		t.Errorf("a stranger's: %v, want ErrWayChanged", err)
	}
	if _, err := v.Record(context.Background(), recID(1)); !errors.Is(err, ErrLocked) {
		t.Errorf("after that: %v, want ErrLocked", err)
	}
}

// I9: no write under an epoch that no valid roster commits, or that a revoked member can open.
func TestI9EpochsAreCommittedAndClean(t *testing.T) {
	t.Parallel()
	epochOf := func(w *world) int {
		v := w.open()
		apply(t, v, entry.Set(recID(1), "subtitle", fmt.Sprint(w.now.Now())))
		v.mu.Lock()
		defer v.mu.Unlock()
		tr, err := v.trust()
		must(t, err)
		names := w.logFiles()
		m, _ := tr.roster.Member(tr.self)
		f, err := v.openLog(context.Background(), tr, format.ParseName(names[len(names)-1]), m)
		must(t, err)
		return f.header.Epoch
	}
	t.Run("a left-over slot of a higher epoch", func(t *testing.T) {
		t.Parallel()
		w := settled(t)
		id, _, err := seal.NewIdentity()
		must(t, err)
		k, err := newEpochKey(format.SlotFile{Vault: w.key.Vault, Epoch: 2, Identity: id})
		must(t, err)
		v := w.open()
		r, err := v.rosterNow()
		must(t, err)
		me, _ := r.Member(v.Device())
		slot, err := sealSlot(w.key.Vault, k, me.MemberKeys)
		must(t, err)
		w.fs.WriteFile(slot.name, slot.data)
		if n := epochOf(w); n != 1 {
			t.Errorf("written under epoch %d", n)
		}
	})
	t.Run("a revoked member", func(t *testing.T) {
		t.Parallel()
		w := settled(t)
		v := w.open()
		v.mu.Lock()
		tr, err := v.trust()
		must(t, err)
		c := beginChange(v.m, tr, nil, 1)
		for _, m := range tr.roster.Members {
			if m.Kind == format.KindRecovery {
				must(t, c.revoke(m.ID, nil, tr.self, tr.sign))
			}
		}
		r, err := c.seal()
		must(t, err)
		must(t, r.write(v.m)) // a ceremony that died before the new epoch
		v.mu.Unlock()
		if n := epochOf(w); n != 2 {
			t.Errorf("written under epoch %d, which the revoked code opens", n)
		}
	})
	t.Run("a slot with another identity", func(t *testing.T) {
		t.Parallel()
		w := settled(t)
		v := w.open()
		r, err := v.rosterNow()
		must(t, err)
		me, _ := r.Member(v.Device())
		id, _, err := seal.NewIdentity()
		must(t, err)
		k, err := newEpochKey(format.SlotFile{Vault: w.key.Vault, Epoch: 1, Identity: id})
		must(t, err)
		slot, err := sealSlot(w.key.Vault, k, me.MemberKeys)
		must(t, err)
		for _, name := range w.synced() {
			if n := format.ParseName(name); n.Kind == format.FileSlot && n.Of == format.KindDevice {
				w.fs.DeleteFile(name)
			}
		}
		w.fs.WriteFile(slot.name, slot.data)
		files := len(w.logFiles())
		if _, err := w.open().Apply(context.Background(), nil, login(7, "x", "y")); err == nil || len(w.logFiles()) != files {
			t.Errorf("written: %v", err)
		}
	})
}
