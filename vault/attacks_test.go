package vault

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"signet/vault/format"
	"signet/vault/roster"
	"signet/vault/seal"
	"signet/vault/secret"
)

// trustOf is what an attacker knows who once belonged to the vault: the roster and the epoch's key.
func trustOf(t *testing.T, v *Vault) *trust {
	t.Helper()
	v.mu.Lock()
	defer v.mu.Unlock()
	tr, err := v.trust()
	must(t, err)
	return tr
}

// putRoster seals a roster plaintext to an epoch and puts it beside the others.
func (h *home) putRoster(plain []byte, count int, k epochKey) string {
	h.t.Helper()
	data, err := sealTo(plain, k.rcpt)
	must(h.t, err)
	name := format.Name{Kind: format.FileRoster, Count: count, H32: format.H32(data)}.Path()
	must(h.t, h.mirror().Put(name, data))
	return name
}

// A roster that goes on from ours but is signed by nobody who may: ignored, named, and no obstacle to anything.
func TestForgedRosterIsIgnored(t *testing.T) {
	t.Parallel()
	h, v := strongHome(t)
	tr := trustOf(t, v)
	key, rcpt, err := newDeviceKey()
	must(t, err)
	intruder := deviceMember(key, rcpt, "intruder", format.NewMemberID([16]byte{7}))
	forged := *tr
	forged.sign = intruder.sign
	st := format.Statement{Type: format.StAdd, Member: intruder.keys, Proof: roster.Proof(v.ID(), intruder.keys, intruder.sign), By: tr.self, At: 1}
	name := h.putRoster(forgeRoster(t, &forged, st), len(tr.roster.Chain)+1, tr.epoch)
	apply(t, v, login(3, "Shop", "x")...)
	r := h.doctor(v)
	if r.states()[name] != StateQuarantined {
		t.Errorf("doctor says %s", r.states()[name])
	}
	must(t, v.Rotate(t.Context(), "on the forged one"))
	now, err := v.rosterNow()
	must(t, err)
	if _, in := now.Member(intruder.keys.ID); in {
		t.Error("the intruder is a member")
	}
	_ = v.Close()
	if s := state(t, h.open("keyring")); !strings.Contains(s, "Shop") {
		t.Errorf("state %s", s)
	}
}

// The roster is rolled back to an earlier one: nothing is written under the epoch that had ended, and doctor's way is named.
func TestRolledBackRosterIsNotFollowed(t *testing.T) {
	t.Parallel()
	h, v := strongHome(t)
	old := trustOf(t, v)
	must(t, v.Rotate(t.Context(), "test"))
	now := trustOf(t, v)
	_ = v.Close()
	must(t, os.Remove(filepath.Join(h.dir, now.path)))
	if _, err := os.Stat(filepath.Join(h.dir, old.path)); err != nil {
		t.Fatal(err)
	}
	v, err := h.try(UnlockOptions{})
	if err != nil {
		return // told at once
	}
	if _, err := v.Apply(t.Context(), nil, login(3, "x", "y")); err == nil {
		t.Error("wrote on a rolled back roster")
	}
}

// A slot of ours that somebody swapped for another key, sealed to us: it opens, and is not the epoch that the roster commits.
func TestSwappedDeviceSlotIsRefused(t *testing.T) {
	t.Parallel()
	h, v := strongHome(t)
	tr := trustOf(t, v)
	me, _ := tr.roster.Member(tr.self)
	text, _, err := seal.NewIdentity()
	must(t, err)
	k, err := newEpochKey(format.SlotFile{Vault: v.ID(), Epoch: 1, Identity: text})
	must(t, err)
	f, err := sealSlot(v.ID(), k, me.MemberKeys)
	must(t, err)
	// Beside the good one it changes nothing.
	must(t, h.mirror().Put(f.name, f.data))
	fresh := h.open("keyring")
	apply(t, fresh, login(3, "Shop", "x")...)
	// In its place nothing is written, and the attacker's roster under his key is not followed either.
	names, err := h.mirror().Names("epochs/000001")
	must(t, err)
	for _, n := range names {
		if name := format.ParseName("epochs/000001/" + n); name.Of == format.KindDevice && name.Path() != f.name {
			must(t, os.Remove(filepath.Join(h.dir, name.Path())))
		}
	}
	h.putRoster(format.JoinRoster(tr.roster.Chain), len(tr.roster.Chain), k)
	must(t, h.mirror().RemoveAll(cacheName, tailName))
	if v, err := h.try(UnlockOptions{}); err == nil {
		if _, err := v.Apply(t.Context(), nil, login(4, "x", "y")); err == nil {
			t.Error("wrote under a key that no roster commits")
		}
	}
}

