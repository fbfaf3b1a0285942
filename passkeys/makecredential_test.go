package passkeys_test

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"errors"
	"testing"

	"filippo.io/mldsa"
	mldsax509 "filippo.io/mldsa/x509"

	"signet/passkeys"
)

func TestMakeCredentialRefuses(t *testing.T) {
	t.Parallel()
	without := func(k int) m { r := making("a.example", "u", nil); delete(r, k); return r }
	for name, c := range map[string]struct {
		params any
		want   passkeys.Status
	}{
		"no hash":                {without(1), passkeys.StatusMissingParameter},
		"no site":                {without(2), passkeys.StatusMissingParameter},
		"no user":                {without(3), passkeys.StatusMissingParameter},
		"no algorithms":          {without(4), passkeys.StatusMissingParameter},
		"a site of no name":      {making("", "u", nil), passkeys.StatusMissingParameter},
		"a short hash":           {making("a.example", "u", m{1: hash[1:]}), passkeys.StatusInvalidLength},
		"a long site":            {making(string(make([]byte, 256)), "u", nil), passkeys.StatusInvalidLength},
		"a long user handle":     {making("a.example", string(make([]byte, 65)), nil), passkeys.StatusInvalidLength},
		"no known algorithm":     {making("a.example", "u", m{4: []any{tm{"alg": -257, "type": "public-key"}}}), passkeys.StatusUnsupportedAlgorithm},
		"another type":           {making("a.example", "u", m{4: []any{tm{"alg": -7, "type": "x"}}}), passkeys.StatusUnsupportedAlgorithm},
		"half an algorithm":      {making("a.example", "u", m{4: []any{tm{"alg": -7}}}), passkeys.StatusMissingParameter},
		"up false":               {making("a.example", "u", m{7: tm{"up": false}}), passkeys.StatusInvalidOption},
		"uv that cannot be":      {making("a.example", "u", m{7: tm{"uv": true}}), passkeys.StatusInvalidOption},
		"enterprise attestation": {making("a.example", "u", m{10: 1}), passkeys.StatusInvalidParameter},
		"a hash of another type": {making("a.example", "u", m{1: "x"}), passkeys.StatusCBORUnexpectedType},
		"credProtect 4":          {making("a.example", "u", m{6: tm{"credProtect": 4}}), passkeys.StatusInvalidParameter},
		"largeBlobKey without rk": {
			making("a.example", "u", m{6: tm{"largeBlobKey": true}}), passkeys.StatusInvalidOption,
		},
		"largeBlobKey false": {making("a.example", "u", m{6: tm{"largeBlobKey": false}, 7: rk}), passkeys.StatusInvalidOption},
		"hmac-secret-mc alone": {
			making("a.example", "u", m{6: tm{"hmac-secret-mc": tm{}}}), passkeys.StatusInvalidParameter,
		},
		"a proof without protocol": {making("a.example", "u", m{8: hash}), passkeys.StatusMissingParameter},
		"a proof of protocol 3":    {making("a.example", "u", m{8: hash, 9: 3}), passkeys.StatusInvalidParameter},
		"a proof without a token":  {making("a.example", "u", m{8: hash, 9: 2}), passkeys.StatusPINAuthInvalid},
		"an empty proof":           {making("a.example", "u", m{8: []byte{}}), passkeys.StatusPINNotSet},
	} {
		h := plugged(t)
		h.refused(name, c.want, 1, c.params)
		if n, _ := h.store.Count(context.Background()); n != 0 {
			t.Errorf("%s: a passkey stayed behind", name)
		}
	}
}

func TestMakeCredentialWhenThingsGoWrong(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		set  func(h *host)
		want passkeys.Status
	}{
		"refused":              {func(h *host) { h.person.Refuses = true }, passkeys.StatusOperationDenied},
		"nobody answers":       {func(h *host) { h.person.Err = context.DeadlineExceeded }, passkeys.StatusUserActionTimeout},
		"cancelled":            {func(h *host) { h.person.Err = context.Canceled }, passkeys.StatusKeepAliveCancel},
		"the store is full":    {func(h *host) { h.store.Err = passkeys.ErrStoreFull }, passkeys.StatusKeyStoreFull},
		"the store is broken":  {func(h *host) { h.store.Err = errors.New("disk") }, passkeys.StatusOther},
		"the state is broken":  {func(h *host) { h.state.Err = errors.New("disk") }, passkeys.StatusOther},
		"a PIN and no proof":   {func(h *host) { h.protect() }, passkeys.StatusPUATRequired},
		"always verified":      {func(h *host) { h.state.Memory.AlwaysUV = true }, passkeys.StatusPUATRequired},
		"verification failed":  {func(h *host) { h.state.Memory.AlwaysUV, h.uv, h.person.Unable = true, true, true }, passkeys.StatusPUATRequired},
		"verification blocked": {func(h *host) { h.uv, h.state.Memory.AlwaysUV, h.person.Err = true, true, passkeys.ErrVerifyBlocked }, passkeys.StatusPUATRequired},
		"the vault stays shut": {func(h *host) {
			h.opt.Open = func(context.Context, func(bool)) error { return passkeys.StatusOperationDenied }
			h.replug()
		}, passkeys.StatusOperationDenied},
	} {
		h := plugged(t)
		c.set(h)
		h.refused(name, c.want, 1, making("a.example", "u", m{7: rk}))
		if len(h.person.Asked) > 1 {
			t.Errorf("%s: asked %d times", name, len(h.person.Asked))
		}
	}
}

