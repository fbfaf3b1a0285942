package mirror

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"syscall"

	"signet/internal/atomicfile"
)

// osFS is the real file system below one directory.
type osFS struct{ dir string }

// OS is the real file system below dir. The directory need not exist.
func OS(dir string) FS { return osFS{filepath.Clean(dir)} }

func (o osFS) Dir() string { return o.dir }

func (o osFS) path(name string) string { return filepath.Join(o.dir, filepath.FromSlash(name)) }

// within refuses names below a link: a directory of ours that somebody replaced by a link would let us read, write and delete
// in a place of his choice.
func (o osFS) within(names ...string) error {
	for _, name := range names {
		for dir := path.Dir(name); dir != "." && dir != "/"; dir = path.Dir(dir) {
			info, err := os.Lstat(o.path(dir))
			if err == nil && info.Mode()&(fs.ModeSymlink|fs.ModeIrregular) != 0 {
				return fmt.Errorf("%s is a link: %w", dir, ErrNotRegular)
			}
		}
	}
	return nil
}

type osFile struct {
	*os.File
	size int64
}

func (f osFile) Size() int64 { return f.size }

func (o osFS) Open(name string) (File, error) {
	f, err := o.open(name, os.O_RDONLY)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	return osFile{f, info.Size()}, nil
}

// open refuses everything but regular files: links by O_NOFOLLOW (and by Lstat where the system has no such flag), the rest
// by looking at what was opened; O_NONBLOCK, so that a pipe put there cannot hang us.
func (o osFS) open(name string, flags int) (*os.File, error) {
	p := o.path(name)
	if err := errors.Join(o.within(name), refuseLink(p)); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(p, flags|noFollow, 0)
	if errors.Is(err, errIsLink) {
		return nil, fmt.Errorf("open %s: %w", name, ErrNotRegular)
	}
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("open %s: %w", name, ErrNotRegular)
	}
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	return f, nil
}

type osWriteFile struct{ *os.File }

func (f osWriteFile) Size() (int64, error) {
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

func (f osWriteFile) SyncData() error { return syncData(f.File) }

func (o osFS) Create(name string) (WriteFile, error) {
	if err := o.within(name); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(o.path(name), os.O_RDWR|os.O_CREATE|os.O_EXCL|noFollow, 0o600)
	if err != nil {
		return nil, err
	}
	return osWriteFile{f}, nil
}

func (o osFS) Edit(name string) (WriteFile, error) {
	f, err := o.open(name, os.O_RDWR)
	if err != nil {
		return nil, err
	}
	return osWriteFile{f}, nil
}

func (o osFS) Rename(from, to string) error {
	if err := o.within(from, to); err != nil {
		return err
	}
	return os.Rename(o.path(from), o.path(to))
}

func (o osFS) Link(from, to string) error {
	if err := o.within(from, to); err != nil {
		return err
	}
	err := os.Link(o.path(from), o.path(to))
	if err == nil || errors.Is(err, fs.ErrExist) || errors.Is(err, fs.ErrNotExist) || errors.Is(diskErr(err), ErrDiskFull) {
		return err
	}
	return fmt.Errorf("%w (%v)", ErrNoLink, err)
}

func (o osFS) Remove(name string) error {
	if err := o.within(name); err != nil {
		return err
	}
	return os.Remove(o.path(name))
}

func (o osFS) Stat(name string) (Info, error) {
	info, err := os.Lstat(o.path(name))
	if errors.Is(err, syscall.ENOTDIR) {
		err = fs.ErrNotExist
	}
	if err != nil {
		return Info{}, err
	}
	if !info.IsDir() && !info.Mode().IsRegular() {
		return Info{}, fmt.Errorf("%s: %w", name, ErrNotRegular)
	}
	return Info{Name: info.Name(), Size: info.Size(), Time: info.ModTime(), Dir: info.IsDir()}, nil
}

func (o osFS) Names(dir string, limit int) ([]string, error) {
	f, err := o.openDir(dir)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // nothing was written
	if limit > 0 {
		names, err := f.Readdirnames(limit)
		if len(names) == 0 && err != nil && !isEOF(err) {
			return nil, err
		}
		return names, nil
	}
	return f.Readdirnames(-1)
}

// openDir opens a directory and nothing else: neither a link to one, nor a pipe, which would hang us. The vault directory itself
// may be a link: its owner chose it.
func (o osFS) openDir(dir string) (*os.File, error) {
	if dir == "." {
		return os.Open(o.path(dir))
	}
	info, err := os.Lstat(o.path(dir))
	if err != nil {
		return nil, err
	}
	if err := o.within(dir); err != nil || !info.IsDir() {
		return nil, errors.Join(fmt.Errorf("%s stands where a directory belongs: %w", dir, ErrNotRegular), err)
	}
	return os.OpenFile(o.path(dir), os.O_RDONLY|noFollow, 0)
}

func (o osFS) Mkdir(name string) error {
	p := o.path(name)
	err := os.Mkdir(p, 0o700)
	if !errors.Is(err, fs.ErrExist) {
		return err
	}
	if info, statErr := os.Lstat(p); statErr == nil && !info.IsDir() {
		return fmt.Errorf("%s stands where a directory belongs: %w", name, ErrNotRegular)
	}
	return err
}

func (o osFS) SyncDir(name string) error { return atomicfile.SyncDir(o.path(name)) }

func (o osFS) Same(f File, name string) (bool, error) {
	of, ok := f.(osFile)
	if !ok {
		return false, nil
	}
	open, err := of.Stat()
	if err != nil {
		return false, err
	}
	named, err := os.Lstat(o.path(name))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return os.SameFile(open, named), nil
}

// diskErr turns the several ways of a system to say that the disk is full into one.
func diskErr(err error) error {
	if err == nil || errors.Is(err, ErrDiskFull) {
		return err
	}
	for _, full := range diskFull {
		if errors.Is(err, full) {
			return fmt.Errorf("%w (%v)", ErrDiskFull, err)
		}
	}
	return err
}
