package client_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"

	"signet/passkeys"
)

// ceremony is one registration or sign-in as a site sees it: what it asked, what came back, and whether it is to be taken. Sites of others judge them.
type ceremony struct {
	Name      string          `json:"name"`
	Create    bool            `json:"create"`
	Take      bool            `json:"-"`
	Loose     bool            `json:"-"` // a lenient reader takes it for what it was before, and rightly
	Challenge string          `json:"challenge"`
	Origin    string          `json:"origin"`
	RPID      string          `json:"rpId"`
	UV        bool            `json:"uv"` // the site insists
	Alg       int             `json:"alg"`
	Response  json.RawMessage `json:"response"`
	Stored    *stored         `json:"stored,omitempty"` // a sign-in: what the site kept
	User      string          `json:"user"`
	Want      told            `json:"-"` // what the site has to read in it
}

// stored is what a site keeps of a registration.
type stored struct {
	ID        string `json:"id"`
	PublicKey string `json:"publicKey"`
	Counter   uint32 `json:"counter"`
	BE        bool   `json:"be"`
}

// told is what a site learns.
type told struct {
	Format  string `json:"format"`
	UV      bool   `json:"uv"`
	BE      bool   `json:"be"`
	BS      bool   `json:"bs"`
	Counter uint32 `json:"counter"`
}

// kinds are the passkeys that all sites have to take.
type kind struct {
	alg     passkeys.Algorithm
	attest  string
	binding passkeys.Binding
	uv      bool
	listed  bool // not discoverable: the site names it
}

func (k kind) String() string {
	binding := map[passkeys.Binding]string{passkeys.Synced: "synced", passkeys.Device: "device-bound"}[k.binding]
	return fmt.Sprintf("%d %s %s uv=%v listed=%v", k.alg, k.attest, binding, k.uv, k.listed)
}

func kinds() (all []kind) {
	for _, alg := range append(passkeys.Algorithms(), passkeys.ExperimentalAlgorithms()...) {
		for _, attest := range []string{"none", "direct"} {
			for _, b := range []passkeys.Binding{passkeys.Synced, passkeys.Device} {
				for _, uv := range []bool{true, false} {
					for _, listed := range []bool{true, false} {
						all = append(all, kind{alg, attest, b, uv, listed})
					}
				}
			}
		}
	}
	return all
}

// ceremonies are made once for all judges: every kind of passkey, keys that were imported, and everything that a site must not take.
var ceremonies = sync.OnceValue(func() []ceremony {
	var all []ceremony
	for _, k := range kinds() {
		all = append(all, registered(k)...)
	}
	for _, alg := range []passkeys.Algorithm{passkeys.ES256, passkeys.ES384, passkeys.EdDSA, passkeys.RS256} {
		for _, counter := range []uint32{0, 41} {
			all = append(all, imported(alg, counter, false, false))
		}
		all = append(all, imported(alg, 0, true, true), imported(alg, 0, true, false))
	}
	return append(all, tampered(all)...)
})

// site makes a page whose device makes passkeys as k says. The testing.T of the first judge is gone when the second comes, so failures panic.
func site(k kind) *page {
	p := open(panics{})
	p.uv = k.uv
	p.person.Binding = k.binding
	return p
}

// panics is a testing.TB for what runs outside of one test.
type panics struct{ testing.TB }

func (panics) Helper()                   {}
func (panics) Fatal(args ...any)         { panic(fmt.Sprint(args...)) }
func (panics) Fatalf(f string, a ...any) { panic(fmt.Sprintf(f, a...)) }

func (k kind) wishes() (rk, uv string) {
	rk, uv = "required", "discouraged"
	if k.listed {
		rk = "discouraged"
	}
	if k.uv {
		uv = "required"
	}
	return rk, uv
}

// registered registers and signs in twice: the second time the counter must have gone on or stayed at 0.
func registered(k kind) []ceremony {
	p := site(k)
	rk, uv := k.wishes()
	challenge := b64([]byte("register " + k.String() + strings.Repeat(" ", 16)))
	made := p.made(making(object{
		"challenge": challenge, "attestation": k.attest, "pubKeyCredParams": []object{{"type": "public-key", "alg": int(k.alg)}},
		"authenticatorSelection": object{"residentKey": rk, "userVerification": uv},
	}))
	synced := k.binding == passkeys.Synced && !k.listed || k.listed && made.flags(panics{})&passkeys.FlagBE != 0
	want := told{Format: "none", UV: k.uv, BE: synced, BS: synced}
	if k.attest == "direct" {
		want.Format = "packed"
	}
	c := ceremony{
		Name: "register " + k.String(), Create: true, Take: true, Challenge: challenge, Origin: p.from.Origin.String(), RPID: "example.com", UV: k.uv,
		Alg: int(k.alg), Response: raw(made), User: "u1", Want: want,
	}
	kept := &stored{ID: made.ID, PublicKey: b64(keyOf(made)), BE: synced}
	all := []ceremony{c}
	for _, named := range []bool{true, k.listed} {
		all = append(all, p.login(k, kept, named))
	}
	return all
}

