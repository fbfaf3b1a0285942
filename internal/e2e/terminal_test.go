//go:build unix

package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// terminal is a real terminal: one window of a tmux server of its own, with a shell in it.
type terminal struct {
	t    *testing.T
	h    *home
	dir  string
	sock string
	n    int
}

// seePatience bounds what a failed test waits for; nothing ever waits for time.
const seePatience = 60 * time.Second

// sit opens a terminal of that size with a shell in it, whose environment is the home's.
func (h *home) sit(t *testing.T, w, ht int) *terminal {
	t.Helper()
	if _, err := exec.LookPath("tmux"); err != nil {
		t.Skip("tmux is missing: make deps installs it")
	}
	// A socket's name may have about a hundred characters, and t.TempDir is longer with some names of tests.
	dir, err := os.MkdirTemp("", "signet-tmux-")
	if err != nil {
		t.Fatal(err)
	}
	m := &terminal{t: t, h: h, dir: dir, sock: filepath.Join(dir, "s")}
	// run starts signet in place of itself and leaves its process id.
	h.write("run", "#!/bin/sh\necho $$ > \"$HOME/pid\"\nexec signet \"$@\"\n")
	if err := os.Chmod(h.path("run"), 0o700); err != nil { //nolint:gosec // a script of the test
		t.Fatal(err)
	}
	h.write("tmux.conf", "set -g default-terminal tmux-256color\nset -s escape-time 0\nset -s set-clipboard on\nset -g history-limit 5000\nset -g remain-on-exit on\n")
	shell := append([]string{"env", "-i", "PS1=ready: "}, append(h.env, "sh", "-i")...)
	m.tmux(append([]string{"-f", h.path("tmux.conf"), "new-session", "-d", "-x", strconv.Itoa(w), "-y", strconv.Itoa(ht)}, shell...)...)
	t.Cleanup(func() {
		_, _ = m.try("kill-server")
		_ = os.RemoveAll(dir)
	})
	m.shell()
	m.tmux("pipe-pane", "-o", "cat >> "+h.path("bytes"))
	return m
}

// starts runs signet in the shell and waits until it shows a text.
func (m *terminal) starts(text string) *terminal {
	m.t.Helper()
	return m.types("./run").press("Enter").sees(text)
}

// opens starts signet and unlocks the vault.
func (m *terminal) opens(text string) *terminal {
	m.t.Helper()
	return m.starts("Passphrase").unlocks(text)
}

func (m *terminal) unlocks(text string) *terminal {
	m.t.Helper()
	return m.types(passphrase).press("Enter").sees(text)
}

// types types a text, press presses keys by tmux's names.
func (m *terminal) types(text string) *terminal {
	m.t.Helper()
	m.tmux("send-keys", "-l", "--", text)
	return m
}

func (m *terminal) press(keys ...string) *terminal {
	m.t.Helper()
	m.tmux(append([]string{"send-keys"}, keys...)...)
	return m
}

// chord is a key behind the leader.
func (m *terminal) chord(key string) *terminal {
	m.t.Helper()
	return m.press("C-x", key)
}

// pastes is a paste by the terminal, bracketed when the program asked for that.
func (m *terminal) pastes(text string) *terminal {
	m.t.Helper()
	m.h.write("paste", text)
	m.tmux("load-buffer", "-b", "p", m.h.path("paste"))
	m.tmux("paste-buffer", "-p", "-r", "-d", "-b", "p")
	return m
}

// screen is what the user sees.
func (m *terminal) screen() string {
	m.t.Helper()
	return m.tmux("capture-pane", "-p")
}

// sees waits until every text is on the screen.
func (m *terminal) sees(texts ...string) *terminal {
	m.t.Helper()
	for _, text := range texts {
		m.until("“"+text+"” on the screen", func() bool { return strings.Contains(m.screen(), text) })
	}
	return m
}

// shell waits until the shell asks for the next command: the prompt is the last thing on the screen.
func (m *terminal) shell() *terminal {
	m.t.Helper()
	return m.until("the shell", func() bool {
		lines := strings.Split(strings.TrimRight(m.screen(), " \n"), "\n")
		return strings.TrimSpace(lines[len(lines)-1]) == "ready:"
	})
}

// loses waits until a text is gone from the screen.
func (m *terminal) loses(text string) *terminal {
	m.t.Helper()
	return m.until("“"+text+"” to go", func() bool { return !strings.Contains(m.screen(), text) })
}

func (m *terminal) until(what string, cond func() bool) *terminal {
	m.t.Helper()
	for end := time.Now().Add(seePatience); !cond(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			m.t.Fatalf("waited in vain for %s; the screen says:\n%s", what, m.screen())
		}
	}
	return m
}

// resize gives the window another size.
func (m *terminal) resize(w, h int) *terminal {
	m.t.Helper()
	m.tmux("resize-window", "-x", strconv.Itoa(w), "-y", strconv.Itoa(h))
	return m
}

// pid is the process of the program that was started last.
func (m *terminal) pid() int {
	m.t.Helper()
	pid, err := strconv.Atoi(strings.TrimSpace(m.h.read("pid")))
	if err != nil {
		m.t.Fatal(err)
	}
	return pid
}

func (m *terminal) signal(sig syscall.Signal) *terminal {
	m.t.Helper()
	if err := syscall.Kill(m.pid(), sig); err != nil {
		m.t.Fatal(err)
	}
	return m
}

// asks runs a command in the shell and returns what it wrote; the prompt is there before and after.
func (m *terminal) asks(command string) string {
	m.t.Helper()
	m.n++
	name := fmt.Sprintf("answer-%d", m.n)
	m.types(command + " >" + name + " 2>&1; echo done-" + strconv.Itoa(m.n) + "-$?").press("Enter")
	m.until("the shell's answer", func() bool {
		return regexp.MustCompile(`(?m)^done-` + strconv.Itoa(m.n) + `-\d+\s*$`).MatchString(m.screen())
	})
	return m.h.read(name)
}

// bytes is everything that was written to the terminal.
func (m *terminal) bytes() string {
	m.t.Helper()
	return m.h.read("bytes")
}

// everything is what can be scrolled back to, and what the terminal's other screen shows.
func (m *terminal) everything() string {
	m.t.Helper()
	all := m.tmux("capture-pane", "-p", "-S", "-")
	other, err := m.try("capture-pane", "-p", "-a", "-q", "-S", "-")
	if err != nil {
		return all
	}
	return all + other
}

// tmux runs one tmux command.
func (m *terminal) tmux(args ...string) string {
	m.t.Helper()
	out, err := m.try(args...)
	if err != nil {
		m.t.Fatalf("tmux %v: %v\n%s", args, err, out)
	}
	return out
}

func (m *terminal) try(args ...string) (string, error) {
	cmd := exec.Command("tmux", append([]string{"-S", m.sock}, args...)...)
	cmd.Env, cmd.Dir = m.h.env, m.h.dir
	out, err := cmd.CombinedOutput()
	return string(out), err
}
