//go:build unix

package uhidsetup

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/charmbracelet/x/exp/golden"

	"signet/internal/uhidhelper"
)

var (
	ada   = uhidhelper.User{UID: 1000, Name: "ada"}
	bob   = uhidhelper.User{UID: 1001, Name: "bob"}
	plans = map[string]Plan{
		"helper": {Way: Helper, Users: []uhidhelper.User{ada, bob}, Program: "/usr/bin/signet"},
		"copy":   {Way: Helper, Users: []uhidhelper.User{ada}, Program: BinaryCopy, CopyFrom: "/home/ada/go/bin/signet"},
		"rule":   {Way: Rule, Users: []uhidhelper.User{ada}},
	}
)

// Every byte that is installed is looked at by a person in review.
func TestWhatIsInstalled(t *testing.T) {
	for name, p := range plans {
		t.Run(name, func(t *testing.T) {
			var b strings.Builder
			for _, f := range p.Files() {
				fmt.Fprintf(&b, "-- %s %v %04o: %s --\n%s\n", f.Path, f.Kind, f.Mode, f.Why, f.Content)
			}
			golden.RequireEqual(t, []byte(b.String()))
		})
	}
}

// systemd itself reads the units, and judges how much a broken helper could do: 0 is best, 10 worst.
func TestSystemdTakesTheUnits(t *testing.T) {
	t.Parallel()
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("no systemd-analyze, which judges the units: make deps installs it, or install systemd")
	}
	dir := t.TempDir()
	for _, f := range (Plan{Program: "/bin/true"}).Files() {
		if f.Path == SocketUnit || f.Path == ServiceUnit {
			if err := os.WriteFile(filepath.Join(dir, filepath.Base(f.Path)), []byte(f.Content), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	service := filepath.Join(dir, "signet-uhid.service")
	out, err := exec.Command(analyze, "verify", "--man=no", service, filepath.Join(dir, "signet-uhid.socket")).CombinedOutput()
	if err != nil || strings.Contains(string(out), "signet-uhid") {
		t.Errorf("systemd-analyze verify: %v\n%s", err, out)
	}
	out, err = exec.Command(analyze, "security", "--offline=true", "--no-pager", "--threshold=20", service).CombinedOutput() // 2.0
	if err != nil {
		t.Errorf("systemd-analyze security: %v\n%s", err, out)
	}
}

func TestOddPathsAreQuoted(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"/usr/bin/signet": "/usr/bin/signet", "/opt/my tools/signet": `"/opt/my tools/signet"`, "/opt/100%/$x/signet": `"/opt/100%%/$$x/signet"`, `/opt/"a\b`: `"/opt/\"a\\b"`,
	} {
		if got := quoteExec(path); got != want {
			t.Errorf("%s: %s", path, got)
		} else if back := unquoteExec(got); back != path {
			t.Errorf("%s came back as %s", path, back)
		}
	}
}

func TestWaysHaveNames(t *testing.T) {
	t.Parallel()
	for _, w := range []Way{Helper, Rule} {
		if got, err := ParseWay(w.String()); err != nil || got != w {
			t.Error(w, got, err)
		}
	}
	if _, err := ParseWay("both"); err == nil {
		t.Error("both is a way")
	}
}
