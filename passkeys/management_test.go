package passkeys_test

import (
	"crypto/sha256"
	"errors"
	"testing"

	"signet/passkeys"
)

// managing is a request of credential management with its proof.
func managing(p passkeys.PINProtocol, token []byte, sub int, params any) m {
	message := []byte{byte(sub)}
	r := m{1: sub, 3: p}
	if params != nil {
		message = append(message, passkeys.Marshal(params)...)
		r[2] = params
	}
	r[4] = p.Authenticate(token, message)
	return r
}

// filled is a protected key with passkeys of two sites.
func filled(t *testing.T) (*host, map[string][]byte) {
	t.Helper()
	h := plugged(t)
	ids := map[string][]byte{}
	for _, u := range []string{"ann", "bob"} {
		ids[u] = h.register("a.example", u, m{7: rk, 6: tm{"largeBlobKey": true, "credProtect": 2}})
	}
	ids["cleo"] = h.register("b.example", "cleo", m{7: rk})
	h.register("c.example", "dora", nil)
	h.protect()
	return h, ids
}

func siteHash(s string) []byte {
	sum := sha256.Sum256([]byte(s))
	return sum[:]
}

func TestCredentialManagementRefuses(t *testing.T) {
	t.Parallel()
	h, ids := filled(t)
	p := passkeys.PINTwo
	token := h.token(p, "1234", passkeys.PermitManage, "")
	for name, c := range map[string]struct {
		params any
		want   passkeys.Status
	}{
		"no subcommand":     {m{}, passkeys.StatusMissingParameter},
		"an unknown one":    {m{1: 8}, passkeys.StatusInvalidSubcommand},
		"no proof":          {m{1: 1}, passkeys.StatusPUATRequired},
		"no protocol":       {m{1: 1, 4: hash}, passkeys.StatusMissingParameter},
		"protocol 3":        {m{1: 1, 3: 3, 4: hash}, passkeys.StatusInvalidParameter},
		"a wrong proof":     {m{1: 1, 3: p, 4: hash}, passkeys.StatusPINAuthInvalid},
		"the next site":     {m{1: 3}, passkeys.StatusNotAllowed},
		"the next passkey":  {m{1: 5}, passkeys.StatusNotAllowed},
		"no hash":           {managing(p, token, 4, m{}), passkeys.StatusMissingParameter},
		"an unknown site":   {managing(p, token, 4, m{1: hash}), passkeys.StatusNoCredentials},
		"delete nothing":    {managing(p, token, 6, m{}), passkeys.StatusMissingParameter},
		"delete an unknown": {managing(p, token, 6, m{2: tm{"id": hash, "type": "public-key"}}), passkeys.StatusNoCredentials},
		"update nobody":     {managing(p, token, 7, m{2: tm{"id": ids["ann"], "type": "public-key"}}), passkeys.StatusMissingParameter},
		"update another": {
			managing(p, token, 7, m{2: tm{"id": ids["ann"], "type": "public-key"}, 3: tm{"id": []byte("bob")}}), passkeys.StatusInvalidParameter,
		},
		"update an unknown": {
			managing(p, token, 7, m{2: tm{"id": hash, "type": "public-key"}, 3: tm{"id": []byte("bob")}}), passkeys.StatusNoCredentials,
		},
		"parameters of another kind": {m{1: 4, 2: 5, 3: p, 4: hash}, passkeys.StatusCBORUnexpectedType},
	} {
		h.refused(name, c.want, 10, c.params)
	}
	h.store.Err = errors.New("disk")
	for sub, params := range map[int]any{1: nil, 2: nil, 4: m{1: siteHash("a.example")}, 6: m{2: tm{"id": ids["ann"], "type": "public-key"}}} {
		h.refused("a broken store", passkeys.StatusOther, 10, managing(p, token, sub, params))
	}
	h.store.Err = nil
	other := h.token(p, "1234", passkeys.PermitConfig, "")
	h.refused("another permission", passkeys.StatusPINAuthInvalid, 10, managing(p, other, 1, nil))
}

