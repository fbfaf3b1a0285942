package crashfs

import (
	"maps"
	"path"
	"slices"
	"time"
)

// Mix decides about one thing that the disk was not sure of: n choices, 0 is "lost", n-1 is "kept".
type Mix func(n int) int

// Lost forgets everything that was not synced; Kept keeps it.
func Lost(int) int { return 0 }

// Kept keeps everything.
func Kept(n int) int { return n - 1 }

// Seeded mixes by a small generator, the same for the same seed.
func Seeded(seed uint64) Mix {
	return func(n int) int {
		seed = seed*6364136223846793005 + 1442695040888963407
		return int((seed >> 33) % uint64(n))
	}
}

// Survivor returns what a power cut at this moment may leave, as mix decides. Locks are free in it, hooks are gone.
func (f *FS) Survivor(mix Mix) *FS {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := New()
	s.now = f.now
	s.root = f.root.survive(mix)
	return s
}

// Survivors returns the two extremes and mixed in between.
func (f *FS) Survivors(mixed int, seed uint64) []*FS {
	out := []*FS{f.Survivor(Lost), f.Survivor(Kept)}
	for i := range mixed {
		out = append(out, f.Survivor(Seeded(seed+uint64(i)*7919)))
	}
	return out
}

// Kill returns the world after the process died and the machine went on: everything is as it was seen, and what was not
// sure is still not sure. Locks are free.
func (f *FS) Kill() *FS {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := New()
	s.now = f.now
	s.root = f.root.clone(map[*node]*node{})
	return s
}

func (n *node) survive(mix Mix) *node {
	if !n.isDir {
		return n.surviveFile(mix)
	}
	out := newDir()
	names := maps.Clone(n.sure)
	maps.Copy(names, n.entries)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		seen, sure := n.entries[name], n.sure[name]
		if seen != sure && mix(2) == 0 {
			seen = sure
		}
		if seen != nil {
			out.entries[name] = seen.survive(mix)
		}
	}
	out.sure = maps.Clone(out.entries)
	return out
}

// surviveFile applies any mix of what was not synced; a write may be torn at three places.
func (n *node) surviveFile(mix Mix) *node {
	data := append([]byte(nil), n.synced...)
	for _, c := range n.pending {
		switch part := mix(5); part {
		case 0:
			continue
		case 4:
		default:
			c.data = c.data[:len(c.data)*part/4]
		}
		data = c.on(data)
	}
	return &node{data: data, synced: append([]byte(nil), data...), time: n.time}
}

func (n *node) clone(done map[*node]*node) *node {
	if n == nil {
		return nil
	}
	if c := done[n]; c != nil {
		return c
	}
	c := &node{isDir: n.isDir, time: n.time}
	done[n] = c
	if n.isDir {
		c.entries, c.sure = map[string]*node{}, map[string]*node{}
		for name, e := range n.entries {
			c.entries[name] = e.clone(done)
		}
		for name, e := range n.sure {
			c.sure[name] = e.clone(done)
		}
		return c
	}
	c.data, c.synced = append([]byte(nil), n.data...), append([]byte(nil), n.synced...)
	c.pending = slices.Clone(n.pending)
	return c
}

// Files lists the names of all files below the root, sorted.
func (f *FS) Files() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var out []string
	var walk func(at string, n *node)
	walk = func(at string, n *node) {
		for _, name := range slices.Sorted(maps.Keys(n.entries)) {
			if e := n.entries[name]; e.isDir {
				walk(path.Join(at, name), e)
			} else {
				out = append(out, path.Join(at, name))
			}
		}
	}
	walk("", f.root)
	return out
}

// ReadFile returns a copy of a file as seen, nil when absent.
func (f *FS) ReadFile(name string) []byte {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := f.find(name)
	if n == nil || n.isDir {
		return nil
	}
	return append([]byte{}, n.data...)
}

// WriteFile puts a file there, durably and behind everybody's back: damage, or what a sync program brings. Directories are
// made.
func (f *FS) WriteFile(name string, data []byte) {
	f.mu.Lock()
	defer f.mu.Unlock()
	at := f.root
	for _, part := range splitDir(name) {
		if at.entries[part] == nil {
			at.entries[part] = newDir()
		}
		at.sure[part] = at.entries[part]
		at = at.entries[part]
	}
	n := &node{data: slices.Clone(data), synced: slices.Clone(data), time: f.now()}
	at.entries[path.Base(name)], at.sure[path.Base(name)] = n, n
}

// DeleteFile removes a file durably and behind everybody's back.
func (f *FS) DeleteFile(name string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if dir, base := f.parent(name); dir != nil {
		delete(dir.entries, base)
		delete(dir.sure, base)
	}
}

// Age moves the time of a file back.
func (f *FS) Age(name string, by time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if n := f.find(name); n != nil {
		n.time = n.time.Add(-by)
	}
}

func splitDir(name string) []string {
	dir := path.Dir(path.Clean(name))
	if dir == "." {
		return nil
	}
	return append(splitDir(dir), path.Base(dir))
}
