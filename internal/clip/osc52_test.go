//go:build unix

package clip

import (
	"bytes"
	"encoding/base64"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
)

// screenSide is a terminal emulator that only remembers what it was sent.
type screenSide struct {
	mu  sync.Mutex
	got bytes.Buffer
}

func (s *screenSide) text() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.got.String()
}

// terminalFor makes a pseudo-terminal; the file is the program's side.
func terminalFor(t *testing.T) (*screenSide, *os.File, *os.File) {
	t.Helper()
	master, slave, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = master.Close(); _ = slave.Close() })
	s := &screenSide{}
	go func() {
		buf := make([]byte, 4096)
		for {
			n, err := master.Read(buf)
			if err != nil {
				return
			}
			s.mu.Lock()
			s.got.Write(buf[:n])
			s.mu.Unlock()
		}
	}()
	return s, master, slave
}

// through makes surroundings whose controlling terminal is the given one.
func through(tty *os.File, vars env) Host {
	h := host(vars)
	h.TTY = func() (io.WriteCloser, error) { return os.OpenFile(tty.Name(), os.O_WRONLY|syscall.O_NOCTTY, 0) }
	return h
}

var encoded = base64.StdEncoding.EncodeToString([]byte(canary))

func TestOSC52OverSSH(t *testing.T) {
	t.Parallel()
	s, _, tty := terminalFor(t)
	o := Options{Host: through(tty, env{"SSH_CONNECTION": "a 1 b 2", "DISPLAY": ":99"}), Keeper: keeperFor(t), After: time.Hour}
	r := copyFor(t, o, canary)
	if r.Path != OSC52 || r.Concealed || r.Clears != 0 || len(Waiting(o.Keeper.Dir)) != 0 {
		t.Errorf("result %+v", r)
	}
	if notes := strings.Join(r.Notes, "\n"); !strings.Contains(notes, "not cleared by itself") || !strings.Contains(notes, "may refuse") {
		t.Errorf("the notes hide something: %q", notes)
	}
	eventually(t, "the sequence arrives", func() bool { return s.text() == "\x1b]52;c;"+encoded+"\a" })
}

func TestOSC52BlindClearing(t *testing.T) {
	t.Parallel()
	s, _, tty := terminalFor(t)
	o := Options{Host: through(tty, nil), Method: Terminal, Keeper: keeperFor(t), After: time.Second, Blind: true}
	if r := copyFor(t, o, canary); r.Clears != time.Second || !r.Blind {
		t.Errorf("result %+v", r)
	}
	eventually(t, "the clearing arrives", func() bool { return s.text() == "\x1b]52;c;"+encoded+"\a\x1b]52;c;\a" })
}

// TestOSC52ClearingEndsWithItsTerminal: the keeper holds the terminal that was, so that one which got its name since then
// sees nothing.
func TestOSC52ClearingEndsWithItsTerminal(t *testing.T) {
	t.Parallel()
	_, master, tty := terminalFor(t)
	o := Options{Host: through(tty, nil), Method: Terminal, Keeper: keeperFor(t), After: time.Second, Blind: true}
	copyFor(t, o, canary)
	_ = tty.Close()
	_ = master.Close()
	eventually(t, "the keeper has left", func() bool { return len(Waiting(o.Keeper.Dir)) == 0 })
}

func TestOSC52Sequences(t *testing.T) {
	t.Parallel()
	inner := "\x1b]52;c;" + encoded + "\a"
	if got := string(sequence([]byte(canary), inTmux)); got != "\x1bPtmux;\x1b"+inner+"\x1b\\" {
		t.Errorf("tmux: %q", got)
	}
	long := bytes.Repeat([]byte("x"), 1000)
	got := string(sequence(long, inScreen))
	var joined strings.Builder
	for _, part := range strings.SplitAfter(got, "\x1b\\") {
		if part == "" {
			continue
		}
		body, ok := strings.CutPrefix(part, "\x1bP")
		if body = strings.TrimSuffix(body, "\x1b\\"); !ok || len(body) > screenChunk {
			t.Fatalf("screen: part %q", part)
		}
		joined.WriteString(body)
	}
	if want := "\x1b]52;c;" + base64.StdEncoding.EncodeToString(long) + "\a"; joined.String() != want {
		t.Errorf("screen: %q", got)
	}
}

