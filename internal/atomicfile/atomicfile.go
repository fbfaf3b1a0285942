package atomicfile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Errors that a caller branches on. ErrNotRegular is also what a link gets, even one that leads to a regular file.
var (
	ErrExists     = errors.New("file exists")
	ErrNotRegular = errors.New("not a regular file")
)

// Write makes the file name with what write writes, mode 0600. When a file of that name exists, it is ErrExists, or with
// force the file is replaced. On any error nothing has changed.
func Write(name string, force bool, write func(io.Writer) error) error {
	if err := mayWrite(name, force); err != nil {
		return err
	}
	tmp, err := fill(name, write)
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	if err := install(tmp, name, force); err != nil {
		_ = os.Remove(tmp)
		return fmt.Errorf("write %s: %w", name, err)
	}
	if err := SyncDir(filepath.Dir(name)); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}

// WriteBytes is Write for bytes at hand.
func WriteBytes(name string, force bool, data []byte) error {
	return Write(name, force, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
}

func mayWrite(name string, force bool) error {
	info, err := os.Lstat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("write %s: %w", name, err)
	case !info.Mode().IsRegular():
		return fmt.Errorf("write %s: %w", name, ErrNotRegular)
	case !force:
		return fmt.Errorf("write %s: %w", name, ErrExists)
	}
	return nil
}

// fill writes a new file beside name (os.CreateTemp makes it 0600 and exclusively) and fsyncs it.
func fill(name string, write func(io.Writer) error) (string, error) {
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+".new-*")
	if err != nil {
		return "", err
	}
	err = write(f)
	if err == nil {
		err = f.Sync()
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		_ = os.Remove(f.Name())
		return "", err
	}
	return f.Name(), nil
}

// install gives tmp its name. Without force it links, which fails when the name was taken meanwhile; where links are not
// supported it takes the name with an exclusive empty file first.
func install(tmp, name string, force bool) error {
	if force {
		return os.Rename(tmp, name)
	}
	err := os.Link(tmp, name)
	if err == nil {
		return os.Remove(tmp)
	}
	if errors.Is(err, fs.ErrExist) {
		return ErrExists
	}
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return ErrExists
	}
	if err != nil {
		return err
	}
	_ = f.Close()
	if err := os.Rename(tmp, name); err != nil {
		_ = os.Remove(name)
		return err
	}
	return nil
}
