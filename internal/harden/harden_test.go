package harden

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// childEnv makes the test program behave as a hardened child: it calls Init, says so, and waits for its input to close,
// so that the test can look at it from outside.
const childEnv = "SIGNET_HARDEN_TEST_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv(childEnv) == "" {
		os.Exit(m.Run())
	}
	for _, w := range Init() {
		fmt.Println("warning:", w)
	}
	for _, name := range traceVariables {
		if v, set := os.LookupEnv(name); set {
			fmt.Printf("%s is still %q\n", name, v)
		}
	}
	report()
	fmt.Println("ready")
	_, _ = bufio.NewReader(os.Stdin).ReadByte()
}

// child starts a hardened process and returns its pid and what it said.
func child(t *testing.T, env ...string) (pid int, said []string) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(append(os.Environ(), childEnv+"=1"), env...)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = in.Close(); _ = cmd.Wait() })
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if lines.Text() == "ready" {
			return cmd.Process.Pid, said
		}
		said = append(said, lines.Text())
	}
	t.Fatalf("the child ended early: %v", said)
	return 0, nil
}

func TestTraceVariablesAreUnset(t *testing.T) {
	t.Parallel()
	_, said := child(t, "TEA_TRACE=/tmp/x", "TEA_DEBUG=1", "UV_DEBUG=1")
	for _, line := range said {
		if strings.Contains(line, "is still") {
			t.Error(line)
		}
	}
}

func TestNothingWarnsOnThisMachine(t *testing.T) {
	t.Parallel()
	_, said := child(t)
	if i := slices.IndexFunc(said, func(s string) bool { return strings.HasPrefix(s, "warning:") }); i >= 0 {
		t.Error(said[i])
	}
}

func TestAWarningNamesStepAndCause(t *testing.T) {
	t.Parallel()
	if got := (Warning{"switch core files off", errors.New("not permitted")}).String(); got != "switch core files off: not permitted" {
		t.Error(got)
	}
}

func BenchmarkInit(b *testing.B) {
	for b.Loop() {
		Init()
	}
}
