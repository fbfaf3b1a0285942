package cli

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"signet/internal/session"
	"signet/tui/screen"
)

func (d *desk) settings() map[string]screen.SettingRow {
	d.Helper()
	rows, err := tuiSettings{d.app}.List(d.Context(), d.vault)
	d.must(err)
	out := map[string]screen.SettingRow{}
	for _, r := range rows {
		out[r.Name] = r
	}
	return out
}

func (d *desk) set(c screen.SettingChange) (weaker bool) {
	d.Helper()
	weaker, err := tuiSettings{d.app}.Check(d.Context(), d.vault, c)
	d.must(err)
	_, err = tuiSettings{d.app}.Set(d.Context(), d.vault, c)
	d.must(err)
	return weaker
}

func TestEverySettingOfTheTableIsShown(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	rows := d.settings()
	for _, r := range (session.Settings{}).Rows() {
		if slices.Contains(notYet, r[0]) {
			continue
		}
		if got, ok := rows[r[0]]; !ok || got.About == "" || got.Source != screen.SettingDefault || got.Value != got.Default {
			t.Errorf("%s is shown as %+v", r[0], got)
		}
	}
	if r := rows["reveal.again"]; len(r.Choices) != 2 {
		t.Errorf("what is on or off is no choice: %+v", r)
	}
}

func TestSettingsOverrideAndComeBack(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	if d.set(screen.SettingChange{Name: "lock.idle", Value: "5m"}) {
		t.Error("a shorter time is called weaker")
	}
	if !d.set(screen.SettingChange{Name: "lock.idle", Value: "never", Device: true}) {
		t.Error("never is not called weaker")
	}
	if r := d.settings()["lock.idle"]; r.Value != "never" || r.Vault != "5m" || r.Default != "15m" || r.Source != screen.SettingDevice {
		t.Errorf("%+v", r)
	}
	if d.set(screen.SettingChange{Name: "lock.idle", Clear: true, Device: true}) {
		t.Error("taking the device's value away protects more")
	}
	if r := d.settings()["lock.idle"]; r.Value != "5m" || r.Source != screen.SettingVault {
		t.Errorf("%+v", r)
	}
	if !d.set(screen.SettingChange{Name: "lock.idle", Clear: true}) {
		t.Error("the default of 15m protects less than 5m")
	}
	if _, err := (tuiSettings{d.app}).Check(t.Context(), d.vault, screen.SettingChange{Name: "lock.idle", Value: "soon"}); err == nil {
		t.Error("a value that is none was taken")
	}
}

func TestLooksStandInTheirFile(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.set(screen.SettingChange{Name: "ui.ascii", Value: "true"})
	r := d.settings()["ui.ascii"]
	b, err := os.ReadFile(r.File)
	if err != nil || r.Value != "true" || !strings.Contains(string(b), "ascii = true") {
		t.Fatalf("%+v, %q, %v", r, b, err)
	}
	if _, err := (tuiSettings{d.app}).Set(t.Context(), d.vault, screen.SettingChange{Name: "ui.theme", Value: "pink and brown"}); err == nil {
		t.Error("a theme that is none was written")
	}
	d.must(os.WriteFile(filepath.Clean(r.File), append([]byte("# mine\n"), b...), 0o600))
	d.set(screen.SettingChange{Name: "ui.ascii", Clear: true})
	if b, err := os.ReadFile(r.File); err != nil || d.settings()["ui.ascii"].Value != "auto" || !strings.Contains(string(b), "# mine") {
		t.Errorf("a file with comments: %q, %v", b, err)
	}
	d.must(os.WriteFile(filepath.Clean(r.File), []byte("nonsense"), 0o600))
	if r := d.settings()["config.toml"]; r.Locked == "" {
		t.Errorf("a broken file is not told of: %+v", d.settings())
	}
}
