package mirror

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strconv"
	"strings"
	"time"
)

// Staged is a file in state/tmp/, fsynced and closed, waiting for its name.
type Staged struct{ tmp string }

// longPrefix marks staged files that a command fills without holding the lock (attachments of any size). EmptyTmp spares
// them while they may still be growing.
const (
	longPrefix = "long-"
	longLife   = time.Hour
)

// Stage writes bytes to state/tmp/ and fsyncs them. Only under the lock: whoever takes the lock empties state/tmp/.
func (m *Mirror) Stage(write func(io.Writer) error) (Staged, error) { return m.stage("", write) }

// StageLong is Stage for a file that may take long and is written without the lock.
func (m *Mirror) StageLong(write func(io.Writer) error) (Staged, error) {
	return m.stage(longPrefix, write)
}

// Scratch is Stage without the fsync, for what is read back by this process alone and then discarded. Only under the lock.
func (m *Mirror) Scratch(write func(io.Writer) error) (Staged, error) {
	return m.stageFile("", write, func(WriteFile) error { return nil })
}

func (m *Mirror) stage(prefix string, write func(io.Writer) error) (Staged, error) {
	return m.stageFile(prefix, write, WriteFile.Sync)
}

func (m *Mirror) stageFile(prefix string, write func(io.Writer) error, sync func(WriteFile) error) (Staged, error) {
	f, name, err := m.createTmp(prefix)
	if err != nil {
		return Staged{}, fmt.Errorf("stage file: %w", diskErr(err))
	}
	err = write(f)
	if err == nil {
		err = sync(f)
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		_ = m.fs.Remove(name)
		return Staged{}, fmt.Errorf("stage file: %w", diskErr(err))
	}
	return Staged{name}, nil
}

// createTmp makes a new file in state/tmp/. Names need only be free: the process id and a number.
func (m *Mirror) createTmp(prefix string) (WriteFile, string, error) {
	if err := m.ensureDir(tmpDir); err != nil {
		return nil, "", err
	}
	for {
		m.mu.Lock()
		m.tmp++
		name := path.Join(tmpDir, prefix+strconv.Itoa(os.Getpid())+"-"+strconv.Itoa(m.tmp))
		m.mu.Unlock()
		f, err := m.fs.Create(name)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		return f, name, err
	}
}

// SyncTmp makes the names of staged files durable, for a commit that counts on finding them after a power cut.
func (m *Mirror) SyncTmp() error {
	if err := m.SyncDirs(tmpDir+"/x", tmpDir); err != nil {
		return err
	}
	return m.SyncDirs(stateDir)
}

// Discard removes a staged file that is not wanted after all.
func (m *Mirror) Discard(s Staged) { _ = m.fs.Remove(s.tmp) }

// Publish renames a staged file to name (making its directory durable when it is new) without the directory's fsync;
// a name that exists with the same bytes is fine (I1: a visible file never changes), with other bytes it is ErrChanged.
// Only under the lock.
func (m *Mirror) Publish(s Staged, name string) error {
	if err := m.ensureDir(path.Dir(name)); err != nil {
		return err
	}
	_, err := m.fs.Stat(name)
	switch {
	case err == nil:
		return m.publishAgain(s, name)
	case !errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("publish %s: %w", name, err)
	}
	if err := m.fs.Rename(s.tmp, name); err != nil {
		return fmt.Errorf("publish %s: %w", name, diskErr(err))
	}
	return nil
}

// PublishKept is Publish for a file whose commit came before its name (vault.md 5.5, several segments): the staged file stays
// as it is, so that a power cut that loses the new name before SyncDirs leaves the old one. Whoever is done discards it. Where
// there are no links, it is renamed: journalling file systems keep one of the two names.
func (m *Mirror) PublishKept(s Staged, name string) error {
	if err := m.ensureDir(path.Dir(name)); err != nil {
		return err
	}
	err := m.fs.Link(s.tmp, name)
	switch {
	case errors.Is(err, ErrNoLink), errors.Is(err, fs.ErrExist):
		return m.Publish(s, name)
	case err != nil:
		return fmt.Errorf("publish %s: %w", name, diskErr(err))
	}
	return nil
}

