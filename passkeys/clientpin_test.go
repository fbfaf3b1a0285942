package passkeys_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"signet/passkeys"
)

var protocols = []passkeys.PINProtocol{passkeys.PINOne, passkeys.PINTwo}

func (h *host) retries() int64 { return h.ok(6, m{2: 1})[3].(int64) }

func TestClientPINRefuses(t *testing.T) {
	t.Parallel()
	h := plugged(t)
	for name, c := range map[string]struct {
		params any
		want   passkeys.Status
	}{
		"no subcommand":      {m{1: 1}, passkeys.StatusMissingParameter},
		"an unknown one":     {m{1: 1, 2: 8}, passkeys.StatusInvalidSubcommand},
		"no protocol":        {m{2: 2}, passkeys.StatusMissingParameter},
		"protocol 3":         {m{1: 3, 2: 2}, passkeys.StatusInvalidParameter},
		"set, nothing else":  {m{1: 1, 2: 3}, passkeys.StatusMissingParameter},
		"change, the same":   {m{1: 1, 2: 4}, passkeys.StatusMissingParameter},
		"token, the same":    {m{1: 1, 2: 5}, passkeys.StatusMissingParameter},
		"by PIN, the same":   {m{1: 1, 2: 9}, passkeys.StatusMissingParameter},
		"by UV, the same":    {m{1: 1, 2: 6}, passkeys.StatusMissingParameter},
		"a subcommand in x":  {m{1: 1, 2: "x"}, passkeys.StatusCBORUnexpectedType},
		"an empty key":       {m{1: 1, 2: 3, 3: m{}, 4: hash, 5: hash}, passkeys.StatusInvalidParameter},
		"a PIN to be change": {h.changingPIN(passkeys.PINTwo, "1234", "12345"), passkeys.StatusPINNotSet},
	} {
		h.refused(name, c.want, 6, c.params)
	}
	r, _ := h.wanting(passkeys.PINTwo, "1234", 0, "")
	h.refused("a token without a PIN", passkeys.StatusPINNotSet, 6, r)
}

func TestSetPIN(t *testing.T) {
	t.Parallel()
	for _, p := range protocols {
		h := plugged(t)
		for name, pin := range map[string]string{"short": "123", "short in letters": "äöü", "long": strings.Repeat("1", 64), "no text": "\xff\xff\xff\xff", "nothing": ""} {
			h.refused(name, passkeys.StatusPINPolicyViolation, 6, h.settingPIN(p, pin))
		}
		bad := h.settingPIN(p, "1234")
		bad[4] = make([]byte, 32)
		h.refused("a wrong tag", passkeys.StatusPINAuthInvalid, 6, bad)
		shared, key := h.agree(p)
		short := p.Encrypt(shared, padded("1234")[:32])
		h.refused("not padded", passkeys.StatusInvalidParameter, 6, m{1: p, 2: 3, 3: key, 4: p.Authenticate(shared, short), 5: short})
		h.ok(6, h.settingPIN(p, "äöüß"))
		h.refused("twice", passkeys.StatusPINAuthInvalid, 6, h.settingPIN(p, "1234"))
		if o := h.ok(4, nil)[4].(map[any]any); o["clientPin"] != true || strings.Contains(fmt.Sprint(h.state.Memory.PIN.Reveal()), fmt.Sprint(pinHash("äöüß"))) {
			t.Errorf("%v", o)
		}
	}
}

func TestChangePIN(t *testing.T) {
	t.Parallel()
	for _, p := range protocols {
		h := plugged(t)
		h.protect()
		token := h.token(p, "1234", passkeys.PermitMake, "a.example")
		h.refused("too short", passkeys.StatusPINPolicyViolation, 6, h.changingPIN(p, "1234", "1"))
		h.refused("wrong", passkeys.StatusPINInvalid, 6, h.changingPIN(p, "4321", "5678"))
		bad := h.changingPIN(p, "1234", "5678")
		bad[4] = make([]byte, 16)
		h.refused("a wrong tag", passkeys.StatusPINAuthInvalid, 6, bad)
		h.ok(6, h.changingPIN(p, "1234", "5678"))
		h.refused("the old token", passkeys.StatusPINAuthInvalid, 1, with(making("a.example", "u", nil), 8, p, token))
		h.token(p, "5678", passkeys.PermitMake, "a.example")
	}
}

