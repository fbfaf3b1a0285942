package pty_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	creack "github.com/creack/pty"

	"signet/passkeys"
	"signet/passkeys/ctaphid"
	"signet/passkeys/device"
	"signet/passkeys/passkeystest"
	"signet/passkeys/pty"
)

// key is a plugged-in authenticator with everything behind it.
type key struct {
	t      testing.TB
	path   string
	dir    string
	env    []string // of the tools, besides the usual
	opt    passkeys.Options
	store  *passkeystest.Store
	state  *passkeystest.State
	person *passkeystest.Person
	uv     atomic.Bool
}

// plug serves a new authenticator, and skips the test where the tools that judge it are missing.
func plug(t *testing.T, tools ...string) *key {
	t.Helper()
	return plugWith(t, nil, tools...)
}

// plugWith is plug for one that change makes another.
func plugWith(t *testing.T, change func(k *key), tools ...string) *key {
	t.Helper()
	for _, tool := range tools {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("%s is missing: make deps installs it", tool)
		}
	}
	k := newKey(t)
	if change != nil {
		change(k)
	}
	k.serve()
	return k
}

// newKey is a key that nobody plugged in yet.
func newKey(tb testing.TB) *key {
	tb.Helper()
	k := &key{t: tb, dir: tb.TempDir(), store: passkeystest.NewStore(), state: &passkeystest.State{}, person: &passkeystest.Person{}}
	k.opt = passkeys.Options{
		Store: k.store, State: k.state, Approver: k.person, Now: time.Now, Rand: rand.Reader, WithUV: func() bool { return k.uv.Load() },
	}
	return k
}

func (k *key) serve() {
	k.t.Helper()
	a, err := passkeys.New(k.opt)
	if err != nil {
		k.t.Fatal(err)
	}
	d, err := pty.Open()
	if err != nil {
		k.t.Fatal(err)
	}
	k.path = d.Path()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		ended <- d.Serve(ctx, &ctaphid.Server{Handler: device.Handler{Authenticator: a}, Rand: rand.Reader})
	}()
	k.t.Cleanup(func() {
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			k.t.Errorf("serving ended with %v", err)
		}
	})
}

// timeLimit ends a tool that hangs.
const timeLimit = 30 * time.Second

// run runs a tool on a terminal of its own and types the lines, each when the tool asks. It returns what the tool said, or with out what it wrote there.
func (k *key) run(stdin string, typed []string, name string, args ...string) (string, error) {
	k.t.Helper()
	ctx, cancel := context.WithTimeout(k.t.Context(), timeLimit)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = k.dir
	cmd.Env = append(os.Environ(), "HOME="+k.dir, "SSH_ASKPASS=", "DISPLAY=", "LC_ALL=C")
	cmd.Env = append(cmd.Env, k.env...)
	terminal, theirs, err := creack.Open()
	if err != nil {
		k.t.Fatal(err)
	}
	defer func() { _ = terminal.Close() }()
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if stdin != "" {
		cmd.Stdin = strings.NewReader(stdin)
	}
	cmd.ExtraFiles = []*os.File{theirs}
	cmd.SysProcAttr = controlling()
	if err := cmd.Start(); err != nil {
		k.t.Fatal(err)
	}
	_ = theirs.Close()
	go typing(terminal, typed)
	err = cmd.Wait()
	return out.String(), err
}

// typing answers each question, which ends with a colon, with the next line.
func typing(terminal io.ReadWriter, lines []string) {
	var seen []byte
	buf := make([]byte, 256)
	for {
		n, err := terminal.Read(buf)
		if err != nil {
			return
		}
		seen = append(seen, buf[:n]...)
		if bytes.HasSuffix(bytes.TrimSpace(seen), []byte(":")) && len(lines) > 0 {
			_, _ = io.WriteString(terminal, lines[0]+"\n")
			lines, seen = lines[1:], nil
		}
	}
}

// must is run for what has to work.
func (k *key) must(stdin string, typed []string, name string, args ...string) string {
	k.t.Helper()
	out, err := k.run(stdin, typed, name, args...)
	if err != nil {
		k.t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return out
}

// fails is run for what must not, with a word of why.
func (k *key) fails(word, stdin string, typed []string, name string, args ...string) {
	k.t.Helper()
	out, err := k.run(stdin, typed, name, args...)
	if err == nil || !strings.Contains(out, word) {
		k.t.Errorf("%s %s: %v, without %q\n%s", name, strings.Join(args, " "), err, word, out)
	}
}

func lines(s ...string) string { return strings.Join(s, "\n") + "\n" }

func b64(b []byte) string { return base64.StdEncoding.EncodeToString(b) }

// answers cuts the lines of a tool.
func answers(out string) []string { return strings.Split(strings.TrimSpace(out), "\n") }

var clientHash = b64(bytes.Repeat([]byte{7}, 32))

// registered is a credential as fido2-cred knows it.
type registered struct {
	id      string // base64
	public  string // the file with its public key
	blobKey string
}

// register makes a credential with fido2-cred, and lets that verify the attestation.
func (k *key) register(pin []string, kind, user string, flags ...string) registered {
	k.t.Helper()
	in := lines(clientHash, "site.example", user, b64([]byte("handle-"+user)))
	out := answers(k.must(in, pin, "fido2-cred", append(append([]string{"-M"}, flags...), k.path, kind)...))
	out = out[slices.Index(out, clientHash):] // behind what it asks
	if len(out) < 6 {
		k.t.Fatalf("fido2-cred -M said %q", out)
	}
	verify := []string{"-V"}
	for i, f := range flags {
		switch f {
		case "-h", "-v":
			verify = append(verify, f)
		case "-c":
			verify = append(verify, f, flags[i+1])
		}
	}
	got := answers(k.must(lines(out[:6]...), nil, "fido2-cred", append(verify, kind)...))
	r := registered{id: got[0], public: k.file(user+".pub", lines(got[1:]...))}
	if slices.Contains(flags, "-b") {
		r.blobKey = k.file(user+".key", lines(out[len(out)-1]))
	}
	return r
}

func (k *key) file(name, content string) string {
	k.t.Helper()
	path := filepath.Join(k.dir, name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		k.t.Fatal(err)
	}
	return path
}

// signIn asks fido2-assert for an assertion and lets it verify that. It returns the lines behind the signature.
func (k *key) signIn(pin []string, kind string, r registered, input []string, flags ...string) []string {
	k.t.Helper()
	in := lines(append([]string{clientHash, "site.example"}, input...)...)
	out := answers(k.must(in, pin, "fido2-assert", append(append([]string{"-G"}, flags...), k.path)...))
	out = out[slices.Index(out, clientHash):]
	if len(out) < 4 {
		k.t.Fatalf("fido2-assert -G said %q", out)
	}
	verify := []string{"-V"}
	for _, f := range flags {
		switch f {
		case "-h", "-v", "-p":
			verify = append(verify, f)
		case "uv=true":
			verify = append(verify, "-v")
		}
	}
	k.must(lines(out[:4]...), nil, "fido2-assert", append(verify, r.public, kind)...)
	return out[4:]
}
