package mirror

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"sync"
	"time"
)

// Errors that a caller branches on.
var (
	ErrInUse    = errors.New("vault in use by another process")
	ErrNoVault  = errors.New("no vault here")
	ErrDiskFull = errors.New("no space left on the disk")
	ErrChanged  = errors.New("a visible file would change") // I1
)

// Names below the vault directory that the mirror itself owns.
const (
	stateDir  = "state"
	tmpDir    = "state/tmp"
	lockName  = "state/lock"
	headsName = "state/heads"
)

// Mirror is an open vault directory. It may be used by several goroutines; what must not run at the same time is the
// caller's affair, and the lock's.
type Mirror struct {
	fs FS

	mu    sync.Mutex
	tmp   int             // number of the last file in state/tmp/
	rooms map[string]bool // directories whose own entries are known to be durable
}

// Open returns the mirror at dir; ErrNoVault when there is nothing that looks like a vault. It creates nothing.
func Open(dir string) (*Mirror, error) {
	m := New(OS(dir))
	for _, mark := range []string{"VAULT", "roster", "epochs", "device.json"} {
		_, err := m.fs.Stat(mark)
		switch {
		case err == nil, errors.Is(err, ErrNotRegular): // something strange in our place: doctor names it
			return m, nil
		case !errors.Is(err, fs.ErrNotExist):
			return nil, fmt.Errorf("open vault directory: %w", err)
		}
	}
	return nil, fmt.Errorf("open %s: %w", dir, ErrNoVault)
}

// New wraps any FS.
func New(fs FS) *Mirror { return &Mirror{fs: fs, rooms: map[string]bool{}} }

// Dir returns the directory, for messages only.
func (m *Mirror) Dir() string { return m.fs.Dir() }

// Lock takes state/lock exclusively, waiting up to wait (0: one try); ErrInUse after that. The lock dies with the process.
func (m *Mirror) Lock(ctx context.Context, wait time.Duration) (unlock func(), err error) {
	if err := m.ensureDir(stateDir); err != nil {
		return nil, err
	}
	pause, waited := time.Millisecond, time.Duration(0)
	for {
		unlock, ok, err := m.fs.TryLock(lockName)
		if err != nil {
			return nil, fmt.Errorf("lock vault: %w", diskErr(err))
		}
		if ok {
			return unlock, nil
		}
		if waited >= wait {
			return nil, ErrInUse
		}
		pause = min(pause, wait-waited)
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(pause):
		}
		waited += pause
		pause = min(2*pause, 20*time.Millisecond)
	}
}

// Hold takes another lock file below state/, without waiting: ok is false when somebody else has it. The lock dies with the process; the file stays
// until it is removed.
func (m *Mirror) Hold(name string) (release func(), ok bool, err error) {
	if err := m.ensureDir(stateDir); err != nil {
		return nil, false, err
	}
	release, ok, err = m.fs.TryLock(name)
	if err != nil {
		return nil, false, fmt.Errorf("hold %s: %w", name, diskErr(err))
	}
	return release, ok, nil
}

// Read returns a whole file of at most maxSize bytes. fs.ErrNotExist when absent.
func (m *Mirror) Read(name string, maxSize int64) ([]byte, error) {
	f, err := m.fs.Open(name)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	defer f.Close() //nolint:errcheck // nothing was written
	if f.Size() > maxSize {
		return nil, fmt.Errorf("read %s: %d bytes are more than %d", name, f.Size(), maxSize)
	}
	data := make([]byte, f.Size())
	n, err := io.ReadFull(f, data)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	return data[:n], nil
}

// Open opens a file for reading.
func (m *Mirror) Open(name string) (File, error) {
	f, err := m.fs.Open(name)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", name, err)
	}
	return f, nil
}

// Same reports whether name is still the very file that f has open (nobody renamed another one over it).
func (m *Mirror) Same(f File, name string) (bool, error) { return m.fs.Same(f, name) }

// Stat describes one file; fs.ErrNotExist when absent.
func (m *Mirror) Stat(name string) (Info, error) { return m.fs.Stat(name) }

// Names lists the names in dir, sorted, without looking at the files; nothing when dir is absent.
func (m *Mirror) Names(dir string) ([]string, error) {
	names, err := m.fs.Names(dir, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", dir, err)
	}
	slices.Sort(names)
	return names, nil
}

// List returns the files directly in dir (no recursion), sorted by name; nothing when dir is absent. What is no regular
// file is left out.
func (m *Mirror) List(dir string) ([]Info, error) { return m.list(dir, false) }

// Dirs returns the directories directly in dir, sorted.
func (m *Mirror) Dirs(dir string) ([]string, error) {
	infos, err := m.list(dir, true)
	var names []string
	for _, i := range infos {
		names = append(names, i.Name)
	}
	return names, err
}

func (m *Mirror) list(dir string, dirs bool) ([]Info, error) {
	names, err := m.Names(dir)
	if err != nil {
		return nil, err
	}
	var infos []Info
	for _, name := range names {
		info, err := m.fs.Stat(path.Join(dir, name))
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, ErrNotRegular) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("list %s: %w", dir, err)
		}
		if info.Dir == dirs {
			infos = append(infos, info)
		}
	}
	return infos, nil
}
