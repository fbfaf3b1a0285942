package pty_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// OpenSSH makes keys on the device and signs with them; it judges the attestation and the signatures itself. Fetching resident keys (-K) finds devices by
// itself only, so that it needs a real one.
func TestSSHKeys(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"ecdsa-sk", "ed25519-sk"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			k := plug(t, "ssh-keygen", "fido2-token")
			k.protect()
			device := "device=" + k.path
			for name, c := range map[string]struct {
				typed []string
				flags []string
			}{
				"plain":    {nil, nil},
				"resident": {pin, []string{"-O", "resident", "-O", "application=ssh:test", "-O", "verify-required"}},
			} {
				file := filepath.Join(k.dir, name)
				k.must("", c.typed, "ssh-keygen", append([]string{"-t", kind, "-N", "", "-f", file, "-O", device}, c.flags...)...)
				public, err := os.ReadFile(file + ".pub")
				if err != nil || !bytes.Contains(public, []byte(kind[:5])) {
					t.Fatalf("%s, %v", public, err)
				}
			}
			if n, _ := k.store.Count(t.Context()); n != 1 {
				t.Errorf("%d passkeys", n)
			}
		})
	}
}
