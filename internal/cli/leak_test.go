package cli_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// canary is a secret that is easy to find. It goes through every command; wherever it was not asked for, it must not be.
const canary = "c4nary-Zq7Xw2Kd9-s3cret"

// spellings are the forms in which a secret could leak.
func spellings(s string) [][]byte {
	return [][]byte{
		[]byte(s), []byte(hex.EncodeToString([]byte(s))), []byte(base64.RawStdEncoding.EncodeToString([]byte(s))),
		[]byte(base64.RawURLEncoding.EncodeToString([]byte(s))), []byte(strings.ToUpper(s)),
	}
}

func leaks(b []byte, secrets ...string) string {
	for _, s := range secrets {
		for _, form := range spellings(s) {
			if bytes.Contains(b, form) {
				return string(form)
			}
		}
	}
	return ""
}

// house is a home in which commands run and everything that they leave is looked through.
type house struct {
	t    *testing.T
	home string
	dir  string
}

func newHouse(t *testing.T) *house {
	h := &house{t: t, home: t.TempDir(), dir: t.TempDir()}
	h.write("pass", passphrase+"\n")
	return h
}

func (h *house) write(name, text string) {
	h.t.Helper()
	if err := os.WriteFile(filepath.Join(h.dir, name), []byte(text), 0o600); err != nil {
		h.t.Fatal(err)
	}
}

type ran struct {
	out, err []byte
	code     int
}

// run runs one command line with the passphrase on descriptor 3, watching all processes for the canary.
func (h *house) run(stdin string, args ...string) ran {
	h.t.Helper()
	exe, err := os.Executable()
	if err != nil {
		h.t.Fatal(err)
	}
	pass, err := os.Open(filepath.Join(h.dir, "pass"))
	if err != nil {
		h.t.Fatal(err)
	}
	defer pass.Close()
	cmd := exec.Command(exe)
	cmd.Args = append([]string{"signet", "--passphrase-fd", "3"}, args...)
	cmd.Env = append(surroundings(h.home), "HOME="+h.home, "PATH="+os.Getenv("PATH"), "TMPDIR="+filepath.Join(h.home, "tmp"))
	_ = os.MkdirAll(filepath.Join(h.home, "tmp"), 0o700)
	cmd.Dir, cmd.Stdin, cmd.ExtraFiles = h.home, strings.NewReader(stdin), []*os.File{pass}
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	stop := h.watchProcesses(args)
	err = cmd.Run()
	stop()
	if _, exited := err.(*exec.ExitError); err != nil && !exited { //nolint:errorlint // Run wraps nothing
		h.t.Fatal(err)
	}
	return ran{out.Bytes(), errs.Bytes(), cmd.ProcessState.ExitCode()}
}

// watchProcesses looks at arguments and environments of all processes while a command runs (Linux).
func (h *house) watchProcesses(args []string) (stop func()) {
	if runtime.GOOS != "linux" {
		return func() {}
	}
	done := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			for _, pattern := range []string{"/proc/[0-9]*/cmdline", "/proc/[0-9]*/environ"} {
				files, _ := filepath.Glob(pattern)
				for _, f := range files {
					b, err := os.ReadFile(f)
					if form := leaks(b, canary, passphrase); err == nil && form != "" {
						h.t.Errorf("%v: %s holds %q", args, f, form)
					}
				}
			}
			select {
			case <-done:
				return
			case <-time.After(5 * time.Millisecond):
			}
		}
	})
	return func() { close(done); wg.Wait() }
}

// clean looks through every file of the home, names included.
func (h *house) clean(when string, allowed ...string) {
	h.t.Helper()
	err := filepath.WalkDir(h.home, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(h.home, path)
		for _, a := range allowed {
			if rel == a {
				return nil
			}
		}
		if form := leaks([]byte(path), canary, passphrase); form != "" {
			h.t.Errorf("%s: the name %s holds %q", when, path, form)
		}
		if !d.Type().IsRegular() {
			return nil
		}
		b, err := os.ReadFile(path)
		if form := leaks(b, canary, passphrase); form != "" {
			h.t.Errorf("%s: %s holds %q", when, rel, form)
		}
		return err
	})
	if err != nil {
		h.t.Error(err)
	}
}

