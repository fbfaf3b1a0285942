package pty_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"signet/passkeys"
)

// Keys that the Python tests get: more than there are tests.
const (
	pythonKeys   = 64
	pythonUVKeys = 4
)

// python3-fido2 shares no code with libfido2. testdata/test_key.py judges with it: both PIN protocols, salts, management, blobs, settings, U2F, a whole
// client and a whole relying party.
func TestPythonFido2(t *testing.T) {
	t.Parallel()
	const python = "/usr/bin/python3" // the one that packages install modules for
	for _, module := range []string{"fido2", "pytest"} {
		if err := exec.Command(python, "-c", "import "+module).Run(); err != nil { //nolint:gosec // constants
			t.Skipf("Python's %s is missing: make deps installs it", module)
		}
	}
	dir, err := filepath.Abs("testdata")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", dir, dir)
	cmd.Env = append(os.Environ(), "PYTHONDONTWRITEBYTECODE=1", "SIGNET_KEYS="+paths(t, pythonKeys, false), "SIGNET_UV_KEYS="+paths(t, pythonUVKeys, true))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// paths plugs keys in that also offer U2F. Nobody chooses among accounts, so that hosts get all of them.
func paths(t *testing.T, n int, uv bool) string {
	t.Helper()
	var all []string
	for range n {
		k := plugWith(t, func(k *key) {
			now := time.Now() // stays, so that the key is as new when its test begins
			k.opt.U2F, k.opt.AAGUID, k.opt.Now, k.person.Blind = true, passkeys.Signet, func() time.Time { return now }, true
			k.uv.Store(uv)
		})
		all = append(all, k.path)
	}
	return strings.Join(all, ":")
}
