package passkeys

import (
	"bytes"
	"crypto/ecdh"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"testing"
)

// The example that Yubico's python-fido2 tests protocol one with.
func TestProtocolOneVector(t *testing.T) {
	t.Parallel()
	own, err := ecdh.P256().NewPrivateKey(unhex(t, "7452E599FEE739D8A653F6A507343D12D382249108A651402520B72F24FE7684"))
	if err != nil {
		t.Fatal(err)
	}
	theirs := agreementKey{coseEC2, coseECDH, curveP256, unhex(t, "0501D5BC78DA9252560A26CB08FCC60CBE0B6D3B8E1D1FCEE514FAC0AF675168"),
		unhex(t, "D551B3ED46F665731F95B4532939C25D91DB7EB844BD96D4ABD4083785F8DF47")}
	shared, err := pinOne.agree(own, theirs)
	if err != nil || hex.EncodeToString(shared) != "c42a039d548100dfba521e487debcbbb8b66bb7496f8b1862a7a395ed83e1a1c" {
		t.Fatalf("%x, %v", shared, err)
	}
	token, err := pinOne.decrypt(shared, unhex(t, "7A9F98E31B77BE90F9C64D12E9635040"))
	if err != nil || hex.EncodeToString(token) != "aff12c6dcfbf9df52f7a09211e8865cd" {
		t.Errorf("%x, %v", token, err)
	}
}

func agreed(t *testing.T, p pinProtocol) (a, b []byte) {
	t.Helper()
	one, _ := ecdh.P256().GenerateKey(rand.Reader)
	two, _ := ecdh.P256().GenerateKey(rand.Reader)
	a, err1 := p.agree(one, agreementKeyOf(two.PublicKey()))
	b, err2 := p.agree(two, agreementKeyOf(one.PublicKey()))
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	return a, b
}

func TestProtocols(t *testing.T) {
	t.Parallel()
	for _, p := range pinProtocols() {
		a, b := agreed(t, p)
		if !bytes.Equal(a, b) {
			t.Fatalf("protocol %d: two secrets", p)
		}
		plain := []byte("0123456789abcdef0123456789abcdef")
		sealed, err := p.encrypt(a, plain, rand.Reader)
		if err != nil || bytes.Contains(sealed, plain[:16]) {
			t.Fatal(sealed, err)
		}
		if got, err := p.decrypt(b, sealed); err != nil || !bytes.Equal(got, plain) {
			t.Errorf("protocol %d: %q, %v", p, got, err)
		}
		tag := p.authenticate(a, plain)
		if !p.verify(b, plain, tag) || p.verify(b, plain[1:], tag) || p.verify(b, plain, tag[:15]) || p.verify(b, plain, nil) {
			t.Errorf("protocol %d: tags", p)
		}
		if want := map[pinProtocol]int{pinOne: 16, pinTwo: 32}[p]; len(tag) != want {
			t.Errorf("protocol %d: a tag of %d bytes", p, len(tag))
		}
		for _, n := range []int{0, 1, 15, 17, 31} {
			if _, err := p.decrypt(a, make([]byte, n)); !errors.Is(err, StatusInvalidParameter) {
				t.Errorf("protocol %d: %d bytes: %v", p, n, err)
			}
		}
	}
}

func TestAgreementKeysAreChecked(t *testing.T) {
	t.Parallel()
	own, _ := ecdh.P256().GenerateKey(rand.Reader)
	good := agreementKeyOf(own.PublicKey())
	for name, change := range map[string]func(*agreementKey){
		"kind":       func(k *agreementKey) { k.Kty = coseOKP },
		"algorithm":  func(k *agreementKey) { k.Alg = int64(ES256) },
		"curve":      func(k *agreementKey) { k.Crv = curveP384 },
		"short x":    func(k *agreementKey) { k.X = k.X[1:] },
		"no y":       func(k *agreementKey) { k.Y = nil },
		"off curve":  func(k *agreementKey) { k.Y = bytes.Repeat([]byte{1}, 32) },
		"the origin": func(k *agreementKey) { k.X, k.Y = make([]byte, 32), make([]byte, 32) },
	} {
		bad := good
		change(&bad)
		if _, err := pinTwo.agree(own, bad); !errors.Is(err, StatusInvalidParameter) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
