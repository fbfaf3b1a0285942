package passkeys_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"strings"
	"testing"
	"time"

	"signet/passkeys"
)

func TestGetAssertionRefuses(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		params any
		want   passkeys.Status
	}{
		"no site":              {m{2: hash}, passkeys.StatusMissingParameter},
		"no hash":              {m{1: "a.example"}, passkeys.StatusMissingParameter},
		"a short hash":         {m{1: "a.example", 2: hash[1:]}, passkeys.StatusInvalidLength},
		"a long site":          {m{1: strings.Repeat("a", 256), 2: hash}, passkeys.StatusInvalidLength},
		"too many":             {getting("a.example", m{3: many(1025)}), passkeys.StatusLimitExceeded},
		"rk":                   {getting("a.example", m{5: rk}), passkeys.StatusUnsupportedOption},
		"uv that cannot be":    {getting("a.example", m{5: tm{"uv": true}}), passkeys.StatusInvalidOption},
		"largeBlobKey false":   {getting("a.example", m{4: tm{"largeBlobKey": false}}), passkeys.StatusInvalidOption},
		"salts without up":     {getting("a.example", m{4: tm{"hmac-secret": m{}}, 5: tm{"up": false}}), passkeys.StatusUnsupportedOption},
		"salts without a key":  {getting("a.example", m{4: tm{"hmac-secret": m{}}}), passkeys.StatusMissingParameter},
		"another site":         {getting("b.example", nil), passkeys.StatusNoCredentials},
		"an unknown id":        {getting("a.example", m{3: list([]byte("x"))}), passkeys.StatusNoCredentials},
		"a list of other type": {getting("a.example", m{3: []any{tm{"id": hash, "type": "x"}}}), passkeys.StatusNoCredentials},
		"a number as the site": {m{1: 1, 2: hash}, passkeys.StatusCBORUnexpectedType},
		"no protocol":          {getting("a.example", m{6: hash}), passkeys.StatusMissingParameter},
		"protocol 0":           {getting("a.example", m{6: hash, 7: 0}), passkeys.StatusInvalidParameter},
		"no token":             {getting("a.example", m{6: hash, 7: 1}), passkeys.StatusPINAuthInvalid},
		"an empty proof":       {getting("a.example", m{6: []byte{}}), passkeys.StatusPINNotSet},
	} {
		h := plugged(t)
		h.register("a.example", "u", m{7: rk, 6: tm{"hmac-secret": true}})
		h.refused(name, c.want, 2, c.params)
	}
}

func TestGetAssertionWhenThingsGoWrong(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		set  func(h *host)
		want passkeys.Status
	}{
		"refused":             {func(h *host) { h.person.Refuses = true }, passkeys.StatusOperationDenied},
		"nobody answers":      {func(h *host) { h.person.Err = context.DeadlineExceeded }, passkeys.StatusUserActionTimeout},
		"cancelled":           {func(h *host) { h.person.Err = context.Canceled }, passkeys.StatusKeepAliveCancel},
		"always verified":     {func(h *host) { h.state.Memory.AlwaysUV = true }, passkeys.StatusPUATRequired},
		"the store is broken": {func(h *host) { h.store.Err = errors.New("disk") }, passkeys.StatusOther},
		"broken while asked": {func(h *host) {
			h.person.Deciding = func(passkeys.Ask) error { h.store.Err = errors.New("disk"); return nil }
		}, passkeys.StatusOther},
		"a choice that is none": {func(h *host) { h.person.Choose = 5 }, passkeys.StatusOther},
	} {
		h := plugged(t)
		h.register("a.example", "u", m{7: rk})
		c.set(h)
		h.refused(name, c.want, 2, getting("a.example", nil))
	}
}