// verify checks a signature by the key of a stored credential.
func verify(t *testing.T, k passkeys.Key, message, sig []byte) bool {
	t.Helper()
	der, err := k.SPKI()
	if err != nil {
		t.Fatal(err)
	}
	public, err := mldsax509.ParsePKIXPublicKey(der)
	if err != nil {
		t.Fatal(err)
	}
	switch pub := public.(type) {
	case *ecdsa.PublicKey:
		sum := sha256.Sum256(message)
		digest := sum[:]
		if k.Algorithm() == passkeys.ES384 {
			long := sha512.Sum384(message)
			digest = long[:]
		}
		return ecdsa.VerifyASN1(pub, digest, sig)
	case ed25519.PublicKey:
		return ed25519.Verify(pub, message, sig)
	case *rsa.PublicKey:
		sum := sha256.Sum256(message)
		return rsa.VerifyPKCS1v15(pub, crypto.SHA256, sum[:], sig) == nil
	case *mldsa.PublicKey:
		return mldsa.Verify(pub, message, sig, nil) == nil
	}
	return false
}

func TestMakeCredential(t *testing.T) {
	t.Parallel()
	for _, alg := range append(passkeys.Algorithms(), passkeys.ExperimentalAlgorithms()...) {
		h := plugged(t)
		h.opt.Experimental = true
		h.replug()
		params := []any{tm{"alg": -257, "type": "public-key"}, tm{"alg": int(alg), "type": "public-key"}}
		answer := h.ok(1, making("a.example", "u", m{4: params, 7: rk}))
		data := parse(t, answer, 2)
		if data.flags != passkeys.FlagUP|passkeys.FlagAT|passkeys.FlagBE|passkeys.FlagBS || data.counter != 0 {
			t.Errorf("flags %x, counter %d", data.flags, data.counter)
		}
		cred, err := h.store.ByID(t.Context(), data.id)
		if err != nil || !cred.Discoverable || cred.User.Name != "u" || cred.RPName != "The site" || cred.Binding != passkeys.Synced {
			t.Errorf("%+v, %v", cred, err)
		}
		statement := answer[3].(map[any]any)
		if answer[1] != "packed" || statement["alg"] != int64(alg) || len(statement) != 2 {
			t.Errorf("%v", answer)
		}
		if !verify(t, cred.Key, append(answer[2].([]byte), hash...), statement["sig"].([]byte)) {
			t.Errorf("%d: the signature does not fit", alg)
		}
	}
}

func TestMakeCredentialFormats(t *testing.T) {
	t.Parallel()
	for want, formats := range map[string][]string{"none": {"x", "none", "packed"}, "packed": {"packed", "none"}} {
		answer := plugged(t).ok(1, making("a.example", "u", m{11: formats}))
		if answer[1] != want || (want == "none") != (len(answer[3].(map[any]any)) == 0) {
			t.Errorf("%s: %v", want, answer)
		}
	}
}

func TestMakeCredentialBinding(t *testing.T) {
	t.Parallel()
	for _, opts := range []tm{rk, nil} {
		h := plugged(t)
		h.person.Binding = passkeys.Device
		id := h.register("a.example", "u", m{7: opts})
		data := parse(t, h.ok(2, getting("a.example", m{3: list(id)})), 2)
		if data.flags != passkeys.FlagUP {
			t.Errorf("%v: flags %x", opts, data.flags)
		}
	}
}

// A second passkey of the same account takes the place of the first, which goes to the trash, and the person is told before.
func TestMakeCredentialReplaces(t *testing.T) {
	t.Parallel()
	h := plugged(t)
	first := h.register("a.example", "u", m{7: rk})
	h.register("a.example", "u", m{7: rk})
	if !h.person.Last().Replaces || len(h.store.Trash) != 1 || string(h.store.Trash[0].ID) != string(first) {
		t.Errorf("%+v, %d in the trash", h.person.Last(), len(h.store.Trash))
	}
}

