//go:build linux

package cli

import (
	"strings"
	"testing"
)

// The settings say where lock.on cannot be obeyed; where it can they say nothing of it.
func TestSettingsSayWhatCannotBeNoticed(t *testing.T) {
	t.Setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nowhere/system")
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere/session")
	about := newDesk(t).settings()["lock.on"].About
	if !strings.Contains(about, "Not available here, lock.idle still holds: systemd-logind was not found (unix:path=/nowhere/system).") {
		t.Errorf("lock.on says %q", about)
	}
}
