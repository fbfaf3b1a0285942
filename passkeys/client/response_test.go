package client_test

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fxamacker/cbor/v2"

	"signet/passkeys"
	"signet/passkeys/client"
)

// The public key beside the attestation is that of the passkey, in the form that every library reads.
func TestThePublicKeyOfEveryAlgorithm(t *testing.T) {
	for _, alg := range append(passkeys.Algorithms(), passkeys.ExperimentalAlgorithms()...) {
		p := open(t)
		made := p.made(making(object{"pubKeyCredParams": []object{{"type": "public-key", "alg": int(alg)}}}))
		cred := must[[]passkeys.Credential](t)(p.store.Find(context.Background(), "example.com"))[0]
		if want := must[[]byte](t)(cred.Key.SPKI()); made.Response.PublicKey != b64(want) || made.Response.PublicKeyAlgorithm != int(alg) {
			t.Errorf("%d: %d %s, want %s", alg, made.Response.PublicKeyAlgorithm, made.Response.PublicKey, b64(want))
		}
	}
}

// A key that we do not understand has no publicKey in the answer, and all else.
func TestThePublicKeyOfAnAlgorithmThatNobodyKnows(t *testing.T) {
	for name, key := range map[string]map[int]any{
		"another kind":            {1: 99, 3: -65000, -1: []byte("x")},
		"a curve of later":        {1: 2, 3: -65000, -1: 77, -2: make([]byte, 32), -3: make([]byte, 32)},
		"no point of the curve":   {1: 2, 3: -7, -1: 1, -2: make([]byte, 32), -3: make([]byte, 32)},
		"half a point":            {1: 2, 3: -7, -1: 1, -2: make([]byte, 32)},
		"Ed448":                   {1: 1, 3: -65000, -1: 7, -2: make([]byte, 57)},
		"an RSA key of no length": {1: 3, 3: -257, -1: []byte{}, -2: []byte{1, 0, 1}},
		"ML-DSA of no length":     {1: 7, 3: -48, -1: []byte("x")},
	} {
		p := open(t)
		p.device.edit = func(request, answer []byte) []byte {
			if request[0] != 1 {
				return answer
			}
			var m map[int]any
			if err := cbor.Unmarshal(answer[1:], &m); err != nil {
				t.Fatal(err)
			}
			mode := must[cbor.EncMode](t)(cbor.CTAP2EncOptions().EncMode())
			data := m[2].([]byte)
			n := 55 + (int(data[53])<<8 | int(data[54]))
			m[2] = slices.Concat(data[:n], must[[]byte](t)(mode.Marshal(key)))
			return append([]byte{0}, must[[]byte](t)(mode.Marshal(m))...)
		}
		made := p.made(making(nil))
		if made.Response.PublicKey != "" || strings.Contains(string(made.raw), `"publicKey":`) || made.Response.PublicKeyAlgorithm != key[3] {
			t.Errorf("%s: %s", name, made.raw)
		}
	}
}

// The answers have the members of WebAuthn Level 3, section 5.1, in its order, and no others.
func TestTheMembersOfTheAnswers(t *testing.T) {
	p := open(t)
	made, signed := p.made(making(nil)), p.signed(getting(nil))
	for _, c := range []struct {
		raw  []byte
		want string
	}{
		{made.raw, "id rawId response clientDataJSON authenticatorData transports publicKey publicKeyAlgorithm attestationObject authenticatorAttachment " +
			"clientExtensionResults type"},
		{signed.raw, "id rawId response clientDataJSON authenticatorData signature userHandle authenticatorAttachment clientExtensionResults type"},
	} {
		var got []string
		d := json.NewDecoder(strings.NewReader(string(c.raw)))
		for name := false; ; {
			token, err := d.Token()
			if err != nil {
				break
			}
			switch token {
			case json.Delim('{'), json.Delim('}'), json.Delim('['):
				name = true
				continue
			case json.Delim(']'):
				name = true
				continue
			}
			if s, ok := token.(string); ok && name && !slices.Contains([]string{"internal", "usb"}, s) {
				got, name = append(got, s), false
			} else {
				name = true
			}
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s\nwant %s", strings.Join(got, " "), c.want)
		}
	}
}

// How long a site may let people wait: what it says, within half a minute and ten.
func TestTimeOuts(t *testing.T) {
	for ms, want := range map[any]time.Duration{
		nil: 5 * time.Minute, 1: 30 * time.Second, -5: 30 * time.Second, 45_000: 45 * time.Second, 600_000: 10 * time.Minute, 1e18: 10 * time.Minute,
		60_000.5: 60 * time.Second,
	} {
		synctest.Test(t, func(t *testing.T) {
			c, start := client.New(client.Options{Device: silent{}}), time.Now()
			o := getting(object{"timeout": ms})
			_, err := c.Get(context.Background(), client.Caller{Origin: client.Origin{Scheme: "https", Host: "example.com"}}, must[[]byte](t)(json.Marshal(o)))
			fails(t, err, client.NotAllowed, "nobody answered within")
			if took := time.Since(start); took.Round(time.Millisecond) != want.Round(time.Millisecond) {
				t.Errorf("%v: %v, want %v", ms, took, want)
			}
		})
	}
}

// A PIN that is good for other things only does not verify here.
func TestAPINThatIsNotForPasskeys(t *testing.T) {
	p := open(t)
	p.uv = false
	p.setPIN("1234")
	asked := p.pins("1234")
	p.without(4, func(v any) any { v.(map[any]any)["noMcGaPermissionsWithClientPin"] = true; return v })
	_, err := p.create(making(selection("required", "required")))
	fails(t, err, client.Constraint, "nothing here can verify")
	if len(*asked) != 0 {
		t.Error("the PIN was asked for")
	}
}
