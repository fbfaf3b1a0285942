package cli

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func testApp(out, errs *bytes.Buffer) *App {
	return &App{
		In: strings.NewReader(""), Out: out, Err: errs, Env: func(string) string { return "" }, Now: time.Now, Rand: systemRand(),
		PassphraseFD: -1, fds: &descriptors{}, FD: func(int) (io.Reader, error) { return strings.NewReader("line\r\nmore"), nil },
	}
}

func eachCommand(c *cobra.Command, f func(*cobra.Command)) {
	f(c)
	for _, sub := range c.Commands() {
		eachCommand(sub, f)
	}
}

// Every command explains itself with an example that begins with its own name, and no text shouts or ends in a full stop.
func TestEveryCommandHasHelp(t *testing.T) {
	t.Parallel()
	root := newRoot(testApp(&bytes.Buffer{}, &bytes.Buffer{}))
	eachCommand(root, func(c *cobra.Command) {
		if c.Hidden || c.Name() == "help" {
			return
		}
		if !strings.Contains(c.Example, c.CommandPath()) {
			t.Errorf("%s has no example of itself: %q", c.CommandPath(), c.Example)
		}
		if c.Short == "" || strings.HasSuffix(c.Short, ".") {
			t.Errorf("%s: short text %q", c.CommandPath(), c.Short)
		}
		c.LocalNonPersistentFlags().VisitAll(func(f *pflag.Flag) {
			if f.Usage == "" || strings.HasSuffix(f.Usage, ".") {
				t.Errorf("%s --%s: %q", c.CommandPath(), f.Name, f.Usage)
			}
		})
	})
}

// Words of later issues appear when they work, not before (decisions.md, words and scope).
func TestHelpPromisesNothing(t *testing.T) {
	t.Parallel()
	root := newRoot(testApp(&bytes.Buffer{}, &bytes.Buffer{}))
	eachCommand(root, func(c *cobra.Command) {
		text := strings.ToLower(c.Short + c.Long + c.Example + c.LocalFlags().FlagUsages())
		for _, word := range []string{"tpm2", "sync ", "browser extension", "agent", "device ls"} {
			if strings.Contains(text, word) {
				t.Errorf("%s speaks of %q", c.CommandPath(), word)
			}
		}
	})
}

func TestGlobalFlags(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]App{
		"version --json --vault x":                      {JSON: true, Vault: "x", PassphraseFD: -1},
		"--no-input --passphrase-fd 7 version":          {NoInput: true, PassphraseFD: 7},
		"--unlock a version --unlock b,c":               {Unlock: "a,b,c", PassphraseFD: -1},
		"version --vault=y --passphrase-fd=0 --unlock=": {Vault: "y"},
	} {
		a := testApp(&bytes.Buffer{}, &bytes.Buffer{})
		if code := a.Run(context.Background(), strings.Fields(args)); code != ExitOK {
			t.Errorf("%s: exit %d", args, code)
		}
		if a.JSON != want.JSON || a.NoInput != want.NoInput || a.Vault != want.Vault || a.Unlock != want.Unlock || a.PassphraseFD != want.PassphraseFD {
			t.Errorf("%s: %+v", args, a)
		}
	}
}

// --passphrase-fd: up to the first LF, a final CR removed, at most 4,096 bytes, read once (decisions.md, the command line).
func TestPassphraseFD(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", maxPrompt)
	for in, want := range map[string]string{
		"one\ntwo": "one", "one\r\n": "one", "one": "one", "": "", "\n": "", "a\rb\n": "a\rb", long: long, long + "\n": long, " sp ace \n": " sp ace ",
	} {
		got, err := readSecretLine(strings.NewReader(in))
		if err != nil || got.RevealString() != want {
			t.Errorf("%.20q gives %.20q, %v", in, got.RevealString(), err)
		}
	}
	if got, err := readSecretLine(strings.NewReader(long + "x\n")); err == nil || !got.IsEmpty() {
		t.Error("4,097 bytes were taken")
	}
	a := testApp(&bytes.Buffer{}, &bytes.Buffer{})
	a.PassphraseFD = 5
	for range 2 {
		if got, given, err := a.passphraseFD(t.Context()); !given || err != nil || got.RevealString() != "line" {
			t.Errorf("read %q %v %v", got.RevealString(), given, err)
		}
	}
	if _, err := a.readFD(t.Context(), 5, "--file-passphrase-fd"); err == nil {
		t.Error("one descriptor gave two secrets")
	}
}

// Ctrl-C ends a read that waits for standard input.
func TestWaitingReadEndsWithItsContext(t *testing.T) {
	t.Parallel()
	r, w := io.Pipe()
	defer w.Close()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := (ctxReader{ctx, r}).Read(make([]byte, 10)); classify(err).Exit != ExitInterrupted {
		t.Errorf("read ended with %v", err)
	}
}
