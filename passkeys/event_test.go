package passkeys_test

import (
	"context"
	"testing"

	"signet/passkeys"
)

// logging keeps the events of a key.
func (h *host) logging() *[]passkeys.Event {
	h.t.Helper()
	var all []passkeys.Event
	h.opt.Log = func(_ context.Context, e passkeys.Event) { all = append(all, e) }
	h.opt.U2F = true
	h.replug()
	return &all
}

// What a person may want to know of later is told, once, with its outcome.
func TestEvents(t *testing.T) {
	t.Parallel()
	h := plugged(t)
	events := h.logging()
	last := func(what string, want passkeys.Event) {
		t.Helper()
		if len(*events) != 1 {
			t.Fatalf("%s: %d events", what, len(*events))
		}
		e := (*events)[0]
		*events = nil
		if e.Request == 0 || !e.At.Equal(h.now) {
			t.Errorf("%s: %+v", what, e)
		}
		id := len(e.ID) != 0
		e.Request, e.At, e.ID, e.RPName = 0, want.At, nil, ""
		if got := want.ID != nil; got != id {
			t.Errorf("%s: a credential %t", what, id)
		}
		want.ID = nil
		if e.Command != want.Command || e.RPID != want.RPID || e.UserName != want.UserName || e.Status != want.Status || e.UP != want.UP ||
			e.UV != want.UV || e.Asked != want.Asked {
			t.Errorf("%s: %+v, want %+v", what, e, want)
		}
	}
	none := func(what string) {
		t.Helper()
		if len(*events) != 0 {
			t.Errorf("%s: %+v", what, *events)
		}
		*events = nil
	}
	some := []byte{1}
	id := h.register("a.example", "ann", m{7: rk})
	last("a passkey", passkeys.Event{Command: "makeCredential", RPID: "a.example", UserName: "ann", ID: some, UP: true, Asked: true})
	h.ok(2, getting("a.example", nil))
	last("a sign-in", passkeys.Event{Command: "getAssertion", RPID: "a.example", UserName: "ann", ID: some, UP: true, Asked: true})
	h.ok(2, getting("a.example", m{3: list(id), 5: tm{"up": false}}))
	h.refused("nothing there", passkeys.StatusNoCredentials, 2, getting("b.example", nil))
	h.ok(4, nil)
	none("probes")
	h.person.Refuses = true
	h.refused("refused", passkeys.StatusOperationDenied, 2, getting("a.example", nil))
	h.person.Refuses = false
	last("a refusal", passkeys.Event{Command: "getAssertion", RPID: "a.example", Status: passkeys.StatusOperationDenied, Asked: true})
	h.protect()
	last("a PIN", passkeys.Event{Command: "clientPIN setPIN", UV: true})
	r, _ := h.wanting(passkeys.PINTwo, "4321", passkeys.PermitManage, "")
	h.refused("a wrong PIN", passkeys.StatusPINInvalid, 6, r)
	last("a wrong PIN", passkeys.Event{Command: "clientPIN getPinUvAuthTokenUsingPinWithPermissions", Status: passkeys.StatusPINInvalid})
	token := h.token(passkeys.PINTwo, "1234", passkeys.PermitManage|passkeys.PermitConfig, "")
	h.ok(10, managing(passkeys.PINTwo, token, 2, nil))
	none("reading the list")
	h.ok(10, managing(passkeys.PINTwo, token, 6, m{2: tm{"id": id, "type": "public-key"}}))
	last("a passkey less", passkeys.Event{Command: "credentialManagement deleteCredential", RPID: "a.example", UserName: "ann", ID: some, UV: true})
	h.ok(13, configuring(token, 2, nil))
	last("a setting", passkeys.Event{Command: "config alwaysUv"})
	h.ok(13, configuring(token, 2, nil))
	*events = nil
	k := h.u2fRegister("c.example")
	last("U2F", passkeys.Event{Command: "U2F register", ID: some, UP: true, Asked: true})
	h.word("a probe", u2fWait, authenticating("c.example", k.handle, 7))
	none("a probe")
	h.person.Refuses = true
	for range 3 {
		h.word("refused", u2fRefused, authenticating("c.example", k.handle, 3))
	}
	last("a refusal of U2F, once", passkeys.Event{Command: "U2F authenticate", Status: passkeys.StatusOperationDenied, Asked: true})
}