// Three wrong ones in a row block until it is plugged in again, eight for good. The tries are counted before anybody looks.
func TestPINRetries(t *testing.T) {
	t.Parallel()
	for _, p := range protocols {
		h := plugged(t)
		h.protect()
		wrong := func(want passkeys.Status) {
			t.Helper()
			r, _ := h.wanting(p, "0000", passkeys.PermitMake, "a.example")
			h.refused("wrong", want, 6, r)
		}
		wrong(passkeys.StatusPINInvalid)
		h.token(p, "1234", passkeys.PermitMake, "a.example")
		if h.retries() != 8 {
			t.Error("a right PIN did not give the tries back")
		}
		for left := int64(8); left > 2; left -= 3 {
			wrong(passkeys.StatusPINInvalid)
			wrong(passkeys.StatusPINInvalid)
			wrong(passkeys.StatusPINAuthBlocked)
			r, _ := h.wanting(p, "1234", passkeys.PermitMake, "a.example")
			h.refused("right, but blocked", passkeys.StatusPINAuthBlocked, 6, r)
			if answer := h.ok(6, m{2: 1}); answer[3] != left-3 || answer[4] != true {
				t.Errorf("%v", answer)
			}
			h.replug()
		}
		wrong(passkeys.StatusPINInvalid)
		wrong(passkeys.StatusPINBlocked)
		h.replug()
		wrong(passkeys.StatusPINBlocked)
		h.refused("changing", passkeys.StatusPINBlocked, 6, h.changingPIN(p, "1234", "5678"))
	}
}

// After a wrong PIN the host has to agree on a new key.
func TestWrongPINCostsTheAgreement(t *testing.T) {
	t.Parallel()
	h := plugged(t)
	h.protect()
	right, _ := h.wanting(passkeys.PINTwo, "1234", passkeys.PermitMake, "a.example")
	wrong, _ := h.wanting(passkeys.PINTwo, "0000", passkeys.PermitMake, "a.example")
	h.refused("wrong", passkeys.StatusPINInvalid, 6, wrong)
	h.refused("right with the old key", passkeys.StatusPINInvalid, 6, right)
}

func TestTokens(t *testing.T) {
	t.Parallel()
	h := plugged(t)
	h.protect()
	for name, c := range map[string]struct {
		change func(r m)
		want   passkeys.Status
	}{
		"no permissions":          {func(r m) { delete(r, 9) }, passkeys.StatusMissingParameter},
		"none":                    {func(r m) { r[9] = 0 }, passkeys.StatusInvalidParameter},
		"fingerprints":            {func(r m) { r[9] = 8 }, passkeys.StatusUnauthorizedPermission},
		"one that nobody knows":   {func(r m) { r[9] = 0x80 }, passkeys.StatusUnauthorizedPermission},
		"no site":                 {func(r m) { delete(r, 10) }, passkeys.StatusMissingParameter},
		"a long site":             {func(r m) { r[10] = strings.Repeat("a", 256) }, passkeys.StatusInvalidLength},
		"persistent and more":     {func(r m) { r[9] = 0x41 }, passkeys.StatusInvalidParameter},
		"the old way with a site": {func(r m) { r[2] = 5 }, passkeys.StatusInvalidParameter},
	} {
		r, _ := h.wanting(passkeys.PINTwo, "1234", passkeys.PermitMake, "a.example")
		c.change(r)
		h.refused(name, c.want, 6, r)
	}
	if h.retries() != 8 {
		t.Error("a try was counted")
	}
}

