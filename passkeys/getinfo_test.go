package passkeys_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"fmt"
	"testing"

	"signet/passkeys"
	"signet/vault/secret"
)

// standing is one state that an authenticator can be in.
type standing struct{ pin, uv, alwaysUV, u2f, presenceOnly, experimental, trusted, locked bool }

// standings are all of them.
func standings() (all []standing) {
	for n := range 1 << 8 {
		bit := func(i int) bool { return n>>i&1 != 0 }
		s := standing{bit(0), bit(1), bit(2), bit(3), bit(4), bit(5), bit(6), bit(7)}
		if s.trusted && !s.pin {
			continue // a program is trusted by PIN here
		}
		all = append(all, s)
	}
	return all
}

func (s standing) plugged(t *testing.T) *host {
	t.Helper()
	h := plugged(t)
	h.register("a.example", "u", m{7: rk})
	if s.pin {
		h.state.Memory.PIN, h.state.Memory.PINLength = secret.FromString("0123456789abcdef0123456789abcdef"), 4
	}
	if s.trusted {
		h.state.Memory.PersistentToken, h.state.Memory.Identifier = secret.FromString("0123456789abcdef0123456789abcdef"), bytes.Repeat([]byte{9}, 16)
	}
	h.uv, h.state.Memory.AlwaysUV = s.uv, s.alwaysUV
	h.opt.U2F, h.opt.PresenceOnly, h.opt.Experimental, h.opt.UVModality = s.u2f, s.presenceOnly, s.experimental, 4
	if s.locked {
		h.lock(true)
	}
	h.replug()
	return h
}

func has(list, what any) bool {
	for _, v := range list.([]any) {
		if v == what {
			return true
		}
	}
	return false
}

func implies(a, b bool) bool { return !a || b }

// What getInfo says holds together, whatever the state: the member descriptions of CTAP 2.1 and 2.3, section 6.4, and what checkers of other people make of
// them.
func TestGetInfoIsConsistent(t *testing.T) {
	t.Parallel()
	for _, s := range standings() {
		h := s.plugged(t)
		info := h.ok(4, nil)
		o := info[4].(map[any]any)
		is := func(name string) bool { return o[name] == true }
		uv, u2f := s.uv && !s.presenceOnly, has(info[1], "U2F_V2")
		for rule, holds := range map[string]bool{
			"versions only when complete":        has(info[1], "FIDO_2_0") && has(info[1], "FIDO_2_1") && !has(info[1], "FIDO_2_2") && !has(info[1], "FIDO_2_3"),
			"FIDO_2_1 has hmac-secret":           has(info[2], "hmac-secret"),
			"rk has credMgmt":                    implies(is("rk"), is("credMgmt")),
			"rk has clientPin or uv":             implies(is("rk"), o["clientPin"] != nil || o["uv"] != nil),
			"verification has tokens":            implies(is("clientPin") || is("uv"), is("pinUvAuthToken")),
			"tokens have protocol 2":             implies(is("pinUvAuthToken"), has(info[6], int64(2))),
			"verification has credProtect":       has(info[2], "credProtect"),
			"credBlob has credProtect":           implies(has(info[2], "credBlob"), has(info[2], "credProtect") && info[15] != nil),
			"hmac-secret-mc has hmac-secret":     implies(has(info[2], "hmac-secret-mc"), has(info[2], "hmac-secret")),
			"largeBlobKey has largeBlobs":        has(info[2], "largeBlobKey") == is("largeBlobs") && !has(info[2], "largeBlob"),
			"largeBlobs has a size":              implies(is("largeBlobs"), info[11].(int64) >= 1024),
			"minPinLength has its command":       has(info[2], "minPinLength") == is("setMinPINLength") && has(info[31], int64(3)) && info[16] != nil,
			"config commands have authnrCfg":     implies(info[31] != nil, is("authnrCfg")),
			"alwaysUv has its command":           implies(o["alwaysUv"] != nil, has(info[31], int64(2))),
			"no fingerprints":                    o["bioEnroll"] == nil && o["uvBioEnroll"] == nil && o["userVerificationMgmtPreview"] == nil,
			"uvAcfg has authnrCfg and uv":        implies(is("uvAcfg"), is("authnrCfg") && is("uv")),
			"tokens from PINs make and get":      o["noMcGaPermissionsWithClientPin"] == nil,
			"alwaysUv has no makeCredUvNotRqd":   is("alwaysUv") != is("makeCredUvNotRqd"),
			"alwaysUv has no U2F":                u2f == (s.u2f && !s.alwaysUV) && h.a.U2FOffered() == u2f,
			"alwaysUv as it is":                  is("alwaysUv") == s.alwaysUV,
			"uv only when it can be asked":       (o["uv"] != nil) == uv && is("uv") == uv,
			"clientPin as it is":                 o["clientPin"] == s.pin,
			"no enterprise attestation":          o["ep"] == nil && !has(info[31], int64(1)),
			"none is no format":                  has(info[22], "packed") && !has(info[22], "none"),
			"a message that the transport holds": info[5] == int64(7609),
			"attempts and modality only with uv": (info[17] != nil) == uv && (info[18] != nil) == uv,
			"room only when it is known":         (info[20] != nil) == !s.locked,
			"recognised by who is trusted":       (info[25] != nil) == (s.trusted && !s.locked) && (info[30] != nil) == (s.trusted && !s.locked),
			"ids of other people fit":            info[8].(int64) >= 255 && info[7].(int64) > 0,
			"PIN lengths fit":                    info[13].(int64) >= 4 && info[13].(int64) <= info[29].(int64) && info[29] == int64(63),
			"no RS256":                           !algorithm(info[10], -257) && algorithm(info[10], -7),
			"experimental ones only there":       algorithm(info[10], -48) == s.experimental && algorithm(info[10], -49) == s.experimental,
		} {
			if !holds {
				t.Errorf("%+v: %s\n%v", s, rule, info)
			}
		}
	}
}