func (m *Mirror) publishAgain(s Staged, name string) error {
	same, err := m.sameBytes(s.tmp, name)
	if err != nil {
		return fmt.Errorf("publish %s: %w", name, err)
	}
	if !same {
		return fmt.Errorf("publish %s: %w", name, ErrChanged)
	}
	m.Discard(s)
	return nil
}

func (m *Mirror) sameBytes(a, b string) (bool, error) {
	fa, err := m.fs.Open(a)
	if err != nil {
		return false, err
	}
	defer fa.Close() //nolint:errcheck // nothing was written
	fb, err := m.fs.Open(b)
	if err != nil {
		return false, err
	}
	defer fb.Close() //nolint:errcheck // nothing was written
	if fa.Size() != fb.Size() {
		return false, nil
	}
	ba, bb := make([]byte, 64<<10), make([]byte, 64<<10)
	for {
		na, errA := io.ReadFull(fa, ba)
		nb, _ := io.ReadFull(fb, bb)
		if !bytes.Equal(ba[:na], bb[:nb]) {
			return false, nil
		}
		if errA != nil {
			return true, nil
		}
	}
}

// SyncDirs fsyncs the directories of the names given, once each.
func (m *Mirror) SyncDirs(names ...string) error {
	done := map[string]bool{}
	for _, name := range names {
		dir := path.Dir(name)
		if done[dir] {
			continue
		}
		done[dir] = true
		if err := m.fs.SyncDir(dir); err != nil {
			return fmt.Errorf("sync %s: %w", dir, diskErr(err))
		}
	}
	return nil
}

// Put is Stage, Publish and SyncDirs for one immutable file.
func (m *Mirror) Put(name string, data []byte) error {
	s, err := m.Stage(writeAll(data))
	if err != nil {
		return err
	}
	if err := m.Publish(s, name); err != nil {
		m.Discard(s)
		return err
	}
	return m.SyncDirs(name)
}

func writeAll(data []byte) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	}
}

// Replace durably writes a file that may exist (unlock/*, device.json, state/cache.age): stage, rename over, fsync dir.
// What is no regular file is not replaced.
func (m *Mirror) Replace(name string, write func(io.Writer) error) error {
	return m.replace("", name, write)
}

// ReplaceLong is Replace for callers without the lock (state/local/): whoever takes the lock meanwhile spares its staged file.
func (m *Mirror) ReplaceLong(name string, write func(io.Writer) error) error {
	return m.replace(longPrefix, name, write)
}

func (m *Mirror) replace(prefix, name string, write func(io.Writer) error) error {
	if err := m.replaceable(name); err != nil {
		return err
	}
	s, err := m.stage(prefix, write)
	if err != nil {
		return err
	}
	return m.Install(s, name)
}

func (m *Mirror) replaceable(name string) error {
	info, err := m.fs.Stat(name)
	if err == nil && info.Dir {
		err = ErrNotRegular
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("replace %s: %w", name, err)
	}
	return nil
}

// Install durably renames a staged file over name: the second half of Replace, for callers that must close the old file between
// the two (some systems do not replace an open file).
func (m *Mirror) Install(s Staged, name string) error {
	if err := m.replaceable(name); err != nil {
		m.Discard(s)
		return err
	}
	if err := m.moveInto(s.tmp, name); err != nil {
		m.Discard(s)
		return fmt.Errorf("replace %s: %w", name, diskErr(err))
	}
	return nil
}

func (m *Mirror) moveInto(tmp, name string) error {
	if err := m.ensureDir(path.Dir(name)); err != nil {
		return err
	}
	if err := m.fs.Rename(tmp, name); err != nil {
		return err
	}
	return m.fs.SyncDir(path.Dir(name))
}

// Remove deletes a file durably; absence is fine.
func (m *Mirror) Remove(name string) error { return m.RemoveAll(name) }

// RemoveAll deletes files durably, each directory synced once; absence is fine.
func (m *Mirror) RemoveAll(names ...string) error {
	var gone []string
	for _, name := range names {
		err := m.fs.Remove(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return fmt.Errorf("remove %s: %w", name, err)
		}
		gone = append(gone, name)
	}
	return m.SyncDirs(gone...)
}

