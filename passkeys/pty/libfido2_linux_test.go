//go:build cgo && !nolibfido2

package pty_test

import (
	"bytes"
	"errors"
	"testing"

	libfido2 "github.com/keys-pub/go-libfido2"

	"signet/passkeys"
)

// libfido2 in this process, without its tools. Every call opens the device anew and locks it; a program that another test starts at that moment would inherit
// the lock and keep it. So these tests run before all parallel ones.
func TestLibfido2InProcess(t *testing.T) {
	k := plug(t)
	d, err := libfido2.NewDevice(k.path)
	if err != nil {
		t.Fatal(err)
	}
	info, err := d.Info()
	if err != nil || !bytes.Contains([]byte(info.Versions[len(info.Versions)-1]), []byte("FIDO_2_1")) || info.AAGUID == nil {
		t.Fatalf("%+v, %v", info, err)
	}
	if kind, err := d.Type(); err != nil || kind != libfido2.FIDO2 {
		t.Errorf("%v, %v", kind, err)
	}
	if err := d.SetPIN("1234", ""); err != nil {
		t.Fatal(err)
	}
	if err := d.SetPIN("12345", "1234"); err != nil {
		t.Fatal(err)
	}
	const secret = "12345"
	hash, user := bytes.Repeat([]byte{7}, 32), bytes.Repeat([]byte{3}, 32)
	rp, salt := libfido2.RelyingParty{ID: "site.example", Name: "Site"}, bytes.Repeat([]byte{1}, 64)
	for _, kind := range []libfido2.CredentialType{libfido2.ES256, libfido2.EDDSA} {
		for _, rk := range []libfido2.OptionValue{libfido2.True, libfido2.Default} {
			made, err := d.MakeCredential(hash, rp, libfido2.User{ID: user, Name: "ann", DisplayName: "Ann"}, kind, secret, &libfido2.MakeCredentialOpts{
				Extensions: []libfido2.Extension{libfido2.HMACSecretExtension, libfido2.CredProtectExtension}, RK: rk, CredProtect: libfido2.CredProtectUVOptionalWithID,
			})
			if err != nil {
				t.Fatalf("%v, %v: %v", kind, rk, err)
			}
			ids := [][]byte{made.CredentialID}
			var last []byte
			for range 2 {
				got, err := d.Assertion(rp.ID, hash, ids, secret, &libfido2.AssertionOpts{
					Extensions: []libfido2.Extension{libfido2.HMACSecretExtension}, HMACSalt: salt, UP: libfido2.True,
				})
				if err != nil || len(got.HMACSecret) != 64 || !bytes.Equal(got.HMACSecret[:32], got.HMACSecret[32:]) || last != nil && !bytes.Equal(last, got.HMACSecret) {
					t.Fatalf("%+v, %v", got, err)
				}
				last = got.HMACSecret
			}
		}
	}
	sites, err := d.RelyingParties(secret)
	if err != nil || len(sites) != 1 || sites[0].ID != rp.ID {
		t.Fatalf("%+v, %v", sites, err)
	}
	creds, err := d.Credentials(rp.ID, secret)
	if err != nil || len(creds) != 1 || creds[0].User.Name != "ann" { // the second kind took the place of the first
		t.Fatalf("%+v, %v", creds, err)
	}
	if err := d.DeleteCredential(creds[0].ID, secret); err != nil {
		t.Fatal(err)
	}
	if info, err := d.CredentialsInfo(secret); err != nil || info.RKExisting != 0 || info.RKRemaining < 1000 {
		t.Errorf("%+v, %v", info, err)
	}
	if _, err := d.Assertion(rp.ID, hash, [][]byte{user}, secret, nil); !errors.Is(err, libfido2.ErrNoCredentials) {
		t.Errorf("an unknown id: %v", err)
	}
	if _, err := d.Assertion(rp.ID, hash, nil, "0000", nil); !errors.Is(err, libfido2.ErrPinInvalid) {
		t.Errorf("a wrong PIN: %v", err)
	}
	if left, err := d.RetryCount(); err != nil || left != 7 {
		t.Errorf("%d tries, %v", left, err)
	}
}

// A reset comes soon after the key was plugged in, or not at all.
func TestLibfido2Resets(t *testing.T) {
	k := plug(t)
	d, err := libfido2.NewDevice(k.path)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Reset(); err != nil || k.person.Last().Action != passkeys.ActionReset {
		t.Errorf("%v", err)
	}
}
