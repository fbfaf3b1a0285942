package session_test

import (
	"testing"

	"signet/internal/session"
	"signet/passkeys"
	"signet/vault"
)

// The rule of a site wins over the vault's default, this device's word over the vault's, and what is taken away counts no more.
func TestBindingFollowsTheSettings(t *testing.T) {
	d, l := newDoor(t)
	set := func(name, value string) {
		t.Helper()
		_, edits, err := session.SettingEdits(t.Context(), l, name, value, vault.SystemIDs())
		must(t, err)
		_, err = l.Apply(t.Context(), nil, edits)
		must(t, err)
	}
	want := func(rp string, b passkeys.Binding) {
		t.Helper()
		if got, err := d.Binding(t.Context(), rp); err != nil || got != b {
			t.Errorf("%s: %v, %v", rp, got, err)
		}
	}
	want("a.example", passkeys.Synced)
	set("passkey.default", "device")
	set("passkey.rp/a.example", "synced")
	want("a.example", passkeys.Synced)
	want("sub.a.example", passkeys.Device)
	want("../a.example", passkeys.Device)
	info, err := l.Info(t.Context())
	must(t, err)
	set(session.DeviceSetting(info.DeviceID, "passkey.rp/a.example"), "device")
	want("a.example", passkeys.Device)
	set(session.DeviceSetting(info.DeviceID, "passkey.rp/a.example"), "default")
	set("passkey.rp/a.example", "default")
	set("passkey.default", "synced")
	want("a.example", passkeys.Synced)
	now, err := l.Settings(t.Context())
	must(t, err)
	for name, value := range map[string]string{
		"passkey.default": "ask", "passkey.rp/": "device", "passkey.rp/a/b": "device", "passkey.rp/*": "device", "passkey.rp/A.example": "device", "passkey.rp/a.example": "moon",
	} {
		if _, err := now.Weakens(name, value); err == nil {
			t.Errorf("%s %s was taken", name, value)
		}
	}
	set("passkey.rp/b.example", "device")
	rows, err := session.SettingRows(t.Context(), l)
	must(t, err)
	last := rows[len(rows)-1]
	if last.Name != "passkey.rp/b.example" || last.Value != "device" || last.Source != session.FromVault || last.Default != "default" {
		t.Errorf("row %+v", last)
	}
}
