package passkeys_test

import (
	"bytes"
	"context"
	"crypto/ecdh"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"testing"
	"time"

	"signet/passkeys"
	"signet/passkeys/passkeystest"
)

type m = map[int]any // parameters of a command
type tm = map[string]any

var hash = bytes.Repeat([]byte{7}, 32) // of the client data

// host is a program that has a key plugged in, with everything behind the key at hand.
type host struct {
	t      testing.TB
	a      *passkeys.Authenticator
	opt    passkeys.Options
	store  *passkeystest.Store
	state  *passkeystest.State
	person *passkeystest.Person
	now    time.Time
	uv     bool
}

func plugged(t testing.TB) *host {
	t.Helper()
	h := &host{
		t: t, store: passkeystest.NewStore(), state: &passkeystest.State{}, person: &passkeystest.Person{}, now: time.Unix(1_800_000_000, 0),
	}
	h.opt = passkeys.Options{
		Store: h.store, State: h.state, Approver: h.person, Now: func() time.Time { return h.now }, Rand: rand.Reader,
		AAGUID: passkeys.AAGUID{1, 2, 3}, WithUV: func() bool { return h.uv },
	}
	h.replug()
	return h
}

// replug takes the key out and in again.
func (h *host) replug() {
	h.t.Helper()
	a, err := passkeys.New(h.opt)
	if err != nil {
		h.t.Fatal(err)
	}
	h.a = a
}

func (h *host) raw(request []byte) (passkeys.Status, []byte) {
	h.t.Helper()
	out := h.a.Handle(context.Background(), request, nil)
	if len(out) == 0 {
		h.t.Fatal("no answer")
	}
	if out[0] != 0 && len(out) > 1 {
		h.t.Fatalf("an error with %d bytes behind it", len(out)-1)
	}
	return passkeys.Status(out[0]), out[1:]
}

// do sends a command and returns its status and its answer.
func (h *host) do(cmd byte, params any) (passkeys.Status, map[int]any) {
	h.t.Helper()
	request := []byte{cmd}
	if params != nil {
		request = append(request, passkeys.Marshal(params)...)
	}
	status, body := h.raw(request)
	if len(body) == 0 {
		return status, nil
	}
	var answer map[int]any
	if err := passkeys.Unmarshal(body, &answer); err != nil {
		h.t.Fatalf("the answer %x: %v", body, err)
	}
	return status, answer
}

// ok is do for what must work.
func (h *host) ok(cmd byte, params any) map[int]any {
	h.t.Helper()
	status, answer := h.do(cmd, params)
	if status != passkeys.StatusOK {
		h.t.Fatalf("command %#x: %v", cmd, status)
	}
	return answer
}

// refused is do for what must not.
func (h *host) refused(name string, want passkeys.Status, cmd byte, params any) {
	h.t.Helper()
	if got, _ := h.do(cmd, params); got != want {
		h.t.Errorf("%s: %v, want %v", name, got, want)
	}
}

// agree makes a shared secret with the key.
func (h *host) agree(p passkeys.PINProtocol) ([]byte, passkeys.AgreementKey) {
	h.t.Helper()
	_, body := h.raw(append([]byte{6}, passkeys.Marshal(m{1: p, 2: 2})...))
	var answer struct {
		Key passkeys.AgreementKey `cbor:"1,keyasint"`
	}
	if err := passkeys.Unmarshal(body, &answer); err != nil {
		h.t.Fatal(err)
	}
	own, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		h.t.Fatal(err)
	}
	shared, err := p.Agree(own, answer.Key)
	if err != nil {
		h.t.Fatal(err)
	}
	return shared, passkeys.AgreementKeyOf(own.PublicKey())
}

func pinHash(pin string) []byte {
	sum := sha256.Sum256([]byte(pin))
	return sum[:16]
}

func padded(pin string) []byte { return append([]byte(pin), make([]byte, 64-len(pin))...) }

