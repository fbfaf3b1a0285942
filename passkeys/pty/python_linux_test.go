package pty_test

import (
	"os/exec"
	"path/filepath"
	"testing"
)

// python3-fido2 shares no code with libfido2: both PIN protocols, salts, blobs, management, settings and reset.
func TestPythonFido2(t *testing.T) {
	t.Parallel()
	k := plug(t)
	const python = "/usr/bin/python3"
	if err := exec.Command(python, "-c", "import fido2").Run(); err != nil { //nolint:gosec // a constant
		t.Skip("python3-fido2 is missing: make deps installs it")
	}
	script, err := filepath.Abs("testdata/judge.py")
	if err != nil {
		t.Fatal(err)
	}
	k.must("", nil, python, script, k.path)
	if len(k.store.Trash) != 2 {
		t.Errorf("%d in the trash", len(k.store.Trash))
	}
}