// That a passkey exists is told after consent only, once, and never to another site.
func TestMakeCredentialExcludes(t *testing.T) {
	t.Parallel()
	for _, opts := range []tm{rk, nil} {
		h := plugged(t)
		id := h.register("a.example", "u", m{7: opts})
		asked := len(h.person.Asked)
		h.refused("excluded", passkeys.StatusCredentialExcluded, 1, making("a.example", "v", m{5: list([]byte("x"), id)}))
		if len(h.person.Asked) != asked+1 || !h.person.Last().Excluded {
			t.Errorf("%+v", h.person.Last())
		}
		h.person.Refuses = true
		h.refused("refused", passkeys.StatusOperationDenied, 1, making("a.example", "v", m{5: list(id)}))
		h.person.Refuses = false
		h.ok(1, making("b.example", "v", m{5: list(id)}))
		h.refused("too many", passkeys.StatusLimitExceeded, 1, making("a.example", "v", m{5: many(1025)}))
	}
}

func many(n int) []any {
	l := make([]any, n)
	for i := range l {
		l[i] = tm{}
	}
	return l
}

// A credential that wants verification is no reason to refuse before the user is verified.
func TestMakeCredentialExcludesWhatMayBeSeen(t *testing.T) {
	t.Parallel()
	h := plugged(t)
	id := h.register("a.example", "u", m{6: tm{"credProtect": 3}})
	h.ok(1, making("a.example", "v", m{5: list(id)}))
	h.uv = true
	h.refused("verified", passkeys.StatusCredentialExcluded, 1, making("a.example", "v", m{5: list(id), 7: tm{"uv": true}}))
}

func TestMakeCredentialVerified(t *testing.T) {
	t.Parallel()
	for _, p := range []passkeys.PINProtocol{passkeys.PINOne, passkeys.PINTwo} {
		h := plugged(t)
		h.protect()
		token := h.token(p, "1234", passkeys.PermitMake, "a.example")
		h.refused("another site", passkeys.StatusPINAuthInvalid, 1, with(making("b.example", "u", nil), 8, p, token))
		data := parse(t, h.ok(1, with(making("a.example", "u", m{7: rk}), 8, p, token)), 2)
		if data.flags&passkeys.FlagUV == 0 {
			t.Errorf("flags %x", data.flags)
		}
		h.refused("twice", passkeys.StatusPINAuthInvalid, 1, with(making("a.example", "u", nil), 8, p, token))
		h.refused("a PIN and an empty proof", passkeys.StatusPINInvalid, 1, making("a.example", "u", m{8: []byte{}}))
		h.ok(1, making("a.example", "u", nil)) // not discoverable: nobody needs to be verified
	}
	h := plugged(t)
	h.uv = true
	if data := parse(t, h.ok(1, making("a.example", "u", m{7: tm{"rk": true, "uv": true}})), 2); data.flags&passkeys.FlagUV == 0 || len(h.person.Asked) != 1 {
		t.Errorf("flags %x, asked %d times", data.flags, len(h.person.Asked))
	}
}

// What ends while a person is asked ends with the one status that a host expects, and nothing is kept.
func TestMakeCredentialCancelled(t *testing.T) {
	t.Parallel()
	h := plugged(t)
	ctx, cancel := context.WithCancel(t.Context())
	h.person.Absent = true
	var waits []bool
	out := h.a.Handle(ctx, append([]byte{1}, passkeys.Marshal(making("a.example", "u", m{7: rk}))...), func(w bool) {
		waits = append(waits, w)
		cancel()
	})
	if len(out) != 1 || passkeys.Status(out[0]) != passkeys.StatusKeepAliveCancel || len(waits) != 2 || !waits[0] || waits[1] {
		t.Errorf("%x, %v", out, waits)
	}
	if n, _ := h.store.Count(t.Context()); n != 0 {
		t.Error("a passkey stayed behind")
	}
}

func TestMakeCredentialStoreFull(t *testing.T) {
	t.Parallel()
	h := plugged(t)
	h.store.Room = 1
	h.register("a.example", "u", m{7: rk})
	h.refused("full", passkeys.StatusKeyStoreFull, 1, making("a.example", "v", m{7: rk}))
	h.ok(1, making("a.example", "v", nil)) // costs the store nothing
	h.ok(1, making("a.example", "u", m{7: rk}))
}