func TestGetAssertion(t *testing.T) {
	t.Parallel()
	for _, opts := range []tm{rk, nil} {
		h := plugged(t)
		id := h.register("a.example", "u", m{7: opts})
		h.now = h.now.Add(time.Hour)
		answer := h.ok(2, getting("a.example", m{3: list([]byte("other"), id)}))
		data := parse(t, answer, 2)
		if data.flags != passkeys.FlagUP|passkeys.FlagBE|passkeys.FlagBS || data.counter != 0 {
			t.Errorf("flags %x, counter %d", data.flags, data.counter)
		}
		if named := answer[1].(map[any]any); string(named["id"].([]byte)) != string(id) || named["type"] != "public-key" {
			t.Errorf("%v", named)
		}
		if user, there := answer[4].(map[any]any); there != (opts != nil) || there && (len(user) != 1 || string(user["id"].([]byte)) != "u") {
			t.Errorf("user %v", answer[4])
		}
		cred, err := h.store.ByID(t.Context(), id)
		if opts == nil {
			if !errors.Is(err, passkeys.ErrNoCredential) {
				t.Error("a sealed credential is in the store")
			}
			h.refused("at another site", passkeys.StatusNoCredentials, 2, getting("b.example", m{3: list(id)}))
			continue
		}
		if !cred.LastUsed.Equal(h.now) || !verify(t, cred.Key, append(answer[2].([]byte), hash...), answer[3].([]byte)) {
			t.Errorf("%+v", cred)
		}
	}
}

// Probing asks nobody and leaves no trace; its answer says that nobody was there.
func TestGetAssertionProbe(t *testing.T) {
	t.Parallel()
	h := plugged(t)
	id := h.register("a.example", "u", m{7: rk})
	h.person.Refuses = true
	asked := len(h.person.Asked)
	data := parse(t, h.ok(2, getting("a.example", m{3: list(id), 5: tm{"up": false}})), 2)
	cred, _ := h.store.ByID(t.Context(), id)
	if data.flags != passkeys.FlagBE|passkeys.FlagBS || len(h.person.Asked) != asked || !cred.LastUsed.IsZero() {
		t.Errorf("flags %x, %+v", data.flags, cred)
	}
}

// An imported counter above 0 rises durably with every answer; one of 0 stays.
func TestGetAssertionCounter(t *testing.T) {
	t.Parallel()
	h := plugged(t)
	id := h.register("a.example", "u", m{7: rk})
	if err := h.store.Used(t.Context(), id, passkeys.Use{Counter: 7}); err != nil {
		t.Fatal(err)
	}
	for want := uint32(8); want < 10; want++ {
		data := parse(t, h.ok(2, getting("a.example", nil)), 2)
		if cred, _ := h.store.ByID(t.Context(), id); data.counter != want || cred.Counter != uint32(want) {
			t.Errorf("%d, kept %d", data.counter, cred.Counter)
		}
	}
	if err := h.store.Used(t.Context(), id, passkeys.Use{Counter: 1<<32 - 1}); err != nil {
		t.Fatal(err)
	}
	h.refused("the last count", passkeys.StatusOther, 2, getting("a.example", nil))
}

func TestGetAssertionAccounts(t *testing.T) {
	t.Parallel()
	h := plugged(t)
	for _, u := range []string{"ann", "bob", "cleo"} {
		h.register("a.example", u, m{7: rk})
	}
	h.person.Choose = 2
	answer := h.ok(2, getting("a.example", nil))
	if user := answer[4].(map[any]any); string(user["id"].([]byte)) != "ann" || answer[6] != true || answer[5] != nil {
		t.Errorf("%v", answer)
	}
	if users := h.person.Last().Users; len(users) != 3 || users[0].User.Name != "cleo" {
		t.Errorf("%+v", users)
	}
	h.refused("nothing follows", passkeys.StatusNotAllowed, 8, nil)

	h.person.Blind = true
	answer = h.ok(2, getting("a.example", nil))
	if answer[5] != int64(3) || answer[6] != nil {
		t.Errorf("%v", answer)
	}
	for _, want := range []string{"bob", "ann"} {
		next := h.ok(8, nil)
		if user := next[4].(map[any]any); string(user["id"].([]byte)) != want || len(user) != 1 || next[5] != nil {
			t.Errorf("%v", next)
		}
	}
	h.refused("the last was before", passkeys.StatusNotAllowed, 8, nil)
}

