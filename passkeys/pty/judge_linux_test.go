package pty_test

import (
	"os/exec"
	"path/filepath"
	"testing"
)

// What libfido2 offers and its tools do not: U2F, credBlob, several accounts, exclude lists, the length of PINs, touch.
func TestLibfido2(t *testing.T) {
	t.Parallel()
	cc, err := exec.LookPath("cc")
	if err != nil {
		t.Skip("a C compiler is missing: make deps installs it")
	}
	source, err := filepath.Abs("testdata/judge.c")
	if err != nil {
		t.Fatal(err)
	}
	judge := filepath.Join(t.TempDir(), "judge")
	out, err := exec.CommandContext(t.Context(), cc, "-Wall", "-o", judge, source, "-lfido2").CombinedOutput() //nolint:gosec // ours
	if err != nil {
		t.Skipf("libfido2's headers are missing: make deps installs them\n%s", out)
	}
	for _, what := range []string{"u2f", "blob", "accounts", "lists", "minpin", "touch"} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			k := plugWith(t, func(k *key) { k.opt.U2F, k.person.Blind = true, true })
			k.must("", nil, judge, k.path, what)
		})
	}
}