// The canary goes through every command. It may come out only where it was asked for: get ENTRY FIELD, --reveal, an export.
func TestNoCommandLeaksASecret(t *testing.T) {
	h := newHouse(t)
	if r := h.run("", "init", "--unlock", "passphrase", "--work-factor", "10", "--no-recovery"); r.code != 0 {
		t.Fatalf("init: %s", r.err)
	}
	csv := "name,url,username,password,note\nImported,https://x.example/,eve," + canary + ",\n"
	bad := `{"encrypted":false,"items":[{"type":1,"name":"x","login":{"password":"` + canary + `","totp":"` + canary + `"}},{"type":"` + canary + `"`
	h.write("secret.txt", canary)
	uri := "otpauth://totp/" + canary + "?secret=" + canary
	for _, c := range []struct {
		code  int
		stdin string
		args  string
		shows bool // may show the canary on standard output
	}{
		{0, canary, "add login Site username=ada password=-", false},
		{0, canary, "add login Site2 password=- --json", false},
		{0, canary, "add card Visa credit-card.number=-", false},
		{2, canary, "add login Typo pasword=-", false},
		{2, canary, "add totp Bad totp=-", false},
		{2, uri, "add totp Bad totp=-", false},
		{0, canary, "edit Site custom.PIN=- --create", false},
		{2, canary, "edit Site nonsense=-", false},
		{0, canary, "edit Visa credit-card.verificationNumber=- --json", false},
		{0, "", "ls", false},
		{0, "", "ls --json", false},
		{0, "", "get Site", false},
		{0, "", "get Site --json", false},
		{0, "", "get Site --reveal", true},
		{0, "", "get Site password", true},
		{0, "", "get Site password --json", true},
		{2, "", "get Site nonsense --json", false},
		{1, "", "get Site password --copy", false},
		{0, "", "history Site", false},
		{0, "new", "edit Site password=-", false},
		{0, "", "history Site --json", false},
		{0, "", "history Site --reveal", true},
		{0, "", "undo --json", false},
		{2, "", "otp Site", false},
		{0, csv, "import - --format chrome-csv", false},
		{0, csv, "import - --format chrome-csv --json", false},
		{1, bad, "import - --json", false},
		{1, bad, "import - --format bitwarden", false},
		{1, canary, "import -", false},
		{0, "", "audit", false},
		{0, "", "audit --json", false},
		{3, "", "audit --hashes DIR/secret.txt --json", false},
		{0, "", "status --json", false},
		{0, "", "doctor --all", false},
		{0, "", "doctor --json", false},
		{0, "", "slot ls --json", false},
		{0, "", "slot test passphrase", false},
		{0, "", "slot change passphrase --work-factor 11 --json", false},
		{0, "", "config ls", false},
		{0, canary, "attachment add Site DIR/secret.txt", false},
		{0, canary, "generate", false},
		{0, "", "rm Site2", false},
		{0, "", "rm Site2 --purge --yes --json", false},
		{0, "", "purge --yes", false},
		{0, "", "export - --plain --yes", true},
		{2, "", "ls frob:" + "nicate in:nowhere", false},
	} {
		r := h.run(c.stdin, strings.Fields(strings.ReplaceAll(c.args, "DIR", h.dir))...)
		if form := leaks(r.out, canary, passphrase); form != "" && !c.shows {
			t.Errorf("signet %s: standard output holds %q: %s", c.args, form, r.out)
		}
		if form := leaks(r.err, canary, passphrase); form != "" {
			t.Errorf("signet %s: standard error holds %q: %s", c.args, form, r.err)
		}
		if c.shows && leaks(r.out, canary) == "" {
			t.Errorf("signet %s does not show what was asked for: %s", c.args, r.out)
		}
		if r.code != c.code {
			t.Errorf("signet %s ended with %d, want %d: %s", c.args, r.code, c.code, r.err)
		}
		h.clean("after " + c.args)
	}
	if r := h.run("", "get", "Site", "password", "--output", "out"); r.code != 0 {
		t.Errorf("get --output: %s", r.err)
	}
	h.clean("after get --output", "out")
}