func algorithm(list any, alg int64) bool {
	for _, p := range list.([]any) {
		if p := p.(map[any]any); p["alg"] == alg && p["type"] == "public-key" {
			return true
		}
	}
	return false
}

// What getInfo promises, the commands keep.
func TestGetInfoIsTrue(t *testing.T) {
	t.Parallel()
	for _, s := range standings() {
		h := s.plugged(t)
		o := h.ok(4, nil)[4].(map[any]any)
		unverified, _ := h.do(1, making("b.example", "u", nil))
		if got := unverified == passkeys.StatusOK; got != (o["makeCredUvNotRqd"] == true || s.alwaysUV && o["uv"] == true) {
			t.Errorf("%+v: makeCredUvNotRqd %v, but %v", s, o["makeCredUvNotRqd"], unverified)
		}
		verified, _ := h.do(1, making("b.example", "u", m{7: tm{"uv": true}}))
		if got := verified == passkeys.StatusOK; got != (o["uv"] == true) {
			t.Errorf("%+v: uv %v, but %v", s, o["uv"], verified)
		}
		if s.pin || s.u2f || s.locked {
			continue // changes nothing about algorithms
		}
		for _, alg := range append(passkeys.Algorithms(), passkeys.ExperimentalAlgorithms()...) {
			status, _ := h.do(1, making("c.example", "u", m{4: []any{tm{"alg": int(alg), "type": "public-key"}}, 7: tm{"uv": o["uv"] == true}}))
			listed := algorithm(h.ok(4, nil)[10], int64(alg))
			if got := status != passkeys.StatusUnsupportedAlgorithm; got != listed {
				t.Errorf("%+v: algorithm %d is listed %t, but %v", s, alg, listed, status)
			}
		}
	}
}

// opened decrypts what only a trusted program can.
func opened(t *testing.T, token []byte, info string, concealed any) string {
	t.Helper()
	b := concealed.([]byte)
	key, err := hkdf.Key(sha256.New, token, make([]byte, 32), info, 16)
	if err != nil {
		t.Fatal(err)
	}
	block, err := aes.NewCipher(key)
	if err != nil || len(b) != 32 {
		t.Fatal(err, len(b))
	}
	out := make([]byte, 16)
	cipher.NewCBCDecrypter(block, b[:16]).CryptBlocks(out, b[16:])
	return string(out)
}

