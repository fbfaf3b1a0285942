package vault

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"signet/vault/format"
	"signet/vault/seal"
	"signet/vault/secret"
)

// slip copies into h what another mirror of the vault has in these directories, under the same names.
func (h *home) slip(from *home, dirs ...string) (names []string) {
	h.t.Helper()
	for p := range from.locked().states() {
		for _, dir := range dirs {
			if strings.HasPrefix(p, dir) && format.ParseName(p).Kind != format.FileUnknown {
				h.write(p, from.read(p))
				names = append(names, p)
			}
		}
	}
	return names
}

// A slot of an older epoch, a slot of another member and a slot of another vault in the place of ours: nothing is opened with
// them, nothing is written under them, and the directory is as good as before once the true one is back.
func TestAttackSlotOfAForeignEpoch(t *testing.T) {
	t.Parallel()
	other := newVictim(t)
	for name, pick := range map[string]func(x *victim, mine format.Name) []byte{
		"older epoch": func(x *victim, mine format.Name) []byte {
			return x.read(x.slotOf(1, format.KindDevice).Path())
		},
		"other member": func(x *victim, mine format.Name) []byte {
			return x.read(x.slotOf(2, format.KindRecovery).Path())
		},
		"other vault": func(x *victim, mine format.Name) []byte {
			return other.read(other.slotOf(1, format.KindDevice).Path())
		},
		"our key, another vault": func(x *victim, mine format.Name) []byte {
			me, _ := x.tr.roster.Member(x.tr.self)
			f, err := sealSlot(other.id, x.tr.epoch, me.MemberKeys)
			must(x.t, err)
			return f.data
		},
		"our key, two epochs": func(x *victim, mine format.Name) []byte {
			me, _ := x.tr.roster.Member(x.tr.self)
			text, err := format.EncodeSlots(format.SlotFile{Vault: x.id, Epoch: 1, Identity: x.tr.epoch.text}, format.SlotFile{Vault: x.id, Epoch: 2, Identity: x.tr.epoch.text})
			must(x.t, err)
			data, err := sealTo(text.Reveal(), me.Age)
			must(x.t, err)
			return data
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := newVictim(t)
			v := x.open("keyring")
			must(t, v.Rotate(t.Context(), "test"))
			x.learn(v)
			must(t, v.Close())
			mine := x.slotOf(2, format.KindDevice)
			whole := x.read(mine.Path())
			data := pick(x, mine)
			swapped := mine
			swapped.H32 = format.H32(data)
			x.write(swapped.Path(), data)
			x.unharmed("", "") // beside the true one
			must(t, x.mirror().Remove(mine.Path()))
			files := len(logFiles(t, x.home))
			for _, cached := range []bool{true, false} {
				if !cached {
					x.forgetful()
				}
				if v, err := x.try(UnlockOptions{}); err == nil {
					if _, err := v.Apply(t.Context(), nil, login(7, "x", "y")); err == nil {
						t.Errorf("cached %v: wrote without a slot", cached)
					}
				}
			}
			if n := len(logFiles(t, x.home)); n != files {
				t.Errorf("%d files in the log, want %d", n, files)
			}
			x.write(mine.Path(), whole)
			x.unharmed("", "")
		})
	}
}

func (x *victim) slotOf(epoch int, kind format.MemberKind) format.Name {
	x.t.Helper()
	names, err := x.mirror().Names(epochDir(epoch))
	must(x.t, err)
	for _, n := range names {
		if name := format.ParseName(epochDir(epoch) + "/" + n); name.Kind == format.FileSlot && name.Of == kind {
			return name
		}
	}
	x.t.Fatalf("no slot of a %s in epoch %d", kind, epoch)
	return format.Name{}
}

