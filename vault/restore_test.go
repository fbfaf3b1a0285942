package vault

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"signet/vault/format"
	"signet/vault/mirror"
	"signet/vault/seal"
	"signet/vault/secret"
	"signet/vault/unlock"
)

// elsewhere is another machine with a copy of the synced part of h's vault, or of everything.
func (h *home) elsewhere(everything bool) *home {
	h.t.Helper()
	n := newHome(h.t)
	n.code = h.code
	if err := os.CopyFS(n.dir, os.DirFS(h.dir)); err != nil {
		h.t.Fatal(err)
	}
	if !everything {
		for _, name := range []string{deviceName, unlockDir, boundDir, stateDir} {
			if err := os.RemoveAll(filepath.Join(n.dir, name)); err != nil {
				h.t.Fatal(err)
			}
		}
	}
	return n
}

// enrolAll is a person who confirms every member.
func (h *home) enrolAll() EnrolOptions {
	return EnrolOptions{
		Code: secret.FromString(h.code), DeviceName: "new laptop", Ways: []NewWay{{Kind: unlock.KindKeyring}, passWay()}, Show: h.show,
		Confirm: func(context.Context, MemberInfo) (bool, error) { return true, nil },
	}
}

func (h *home) enrol(o EnrolOptions) *Vault {
	h.t.Helper()
	v, err := h.at().Enrol(h.t.Context(), o)
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { _ = v.Close() })
	return v
}

func TestRestoreOnANewMachine(t *testing.T) {
	t.Parallel()
	old := newHome(t)
	v := old.init()
	apply(t, v, login(1, "Bank", "s3cret")...)
	want := state(t, v)
	oldCode, id, device := old.code, v.ID(), v.Device()
	n := old.elsewhere(false)
	if n.at().Enrolled() || n.at().DeviceID() != "" {
		t.Error("a copy of the synced part says that it has a device")
	}
	if _, err := n.try(UnlockOptions{}); !errors.Is(err, ErrLocked) {
		t.Errorf("without a way in: %v", err)
	}
	var seen EnrolReview
	o := n.enrolAll()
	o.Review = func(_ context.Context, r EnrolReview) error { seen = r; return nil }
	o.Confirm = func(context.Context, MemberInfo) (bool, error) { return false, nil }
	got := n.enrol(o)
	if got.ID() != id || got.Device() == device || got.ReadOnly() {
		t.Error("not a new device of the same vault")
	}
	if s := state(t, got); s != want {
		t.Errorf("restored:\n%s\nwant:\n%s", s, want)
	}
	if len(seen.Members) != 1 || seen.Members[0].Name != "laptop" || seen.Members[0].Kind != "device" || seen.Newest.IsZero() || seen.Gaps != 0 {
		t.Errorf("review %+v", seen)
	}
	apply(t, got, login(2, "Mail", "other")...)
	if n.code == oldCode {
		t.Error("the old code is still the code")
	}
	used := n.enrolAll()
	used.Code = secret.FromString(oldCode)
	if _, err := n.at().Enrol(t.Context(), used); !errors.Is(err, ErrRevoked) {
		t.Errorf("enrol with the used code: %v", err)
	}
	n.notices = nil
	stale, err := n.try(UnlockOptions{Method: MethodRecovery, Secret: secret.FromString(oldCode)})
	if err != nil || strings.Contains(state(t, stale), "Mail") || len(n.notices) == 0 {
		t.Errorf("read with the used code: %v, notices %q", err, n.notices)
	}
	for _, method := range []string{"keyring", "passphrase", MethodRecovery} {
		if s := state(t, n.open(method)); !strings.Contains(s, "Mail") {
			t.Errorf("%s: the new edit is not there", method)
		}
	}
	r, err := got.rosterNow()
	if err != nil {
		t.Fatal(err)
	}
	if m, _ := r.Member(device); m.Active {
		t.Error("the device that nobody confirmed is still active")
	}
}

