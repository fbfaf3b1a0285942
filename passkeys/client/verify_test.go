package client_test

import (
	"context"
	"crypto/ecdh"
	"crypto/rand"
	"errors"
	"testing"

	"github.com/fxamacker/cbor/v2"

	"signet/passkeys"
	"signet/passkeys/client"
	"signet/vault/secret"
)

// setPIN gives the device a PIN, as a settings program does.
func (p *page) setPIN(pin string) {
	p.t.Helper()
	mode := must[cbor.EncMode](p.t)(cbor.CTAP2EncOptions().EncMode())
	answer := p.device.a.Handle(context.Background(), append([]byte{6}, must[[]byte](p.t)(mode.Marshal(map[int]any{1: 2, 2: 2}))...), nil)
	var key struct {
		Key struct {
			X []byte `cbor:"-2,keyasint"`
			Y []byte `cbor:"-3,keyasint"`
		} `cbor:"1,keyasint"`
	}
	if err := cbor.Unmarshal(answer[1:], &key); err != nil {
		p.t.Fatal(err)
	}
	theirs := must[*ecdh.PublicKey](p.t)(ecdh.P256().NewPublicKey(append(append([]byte{4}, key.Key.X...), key.Key.Y...)))
	own := must[*ecdh.PrivateKey](p.t)(ecdh.P256().GenerateKey(rand.Reader))
	sealed, tag, err := must[client.Shared](p.t)(client.Share(2, own, theirs, rand.Reader)).Seal(append([]byte(pin), make([]byte, 64-len(pin))...))
	if err != nil {
		p.t.Fatal(err)
	}
	pub := own.PublicKey().Bytes()
	request := must[[]byte](p.t)(mode.Marshal(map[int]any{
		1: 2, 2: 3, 3: map[int]any{1: 2, 3: -25, -1: 1, -2: pub[1:33], -3: pub[33:]}, 4: tag, 5: sealed,
	}))
	if answer := p.device.a.Handle(context.Background(), append([]byte{6}, request...), nil); answer[0] != 0 {
		p.t.Fatalf("set the PIN: %v", passkeys.Status(answer[0]))
	}
}

// pins answers with one PIN after the other, and remembers what was asked.
func (p *page) pins(all ...string) *[]client.PINAsk {
	var asked []client.PINAsk
	p.opt.PIN = func(_ context.Context, ask client.PINAsk) (secret.Secret, error) {
		asked = append(asked, ask)
		if len(asked) > len(all) {
			return secret.Secret{}, errors.New("nobody there")
		}
		return secret.FromString(all[len(asked)-1]), nil
	}
	return &asked
}

func selection(rk, uv string) object {
	return object{"authenticatorSelection": object{"residentKey": rk, "userVerification": uv}}
}

// What the site wishes, what the device can, and what comes of it.
func TestUserVerification(t *testing.T) {
	for _, c := range []struct {
		name    string
		builtIn bool
		pin     bool
		asks    bool // there is somebody to ask for the PIN
		rk, uv  string
		want    bool   // verified
		error   string // or refused
		words   string
	}{
		{"required, built in", true, false, false, "required", "required", true, "", ""},
		{"required, by PIN", false, true, true, "required", "required", true, "", ""},
		{"required, built in goes before the PIN", true, true, true, "required", "required", true, "", ""},
		{"required, nothing there", false, false, true, "required", "required", false, client.Constraint, "nothing here can verify"},
		{"required, nobody to ask", false, true, false, "required", "required", false, client.Constraint, "PIN cannot be asked for"},
		{"preferred, built in", true, false, false, "discouraged", "preferred", true, "", ""},
		{"preferred, by PIN", false, true, true, "discouraged", "preferred", true, "", ""},
		{"preferred, nothing there", false, false, true, "required", "preferred", false, "", ""},
		{"preferred, nobody to ask", false, true, false, "discouraged", "preferred", false, "", ""},
		{"discouraged, built in", true, false, false, "discouraged", "discouraged", false, "", ""},
		{"discouraged, nothing there", false, false, false, "required", "discouraged", false, "", ""},
		{"discouraged, but the device insists", true, false, false, "required", "discouraged", true, "", ""},
		{"discouraged, the device insists and nobody is to ask", false, true, false, "required", "discouraged", false, client.NotAllowed, "PIN cannot be asked for"},
		{"unknown is preferred", true, false, false, "discouraged", "sometimes", true, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := open(t)
			p.uv = c.builtIn
			if c.pin {
				p.setPIN("1234")
			}
			var asked *[]client.PINAsk
			if c.asks {
				asked = p.pins("1234")
			}
			made, err := p.create(making(selection(c.rk, c.uv)))
			if c.error != "" {
				fails(t, err, c.error, c.words)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := made.flags(t)&passkeys.FlagUV != 0; got != c.want {
				t.Errorf("verified: %v", got)
			}
			if asked != nil && len(*asked) != 0 && c.builtIn {
				t.Error("asked for the PIN although the device verifies by itself")
			}
			if len(p.person.Asked) != 1 {
				t.Errorf("the person was asked %d times", len(p.person.Asked))
			}
		})
	}
}

