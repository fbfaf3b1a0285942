package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// terminal is a program in a tmux of its own.
type terminal struct {
	socket string
	w, h   int
}

// patience is how long a picture waits for what it wants to show; calm is how long a screen must have stood still.
const (
	patience = 15 * time.Second
	calm     = 150 * time.Millisecond
)

// conf has nothing of the user's own tmux, no status line, and every colour.
const conf = "set -g status off\nset -g escape-time 0\nset -as terminal-features ',*:RGB'\n"

// start runs a command in a terminal of that size. env is the command's whole environment.
// name tells it apart from others in dir: a tmux that is ending still holds its socket.
func start(dir, name string, w, h int, env []string, command ...string) (*terminal, error) {
	config := filepath.Join(dir, "tmux.conf")
	if err := os.WriteFile(config, []byte(conf), 0o600); err != nil {
		return nil, err
	}
	t := &terminal{socket: filepath.Join(dir, name+".sock"), w: w, h: h}
	args := []string{"-f", config, "new-session", "-d", "-x", strconv.Itoa(w), "-y", strconv.Itoa(h), "env", "-i"}
	_, err := t.tmux(append(append(args, env...), command...)...)
	return t, err
}

func (t *terminal) tmux(args ...string) (string, error) {
	out, err := exec.Command("tmux", append([]string{"-S", t.socket}, args...)...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("tmux %s: %v: %s", args[0], err, strings.TrimSpace(string(out)))
	}
	return string(out), nil
}

// close ends the program and its terminal.
func (t *terminal) close() { _, _ = t.tmux("kill-server") }

// press sends keys by tmux's names.
func (t *terminal) press(keys ...string) error {
	for _, k := range keys {
		if _, err := t.tmux("send-keys", k); err != nil {
			return err
		}
	}
	return nil
}

// typed sends text as it is.
func (t *terminal) typed(text string) error {
	_, err := t.tmux("send-keys", "-l", text)
	return err
}

// want waits until the screen shows every text and stands still.
func (t *terminal) want(texts ...string) error {
	var last string
	for end, since := time.Now().Add(patience), time.Now(); ; time.Sleep(30 * time.Millisecond) {
		now, err := t.tmux("capture-pane", "-p")
		if err != nil {
			return err
		}
		if now != last {
			last, since = now, time.Now()
		}
		if missing(now, texts) == "" && time.Since(since) > calm {
			return nil
		}
		if time.Now().After(end) {
			return fmt.Errorf("waited in vain for %q; the screen says:\n%s", missing(now, texts), now)
		}
	}
}

func missing(screen string, texts []string) string {
	for _, text := range texts {
		if !strings.Contains(screen, text) {
			return text
		}
	}
	return ""
}

// cursor is where the terminal's cursor stands; shown is false where it is hidden.
type cursor struct {
	x, y  int
	shown bool
}

// shot reads the screen with its colours.
func (t *terminal) shot() (string, cursor, error) {
	text, err := t.tmux("capture-pane", "-p", "-e", "-N")
	if err != nil {
		return "", cursor{}, err
	}
	at, err := t.tmux("display-message", "-p", "#{cursor_x} #{cursor_y} #{cursor_flag}")
	if err != nil {
		return "", cursor{}, err
	}
	var c cursor
	var flag int
	if _, err := fmt.Sscan(at, &c.x, &c.y, &flag); err != nil {
		return "", cursor{}, fmt.Errorf("read the cursor %q: %w", at, err)
	}
	c.shown = flag == 1
	return text, c, nil
}
