//go:build linux

package e2e

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// session runs a script on a session bus of its own, where gnome-keyring can be started.
func (h *home) session(t *testing.T, script string) string {
	t.Helper()
	for _, tool := range []string{"dbus-run-session", "gnome-keyring-daemon"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("%s is missing: make deps (or apt-get install dbus gnome-keyring)", tool)
		}
	}
	if err := os.MkdirAll(h.path("run"), 0o700); err != nil {
		t.Fatal(err)
	}
	h.write("session.sh", scriptHead+script)
	cmd := exec.Command("dbus-run-session", "--", "sh", h.path("session.sh"))
	for _, v := range h.env {
		if !strings.HasPrefix(v, "DBUS_SESSION_BUS_ADDRESS=") {
			cmd.Env = append(cmd.Env, v)
		}
	}
	cmd.Dir = h.dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return string(out)
}

// scriptHead: keyring starts the daemon, unlocked; want CODE COMMAND… insists on an exit code.
const scriptHead = `
set -eu
keyring() { printf pw | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1; }
want() { code=$1; shift; got=0; "$@" >out 2>err </dev/null || got=$?; [ "$got" = "$code" ] || { echo "want $code, got $got: $*"; cat out err; exit 1; }; }
has() { grep -q -e "$1" out err || { echo "no $1 in:"; cat out err; exit 1; }; }
`

// A real Secret Service: a vault is made and opened without anybody being asked, from several processes.
func TestKeyringOpensTheVault(t *testing.T) {
	t.Parallel()
	h := emptyHome(t)
	h.session(t, `
keyring
want 0 signet init --no-input --recovery-file code.txt
has 'It opens with: keyring'
want 0 signet add login Site username=ada --generate --no-input
want 0 signet get Site username --no-input
has '^ada$'
want 0 signet status --json
has '"state":"open".*"opened_by":"keyring"'
want 0 signet slot ls
has 'keyring'
want 0 signet doctor --no-input
has 'keyring: gnome-keyring, unlocked'
want 0 signet slot test keyring
# The key is replaced; the keyring still opens.
want 0 signet slot change keyring
want 0 signet get Site username --no-input
# A second way in, and the first removed: the keyring is empty afterwards.
printf 'correct horse battery' >newpass
signet slot add passphrase --work-factor 10 --passphrase-fd 3 3<newpass 2>/dev/null
want 0 signet slot rm keyring --yes
want 12 signet get Site username --no-input
signet get Site username --passphrase-fd 3 3<newpass >out
has '^ada$'
# Completion opens the vault without asking; here nothing opens by itself any more.
want 0 signet __complete get S
`)
	h2 := emptyHome(t)
	out := h2.session(t, `
keyring
want 0 signet init --no-input --no-recovery
want 0 signet add login GitHub username=ada
signet __complete get Git 2>/dev/null
`)
	if !strings.Contains(out, "GitHub\tada") {
		t.Errorf("completion gave %q", out)
	}
}

// A locked collection and nobody to unlock it: 12, with what was found and what to do; nothing hangs, and nothing weaker is
// taken. Without a bus it is the same. init explains it.
func TestKeyringThatDoesNotOpen(t *testing.T) {
	t.Parallel()
	h := emptyHome(t)
	h.session(t, `
keyring
want 0 signet init --no-input --recovery-file code.txt
want 0 signet add login Site username=ada
`)
	h.session(t, `
gnome-keyring-daemon --start --components=secrets >/dev/null 2>&1
want 12 signet get Site username --no-input
has 'locked'
has 'hint: '
want 12 signet status --no-input --json
has '"state":"locked"'
want 12 signet init --vault other --no-input --no-recovery
has 'hint: '
[ ! -e other ] || { echo 'a vault was made'; exit 1; }
# The recovery code opens it all the same, also straight from the sheet.
want 0 signet doctor --no-input
signet get Site username --unlock recovery --passphrase-fd 3 --no-input 3<code.txt >out
has '^ada$'
`)
	h.write("nobus.sh", scriptHead+`
want 12 signet get Site username --no-input
has 'bus'
want 12 signet get Site username --no-input --json
has '"type":"error","v":1,"code":"'
want 12 signet init --vault other --no-input --no-recovery
has 'bus'
has 'hint: '
want 0 signet doctor --no-input
has 'warning .*keyring'
`)
	h.sh(t, "nobus.sh")
}

// The machine is lost: a new one, with a keyring of its own, takes the copied vault in with the recovery code.
func TestKeyringOfANewMachine(t *testing.T) {
	t.Parallel()
	h, there := emptyHome(t), emptyHome(t)
	h.session(t, `
keyring
want 0 signet init --no-input --recovery-file code.txt
want 0 signet add login Site username=ada
`)
	if err := os.CopyFS(there.vault, os.DirFS(h.vault)); err != nil {
		t.Fatal(err)
	}
	there.write("code.txt", h.read("code.txt"))
	there.session(t, `
keyring
want 12 signet get Site username --no-input
signet slot add keyring --unlock recovery --passphrase-fd 3 --recovery-file new.txt --device-name second --no-input 3<code.txt >out 2>err || { cat out err; exit 1; }
want 0 signet get Site username --no-input
has '^ada$'
want 0 signet edit Site username=eve
want 0 signet doctor
want 0 signet status
has 'on second'
`)
}
