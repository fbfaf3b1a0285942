package jobs

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const passphrase = "analytical engine"

// home is a user's folder with a vault.
type home struct {
	t   *testing.T
	dir string
	env []string
}

func newHome(t *testing.T) *home {
	t.Helper()
	dir := t.TempDir()
	h := &home{t: t, dir: dir, env: []string{"HOME=" + dir, "XDG_RUNTIME_DIR=" + filepath.Join(dir, "run"), "DBUS_SESSION_BUS_ADDRESS=unix:path=/nowhere"}}
	if err := os.WriteFile(filepath.Join(dir, "pass"), []byte(passphrase+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	h.signet("init", "--unlock", "passphrase", "--work-factor", "10", "--recovery-file", filepath.Join(dir, "code"), "--device-name", "lab")
	return h
}

// signet runs the program with the passphrase at hand.
func (h *home) signet(args ...string) string {
	h.t.Helper()
	out, err := commandIn(h.t, h.dir, h.env, "", "sh", append([]string{"-c", `exec "$0" --passphrase-fd 9 "$@" 9<"$HOME/pass"`, signet}, args...)...)
	if err != nil {
		h.t.Fatalf("signet %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return out
}

// key is a virtual security key that is plugged in: `signet passkey serve` on a terminal of its own.
type key struct {
	*terminal
	path string
}

// plug serves this home's vault until the test ends. The key appears first; then somebody types the passphrase.
func (h *home) plug(flags ...string) *key {
	h.t.Helper()
	return opened(&key{terminal: onTerminal(h.t, h.env, signet, serving(flags)...)})
}

// serving is the command line of a virtual key.
func serving(flags []string) []string {
	return append([]string{"passkey", "serve", "--uhid"}, flags...)
}

// opened waits until the key is there and types the passphrase.
func opened(k *key) *key {
	k.t.Helper()
	k.arrive()
	k.answer("Passphrase", ":", passphrase+"\n")
	return k
}

// arrive waits until the key is plugged in and udev has seen it.
func (k *key) arrive() {
	k.t.Helper()
	k.expect("/dev/hidraw")
	number := k.expect("\n")
	k.path = "/dev/hidraw" + strings.TrimSpace(number)
	must(k.t, "", "udevadm", "settle")
}