func (h *host) settingPIN(p passkeys.PINProtocol, pin string) m {
	h.t.Helper()
	shared, key := h.agree(p)
	sealed := p.Encrypt(shared, padded(pin))
	return m{1: p, 2: 3, 3: key, 4: p.Authenticate(shared, sealed), 5: sealed}
}

func (h *host) changingPIN(p passkeys.PINProtocol, from, to string) m {
	h.t.Helper()
	shared, key := h.agree(p)
	sealed, old := p.Encrypt(shared, padded(to)), p.Encrypt(shared, pinHash(from))
	return m{1: p, 2: 4, 3: key, 4: p.Authenticate(shared, append(bytes.Clone(sealed), old...)), 5: sealed, 6: old}
}

// wanting is a request for a token by PIN; permissions 0 is the old way.
func (h *host) wanting(p passkeys.PINProtocol, pin string, perm passkeys.Permission, rpID string) (m, []byte) {
	h.t.Helper()
	shared, key := h.agree(p)
	r := m{1: p, 2: 9, 3: key, 6: p.Encrypt(shared, pinHash(pin)), 9: perm}
	if rpID != "" {
		r[10] = rpID
	}
	if perm == 0 {
		delete(r, 9)
		r[2] = 5
	}
	return r, shared
}

func (h *host) token(p passkeys.PINProtocol, pin string, perm passkeys.Permission, rpID string) []byte {
	h.t.Helper()
	r, shared := h.wanting(p, pin, perm, rpID)
	token, err := p.Decrypt(shared, h.ok(6, r)[2].([]byte))
	if err != nil {
		h.t.Fatal(err)
	}
	return token
}

// protect sets the PIN 1234.
func (h *host) protect() { h.t.Helper(); h.ok(6, h.settingPIN(passkeys.PINTwo, "1234")) }

// making is a request for a credential, with what else it has.
func making(rpID, user string, more m) m {
	r := m{
		1: hash, 2: tm{"id": rpID, "name": "The site"}, 3: tm{"id": []byte(user), "name": user, "displayName": "User " + user},
		4: []any{tm{"alg": -7, "type": "public-key"}},
	}
	for k, v := range more {
		r[k] = v
	}
	return r
}

var rk = tm{"rk": true}

// getting is a request for an assertion.
func getting(rpID string, more m) m {
	r := m{1: rpID, 2: hash}
	for k, v := range more {
		r[k] = v
	}
	return r
}

func list(ids ...[]byte) []any {
	var l []any
	for _, id := range ids {
		l = append(l, tm{"id": id, "type": "public-key"})
	}
	return l
}

// with adds the proof of a token to a request whose message is the hash of the client data.
func with(r m, at int, p passkeys.PINProtocol, token []byte) m {
	r[at], r[at+1] = p.Authenticate(token, hash), p
	return r
}

// parsed is authenticator data taken apart.
type parsed struct {
	flags      passkeys.Flags
	counter    uint32
	id         []byte
	extensions map[string]any
}

func parse(t testing.TB, answer map[int]any, at int) parsed {
	t.Helper()
	b := answer[at].([]byte)
	p := parsed{flags: passkeys.Flags(b[32]), counter: binary.BigEndian.Uint32(b[33:37])}
	b = b[37:]
	if p.flags&passkeys.FlagAT != 0 {
		n := int(b[16])<<8 | int(b[17])
		p.id, b = b[18:18+n], b[18+n:]
		for n := range b { // the key ends where the extensions begin
			if passkeys.Canonical(b[:n+1]) == nil {
				b = b[n+1:]
				break
			}
		}
	}
	if p.flags&passkeys.FlagED != 0 {
		if err := passkeys.Unmarshal(b, &p.extensions); err != nil {
			t.Fatal(err)
		}
	} else if len(b) != 0 {
		t.Fatalf("%x behind authenticator data", b)
	}
	return p
}

// register makes a credential and returns its id.
func (h *host) register(rpID, user string, more m) []byte {
	h.t.Helper()
	return parse(h.t, h.ok(1, making(rpID, user, more)), 2).id
}
