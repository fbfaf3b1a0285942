package cli_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"signet/passkeys"
)

// served is a virtual key that somebody serves at a terminal.
type served struct {
	*person
	path string
}

// serves starts the key on a terminal and opens the vault.
func serves(t *testing.T, home string, flags ...string) served {
	t.Helper()
	p := sit(t, home, nil, append([]string{"passkey", "serve", "--pty"}, flags...)...)
	path := p.sees(`(/dev/pts/\d+)\r\n`)[1]
	p.sees("plugged in")
	if !strings.Contains(strings.Join(flags, " "), "--locked") {
		p.sees(`[Pp]assphrase`)
		p.types(passphrase + "\n")
	}
	return served{p, path}
}

func (s served) host() *ctapHost { return newHost(s.t, s.path) }

// stops ends it with Ctrl-C and looks at what it leaves.
func (s served) stops() {
	s.t.Helper()
	s.types("\x03")
	s.ends(130)
	if !s.echoes() {
		s.t.Error("the terminal does not echo any more")
	}
	if strings.Contains(s.all(), passphrase) {
		s.t.Errorf("the passphrase is on the terminal: %q", s.all())
	}
}

func siteHash(rp string) []byte {
	sum := sha256.Sum256([]byte(rp))
	return sum[:]
}

// logged is what `signet passkey log` says.
func logged(t *testing.T, home string) string {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Args = []string{"signet", "passkey", "log", "--json", "--passphrase-fd", "0"}
	cmd.Env = append(surroundings(home), "HOME="+home)
	cmd.Stdin = strings.NewReader(passphrase + "\n")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return string(out)
}

// A registration with verification, a sign-in by a key press, a refusal, a request taken back: each is shown with its site and account, answered as it
// should be, and logged.
func TestServeAsksAtTheTerminal(t *testing.T) {
	t.Parallel()
	home, _ := ptyVault(t)
	s := serves(t, home)
	h := s.host()
	h.makeCredential("bank.example", "ada", "rk", "uv")
	s.sees(`Make a passkey\?`)
	s.sees(`site\s+bank\.example`)
	s.sees(`account\s+ada`)
	s.sees(`asked by\s+\S+ \(\d+\), through the virtual`) // this very test
	s.sees(`y: allow`)
	s.types("y")
	s.sees(`vault passphrase`)
	s.types("wrong\n")
	s.sees(`Wrong passphrase`)
	s.sees(`vault passphrase`)
	s.types(passphrase + "\n")
	s.sees(`Allowed`)
	if f := flagsOf(h.wants(passkeys.StatusOK), siteHash("bank.example")); f&0x05 != 0x05 {
		t.Errorf("flags %x: not present and verified", f)
	}
	h.getAssertion("bank.example")
	s.sees(`Sign in with a passkey\?`)
	s.sees(`y: allow`)
	s.types("y")
	s.sees(`Allowed`)
	if f := flagsOf(h.wants(passkeys.StatusOK), siteHash("bank.example")); f&0x05 != 0x01 {
		t.Errorf("flags %x: present and not verified", f)
	}
	h.getAssertion("bank.example")
	s.sees(`n: refuse`)
	s.types("n")
	s.sees(`Refused`)
	h.wants(passkeys.StatusOperationDenied)
	h.getAssertion("bank.example")
	s.sees(`n: refuse`)
	h.cancel()
	s.sees(`No longer asked for`)
	h.wants(passkeys.StatusKeepAliveCancel)
	h.getAssertion("evil.example")
	h.wants(passkeys.StatusNoCredentials)
	s.stops()
	log := logged(t, home)
	for _, want := range []string{`"makeCredential"`, `"getAssertion"`, `"route":"pty"`, `"rp_id":"bank.example"`, `"user_name":"ada"`, `"answer":"refused"`, `"uv":true`} {
		if !strings.Contains(log, want) {
			t.Errorf("no %s in the log:\n%s", want, log)
		}
	}
}

// A locked vault is opened within the request; who typed its passphrase is verified and not asked for it again.
func TestServeUnlocksWithinARequest(t *testing.T) {
	t.Parallel()
	home, _ := ptyVault(t)
	s := serves(t, home, "--locked")
	h := s.host()
	h.makeCredential("bank.example", "ada", "rk", "uv")
	s.sees(`Unlock the vault\?`)
	s.sees(`Passphrase`)
	s.types("wrong\n")
	s.sees(`wrong passphrase`)
	s.sees(`Passphrase`)
	s.types(passphrase + "\n")
	s.sees(`Unlocked`)
	s.sees(`Make a passkey\?`)
	s.sees(`y: allow`)
	s.types("y")
	s.sees(`Allowed`)
	if f := flagsOf(h.wants(passkeys.StatusOK), siteHash("bank.example")); f&0x05 != 0x05 {
		t.Errorf("flags %x: the passphrase of the same request is no verification", f)
	}
	s.stops()
	if n := strings.Count(s.all(), "vault passphrase"); n != 0 {
		t.Errorf("asked for the passphrase again: %q", s.all())
	}
}

