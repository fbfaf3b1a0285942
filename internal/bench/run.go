package main

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"io/fs"
	"math"
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
	return runWith("", secret, name, args...)
}

// runWith has something on standard input, too.
func runWith(in, secret, name string, args ...string) (sample, error) {
	cmd := exec.Command(name, args...)
	var out, stderr bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(in), &out, &stderr
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

func (s series) highest() time.Duration {
	if len(s.times) == 0 {
		return 0
	}
	return slices.Max(s.times)
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
	sum  [32]byte
}

// stampOf reads at most limit bytes of a file, in pieces: this program's own memory would show up in the next measurement.
func stampOf(name string, limit int64) (stamp, error) {
	f, err := os.Open(name)
	if err != nil {
		return stamp{}, err
	}
	defer f.Close()
	h := sha256.New()
	n, err := io.Copy(h, io.LimitReader(f, limit))
	return stamp{size: n, sum: [32]byte(h.Sum(nil))}, err
}

// contents describes every file below a folder.
func contents(dir string) (map[string]stamp, error) {
	out := map[string]stamp{}
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		out[p], err = stampOf(p, math.MaxInt64)
		return err
	})
	return out, err
}

// written sums what has to have been written to get from one state to the next: whole new and changed files, and only the
// growth of files that were appended to.
func written(before map[string]stamp, dir string) (int64, error) {
	after, err := contents(dir)
	if err != nil {
		return 0, err
	}
	var sum int64
	for p, now := range after {
		old, known := before[p]
		if known && old == now {
			continue
		}
		sum += now.size
		if !known || now.size <= old.size {
			continue
		}
		head, err := stampOf(p, old.size)
		if err != nil {
			return 0, err
		}
		if head == old {
			sum -= old.size
		}
	}
	return sum, nil
}
