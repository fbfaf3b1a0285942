//go:build linux

package requester_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"signet/internal/requester"
)

// A program that holds a file open is named; this process, which holds it too, is not.
func TestHolderIsNamed(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "device")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if got := requester.Of(t.Context(), path); len(got) != 0 {
		t.Fatalf("held by %v", got)
	}
	cmd := exec.Command("sleep", "60")
	cmd.Stdin = f
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	for _, p := range []string{path, link} {
		got := requester.Of(context.Background(), p)
		if len(got) != 1 || got[0].PID != cmd.Process.Pid || got[0].Exe == "" {
			t.Errorf("%s is held by %+v, want process %d", p, got, cmd.Process.Pid)
		}
	}
}

func TestNobodyHoldsWhatIsNotThere(t *testing.T) {
	t.Parallel()
	if got := requester.Of(t.Context(), filepath.Join(t.TempDir(), "none")); len(got) != 0 {
		t.Errorf("held by %v", got)
	}
}

func TestWords(t *testing.T) {
	t.Parallel()
	p := func(pid int, name, exe string) requester.Process {
		return requester.Process{PID: pid, Name: name, Exe: exe}
	}
	for _, c := range []struct {
		in   []requester.Process
		want string
	}{
		{nil, ""},
		{[]requester.Process{p(7, "firefox", "/usr/lib/firefox/firefox")}, "firefox (7)"},
		{[]requester.Process{p(7, "Web Content", "/usr/lib/firefox/firefox")}, `firefox "Web Content" (7)`},
		{[]requester.Process{p(7, "", "")}, "process 7"},
		{[]requester.Process{p(7, "x", "")}, `process 7, "x"`},
		{[]requester.Process{p(1, "a", "/a"), p(2, "b", "/b"), p(3, "c", "/c"), p(4, "d", "/d")}, "one of a (1), b (2), c (3), 1 more"},
		{[]requester.Process{p(7, "fido2-assert-wit", "/usr/bin/fido2-assert-with-a-long-name")}, "fido2-assert-with-a-long-name (7)"},
		{[]requester.Process{p(7, "", "/"+strings.Repeat("x", 100))}, strings.Repeat("x", 63) + "… (7)"},
	} {
		if got := requester.Words(c.in); got != c.want {
			t.Errorf("%v: %q, want %q", c.in, got, c.want)
		}
	}
}
