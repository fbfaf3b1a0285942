package session_test

import (
	"context"
	"crypto/rand"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"signet/internal/session"
	"signet/passkeys"
	"signet/passkeys/passkeystest"
	"signet/vault"
	"signet/vault/secret"
	"signet/vault/unlock"
)

const testPass = "correct horse"

func newVault(t testing.TB) *session.Local {
	t.Helper()
	v, err := vault.Init(t.Context(), filepath.Join(t.TempDir(), "vault"), vault.Options{}, vault.InitOptions{
		DeviceName: "laptop", NoRecovery: true, Ways: []vault.NewWay{{Kind: unlock.KindPassphrase, Passphrase: secret.FromString(testPass), WorkFactor: 10}},
	})
	if err != nil {
		t.Fatal(err)
	}
	l := session.NewLocal(v, time.Now)
	t.Cleanup(func() { _ = l.Close() })
	return l
}

func newDoor(t testing.TB) (*session.Door, *session.Local) {
	t.Helper()
	l := newVault(t)
	d := session.NewDoor(session.DoorOptions{})
	d.Use(l)
	return d, l
}

func credential(t testing.TB, rp, handle, name string) passkeys.Credential {
	t.Helper()
	key, err := passkeys.NewKey(passkeys.ES256, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	id := make([]byte, 32)
	_, _ = rand.Read(id)
	return passkeys.Credential{
		ID: id, RPID: rp, RPName: "Site", User: passkeys.User{ID: []byte(handle), Name: name, DisplayName: "D " + name}, Key: key, BE: true, BS: true,
		Binding: passkeys.Synced, Discoverable: true, Created: time.Now().Truncate(time.Second), Protect: passkeys.ProtectRequired,
		SecretUV: random32(), SecretNoUV: random32(), Blob: []byte("blob"), LargeBlobKey: random32(),
	}
}

func random32() secret.Secret {
	b := make([]byte, 32)
	_, _ = rand.Read(b)
	return secret.New(b)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestWhatIsPutIsFound(t *testing.T) {
	for _, binding := range []passkeys.Binding{passkeys.Synced, passkeys.Device} {
		d, _ := newDoor(t)
		want := credential(t, "example.com", "u1", "ada")
		want.Binding, want.BE, want.BS = binding, binding == passkeys.Synced, binding == passkeys.Synced
		must(t, d.Store().Put(t.Context(), want))
		found, err := d.Store().Find(t.Context(), "example.com")
		if err != nil || len(found) != 1 {
			t.Fatalf("%d found, %v", len(found), err)
		}
		got, err := d.Store().ByID(t.Context(), want.ID)
		must(t, err)
		for _, c := range []passkeys.Credential{found[0], got} {
			if string(c.ID) != string(want.ID) || c.User.Name != "ada" || string(c.User.ID) != "u1" || c.BE != want.BE || c.BS != want.BS || c.Binding != binding ||
				!c.Discoverable || c.Protect != passkeys.ProtectRequired || !c.SecretUV.Equal(want.SecretUV) || !c.SecretNoUV.Equal(want.SecretNoUV) ||
				string(c.Blob) != "blob" || !c.LargeBlobKey.Equal(want.LargeBlobKey) || !c.Created.Equal(want.Created) || c.RPName != "Site" ||
				string(c.Key.PublicKey()) != string(want.Key.PublicKey()) {
				t.Errorf("binding %d: got %+v", binding, c)
			}
		}
	}
}

func TestAnAuthenticatorOnTheVault(t *testing.T) {
	d, l := newDoor(t)
	must(t, d.State().Update(t.Context(), func(m *passkeys.Memory) error {
		m.PIN, m.PINSalt, m.PINLength, m.PINMisses = random32(), []byte("salt"), 4, 2
		m.SealKeys = []passkeys.SealKey{{Binding: passkeys.Synced, Key: random32()}, {Binding: passkeys.Device, Key: random32()}}
		m.LargeBlobs, m.AlwaysUV, m.MinPINLength, m.MinPINRPs = []byte("large"), true, 6, []string{"a/b%\x00"}
		return nil
	}))
	m, err := d.State().Read(t.Context())
	must(t, err)
	if m.PIN.IsEmpty() || m.PINMisses != 2 || len(m.SealKeys) != 2 || string(m.LargeBlobs) != "large" || !m.AlwaysUV || m.MinPINLength != 6 || len(m.MinPINRPs) != 1 {
		t.Errorf("memory %+v", m)
	}
	must(t, l.Lock(t.Context()))
	m, err = d.State().Read(t.Context())
	if err != nil || !m.PIN.IsEmpty() || m.PINLength == 0 || len(m.SealKeys) != 0 || !m.AlwaysUV {
		t.Errorf("locked: %+v, %v", m, err)
	}
	if _, err := d.Store().Find(t.Context(), "x"); !errors.Is(err, passkeys.ErrLocked) {
		t.Errorf("find while locked: %v", err)
	}
}

func TestListRenameTrash(t *testing.T) {
	d, l := newDoor(t)
	ctx := context.Background()
	must(t, d.Store().Put(ctx, credential(t, "example.com", "u1", "ada")))
	list, err := l.Passkeys(ctx, session.PasskeyQuery{})
	if err != nil || len(list) != 1 || list[0].Algorithm != -7 || !list[0].Here || !list[0].Usable || list[0].Title != "example.com" {
		t.Fatalf("%+v, %v", list, err)
	}
	_, err = l.SetPasskeyUser(ctx, list[0].PasskeyRef, "new", "New")
	must(t, err)
	if list, err = l.Passkeys(ctx, session.PasskeyQuery{RPID: "example.com"}); err != nil || len(list) != 1 || list[0].UserName != "new" {
		t.Fatalf("%+v, %v", list, err)
	}
	_, err = l.TrashPasskey(ctx, list[0].PasskeyRef)
	must(t, err)
	if list, _ = l.Passkeys(ctx, session.PasskeyQuery{}); len(list) != 0 {
		t.Errorf("after trash: %+v", list)
	}
	if list, _ = l.Passkeys(ctx, session.PasskeyQuery{Trash: true}); len(list) != 1 {
		t.Errorf("in the trash: %+v", list)
	}
}

func TestRequestsAreKept(t *testing.T) {
	d, l := newDoor(t)
	for i := range 300 {
		must(t, d.Record(t.Context(), session.Request{At: time.UnixMilli(int64(i)), Command: "getAssertion", RPID: "example.com"}))
	}
	rows, err := l.Requests(t.Context(), 0)
	if err != nil || len(rows) != 300 || rows[0].At.UnixMilli() != 299 || !rows[0].Trusted || rows[299].At.UnixMilli() != 0 {
		t.Errorf("%d rows, %v", len(rows), err)
	}
}

func TestVerifyPassphrase(t *testing.T) {
	l := newVault(t)
	if !l.CanVerifyPassphrase() {
		t.Error("there is a passphrase")
	}
	must(t, l.VerifyPassphrase(t.Context(), secret.FromString(testPass)))
	if err := l.VerifyPassphrase(t.Context(), secret.FromString("wrong")); !errors.Is(err, vault.ErrWrongPassphrase) {
		t.Errorf("wrong: %v", err)
	}
}

func TestTheVaultIsAStore(t *testing.T) {
	passkeystest.RunStore(t, func(t *testing.T) passkeys.CredentialStore { d, _ := newDoor(t); return d.Store() })
}

func TestTheVaultIsAState(t *testing.T) {
	passkeystest.RunState(t, func(t *testing.T) passkeys.State { d, _ := newDoor(t); return d.State() })
}

// onlyEntry is the one entry that there is.
func onlyEntry(t testing.TB, l *session.Local) vault.Entry {
	t.Helper()
	page, err := l.Find(t.Context(), session.Query{})
	if err != nil || len(page.Rows) != 1 {
		t.Fatalf("%d entries, %v", len(page.Rows), err)
	}
	e, err := l.Get(t.Context(), page.Rows[0].ID, session.GetOptions{Reveal: true})
	must(t, err)
	return e
}
