package client_test

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"

	"signet/passkeys"
	"signet/passkeys/client"
)

func (p *page) accounts(users ...string) (all []answer) {
	p.t.Helper()
	for _, u := range users {
		all = append(all, p.made(making(object{"user": object{"id": b64([]byte(u)), "name": u, "displayName": "User " + u}})))
	}
	return all
}

func TestThePersonChoosesAmongAccountsAtTheDevice(t *testing.T) {
	p := open(t)
	p.accounts("ada", "bob", "eve")
	p.person.Choose = 1
	if a := p.signed(getting(nil)); a.Response.UserHandle != b64([]byte("bob")) {
		t.Errorf("%+v", a)
	}
}

// A device that cannot ask hands all accounts over, and the client asks.
func TestTheClientAsksWhereTheDeviceCannot(t *testing.T) {
	p := open(t)
	p.accounts("ada", "bob", "eve")
	p.person.Blind = true
	if a := p.signed(getting(nil)); a.Response.UserHandle != b64([]byte("eve")) {
		t.Errorf("nobody to ask: %+v, want the newest", a)
	}
	var offered []passkeys.User
	p.opt.Choose = func(_ context.Context, rpID string, all []passkeys.User) (int, error) {
		offered = all
		if rpID != "example.com" {
			t.Errorf("asked for %s", rpID)
		}
		return 2, nil
	}
	if a := p.signed(getting(object{"userVerification": "required"})); a.Response.UserHandle != b64([]byte("ada")) {
		t.Errorf("%+v", a)
	}
	if len(offered) != 3 || offered[1].Name != "bob" || offered[1].DisplayName != "User bob" {
		t.Errorf("offered %+v", offered)
	}
	p.opt.Choose = func(context.Context, string, []passkeys.User) (int, error) { return 0, errors.New("never mind") }
	_, err := p.get(getting(nil))
	fails(t, err, client.NotAllowed, "no account was chosen: never mind")
	p.opt.Choose = func(context.Context, string, []passkeys.User) (int, error) { return 3, nil }
	_, err = p.get(getting(nil))
	fails(t, err, client.NotAllowed, "no account was chosen")
}

func TestNoPasskeyIsARefusal(t *testing.T) {
	p := open(t)
	_, err := p.get(getting(nil))
	fails(t, err, client.NotAllowed, "there is no passkey here that example.com would take")
	_, err = p.get(getting(object{"allowCredentials": strangers(100, 10)}))
	fails(t, err, client.NotAllowed, "there is no passkey here")
	if len(p.person.Asked) != 0 {
		t.Error("a person was asked for nothing")
	}
}

func TestLongAllowLists(t *testing.T) {
	p := open(t)
	made := p.accounts("ada")[0]
	for _, length := range []int{1, 400} {
		list := append(strangers(70, length), made.descriptor(), made.descriptor())
		if a := p.signed(getting(object{"allowCredentials": list})); a.ID != made.ID {
			t.Errorf("%+v", a)
		}
	}
	if n := p.device.count(2); n > 40 {
		t.Errorf("the device was asked %d times", n)
	}
	if len(p.person.Asked) != 3 {
		t.Errorf("the person was asked %d times", len(p.person.Asked))
	}
}

func TestARefusedSignIn(t *testing.T) {
	p := open(t)
	p.accounts("ada")
	p.person.Refuses = true
	_, err := p.get(getting(nil))
	fails(t, err, client.NotAllowed, "the request of example.com was refused")
}

func TestAFrameOfAnotherOrigin(t *testing.T) {
	p := open(t)
	p.from.CrossOrigin, p.from.Top = true, origin(t, "https://top.example")
	made := p.made(making(nil))
	if data := decoded(t, made.Response.ClientDataJSON); !bytes.HasSuffix(data, []byte(`"crossOrigin":true,"topOrigin":"https://top.example"}`)) {
		t.Errorf("%s", data)
	}
	_, err := p.create(object{"mediation": "conditional", "publicKey": making(nil)})
	fails(t, err, client.NotAllowed, "without being asked")
	p.from.Top = client.Origin{Scheme: "https", Host: "TOP.example"}
	_, err = p.create(making(nil))
	fails(t, err, client.Security, "ASCII form")
}

