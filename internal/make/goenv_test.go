//go:build unix

package make

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// goenv sources goenv.sh on a made-up machine and gives the variables that it leaves, or what it says when it fails.
func (m machine) goenv(t *testing.T, env ...string) (vars map[string]string, failure string) {
	t.Helper()
	dir := t.TempDir()
	path := m.build(t, dir)
	cmd := exec.Command("/bin/sh", "-c", ". internal/make/goenv.sh && env")
	cmd.Dir = filepath.Join("..", "..")
	cmd.Env = append([]string{"PATH=" + path, "HOME=" + dir}, env...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return nil, string(out)
	}
	vars = map[string]string{}
	for _, line := range strings.Split(string(out), "\n") {
		name, value, _ := strings.Cut(line, "=")
		vars[name] = strings.TrimSpace(value)
	}
	return vars, ""
}

// What a machine lacks is switched off with the reason, never left to a failing build.
func TestGoenvSwitchesOffWhatIsMissing(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		m    machine
		env  []string
		want map[string]string
	}{
		{"complete", machine{has: []string{"cc", "libfido2"}}, nil,
			map[string]string{"SIGNET_FIDO": "yes", "SIGNET_RACE": "-race", "CGO_ENABLED": "", "GOFLAGS": ""}},
		{"no libfido2", machine{has: []string{"cc"}}, nil,
			map[string]string{"SIGNET_FIDO": "libfido2 is not installed (make deps installs it)", "SIGNET_RACE": "-race", "GOFLAGS": "-tags=nolibfido2"}},
		{"no compiler", machine{}, nil,
			map[string]string{"SIGNET_FIDO": "there is no C compiler", "SIGNET_RACE": "", "CGO_ENABLED": "0", "GOFLAGS": "-tags=nolibfido2"}},
		{"cgo off by choice", machine{has: []string{"cc", "libfido2"}}, []string{"CGO_ENABLED=0"},
			map[string]string{"SIGNET_FIDO": "cgo is switched off (CGO_ENABLED=0)", "SIGNET_RACE": "", "GOFLAGS": "-tags=nolibfido2"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, failure := c.m.goenv(t, c.env...)
			if failure != "" {
				t.Fatal(failure)
			}
			for name, want := range c.want {
				if got[name] != want {
					t.Errorf("%s is %q, want %q", name, got[name], want)
				}
			}
		})
	}
}

// A distribution's Go that is too old, and pinned to itself, may fetch the right one, and checks it.
func TestGoenvLetsAPinnedGoFetchTheRightOne(t *testing.T) {
	t.Parallel()
	got, failure := machine{golang: "go1.24.3"}.goenv(t)
	if failure != "" || got["GOTOOLCHAIN"] != "auto" || got["GOSUMDB"] != "sum.golang.org" {
		t.Errorf("GOTOOLCHAIN=%q GOSUMDB=%q %s", got["GOTOOLCHAIN"], got["GOSUMDB"], failure)
	}
	got, failure = machine{}.goenv(t)
	if failure != "" || got["GOTOOLCHAIN"] != "" || got["GOSUMDB"] != "" {
		t.Errorf("a Go that is new enough: GOTOOLCHAIN=%q GOSUMDB=%q %s", got["GOTOOLCHAIN"], got["GOSUMDB"], failure)
	}
}

// make run opens the tour where there is no terminal to draw on; the recipes run on the oldest make that we promise.
func TestMakefileKeepsItsPromises(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile(filepath.Join("..", "..", "Makefile"))
	if err != nil {
		t.Fatal(err)
	}
	text := string(b)
	if !strings.Contains(text, "if [ -t 0 ] && [ -t 1 ]; then exec ./$(BIN); else exec ./$(BIN) tour; fi") {
		t.Error("make run does not choose between the program and the tour")
	}
	for _, newer := range []string{".ONESHELL", " != ", "$(file ", "::=", "define "} {
		for i, line := range strings.Split(text, "\n") {
			if strings.Contains(line, newer) && !strings.HasPrefix(line, "#") {
				t.Errorf("Makefile:%d uses %q, which GNU make 3.81 does not know", i+1, strings.TrimSpace(newer))
			}
		}
	}
}
