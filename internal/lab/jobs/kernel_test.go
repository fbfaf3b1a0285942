package jobs

import (
	"strings"
	"testing"
)

// libfido2 finds the key through udev as it finds a real one, and reads what it can do.
func TestLibfido2FindsTheKey(t *testing.T) {
	k := newHome(t).plug("--approve", "always")
	if out := must(t, "", "fido2-token", "-L"); !strings.Contains(out, k.path+":") || !strings.Contains(out, "Signet") {
		t.Errorf("fido2-token -L: %s", out)
	}
	if out := must(t, "", "fido2-token", "-I", k.path); !strings.Contains(out, "FIDO_2_1") {
		t.Errorf("fido2-token -I: %s", out)
	}
	if out := must(t, "", "udevadm", "info", "-q", "property", k.path); !strings.Contains(out, "ID_FIDO_TOKEN=1") {
		t.Errorf("udev: %s", out)
	}
}
