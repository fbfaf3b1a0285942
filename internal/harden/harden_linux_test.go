package harden

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// report says what only the process itself can see.
func report() {
	n, err := unix.PrctlRetInt(unix.PR_GET_DUMPABLE, 0, 0, 0, 0)
	fmt.Printf("dumpable %d %v\n", n, err)
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	_ = os.WriteFile(filepath.Join(dir, "f"), nil, 0o666)
	st, err := os.Stat(filepath.Join(dir, "f"))
	fmt.Printf("mode %v %v\n", st.Mode(), err)
}

func TestTheChildIsHardened(t *testing.T) {
	t.Parallel()
	pid, said := child(t)
	for _, want := range []string{"dumpable 0 <nil>", "mode -rw------- <nil>"} {
		if !slices.Contains(said, want) {
			t.Errorf("the child does not say %q but %q", want, said)
		}
	}
	limits, err := os.ReadFile(fmt.Sprintf("/proc/%d/limits", pid))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(limits)) {
		if f := strings.Fields(line); strings.HasPrefix(line, "Max core file size") && (f[4] != "0" || f[5] != "0") {
			t.Errorf("core limit seen from outside: %s", line)
		}
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(status), "Umask:\t0077") {
		t.Errorf("umask seen from outside: %s", status)
	}
}

// TestMemoryIsClosedToTheSameUser: the entries below /proc of a process that is not dumpable belong to root.
func TestMemoryIsClosedToTheSameUser(t *testing.T) {
	t.Parallel()
	if os.Getuid() == 0 {
		t.Skip("runs only as a normal user: root reads every process")
	}
	pid, _ := child(t)
	if f, err := os.Open(fmt.Sprintf("/proc/%d/mem", pid)); err == nil {
		f.Close()
		t.Error("another process of the same user opens its memory")
	}
}
