package e2e

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"os"
	"testing"
	"time"

	"signet/fido"
	"signet/passkeys"
	"signet/passkeys/ctaphid"
	"signet/passkeys/device"
	"signet/passkeys/passkeystest"
	"signet/passkeys/pty"
	"signet/vault/secret"
)

// virtual is Signet's own authenticator plugged in as a hardware key.
type virtual struct {
	path   string
	store  *passkeystest.Store
	state  *passkeystest.State
	person *passkeystest.Person
	device *pty.Device
}

func plugIn(t *testing.T) *virtual {
	t.Helper()
	return plugInFor(t, &passkeystest.Person{Blind: true})
}

// plugInFor has somebody else sit at the key.
func plugInFor(t *testing.T, person *passkeystest.Person) *virtual {
	t.Helper()
	if !fido.Available().Linked {
		t.Skip("this build is without libfido2: make deps installs it")
	}
	v := &virtual{store: passkeystest.NewStore(), state: &passkeystest.State{}, person: person}
	a, err := passkeys.New(passkeys.Options{Store: v.store, State: v.state, Approver: v.person, Now: time.Now, Rand: rand.Reader, AAGUID: passkeys.Signet})
	if err != nil {
		t.Fatal(err)
	}
	if v.device, err = pty.Open(); err != nil {
		t.Fatal(err)
	}
	v.path = v.device.Path()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = v.device.Serve(t.Context(), &ctaphid.Server{Handler: device.Handler{Authenticator: a}, Rand: rand.Reader})
	}()
	t.Cleanup(func() { _ = v.device.Close(); <-ended })
	return v
}

func (v *virtual) open(t *testing.T) *fido.Key {
	t.Helper()
	k, err := fido.Open(t.Context(), v.path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := k.Close(); err != nil {
			t.Error(err)
		}
	})
	return k
}

var (
	noPIN  = secret.Secret{}
	hash32 = bytes.Repeat([]byte{7}, 32)
)

func request(site, user string) fido.MakeRequest {
	return fido.MakeRequest{
		ClientDataHash: hash32, RPID: site, RPName: "Example", User: fido.User{ID: []byte(user), Name: user, Display: user + "!"}, Algorithm: fido.ES256,
		Resident: fido.Yes, HMACSecret: true,
	}
}

func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func code(t *testing.T, err error, want fido.Code) *fido.Error {
	t.Helper()
	var e *fido.Error
	if !errors.As(err, &e) || e.Code != want {
		t.Fatalf("%v, want %s", err, want)
	}
	return e
}

func TestHardwareKeySignsIn(t *testing.T) {
	t.Parallel()
	v := plugIn(t)
	k := v.open(t)
	info := must[fido.Info](t)(k.Info(t.Context()))
	if !info.FIDO2 || info.AAGUID != passkeys.Signet || !info.Has("rk") || !info.HasExtension("hmac-secret") {
		t.Errorf("%+v", info)
	}
	ada := must[fido.Made](t)(k.MakeCredential(t.Context(), request("example.com", "ada")))
	bob := must[fido.Made](t)(k.MakeCredential(t.Context(), request("example.com", "bob")))
	again := request("example.com", "ada")
	again.Exclude = [][]byte{ada.ID}
	_, err := k.MakeCredential(t.Context(), again)
	code(t, err, fido.Excluded)

	all := must[[]fido.Assertion](t)(k.GetAssertion(t.Context(), fido.GetRequest{ClientDataHash: hash32, RPID: "example.com"}))
	if len(all) != 2 || !bytes.Equal(all[0].ID, bob.ID) || !bytes.Equal(all[1].ID, ada.ID) {
		t.Errorf("%d assertions", len(all))
	}
	salt := sha256.Sum256([]byte("salt"))
	get := fido.GetRequest{ClientDataHash: hash32, RPID: "example.com", Allow: [][]byte{ada.ID}, Salt: salt[:]}
	one, two := must[[]fido.Assertion](t)(k.GetAssertion(t.Context(), get)), must[[]fido.Assertion](t)(k.GetAssertion(t.Context(), get))
	if len(one) != 1 || one[0].Secret.IsEmpty() || !one[0].Secret.Equal(two[0].Secret) {
		t.Error("the same salt gave another secret")
	}
	rp := sha256.Sum256([]byte("example.com"))
	if len(one[0].AuthData) < 37 || !bytes.Equal(one[0].AuthData[:32], rp[:]) {
		t.Errorf("authenticator data %x", one[0].AuthData)
	}
	_, err = k.GetAssertion(t.Context(), fido.GetRequest{ClientDataHash: hash32, RPID: "other.example"})
	code(t, err, fido.NoPasskey)
}

