package passkeys_test

import (
	"context"
	"testing"

	"signet/passkeys"
)

// lock locks the vault of a key. With known, its settings are remembered, without the secrets. It returns how often it was opened.
func (h *host) lock(known bool) *int {
	h.t.Helper()
	opened := 0
	whole := h.state.Memory
	h.state.Memory = passkeys.Memory{}
	if known {
		h.state.Memory = passkeys.Memory{PINLength: whole.PINLength, PINMisses: whole.PINMisses, MinPINLength: whole.MinPINLength, AlwaysUV: whole.AlwaysUV}
	} else {
		h.state.Err = passkeys.ErrLocked
	}
	h.store.Err = passkeys.ErrLocked
	locked := true
	h.opt.Open = func(_ context.Context, waiting func(bool)) error {
		if !locked {
			return nil
		}
		waiting(true)
		waiting(false)
		opened++
		h.state.Memory, h.state.Err, h.store.Err, locked = whole, nil, nil, false
		return nil
	}
	h.replug()
	return &opened
}

// A locked vault is opened during the request that needs it, which then goes on.
func TestLockedVaultIsOpened(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		cmd    byte
		params any
		opens  int
		want   passkeys.Status
	}{
		"getInfo":             {4, nil, 0, 0},
		"selection":           {11, nil, 0, 0},
		"PIN retries":         {6, m{1: 2, 2: 1}, 0, 0},
		"key agreement":       {6, m{1: 2, 2: 2}, 0, 0},
		"UV retries":          {6, m{2: 7}, 0, 0},
		"a new credential":    {1, making("a.example", "u", nil), 1, 0},
		"an assertion":        {2, getting("a.example", nil), 1, 0},
		"large blobs":         {12, m{1: 10, 3: 0}, 1, 0},
		"a reset":             {7, nil, 1, 0},
		"management":          {10, m{1: 1, 3: 2, 4: hash}, 1, passkeys.StatusPINAuthInvalid},
		"a setting":           {13, m{1: 2, 3: 2, 4: hash}, 1, passkeys.StatusPINAuthInvalid},
		"nonsense":            {1, m{1: hash}, 0, passkeys.StatusMissingParameter},
		"a touch":             {2, getting("a.example", m{6: []byte{}}), 0, passkeys.StatusPINInvalid},
		"nothing to go on":    {8, nil, 0, passkeys.StatusNotAllowed},
		"management unproven": {10, m{1: 1}, 0, passkeys.StatusPUATRequired},
	} {
		h := plugged(t)
		h.register("a.example", "u", m{7: rk})
		h.protect()
		opened := h.lock(true)
		h.refused(name, c.want, c.cmd, c.params)
		if *opened != c.opens {
			t.Errorf("%s: opened %d times, want %d", name, *opened, c.opens)
		}
	}
}

// The PIN is checked after the vault is open, and getInfo tells of it before.
func TestLockedVaultHasAPIN(t *testing.T) {
	t.Parallel()
	h := plugged(t)
	h.protect()
	opened := h.lock(true)
	if options := h.ok(4, nil)[4].(map[any]any); options["clientPin"] != true || *opened != 0 {
		t.Errorf("%v, opened %d times", options, *opened)
	}
	h.token(passkeys.PINTwo, "1234", passkeys.PermitManage, "")
	if *opened != 1 {
		t.Errorf("opened %d times", *opened)
	}
}

// Where nothing is known, even getInfo has to open the vault.
func TestLockedVaultIsUnknown(t *testing.T) {
	t.Parallel()
	h := plugged(t)
	h.protect()
	opened := h.lock(false)
	if options := h.ok(4, nil)[4].(map[any]any); options["clientPin"] != true || *opened != 1 {
		t.Errorf("%v, opened %d times", options, *opened)
	}
}

func TestLockedVaultStaysLocked(t *testing.T) {
	t.Parallel()
	h := plugged(t)
	h.lock(true)
	h.opt.Open = func(context.Context, func(bool)) error { return passkeys.ErrLocked }
	h.replug()
	h.refused("a new credential", passkeys.StatusOperationDenied, 1, making("a.example", "u", nil))
}
