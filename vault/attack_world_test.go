package vault

import (
	"bytes"
	"crypto/ed25519"
	"os"
	"path/filepath"
	"testing"

	"signet/vault/format"
)

// The attacks of issue 2, section 5, end to end: a real directory made by Init, an attacker who can write it and who has the
// keys that the attack's name gives him, and a victim who opens the vault by its door. Every attack must leave what is in the
// vault as it was, be named by doctor, change no file, and not keep the victim from writing.

// victim is a home with a vault of two entries, as strongHome makes it, and what an attacker may know of it.
type victim struct {
	*home
	want string // what the vault says
	id   format.VaultID
	tr   *trust // roster, epoch key, signing key of the device
	at   format.Mark
	tip  format.Hash
}

func newVictim(t *testing.T) *victim {
	t.Helper()
	h, v := strongHome(t)
	x := &victim{home: h}
	x.learn(v)
	must(t, v.Close())
	return x
}

// learn takes what an attacker who once had the device would know, and what the vault says now.
func (x *victim) learn(v *Vault) {
	x.t.Helper()
	x.want, x.id = state(x.t, v), v.ID()
	tr := *trustOf(x.t, v)
	tr.sign = append(ed25519.PrivateKey{}, tr.sign...)
	tr.epoch.text = tr.epoch.text.Clone()
	x.tr = &tr
	v.mu.Lock()
	defer v.mu.Unlock()
	x.at = v.marks.heads.Logs[tr.self]
	tip, err := v.ownTip(&tr)
	must(x.t, err)
	x.tip = tip
}

// header is the one that the device would write next.
func (x *victim) header() format.SegmentHeader {
	return format.SegmentHeader{
		Vault: x.id, Log: x.tr.self, Seq: x.at.Seq + 1, Prev: x.tip, Epoch: x.tr.epoch.n, EpochK: x.tr.epoch.short(),
		Roster: x.tr.roster.Head, Time: 1_700_000_000_000,
	}
}

// segment signs an edit of entry 1 under a header.
func (x *victim) segment(h format.SegmentHeader, vault format.VaultID, key ed25519.PrivateKey) []byte {
	x.t.Helper()
	value := "the attacker's"
	seg := format.Segment{Header: h, Ops: []format.Op{{Record: recID(1), Field: passwordPath, Value: &value, Wall: 1_800_000_000_000}}}
	body, err := seg.Encode()
	must(x.t, err)
	return format.Sign(format.KindSegment, vault, body, key)
}

// put seals a plaintext to an epoch and puts it under the name of a log file.
func (x *victim) put(plain []byte, seq int, rcpt string) string {
	x.t.Helper()
	data, err := sealTo(plain, rcpt)
	must(x.t, err)
	name := format.Name{Kind: format.FileLog, Log: x.tr.self.Short(), Seq: seq, H32: format.H32(data)}.Path()
	x.write(name, data)
	return name
}

// write puts a file into the directory as an attacker does.
func (h *home) write(name string, data []byte) {
	h.t.Helper()
	p := filepath.Join(h.dir, filepath.FromSlash(name))
	must(h.t, os.MkdirAll(filepath.Dir(p), 0o700))
	must(h.t, os.WriteFile(p, data, 0o600))
}

func (h *home) read(name string) []byte {
	h.t.Helper()
	b, err := os.ReadFile(filepath.Join(h.dir, filepath.FromSlash(name)))
	must(h.t, err)
	return b
}

// forgetful removes the cache, so that the next opening folds every file.
func (h *home) forgetful() {
	h.t.Helper()
	must(h.t, h.mirror().RemoveAll(cacheName, tailName))
}

// unharmed opens the vault as its owner does, with and without its cache, and checks that it says what it said, that doctor
// gives the attacker's file this state, that the file is still what it was, and that the owner can go on writing.
func (x *victim) unharmed(path string, state_ FileState) {
	x.t.Helper()
	var before []byte
	if path != "" {
		before = x.read(path)
	}
	for _, cached := range []bool{true, false} {
		if !cached {
			x.forgetful()
		}
		v := x.open("keyring")
		if got := state(x.t, v); got != x.want {
			x.t.Errorf("cached %v: the vault says\n%s\nwant\n%s", cached, got, x.want)
		}
		apply(x.t, v, login(7, "written after the attack", "x")...)
		must(x.t, v.Close())
		x.forgetful()
		v = x.open("keyring")
		if value(x.t, v, recID(7), "title") != "written after the attack" || value(x.t, v, recID(1), passwordPath) == "the attacker's" {
			x.t.Errorf("cached %v: after an edit the vault says\n%s", cached, state(x.t, v))
		}
		apply(x.t, v, entryGone(7)...)
		_, err := v.PurgeEntries(x.t.Context(), []ID{recID(7)})
		must(x.t, err)
		if path != "" {
			if got := x.doctor(v).states()[path]; got != state_ {
				x.t.Errorf("cached %v: doctor says %q of %s, want %q", cached, got, path, state_)
			}
		}
		must(x.t, v.Close())
	}
	if path != "" && !bytes.Equal(x.read(path), before) {
		x.t.Errorf("%s was changed", path)
	}
}

// entryGone deletes the title, so that a purge has something to do whatever was there.
func entryGone(n int) []Edit {
	return []Edit{{FieldRef: FieldRef{Record: recID(n), Path: "title"}, Delete: true}}
}