func TestGetNextAssertionEnds(t *testing.T) {
	t.Parallel()
	h := plugged(t)
	for _, u := range []string{"ann", "bob"} {
		h.register("a.example", u, m{7: rk})
	}
	h.person.Blind = true
	h.refused("before", passkeys.StatusNotAllowed, 8, nil)
	h.ok(2, getting("a.example", nil))
	h.now = h.now.Add(31 * time.Second)
	h.refused("too late", passkeys.StatusNotAllowed, 8, nil)
	h.ok(2, getting("a.example", nil))
	h.ok(4, nil)
	h.refused("after another command", passkeys.StatusNotAllowed, 8, nil)
}

// Names are told to the host of a verified user who has to choose there, and to nobody else.
func TestGetAssertionNames(t *testing.T) {
	t.Parallel()
	h := plugged(t)
	h.register("a.example", "ann", m{7: rk})
	h.uv, h.person.Blind = true, true
	verified := getting("a.example", m{5: tm{"uv": true}})
	if user := h.ok(2, verified)[4].(map[any]any); len(user) != 1 {
		t.Errorf("%v", user)
	}
	h.person.Blind = false
	h.uv = false
	h.register("a.example", "bob", m{7: tm{"rk": true}})
	h.uv, h.person.Blind = true, true
	if user := h.ok(2, verified)[4].(map[any]any); user["name"] != "bob" || user["displayName"] != "User bob" {
		t.Errorf("%v", user)
	}
}

func TestCredProtect(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		protect                    int
		listed, discovered, verify bool
	}{{1, true, true, true}, {2, true, false, true}, {3, false, false, true}} {
		h := plugged(t)
		answer := h.ok(1, making("a.example", "u", m{7: rk, 6: tm{"credProtect": c.protect}}))
		made := parse(t, answer, 2)
		if made.extensions["credProtect"] != int64(c.protect) {
			t.Errorf("%v", made.extensions)
		}
		for name, try := range map[string]struct {
			params any
			want   bool
		}{
			"listed":     {getting("a.example", m{3: list(made.id)}), c.listed},
			"discovered": {getting("a.example", nil), c.discovered},
			"verified":   {getting("a.example", m{5: tm{"uv": true}}), c.verify},
		} {
			h.uv = name == "verified"
			if status, _ := h.do(2, try.params); (status == passkeys.StatusOK) != try.want {
				t.Errorf("policy %d, %s: %v", c.protect, name, status)
			}
		}
	}
}

// salting is the input of hmac-secret.
func (h *host) salting(p passkeys.PINProtocol, salts []byte) (m, []byte) {
	h.t.Helper()
	shared, key := h.agree(p)
	sealed := p.Encrypt(shared, salts)
	return m{1: key, 2: sealed, 3: p.Authenticate(shared, sealed), 4: p}, shared
}

func TestHMACSecret(t *testing.T) {
	t.Parallel()
	for _, opts := range []tm{rk, nil} {
		for _, p := range []passkeys.PINProtocol{passkeys.PINOne, passkeys.PINTwo} {
			h := plugged(t)
			one, two := []byte(strings.Repeat("a", 32)), []byte(strings.Repeat("b", 32))
			in, shared := h.salting(p, one)
			answer := h.ok(1, making("a.example", "u", m{7: opts, 6: tm{"hmac-secret": true, "hmac-secret-mc": in}}))
			made := parse(t, answer, 2)
			first, err := p.Decrypt(shared, made.extensions["hmac-secret-mc"].([]byte))
			if err != nil || made.extensions["hmac-secret"] != true {
				t.Fatal(made.extensions, err)
			}
			get := func(salts []byte, uv bool) string {
				in, shared := h.salting(p, salts)
				h.uv = uv
				params := getting("a.example", m{3: list(made.id), 4: tm{"hmac-secret": in}})
				if uv {
					params[5] = tm{"uv": true}
				}
				data := parse(t, h.ok(2, params), 2)
				plain, err := p.Decrypt(shared, data.extensions["hmac-secret"].([]byte))
				if err != nil {
					t.Fatal(err)
				}
				return string(plain)
			}
			both, verified := get(append(one, two...), false), get(one, true)
			if both[:32] != string(first) || both[:32] == both[32:] || len(both) != 64 || verified == string(first) || get(one, false) != string(first) {
				t.Errorf("protocol %d, %v: outputs do not fit together", p, opts)
			}
			if opts != nil {
				cred, _ := h.store.ByID(t.Context(), made.id)
				mac := hmac.New(sha256.New, cred.SecretUV.Reveal())
				_, _ = mac.Write(one)
				if string(mac.Sum(nil)) != verified {
					t.Error("not the HMAC of the salt")
				}
			}
		}
	}
}

