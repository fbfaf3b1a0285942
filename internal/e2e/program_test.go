//go:build unix

package e2e

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	_ "signet/internal/cli" // the program is built in TestMain: by this the go command knows that its tests are not to be taken from the cache when it changed
)

// signet is the built program.
var signet string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "signet-e2e-")
	if err != nil {
		panic(err)
	}
	signet = filepath.Join(dir, "signet")
	build := exec.Command("go", "build", "-o", signet, "signet")
	if out, err := build.CombinedOutput(); err != nil {
		_, _ = fmt.Fprintf(os.Stderr, "go build: %v\n%s", err, out)
		_ = os.RemoveAll(dir)
		os.Exit(1)
	}
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

const passphrase = "correct horse battery staple"

// home is one user's surroundings: a directory, a vault in it, and nothing of the real user's.
type home struct {
	t     testing.TB
	dir   string
	vault string
	env   []string
}

// newHome has a vault that a passphrase opens, made as cheap as it may be.
func newHome(t testing.TB) *home {
	t.Helper()
	h := emptyHome(t)
	h.must("init", "--unlock", "passphrase", "--work-factor", "10", "--recovery-file", h.path("code.txt"), "--device-name", "first")
	return h
}

func emptyHome(t testing.TB) *home {
	t.Helper()
	h := homeIn(t, t.TempDir())
	return h
}

func homeIn(t testing.TB, dir string) *home {
	t.Helper()
	h := &home{t: t, dir: dir, vault: filepath.Join(dir, ".local", "share", "signet", "default")}
	h.env = []string{
		"HOME=" + dir, "PATH=" + filepath.Dir(signet) + ":" + os.Getenv("PATH"), "TMPDIR=" + dir, "TERM=xterm-256color",
		"XDG_RUNTIME_DIR=" + filepath.Join(dir, "run"), "DBUS_SESSION_BUS_ADDRESS=unix:path=" + filepath.Join(dir, "no-bus"),
	}
	h.write("pass", passphrase+"\n")
	return h
}

func (h *home) path(name string) string { return filepath.Join(h.dir, name) }

func (h *home) write(name, text string) {
	h.t.Helper()
	if err := os.WriteFile(h.path(name), []byte(text), 0o600); err != nil {
		h.t.Fatal(err)
	}
}

func (h *home) read(name string) string {
	h.t.Helper()
	b, err := os.ReadFile(h.path(name))
	if err != nil {
		h.t.Fatal(err)
	}
	return string(b)
}

// on is the same home with another vault directory.
func (h *home) on(vault string) *home {
	other := *h
	other.vault = vault
	return &other
}

// copied is a copy of the vault as it is on the disk now.
func (h *home) copied(name string) *home {
	h.t.Helper()
	dir := h.path(name)
	if err := os.CopyFS(dir, os.DirFS(h.vault)); err != nil {
		h.t.Fatal(err)
	}
	return h.on(dir)
}

// command is one run of the program: scripts' flags, and the passphrase on descriptor 3.
func (h *home) command(ctx context.Context, args ...string) (*exec.Cmd, func()) {
	h.t.Helper()
	pass, err := os.Open(h.path("pass"))
	if err != nil {
		h.t.Fatal(err)
	}
	all := append([]string{"--vault", h.vault, "--json", "--no-input", "--passphrase-fd", "3"}, args...)
	cmd := exec.CommandContext(ctx, signet, all...)
	cmd.Env, cmd.Dir, cmd.ExtraFiles = h.env, h.dir, []*os.File{pass}
	return cmd, func() { _ = pass.Close() }
}

// answer is what a run gave.
type answer struct {
	code int
	out  []byte
	errs []byte
}

func (a answer) String() string { return fmt.Sprintf("exit %d, %s%s", a.code, a.out, a.errs) }

// lines decodes the JSON lines of standard output.
func (a answer) lines(t testing.TB) (out []map[string]any) {
	t.Helper()
	s := bufio.NewScanner(bytes.NewReader(a.out))
	s.Buffer(nil, 16<<20)
	for s.Scan() {
		var l map[string]any
		if err := json.Unmarshal(s.Bytes(), &l); err != nil || l["type"] == nil || l["v"] == nil {
			t.Fatalf("no JSON line with type and v: %q (%v)", s.Bytes(), err)
		}
		out = append(out, l)
	}
	return out
}

// runs runs a command line to its end.
func (h *home) runs(args ...string) answer { return h.feeds("", args...) }

// feeds is runs with standard input.
func (h *home) feeds(stdin string, args ...string) answer {
	h.t.Helper()
	cmd, done := h.command(context.Background(), args...)
	defer done()
	var out, errs bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &out, &errs
	_ = cmd.Run()
	a := answer{-1, out.Bytes(), errs.Bytes()}
	if cmd.ProcessState != nil {
		a.code = cmd.ProcessState.ExitCode()
	}
	if bytes.Contains(a.errs, []byte("goroutine ")) || bytes.Contains(a.errs, []byte("panic")) {
		h.t.Errorf("signet %s panicked: %s", strings.Join(args, " "), a.errs)
	}
	return a
}

// must runs a command that has to succeed.
func (h *home) must(args ...string) answer {
	h.t.Helper()
	a := h.runs(args...)
	if a.code != 0 {
		h.t.Fatalf("signet %s: %v", strings.Join(args, " "), a)
	}
	return a
}

// value is one field.
func (h *home) value(entry, field string) string {
	h.t.Helper()
	l := h.must("get", entry, field).lines(h.t)
	if len(l) != 1 {
		h.t.Fatalf("get %s %s gave %d lines", entry, field, len(l))
	}
	return l[0]["value"].(string)
}

// titles are all entries outside the trash, with how often each title occurs.
func (h *home) titles() map[string]int {
	h.t.Helper()
	out := map[string]int{}
	for _, l := range h.must("ls").lines(h.t) {
		out[l["title"].(string)]++
	}
	return out
}

// intact insists that doctor finds nothing wrong with the vault.
func (h *home) intact() {
	h.t.Helper()
	if a := h.runs("doctor"); a.code != 0 {
		h.t.Errorf("doctor: %v", a)
	}
}

// sh runs a script of the home; its output is the failure.
func (h *home) sh(t *testing.T, script string, args ...string) string {
	t.Helper()
	cmd := exec.Command("sh", append([]string{h.path(script)}, args...)...)
	cmd.Env, cmd.Dir = h.env, h.dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", script, err, out)
	}
	return string(out)
}

// budget is how long a loop may run: short by default, as long as the variable says otherwise.
func budget(t *testing.T, variable string, short time.Duration) time.Duration {
	t.Helper()
	text := os.Getenv(variable)
	if text == "" {
		return short
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		t.Fatalf("%s=%s: %v", variable, text, err)
	}
	return d
}