func TestServeStaysLockedWhenRefused(t *testing.T) {
	t.Parallel()
	home, _ := ptyVault(t)
	s := serves(t, home, "--locked")
	h := s.host()
	h.makeCredential("bank.example", "ada", "rk")
	s.sees(`Unlock the vault\?`)
	s.sees(`Passphrase`)
	s.types("\x1b")
	s.sees(`Refused: it stays locked`)
	h.wants(passkeys.StatusOperationDenied)
	h.makeCredential("bank.example", "ada", "rk")
	s.sees(`Passphrase`)
	h.cancel()
	s.sees(`No longer asked for`)
	h.wants(passkeys.StatusKeepAliveCancel)
	s.stops()
	if log := logged(t, home); !strings.Contains(log, `"authenticated":false`) {
		t.Errorf("what was asked while it was locked is not in the log:\n%s", log)
	}
}

// Ctrl-C in the middle of a question ends everything, with the terminal as it was.
func TestServeEndsInTheMiddleOfAQuestion(t *testing.T) {
	t.Parallel()
	home, _ := ptyVault(t)
	s := serves(t, home)
	h := s.host()
	h.makeCredential("bank.example", "ada", "rk", "uv")
	s.sees(`y: allow`)
	s.types("y")
	s.sees(`vault passphrase`)
	s.types("secretly typed")
	s.stops()
	if strings.Contains(s.all(), "secretly") {
		t.Error("what was typed is on the terminal")
	}
}

// Who closes the terminal takes the key out.
func TestServeEndsWithItsTerminal(t *testing.T) {
	t.Parallel()
	home, _ := ptyVault(t)
	s := serves(t, home)
	h := s.host()
	h.makeCredential("bank.example", "ada", "rk", "uv")
	s.sees(`y: allow`)
	_ = s.tty.Close()
	_ = h.f.SetReadDeadline(time.Now().Add(patience))
	for buf := make([]byte, 64); ; {
		_, err := h.f.Read(buf)
		if errors.Is(err, os.ErrDeadlineExceeded) {
			t.Fatal("the key is still there")
		}
		if err != nil {
			break
		}
	}
	_ = s.cmd.Wait()
}

// Several accounts are chosen by their digits.
func TestServeLetsChooseAmongAccounts(t *testing.T) {
	t.Parallel()
	home, _ := ptyVault(t)
	s := serves(t, home, "--locked")
	h := s.host()
	for i, user := range []string{"ada", "bob", "cy\u202eber"} {
		h.makeCredential("bank.example", user, "rk", "uv")
		if i == 0 {
			s.sees(`Passphrase`)
			s.types(passphrase + "\n")
		}
		s.sees(`y: allow`)
		s.types("y")
		if i > 0 {
			s.sees(`vault passphrase`)
			s.types(passphrase + "\n")
		}
		h.wants(passkeys.StatusOK)
	}
	h.getAssertion("bank.example")
	digit := s.sees(`(\d)  ada`)[1]
	s.sees(`1-3: sign in`)
	s.types("y") // no account
	s.sees(`1-3: sign in`)
	s.types(digit)
	if answer := h.wants(passkeys.StatusOK); !bytes.Contains(answer, []byte("ada")) {
		t.Errorf("signed in as somebody else: %q", answer)
	}
	s.stops()
	if strings.Contains(s.all(), "\u202e") {
		t.Error("an account's name turned the terminal's text around")
	}
}

// Two hosts at once: the second is told to wait, and nothing of it is shown.
func TestServeAsksOneThingAtATime(t *testing.T) {
	t.Parallel()
	home, _ := ptyVault(t)
	s := serves(t, home)
	h := s.host()
	h.makeCredential("bank.example", "ada", "rk", "uv")
	s.sees(`y: allow`)
	other := *h
	other.ch++
	before := len(s.all())
	other.send(0x10, []byte{0x04})
	s.types("n")
	s.sees("Refused")
	h.wants(passkeys.StatusOperationDenied)
	if shown := s.all()[before:]; strings.Contains(shown, "?\r\n") {
		t.Errorf("a second question: %q", shown)
	}
	s.stops()
}

