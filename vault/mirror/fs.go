package mirror

import (
	"errors"
	"io"
	"time"
)

// ErrNoLink means that the file system gives a file one name only.
var ErrNoLink = errors.New("file system without links")

// ErrNotRegular means that something other than a regular file stands where the vault keeps one: a symbolic link, a
// device, a pipe, a directory. The mirror never follows or replaces such a thing.
var ErrNotRegular = errors.New("not a regular file")

// FS is the little of a file system that the mirror needs. Names are relative to the vault directory, with forward slashes;
// "." is the directory itself. Nothing is durable before Sync of the file and SyncDir of its directory have returned.
type FS interface {
	// Dir returns where it is, for messages only.
	Dir() string
	// Open opens a regular file for reading; ErrNotRegular for anything else, fs.ErrNotExist when absent.
	Open(name string) (File, error)
	// Create makes a new empty file of mode 0600; fs.ErrExist when there is anything of that name.
	Create(name string) (WriteFile, error)
	// Edit opens an existing regular file for writing in place.
	Edit(name string) (WriteFile, error)
	// Rename moves a file or directory, atomically replacing a file of the new name.
	Rename(from, to string) error
	// Link gives a file a second name, which must be free; ErrNoLink where the file system has no such thing.
	Link(from, to string) error
	// Remove deletes a file or an empty directory.
	Remove(name string) error
	// Stat describes what stands under a name without following links; ErrNotRegular when it is neither file nor directory.
	Stat(name string) (Info, error)
	// Names lists a directory in no fixed order, without looking at the files themselves. limit 0 means all.
	Names(dir string, limit int) ([]string, error)
	// Mkdir makes one directory of mode 0700; fs.ErrExist when there is anything of that name.
	Mkdir(name string) error
	// SyncDir makes the entries of a directory durable. File systems that cannot do that are tolerated.
	SyncDir(name string) error
	// TryLock takes an exclusive lock on a file, creating it when absent; ok is false when somebody else has it. The lock
	// dies with the process.
	TryLock(name string) (unlock func(), ok bool, err error)
	// Same reports whether name is still the very file that f has open.
	Same(f File, name string) (bool, error)
}

// File is an open file with random access.
type File interface {
	io.Reader
	io.ReaderAt
	io.Closer
	Size() int64
}

// WriteFile is a file open for writing.
type WriteFile interface {
	io.Writer
	io.WriterAt
	Size() (int64, error)
	Truncate(size int64) error
	// Sync makes content and size durable.
	Sync() error
	// SyncData makes content durable where the size did not change (fdatasync).
	SyncData() error
	Close() error
}

// Info is one file of a listing.
type Info struct {
	Name string
	Size int64
	Time time.Time
	Dir  bool
}
