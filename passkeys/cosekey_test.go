package passkeys

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"testing"

	"filippo.io/mldsa"
	mldsax509 "filippo.io/mldsa/x509"
)

func keysOfEveryAlgorithm(t *testing.T) []Key {
	t.Helper()
	var out []Key
	for _, alg := range append(Algorithms(), ExperimentalAlgorithms()...) {
		k, err := NewKey(alg, rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, k)
	}
	imported, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	der, _ := x509.MarshalPKCS8PrivateKey(imported)
	k, err := ParseKey(der)
	if err != nil {
		t.Fatal(err)
	}
	return append(out, k)
}

// verified checks a signature with the public key as WebAuthn hands it out.
func verified(t *testing.T, k Key, message, sig []byte) bool {
	t.Helper()
	der, err := k.SPKI()
	if err != nil {
		t.Fatal(err)
	}
	pub, err := mldsax509.ParsePKIXPublicKey(der)
	if err != nil {
		t.Fatal(err)
	}
	short, long := sha256.Sum256(message), sha512.Sum384(message)
	switch p := pub.(type) {
	case *ecdsa.PublicKey:
		if k.Algorithm() == ES384 {
			return ecdsa.VerifyASN1(p, long[:], sig)
		}
		return ecdsa.VerifyASN1(p, short[:], sig)
	case ed25519.PublicKey:
		return ed25519.Verify(p, message, sig)
	case *mldsa.PublicKey:
		return mldsa.Verify(p, message, sig, nil) == nil
	case *rsa.PublicKey:
		return rsa.VerifyPKCS1v15(p, crypto.SHA256, short[:], sig) == nil
	}
	return false
}

func TestKeys(t *testing.T) {
	t.Parallel()
	for _, k := range keysOfEveryAlgorithm(t) {
		sig, err := k.Sign(rand.Reader, []byte("message"))
		if err != nil || !verified(t, k, []byte("message"), sig) || verified(t, k, []byte("other"), sig) {
			t.Errorf("%d: signature %x, %v", k.Algorithm(), sig, err)
		}
		if canonical(k.PublicKey()) != nil {
			t.Errorf("%d: the public key is not canonical: %x", k.Algorithm(), k.PublicKey())
		}
		var cose struct {
			Alg int64 `cbor:"3,keyasint"`
		}
		if err := decoder.Unmarshal(k.PublicKey(), &cose); err != nil || Algorithm(cose.Alg) != k.Algorithm() {
			t.Errorf("%d: %+v, %v", k.Algorithm(), cose, err)
		}
		der, err := k.PKCS8()
		if err != nil {
			t.Fatal(err)
		}
		again, err := ParseKey(der.Reveal())
		if err != nil || again.Algorithm() != k.Algorithm() || !verified(t, again, []byte("message"), sig) {
			t.Errorf("%d did not survive PKCS #8: %v", k.Algorithm(), err)
		}
	}
}

func TestKeysThatAreRefused(t *testing.T) {
	t.Parallel()
	small, _ := rsa.GenerateKey(rand.Reader, 1024) //nolint:gosec // too small on purpose
	other, _ := ecdsa.GenerateKey(elliptic.P521(), rand.Reader)
	for name, k := range map[string]any{"RSA of 1024 bits": small, "P-521": other} {
		if k == (*rsa.PrivateKey)(nil) {
			continue // the library does not make one any more
		}
		der, err := x509.MarshalPKCS8PrivateKey(k)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := ParseKey(der); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
	for _, b := range [][]byte{nil, []byte("x"), make([]byte, maxPKCS8+1)} {
		if _, err := ParseKey(b); err == nil {
			t.Errorf("%d bytes are a key", len(b))
		}
	}
	if _, err := NewKey(RS256, rand.Reader); err == nil {
		t.Error("an RSA key was made")
	}
}

func TestChooseAlgorithm(t *testing.T) {
	t.Parallel()
	if a, ok := choose([]Algorithm{RS256, -65535, EdDSA, ES256}, Algorithms()); !ok || a != EdDSA {
		t.Error(a, ok)
	}
	if _, ok := choose([]Algorithm{RS256}, Algorithms()); ok {
		t.Error("RS256 was chosen")
	}
}

func TestAuthData(t *testing.T) {
	t.Parallel()
	k, _ := NewKey(ES256, rand.Reader)
	a := authData{site: hashOf("example.com"), flags: FlagUP | FlagBE | FlagBS, counter: 7}
	if b := a.encode(); len(b) != 37 || b[32] != byte(FlagUP|FlagBE|FlagBS) || b[36] != 7 {
		t.Errorf("%x", b)
	}
	a.credential = &attested{AAGUID{1}, []byte("id"), k.PublicKey()}
	a.extensions = marshal(map[string]any{"credProtect": 2})
	b := a.encode()
	if want := 37 + 16 + 2 + 2 + len(k.PublicKey()) + len(a.extensions); len(b) != want || b[32]&byte(FlagAT|FlagED) != byte(FlagAT|FlagED) {
		t.Errorf("%d bytes, want %d: %x", len(b), want, b)
	}
}
