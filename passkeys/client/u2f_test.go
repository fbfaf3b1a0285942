package client_test

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"testing"
	"time"

	"signet/passkeys"
	"signet/passkeys/client"
)

// A key that a site registered when there was only U2F signs in through WebAuthn, under its AppID, and is not registered a second time.
func TestARegistrationByU2F(t *testing.T) {
	const appID = "https://example.com/app-id.json"
	p := open(t)
	a := must[*passkeys.Authenticator](t)(passkeys.New(passkeys.Options{
		Store: p.store, State: p.state, Approver: p.person, Now: time.Now, Rand: rand.Reader, U2F: true, WithUV: func() bool { return true },
	}))
	p.device.a = a
	app := sha256.Sum256([]byte(appID))
	apdu := append([]byte{0, 1, 3, 0, 0, 0, 64}, make([]byte, 32)...)
	apdu = append(append(apdu, app[:]...), 0, 0)
	var out []byte
	for range 200 { // it answers "nobody there yet" until the person said yes
		if out = a.Message(context.Background(), apdu, nil); len(out) > 2 {
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	if len(out) < 67 {
		t.Fatalf("%x", out)
	}
	handle := out[67 : 67+int(out[66])]
	list := object{"allowCredentials": []object{{"type": "public-key", "id": b64(handle)}}}

	signed := p.signed(getting(with(ext(object{"appid": appID}), list)))
	if signed.ID != b64(handle) || signed.ClientExtensionResults["appid"] != true || string(signed.authData(t)[:32]) != string(app[:]) {
		t.Errorf("%s", signed.raw)
	}
	_, err := p.get(getting(list))
	fails(t, err, client.NotAllowed, "no passkey here")
	again := making(with(ext(object{"appidExclude": appID}), object{"excludeCredentials": list["allowCredentials"]}))
	for name, edit := range map[string]func(request, answer []byte) []byte{
		"by the command for that": nil,
		"by a signature": func(request, answer []byte) []byte {
			if request[0] == 0x0b {
				answer = []byte{byte(passkeys.StatusInvalidCommand)}
			}
			return answer
		},
	} {
		p.device.edit, p.person.Refuses = edit, false
		asked := len(p.person.Asked)
		_, err = p.create(again)
		fails(t, err, client.InvalidState, "already")
		if len(p.person.Asked) == asked {
			t.Errorf("%s: nobody was asked", name)
		}
		p.person.Refuses = true
		_, err = p.create(again)
		fails(t, err, client.NotAllowed, "refused")
	}
}