func TestHMACSecretRefuses(t *testing.T) {
	t.Parallel()
	h := plugged(t)
	id := h.register("a.example", "u", m{6: tm{"hmac-secret": true}})
	plain := h.register("a.example", "v", nil)
	for name, c := range map[string]struct {
		change func(in m)
		want   passkeys.Status
	}{
		"a wrong tag":     {func(in m) { in[3] = make([]byte, 32) }, passkeys.StatusPINAuthInvalid},
		"no tag":          {func(in m) { delete(in, 3) }, passkeys.StatusMissingParameter},
		"protocol 3":      {func(in m) { in[4] = 3 }, passkeys.StatusInvalidParameter},
		"a key off curve": {func(in m) { in[1] = m{1: 2, 3: -25, -1: 1, -2: hash, -3: hash} }, passkeys.StatusInvalidParameter},
	} {
		in, _ := h.salting(passkeys.PINTwo, hash)
		c.change(in)
		h.refused(name, c.want, 2, getting("a.example", m{3: list(id), 4: tm{"hmac-secret": in}}))
	}
	in, _ := h.salting(passkeys.PINTwo, append(hash[:16:16], hash...))
	h.refused("one and a half salts", passkeys.StatusInvalidParameter, 2, getting("a.example", m{3: list(id), 4: tm{"hmac-secret": in}}))
	in, _ = h.salting(passkeys.PINTwo, hash)
	if data := parse(t, h.ok(2, getting("a.example", m{3: list(plain), 4: tm{"hmac-secret": in}})), 2); len(data.extensions) != 0 {
		t.Errorf("a credential without secrets answered %v", data.extensions)
	}
}

func TestCredBlob(t *testing.T) {
	t.Parallel()
	h := plugged(t)
	made := parse(t, h.ok(1, making("a.example", "u", m{7: rk, 6: tm{"credBlob": []byte("blob")}})), 2)
	got := parse(t, h.ok(2, getting("a.example", m{4: tm{"credBlob": true}})), 2)
	if made.extensions["credBlob"] != true || string(got.extensions["credBlob"].([]byte)) != "blob" {
		t.Errorf("%v, %v", made.extensions, got.extensions)
	}
	for name, params := range map[string]m{
		"too long":         making("b.example", "u", m{7: rk, 6: tm{"credBlob": make([]byte, 33)}}),
		"not discoverable": making("b.example", "u", m{6: tm{"credBlob": []byte("blob")}}),
	} {
		if made := parse(t, h.ok(1, params), 2); made.extensions["credBlob"] != false {
			t.Errorf("%s: %v", name, made.extensions)
		}
	}
}

func TestLargeBlobKey(t *testing.T) {
	t.Parallel()
	h := plugged(t)
	made := h.ok(1, making("a.example", "u", m{7: rk, 6: tm{"largeBlobKey": true}}))
	got := h.ok(2, getting("a.example", m{4: tm{"largeBlobKey": true}}))
	if key := made[5].([]byte); len(key) != 32 || string(got[7].([]byte)) != string(key) {
		t.Errorf("%x, %v", key, got[7])
	}
	if other := h.ok(2, getting("a.example", nil)); other[7] != nil {
		t.Error("a key that nobody asked for")
	}
}

func TestSealedIDs(t *testing.T) {
	t.Parallel()
	h := plugged(t)
	id := h.register("a.example", "u", m{6: tm{"credProtect": 2}})
	h.replug()
	h.ok(2, getting("a.example", m{3: list(id)}))
	for i := range id {
		bad := append([]byte(nil), id...)
		bad[i] ^= 1
		h.refused("a changed id", passkeys.StatusNoCredentials, 2, getting("a.example", m{3: list(bad)}))
	}
	h.replug()
	h.ok(7, nil)
	h.refused("after a reset", passkeys.StatusNoCredentials, 2, getting("a.example", m{3: list(id)}))
	h.state.Memory.SealKeys = h.state.Memory.RetiredKeys
	h.ok(2, getting("a.example", m{3: list(id)}))
}