// Waiting is told when a person is waited for.
func TestWaitingIsTold(t *testing.T) {
	p := open(t)
	var told []bool
	p.opt.Waiting = func(w bool) { told = append(told, w) }
	p.made(making(nil))
	if len(told) != 2 || !told[0] || told[1] {
		t.Errorf("%v", told)
	}
}

// An answer that does not belong to the question is no answer.
func TestAnswersThatMakeNoSense(t *testing.T) {
	type members = map[int]any
	for name, change := range map[string]func(m members){
		"another RP ID":             func(m members) { m[2].([]byte)[0] ^= 1 },
		"nobody there":              func(m members) { m[2].([]byte)[32] &^= 1 },
		"no authenticator data":     func(m members) { delete(m, 2) },
		"short authenticator data":  func(m members) { m[2] = m[2].([]byte)[:36] },
		"something behind it":       func(m members) { m[2] = append(m[2].([]byte), 0) },
		"extensions that are none":  func(m members) { m[2].([]byte)[32] |= 0x80 },
		"a credential that is none": func(m members) { m[2].([]byte)[32] |= 0x40 },
		"no signature":              func(m members) { delete(m, 3) },
		"no credential":             func(m members) { delete(m, 1) },
		"no user":                   func(m members) { delete(m, 4) },
		"a user without handle":     func(m members) { m[4] = map[string]any{"name": "x"} },
		"another kind":              func(m members) { m[3] = "text" },
		"a list":                    func(m members) { m[1] = []int{1} },
	} {
		t.Run(name, func(t *testing.T) {
			p := open(t)
			p.accounts("ada")
			p.device.edit = func(request, answer []byte) []byte {
				if request[0] != 2 {
					return answer
				}
				var m members
				if err := cbor.Unmarshal(answer[1:], &m); err != nil {
					t.Fatal(err)
				}
				change(m)
				return append([]byte{0}, must[[]byte](t)(cbor.Marshal(m))...)
			}
			_, err := p.get(getting(nil))
			fails(t, err, client.NotAllowed, "makes no sense")
		})
	}
}

// The credential may be left out of the answer where only one was named, and another one than those that were named is refused.
func TestWhichCredentialSigned(t *testing.T) {
	p := open(t)
	all := p.accounts("ada", "bob")
	p.device.edit = func(request, answer []byte) []byte {
		if request[0] != 2 {
			return answer
		}
		var m map[int]any
		if err := cbor.Unmarshal(answer[1:], &m); err != nil {
			t.Fatal(err)
		}
		delete(m, 1)
		return append([]byte{0}, must[[]byte](t)(cbor.Marshal(m))...)
	}
	if a := p.signed(getting(object{"allowCredentials": []object{all[0].descriptor()}})); a.ID != all[0].ID {
		t.Errorf("%+v", a)
	}
	p.device.edit = func(request, answer []byte) []byte {
		if request[0] == 2 {
			answer = bytes.Replace(answer, decoded(t, all[0].ID), decoded(t, all[1].ID), 1)
		}
		return answer
	}
	_, err := p.get(getting(object{"allowCredentials": []object{all[0].descriptor()}}))
	fails(t, err, client.NotAllowed, "makes no sense")
}

// silent is a device that never answers while somebody waits.
type silent struct{}

func (silent) Handle(ctx context.Context, _ []byte, _ func(bool)) []byte {
	<-ctx.Done()
	return []byte{byte(passkeys.StatusKeepAliveCancel)}
}

func TestAnAbortEndsTheRequest(t *testing.T) {
	p := open(t)
	p.opt.Device = silent{}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := client.New(p.opt).Get(ctx, p.from, []byte(`{"challenge":"AAAA"}`))
	fails(t, err, client.Abort, "given up")
	ctx, cancel = context.WithDeadline(context.Background(), time.Now().Add(-time.Second))
	defer cancel()
	_, err = client.New(p.opt).Get(ctx, p.from, []byte(`{"challenge":"AAAA"}`))
	fails(t, err, client.Abort, "given up")
}

func TestNoAnswerAtAll(t *testing.T) {
	for _, answer := range [][]byte{nil, {}, {0}, {0, 0xff}, append([]byte{0}, make([]byte, 100<<10)...)} {
		p := open(t)
		p.device.edit = func([]byte, []byte) []byte { return answer }
		_, err := p.create(making(nil))
		fails(t, err, client.NotAllowed, "makes no sense")
	}
}
