package jobs

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
)

// terminal is a program on a terminal of its own, with somebody who reads and types.
type terminal struct {
	t    *testing.T
	cmd  *exec.Cmd
	tty  *os.File
	done chan struct{} // closed when the program has ended; err is why
	err  error

	mu   sync.Mutex
	text string // all that was written, without control sequences
	read int    // how much of it expect has seen
}

// onTerminal starts a program, which ends with the test at the latest.
func onTerminal(t *testing.T, env []string, name string, args ...string) *terminal {
	t.Helper()
	p := lastingOnTerminal(t, env, name, args...)
	t.Cleanup(func() {
		p.stop()
		if t.Failed() {
			t.Logf("%s %s wrote:\n%s", name, strings.Join(args, " "), p.all())
		}
	})
	return p
}

// lastingOnTerminal starts a program that its caller stops.
func lastingOnTerminal(t *testing.T, env []string, name string, args ...string) *terminal {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Env = append(os.Environ(), env...)
	tty, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 40, Cols: 100})
	if err != nil {
		t.Fatal(err)
	}
	p := &terminal{t: t, cmd: cmd, tty: tty, done: make(chan struct{})}
	read := make(chan struct{})
	go func() { defer close(read); p.listen() }()
	go func() { defer close(p.done); p.err = cmd.Wait(); <-read }()
	return p
}

var control = regexp.MustCompile("\x1b\\[[0-9;?]*[A-Za-z]|\x1b\\][^\a]*\a|[\a\r]")

func (p *terminal) listen() {
	buf := make([]byte, 4096)
	for {
		n, err := p.tty.Read(buf)
		p.mu.Lock()
		p.text += control.ReplaceAllString(string(buf[:n]), "")
		p.mu.Unlock()
		if err != nil {
			return
		}
	}
}

func (p *terminal) all() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text
}

// expect waits for a text behind what was expected before, and returns all up to it.
func (p *terminal) expect(text string) string {
	p.t.Helper()
	for end := time.Now().Add(patience); ; {
		p.mu.Lock()
		before, _, found := strings.Cut(p.text[p.read:], text)
		if found {
			p.read += len(before) + len(text)
		}
		p.mu.Unlock()
		if found {
			return before
		}
		select {
		case <-p.done:
			p.t.Fatalf("the program ended (%v) before %q", p.err, text)
		case <-time.After(20 * time.Millisecond):
		}
		if time.Now().After(end) {
			p.t.Fatalf("waited %s for %q", patience, text)
		}
	}
}

// press types.
func (p *terminal) press(keys string) {
	p.t.Helper()
	if _, err := p.tty.WriteString(keys); err != nil {
		p.t.Fatal(err)
	}
}

// answer waits for a question and presses keys once it takes them.
func (p *terminal) answer(question, ready, keys string) string {
	p.t.Helper()
	p.expect(question)
	said := p.expect(ready)
	p.press(keys)
	return said
}

// ended waits until the program has ended well.
func (p *terminal) ended() {
	p.t.Helper()
	select {
	case <-p.done:
	case <-time.After(patience):
		p.t.Fatalf("%s did not end within %s", p.cmd.Path, patience)
	}
	if p.err != nil {
		p.t.Fatalf("%s: %v", p.cmd.Path, p.err)
	}
}

// stop ends the program as Ctrl-C does.
func (p *terminal) stop() {
	_ = p.cmd.Process.Signal(syscall.SIGINT)
	select {
	case <-p.done:
	case <-time.After(patience):
		_ = p.cmd.Process.Kill()
		p.t.Errorf("%s did not end within %s of SIGINT", p.cmd.Path, patience)
	}
	_ = p.tty.Close()
}