// A whole copied home whose ways in do not open: its own files are kept in lost/, and the vault is the same.
func TestRestoreMovesTheOtherDeviceAway(t *testing.T) {
	t.Parallel()
	old := newHome(t)
	v := old.init()
	apply(t, v, login(1, "Bank", "s3cret")...)
	device := v.Device()
	n := old.elsewhere(true)
	if err := os.MkdirAll(filepath.Join(n.dir, boundDir), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(n.dir, boundDir, "cred.age"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	o := n.enrolAll()
	var seen EnrolReview
	o.Review = func(_ context.Context, r EnrolReview) error { seen = r; return nil }
	got := n.enrol(o)
	lost := filepath.Join(n.dir, lostDir, device.Short())
	for _, name := range []string{deviceName, "unlock/passphrase.age", "bound/cred.age", "heads", "local/ways"} {
		if _, err := os.Stat(filepath.Join(lost, name)); err != nil {
			t.Errorf("not kept: %v", err)
		}
	}
	if len(seen.Bound) != 1 || seen.Moves != lostDir+"/"+device.Short() {
		t.Errorf("review %+v", seen)
	}
	r, _ := got.rosterNow()
	if m, _ := r.Member(device); !m.Active {
		t.Error("the confirmed device was revoked")
	}
	// Once more: nothing of the first is overwritten.
	n2 := n.enrol(n.enrolAll())
	if n2.Device() == got.Device() {
		t.Error("no new device")
	}
	if _, err := os.Stat(filepath.Join(lost, "unlock/passphrase.age")); err != nil {
		t.Errorf("the first one's files: %v", err)
	}
}

// I13: restore creates no second vault, and nothing at all before the person has agreed to everything.
func TestI13RestoreCreatesNoSecondVault(t *testing.T) {
	t.Parallel()
	if _, err := At(t.TempDir(), Options{}); !errors.Is(err, ErrNoVault) {
		t.Errorf("an empty directory: %v", err)
	}
	old := newHome(t)
	v := old.init()
	apply(t, v, login(1, "Bank", "s3cret")...)
	n := old.elsewhere(true)
	before := tree(t, n.dir)
	quit := errors.New("the person left")
	other := newHome(t)
	_ = other.init().Close()
	for name, spoil := range map[string]func(*EnrolOptions){
		"left at the review": func(o *EnrolOptions) { o.Review = func(context.Context, EnrolReview) error { return quit } },
		"left at a member": func(o *EnrolOptions) {
			o.Confirm = func(context.Context, MemberInfo) (bool, error) { return true, quit }
		},
		"left at the code":       func(o *EnrolOptions) { o.Show = func(context.Context, Sheet) error { return quit } },
		"code not entered":       func(o *EnrolOptions) { o.Show = func(context.Context, Sheet) error { return nil } },
		"no way in":              func(o *EnrolOptions) { o.Ways = nil },
		"bad way in":             func(o *EnrolOptions) { o.Ways = []NewWay{{Kind: unlock.KindPassphrase}} },
		"mistyped code":          func(o *EnrolOptions) { o.Code = secret.FromString(n.code[:len(n.code)-2]) },
		"another vault's code":   func(o *EnrolOptions) { o.Code = secret.FromString(other.code) },
		"another vault's id":     func(o *EnrolOptions) { o.VaultID = strings.Repeat("0", 64) },
		"a malformed vault id":   func(o *EnrolOptions) { o.VaultID = "x" },
		"cancelled in between":   nil,
		"recovery as a name":     func(o *EnrolOptions) { o.Ways[1].Name = MethodRecovery },
		"name with a path in it": func(o *EnrolOptions) { o.Ways[1].Name = "a/b" },
	} {
		ctx, cancel := context.WithCancel(t.Context())
		o := n.enrolAll()
		if spoil == nil {
			o.Review = func(context.Context, EnrolReview) error { cancel(); return nil }
		} else {
			spoil(&o)
		}
		if _, err := n.at().Enrol(ctx, o); err == nil {
			t.Errorf("%s: enrolled", name)
		}
		cancel()
		if after := tree(t, n.dir); after != before {
			t.Errorf("%s: something was written", name)
		}
	}
}

// Reading with a code writes nothing.
func TestCodeReadsAndWritesNothing(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	v := h.init()
	apply(t, v, login(1, "Bank", "s3cret")...)
	want := state(t, v)
	_ = v.Close()
	before := tree(t, h.dir)
	got := h.open(MethodRecovery)
	if s := state(t, got); s != want {
		t.Errorf("got:\n%s\nwant:\n%s", s, want)
	}
	if _, err := got.Apply(t.Context(), nil, login(2, "x", "y")); !errors.Is(err, ErrReadOnly) {
		t.Errorf("edit: %v", err)
	}
	if err := got.AddWay(t.Context(), passWay(), nil); !errors.Is(err, ErrReadOnly) {
		t.Errorf("slot add: %v", err)
	}
	if err := got.RemoveSlot(t.Context(), "keyring", RemoveOptions{}); !errors.Is(err, ErrReadOnly) {
		t.Errorf("slot rm: %v", err)
	}
	if slots, err := got.Slots(t.Context()); err != nil || len(slots) != 1 || slots[0].Kind != MethodRecovery {
		t.Errorf("slots %+v, %v", slots, err)
	}
	_ = got.Close()
	if after := tree(t, h.dir); after != before {
		t.Error("something was written")
	}
}

// A forged vault offered to a restoring code. The forger knows the code's recipient and its add statement of the real vault
// (say, as a revoked member), can seal slots to it, and can found vaults; what it lacks is a proof by the code over its vault.
func TestForgedVaultOfferedToACode(t *testing.T) {
	t.Parallel()
	real := newHome(t)
	v := real.init()
	r, err := v.rosterNow()
	if err != nil {
		t.Fatal(err)
	}
	var rec newcomer
	var proof string
	for _, m := range r.Members {
		if m.Kind == format.KindRecovery {
			rec.keys, proof = m.MemberKeys, m.Proof
		}
	}
	forger := newHome(t)
	fv := forger.init()
	apply(t, fv, login(1, "Bank", "the forger's password")...)
	ft, err := func() (*trust, error) { fv.mu.Lock(); defer fv.mu.Unlock(); return fv.trust() }()
	if err != nil {
		t.Fatal(err)
	}
	// The slot alone: a vault in which the code does not stand.
	slot, err := sealSlot(fv.ID(), ft.epoch, rec.keys)
	must(t, err)
	must(t, forger.mirror().Put(slot.name, slot.data))
	open := func(vaultID string) error {
		d, err := At(forger.dir, forger.opt)
		must(t, err)
		_, err = d.Unlock(t.Context(), UnlockOptions{Method: MethodRecovery, Secret: secret.FromString(real.code), VaultID: vaultID})
		return err
	}
	if err := open(""); !errors.Is(err, ErrForged) {
		t.Errorf("a slot without membership: %v", err)
	}
	if err := open(v.ID().String()); !errors.Is(err, ErrOtherVault) {
		t.Errorf("with the vault id typed: %v", err)
	}
	// The code's own add, copied with its proof into the forger's chain.
	c := beginChange(forger.mirror(), ft, nil, 1)
	st := format.Statement{Type: format.StAdd, Member: rec.keys, Proof: proof, By: ft.self, At: 1}
	must(t, c.author.Append(st, ft.sign))
	if _, _, err := c.author.Done(); !errors.Is(err, ErrForged) {
		t.Fatalf("the forger's own tools accept the copied proof: %v", err)
	}
	// Written all the same, past the checks.
	plain := forgeRoster(t, ft, st)
	sealed, err := sealTo(plain, ft.epoch.rcpt)
	must(t, err)
	name := format.Name{Kind: format.FileRoster, Count: len(ft.roster.Chain) + 1, H32: format.H32(sealed)}
	must(t, forger.mirror().Put(name.Path(), sealed))
	if err := open(""); err == nil {
		t.Error("a copied proof was believed")
	}
	if _, err := forger.at().Enrol(t.Context(), func() EnrolOptions { o := forger.enrolAll(); o.Code = secret.FromString(real.code); return o }()); err == nil {
		t.Error("enrolled in a forged vault")
	}
}

// forgeRoster signs a statement onto a chain without asking whether it may stand there.
func forgeRoster(t *testing.T, tr *trust, st format.Statement) []byte {
	t.Helper()
	st.Vault, st.Prev = tr.roster.Vault, []format.Hash{tr.roster.Head}
	body, err := st.Encode()
	must(t, err)
	more, err := format.SplitRoster(format.Sign(format.KindRoster, tr.roster.Vault, body, tr.sign))
	must(t, err)
	return format.JoinRoster(append(append([]format.SignedStatement{}, tr.roster.Chain...), more...))
}

// Files of two vaults in one directory: the typed vault id decides, and without it the code opens nothing by chance.
func TestCodeAmongStrangersFiles(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	v := h.init()
	apply(t, v, login(1, "Bank", "s3cret")...)
	other := newHome(t)
	_ = other.init().Close()
	m := h.mirror()
	for _, dir := range []string{"epochs/000001", "roster"} {
		files, err := other.mirror().Names(dir)
		must(t, err)
		for _, f := range files {
			b, err := other.mirror().Read(dir+"/"+f, 1<<20)
			must(t, err)
			must(t, m.Put(dir+"/"+f, b))
		}
	}
	if got := h.open(MethodRecovery); got.ID() != v.ID() {
		t.Error("opened the stranger's vault")
	}
}

// A slot of a committed epoch that was swapped for one of ours with another key: no roster commits to it.
func TestSwappedSlotOpensNothing(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	v := h.init()
	_ = v.Close()
	m := h.mirror()
	names, err := m.Names("epochs/000001")
	must(t, err)
	r, err := v.m.Names("roster")
	must(t, err)
	if len(r) != 1 {
		t.Fatal("one roster file expected")
	}
	text, _, err := seal.NewIdentity()
	must(t, err)
	k, err := newEpochKey(format.SlotFile{Vault: v.ID(), Epoch: 1, Identity: text})
	must(t, err)
	code, _, err := format.ParseRecoveryCode([]byte(h.code))
	must(t, err)
	for _, base := range names {
		name := format.ParseName("epochs/000001/" + base)
		if name.Of != format.KindRecovery {
			continue
		}
		n, err := codeMember(code, "x", format.MemberID(name.Member+strings.Repeat("a", 18)))
		must(t, err)
		f, err := sealSlot(v.ID(), k, n.keys)
		must(t, err)
		must(t, m.Remove("epochs/000001/"+base))
		must(t, m.Put(f.name, f.data))
	}
	if _, err := h.try(UnlockOptions{Method: MethodRecovery, Secret: secret.FromString(h.code)}); !errors.Is(err, ErrNoIdentity) {
		t.Errorf("swapped slot: %v", err)
	}
	h.open("keyring")
}

func TestMirrorHasNoOtherErrors(t *testing.T) {
	t.Parallel()
	if _, err := mirror.Open(t.TempDir() + "/none"); !errors.Is(err, ErrNoVault) || errors.Is(err, fs.ErrExist) {
		t.Error(err)
	}
}

// A restore that is cut off behind its snapshot leaves a file of a device that never came to be. After the next restore doctor
// calls it left over; the same file without the restore's mark, or of another log, is quarantined as before.
func TestSnapshotOfARestoreThatWasCutOff(t *testing.T) {
	t.Parallel()
	h, v := forked(t)
	must(t, v.Close())
	n := h.elsewhere(false)
	before := logFiles(t, n)
	o := n.enrolAll()
	o.Confirm = nil
	n.ring.broken = true
	code := n.code // the old one stays the right one
	if _, err := n.at().Enrol(t.Context(), o); err == nil {
		t.Fatal("restored without a keyring")
	}
	n.ring.broken, n.code = false, code
	var left string
	for _, f := range logFiles(t, n) {
		if !slices.Contains(before, f) {
			left = f
		}
	}
	o = n.enrolAll()
	o.Confirm = nil
	nv := n.enrol(o)
	if r := n.doctor(nv); r.states()[left] != StateLeftOver || !r.Intact() {
		t.Errorf("%s is %q: %v", left, r.states()[left], r.Problems)
	}
	foreign := "log/aaaaaaaa/" + filepath.Base(left)
	n.write(foreign, n.read(left))
	if s := n.doctor(nv).states()[foreign]; s != StateQuarantined {
		t.Errorf("under another log it is %q", s)
	}
	must(t, os.RemoveAll(filepath.Join(n.dir, foreign)))
	marks, err := filepath.Glob(filepath.Join(n.dir, lostDir, "*", "enrolling"))
	if err != nil || len(marks) != 1 {
		t.Fatalf("marks: %v, %v", marks, err)
	}
	must(t, os.Remove(marks[0]))
	if s := n.doctor(nv).states()[left]; s != StateQuarantined {
		t.Errorf("without the mark it is %q", s)
	}
}
