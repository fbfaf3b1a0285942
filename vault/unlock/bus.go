package unlock

import (
	"fmt"
	"os"
	"strings"
)

// busAddress finds a session bus that already runs. It never answers "autolaunch": godbus would then start a private
// dbus-daemon and leave it running, or hang with an unusable HOME (vault.md 1.6). The second result says what was looked for.
func busAddress(getenv func(string) string, exists func(string) bool, uid int) (address, found string) {
	env := getenv("DBUS_SESSION_BUS_ADDRESS")
	if env != "" && !strings.HasPrefix(env, "autolaunch:") {
		return env, ""
	}
	path := fmt.Sprintf("/run/user/%d/bus", uid)
	if exists(path) {
		return "unix:path=" + path, ""
	}
	return "", fmt.Sprintf("no D-Bus session bus (DBUS_SESSION_BUS_ADDRESS is not set, and there is no %s)", path)
}

func fileExists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