// Two branches of the roster: the device stays on the one that it had pinned, says so, and writes on there.
func TestAttackForkedRoster(t *testing.T) {
	t.Parallel()
	x := newVictim(t)
	clone := x.copied()
	cv := clone.open("keyring")
	for range 3 { // longer than ours
		must(t, cv.Rotate(t.Context(), "of the clone"))
	}
	must(t, cv.Close())
	v := x.open("keyring")
	must(t, v.Rotate(t.Context(), "ours"))
	x.learn(v)
	must(t, v.Close())
	x.slip(clone, "epochs/", "roster/")
	x.unharmed("", "")
	v = x.open("keyring")
	if r := x.doctor(v); r.Intact() || !r.has("roster-fork") {
		t.Errorf("doctor: %+v", r.Problems)
	}
	now, err := v.rosterNow()
	if err != nil || now.Head != x.tr.roster.Head {
		t.Errorf("the device left its branch: %v", err)
	}
	must(t, v.Close())
	// Without its marks it cannot know which branch was its own: it reads, it says so, and it does not write.
	must(t, x.mirror().Remove("state/heads"))
	x.forgetful()
	v, err = x.try(UnlockOptions{})
	if err != nil {
		return
	}
	if got := state(t, v); got != x.want {
		t.Errorf("without its marks the vault says\n%s", got)
	}
	if _, err := v.Apply(t.Context(), nil, login(7, "x", "y")); !errors.Is(err, ErrHeadsLost) {
		t.Errorf("without its marks it writes: %v", err)
	}
	if r := x.doctor(v); !r.has("roster-fork") || !r.has("heads") {
		t.Errorf("without its marks doctor says %+v", r.Problems)
	}
}

// A thief has a copy of the device, key and all, and the owner replaces the key. What the thief writes from then on, under
// numbers below the cut and above it, is quarantined; so is a new epoch that he begins.
func TestAttackOldKeyGoesOnWriting(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ before, after int }{"below the cut": {0, 6}, "above the cut": {6, 2}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHome(t)
			v := h.init()
			apply(t, v, login(1, "Bank", "s3cret")...)
			thief := h.copied()
			for n := range c.after {
				apply(t, v, SetEdit(recID(1), "subtitle", strings.Repeat("x", n+1)))
			}
			must(t, v.RemoveSlot(t.Context(), "passphrase", RemoveOptions{}))
			apply(t, v, login(2, "Mail", "x")...)
			want := state(t, v)
			must(t, v.Close())
			tv := thief.open("passphrase")
			for n := range 1 + c.before {
				apply(t, tv, SetEdit(recID(1), passwordPath, strings.Repeat("the thief's", n+1)))
			}
			must(t, maintained(tv))
			apply(t, tv, login(9, "the thief's", "x")...)
			must(t, tv.Rotate(t.Context(), "the thief's"))
			apply(t, tv, login(9, "the thief's again", "x")...)
			must(t, tv.Close())
			ours := map[string]bool{}
			for _, n := range logFiles(t, h) {
				ours[n] = true
			}
			names := h.slip(thief, "log/", "epochs/", "roster/")
			for _, cached := range []bool{true, false} {
				if !cached {
					h.forgetful()
				}
				v = h.open("keyring")
				if got := state(t, v); got != want {
					t.Errorf("cached %v: the vault says\n%s\nwant\n%s", cached, got, want)
				}
				must(t, maintained(v))
				apply(t, v, login(3, "Shop", "x")...)
				want = state(t, v)
				must(t, v.Close())
			}
			h.forgetful()
			v = h.open("keyring")
			if got := state(t, v); got != want {
				t.Errorf("after writing and compaction:\n%s\nwant\n%s", got, want)
			}
			states, bad := h.doctor(v).states(), 0
			for _, n := range names {
				if states[n] == "" && format.ParseName(n).Kind == format.FileLog && !ours[n] {
					t.Errorf("%s was deleted, and nothing had folded it", n)
				}
				if states[n] == StateQuarantined || states[n] == StateWaiting {
					bad++
				}
			}
			if bad < 4 {
				t.Errorf("doctor names %d of the thief's files: %v", bad, states)
			}
		})
	}
}

