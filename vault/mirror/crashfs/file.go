package crashfs

import (
	"fmt"
	"io"
	"io/fs"

	"signet/vault/mirror"
)

// Open implements mirror.FS. Like a real descriptor it goes on showing a file that was renamed away or removed.
func (f *FS) Open(name string) (mirror.File, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	n, err := f.regular(name)
	if err != nil {
		return nil, err
	}
	f.stats.Opened++
	return &readFile{f: f, n: n, size: int64(len(n.data))}, nil
}

type readFile struct {
	f    *FS
	n    *node
	size int64
	at   int64
}

func (r *readFile) Size() int64 { return r.size }

func (r *readFile) Close() error { return nil }

func (r *readFile) Read(p []byte) (int, error) {
	n, err := r.ReadAt(p, r.at)
	r.at += int64(n)
	if n > 0 {
		err = nil
	}
	return n, err
}

func (r *readFile) ReadAt(p []byte, off int64) (int, error) {
	r.f.mu.Lock()
	defer r.f.mu.Unlock()
	if off < 0 {
		return 0, fmt.Errorf("read at %d", off)
	}
	if off >= int64(len(r.n.data)) {
		return 0, io.EOF
	}
	n := copy(p, r.n.data[off:])
	r.f.stats.BytesRead += int64(n)
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

type writeFile struct {
	f    *FS
	n    *node
	name string
	at   int64
}

func (w *writeFile) Write(p []byte) (int, error) {
	n, err := w.WriteAt(p, w.at)
	w.at += int64(n)
	return n, err
}

func (w *writeFile) WriteAt(p []byte, off int64) (written int, err error) {
	err = w.f.step(Op{"write", w.name}, func(fault error) error {
		if fault != nil {
			p = p[:len(p)/2]
			fault = &fs.PathError{Op: "write", Path: w.name, Err: fault}
		}
		w.n.apply(change{off: off, data: append([]byte(nil), p...)})
		w.n.time = w.f.now()
		w.f.stats.BytesWritten += int64(len(p))
		written = len(p)
		return fault
	})
	return written, err
}

func (w *writeFile) Truncate(size int64) error {
	return w.f.unlessFault(Op{"truncate", w.name}, func() error {
		w.n.apply(change{off: size, cut: true})
		return nil
	})
}

func (w *writeFile) Size() (int64, error) {
	w.f.mu.Lock()
	defer w.f.mu.Unlock()
	return int64(len(w.n.data)), nil
}

func (w *writeFile) Sync() error {
	return w.f.unlessFault(Op{"sync", w.name}, func() error {
		w.f.stats.Syncs++
		w.n.synced, w.n.pending = append([]byte(nil), w.n.data...), nil
		return nil
	})
}

// SyncData is Sync, but only what lies inside the old size is sure: that is all that fdatasync is used for here.
func (w *writeFile) SyncData() error { return w.Sync() }

func (w *writeFile) Close() error { return nil }

func (n *node) apply(c change) {
	n.data = c.on(n.data)
	n.pending = append(n.pending, c)
}

// on returns data with the change made; data itself may be reused.
func (c change) on(data []byte) []byte {
	end := c.off + int64(len(c.data))
	if c.cut && int64(len(data)) > c.off {
		return data[:c.off]
	}
	for int64(len(data)) < end {
		data = append(data, make([]byte, end-int64(len(data)))...)
	}
	copy(data[c.off:], c.data)
	return data
}