// Two processes: the way in is changed in one, and the other locks itself at its next look.
func TestOtherProcessLocksAfterARekey(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	v := h.init()
	other := h.open("keyring")
	apply(t, other, login(1, "Bank", "x")...)
	must(t, v.RemoveSlot(t.Context(), "passphrase", RemoveOptions{}))
	if _, err := other.Apply(t.Context(), nil, login(2, "Mail", "x")); !errors.Is(err, ErrWayChanged) {
		t.Errorf("write: %v", err)
	}
	if _, err := other.Entry(t.Context(), recID(1), View{}); !errors.Is(err, ErrLocked) {
		t.Errorf("read: %v", err)
	}
	if len(other.key.Sign.Reveal()) > 0 && other.key.Sign.Reveal()[0]|other.key.Sign.Reveal()[1]|other.key.Sign.Reveal()[2] != 0 {
		t.Error("the keys are still in memory")
	}
	if s := state(t, h.open("keyring")); !strings.Contains(s, "Bank") {
		t.Errorf("state %s", s)
	}
}

// What is sealed to the device alone goes with it into the new key.
func TestRekeyTakesOwnFilesAlong(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	v := h.init()
	must(t, v.Local().Put("draft", []byte("mine")))
	bound := func(v *Vault) []byte {
		t.Helper()
		b, err := h.mirror().Read(boundDir+"/cred.age", 1<<16)
		must(t, err)
		plain, err := seal.Open(b, seal.StanzaLocal, seal.NewLocal(v.key.Local, seal.PurposeBound), 1<<16)
		must(t, err)
		return plain
	}
	data, err := seal.Bytes([]byte("a passkey"), seal.NewLocal(v.key.Local, seal.PurposeBound))
	must(t, err)
	must(t, h.mirror().Replace(boundDir+"/cred.age", bytesWriter(data)))
	must(t, v.RemoveSlot(t.Context(), "passphrase", RemoveOptions{}))
	for _, v := range []*Vault{v, h.open("keyring")} {
		if got, err := v.Local().Get("draft"); err != nil || string(got) != "mine" {
			t.Errorf("draft: %q %v", got, err)
		}
		if got := bound(v); string(got) != "a passkey" {
			t.Errorf("bound: %q", got)
		}
	}
	if r := h.doctor(v); !r.Intact() {
		t.Errorf("doctor: %+v", r.Problems)
	}
}

// pull copies what another mirror of the vault has: what a sync would do.
func (h *home) pull(from *home) {
	h.t.Helper()
	for p, s := range from.locked().states() {
		if s != StateSealed || format.ParseName(p).Kind == format.FileUnknown {
			continue
		}
		b, err := from.mirror().Read(p, 1<<24)
		must(h.t, err)
		must(h.t, h.mirror().Put(p, b))
	}
}

// Two devices of one vault: the second was enrolled with the code and the first confirmed. Each folds what the other wrote, the
// first follows the roster that the second wrote, and both may write.
func TestSecondDevice(t *testing.T) {
	t.Parallel()
	a := newHome(t)
	av := a.init()
	apply(t, av, login(1, "Bank", "from the first")...)
	b := a.elsewhere(false)
	bv := b.enrol(b.enrolAll())
	apply(t, bv, login(2, "Mail", "from the second")...)
	_ = av.Close()
	a.pull(b)
	must(t, a.mirror().RemoveAll(cacheName, tailName))
	av = a.open("keyring")
	apply(t, av, login(3, "Shop", "from the first again")...)
	if trustOf(t, av).epoch.n != 2 || len(trustOf(t, av).roster.Members) != 4 {
		t.Error("the first device did not follow the roster")
	}
	b.pull(a)
	_ = bv.Close()
	must(t, b.mirror().RemoveAll(cacheName, tailName))
	bv = b.open("passphrase")
	if x, y := state(t, av), state(t, bv); x != y || strings.Count(x, "password") < 3 {
		t.Errorf("the first:\n%s\nthe second:\n%s", x, y)
	}
	for _, r := range []Report{a.doctor(av), b.doctor(bv)} {
		if !r.Intact() {
			t.Errorf("doctor: %+v %v", r.Problems, r.states())
		}
	}
	if _, err := a.try(UnlockOptions{Method: MethodRecovery, Secret: secret.FromString(b.code)}); err != nil {
		t.Errorf("the new code on the first machine: %v", err)
	}
}

