//go:build unix

package e2e

import (
	"bufio"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// display starts an X server without a screen and gives it to the home.
func (h *home) display(t *testing.T) {
	t.Helper()
	for _, program := range []string{"Xvfb", "xclip"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("%s is missing: make deps installs it", program)
		}
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close() //nolint:errcheck // only read
	cmd := exec.Command("Xvfb", "-displayfd", "3", "-ac", "-nolisten", "tcp", "-screen", "0", "320x200x24", "-noreset")
	cmd.ExtraFiles = []*os.File{w}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_ = w.Close()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	line, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		t.Fatalf("Xvfb did not start: %v", err)
	}
	h.env = append(h.env, "DISPLAY=:"+strings.TrimSpace(line))
}

// clipboard is what another program would paste.
func (h *home) clipboard() string {
	cmd := exec.Command("xclip", "-selection", "clipboard", "-o")
	cmd.Env = h.env
	out, _ := cmd.Output() // an empty clipboard is an error of xclip's
	return string(out)
}

// A lock takes what was copied out of the clipboard. Quitting and signals do not: what was just copied may be pasted, and its own time clears it.
func TestALockClearsTheClipboard(t *testing.T) {
	t.Parallel()
	h := withEntries(t)
	h.display(t)
	h.must("config", "set", "clip.clear", "10s")
	m := h.sit(t, 80, 24).opens("Example Bank").types("git").loses("Example Bank").press("C-y").sees("copied")
	m.until("the clipboard", func() bool { return h.clipboard() == canary })
	m.chord("l").sees("Passphrase").until("the clipboard to be cleared", func() bool { return h.clipboard() == "" })
	m.unlocks("Example Bank").types("git").loses("Example Bank")
	copied := time.Now()
	m.press("C-y").sees("copied").signal(syscall.SIGTERM).shell()
	if got := h.clipboard(); got != canary && time.Since(copied) < 10*time.Second { // later its own time may have cleared it
		t.Errorf("right after the end the clipboard holds %d characters", len(got))
	}
	m.until("its own time to clear it", func() bool { return h.clipboard() == "" })
}