// A revoked device slips files in below its cut and above it, and tries to come back through the roster.
func TestAttackRevokedDevice(t *testing.T) {
	t.Parallel()
	a := newHome(t)
	av := a.init()
	apply(t, av, login(1, "Bank", "s3cret")...)
	early := a.copied()
	for n := range 4 {
		apply(t, av, login(10+n, "entry", "x")...)
	}
	must(t, av.Close())
	late := a.copied()
	b := a.elsewhere(false)
	o := b.enrolAll()
	o.Confirm = nil
	bv := b.enrol(o)
	apply(t, bv, login(2, "Mail", "x")...)
	want := state(t, bv)
	must(t, bv.Close())
	for name, thief := range map[string]*home{"below": early, "above": late} {
		tv := thief.open("keyring")
		apply(t, tv, SetEdit(recID(1), passwordPath, "the thief's"))
		apply(t, tv, login(9, "the thief's "+name, "x")...)
		must(t, tv.Rotate(t.Context(), "the thief's"))
		must(t, tv.RemoveSlot(t.Context(), "recovery", RemoveOptions{}))
		apply(t, tv, login(9, "the thief's again", "x")...)
		must(t, tv.Close())
		b.slip(thief, "log/", "epochs/", "roster/")
	}
	b.forgetful()
	bv = b.open("keyring")
	if got := state(t, bv); got != want {
		t.Errorf("the vault says\n%s\nwant\n%s", got, want)
	}
	if now, err := bv.rosterNow(); err != nil || len(now.Members) != 4 {
		t.Errorf("members %v, %v", now, err)
	}
	must(t, bv.Close())
	// The code that the restore replaced, and the new one.
	for name, c := range map[string]*home{"new": b, "old": a} {
		v, err := b.try(UnlockOptions{Method: MethodRecovery, Secret: secret.FromString(c.code)})
		if name == "new" && err != nil {
			t.Errorf("the new code: %v", err)
		}
		if err == nil && strings.Contains(state(t, v), "thief") && name == "new" {
			t.Error("the new code shows what the thief wrote")
		}
	}
}

// An attachment's file exchanged for another one of the same vault, for one sealed to the same identity, or for itself with other
// bytes behind: refused before a byte of it is given out, and named by doctor.
func TestAttackSwappedAttachment(t *testing.T) {
	t.Parallel()
	x := newVictim(t)
	v := x.open("keyring")
	for n := 1; n <= 2; n++ {
		_, err := v.Attach(t.Context(), recID(n), "scan", "", bytes.NewReader(bytes.Repeat([]byte{byte(n)}, 40_000)))
		must(t, err)
	}
	att := func(n int) (FieldRef, format.Attachment) {
		ref := attachmentOf(t, v, recID(n))
		a, err := format.ParseAttachment([]byte(value(t, v, recID(n), ref.Path)))
		must(t, err)
		return ref, a
	}
	ref, one := att(1)
	_, two := att(2)
	rcpt, err := seal.RecipientOf(one.Identity)
	must(t, err)
	forged, err := sealTo(make([]byte, one.Padded()), rcpt)
	must(t, err)
	whole := x.read(one.Path())
	for name, data := range map[string][]byte{
		"another attachment": x.read(two.Path()), "sealed to its identity": forged, "longer": append(bytes.Clone(whole), 0), "empty": {},
	} {
		x.write(one.Path(), data)
		var got bytes.Buffer
		if err := v.ReadAttachment(t.Context(), ref, &got); !errors.Is(err, ErrCorrupt) || got.Len() > 0 {
			t.Errorf("%s: %v after %d bytes", name, err, got.Len())
		}
		if s := x.doctor(v).states()[one.Path()]; s != StateDamaged {
			t.Errorf("%s: doctor says %s", name, s)
		}
	}
	x.write(one.Path(), whole)
	must(t, v.ReadAttachment(t.Context(), ref, io.Discard))
}
