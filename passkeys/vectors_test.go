package passkeys

import (
	"bytes"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hkdf"
	"crypto/rsa"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"math/big"
	"testing"

	"github.com/fxamacker/cbor/v2"

	"signet/vault/secret"
)

// webauthnVectors are examples of WebAuthn Level 3, section "Test Vectors". Their keys follow from info, as the section says.
//
//go:embed testdata/webauthn-vectors.json
var webauthnVectors []byte

type unhexed []byte

func (u *unhexed) UnmarshalText(text []byte) (err error) {
	*u, err = hex.DecodeString(string(text))
	return err
}

type webauthnVector struct {
	Name, Info        string
	Alg               Algorithm
	AttestationObject unhexed
	CreateClientData  unhexed
	AuthenticatorData unhexed
	GetClientData     unhexed
	Signature         unhexed
}

// derived is the n-th pseudo-random value of an example.
func derived(t *testing.T, info string, n byte, length int) []byte {
	t.Helper()
	b, err := hkdf.Key(sha256.New, []byte("WebAuthn test vectors"), []byte{n}, info, length)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// key is the private key of an example.
func (v *webauthnVector) key(t *testing.T) Key {
	t.Helper()
	const second = 1
	curve, size := elliptic.P256(), 32
	switch v.Alg {
	case EdDSA:
		return Key{EdDSA, ed25519.NewKeyFromSeed(derived(t, v.Info, second, ed25519.SeedSize))}
	case RS256:
		return Key{RS256, mersenne()}
	case ES384:
		curve, size = elliptic.P384(), 48
	}
	k, err := ecdsa.ParseRawPrivateKey(curve, derived(t, v.Info, second, size))
	if err != nil {
		t.Fatal(err)
	}
	return Key{v.Alg, k}
}

// mersenne is the RSA key of the examples: the two smallest Mersenne primes above 2^1024.
func mersenne() *rsa.PrivateKey {
	one := big.NewInt(1)
	p := new(big.Int).Sub(new(big.Int).Lsh(one, 1279), one)
	q := new(big.Int).Sub(new(big.Int).Lsh(one, 2203), one)
	k := &rsa.PrivateKey{PublicKey: rsa.PublicKey{N: new(big.Int).Mul(p, q), E: 65537}, Primes: []*big.Int{p, q}}
	phi := new(big.Int).Mul(new(big.Int).Sub(p, one), new(big.Int).Sub(q, one))
	k.D = new(big.Int).ModInverse(big.NewInt(65537), phi)
	return k
}

// split takes authenticator data with a credential apart.
func split(t *testing.T, b []byte) (authData, []byte) {
	t.Helper()
	data := authData{site: siteHash(b[:32]), flags: Flags(b[32])}
	n := int(b[53])<<8 | int(b[54])
	data.credential = &attested{AAGUID(b[37:53]), b[55 : 55+n], b[55+n:]}
	return data, b[55+n:]
}

// What we would answer with the same key is what the examples have, byte for byte: keys, authenticator data, self attestation and signatures, which have no
// randomness in them where the examples' had none.
func TestWebAuthnVectors(t *testing.T) {
	t.Parallel()
	var vectors []webauthnVector
	if err := json.Unmarshal(webauthnVectors, &vectors); err != nil {
		t.Fatal(err)
	}
	for _, v := range vectors {
		t.Run(v.Name, func(t *testing.T) {
			t.Parallel()
			k := v.key(t)
			var object struct {
				Format    string          `cbor:"fmt"`
				Statement cbor.RawMessage `cbor:"attStmt"`
				AuthData  []byte          `cbor:"authData"`
			}
			if err := unmarshal(v.AttestationObject, &object); err != nil {
				t.Fatal(err)
			}
			data, public := split(t, object.AuthData)
			if data.site != hashOf("example.org") || !bytes.Equal(k.PublicKey(), public) {
				t.Errorf("another key: %x, want %x", k.PublicKey(), public)
			}
			if got := data.encode(); !bytes.Equal(got, object.AuthData) {
				t.Errorf("authenticator data %x, want %x", got, object.AuthData)
			}
			v.attests(t, k, object.Format, object.Statement, object.AuthData)
			v.signs(t, k)
		})
	}
}

// attests compares attestation statements of the formats that we make.
func (v *webauthnVector) attests(t *testing.T, k Key, format string, statement, data []byte) {
	t.Helper()
	sum := sha256.Sum256(v.CreateClientData)
	r := makeRequest{Hash: sum[:], Formats: []string{format}}
	var self packedSelf
	if format != formatNone && (format != formatPacked || unmarshal(statement, &self) != nil || bytes.Contains(statement, []byte("x5c"))) {
		return
	}
	a := &Authenticator{}
	answer, err := a.attest(&Credential{Key: k}, data, &r)
	if err != nil {
		t.Fatal(err)
	}
	if got := answer.(makeAnswer); got.Format != format || !bytes.Equal(got.Statement, statement) || !bytes.Equal(got.AuthData, data) {
		t.Errorf("%s %x, want %s %x", got.Format, got.Statement, format, statement)
	}
}

func (v *webauthnVector) signs(t *testing.T, k Key) {
	t.Helper()
	flags := Flags(v.AuthenticatorData[32])
	if got := (authData{site: hashOf("example.org"), flags: flags}).encode(); !bytes.Equal(got, v.AuthenticatorData) {
		t.Errorf("authenticator data %x, want %x", got, v.AuthenticatorData)
	}
	sum := sha256.Sum256(v.GetClientData)
	message := append(bytes.Clone(v.AuthenticatorData), sum[:]...)
	got, err := k.Sign(nil, message)
	if err != nil || !bytes.Equal(got, v.Signature) {
		t.Errorf("signature %x, want %x: %v", got, v.Signature, err)
	}
}

// prfVectors are the examples of WebAuthn Level 3, section "CTAP2 hmac-secret extension" of the test vectors.
//
//go:embed testdata/prf-vectors.json
var prfVectors []byte

func TestPRFVectors(t *testing.T) {
	t.Parallel()
	var vectors []struct {
		Name                                                                      string
		Protocol                                                                  pinProtocol
		PlatformKey, AuthenticatorKey, CredRandom, Shared, SaltEnc, IV, OutputEnc unhexed
		Inputs, Results                                                           []unhexed
	}
	if err := json.Unmarshal(prfVectors, &vectors); err != nil {
		t.Fatal(err)
	}
	for _, v := range vectors {
		own, err1 := ecdh.P256().NewPrivateKey(v.AuthenticatorKey)
		platform, err2 := ecdh.P256().NewPrivateKey(v.PlatformKey)
		if err1 != nil || err2 != nil {
			t.Fatal(err1, err2)
		}
		shared, err := v.Protocol.agree(platform, agreementKeyOf(own.PublicKey()))
		if err != nil || !bytes.Equal(shared, v.Shared) {
			t.Errorf("%s: the secret %x, %v", v.Name, shared, err)
		}
		a := &Authenticator{opt: Options{Rand: bytes.NewReader(v.IV)}, agreement: map[pinProtocol]*ecdh.PrivateKey{v.Protocol: own}}
		key, p := agreementKeyOf(platform.PublicKey()), uint64(v.Protocol)
		in := &hmacInput{Key: &key, Salts: v.SaltEnc, Tag: v.Protocol.authenticate(shared, v.SaltEnc), Protocol: &p}
		out, err := a.hmacSecret(in, &Credential{SecretUV: secret.New(v.CredRandom)}, true)
		if err != nil || !bytes.Equal(out, v.OutputEnc) {
			t.Errorf("%s: the output %x, want %x: %v", v.Name, out, v.OutputEnc, err)
		}
		plain, err := v.Protocol.decrypt(shared, out)
		if err != nil || !bytes.Equal(plain, bytes.Join([][]byte{v.Results[0], v.Results[len(v.Results)-1]}[:len(v.Results)], nil)) {
			t.Errorf("%s: the results %x, %v", v.Name, plain, err)
		}
	}
}
