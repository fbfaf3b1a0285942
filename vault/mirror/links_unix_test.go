//go:build unix

package mirror_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"signet/vault/mirror"
)

// Nothing is read, written, listed, moved or deleted through a directory that is a link, at any depth; the vault directory itself
// may be one.
func TestLinkedDirectoriesAreRefused(t *testing.T) {
	t.Parallel()
	real, outside := t.TempDir(), t.TempDir()
	for _, d := range []string{filepath.Join(outside, "deep"), filepath.Join(real, "state", "tmp")} {
		if err := os.MkdirAll(d, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for _, f := range []string{"x", "deep/x"} {
		if err := os.WriteFile(filepath.Join(outside, f), []byte("mine"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	dir := filepath.Join(t.TempDir(), "vault")
	for from, to := range map[string]string{dir: real, filepath.Join(real, "link"): outside} {
		if err := os.Symlink(to, from); err != nil {
			t.Fatal(err)
		}
	}
	m := mirror.New(mirror.OS(dir))
	if err := m.Put("own", []byte("x")); err != nil {
		t.Fatalf("a vault directory that is a link: %v", err)
	}
	write := func(w io.Writer) error { _, err := w.Write([]byte("x")); return err }
	for _, below := range []string{"link", "link/deep"} {
		_, readErr := m.Read(below+"/x", 10)
		_, listErr := m.Names(below)
		for what, err := range map[string]error{
			"read": readErr, "list": listErr, "remove": m.Remove(below + "/x"), "replace": m.Replace(below+"/x", write), "put": m.Put(below+"/y", []byte("x")),
			"append": m.Append(below+"/x", 0, []byte("x")), "move out": m.Move(below+"/x", "stolen"), "move in": m.Move("own", below+"/own"),
		} {
			if !errors.Is(err, mirror.ErrNotRegular) {
				t.Errorf("%s through %s: %v", what, below, err)
			}
		}
	}
	if err := os.Remove(filepath.Join(real, "state", "tmp")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(real, "state", "tmp")); err != nil {
		t.Fatal(err)
	}
	if err := m.EmptyTmp(time.Now()); !errors.Is(err, mirror.ErrNotRegular) {
		t.Errorf("empty: %v", err)
	}
	for _, f := range []string{"x", "deep/x"} {
		if b, err := os.ReadFile(filepath.Join(outside, f)); err != nil || string(b) != "mine" {
			t.Errorf("%s: %q, %v", f, b, err)
		}
	}
	left, err := os.ReadDir(outside)
	if err != nil || len(left) != 2 {
		t.Errorf("outside: %v, %v", left, err)
	}
}
