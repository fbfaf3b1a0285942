//go:build unix

package cli_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"

	"signet/internal/cli"
)

// person is somebody at a real terminal: a pseudo-terminal of their own, on which a command runs.
type person struct {
	t    *testing.T
	home string
	tty  *os.File
	cmd  *exec.Cmd

	mu   sync.Mutex
	seen bytes.Buffer
	from int // everything before was waited for already
	more chan struct{}
	over chan struct{} // closed when everything that was written to the terminal was read
}

// patience is how long a person waits for a prompt; it only bounds a test that has failed anyway.
const patience = 30 * time.Second

// sit runs signet on a terminal. Standard output goes to out when given, so that prompts must find the terminal by themselves.
func sit(t *testing.T, home string, out *os.File, args ...string) *person {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe)
	cmd.Args = append([]string{"signet"}, args...)
	cmd.Env = append(surroundings(home), "HOME="+home, "PATH="+os.Getenv("PATH"), "TMPDIR="+t.TempDir())
	cmd.Dir = home
	p := &person{t: t, home: home, cmd: cmd, more: make(chan struct{}, 1), over: make(chan struct{})}
	master, slave, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	if err := pty.Setsize(master, &pty.Winsize{Rows: 24, Cols: 80}); err != nil {
		t.Fatal(err)
	}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = slave, slave, slave
	if out != nil {
		cmd.Stdout = out
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true, Ctty: 0}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_ = slave.Close()
	p.tty = master
	go p.watch()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = master.Close()
	})
	return p
}

func (p *person) watch() {
	defer close(p.over)
	buf := make([]byte, 4096)
	for {
		n, err := p.tty.Read(buf)
		p.mu.Lock()
		p.seen.Write(buf[:n])
		p.mu.Unlock()
		select {
		case p.more <- struct{}{}:
		default:
		}
		if err != nil {
			return
		}
	}
}

// sees waits for text that matches and returns the groups.
func (p *person) sees(pattern string) []string {
	p.t.Helper()
	re := regexp.MustCompile(pattern)
	end := time.After(patience)
	for {
		p.mu.Lock()
		rest := p.seen.Bytes()[p.from:]
		if m := re.FindSubmatchIndex(rest); m != nil {
			var out []string
			for i := 0; i < len(m); i += 2 {
				out = append(out, string(rest[m[i]:m[i+1]]))
			}
			p.from += m[1]
			p.mu.Unlock()
			return out
		}
		p.mu.Unlock()
		select {
		case <-p.more:
		case <-end:
			p.t.Fatalf("no %q on the terminal; there is %q", pattern, p.all())
		}
	}
}

func (p *person) all() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.seen.String()
}

func (p *person) types(text string) {
	p.t.Helper()
	if _, err := p.tty.WriteString(text); err != nil {
		p.t.Fatal(err)
	}
}

// ends waits for the command and insists on its exit code.
func (p *person) ends(code int) {
	p.t.Helper()
	done := make(chan error, 1)
	go func() { done <- p.cmd.Wait() }()
	select {
	case <-done:
	case <-time.After(patience):
		p.t.Fatalf("the command does not end; there is %q", p.all())
	}
	// The last bytes may still be on their way. A child that outlives the command (the clipboard's keeper) may hold the terminal open: then nothing tells.
	select {
	case <-p.over:
	case <-time.After(2 * time.Second):
	}
	if got := p.cmd.ProcessState.ExitCode(); got != code {
		p.t.Fatalf("exit code %d, want %d; there is %q", got, code, p.all())
	}
}

// echoes reports whether the terminal shows what is typed.
func (p *person) echoes() bool {
	p.t.Helper()
	s, err := unix.IoctlGetTermios(int(p.tty.Fd()), cli.GetTermios)
	if err != nil {
		p.t.Fatal(err)
	}
	return s.Lflag&unix.ECHO != 0 && s.Lflag&unix.ICANON != 0
}

var codeText = regexp.MustCompile(`[0-9A-Z]{5}(-[0-9A-Z]{5}){12}`)

// ptyVault makes a vault at a terminal: passphrase typed twice, the recovery code read off the screen and typed again.
func ptyVault(t *testing.T, more ...string) (home, code string) {
	t.Helper()
	home = t.TempDir()
	p := sit(t, home, nil, append([]string{"init", "--unlock", "passphrase", "--work-factor", "10"}, more...)...)
	p.sees("New passphrase:")
	p.types(passphrase + "\n")
	p.sees("The same again:")
	p.types(passphrase + "\n")
	p.sees("RECOVERY CODE")
	p.sees("press Enter")
	code = codeText.FindString(p.all())
	if code == "" {
		t.Fatalf("no code on the screen: %q", p.all())
	}
	p.types("\n")
	p.sees("Type the code")
	p.types(strings.ToLower(code) + "\n")
	p.sees("That is the code")
	p.ends(0)
	return home, code
}

