package session_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"testing"

	"signet/internal/session"
	"signet/passkeys"
	"signet/vault"
	"signet/vault/secret"
)

// signIn returns flags and counter of the answer, and the status when there is none.
func signIn(t testing.TB, a *passkeys.Authenticator, rp string) (flags byte, counter uint32, status byte) {
	t.Helper()
	answer := a.Handle(t.Context(), getRequest(rp), nil)
	if answer[0] != 0 {
		return 0, 0, answer[0]
	}
	sum := sha256.Sum256([]byte(rp))
	at := bytes.Index(answer, sum[:])
	if at < 0 {
		t.Fatal("no authenticator data")
	}
	return answer[at+32], binary.BigEndian.Uint32(answer[at+33:]), 0
}

// An imported passkey signs as it did where it came from: with its flags and its counter, for ever, and with its kind of key. One that cannot be signed with is
// kept and shown, and answers nothing.
func TestImportedPasskeysSignAsBefore(t *testing.T) {
	p256, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	p521, err := ecdsa.GenerateKey(elliptic.P521(), rand.Reader)
	must(t, err)
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	must(t, err)
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	must(t, err)
	const up, be, bs = 0x01, 0x08, 0x10
	for _, c := range []struct {
		name, be, bs, counter, discoverable string
		key                                 any
		flags                               byte
		alg                                 int64
		counts                              bool
		unusable                            bool
	}{
		{"as Bitwarden exports", "1", "1", "0", "true", p256, up | be | bs, -7, false, false},
		{"with a counter", "1", "1", "41", "true", p256, up | be | bs, -7, true, false},
		{"told that it was not backed up", "0", "0", "0", "", p256, up, -7, false, false},
		{"eligible, not backed up", "1", "0", "0", "", ed, up | be, -8, false, false},
		{"with nothing known of its flags", "", "", "", "", rsaKey, up | be | bs, -257, false, false},
		{"that is found by its id only", "1", "1", "0", "false", p256, 0, -7, false, false},
		{"of a curve that nobody signs with here", "1", "1", "0", "true", p521, 0, -36, false, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, l := newDoor(t)
			der, err := x509.MarshalPKCS8PrivateKey(c.key)
			must(t, err)
			cred := vault.Credential{Type: vault.Passkey}
			for _, m := range [][2]string{
				{"credentialId", "AQIDBAUGBwgJCgsMDQ4PEA"}, {"rpId", "example.com"}, {"username", "ada"}, {"userDisplayName", "Ada"}, {"userHandle", "dQ"},
				{"key", base64.RawURLEncoding.EncodeToString(der)}, {"signet:binding", "synced"}, {"signet:be", c.be}, {"signet:bs", c.bs}, {"signet:counter", c.counter},
				{"signet:discoverable", c.discoverable},
			} {
				if m[1] != "" {
					cred.Members = append(cred.Members, vault.Member{Name: m[0], Value: secret.FromString(m[1])})
				}
			}
			edits, err := vault.Entry{ID: vault.SystemIDs().Record(), Title: "Imported", Credentials: []vault.Credential{cred}}.Edits(vault.SystemIDs())
			must(t, err)
			_, err = l.Apply(t.Context(), nil, edits)
			must(t, err)
			p := whereIs(t, l, []byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}, session.PasskeyQuery{})
			if p.Algorithm != c.alg || p.Usable == c.unusable {
				t.Errorf("listed with %d, usable %v", p.Algorithm, p.Usable)
			}
			a := authenticator(t, d)
			for n := range 2 {
				flags, counter, status := signIn(t, a, "example.com")
				want := uint32(0)
				if c.counts {
					want = uint32(42 + n) //nolint:gosec // small
				}
				if c.flags == 0 && status != byte(passkeys.StatusNoCredentials) || c.flags != 0 && (status != 0 || flags != c.flags || counter != want) {
					t.Errorf("answered flags %#x, counter %d, status %#x", flags, counter, status)
				}
			}
			if _, err := d.Store().ByID(t.Context(), p.CredentialID); (err == nil) == c.unusable {
				t.Errorf("by its id: %v", err)
			}
		})
	}
}

// What is known of all passkeys follows every change, of this program and of others.
func TestCountFollowsChanges(t *testing.T) {
	d, l := newDoor(t)
	other := session.NewDoor(session.DoorOptions{})
	other.Use(reopen(t, l.Vault().Dir()))
	want := func(n int, sites ...string) {
		t.Helper()
		got, err := d.Store().Count(t.Context())
		all, rerr := d.Store().RPs(t.Context())
		if err != nil || rerr != nil || got != n || len(all) != len(sites) {
			t.Fatalf("%d of %v, %v, %v", got, all, err, rerr)
		}
		for i, s := range sites {
			if all[i].ID != s {
				t.Errorf("site %d is %s", i, all[i].ID)
			}
		}
		if len(all) > 0 {
			all[0].ID = "changed by whoever asked"
		}
	}
	want(0)
	a, b := credential(t, "a.example", "u", "ada"), credential(t, "b.example", "u", "ada")
	must(t, d.Store().Put(t.Context(), b))
	want(1, "b.example")
	must(t, other.Store().Put(t.Context(), a))
	want(2, "a.example", "b.example")
	must(t, other.Store().Delete(t.Context(), b.ID))
	want(1, "a.example")
	sids, err := l.Vault().LastEdit(t.Context())
	must(t, err)
	_, err = l.Undo(t.Context(), sids)
	must(t, err)
	want(2, "a.example", "b.example")
}
