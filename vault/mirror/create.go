package mirror

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"signet/internal/atomicfile"
)

// Errors of a creation that a caller branches on.
var (
	ErrNotEmpty   = errors.New("directory is not empty")
	ErrNotDurable = errors.New("written, but perhaps not yet safe from a power cut") // the vault stands in its place
)

// Creation is a new vault in the making: a directory .NAME.new-* beside its final place, that becomes the vault by one rename
// or leaves nothing (vault.md 5.11 init).
type Creation struct {
	Mirror *Mirror
	tmp    string
	dir    string
}

// Create starts a new vault for dir, which must be absent or an empty directory. Its parents are made.
func Create(dir string) (*Creation, error) {
	dir = filepath.Clean(dir)
	if err := absentOrEmpty(dir); err != nil {
		return nil, fmt.Errorf("create vault: %w", err)
	}
	parent := filepath.Dir(dir)
	if err := os.MkdirAll(parent, 0o700); err != nil {
		return nil, fmt.Errorf("create vault: %w", diskErr(err))
	}
	tmp, err := os.MkdirTemp(parent, "."+filepath.Base(dir)+".new-*")
	if err != nil {
		return nil, fmt.Errorf("create vault: %w", diskErr(err))
	}
	return &Creation{New(OS(tmp)), tmp, dir}, nil
}

func absentOrEmpty(dir string) error {
	info, err := os.Lstat(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return fmt.Errorf("%s: %w", dir, ErrNotEmpty)
	}
	entries, err := os.ReadDir(dir)
	if err == nil && len(entries) > 0 {
		err = fmt.Errorf("%s: %w", dir, ErrNotEmpty)
	}
	return err
}

// Commit makes everything written durable and renames it into place; the mirror at its final place comes back.
func (c *Creation) Commit() (*Mirror, error) {
	if err := syncTree(c.tmp); err != nil {
		return nil, fmt.Errorf("create vault: %w", diskErr(err))
	}
	if err := absentOrEmpty(c.dir); err != nil {
		return nil, fmt.Errorf("create vault: %w", err)
	}
	if err := os.Remove(c.dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("create vault: %w", err)
	}
	if err := os.Rename(c.tmp, c.dir); err != nil {
		return nil, fmt.Errorf("create vault: %w", err)
	}
	if err := atomicfile.SyncDir(filepath.Dir(c.dir)); err != nil {
		return nil, fmt.Errorf("create vault: %w (%v)", ErrNotDurable, err)
	}
	return New(OS(c.dir)), nil
}

// Abort removes what was written. After Commit it does nothing.
func (c *Creation) Abort() { _ = os.RemoveAll(c.tmp) }

// syncTree fsyncs every directory below root (the files were fsynced when they were written).
func syncTree(root string) error {
	return filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		return atomicfile.SyncDir(path)
	})
}
