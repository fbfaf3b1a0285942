package mirror

import (
	"context"
	"errors"
	"io"
	"time"
)

// Errors that a caller branches on.
var (
	ErrInUse    = errors.New("vault in use by another process")
	ErrNoVault  = errors.New("no vault here")
	ErrDiskFull = errors.New("no space left on the disk")
)

// FS is the little of a file system that the mirror needs; names are relative to the vault directory with forward slashes.
// OS is the real one; tests have one that crashes.
type FS interface {
	// grows: Open, Create, Rename, Remove, ReadDir, Stat, MkdirAll, SyncDir, Link …
}

// Mirror is an open vault directory.
type Mirror struct{ fs FS }

// Open returns the mirror at dir; ErrNoVault when there is nothing that looks like a vault. It creates nothing.
func Open(dir string) (*Mirror, error) { panic("contract: mirror.Open") }

// New wraps any FS.
func New(fs FS) *Mirror { return &Mirror{fs} }

// Dir returns the directory, for messages only.
func (m *Mirror) Dir() string { panic("contract: mirror.Dir") }

// Lock takes state/lock exclusively, waiting up to wait (0: one try); ErrInUse after that. The lock dies with the process.
func (m *Mirror) Lock(ctx context.Context, wait time.Duration) (unlock func(), err error) {
	panic("contract: mirror.Lock")
}

// Staged is a file in state/tmp/, fsynced and closed, waiting for its name.
type Staged struct{ tmp string }

// Stage writes bytes to state/tmp/ and fsyncs them.
func (m *Mirror) Stage(write func(io.Writer) error) (Staged, error) { panic("contract: mirror.Stage") }

// Publish renames a staged file to name (making its directory durable when it is new) without the directory's fsync;
// a name that exists with the same bytes is fine (I1: a visible file never changes), with other bytes it is an error.
func (m *Mirror) Publish(s Staged, name string) error { panic("contract: mirror.Publish") }

// SyncDirs fsyncs the directories of the names given, once each.
func (m *Mirror) SyncDirs(names ...string) error { panic("contract: mirror.SyncDirs") }

// Put is Stage, Publish and SyncDirs for one immutable file.
func (m *Mirror) Put(name string, data []byte) error { panic("contract: mirror.Put") }

// Replace durably writes a file that may exist (unlock/*, device.json, state/cache.age): stage, rename over, fsync dir.
func (m *Mirror) Replace(name string, write func(io.Writer) error) error {
	panic("contract: mirror.Replace")
}

// Read returns a whole file of at most max bytes. fs.ErrNotExist when absent.
func (m *Mirror) Read(name string, max int64) ([]byte, error) { panic("contract: mirror.Read") }

// File is an open file with random access.
type File interface {
	io.Reader
	io.ReaderAt
	io.Closer
	Size() int64
}

// Open opens a file for reading.
func (m *Mirror) Open(name string) (File, error) { panic("contract: mirror.Mirror.Open") }

// Remove deletes a file durably; absence is fine.
func (m *Mirror) Remove(name string) error { panic("contract: mirror.Remove") }

// Info is one file of a listing.
type Info struct {
	Name string
	Size int64
	Time time.Time
}

// List returns the files directly in dir (no recursion), sorted by name; nothing when dir is absent.
func (m *Mirror) List(dir string) ([]Info, error) { panic("contract: mirror.List") }

// Dirs returns the directories directly in dir, sorted.
func (m *Mirror) Dirs(dir string) ([]string, error) { panic("contract: mirror.Dirs") }

// Append appends bytes to a file without fsync (state/cache.tail), creating it when absent, at offset off exactly: what lies
// behind off (a torn frame) is cut first.
func (m *Mirror) Append(name string, off int64, data []byte) error { panic("contract: mirror.Append") }

// EmptyTmp removes what killed commands left in state/tmp/. Only under the lock and with nothing pending.
func (m *Mirror) EmptyTmp() error { panic("contract: mirror.EmptyTmp") }

// PendingTmp lists state/tmp/, so that a pending commit can find its parts by hash.
func (m *Mirror) PendingTmp() ([]Info, error) { panic("contract: mirror.PendingTmp") }

// ReadHeads returns the raw heads file and the size of one slot; fs.ErrNotExist when absent.
func (m *Mirror) ReadHeads() (raw []byte, slotSize int, err error) {
	panic("contract: mirror.ReadHeads")
}

// WriteHeads writes one slot of the heads file (0 or 1) in place with one pwrite and fdatasync. When the slot does not fit,
// or the file is absent or replace is true, a new file with that slot is written beside it and renamed over.
func (m *Mirror) WriteHeads(slot int, data []byte, replace bool) error {
	panic("contract: mirror.WriteHeads")
}