// Move durably renames a file or directory inside the vault (device state of another machine into lost/). Nothing is
// replaced: fs.ErrExist when the new name is taken.
func (m *Mirror) Move(from, to string) error {
	if _, err := m.fs.Stat(to); err == nil {
		return fmt.Errorf("move %s: %w", from, fs.ErrExist)
	}
	if err := m.ensureDir(path.Dir(to)); err != nil {
		return err
	}
	if err := m.fs.Rename(from, to); err != nil {
		return fmt.Errorf("move %s: %w", from, diskErr(err))
	}
	return m.SyncDirs(to, from)
}

// Append appends bytes to a file without fsync (state/cache.tail), creating it when absent, at offset off exactly: what lies
// behind off (a torn frame) is cut first. A file that is shorter than off is an error.
func (m *Mirror) Append(name string, off int64, data []byte) error {
	f, err := m.fs.Edit(name)
	if errors.Is(err, fs.ErrNotExist) && off == 0 {
		if err = m.ensureDir(path.Dir(name)); err == nil {
			f, err = m.fs.Create(name)
		}
	}
	if err != nil {
		return fmt.Errorf("append to %s: %w", name, diskErr(err))
	}
	err = appendAt(f, off, data)
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return fmt.Errorf("append to %s: %w", name, diskErr(err))
	}
	return nil
}

func appendAt(f WriteFile, off int64, data []byte) error {
	size, err := f.Size()
	if err != nil {
		return err
	}
	if size < off {
		return fmt.Errorf("file has %d bytes, not %d", size, off)
	}
	if size > off {
		if err := f.Truncate(off); err != nil {
			return err
		}
	}
	_, err = f.WriteAt(data, off)
	return err
}

// EmptyTmp removes what killed commands left in state/tmp/. Only under the lock and with nothing pending.
func (m *Mirror) EmptyTmp(now time.Time) error {
	names, err := m.Names(tmpDir)
	if err != nil {
		return err
	}
	for _, name := range names {
		full := path.Join(tmpDir, name)
		if strings.HasPrefix(name, longPrefix) {
			if info, err := m.fs.Stat(full); err == nil && now.Sub(info.Time) < longLife {
				continue
			}
		}
		err := m.fs.Remove(full)
		if info, statErr := m.fs.Stat(full); err != nil && statErr == nil && info.Dir {
			continue // we make no directories there
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("empty %s: %w", tmpDir, err)
		}
	}
	return nil
}

// PendingTmp lists state/tmp/, so that a pending commit can find its parts by hash.
func (m *Mirror) PendingTmp() ([]Info, error) { return m.List(tmpDir) }

// TmpFile is the staged file of a listing by PendingTmp.
func TmpFile(i Info) Staged { return Staged{path.Join(tmpDir, i.Name)} }

// Path is the staged file's name for Read and Open.
func (s Staged) Path() string { return s.tmp }

// ensureDir makes a directory and its parents, durably. A directory that is empty may have been made by a process that was
// killed before its entry was durable, so the entries above an empty directory are synced once more.
func (m *Mirror) ensureDir(dir string) error {
	if dir == "." || m.knows(dir) {
		return nil
	}
	if err := m.ensureDir(path.Dir(dir)); err != nil {
		return err
	}
	err := m.fs.Mkdir(dir)
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("make directory %s: %w", dir, diskErr(err))
	}
	fresh := err == nil
	if !fresh && dir != tmpDir { // state/tmp/ is empty nearly always; SyncTmp is for those who rely on it
		names, err := m.fs.Names(dir, 1)
		if err != nil {
			return fmt.Errorf("make directory %s: %w", dir, err)
		}
		fresh = len(names) == 0
	}
	if fresh {
		if err := m.fs.SyncDir(path.Dir(dir)); err != nil {
			return fmt.Errorf("make directory %s: %w", dir, diskErr(err))
		}
	}
	m.mu.Lock()
	m.rooms[dir] = true
	m.mu.Unlock()
	return nil
}

func (m *Mirror) knows(dir string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.rooms[dir]
}
