package client_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/fxamacker/cbor/v2"

	"signet/passkeys/client"
)

type unhexed []byte

func (u *unhexed) UnmarshalText(text []byte) (err error) {
	*u, err = hex.DecodeString(string(text))
	return err
}

func vectors[T any](t *testing.T, name string) (all []T) {
	t.Helper()
	if err := json.Unmarshal(must[[]byte](t)(os.ReadFile("../testdata/"+name)), &all); err != nil {
		t.Fatal(err)
	}
	return all
}

// example is one of WebAuthn Level 3, section "Test Vectors".
type example struct {
	Name                                                                             string
	Alg                                                                              int
	AttestationObject, CreateClientData, AuthenticatorData, GetClientData, Signature unhexed
}

// replay is a device that answers as the example's did, to the example's client data and to nothing else.
type replay struct {
	t      *testing.T
	v      example
	create []byte // the client data
	get    []byte
}

func (r *replay) Handle(_ context.Context, request []byte, _ func(bool)) []byte {
	var in map[int]any
	if len(request) > 1 {
		if err := cbor.Unmarshal(request[1:], &in); err != nil {
			r.t.Error(err)
		}
	}
	var out map[int]any
	switch request[0] {
	case 0x04:
		out = map[int]any{1: []string{"FIDO_2_1"}, 3: make([]byte, 16), 4: map[string]bool{"rk": true, "up": true}, 5: 7609}
	case 0x01:
		var o struct {
			Format    string          `cbor:"fmt"`
			Statement cbor.RawMessage `cbor:"attStmt"`
			Data      []byte          `cbor:"authData"`
		}
		if err := cbor.Unmarshal(r.v.AttestationObject, &o); err != nil {
			r.t.Error(err)
		}
		r.wants(in[1], r.create)
		out = map[int]any{1: o.Format, 2: o.Data, 3: o.Statement}
	case 0x02:
		r.wants(in[2], r.get)
		out = map[int]any{1: in[3].([]any)[0], 2: []byte(r.v.AuthenticatorData), 3: []byte(r.v.Signature)}
	default:
		return []byte{1}
	}
	b, err := cbor.Marshal(out)
	if err != nil {
		r.t.Error(err)
	}
	return append([]byte{0}, b...)
}

func (r *replay) wants(hash any, data []byte) {
	sum := sha256.Sum256(data)
	if b, ok := hash.([]byte); !ok || !bytes.Equal(b, sum[:]) {
		r.t.Errorf("asked to sign the hash %x, want that of %s", hash, data)
	}
}

// The examples of the specification: our client data is theirs byte for byte (but for members that only examples have), what the device attests goes through
// unchanged, and the public key that we tell verifies their signatures.
func TestTheExamplesOfTheSpecification(t *testing.T) {
	for _, v := range vectors[example](t, "webauthn-vectors.json") {
		t.Run(v.Name, func(t *testing.T) {
			p := open(t)
			r := &replay{t: t, v: v, create: plain(v.CreateClientData), get: plain(v.GetClientData)}
			p.opt.Device = r
			first, second := said(t, v.CreateClientData), said(t, v.GetClientData)
			p.from = first.caller(t)
			made := p.made(object{
				"rp": object{"id": "example.org", "name": "x"}, "user": object{"id": "AA", "name": "x", "displayName": "x"}, "challenge": first.Challenge,
				"pubKeyCredParams": []object{{"type": "public-key", "alg": v.Alg}}, "attestation": "direct",
			})
			if made.Response.AttestationObject != b64(v.AttestationObject) || made.Response.PublicKeyAlgorithm != v.Alg || made.Response.ClientDataJSON != b64(r.create) {
				t.Errorf("%s", made.raw)
			}
			p.from = second.caller(t)
			signed := p.signed(object{"rpId": "example.org", "challenge": second.Challenge, "allowCredentials": []object{made.descriptor()}})
			if signed.Response.ClientDataJSON != b64(r.get) {
				t.Errorf("%s", signed.raw)
			}
			spki := must[[]byte](t)(base64.RawURLEncoding.DecodeString(made.Response.PublicKey))
			sum := sha256.Sum256(v.GetClientData)
			if !verifies(t, spki, v.Alg, append(bytes.Clone(v.AuthenticatorData), sum[:]...), v.Signature) {
				t.Error("the public key does not verify the example's signature")
			}
		})
	}
}

// spoken is client data as a site reads it.
type spoken struct {
	Challenge, Origin, TopOrigin string
	CrossOrigin                  bool
}

func said(t *testing.T, data []byte) (s spoken) {
	t.Helper()
	if err := json.Unmarshal(data, &s); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s spoken) caller(t *testing.T) client.Caller {
	t.Helper()
	c := client.Caller{Origin: origin(t, s.Origin), CrossOrigin: s.CrossOrigin}
	if s.TopOrigin != "" {
		c.Top = origin(t, s.TopOrigin)
	}
	return c
}

// plain is client data without the member that the examples add to show that there may be others.
func plain(data []byte) []byte {
	before, _, found := bytes.Cut(data, []byte(`,"extraData":`))
	if found {
		before = append(bytes.Clone(before), '}')
	}
	return before
}

func verifies(t *testing.T, spki []byte, alg int, message, signature []byte) bool {
	t.Helper()
	sum, sum384 := sha256.Sum256(message), sha512.Sum384(message)
	switch k := must[any](t)(x509.ParsePKIXPublicKey(spki)).(type) {
	case *ecdsa.PublicKey:
		if alg == -35 {
			return ecdsa.VerifyASN1(k, sum384[:], signature)
		}
		return ecdsa.VerifyASN1(k, sum[:], signature)
	case ed25519.PublicKey:
		return ed25519.Verify(k, message, signature)
	case *rsa.PublicKey:
		return rsa.VerifyPKCS1v15(k, crypto.SHA256, sum[:], signature) == nil
	}
	return false
}

// The examples of the prf extension: the same salts, the same secret with the device, the same results.
func TestTheExamplesOfPRF(t *testing.T) {
	type prf struct {
		Name, PlatformKey, AuthenticatorKey string
		Protocol                            int
		Inputs, Results                     []unhexed
		Shared, SaltEnc, OutputEnc          unhexed
	}
	for _, v := range vectors[prf](t, "prf-vectors.json") {
		t.Run(v.Name, func(t *testing.T) {
			own := must[*ecdh.PrivateKey](t)(ecdh.P256().NewPrivateKey(must[[]byte](t)(hex.DecodeString(v.PlatformKey))))
			theirs := must[*ecdh.PrivateKey](t)(ecdh.P256().NewPrivateKey(must[[]byte](t)(hex.DecodeString(v.AuthenticatorKey))))
			s := must[client.Shared](t)(client.Share(v.Protocol, own, theirs.PublicKey(), bytes.NewReader(v.SaltEnc)))
			if !bytes.Equal(s.Secret(), v.Shared) {
				t.Errorf("shared %x", s.Secret())
			}
			var salts []byte
			for _, in := range v.Inputs {
				salts = append(salts, client.SaltOf(in)...)
			}
			sealed, _, err := s.Seal(salts)
			if err != nil || !bytes.Equal(sealed, v.SaltEnc) {
				t.Errorf("salts %x %v", sealed, err)
			}
			first, second, err := s.Open(v.OutputEnc, len(salts))
			got := strings.TrimSuffix(first+" "+second, " ")
			var want []string
			for _, r := range v.Results {
				want = append(want, b64(r))
			}
			if err != nil || got != strings.Join(want, " ") {
				t.Errorf("results %s %v, want %s", got, err, want)
			}
		})
	}
}
