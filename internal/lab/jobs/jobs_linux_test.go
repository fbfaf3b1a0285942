package jobs

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// The folder that the lab's machine shares with its host, and the program under test in it.
const (
	share  = "/lab"
	signet = share + "/signet"
)

// TestMain keeps the jobs from running anywhere but in the lab's machine: they start daemons and plug in devices.
func TestMain(m *testing.M) {
	if os.Getenv("SIGNET_LAB") == "" {
		fmt.Println("the jobs of the kernel lab run only in its machine: make lab")
		return
	}
	os.Exit(m.Run())
}

// patience is how long one step may take where the processor is emulated. It only ends what hangs.
const patience = 90 * time.Second

// command runs a program to its end and returns both of its streams.
func command(t *testing.T, stdin, name string, args ...string) (string, error) {
	t.Helper()
	return commandIn(t, t.TempDir(), nil, stdin, name, args...)
}

func commandIn(t *testing.T, dir string, env []string, stdin, name string, args ...string) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Env, cmd.Stdin = dir, append(os.Environ(), env...), strings.NewReader(stdin)
	cmd.WaitDelay = time.Second
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	if ctx.Err() != nil {
		err = fmt.Errorf("it did not end within %s: %w", patience, err)
	}
	return out.String(), err
}

// must is command for what has to work.
func must(t *testing.T, stdin, name string, args ...string) string {
	t.Helper()
	out, err := command(t, stdin, name, args...)
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return out
}

// await polls until f is true.
func await(t *testing.T, what string, f func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !f(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited %s in vain: %s", patience, what)
		}
	}
}