func (p *page) login(k kind, kept *stored, named bool) ceremony {
	_, uv := k.wishes()
	c := ceremony{
		Name: fmt.Sprintf("sign in %s named=%v", k, named), Take: true, Challenge: b64([]byte("sign in, thirty-two bytes or more")), Origin: p.from.Origin.String(),
		RPID: "example.com", UV: k.uv, Alg: int(k.alg), Stored: kept, User: "u1", Want: told{UV: k.uv, BE: kept.BE, BS: kept.BE},
	}
	options := getting(object{"challenge": c.Challenge, "userVerification": uv})
	if named {
		options["allowCredentials"] = []object{{"type": "public-key", "id": kept.ID, "transports": []string{"usb"}}}
	}
	c.Response = raw(p.signed(options))
	return c
}

// imported signs in with a key that came from somewhere else, the only way for RSA to come in.
func imported(alg passkeys.Algorithm, counter uint32, be, bs bool) ceremony {
	p := open(panics{})
	key, err := passkeys.ParseKey(foreignKey(alg))
	if err != nil {
		panic(err)
	}
	id := []byte(fmt.Sprintf("imported %d %d %v %v", alg, counter, be, bs))
	cred := passkeys.Credential{
		ID: id, RPID: "example.com", User: passkeys.User{ID: []byte("u1"), Name: "ada"}, Key: key, Counter: counter, Binding: passkeys.Synced,
		BE: be, BS: bs, Discoverable: true, Created: time.Unix(1_700_000_000, 0),
	}
	if err := p.store.Put(context.Background(), cred); err != nil {
		panic(err)
	}
	kept := &stored{ID: b64(id), PublicKey: b64(key.PublicKey()), Counter: counter, BE: be}
	c := p.login(kind{alg: alg, uv: true, binding: passkeys.Device}, kept, true)
	c.Name = fmt.Sprintf("sign in with an imported key %d counter %d be=%v bs=%v", alg, counter, be, bs)
	c.Want.BS = bs
	if counter != 0 {
		c.Want.Counter = counter + 1
	}
	return c
}

func foreignKey(alg passkeys.Algorithm) []byte {
	var key any
	var err error
	switch alg {
	case passkeys.RS256:
		key, err = rsa.GenerateKey(rand.Reader, 2048)
	case passkeys.EdDSA:
		_, key, err = ed25519.GenerateKey(rand.Reader)
	case passkeys.ES384:
		key, err = ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	default:
		key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	}
	if err != nil {
		panic(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		panic(err)
	}
	return der
}

// raw is a response as it came.
func raw(a answer) json.RawMessage { return a.raw }

// keyOf is the COSE key in the authenticator data of a registration.
func keyOf(a answer) []byte {
	b := a.authData(panics{})[37+16:]
	b = b[2+(int(b[0])<<8|int(b[1])):]
	var key cbor.RawMessage
	if _, err := cbor.UnmarshalFirst(b, &key); err != nil {
		panic(err)
	}
	return key
}

// edited is a response with one member of its inner object replaced.
func edited(response json.RawMessage, member string, f func([]byte) []byte) json.RawMessage {
	var o map[string]any
	if err := json.Unmarshal(response, &o); err != nil {
		panic(err)
	}
	inner := o["response"].(map[string]any)
	old, err := base64.RawURLEncoding.DecodeString(inner[member].(string))
	if err != nil {
		panic(err)
	}
	inner[member] = b64(f(slices.Clone(old)))
	out, err := json.Marshal(o)
	if err != nil {
		panic(err)
	}
	return out
}

// postQuantum reports whether the algorithm is one that hardly any site knows yet.
func (c ceremony) postQuantum() bool {
	return slices.Contains(passkeys.ExperimentalAlgorithms(), passkeys.Algorithm(c.Alg))
}

// size is how long a member is.
func size(response json.RawMessage, member string) (n int) {
	edited(response, member, func(b []byte) []byte { n = len(b); return b })
	return n
}

func flip(at int) func([]byte) []byte {
	return func(b []byte) []byte { b[at] ^= 1; return b }
}

// inAttestation takes an attestation object apart and puts it together again.
func inAttestation(f func(format *string, statement map[string]any, data []byte)) func([]byte) []byte {
	return func(b []byte) []byte {
		var o struct {
			Format    string         `cbor:"fmt"`
			Statement map[string]any `cbor:"attStmt"`
			Data      []byte         `cbor:"authData"`
		}
		if err := cbor.Unmarshal(b, &o); err != nil {
			panic(err)
		}
		f(&o.Format, o.Statement, o.Data)
		mode, err := cbor.CTAP2EncOptions().EncMode()
		if err != nil {
			panic(err)
		}
		out, err := mode.Marshal(o)
		if err != nil {
			panic(err)
		}
		return out
	}
}
