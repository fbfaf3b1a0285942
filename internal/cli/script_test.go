package cli_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"signet/internal/cli"
)

// TestMain makes `signet` a command of the scripts: the test binary itself, started anew, as the real program would be. `pw` is
// signet with the passphrase of the file pass on a descriptor, so that standard input stays free.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"signet": func() { os.Exit(int(cli.Main(os.Args[1:], nil))) },
		"pw":     withPassphrase,
	})
}

func withPassphrase() {
	f, err := os.Open(os.Getenv("PASS"))
	if err != nil {
		_, _ = os.Stderr.WriteString(err.Error() + "\n")
		os.Exit(99)
	}
	args := append([]string{"--passphrase-fd", strconv.Itoa(int(f.Fd()))}, os.Args[1:]...)
	os.Exit(int(cli.Main(args, nil)))
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			home := filepath.Join(env.WorkDir, "home")
			env.Setenv("HOME", home)
			env.Vars = append(env.Vars, surroundings(env.WorkDir)...)
			env.Setenv("PASS", filepath.Join(env.WorkDir, "pass"))
			return os.MkdirAll(home, 0o700)
		},
		Condition: func(cond string) (bool, error) {
			if cond == "root" {
				return os.Geteuid() == 0, nil
			}
			return false, fmt.Errorf("unknown condition %q", cond)
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"exits": exits,
			"vault": newVault,
			"flip":  flip,
			"same":  same,
		},
	})
}

// surroundings hide the real user's: no bus, no display, no configuration.
func surroundings(dir string) []string {
	return []string{
		"XDG_DATA_HOME=", "XDG_CONFIG_HOME=", "XDG_RUNTIME_DIR=" + filepath.Join(dir, "run"), "SIGNET_VAULT=", "SIGNET_CONFIG=",
		"DBUS_SESSION_BUS_ADDRESS=unix:path=" + filepath.Join(dir, "no-bus"), "DISPLAY=", "WAYLAND_DISPLAY=", "SSH_CONNECTION=", "SSH_TTY=",
		"TMUX=", "TERM=xterm-256color", "TZ=UTC",
		"GORACE=atexit_sleep_ms=0", // a program built with the race detector otherwise sleeps for a second at its end: four minutes for all scripts
	}
}

// exits runs a command and insists on its exit code: exits CODE CMD ARGS….
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE CMD ARGS…")
	}
	err := ts.Exec(args[1], args[2:]...)
	got := 0
	if e, ok := err.(interface{ ExitCode() int }); ok { //nolint:errorlint // Exec wraps nothing
		got = e.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if strconv.Itoa(got) != args[0] {
		ts.Fatalf("exit code %d, want %s", got, args[0])
	}
}

// passphrase opens every vault of the scripts.
const passphrase = "correct horse battery staple"

// newVault writes the file pass and makes the default vault, cheap to open: vault [ARGS…]. The recovery code is in code.txt.
func newVault(ts *testscript.TestScript, neg bool, args []string) {
	ts.Check(os.WriteFile(ts.Getenv("PASS"), []byte(passphrase+"\n"), 0o600))
	args = append([]string{"init", "--unlock", "passphrase", "--work-factor", "10", "--recovery-file", ts.MkAbs("code.txt")}, args...)
	ts.Check(ts.Exec("pw", args...))
}

// flip changes one bit in the middle of the only file that fits: flip PATTERN.
func flip(ts *testscript.TestScript, neg bool, args []string) {
	files, err := filepath.Glob(ts.MkAbs(args[0]))
	if err != nil || len(files) == 0 {
		ts.Fatalf("%s: %d files, %v", args[0], len(files), err)
	}
	b, err := os.ReadFile(files[0])
	ts.Check(err)
	b[len(b)/2] ^= 1
	ts.Check(os.WriteFile(files[0], b, 0o600))
}

// same insists that the last standard output is exactly the file's content: same FILE.
func same(ts *testscript.TestScript, neg bool, args []string) {
	if got, want := ts.ReadFile("stdout"), ts.ReadFile(args[0]); (got == want) == neg {
		ts.Fatalf("stdout is %q, the file %q", got, want)
	}
}
