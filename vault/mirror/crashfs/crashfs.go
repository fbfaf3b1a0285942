package crashfs

import (
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"signet/vault/mirror"
)

// Op is one step that changes something.
type Op struct {
	Kind string // create, write, truncate, sync, rename, link, remove, mkdir, syncdir
	Name string
}

// String is for messages.
func (o Op) String() string { return o.Kind + " " + o.Name }

// Stats counts what was done.
type Stats struct {
	Opened, Listed, Syncs, DirSyncs  int
	BytesRead, BytesWritten, Changes int64
}

// FS is the file system. It implements mirror.FS.
type FS struct {
	NoLinks bool // answers every Link with ErrNoLink

	mu    sync.Mutex
	root  *node
	locks map[string]bool
	stats Stats
	hook  func(Op)
	fault func(Op) error
	now   func() time.Time
}

// node is a file or a directory: what a running process sees, and what the disk is sure of.
type node struct {
	isDir   bool
	entries map[string]*node // directory: as seen
	sure    map[string]*node // directory: as synced
	data    []byte           // file: as seen
	synced  []byte           // file: as synced
	pending []change         // file: what happened since the last sync
	time    time.Time
}

// change is a write at off, or with cut a truncation to off.
type change struct {
	off  int64
	data []byte
	cut  bool
}

func newDir() *node { return &node{isDir: true, entries: map[string]*node{}, sure: map[string]*node{}} }

// New returns an empty file system whose root is durable.
func New() *FS {
	return &FS{root: newDir(), locks: map[string]bool{}, now: func() time.Time { return time.Unix(1_700_000_000, 0) }}
}

// SetNow sets the clock that stamps files.
func (f *FS) SetNow(now func() time.Time) { f.now = now }

// After calls hook after every step that changed something; nil ends that. The hook may ask for survivors.
func (f *FS) After(hook func(Op)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.hook = hook
}

// Fail asks fault before every step that would change something; an error makes the step fail with it. A failed write
// leaves half of its bytes.
func (f *FS) Fail(fault func(Op) error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.fault = fault
}

// Stats returns the counters since the last Reset.
func (f *FS) Stats() Stats {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.stats
}

// ResetStats sets the counters to zero.
func (f *FS) ResetStats() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.stats = Stats{}
}

// step runs do as one step: fault before, hook after. do runs with the lock held and gets the fault that must happen.
func (f *FS) step(op Op, do func(fault error) error) error {
	f.mu.Lock()
	var fault error
	if f.fault != nil {
		fault = f.fault(op)
	}
	f.stats.Changes++
	err := do(fault)
	hook := f.hook
	f.mu.Unlock()
	if hook != nil {
		hook(op)
	}
	return err
}

// unlessFault is step for operations that happen or do not.
func (f *FS) unlessFault(op Op, do func() error) error {
	return f.step(op, func(fault error) error {
		if fault != nil {
			return &fs.PathError{Op: op.Kind, Path: op.Name, Err: fault}
		}
		return do()
	})
}

func notExist(op, name string) error { return &fs.PathError{Op: op, Path: name, Err: fs.ErrNotExist} }

// find walks to a node; nil when absent.
func (f *FS) find(name string) *node {
	at := f.root
	if name == "." {
		return at
	}
	for part := range strings.SplitSeq(path.Clean(name), "/") {
		if at == nil || !at.isDir {
			return nil
		}
		at = at.entries[part]
	}
	return at
}

func (f *FS) parent(name string) (*node, string) {
	dir := f.find(path.Dir(path.Clean(name)))
	if dir == nil || !dir.isDir {
		return nil, ""
	}
	return dir, path.Base(name)
}

// Dir implements mirror.FS.
func (f *FS) Dir() string { return "crashfs" }