// bare runs signet without a terminal and returns what it prints, line by line.
func bare(t *testing.T, home string, args ...string) (lines <-chan string, stop func() string) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Args = append([]string{"signet"}, args...)
	cmd.Env = append(surroundings(home), "HOME="+home)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	cmd.Stdin = strings.NewReader(passphrase + "\n")
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ch := make(chan string, 64)
	go func() {
		defer close(ch)
		for buf, line := make([]byte, 1), ""; ; {
			if n, err := out.Read(buf); n == 0 || err != nil {
				return
			}
			if buf[0] != '\n' {
				line += string(buf)
				continue
			}
			ch <- line
			line = ""
		}
	}()
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	return ch, func() string {
		_ = cmd.Process.Signal(os.Interrupt)
		for range ch {
		}
		_ = cmd.Wait()
		if code := cmd.ProcessState.ExitCode(); code != 130 {
			t.Errorf("exit code %d: %s", code, errs.String())
		}
		return errs.String()
	}
}

// Without a person everything is allowed but a reset, nobody is verified, and it is said loudly.
func TestServeApprovesAlwaysLoudly(t *testing.T) {
	t.Parallel()
	home, _ := ptyVault(t)
	lines, stop := bare(t, home, "passkey", "serve", "--pty", "--approve", "always", "--passphrase-fd", "0", "--json")
	first := <-lines
	m := regexp.MustCompile(`^\{"type":"device","v":1,"path":"(/dev/pts/\d+)","route":"pty"\}$`).FindStringSubmatch(first)
	if m == nil {
		t.Fatalf("the first line is %q", first)
	}
	h := newHost(t, m[1])
	h.makeCredential("bank.example", "ada", "rk")
	if f := flagsOf(h.wants(passkeys.StatusOK), siteHash("bank.example")); f&0x05 != 0x01 {
		t.Errorf("flags %x: not present, or verified", f)
	}
	if row := <-lines; !strings.Contains(row, `"makeCredential"`) || !strings.Contains(row, `"rp_id":"bank.example"`) {
		t.Errorf("the request is told as %s", row)
	}
	h.getAssertion("bank.example", "uv")
	h.wants(passkeys.StatusInvalidOption)
	h.ask(0x07, nil)
	if status, _ := h.answer(); status == passkeys.StatusOK {
		t.Error("it was reset")
	}
	h.getAssertion("bank.example")
	h.wants(passkeys.StatusOK)
	if said := stop(); !strings.Contains(said, "approve_always") {
		t.Errorf("no warning: %s", said)
	}
}

// U2F is answered unless it is switched off.
func TestServeWithoutU2F(t *testing.T) {
	t.Parallel()
	for _, flag := range []string{"--experimental", "--no-u2f"} {
		home, _ := ptyVault(t)
		lines, stop := bare(t, home, "passkey", "serve", "--pty", "--approve", "always", "--passphrase-fd", "0", "--json", flag)
		m := regexp.MustCompile(`"path":"(/dev/pts/\d+)"`).FindStringSubmatch(<-lines)
		if m == nil {
			t.Fatal("no path")
		}
		h := newHost(t, m[1])
		h.ask(0x04, nil)
		if status, info := h.answer(); status != passkeys.StatusOK || bytes.Contains(info, []byte("U2F_V2")) == (flag == "--no-u2f") {
			t.Errorf("%s: %v %x", flag, status, info)
		}
		stop()
	}
}

// The vault locks by its own rules while the key stays, and the next request opens it again.
func TestServeLocksWhenIdle(t *testing.T) {
	t.Parallel()
	home, _ := ptyVault(t)
	run(t, home, "config", "set", "lock.idle", "10s")
	if testing.Short() {
		t.Skip("waits 10 s for the lock: runs only without -short")
	}
	s := serves(t, home)
	s.sees(`Locked: nothing was asked for 10s`)
	h := s.host()
	h.makeCredential("bank.example", "ada", "rk")
	s.sees(`Unlock the vault\?`)
	s.types("\x1b")
	s.stops()
}

// run runs a command that opens the vault with its passphrase.
func run(t *testing.T, home string, args ...string) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Args = append(append([]string{"signet"}, args...), "--passphrase-fd", "0")
	cmd.Env = append(surroundings(home), "HOME="+home)
	cmd.Stdin = strings.NewReader(passphrase + "\n")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v: %s", args, err, out)
	}
}