func TestCredentialManagement(t *testing.T) {
	t.Parallel()
	for _, p := range protocols {
		h, ids := filled(t)
		token := h.token(p, "1234", passkeys.PermitManage, "")
		if answer := h.ok(10, managing(p, token, 1, nil)); answer[1] != int64(3) || answer[2] != int64(100_000-3) {
			t.Errorf("%v", answer)
		}
		first := h.ok(10, managing(p, token, 2, nil))
		second := h.ok(10, m{1: 3})
		if first[5] != int64(2) || first[3].(map[any]any)["id"] != "a.example" || string(first[4].([]byte)) != string(siteHash("a.example")) ||
			second[3].(map[any]any)["id"] != "b.example" || second[5] != nil {
			t.Errorf("%v, %v", first, second)
		}
		h.refused("a third site", passkeys.StatusNotAllowed, 10, m{1: 3})
		h.ok(0x41, managing(p, token, 2, nil)) // as hosts ask who know the draft only
		h.ok(0x41, m{1: 3})
		one := h.ok(10, managing(p, token, 4, m{1: siteHash("a.example")}))
		two := h.ok(10, m{1: 5})
		user := one[6].(map[any]any)
		if one[9] != int64(2) || two[9] != nil || user["name"] != "bob" || one[10] != int64(2) || len(one[11].([]byte)) != 32 || len(one[8].(map[any]any)) != 5 {
			t.Errorf("%v", one)
		}
		h.refused("a third passkey", passkeys.StatusNotAllowed, 10, m{1: 5})
		ann := tm{"id": ids["ann"], "type": "public-key"}
		h.ok(10, managing(p, token, 7, m{2: ann, 3: tm{"id": []byte("ann"), "name": "Anna", "displayName": "A."}}))
		if cred, _ := h.store.ByID(t.Context(), ids["ann"]); cred.User.Name != "Anna" || cred.User.DisplayName != "A." {
			t.Errorf("%+v", cred.User)
		}
		h.ok(10, managing(p, token, 6, m{2: ann}))
		if len(h.store.Trash) != 1 {
			t.Error("not in the trash")
		}
	}
}

func TestCredentialManagementOfNothing(t *testing.T) {
	t.Parallel()
	h := plugged(t)
	h.protect()
	token := h.token(passkeys.PINTwo, "1234", passkeys.PermitManage, "")
	h.refused("no sites", passkeys.StatusNoCredentials, 10, managing(passkeys.PINTwo, token, 2, nil))
}

// A token for one site manages no other.
func TestCredentialManagementOfOneSite(t *testing.T) {
	t.Parallel()
	h, ids := filled(t)
	p := passkeys.PINTwo
	token := h.token(p, "1234", passkeys.PermitManage, "a.example")
	h.ok(10, managing(p, token, 4, m{1: siteHash("a.example")}))
	for name, r := range map[string]m{
		"metadata":     managing(p, token, 1, nil),
		"sites":        managing(p, token, 2, nil),
		"another site": managing(p, token, 4, m{1: siteHash("b.example")}),
		"delete":       managing(p, token, 6, m{2: tm{"id": ids["cleo"], "type": "public-key"}}),
		"update":       managing(p, token, 7, m{2: tm{"id": ids["cleo"], "type": "public-key"}, 3: tm{"id": []byte("cleo")}}),
	} {
		h.refused(name, passkeys.StatusPINAuthInvalid, 10, r)
	}
}

// The persistent token reads, for ever, and does nothing else. A new PIN ends it.
func TestPersistentToken(t *testing.T) {
	t.Parallel()
	for _, p := range protocols {
		h, ids := filled(t)
		token := h.token(p, "1234", passkeys.PermitReadOnlyManage, "")
		h.replug()
		for _, r := range []m{managing(p, token, 1, nil), managing(p, token, 2, nil), managing(p, token, 4, m{1: siteHash("b.example")})} {
			h.ok(10, r)
		}
		h.refused("delete", passkeys.StatusPINAuthInvalid, 10, managing(p, token, 6, m{2: tm{"id": ids["ann"], "type": "public-key"}}))
		h.refused("register", passkeys.StatusPINAuthInvalid, 1, with(making("a.example", "u", m{7: rk}), 8, p, token))
		if again := h.token(p, "1234", passkeys.PermitReadOnlyManage, ""); string(again) != string(token) {
			t.Error("another token")
		}
		h.ok(6, h.changingPIN(p, "1234", "5678"))
		h.refused("after a new PIN", passkeys.StatusPINAuthInvalid, 10, managing(p, token, 1, nil))
	}
}