// Create implements mirror.FS.
func (f *FS) Create(name string) (mirror.WriteFile, error) {
	n := &node{time: f.now()}
	err := f.unlessFault(Op{"create", name}, func() error {
		dir, base := f.parent(name)
		if dir == nil {
			return notExist("create", name)
		}
		if dir.entries[base] != nil {
			return &fs.PathError{Op: "create", Path: name, Err: fs.ErrExist}
		}
		dir.entries[base] = n
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &writeFile{f, n, name, 0}, nil
}

// Edit implements mirror.FS.
func (f *FS) Edit(name string) (mirror.WriteFile, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	n, err := f.regular(name)
	if err != nil {
		return nil, err
	}
	return &writeFile{f, n, name, 0}, nil
}

func (f *FS) regular(name string) (*node, error) {
	n := f.find(name)
	if n == nil {
		return nil, notExist("open", name)
	}
	if n.isDir {
		return nil, fmt.Errorf("open %s: %w", name, mirror.ErrNotRegular)
	}
	return n, nil
}

// Rename implements mirror.FS.
func (f *FS) Rename(from, to string) error {
	return f.unlessFault(Op{"rename", from + " → " + to}, func() error {
		src, a := f.parent(from)
		dst, b := f.parent(to)
		if src == nil || dst == nil || src.entries[a] == nil {
			return notExist("rename", from)
		}
		if old := dst.entries[b]; old != nil && old.isDir {
			return &fs.PathError{Op: "rename", Path: to, Err: fs.ErrExist}
		}
		n := src.entries[a]
		delete(src.entries, a)
		dst.entries[b] = n
		return nil
	})
}

// Link implements mirror.FS.
func (f *FS) Link(from, to string) error {
	if f.NoLinks {
		return mirror.ErrNoLink
	}
	return f.unlessFault(Op{"link", from + " → " + to}, func() error {
		src, a := f.parent(from)
		dst, b := f.parent(to)
		if src == nil || dst == nil || src.entries[a] == nil {
			return notExist("link", from)
		}
		if dst.entries[b] != nil {
			return &fs.PathError{Op: "link", Path: to, Err: fs.ErrExist}
		}
		dst.entries[b] = src.entries[a]
		return nil
	})
}

// Remove implements mirror.FS.
func (f *FS) Remove(name string) error {
	return f.unlessFault(Op{"remove", name}, func() error {
		dir, base := f.parent(name)
		if dir == nil || dir.entries[base] == nil {
			return notExist("remove", name)
		}
		if n := dir.entries[base]; n.isDir && len(n.entries) > 0 {
			return &fs.PathError{Op: "remove", Path: name, Err: syscall.ENOTEMPTY}
		}
		delete(dir.entries, base)
		return nil
	})
}

// Stat implements mirror.FS.
func (f *FS) Stat(name string) (mirror.Info, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := f.find(name)
	if n == nil {
		return mirror.Info{}, notExist("stat", name)
	}
	return mirror.Info{Name: path.Base(name), Size: int64(len(n.data)), Time: n.time, Dir: n.isDir}, nil
}

// Names implements mirror.FS.
func (f *FS) Names(dir string, limit int) ([]string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.stats.Listed++
	n := f.find(dir)
	if n == nil || !n.isDir {
		return nil, notExist("list", dir)
	}
	names := slices.Sorted(maps.Keys(n.entries))
	if limit > 0 && len(names) > limit {
		names = names[:limit]
	}
	return names, nil
}

// Mkdir implements mirror.FS.
func (f *FS) Mkdir(name string) error {
	f.mu.Lock()
	dir, base := f.parent(name)
	if dir != nil && dir.entries[base] != nil {
		f.mu.Unlock()
		return &fs.PathError{Op: "mkdir", Path: name, Err: fs.ErrExist}
	}
	f.mu.Unlock()
	return f.unlessFault(Op{"mkdir", name}, func() error {
		dir, base := f.parent(name)
		if dir == nil {
			return notExist("mkdir", name)
		}
		dir.entries[base] = newDir()
		return nil
	})
}

// SyncDir implements mirror.FS.
func (f *FS) SyncDir(name string) error {
	return f.unlessFault(Op{"syncdir", name}, func() error {
		f.stats.DirSyncs++
		n := f.find(name)
		if n == nil || !n.isDir {
			return notExist("sync", name)
		}
		n.sure = maps.Clone(n.entries)
		return nil
	})
}

// TryLock implements mirror.FS.
func (f *FS) TryLock(name string) (unlock func(), ok bool, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.locks[name] {
		return nil, false, nil
	}
	f.locks[name] = true
	return func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.locks[name] = false
	}, true, nil
}

// Same implements mirror.FS.
func (f *FS) Same(file mirror.File, name string) (bool, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	r, ok := file.(*readFile)
	return ok && r.n == f.find(name), nil
}
