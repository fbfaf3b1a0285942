//go:build unix

package clip

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// compositor starts a headless sway of its own and returns the variables that lead to it.
func compositor(t *testing.T) env {
	t.Helper()
	sway := need(t, "sway")
	need(t, "wl-paste")
	dir, err := os.MkdirTemp("", "sway") // short: the socket's path has a limit
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	config := filepath.Join(dir, "config")
	if err := os.WriteFile(config, []byte("xwayland disable\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(sway, "--config", config)
	cmd.Env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "XDG_RUNTIME_DIR=" + dir, "WLR_BACKENDS=headless", "WLR_RENDERER=pixman",
		"WLR_LIBINPUT_NO_DEVICES=1", "LIBSEAT_BACKEND=noop",
	}
	if os.Getuid() == 0 { // it refuses to run as root
		const nobody = 65534
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
		for _, f := range []string{dir, config} {
			if err := os.Chown(f, nobody, nobody); err != nil {
				t.Fatal(err)
			}
		}
	}
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	cmd.Stdout, cmd.Stderr = log, log
	ended := background(t, cmd)
	var socket string
	eventually(t, "sway listens", func() bool {
		found, _ := filepath.Glob(filepath.Join(dir, "wayland-*"))
		for _, f := range found {
			if !strings.HasSuffix(f, ".lock") {
				socket = filepath.Base(f)
			}
		}
		select {
		case <-ended:
			text, _ := os.ReadFile(filepath.Join(dir, "log"))
			t.Fatalf("sway ended: %s", text)
		default:
		}
		return socket != ""
	})
	return env{"WAYLAND_DISPLAY": socket, "XDG_RUNTIME_DIR": dir}
}

func viaWayland(t *testing.T) (Options, env) {
	w := compositor(t)
	return Options{Host: host(w), Keeper: keeperFor(t)}, w
}

func TestWaylandOwnedValueIsPastedAndMarked(t *testing.T) {
	t.Parallel()
	w := compositor(t)
	r := copyFor(t, Options{Host: host(w), Keeper: keeperFor(t), After: time.Hour}, canary)
	if r.Path != Wayland || !r.Concealed || r.Clears != time.Hour || len(r.Notes) != 0 {
		t.Fatalf("result %+v", r)
	}
	if got := paste(t, w); got != canary {
		t.Errorf("another program pastes %q", got)
	}
	if hint, err := client(t, w, "", "wl-paste", "--no-newline", "--type", kdeHint); err != nil || hint != kdeHintValue {
		t.Errorf("the hint is %q, %v", hint, err)
	}
	big := strings.Repeat("long ", MaxSize/5)
	copyFor(t, Options{Host: host(w), Keeper: keeperFor(t), After: time.Hour, Public: true}, big)
	if got := paste(t, w); got != big {
		t.Errorf("of a long value %d bytes arrive", len(got))
	}
	if types, _ := client(t, w, "", "wl-paste", "--list-types"); strings.Contains(types, kdeHint) {
		t.Errorf("a public value is marked: %q", types)
	}
}

func TestWLCopyIsTheWayWithoutAKeeper(t *testing.T) {
	t.Parallel()
	w := compositor(t)
	r := copyFor(t, Options{Host: host(w), After: time.Hour}, canary)
	if r.Path != WLCopy || r.Clears != 0 || paste(t, w) != canary {
		t.Errorf("result %+v, pasted %q", r, paste(t, w))
	}
	if notes := strings.Join(r.Notes, "\n"); !strings.Contains(notes, "/tmp") || !strings.Contains(notes, "will not be cleared") {
		t.Errorf("the notes hide something: %q", notes)
	}
}