func TestInitAtATerminal(t *testing.T) {
	t.Parallel()
	home, code := ptyVault(t)
	p := sit(t, home, nil, "ls", "--unlock", "recovery")
	p.sees("Recovery code")
	p.types(code + "\n")
	p.ends(0)
	if !p.echoes() {
		t.Error("the terminal does not echo any more")
	}
}

// The code and the passphrase never stay on the screen: the code is on the alternate screen, and nothing that is typed is shown.
func TestSecretsAreNotShownAtATerminal(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	p := sit(t, home, nil, "init", "--unlock", "passphrase", "--work-factor", "10")
	p.sees("New passphrase:")
	if p.echoes() {
		t.Error("a passphrase is typed with echo")
	}
	p.types("short\n")
	p.sees("shorter than 8 characters")
	p.sees("New passphrase:")
	p.types(passphrase + "\n")
	p.sees("The same again:")
	p.types("something else entirely\n")
	p.sees("The two differ")
	p.sees("New passphrase:")
	p.types(passphrase + "\n")
	p.sees("The same again:")
	p.types(passphrase + "\n")
	p.sees("press Enter")
	p.types("\n")
	p.sees("Type the code")
	p.types("1AGYC-NKQHZ\n")
	p.sees("code")
	p.sees("press Enter") // and shows it once more
	code := codeText.FindString(p.all())
	words := regexp.MustCompile(`(?m)^  ((?:[a-z]+ ){5}[a-z]+)\r?$`).FindAllStringSubmatch(p.all(), 4)
	p.types("\n")
	p.sees("Type the code")
	var typed []string
	for _, w := range words {
		typed = append(typed, w[1])
	}
	p.types(strings.Join(typed, " ") + "\n")
	p.sees("That is the code")
	p.ends(0)
	screen := afterAlternate(p.all())
	if strings.Contains(screen, passphrase) || strings.Contains(screen, code) || strings.Contains(screen, typed[0]) {
		t.Errorf("a secret stays on the screen: %q", screen)
	}
}

// afterAlternate drops what was drawn on the alternate screen: leaving it brings the old screen back.
func afterAlternate(s string) string {
	return regexp.MustCompile(`(?s)\x1b\[\?1049h.*?\x1b\[\?1049l`).ReplaceAllString(s, "")
}

func TestUnlockAtATerminal(t *testing.T) {
	t.Parallel()
	home, _ := ptyVault(t)
	// Prompts go to the terminal even when standard output is a file, and nothing but the answer is in the file.
	out, err := os.Create(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	p := sit(t, home, out, "generate", "--quiet")
	p.ends(0)
	p = sit(t, home, out, "ls", "--json")
	p.sees(`[Pp]assphrase`)
	p.types(passphrase + "\n")
	p.ends(0)
	b, err := os.ReadFile(out.Name())
	if err != nil || len(bytes.TrimSpace(b)) != 20 {
		t.Errorf("standard output holds %q (%v)", b, err)
	}

	p = sit(t, home, nil, "ls")
	p.sees(`[Pp]assphrase`)
	for range 3 {
		p.types("wrong\n")
		p.sees("wrong passphrase")
	}
	p.ends(12)
	if !strings.Contains(p.all(), "wrong passphrase") {
		t.Errorf("said %q", p.all())
	}
}

func TestAskedValuesAndQuestions(t *testing.T) {
	t.Parallel()
	home, _ := ptyVault(t)
	p := sit(t, home, nil, "add", "login", "Site", "username", "password")
	p.sees(`[Pp]assphrase`)
	p.types(passphrase + "\n")
	p.sees("username:")
	p.types("ada\n")
	p.sees("password:")
	if p.echoes() {
		t.Error("a password is typed with echo")
	}
	p.types("s3cret-typed\n")
	p.ends(0)
	if strings.Contains(p.all(), "s3cret-typed") {
		t.Errorf("the password is on the screen: %q", p.all())
	}

	// No is 1, and nothing happened; yes removes.
	for _, answer := range []struct {
		text string
		code int
	}{{"n\n", 1}, {"\n", 1}, {"yes\n", 0}} {
		p = sit(t, home, nil, "rm", "--purge", "Site")
		p.sees(`[Pp]assphrase`)
		p.types(passphrase + "\n")
		p.sees(`Remove "Site" with its history for good\? \[y/N\]`)
		p.types(answer.text)
		p.ends(answer.code)
	}
}

// Ctrl-C at every prompt: 130, and the terminal is as it was.
func TestInterruptRestoresTheTerminal(t *testing.T) {
	t.Parallel()
	home, _ := ptyVault(t)
	for name, c := range map[string]struct {
		args   []string
		prompt string
	}{
		"passphrase":  {[]string{"ls"}, `[Pp]assphrase`},
		"new secret":  {[]string{"init", "--vault", "other", "--unlock", "passphrase"}, "New passphrase:"},
		"code":        {[]string{"ls", "--unlock", "recovery"}, "Recovery code"},
		"field=-":     {[]string{"ls", "--passphrase-fd", "0"}, ``},
		"export":      {[]string{"export", "x", "--to-passphrase"}, "Passphrase for the file:"},
		"a question":  {[]string{"export", "x", "--plain"}, `\[y/N\]`},
		"a full init": {[]string{"init", "--vault", "third", "--unlock", "passphrase", "--work-factor", "10"}, "New passphrase:"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if c.prompt == "" {
				interruptedReading(t, home, c.args...)
				return
			}
			p := sit(t, home, nil, c.args...)
			p.sees(c.prompt)
			if name == "a full init" {
				p.types(passphrase + "\n")
				p.sees("The same again:")
				p.types(passphrase + "\n")
				p.sees("press Enter")
			}
			p.types("\x03")
			p.ends(130)
			if !p.echoes() {
				t.Error("the terminal does not echo any more")
			}
			if strings.Count(p.all(), "\x1b[?1049h") != strings.Count(p.all(), "\x1b[?1049l") {
				t.Error("the alternate screen was not left")
			}
			for _, dir := range []string{"other", "third", "x"} {
				if _, err := os.Stat(filepath.Join(home, dir)); err == nil {
					t.Errorf("%s is there after Ctrl-C", dir)
				}
			}
		})
	}
}

