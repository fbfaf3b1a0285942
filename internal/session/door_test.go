package session_test

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
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

// A reset takes the sealing keys away and keeps them: undoing it, or asking for them, brings back what was sealed. Large blobs that are written over and over do
// not make the record grow.
func TestTheStateCanBeTakenBack(t *testing.T) {
	d, l := newDoor(t)
	synced, device := random32(), random32()
	change := func(f func(m *passkeys.Memory)) {
		t.Helper()
		must(t, d.State().Update(t.Context(), func(m *passkeys.Memory) error { f(m); return nil }))
	}
	change(func(m *passkeys.Memory) {
		m.SealKeys = []passkeys.SealKey{{Binding: passkeys.Synced, Key: synced}, {Binding: passkeys.Device, Key: device}}
	})
	change(func(m *passkeys.Memory) { *m = passkeys.Memory{RetiredKeys: append(m.SealKeys, m.RetiredKeys...)} })
	change(func(m *passkeys.Memory) {
		m.SealKeys = []passkeys.SealKey{{Binding: passkeys.Synced, Key: random32()}}
	})
	if n, err := l.RestoreSealKeys(t.Context()); n != 2 || err != nil {
		t.Errorf("%d keys came back, %v", n, err)
	}
	m, err := d.State().Read(t.Context())
	must(t, err)
	if len(m.SealKeys) != 3 || len(m.RetiredKeys) != 0 || m.SealKeys[0].Key.Equal(synced) || !m.SealKeys[1].Key.Equal(synced) || !m.SealKeys[2].Key.Equal(device) {
		t.Errorf("%d sealing keys, %d retired", len(m.SealKeys), len(m.RetiredKeys))
	}
	for i := range 30 {
		change(func(m *passkeys.Memory) { m.LargeBlobs = fmt.Append(nil, "blobs ", i) })
	}
	page, err := l.Find(t.Context(), session.Query{AnyRecord: true})
	must(t, err)
	for _, r := range page.Rows {
		e, err := l.Get(t.Context(), r.ID, session.GetOptions{History: true})
		must(t, err)
		if len(e.History) > 15 {
			t.Errorf("%d previous values", len(e.History))
		}
		for _, o := range e.Other {
			if strings.HasPrefix(o.Path, "seal/") && !o.Withheld {
				t.Errorf("%s is given out unasked", o.Path)
			}
		}
	}
}

// What a passkey can be used with is given out to nobody who does not ask for secrets.
func TestPasskeySecretsAreWithheld(t *testing.T) {
	d, l := newDoor(t)
	c := credential(t, "example.com", "u", "ada")
	must(t, d.Store().Put(t.Context(), c))
	_, err := l.SetPasskeyUser(t.Context(), whereIs(t, l, c.ID, session.PasskeyQuery{}).PasskeyRef, "new", "")
	must(t, err)
	page, err := l.Find(t.Context(), session.Query{})
	must(t, err)
	e, err := l.Get(t.Context(), page.Rows[0].ID, session.GetOptions{History: true, Sources: true})
	must(t, err)
	withheld := 0
	for _, m := range e.Credentials[0].Members {
		if m.Withheld {
			withheld++
		}
	}
	if withheld != 3 {
		t.Errorf("%d members are withheld, not key, extensions and large-blob key", withheld)
	}
	der, err := c.Key.PKCS8()
	must(t, err)
	row := fmt.Sprintf("%+v", page.Rows[0])
	for _, s := range []secret.Secret{der, c.SecretUV, c.SecretNoUV, c.LargeBlobKey, secret.FromString("blob")} {
		text := base64.RawURLEncoding.EncodeToString(s.Reveal())
		for _, o := range e.Credentials[0].Members {
			if strings.Contains(o.Value.RevealString(), text) {
				t.Errorf("%s gives a secret out", o.Name)
			}
		}
		if strings.Contains(row, text[:5]) {
			t.Error("a row gives a secret out")
		}
	}
}