// With a PIN the PIN is asked for, and the passphrase with Tab; a host learns of the same tries.
func TestServeAsksForThePIN(t *testing.T) {
	t.Parallel()
	home, _ := ptyVault(t)
	pin := filepath.Join(home, "pin")
	if err := os.WriteFile(pin, []byte("7391\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	set := exec.Command("sh", "-c", `exec "$0" passkey pin --set --pin-fd 4 --passphrase-fd 0 4<pin`, program(t, home))
	set.Dir, set.Env, set.Stdin = home, append(surroundings(home), "HOME="+home), strings.NewReader(passphrase+"\n")
	if out, err := set.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	s := serves(t, home)
	h := s.host()
	h.makeCredential("bank.example", "ada", "rk", "uv")
	s.sees(`y: allow`)
	s.types("y")
	s.sees(`PIN of the virtual key`)
	s.types("1111\n")
	s.sees(`Wrong PIN: 7 tries are left`)
	s.sees(`PIN of the virtual key`)
	s.types("7391\n")
	s.sees(`Allowed`)
	if f := flagsOf(h.wants(passkeys.StatusOK), siteHash("bank.example")); f&0x05 != 0x05 {
		t.Errorf("flags %x: not verified", f)
	}
	h.getAssertion("bank.example", "uv")
	s.sees(`PIN of the virtual key`)
	s.types("\t")
	s.sees(`vault passphrase`)
	s.types(passphrase + "\n")
	s.sees(`Allowed`)
	h.wants(passkeys.StatusOK)
	h.getAssertion("bank.example", "uv")
	for left := range 3 {
		s.sees(`PIN of the virtual key`)
		s.types(strings.Repeat("0", 4+left) + "\n")
	}
	s.sees(`Not verified`)
	if status, _ := h.answer(); status == passkeys.StatusOK || status == passkeys.StatusOperationDenied {
		t.Errorf("three wrong PINs are answered with %v: a browser would not go on", status)
	}
	h.ask(0x06, cborMap(cborInt(2), cborInt(1)))
	if answer := h.wants(passkeys.StatusOK); !bytes.Contains(answer, []byte{0x03, 0x05}) {
		t.Errorf("a host is told of %x tries, want 5", answer)
	}
	s.stops()
	if strings.Contains(s.all(), "7391") {
		t.Error("the PIN is on the terminal")
	}
}

// program is signet as a file that a shell can run.
func program(t *testing.T, home string) string {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(home, "signet")
	if err := os.Symlink(exe, path); err != nil {
		t.Fatal(err)
	}
	return path
}

// Another process that replaces the keys of the vault locks it here, and the next request opens it with the new ones.
func TestServeNoticesNewKeys(t *testing.T) {
	t.Parallel()
	home, _ := ptyVault(t)
	s := serves(t, home)
	h := s.host()
	h.getAssertion("bank.example")
	h.wants(passkeys.StatusNoCredentials) // it is open
	run(t, home, "slot", "change", "passphrase", "--unlock", "passphrase", "--work-factor", "11")
	s.sees(`Locked: another program changed the keys`)
	h.getAssertion("bank.example")
	s.sees(`Passphrase`)
	s.types(passphrase + "\n")
	s.sees(`Unlocked`)
	h.wants(passkeys.StatusNoCredentials)
	s.stops()
}

// Nothing secret is in the arguments, the environment or the output of a serving process.
func TestServeLeaksNothing(t *testing.T) {
	t.Parallel()
	home, _ := ptyVault(t)
	s := serves(t, home)
	h := s.host()
	h.makeCredential("bank.example", "ada", "rk", "uv")
	s.sees(`y: allow`)
	s.types("y")
	s.sees(`vault passphrase`)
	s.types(passphrase + "\n")
	h.wants(passkeys.StatusOK)
	dir := filepath.Join("/proc", strconv.Itoa(s.cmd.Process.Pid))
	for _, name := range []string{"cmdline", "environ"} {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err == nil && bytes.Contains(b, []byte(passphrase)) {
			t.Errorf("the passphrase is in %s", name)
		}
	}
	s.stops()
}

// A program that dies by kill -9 takes its key along: whoever has it open learns at once.
func TestServeKilledLeavesNoKey(t *testing.T) {
	t.Parallel()
	home, _ := ptyVault(t)
	s := serves(t, home)
	h := s.host()
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait()
	_ = h.f.SetReadDeadline(time.Now().Add(patience))
	if n, err := h.f.Read(make([]byte, 64)); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("read %d bytes, %v: the device is still there", n, err)
	}
}
