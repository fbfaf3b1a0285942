package passkeys_test

import (
	"context"
	"fmt"
	"testing"

	"signet/passkeys"
)

func TestHandleRefuses(t *testing.T) {
	t.Parallel()
	h := plugged(t)
	for name, c := range map[string]struct {
		request []byte
		want    passkeys.Status
	}{
		"nothing":                    {nil, passkeys.StatusInvalidLength},
		"an unknown command":         {[]byte{0x3f}, passkeys.StatusInvalidCommand},
		"fingerprints":               {[]byte{0x09}, passkeys.StatusInvalidCommand},
		"parameters nobody wants":    {[]byte{4, 0xa0}, passkeys.StatusInvalidLength},
		"no parameters":              {[]byte{1}, passkeys.StatusInvalidCBOR},
		"parameters out of order":    {[]byte{6, 0xa2, 2, 1, 1, 1}, passkeys.StatusInvalidCBOR},
		"something behind":           {[]byte{6, 0xa1, 2, 1, 0}, passkeys.StatusInvalidCBOR},
		"a list instead of a map":    {[]byte{6, 0x80}, passkeys.StatusCBORUnexpectedType},
		"more than a message can be": {make([]byte, passkeys.MaxMsgSize+1), passkeys.StatusRequestTooLarge},
	} {
		if got, _ := h.raw(c.request); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestHandleAfterTheEnd(t *testing.T) {
	t.Parallel()
	h := plugged(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if out := h.a.Handle(ctx, append([]byte{1}, passkeys.Marshal(making("a.example", "u", m{7: rk}))...), nil); passkeys.Status(out[0]) != passkeys.StatusKeepAliveCancel {
		t.Errorf("%x", out)
	}
}

// FuzzHandle: whatever comes, the answer is a status, and behind a good one canonical CBOR or nothing.
func FuzzHandle(f *testing.F) {
	h := plugged(f)
	for i := range 5 {
		h.register("a.example", fmt.Sprint("user", i), m{7: rk, 6: tm{"hmac-secret": true, "largeBlobKey": true, "credBlob": []byte("x"), "credProtect": 1 + i%3}})
	}
	id := h.register("a.example", "u", nil)
	h.protect()
	h.person.Blind = true
	for cmd, params := range map[byte][]any{
		1:  {making("a.example", "v", m{5: list(id), 6: tm{"hmac-secret": true, "credProtect": 2}, 7: rk, 8: hash, 9: 2, 11: []string{"none"}})},
		2:  {getting("a.example", m{3: list(id), 5: tm{"up": false}}), getting("a.example", m{4: tm{"credBlob": true, "largeBlobKey": true}})},
		6:  {m{1: 2, 2: 1}, m{1: 1, 2: 2}, h.settingPIN(passkeys.PINTwo, "1234"), h.changingPIN(passkeys.PINOne, "1234", "4321")},
		10: {managing(passkeys.PINTwo, hash, 4, m{1: hash}), m{1: 3}, m{1: 5}},
		12: {m{1: 100, 3: 0}, writing(hash, summed(hash), 0, 48)},
		13: {configuring(hash, 3, m{1: 6, 2: []string{"a.example"}, 3: true})},
	} {
		for _, p := range params {
			f.Add(append([]byte{cmd}, passkeys.Marshal(p)...))
		}
	}
	for _, cmd := range []byte{4, 7, 8, 11} {
		f.Add([]byte{cmd})
	}
	f.Fuzz(func(t *testing.T, request []byte) {
		out := h.a.Handle(context.Background(), request, nil)
		switch {
		case len(out) == 0, out[0] != 0 && len(out) != 1:
			t.Errorf("%x answered %x", request, out)
		case len(out) > 1 && passkeys.Canonical(out[1:]) != nil:
			t.Errorf("%x answered %x, which is not canonical", request, out)
		}
	})
}

// crowded is a key with ten thousand passkeys.
func crowded(b *testing.B) *host {
	b.Helper()
	h := plugged(b)
	key, err := passkeys.NewKey(passkeys.ES256, h.opt.Rand)
	if err != nil {
		b.Fatal(err)
	}
	for i := range 10_000 {
		c := passkeys.Credential{
			ID: fmt.Appendf(nil, "id %d", i), RPID: fmt.Sprintf("site%d.example", i), User: passkeys.User{ID: []byte("u")}, Key: key, Discoverable: true,
		}
		if err := h.store.Put(b.Context(), c); err != nil {
			b.Fatal(err)
		}
	}
	return h
}

func BenchmarkMakeCredential(b *testing.B) {
	h := crowded(b)
	request := append([]byte{1}, passkeys.Marshal(making("site77.example", "u", m{7: rk}))...)
	for b.Loop() {
		h.raw(request)
	}
}

func BenchmarkGetAssertion(b *testing.B) {
	h := crowded(b)
	request := append([]byte{2}, passkeys.Marshal(getting("site77.example", nil))...)
	for b.Loop() {
		h.raw(request)
	}
}