func TestOSC52TooLong(t *testing.T) {
	t.Parallel()
	_, _, tty := terminalFor(t)
	o := Options{Host: through(tty, nil), Method: Terminal}
	if _, err := Copy(t.Context(), o, say(strings.Repeat("x", maxOSC52+1))); err == nil || !strings.Contains(err.Error(), "74994") {
		t.Errorf("error %v", err)
	}
}

func TestOSC52WithoutATerminal(t *testing.T) {
	t.Parallel()
	if r, err := Copy(t.Context(), Options{Host: host(nil), Method: Terminal}, say(canary)); err == nil {
		t.Errorf("result %+v", r)
	}
}

// tmuxServer starts a real tmux on a pseudo-terminal and returns what its outer terminal was sent, and the variables that a
// program inside it has.
func tmuxServer(t *testing.T, config string) (*screenSide, env) {
	t.Helper()
	tmux := need(t, "tmux")
	dir, err := os.MkdirTemp("", "tmux")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	conf, info := filepath.Join(dir, "conf"), filepath.Join(dir, "info")
	if err := os.WriteFile(conf, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	s, _, tty := terminalFor(t)
	cmd := exec.Command(tmux, "-f", conf, "-S", filepath.Join(dir, "s"), "new-session", "-x", "80", "-y", "24",
		"echo $TMUX $TMUX_PANE >"+info+".part; tty >>"+info+".part; mv "+info+".part "+info+"; sleep 60")
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "TERM=xterm-256color", "HOME=" + dir, "SHELL=/bin/sh"}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = tty, tty, tty
	background(t, cmd)
	t.Cleanup(func() { _ = exec.Command(tmux, "-S", filepath.Join(dir, "s"), "kill-server").Run() })
	eventually(t, "tmux runs", func() bool { return exists(info) })
	b, err := os.ReadFile(info)
	if err != nil {
		t.Fatal(err)
	}
	f := strings.Fields(string(b))
	return s, env{"TMUX": f[0], "TMUX_PANE": f[1], "inner tty": f[2], "TERM": "tmux-256color"}
}

func TestOSC52ThroughRealTmux(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, config, note string }{
		{"passed on", "set -g allow-passthrough on\n", ""},
		{"read by tmux", "set -g allow-passthrough off\nset -s set-clipboard on\n", "tmux keeps a copy"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s, vars := tmuxServer(t, c.config)
			h := host(vars)
			h.TTY = func() (io.WriteCloser, error) { return os.OpenFile(vars["inner tty"], os.O_WRONLY|syscall.O_NOCTTY, 0) }
			r := copyFor(t, Options{Host: h, Method: Terminal}, canary)
			if notes := strings.Join(r.Notes, "\n"); !strings.Contains(notes, c.note) {
				t.Errorf("notes %q", notes)
			}
			eventually(t, "the outer terminal is sent the value", func() bool { return strings.Contains(s.text(), encoded) })
		})
	}
	t.Run("neither", func(t *testing.T) {
		t.Parallel()
		_, vars := tmuxServer(t, "set -g allow-passthrough off\nset -s set-clipboard off\n")
		h := host(vars)
		h.TTY = func() (io.WriteCloser, error) { return os.OpenFile(vars["inner tty"], os.O_WRONLY|syscall.O_NOCTTY, 0) }
		if r, err := Copy(t.Context(), Options{Host: h, Method: Terminal}, say(canary)); err == nil || !strings.Contains(err.Error(), "allow-passthrough") {
			t.Errorf("tmux swallows the value and the result is %+v, %v", r, err)
		}
	})
}
