package unlock

import (
	"strings"
	"testing"
)

func TestBusAddress(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, env string
		exists    bool
		want      string
	}{
		{"from the environment", "unix:path=/tmp/x", false, "unix:path=/tmp/x"},
		{"the environment wins", "unix:path=/tmp/x", true, "unix:path=/tmp/x"},
		{"the user's socket", "", true, "unix:path=/run/user/1000/bus"},
		{"none", "", false, ""},
		{"never start one", "autolaunch:", false, ""},
		{"never start one, with a scope", "autolaunch:scope=*user", false, ""},
		{"autolaunch beside a real socket", "autolaunch:", true, "unix:path=/run/user/1000/bus"},
	} {
		got, found := busAddress(func(string) string { return c.env }, func(string) bool { return c.exists }, 1000)
		if got != c.want {
			t.Errorf("%s: got %q", c.name, got)
		}
		if (got == "") != strings.Contains(found, "/run/user/1000/bus") {
			t.Errorf("%s: explanation %q", c.name, found)
		}
	}
}