// What an authenticator keeps for itself is nobody's last edit: undo takes back what a person did, and a counter never falls.
func TestUndoPassesHousekeepingBy(t *testing.T) {
	d, l := newDoor(t)
	c := credential(t, "example.com", "u", "ada")
	c.Counter = 5
	must(t, d.Store().Put(t.Context(), c))
	id := addLogin(t, l, "Last", "ada")
	must(t, d.Store().Used(t.Context(), c.ID, passkeys.Use{Counter: 6, At: time.Now()}))
	must(t, d.State().Update(t.Context(), func(m *passkeys.Memory) error { m.AlwaysUV = true; return nil }))
	sids, err := l.Vault().LastEdit(t.Context())
	must(t, err)
	_, err = l.Undo(t.Context(), sids)
	must(t, err)
	if _, err := l.Get(t.Context(), id, session.GetOptions{}); !errors.Is(err, vault.ErrNotFound) {
		t.Errorf("the last edit of a person is still there: %v", err)
	}
	if got, err := d.Store().ByID(t.Context(), c.ID); err != nil || got.Counter != 6 {
		t.Errorf("counter %d, %v", got.Counter, err)
	}
	if m, err := d.State().Read(t.Context()); err != nil || !m.AlwaysUV {
		t.Errorf("the state was taken back: %v", err)
	}
}

func TestDoorTellsThatTheVaultIsTakenAway(t *testing.T) {
	t.Parallel()
	d, l := newDoor(t)
	taken := 0
	d.OnTaken(func() { taken++ })
	d.Use(l)
	if d.Use(nil); taken != 1 {
		t.Errorf("told %d times", taken)
	}
}

// Two programs that serve the same device share everything at once: no wrong PIN is forgotten, and what one keeps the other finds.
func TestTwoProgramsOnOneDevice(t *testing.T) {
	one, l := newDoor(t)
	two := session.NewDoor(session.DoorOptions{})
	two.Use(reopen(t, l.Vault().Dir()))
	var all sync.WaitGroup
	for _, d := range []*session.Door{one, two} {
		all.Go(func() {
			for range 5 {
				if err := d.State().Update(context.Background(), func(m *passkeys.Memory) error { m.PINMisses++; return nil }); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	c := credential(t, "example.com", "u", "ada")
	c.Counter = 1
	must(t, one.Store().Put(t.Context(), c))
	must(t, two.Store().Used(t.Context(), c.ID, passkeys.Use{Counter: 2}))
	must(t, two.Record(t.Context(), session.Request{At: time.UnixMilli(1), Command: "second"}))
	for name, d := range map[string]*session.Door{"one": one, "two": two} {
		m, err := d.State().Read(t.Context())
		if err != nil || m.PINMisses != 10 {
			t.Errorf("%s: %d misses, %v", name, m.PINMisses, err)
		}
		if got, err := d.Store().ByID(t.Context(), c.ID); err != nil || got.Counter != 2 {
			t.Errorf("%s: counter %d, %v", name, got.Counter, err)
		}
	}
	if rows, err := l.Requests(t.Context(), 0); err != nil || len(rows) != 1 {
		t.Errorf("%d rows, %v", len(rows), err)
	}
}

// A vault that is locked is opened when it is needed, once, whoever asks meanwhile; a refusal leaves it locked.
func TestTheDoorOpens(t *testing.T) {
	l := newVault(t)
	opened := 0
	var refuse error
	d := session.NewDoor(session.DoorOptions{Open: func(_ context.Context, waiting func(bool)) (*session.Local, error) {
		opened++
		waiting(true)
		defer waiting(false)
		return l, refuse
	}})
	if _, err := d.State().Read(t.Context()); !errors.Is(err, passkeys.ErrLocked) {
		t.Errorf("before it was ever open: %v", err)
	}
	refuse = errors.New("no")
	if err := d.Open(t.Context(), nil); !errors.Is(err, refuse) {
		t.Errorf("refused: %v", err)
	}
	refuse = nil
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			if err := d.Open(context.Background(), nil); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if opened != 2 {
		t.Errorf("a person was asked %d times", opened)
	}
	must(t, d.Store().Put(t.Context(), credential(t, "example.com", "u", "ada")))
	d.Use(nil)
	if _, err := d.Store().Count(t.Context()); !errors.Is(err, passkeys.ErrLocked) {
		t.Errorf("taken away: %v", err)
	}
	if err := session.NewDoor(session.DoorOptions{}).Open(t.Context(), nil); !errors.Is(err, passkeys.ErrLocked) {
		t.Errorf("with nobody to ask: %v", err)
	}
}