// A trusted program knows the device again, and learns that its passkeys changed; to others both values look new each time.
func TestIdentifiers(t *testing.T) {
	t.Parallel()
	h := plugged(t)
	h.protect()
	token := h.token(passkeys.PINTwo, "1234", passkeys.PermitReadOnlyManage, "")
	look := func() (id, state string, raw []byte) {
		info := h.ok(4, nil)
		raw, _ = info[25].([]byte)
		return opened(t, token, "encIdentifier", info[25]), opened(t, token, "encCredStoreState", info[30]), raw
	}
	id, state, raw := look()
	h.replug()
	if again, same, other := look(); again != id || same != state || bytes.Equal(raw, other) {
		t.Error("the device or its state changed, or the ciphertext did not")
	}
	h.person.Refuses = false
	r := with(making("a.example", "u", m{7: rk}), 8, passkeys.PINTwo, h.token(passkeys.PINTwo, "1234", passkeys.PermitMake, "a.example"))
	h.ok(1, r)
	if again, other, _ := look(); again != id || other == state {
		t.Error("a new passkey did not change the state")
	}
	h.ok(6, h.changingPIN(passkeys.PINTwo, "1234", "5678"))
	if info := h.ok(4, nil); info[25] != nil || info[30] != nil {
		t.Error("the token of another PIN still tells")
	}
	token = h.token(passkeys.PINTwo, "5678", passkeys.PermitReadOnlyManage, "")
	if again, _, _ := look(); again != id {
		t.Error("another PIN makes another device")
	}
	h.replug()
	h.ok(7, nil)
	h.protect()
	token = h.token(passkeys.PINTwo, "1234", passkeys.PermitReadOnlyManage, "")
	if again, _, _ := look(); again == id {
		t.Error("after a reset it is the same device")
	}
}

func TestRemainingCredentials(t *testing.T) {
	t.Parallel()
	h := plugged(t)
	left := h.ok(4, nil)[20].(int64)
	h.register("a.example", "u", m{7: rk})
	h.register("a.example", "v", nil)
	if now := h.ok(4, nil)[20].(int64); now != left-1 {
		t.Errorf("%d after %d", now, left)
	}
}

// A yes that nobody says verifies nobody and resets nothing.
func TestPresenceOnly(t *testing.T) {
	t.Parallel()
	h := plugged(t)
	h.uv, h.opt.PresenceOnly = true, true
	h.replug()
	data := parse(t, h.ok(1, making("a.example", "u", m{7: rk})), 2)
	if data.flags&passkeys.FlagUV != 0 || h.person.Last().Verify {
		t.Errorf("flags %x", data.flags)
	}
	h.refused("a verification", passkeys.StatusInvalidOption, 2, getting("a.example", m{5: tm{"uv": true}}))
	h.refused("a reset", passkeys.StatusNotAllowed, 7, nil)
	r, _ := h.wantingByUV(passkeys.PermitMake, "a.example")
	h.refused("a token", passkeys.StatusNotAllowed, 6, r)
	h.protect()
	token := h.token(passkeys.PINTwo, "1234", passkeys.PermitGet, "a.example")
	if data := parse(t, h.ok(2, with(getting("a.example", nil), 6, passkeys.PINTwo, token)), 2); data.flags&passkeys.FlagUV == 0 {
		t.Error("a PIN verifies, whoever says yes")
	}
}

// What was begun before the vault was locked does not go on after it.
func TestForget(t *testing.T) {
	t.Parallel()
	h := plugged(t)
	for n := range 3 {
		h.register("a.example", fmt.Sprint("u", n), m{7: rk})
	}
	h.person.Blind = true
	h.ok(2, getting("a.example", nil))
	h.a.Forget()
	h.refused("the next account", passkeys.StatusNotAllowed, 8, nil)
	h.protect()
	token := h.token(passkeys.PINTwo, "1234", passkeys.PermitManage, "")
	h.ok(10, managing(passkeys.PINTwo, token, 4, m{1: siteOf("a.example")}))
	h.a.Forget()
	h.refused("the next in a list", passkeys.StatusNotAllowed, 10, m{1: 5})
	h.refused("the token", passkeys.StatusPINAuthInvalid, 10, managing(passkeys.PINTwo, token, 1, nil))
	h.person.Deciding = func(passkeys.Ask) error { h.a.Forget(); return nil } // while a request is at work
	h.refused("a request at work", passkeys.StatusOK, 2, getting("a.example", m{3: list(h.ids("a.example")[0])}))
}

func (h *host) ids(rpID string) (ids [][]byte) {
	h.t.Helper()
	all, err := h.store.Find(h.t.Context(), rpID)
	if err != nil {
		h.t.Fatal(err)
	}
	for _, c := range all {
		ids = append(ids, c.ID)
	}
	return ids
}
