package passkeys_test

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"testing"

	"signet/passkeys"
)

// imported puts a passkey of an RSA key, as imports bring them, next to one whose key is not to be used here.
func (h *host) imported(rpID string) (usable, foreign passkeys.Credential) {
	h.t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		h.t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		h.t.Fatal(err)
	}
	usable = passkeys.Credential{ID: []byte("imported"), RPID: rpID, User: passkeys.User{ID: []byte("u"), Name: "ann"}, Discoverable: true, Counter: 5}
	if usable.Key, err = passkeys.ParseKey(der); err != nil {
		h.t.Fatal(err)
	}
	foreign = usable
	foreign.ID, foreign.User.ID, foreign.Key, foreign.Binding = []byte("foreign"), []byte("f"), passkeys.Key{}, passkeys.Device
	for _, c := range []passkeys.Credential{usable, foreign} {
		if err := h.store.Put(h.t.Context(), c); err != nil {
			h.t.Fatal(err)
		}
	}
	return usable, foreign
}

// RS256 signs, although no such key is made here.
func TestImportedRS256(t *testing.T) {
	t.Parallel()
	h := plugged(t)
	cred, _ := h.imported("a.example")
	answer := h.ok(2, getting("a.example", nil))
	if !verify(t, cred.Key, append(bytes.Clone(answer[2].([]byte)), hash...), answer[3].([]byte)) {
		t.Error("the signature does not fit")
	}
	if data := parse(t, answer, 2); data.counter != 6 || data.flags != passkeys.FlagUP {
		t.Errorf("counter %d, flags %x", data.counter, data.flags)
	}
}

// A passkey whose key cannot be used is not there: nobody signs in with it, it excludes nothing, and no new one takes its place.
func TestKeysThatCannotBeUsed(t *testing.T) {
	t.Parallel()
	h := old(t)
	_, foreign := h.imported("a.example")
	if answer := h.ok(2, getting("a.example", nil)); answer[5] != nil || len(h.person.Last().Users) != 1 {
		t.Errorf("%v, %+v", answer, h.person.Last())
	}
	h.refused("by id", passkeys.StatusNoCredentials, 2, getting("a.example", m{3: list(foreign.ID)}))
	h.word("U2F", u2fWrongData, authenticating("a.example", foreign.ID, 3))
	h.ok(1, making("a.example", "f", m{5: list(foreign.ID), 7: rk}))
	if h.person.Last().Replaces || len(h.store.Trash) != 0 {
		t.Errorf("%+v, %d in the trash", h.person.Last(), len(h.store.Trash))
	}
	h.protect()
	token := h.token(passkeys.PINTwo, "1234", passkeys.PermitManage, "")
	answer := h.ok(10, managing(passkeys.PINTwo, token, 4, m{1: siteOf("a.example")}))
	if answer[9] != int64(2) {
		t.Errorf("%v", answer)
	}
	for answer := answer; ; answer = h.ok(10, m{1: 5}) {
		if id := answer[7].(map[any]any)["id"].([]byte); bytes.Equal(id, foreign.ID) || answer[8] == nil {
			t.Errorf("%v", answer)
		}
		if id := answer[7].(map[any]any)["id"].([]byte); string(id) == "imported" {
			break
		}
	}
	if (passkeys.Key{}).PublicKey() != nil {
		t.Error("no key has a public key")
	}
	if _, err := (passkeys.Key{}).SPKI(); err == nil {
		t.Error("no key has a public key")
	}
	if _, err := (passkeys.Key{}).Sign(rand.Reader, hash); err == nil {
		t.Error("no key signs")
	}
	if _, err := (passkeys.Key{}).PKCS8(); err == nil {
		t.Error("no key was written")
	}
}
