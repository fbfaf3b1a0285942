//go:build unix

package mirror_test

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"signet/vault/mirror"
)

// A link, a pipe or a directory where a file of ours belongs is refused, never followed, never waited for.
func TestStrangeFilesAreRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	m := mirror.New(mirror.OS(dir))
	outside := filepath.Join(t.TempDir(), "outside")
	if err := os.WriteFile(outside, bytes.Repeat([]byte{0}, 8192), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, make := range map[string]func(string) error{
		"link": func(p string) error { return os.Symlink(outside, p) },
		"pipe": func(p string) error { return syscall.Mkfifo(p, 0o600) },
		"dir":  func(p string) error { return os.Mkdir(p, 0o700) },
	} {
		state := filepath.Join(dir, "state")
		if err := os.RemoveAll(state); err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(filepath.Join(state, "tmp"), 0o700); err != nil {
			t.Fatal(err)
		}
		for _, file := range []string{"heads", "cache.tail", "lock", "cache.age"} {
			if err := make(filepath.Join(state, file)); err != nil {
				t.Fatal(err)
			}
		}
		write := func(w io.Writer) error { _, err := w.Write([]byte("x")); return err }
		unlock, lockErr := m.Lock(context.Background(), 0)
		if lockErr == nil {
			unlock()
		}
		if name == "pipe" {
			lockErr = os.ErrInvalid // a lock on a pipe of ours excludes as well as any
		}
		_, readErr := m.Read("state/cache.age", 1<<20)
		for what, err := range map[string]error{
			"lock": lockErr, "heads": m.WriteHeads(0, []byte("x"), false), "tail": m.Append("state/cache.tail", 0, []byte("x")),
			"read": readErr, "replace": m.Replace("state/cache.age", write),
		} {
			if err == nil {
				t.Errorf("%s: %s was accepted", name, what)
			}
		}
	}
	if data, _ := os.ReadFile(outside); len(data) != 8192 || !bytes.Equal(data, make([]byte, 8192)) {
		t.Error("the file outside was written")
	}
}
