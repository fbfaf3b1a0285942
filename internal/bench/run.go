package main

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// sample is one run of a command.
type sample struct {
	took time.Duration
	rss  int64 // bytes at the peak, as the kernel counted
	out  []byte
}

// run starts a command and waits for it. secret, when not empty, is what file descriptor 3 yields.
func run(secret string, name string, args ...string) (sample, error) {
	cmd := exec.Command(name, args...)
	var out, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &stderr
	if secret != "" {
		r, err := pipeWith(secret)
		if err != nil {
			return sample{}, err
		}
		defer r.Close()
		cmd.ExtraFiles = []*os.File{r}
	}
	start := time.Now()
	err := cmd.Run()
	took := time.Since(start)
	if err != nil {
		return sample{}, fmt.Errorf("%s %s: %v: %s", filepath.Base(name), strings.Join(args, " "), err, bytes.TrimSpace(stderr.Bytes()))
	}
	return sample{took: took, rss: peak(cmd.ProcessState), out: out.Bytes()}, nil
}

func pipeWith(secret string) (*os.File, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	if _, err := w.WriteString(secret + "\n"); err != nil {
		return nil, err
	}
	return r, w.Close()
}

// series is what repeated runs gave.
type series struct {
	times []time.Duration
	rss   int64
}

func (s *series) add(x sample) {
	s.times = append(s.times, x.took)
	s.rss = max(s.rss, x.rss)
}

// median is robust against the odd slow run of a shared machine.
func (s series) median() time.Duration {
	if len(s.times) == 0 {
		return 0
	}
	t := slices.Clone(s.times)
	slices.Sort(t)
	return (t[(len(t)-1)/2] + t[len(t)/2]) / 2
}

// repeat runs a command with changing arguments, once to warm the page cache and n times to measure.
func repeat(n int, once func(i int) (sample, error)) (series, error) {
	var s series
	for i := range n + 1 {
		x, err := once(i)
		if err != nil {
			return s, err
		}
		if i > 0 {
			s.add(x)
		}
	}
	return s, nil
}

// stamp describes one file, to tell what an edit wrote.
type stamp struct {
	size int64
	head [32]byte // of the first size bytes
}

// contents describes every file below a folder.
func contents(dir string) (map[string]stamp, error) {
	out := map[string]stamp{}
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		b, err := os.ReadFile(p)
		out[p] = stamp{size: int64(len(b)), head: sha256.Sum256(b)}
		return err
	})
	return out, err
}

// written sums what has to have been written to get from one state to the next: whole new and changed files, and only the
// growth of files that were appended to.
func written(before map[string]stamp, dir string) (int64, error) {
	var sum int64
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		b, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		old, known := before[p]
		size := int64(len(b))
		switch {
		case known && old.size == size && sha256.Sum256(b) == old.head:
		case known && size > old.size && sha256.Sum256(b[:old.size]) == old.head:
			sum += size - old.size
		default:
			sum += size
		}
		return nil
	})
	return sum, err
}