func TestAWrongPINIsAskedForAgain(t *testing.T) {
	p := open(t)
	p.uv = false
	p.setPIN("1234")
	asked := p.pins("0000", "1111", "1234")
	p.made(making(nil))
	want := []client.PINAsk{{RPID: "example.com", Retries: 8}, {RPID: "example.com", Wrong: true, Retries: 7}, {RPID: "example.com", Wrong: true, Retries: 6}}
	for i := range want {
		if i >= len(*asked) || (*asked)[i] != want[i] {
			t.Fatalf("asked %+v, want %+v", *asked, want)
		}
	}
}

func TestThreeWrongPINsEnd(t *testing.T) {
	p := open(t)
	p.uv = false
	p.setPIN("1234")
	p.pins("0000", "1111", "2222", "1234")
	_, err := p.create(making(nil))
	fails(t, err, client.NotAllowed, "wrong three times")
}

func TestNoPINIsARefusal(t *testing.T) {
	p := open(t)
	p.uv = false
	p.setPIN("1234")
	p.pins()
	_, err := p.create(making(nil))
	fails(t, err, client.NotAllowed, "the PIN was not given: nobody there")
}

// The PIN is normalised as CTAP 2.1, section 6.5.1, says: the same letters by other code points are the same PIN.
func TestThePINIsNormalised(t *testing.T) {
	p := open(t)
	p.uv = false
	p.setPIN("caf\u00e9")
	p.pins("cafe\u0301")
	p.made(making(nil))
}

// A verification by the device that fails leaves the PIN.
func TestThePINIsTheWayOnAfterTheDevicesOwnVerification(t *testing.T) {
	p := open(t)
	p.setPIN("1234")
	p.pins("1234", "1234")
	p.person.Unable = true
	made := p.made(making(selection("required", "required")))
	signed := p.signed(getting(object{"userVerification": "required"}))
	if made.flags(t)&passkeys.FlagUV == 0 || signed.flags(t)&passkeys.FlagUV == 0 {
		t.Error("not verified")
	}
}

func TestAFailedVerificationWithoutAPINIsARefusal(t *testing.T) {
	p := open(t)
	p.person.Unable = true
	_, err := p.create(making(selection("required", "required")))
	fails(t, err, client.NotAllowed, "verify who you are")
}

// alwaysUv outweighs what the site says.
func TestADeviceThatAlwaysVerifies(t *testing.T) {
	p := open(t)
	p.state.Memory.AlwaysUV = true
	if made := p.made(making(selection("discouraged", "discouraged"))); made.flags(t)&passkeys.FlagUV == 0 {
		t.Error("not verified")
	}
	p.uv = false
	_, err := p.create(making(selection("discouraged", "discouraged")))
	fails(t, err, client.NotAllowed, "wants to verify")
}

// A device that says that it verified and did not is found out.
func TestAnAnswerWithoutTheVerificationIsRefused(t *testing.T) {
	p := open(t)
	p.made(making(nil))
	p.device.edit = func(request, answer []byte) []byte {
		if request[0] == 2 {
			answer = unverified(t, answer)
		}
		return answer
	}
	_, err := p.get(getting(object{"userVerification": "required"}))
	fails(t, err, client.NotAllowed, "did not verify")
}

func unverified(t *testing.T, answer []byte) []byte {
	t.Helper()
	var m map[int]any
	if err := cbor.Unmarshal(answer[1:], &m); err != nil {
		t.Fatal(err)
	}
	m[2].([]byte)[32] &^= byte(passkeys.FlagUV)
	return append([]byte{0}, must[[]byte](t)(cbor.Marshal(m))...)
}