// interruptedReading interrupts a command that reads a secret from the terminal. Nothing shows that it waits: one that was hit before it had begun, and so
// died of the signal, is tried again with more patience.
func interruptedReading(t *testing.T, home string, args ...string) {
	t.Helper()
	for wait := 200 * time.Millisecond; ; wait *= 2 {
		p := sit(t, home, nil, args...)
		time.Sleep(wait)
		p.types("\x03")
		_ = p.cmd.Wait()
		state, _ := p.cmd.ProcessState.Sys().(syscall.WaitStatus)
		if state.Signaled() && wait < patience/2 {
			continue
		}
		if got := p.cmd.ProcessState.ExitCode(); got != 130 || !p.echoes() {
			t.Errorf("exit code %d, echo %v", got, p.echoes())
		}
		return
	}
}

// A watched code ends with Ctrl-C, without a word about it.
func TestWatchAtATerminal(t *testing.T) {
	t.Parallel()
	home, _ := ptyVault(t)
	p := sit(t, home, nil, "add", "totp", "Mail", "totp")
	p.sees(`[Pp]assphrase`)
	p.types(passphrase + "\n")
	p.sees("totp:")
	p.types("JBSWY3DPEHPK3PXP\n")
	p.ends(0)
	p = sit(t, home, nil, "otp", "Mail", "--watch")
	p.sees(`[Pp]assphrase`)
	p.types(passphrase + "\n")
	p.sees(`[0-9]{6}  +[0-9]+ s  next [0-9]{6}`)
	p.types("\x03")
	p.ends(130)
	if strings.Contains(p.all(), "interrupted") {
		t.Errorf("said %q", p.all())
	}
}

// The TUI starts on a terminal and leaves it as it was.
func TestTUIStartsAndLeaves(t *testing.T) {
	t.Parallel()
	home, _ := ptyVault(t)
	p := sit(t, home, nil)
	p.sees("assphrase")
	p.types("\x03")
	p.ends(0)
	if !p.echoes() {
		t.Error("the terminal does not echo any more")
	}
}

// A value that holds escape sequences is not obeyed on a terminal, and comes as it is through a pipe.
func TestValueOnATerminalIsTamed(t *testing.T) {
	t.Parallel()
	home, _ := ptyVault(t)
	evil := "before\x1b]52;c;AAAA\x07after"
	add := exec.Command(os.Args[0])
	add.Args = []string{"signet", "add", "login", "Evil", "username=" + evil, "--passphrase-fd", "0", "--no-input"}
	add.Env = append(surroundings(home), "HOME="+home)
	add.Stdin = strings.NewReader(passphrase + "\n")
	if out, err := add.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	p := sit(t, home, nil, "get", "Evil", "username")
	p.sees(`[Pp]assphrase`)
	p.types(passphrase + "\n")
	p.ends(0)
	if strings.Contains(p.all(), "\x1b]52") {
		t.Errorf("the terminal was sent %q", p.all())
	}
	out, err := os.Create(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	p = sit(t, home, out, "get", "Evil", "username")
	p.sees(`[Pp]assphrase`)
	p.types(passphrase + "\n")
	p.ends(0)
	if b, _ := os.ReadFile(out.Name()); string(b) != evil+"\n" {
		t.Errorf("the file holds %q", b)
	}
}
