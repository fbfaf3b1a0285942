package client_test

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"signet/passkeys"
	"signet/passkeys/client"
	"signet/passkeys/passkeystest"
)

// page is a site in a browser that has Signet, with everything behind it at hand.
type page struct {
	t      testing.TB
	opt    client.Options
	device *tap
	store  *passkeystest.Store
	state  *passkeystest.State
	person *passkeystest.Person
	uv     bool
	from   client.Caller
}

// tap is a device that remembers what it was asked.
type tap struct {
	a    *passkeys.Authenticator
	sent [][]byte
	edit func(request, answer []byte) []byte
}

func (d *tap) Handle(ctx context.Context, request []byte, waiting func(bool)) []byte {
	d.sent = append(d.sent, append([]byte{}, request...))
	answer := d.a.Handle(ctx, request, waiting)
	if d.edit != nil {
		answer = d.edit(request, answer)
	}
	return answer
}

// count is how often a command was sent.
func (d *tap) count(cmd byte) (n int) {
	for _, r := range d.sent {
		if r[0] == cmd {
			n++
		}
	}
	return n
}

func open(t testing.TB) *page {
	t.Helper()
	p := &page{t: t, store: passkeystest.NewStore(), state: &passkeystest.State{}, person: &passkeystest.Person{}, uv: true}
	a, err := passkeys.New(passkeys.Options{
		Store: p.store, State: p.state, Approver: p.person, Now: time.Now, Rand: rand.Reader, AAGUID: passkeys.Signet,
		WithUV: func() bool { return p.uv }, Transports: []string{"usb", "internal"}, Experimental: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	p.device = &tap{a: a}
	p.opt.Device = p.device
	p.from.Origin = origin(t, "https://login.example.com")
	return p
}

func origin(t testing.TB, s string) client.Origin {
	t.Helper()
	o, err := client.ParseOrigin(s)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

type object = map[string]any

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// making is a site's options, with what else they have; nil takes a member away.
func making(more object) object {
	o := object{
		"rp": object{"id": "example.com", "name": "Example"}, "user": object{"id": b64([]byte("u1")), "name": "ada", "displayName": "Ada"},
		"challenge": b64([]byte("0123456789abcdef")), "pubKeyCredParams": []object{{"type": "public-key", "alg": -7}},
		"authenticatorSelection": object{"residentKey": "required"},
	}
	return with(o, more)
}

func getting(more object) object {
	return with(object{"rpId": "example.com", "challenge": b64([]byte("0123456789abcdef"))}, more)
}

func with(o, more object) object {
	for k, v := range more {
		if o[k] = v; v == nil {
			delete(o, k)
		}
	}
	return o
}

// answer is a response with its parts decoded.
type answer struct {
	ID       string
	Response struct {
		ClientDataJSON, AuthenticatorData, AttestationObject, Signature, UserHandle, PublicKey string
		Transports                                                                             []string
		PublicKeyAlgorithm                                                                     int
	}
	AuthenticatorAttachment string
	ClientExtensionResults  object
	Type                    string
	raw                     []byte
}

func (p *page) create(o object) (answer, error) {
	p.t.Helper()
	return p.run((*client.Client).Create, o)
}
func (p *page) get(o object) (answer, error) { p.t.Helper(); return p.run((*client.Client).Get, o) }

func (p *page) run(f func(*client.Client, context.Context, client.Caller, []byte) ([]byte, error), o any) (a answer, err error) {
	p.t.Helper()
	in, err := json.Marshal(o)
	if err != nil {
		p.t.Fatal(err)
	}
	out, err := f(client.New(p.opt), context.Background(), p.from, in)
	if err != nil {
		if !errors.As(err, new(*client.Error)) {
			p.t.Fatalf("%T is no *client.Error: %v", err, err)
		}
		return a, err
	}
	if err := json.Unmarshal(out, &a); err != nil {
		p.t.Fatalf("%s: %v", out, err)
	}
	a.raw = out
	return a, nil
}

func must[T any](t testing.TB) func(v T, err error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func (p *page) made(o object) answer   { p.t.Helper(); return must[answer](p.t)(p.create(o)) }
func (p *page) signed(o object) answer { p.t.Helper(); return must[answer](p.t)(p.get(o)) }

func (a answer) authData(t testing.TB) []byte {
	t.Helper()
	return must[[]byte](t)(base64.RawURLEncoding.DecodeString(a.Response.AuthenticatorData))
}

func (a answer) flags(t testing.TB) passkeys.Flags {
	t.Helper()
	return passkeys.Flags(a.authData(t)[32])
}

func (a answer) descriptor() object { return object{"type": "public-key", "id": a.ID} }

// fails wants a refusal of that name, with a reason that holds the words.
func fails(t testing.TB, err error, name, words string) {
	t.Helper()
	var e *client.Error
	if !errors.As(err, &e) {
		t.Fatalf("%v, want %s", err, name)
	}
	if e.Name != name || !contains(e.Reason, words) {
		t.Errorf("%s: %s\nwant %s: …%s…", e.Name, e.Reason, name, words)
	}
}

func contains(s, words string) bool {
	for i := 0; i+len(words) <= len(s); i++ {
		if s[i:i+len(words)] == words {
			return true
		}
	}
	return false
}

func decoded(t testing.TB, s string) []byte {
	t.Helper()
	return must[[]byte](t)(base64.RawURLEncoding.DecodeString(s))
}