// The old way gives a token for one registration or one login, at the site of its first use.
func TestLegacyToken(t *testing.T) {
	t.Parallel()
	for _, p := range protocols {
		h := plugged(t)
		h.protect()
		token := h.token(p, "1234", 0, "")
		h.ok(1, with(making("a.example", "u", m{7: rk}), 8, p, token))
		token = h.token(p, "1234", 0, "")
		h.ok(2, with(getting("a.example", m{5: tm{"up": false}}), 6, p, token))
		h.refused("bound meanwhile", passkeys.StatusPINAuthInvalid, 2, with(getting("b.example", nil), 6, p, token))
		message := []byte{1}
		h.refused("managing", passkeys.StatusPINAuthInvalid, 10, m{1: 1, 3: p, 4: p.Authenticate(token, message)})
	}
}

func TestTokenTimes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		waits []time.Duration
		want  passkeys.Status
	}{
		"at once":          {nil, passkeys.StatusOK},
		"unused":           {[]time.Duration{30 * time.Second}, passkeys.StatusPINAuthInvalid},
		"used":             {[]time.Duration{29 * time.Second, 9 * time.Minute}, passkeys.StatusOK},
		"too old":          {[]time.Duration{29 * time.Second, 10 * time.Minute}, passkeys.StatusPINAuthInvalid},
		"a clock set back": {[]time.Duration{-time.Minute}, passkeys.StatusPINAuthInvalid},
	} {
		h := plugged(t)
		h.register("a.example", "u", m{7: rk})
		h.protect()
		token := h.token(passkeys.PINTwo, "1234", passkeys.PermitGet, "a.example")
		probe := func() passkeys.Status {
			status, _ := h.do(2, with(getting("a.example", m{5: tm{"up": false}}), 6, passkeys.PINTwo, token))
			return status
		}
		got := passkeys.StatusOK
		for _, w := range c.waits {
			h.now = h.now.Add(w)
			got = probe()
		}
		if len(c.waits) == 0 {
			got = probe()
		}
		if got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// A token of one protocol is nothing to the other.
func TestTokenKeepsItsProtocol(t *testing.T) {
	t.Parallel()
	h := plugged(t)
	h.protect()
	token := h.token(passkeys.PINTwo, "1234", passkeys.PermitMake, "a.example")
	h.refused("one", passkeys.StatusPINAuthInvalid, 1, with(making("a.example", "u", nil), 8, passkeys.PINOne, token))
	h.ok(1, with(making("a.example", "u", nil), 8, passkeys.PINTwo, token))
}

func (h *host) wantingByUV(perm passkeys.Permission, rpID string) (m, []byte) {
	shared, key := h.agree(passkeys.PINTwo)
	r := m{1: 2, 2: 6, 3: key, 9: perm}
	if rpID != "" {
		r[10] = rpID
	}
	return r, shared
}

func TestTokenByUV(t *testing.T) {
	t.Parallel()
	h := plugged(t)
	h.register("a.example", "u", m{7: rk})
	r, _ := h.wantingByUV(passkeys.PermitMake, "a.example")
	h.refused("not now", passkeys.StatusNotAllowed, 6, r)
	h.uv = true
	r, shared := h.wantingByUV(passkeys.PermitMake, "a.example")
	token, err := passkeys.PINTwo.Decrypt(shared, h.ok(6, r)[2].([]byte))
	if err != nil || h.person.Last().Action != passkeys.ActionVerify || h.person.Last().RPID != "a.example" {
		t.Fatal(err, h.person.Last())
	}
	data := parse(t, h.ok(1, with(making("a.example", "u", nil), 8, passkeys.PINTwo, token)), 2)
	if data.flags&passkeys.FlagUV == 0 || !h.person.Last().Recent {
		t.Errorf("flags %x, %+v", data.flags, h.person.Last())
	}
	r, shared = h.wantingByUV(passkeys.PermitReadOnlyManage, "")
	persistent, err := passkeys.PINTwo.Decrypt(shared, h.ok(6, r)[2].([]byte))
	if err != nil {
		t.Fatal(err)
	}
	h.replug()
	h.ok(10, managing(passkeys.PINTwo, persistent, 2, nil))
}

// Whatever goes wrong, it is never StatusOperationDenied: browsers would give up instead of asking for the PIN.
func TestTokenByUVWhenItFails(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		set  func(h *host)
		want passkeys.Status
	}{
		"refused":        {func(h *host) { h.person.Refuses = true }, passkeys.StatusOperationDenied},
		"blocked":        {func(h *host) { h.person.Err = passkeys.ErrVerifyBlocked }, passkeys.StatusUVBlocked},
		"wrong":          {func(h *host) { h.person.Err = passkeys.ErrNotVerified }, passkeys.StatusUVInvalid},
		"present only":   {func(h *host) { h.person.Unable = true }, passkeys.StatusUVInvalid},
		"nobody answers": {func(h *host) { h.person.Err = errors.New("gone") }, passkeys.StatusOther},
	} {
		h := plugged(t)
		h.uv = true
		c.set(h)
		r, _ := h.wantingByUV(passkeys.PermitMake, "a.example")
		h.refused(name, c.want, 6, r)
	}
}