// A device that was revoked writes on, below its cut and beyond it, and slips the files in: quarantined, named, not folded.
func TestRevokedDeviceSlipsFilesIn(t *testing.T) {
	t.Parallel()
	a := newHome(t)
	av := a.init()
	apply(t, av, login(1, "Bank", "x")...)
	apply(t, av, login(2, "Mail", "x")...)
	b := a.elsewhere(false)
	o := b.enrolAll()
	o.Confirm = nil // the first device is not confirmed
	bv := b.enrol(o)
	want := state(t, bv)
	thief := a.copied()
	tv := thief.open("keyring")
	apply(t, tv, login(3, "slipped in", "x")...)
	_ = tv.Close()
	_ = bv.Close()
	b.pull(thief)
	must(t, b.mirror().RemoveAll(cacheName, tailName))
	bv = b.open("keyring")
	if s := state(t, bv); s != want {
		t.Errorf("folded:\n%s\nwant:\n%s", s, want)
	}
	quarantined := 0
	for _, f := range b.doctor(bv).Files {
		if f.State == StateQuarantined {
			quarantined++
		}
	}
	if quarantined == 0 {
		t.Error("doctor names nothing")
	}
	apply(t, bv, login(4, "Shop", "x")...)
}

// A prev file that was damaged while a new epoch began: what is sealed to older epochs is closed and named, nothing is dropped,
// and putting the file back mends everything.
func TestDamagedPrevIsMendedLater(t *testing.T) {
	t.Parallel()
	h, v := strongHome(t)
	must(t, v.Rotate(t.Context(), "two"))
	apply(t, v, login(3, "Shop", "x")...)
	want := state(t, v)
	_ = v.Close()
	prev := ""
	for p := range h.locked().states() {
		if strings.HasPrefix(p, "epochs/000002/prev-") {
			prev = filepath.Join(h.dir, p)
		}
	}
	good, err := os.ReadFile(prev)
	must(t, err)
	must(t, os.WriteFile(prev, good[:100], 0o600))
	v = h.open("keyring")
	must(t, v.Rotate(t.Context(), "three"))
	if r := h.doctor(v); r.Intact() || !r.has("epoch") {
		t.Errorf("doctor: %+v", r.Problems)
	}
	_ = v.Close()
	must(t, os.WriteFile(prev, good, 0o600))
	must(t, h.mirror().RemoveAll(cacheName, tailName))
	v = h.open("keyring")
	if s := state(t, v); s != want {
		t.Errorf("mended:\n%s\nwant:\n%s", s, want)
	}
	if r := h.doctor(v); !r.Intact() {
		t.Errorf("doctor: %+v %v", r.Problems, r.states())
	}
}

// After a purge the older epochs are gone on purpose, and doctor has nothing to say.
func TestDoctorAfterAPurge(t *testing.T) {
	t.Parallel()
	h, v := strongHome(t)
	must(t, v.Rotate(t.Context(), "two"))
	must(t, v.PurgeVault(t.Context()))
	apply(t, v, login(3, "Shop", "x")...)
	if r := h.doctor(v); !r.Intact() || len(r.Problems) > 0 {
		t.Errorf("doctor: %+v %v", r.Problems, r.states())
	}
	must(t, v.AddWay(t.Context(), passWay(), nil))
	must(t, v.RemoveSlot(t.Context(), "keyring", RemoveOptions{}))
	_ = v.Close()
	if s := state(t, h.open("passphrase")); !strings.Contains(s, "Shop") {
		t.Errorf("state %s", s)
	}
}
