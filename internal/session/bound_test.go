package session_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"signet/internal/session"
	"signet/passkeys"
	"signet/vault"
	"signet/vault/secret"
	"signet/vault/unlock"
)

func deviceCredential(t testing.TB, rp, handle, name string) passkeys.Credential {
	c := credential(t, rp, handle, name)
	c.Binding, c.BE, c.BS = passkeys.Device, false, false
	return c
}

// boundFiles are the names in bound/.
func boundFiles(t testing.TB, l *session.Local) (names []string) {
	t.Helper()
	all, err := os.ReadDir(filepath.Join(l.Vault().Dir(), "bound"))
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	for _, e := range all {
		names = append(names, e.Name())
	}
	return names
}

func doctor(t testing.TB, l *session.Local) vault.Report {
	t.Helper()
	r, err := l.Vault().Doctor(t.Context())
	must(t, err)
	return r
}

// The secrets of a device-bound passkey are in no synced file: only sealed in bound/, which no other device reads.
func TestABoundKeyIsInNoRecord(t *testing.T) {
	d, l := newDoor(t)
	c := deviceCredential(t, "example.com", "u", "ada")
	must(t, d.Store().Put(t.Context(), c))
	e := onlyEntry(t, l)
	for path := range e.Dots {
		for _, bad := range []string{"/key", "fido2Extensions", "largeBlobKey"} {
			if strings.HasSuffix(path, bad) {
				t.Errorf("the record has %s", path)
			}
		}
	}
	list, err := l.Passkeys(t.Context(), session.PasskeyQuery{})
	must(t, err)
	if p := list[0]; !p.Here || p.Where != "laptop" || p.Binding != "device" || p.BE != "0" || p.BS != "0" || !p.Usable {
		t.Errorf("listed %+v", p)
	}
	if !doctor(t, l).Intact() {
		t.Error("doctor finds something")
	}
}

// A key that is lost is said, and harms nothing else.
func TestALostBoundKeyIsSaid(t *testing.T) {
	d, l := newDoor(t)
	must(t, d.Store().Put(t.Context(), deviceCredential(t, "example.com", "u", "ada")))
	must(t, d.Store().Put(t.Context(), credential(t, "example.com", "v", "bob")))
	must(t, os.Remove(filepath.Join(l.Vault().Dir(), "bound", boundFiles(t, l)[0])))
	found, err := d.Store().Find(t.Context(), "example.com")
	if err != nil || len(found) != 1 || found[0].User.Name != "bob" {
		t.Errorf("%d found, %v", len(found), err)
	}
	list, err := l.Passkeys(t.Context(), session.PasskeyQuery{})
	must(t, err)
	if p := list[0]; p.UserName != "ada" || p.Here || p.Where != "laptop" {
		t.Errorf("listed %+v", p)
	}
	r := doctor(t, l)
	said := ""
	for _, f := range r.Files {
		if f.State == vault.StateMissing {
			said += f.Why
		}
	}
	if r.Intact() || !strings.Contains(said, "example.com (ada)") {
		t.Errorf("doctor says %q", said)
	}
}

// A creation that is undone leaves the key for doctor to name, so that undoing the undo works; a purge takes it away.
func TestABoundKeyFollowsItsPasskey(t *testing.T) {
	d, l := newDoor(t)
	c := deviceCredential(t, "example.com", "u", "ada")
	must(t, d.Store().Put(t.Context(), c))
	undone, err := l.Undo(t.Context(), nil)
	must(t, err)
	if found, _ := d.Store().Find(t.Context(), "example.com"); len(found) != 0 {
		t.Error("still found after the undo")
	}
	left := 0
	for _, f := range doctor(t, l).Files {
		if f.State == vault.StateLeftOver && strings.HasPrefix(f.Path, "bound/") {
			left++
		}
	}
	if left != 1 {
		t.Errorf("doctor names %d left-overs", left)
	}
	_, err = l.Undo(t.Context(), undone.SIDs)
	must(t, err)
	if got, err := d.Store().ByID(t.Context(), c.ID); err != nil || !got.SecretUV.Equal(c.SecretUV) {
		t.Errorf("after undoing the undo: %v", err)
	}
	must(t, d.Store().Delete(t.Context(), c.ID))
	if n := len(boundFiles(t, l)); n != 1 {
		t.Errorf("%d keys while it is in the trash", n)
	}
	list, err := l.Passkeys(t.Context(), session.PasskeyQuery{Trash: true})
	must(t, err)
	_, err = l.Purge(t.Context(), []vault.ID{list[0].Entry})
	must(t, err)
	if n := len(boundFiles(t, l)); n != 0 {
		t.Errorf("%d keys after the purge", n)
	}
}

// A change of the device's key takes along what is bound to the device, the PIN, and what was recorded while the vault was locked.
func TestWhatIsThisDevicesSurvivesARekey(t *testing.T) {
	d, l := newDoor(t)
	c := deviceCredential(t, "example.com", "u", "ada")
	must(t, d.Store().Put(t.Context(), c))
	seal := random32()
	must(t, d.State().Update(t.Context(), func(m *passkeys.Memory) error {
		m.PIN, m.PINMisses = random32(), 3
		m.SealKeys = append(m.SealKeys, passkeys.SealKey{Binding: passkeys.Device, Key: seal})
		return nil
	}))
	must(t, vault.RecordLocked(l.Vault().Dir(), vault.Options{}, []byte(`{"t":1,"c":"getAssertion"}`)))
	v := l.Vault()
	must(t, v.AddWay(t.Context(), vault.NewWay{Kind: unlock.KindPassphrase, Name: "second", Passphrase: secret.FromString("other"), WorkFactor: 10}, unlock.Nobody{}))
	must(t, v.RemoveSlot(t.Context(), "second", vault.RemoveOptions{Prompter: unlock.Nobody{}}))
	got, err := d.Store().ByID(t.Context(), c.ID)
	if err != nil || !got.LargeBlobKey.Equal(c.LargeBlobKey) {
		t.Errorf("the passkey: %v", err)
	}
	m, err := d.State().Read(t.Context())
	if err != nil || m.PINMisses != 3 || len(m.SealKeys) != 1 || !m.SealKeys[0].Key.Equal(seal) {
		t.Errorf("the state: %d keys, %v", len(m.SealKeys), err)
	}
	rows, err := l.Requests(t.Context(), 0)
	if err != nil || len(rows) != 1 || rows[0].Trusted || rows[0].Command != "getAssertion" {
		t.Errorf("requests %+v, %v", rows, err)
	}
	if !doctor(t, l).Intact() {
		t.Error("doctor finds something")
	}
}