func TestUVRetries(t *testing.T) {
	t.Parallel()
	h := plugged(t)
	h.protect()
	h.uv, h.person.Unable = true, true
	for _, want := range []passkeys.Status{passkeys.StatusUVInvalid, passkeys.StatusUVInvalid, passkeys.StatusUVBlocked, passkeys.StatusUVBlocked} {
		r, _ := h.wantingByUV(passkeys.PermitMake, "a.example")
		h.refused("wrong", want, 6, r)
	}
	if h.ok(6, m{2: 7})[5] != int64(0) {
		t.Error("tries are left")
	}
	if o := h.ok(4, nil)[4].(map[any]any); o["uv"] != nil {
		t.Error("promised, although it is blocked")
	}
	h.token(passkeys.PINTwo, "1234", passkeys.PermitMake, "a.example")
	if h.ok(6, m{2: 7})[5] != int64(3) {
		t.Error("a right PIN did not give the tries back")
	}
}

func TestForcedChange(t *testing.T) {
	t.Parallel()
	h := plugged(t)
	h.protect()
	h.state.Memory.ForceChangePIN = true
	r, _ := h.wanting(passkeys.PINTwo, "1234", passkeys.PermitMake, "a.example")
	h.refused("a token", passkeys.StatusPINPolicyViolation, 6, r)
	r, _ = h.wanting(passkeys.PINTwo, "1234", 0, "")
	h.refused("the old way", passkeys.StatusPINInvalid, 6, r)
	h.refused("the same PIN", passkeys.StatusPINPolicyViolation, 6, h.changingPIN(passkeys.PINTwo, "1234", "1234"))
	h.ok(6, h.changingPIN(passkeys.PINTwo, "1234", "5678"))
	h.token(passkeys.PINTwo, "5678", passkeys.PermitMake, "a.example")
}

// Verifications that a request asks for itself count like those for a token.
func TestUVRetriesOfEveryRequest(t *testing.T) {
	t.Parallel()
	h := plugged(t)
	id := h.register("a.example", "u", nil)
	h.uv, h.person.Unable = true, true
	for _, left := range []int64{2, 1, 0} {
		h.refused("a wrong one", passkeys.StatusPUATRequired, 2, getting("a.example", m{3: list(id), 5: tm{"uv": true}}))
		if got := h.ok(6, m{2: 7})[5]; got != left {
			t.Errorf("%v tries are left, want %d", got, left)
		}
	}
	if options := h.ok(4, nil)[4].(map[any]any); options["uv"] != nil {
		t.Error("a verification that is blocked is offered")
	}
	h.refused("blocked", passkeys.StatusInvalidOption, 2, getting("a.example", m{3: list(id), 5: tm{"uv": true}}))
	h.replug()
	h.person.Unable, h.person.Refuses = false, true
	h.refused("a refusal is no wrong one", passkeys.StatusOperationDenied, 2, getting("a.example", m{3: list(id), 5: tm{"uv": true}}))
	if got := h.ok(6, m{2: 7})[5]; got != int64(3) {
		t.Errorf("%v tries are left", got)
	}
}
