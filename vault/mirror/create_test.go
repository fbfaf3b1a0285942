package mirror_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"signet/vault/mirror"
)

func TestCreateInstallsAWholeVaultOrNothing(t *testing.T) {
	t.Parallel()
	parent := t.TempDir()
	dir := filepath.Join(parent, "deep", "vault")
	c, err := mirror.Create(dir)
	if err != nil {
		t.Fatal(err)
	}
	mustPut(t, c.Mirror, "roster/1", "x")
	if _, err := mirror.Open(dir); !errors.Is(err, mirror.ErrNoVault) {
		t.Errorf("before the commit: %v, want ErrNoVault", err)
	}
	m, err := c.Commit()
	if err != nil {
		t.Fatal(err)
	}
	c.Abort()
	if got := read(t, m, "roster/1"); got != "x" {
		t.Errorf("read %q", got)
	}
	if left, _ := filepath.Glob(filepath.Join(parent, "deep", ".*")); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestCreateRefusesADirectoryThatHoldsSomething(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	c, err := mirror.Create(dir)
	if err != nil {
		t.Fatalf("empty directory: %v", err)
	}
	mustPut(t, c.Mirror, "roster/1", "x")
	if err := os.WriteFile(filepath.Join(dir, "photo.jpg"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Commit(); !errors.Is(err, mirror.ErrNotEmpty) {
		t.Errorf("filled meanwhile: %v, want ErrNotEmpty", err)
	}
	c.Abort()
	if _, err := mirror.Create(dir); !errors.Is(err, mirror.ErrNotEmpty) {
		t.Errorf("not empty: %v, want ErrNotEmpty", err)
	}
	if _, err := mirror.Create(filepath.Join(dir, "photo.jpg")); !errors.Is(err, mirror.ErrNotEmpty) {
		t.Errorf("a file: %v, want ErrNotEmpty", err)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(dir), "."+filepath.Base(dir)+".new-*")); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}
