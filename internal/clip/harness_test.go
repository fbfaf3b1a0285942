package clip

import (
	"bufio"
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"signet/vault/secret"
)

// keeperArg makes the test program behave as signet does with its hidden command.
const keeperArg = "-signet-test-keeper"

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == keeperArg {
		if err := RunClearer(context.Background(), os.Stdin, os.Stdout); err != nil {
			os.Exit(1)
		}
		os.Exit(0)
	}
	if len(os.Args) > 1 && os.Args[1] == copierArg {
		copier(os.Args[2])
	}
	flag.Parse()
	_ = flag.Set("test.parallel", "12") // these tests wait more than they work
	code := m.Run()
	sweep()
	os.Exit(code)
}

// sweep removes what wl-copy leaves in /tmp when its compositor ends; only files with the texts of these tests.
func sweep() {
	left, _ := filepath.Glob("/tmp/wl-copy-buffer-*/stdin")
	for _, f := range left {
		if b, err := os.ReadFile(f); err == nil && slices.Contains([]string{canary, "something else", "leak-canary-77c1a9"}, string(b)) {
			_ = os.RemoveAll(filepath.Dir(f))
		}
	}
}

// copierArg makes it behave as a command that copies and then stays, as a TUI does, until its terminal is closed.
const copierArg = "-signet-test-copier"

func copier(dir string) {
	exe, _ := os.Executable()
	r, err := Copy(context.Background(), Options{
		Host: System(), After: 12 * time.Second, Keeper: Keeper{Exe: exe, Args: []string{keeperArg}, Dir: dir},
	}, say(canary))
	fmt.Println("copied by", r.Path, err)
	time.Sleep(time.Minute)
	os.Exit(0)
}

// env is an environment made by hand.
type env map[string]string

func (e env) get(name string) string { return e[name] }

// host makes surroundings with the real PATH and nothing else.
func host(vars env) Host {
	e := env{"PATH": os.Getenv("PATH"), "HOME": os.Getenv("HOME")}
	for k, v := range vars {
		e[k] = v
	}
	return Host{OS: runtime.GOOS, Env: e.get, TTY: func() (io.WriteCloser, error) { return nil, os.ErrNotExist }}
}

// keeperFor is this test program as a keeper, and a directory of its own.
func keeperFor(t *testing.T) Keeper {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "clip")
	t.Cleanup(func() { // no keeper outlives its test
		_ = ClearNow(context.Background(), dir)
	})
	return Keeper{Exe: testProgram(t), Args: []string{keeperArg}, Dir: dir}
}

func testProgram(t *testing.T) string {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return exe
}

// need returns the path of a program that the tests use for real.
func need(t *testing.T, name string) string {
	t.Helper()
	p, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("%s is missing: make deps installs it", name)
	}
	return p
}

// eventually waits until a condition holds; the limit is for a broken program, not a measurement.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	deadline := time.Now().Add(60 * time.Second)
	for !ok() {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain: %s", what)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// background starts a server for the length of a test; the channel is closed when it ends by itself.
func background(t *testing.T, cmd *exec.Cmd) <-chan struct{} {
	t.Helper()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { _ = cmd.Wait(); close(ended) }()
	t.Cleanup(func() { _ = cmd.Process.Kill(); <-ended })
	return ended
}

// xserver starts an X server of its own with a cookie, and returns the variables that lead to it.
func xserver(t *testing.T) env {
	t.Helper()
	need(t, "Xvfb")
	dir := t.TempDir()
	auth := filepath.Join(dir, "xauth")
	pick := []byte{0xff, 0xff, 0, 0, 0, 0} // any family, any display
	pick = append(append(pick, 0, 18), "MIT-MAGIC-COOKIE-1"...)
	pick = append(append(pick, 0, 16), bytes.Repeat([]byte{7}, 16)...)
	if err := os.WriteFile(auth, pick, 0o600); err != nil {
		t.Fatal(err)
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	cmd := exec.Command("Xvfb", "-displayfd", "3", "-auth", auth, "-nolisten", "tcp", "-screen", "0", "320x200x24", "-noreset")
	cmd.ExtraFiles = []*os.File{w}
	background(t, cmd)
	w.Close()
	line, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		t.Fatalf("Xvfb did not start: %v", err)
	}
	return env{"DISPLAY": ":" + strings.TrimSpace(line), "XAUTHORITY": auth}
}

// client runs a program in an environment and returns what it printed.
func client(t *testing.T, vars env, input string, args ...string) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Env = os.Environ()
	for _, name := range []string{"DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY"} {
		cmd.Env = append(cmd.Env, name+"=")
	}
	for k, v := range vars {
		cmd.Env = append(cmd.Env, k+"="+v)
	}
	cmd.Stdin = strings.NewReader(input)
	var out bytes.Buffer
	cmd.Stdout = &out
	cmd.WaitDelay = time.Second
	err := cmd.Run()
	return out.String(), err
}

// paste is what another program gets from the clipboard.
func paste(t *testing.T, vars env) string {
	t.Helper()
	var out string
	if vars["WAYLAND_DISPLAY"] != "" {
		out, _ = client(t, vars, "", need(t, "wl-paste"), "--no-newline", "--type", "text/plain")
	} else {
		out, _ = client(t, vars, "", need(t, "xclip"), "-selection", "clipboard", "-out")
	}
	return out
}

// somebodyCopies puts something else on the clipboard.
func somebodyCopies(t *testing.T, vars env, text string) {
	t.Helper()
	args := []string{"xclip", "-selection", "clipboard", "-in"}
	if vars["WAYLAND_DISPLAY"] != "" {
		args = []string{"wl-copy", "--type", "text/plain"}
	}
	need(t, args[0])
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Env = os.Environ()
	for k, v := range vars {
		cmd.Env = append(cmd.Env, k+"="+v)
	}
	cmd.Stdin = strings.NewReader(text)
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v: %v", args, err)
	}
	eventually(t, "the other program has the clipboard", func() bool { return paste(t, vars) == text })
}

func say(s string) secret.Secret { return secret.FromString(s) }

// canary is a value that no other text contains.
const canary = "canary-5e1f ünïcode\n\"quoted\" \\ end"

func copyFor(t *testing.T, o Options, value string) Result {
	t.Helper()
	r, err := Copy(t.Context(), o, say(value))
	if err != nil {
		t.Fatal(err)
	}
	return r
}