func TestHardwareKeyPIN(t *testing.T) {
	t.Parallel()
	v := plugIn(t)
	k := v.open(t)
	right, wrong := secret.FromString("12345"), secret.FromString("99999")
	_, err := k.Passkeys(t.Context(), right)
	if err == nil {
		t.Error("passkeys were listed without a PIN")
	}
	code(t, k.SetPIN(t.Context(), secret.FromString("1"), noPIN), fido.PINPolicy)
	if err := k.SetPIN(t.Context(), right, noPIN); err != nil {
		t.Fatal(err)
	}
	if n := must[int](t)(k.Retries(t.Context())); n != 8 {
		t.Errorf("%d tries", n)
	}
	_, err = k.Passkeys(t.Context(), wrong)
	if e := code(t, err, fido.PINWrong); e.Retries != 7 {
		t.Errorf("%d tries are left", e.Retries)
	}
	r := request("example.com", "ada")
	r.PIN = right
	made := must[fido.Made](t)(k.MakeCredential(t.Context(), r))
	if made.Flags&4 == 0 {
		t.Error("not verified")
	}
	if err := k.Rename(t.Context(), made.ID, fido.User{ID: []byte("ada"), Name: "ada@new", Display: "Ada"}, right); err != nil {
		t.Fatal(err)
	}
	list := must[fido.Listing](t)(k.Passkeys(t.Context(), right))
	if len(list.Passkeys) != 1 || list.Passkeys[0].User.Name != "ada@new" || list.Passkeys[0].RPID != "example.com" || list.Existing != 1 {
		t.Errorf("%+v", list)
	}
	if err := k.SetPIN(t.Context(), wrong, right); err != nil {
		t.Fatal(err)
	}
	if err := k.Delete(t.Context(), made.ID, wrong); err != nil {
		t.Fatal(err)
	}
	code(t, k.Delete(t.Context(), made.ID, wrong), fido.NoPasskey)
}

func TestHardwareKeyLargeBlobs(t *testing.T) {
	t.Parallel()
	v := plugIn(t)
	k := v.open(t)
	p := secret.FromString("12345")
	if err := k.SetPIN(t.Context(), p, noPIN); err != nil {
		t.Fatal(err)
	}
	r := request("example.com", "ada")
	r.LargeBlobKey, r.PIN = true, p
	made := must[fido.Made](t)(k.MakeCredential(t.Context(), r))
	if err := k.SetLargeBlob(t.Context(), made.LargeBlobKey, []byte("a ticket of sixteen letters and more 0123456789"), p); err != nil {
		t.Fatal(err)
	}
	if got := must[[]byte](t)(k.LargeBlob(t.Context(), made.LargeBlobKey)); string(got) != "a ticket of sixteen letters and more 0123456789" {
		t.Errorf("%q", got)
	}
	if got := must[[]byte](t)(k.LargeBlobs(t.Context())); len(got) < 20 {
		t.Errorf("%x", got)
	}
	if err := k.RemoveLargeBlob(t.Context(), made.LargeBlobKey, p); err != nil {
		t.Fatal(err)
	}
}

func TestHardwareKeyLeaves(t *testing.T) {
	t.Parallel()
	v := plugInFor(t, &passkeystest.Person{Absent: true})
	k := v.open(t)

	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(300*time.Millisecond, cancel)
	_, err := k.MakeCredential(ctx, request("example.com", "ada"))
	if code(t, err, fido.Cancelled); !errors.Is(err, context.Canceled) {
		t.Errorf("%v is no cancelled context", err)
	}
	ctx, cancel = context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	_, err = k.MakeCredential(ctx, request("example.com", "ada"))
	code(t, err, fido.Timeout)

	time.AfterFunc(300*time.Millisecond, func() { _ = v.device.Close() })
	_, err = k.MakeCredential(t.Context(), request("example.com", "ada"))
	code(t, err, fido.Unplugged)
	_, err = fido.Open(t.Context(), v.path+"999999")
	code(t, err, fido.Absent)
	file := t.TempDir() + "/file"
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = fido.Open(t.Context(), file)
	code(t, err, fido.Absent)
}

func TestHardwareKeyIsBusy(t *testing.T) {
	t.Parallel()
	v := plugIn(t)
	k := v.open(t)
	_, err := fido.Open(t.Context(), v.path)
	code(t, err, fido.Busy)
	if err := k.Close(); err != nil {
		t.Fatal(err)
	}
	v.open(t)
}

// A slot that was sealed without the key opens with it, and only the way it was enrolled.
func TestHardwareKeyOpensAgeFiles(t *testing.T) {
	t.Parallel()
	v := plugIn(t)
	k := v.open(t)
	p := secret.FromString("12345")
	if err := k.SetPIN(t.Context(), p, noPIN); err != nil {
		t.Fatal(err)
	}
	for _, uv := range []bool{false, true} {
		r := must[*fido.HMACSecretRecipient](t)(k.EnrollHMACSecret(t.Context(), p, uv))
		answer := must[secret.Secret](t)(k.HMACSecret(t.Context(), r.HMACChallenge, p))
		if !r.Fits(answer) {
			t.Errorf("verified %v: the key answers something else the second time", uv)
		}
		other := r.HMACChallenge
		other.UV = !uv
		if wrong := must[secret.Secret](t)(k.HMACSecret(t.Context(), other, p)); r.Fits(wrong) {
			t.Errorf("verified %v makes no difference", uv)
		}
		if known := must[bool](t)(k.Knows(t.Context(), fido.AgeRPID, r.CredentialID)); !known {
			t.Error("the key does not recognise its own credential")
		}
	}
	if known := must[bool](t)(k.Knows(t.Context(), fido.AgeRPID, make([]byte, 64))); known {
		t.Error("the key knows what it never made")
	}
	if asked := v.person.Times(); asked != 8 {
		t.Errorf("%d touches, want 8: two for each enrolment and one for each answer", asked)
	}
}
