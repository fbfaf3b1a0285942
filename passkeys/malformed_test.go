package passkeys_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"signet/passkeys"
)

// whole is one request of every command with everything in it, and the status that it gets as it is.
func whole(h *host) map[string]struct {
	cmd    byte
	params any
	want   passkeys.Status
} {
	h.t.Helper()
	in, _ := h.salting(passkeys.PINTwo, hash)
	id := h.register("a.example", "u", m{6: tm{"hmac-secret": true}})
	algorithms := []any{tm{"alg": -65535, "type": "public-key"}, tm{"alg": -7, "type": "public-key"}}
	return map[string]struct {
		cmd    byte
		params any
		want   passkeys.Status
	}{
		"makeCredential": {1, making("a.example", "v", m{
			4: algorithms, 5: list([]byte("other")), 7: tm{"rk": true, "up": true}, 11: []string{"packed"},
			6: tm{"credBlob": []byte("x"), "credProtect": 2, "hmac-secret": true, "hmac-secret-mc": in, "largeBlobKey": true, "minPinLength": true},
		}), passkeys.StatusOK},
		"makeCredential, a proof": {1, making("a.example", "v", m{8: hash, 9: 2}), passkeys.StatusPINAuthInvalid},
		"makeCredential, enterprise": {
			1, making("a.example", "v", m{10: 1}), passkeys.StatusInvalidParameter,
		},
		"getAssertion": {2, getting("a.example", m{
			3: list(id), 4: tm{"credBlob": true, "hmac-secret": in, "largeBlobKey": true}, 5: tm{"up": true},
		}), passkeys.StatusOK},
		"getAssertion, a proof": {2, getting("a.example", m{6: hash, 7: 1}), passkeys.StatusPINAuthInvalid},
		"setPIN":                {6, h.settingPIN(passkeys.PINTwo, "1234"), passkeys.StatusOK},
		"getPinToken":           {6, m{1: 1, 2: 9, 3: h.settingPIN(passkeys.PINOne, "1234")[3], 6: hash, 9: 1, 10: "a.example"}, passkeys.StatusPINNotSet},
		"management":            {10, m{1: 6, 2: m{1: hash, 2: tm{"id": id, "type": "public-key"}, 3: tm{"id": hash, "name": "n", "displayName": "d"}}, 3: 2, 4: hash}, passkeys.StatusPINAuthInvalid},
		"large blobs":           {12, m{1: 100, 3: 0}, passkeys.StatusOK},
		"large blobs, writing": {
			12, m{2: summed([]byte{0x80}), 3: 0, 4: 17, 5: hash, 6: 2}, passkeys.StatusOK,
		},
		"config": {13, m{1: 3, 2: m{1: 4, 2: []string{"a.example"}, 3: false, 4: false}, 3: 2, 4: hash}, passkeys.StatusPINAuthInvalid},
	}
}

// TestTruncated: no beginning of a request is a request; nobody is asked and nothing is kept.
func TestTruncated(t *testing.T) {
	t.Parallel()
	h := plugged(t)
	for name, c := range whole(h) {
		request := append([]byte{c.cmd}, passkeys.Marshal(c.params)...)
		before := h.snapshot()
		for n := 1; n < len(request); n++ {
			if status, _ := h.raw(request[:n]); status != passkeys.StatusInvalidCBOR {
				t.Errorf("%s: %d bytes of %d: %v", name, n, len(request), status)
			}
		}
		if status, _ := h.raw(append(request, 0)); status != passkeys.StatusInvalidCBOR {
			t.Errorf("%s: a byte more: %v", name, status)
		}
		if after := h.snapshot(); after != before {
			t.Errorf("%s: %s, before %s", name, after, before)
		}
	}
}

// snapshot tells whether somebody was asked or something was kept.
func (h *host) snapshot() string {
	n, _ := h.store.Count(h.t.Context())
	return fmt.Sprintf("%d asked, %d writes, %d passkeys, %d in the trash", len(h.person.Asked), h.state.Writes, n, len(h.store.Trash))
}

// TestWrongTypes: every value of a request, replaced by one of any other type, is refused before anybody is asked.
func TestWrongTypes(t *testing.T) {
	t.Parallel()
	h := plugged(t)
	for name, c := range whole(h) {
		if status, _ := h.do(c.cmd, c.params); status != c.want {
			t.Errorf("%s as it is: %v, want %v", name, status, c.want)
		}
		h.state.Memory.PIN, h.state.Memory.PINLength = passkeys.Memory{}.PIN, 0
		for where, params := range mutants(c.params) {
			before := h.snapshot()
			status, _ := h.do(c.cmd, params)
			switch status {
			case passkeys.StatusCBORUnexpectedType, passkeys.StatusInvalidCBOR, passkeys.StatusMissingParameter, passkeys.StatusInvalidParameter:
			default:
				t.Errorf("%s%s: %v", name, where, status)
			}
			if after := h.snapshot(); after != before {
				t.Errorf("%s%s: %s, before %s", name, where, after, before)
			}
		}
	}
}

// mutants are copies of a value in which one part has another type; each has the way to that part.
func mutants(v any) map[string]any {
	out := map[string]any{}
	for name, other := range map[string]any{"text": "x", "bytes": []byte{1}, "number": 7, "negative": -7, "list": []any{1, "x"}, "map": tm{"x": 1}, "bool": true, "float": 1.5} {
		if kind(v) != kind(other) {
			out[" as "+name] = other
		}
	}
	switch v := v.(type) {
	case m:
		for k := range v {
			for where, changed := range mutants(v[k]) {
				c := maps.Clone(v)
				c[k] = changed
				out[fmt.Sprintf(" %d%s", k, where)] = c
			}
		}
	case tm:
		for k := range v {
			for where, changed := range mutants(v[k]) {
				c := maps.Clone(v)
				c[k] = changed
				out[" "+k+where] = c
			}
		}
	case []any:
		for i := range v {
			for where, changed := range mutants(v[i]) {
				c := slices.Clone(v)
				c[i] = changed
				out[fmt.Sprintf(" %d%s", i, where)] = c
			}
		}
	}
	return out
}

func kind(v any) string {
	switch v.(type) {
	case m, tm, passkeys.AgreementKey:
		return "map"
	case []any, []string:
		return "list"
	case []byte:
		return "bytes"
	case string:
		return "text"
	case bool:
		return "bool"
	case float64:
		return "float"
	}
	return "number" // negative ones too: the sign is a value's, not a type's
}
