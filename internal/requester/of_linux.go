package requester

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	maxProcesses   = 8192
	maxDescriptors = 65536                  // of one process
	scanTime       = 250 * time.Millisecond // of all
	proc           = "/proc"
)

func of(ctx context.Context, device string) []Process {
	ctx, cancel := context.WithTimeout(ctx, scanTime)
	defer cancel()
	if real, err := filepath.EvalSymlinks(device); err == nil {
		device = real
	}
	var out []Process
	for i, pid := range pids() {
		if ctx.Err() != nil || i == maxProcesses || len(out) == maxFound {
			break
		}
		if pid != os.Getpid() && holds(ctx, pid, device) {
			out = append(out, describe(pid))
		}
	}
	return out
}

// pids lists processes, the newest first: who asks was often started just now.
func pids() []int {
	d, err := os.Open(proc)
	if err != nil {
		return nil
	}
	defer d.Close()
	names, _ := d.Readdirnames(-1)
	var out []int
	for _, n := range names {
		if pid, err := strconv.Atoi(n); err == nil {
			out = append(out, pid)
		}
	}
	slices.SortFunc(out, func(a, b int) int { return b - a })
	return out
}

// holds reports whether a process has the device open. What belongs to others cannot be read, and is none of our business.
func holds(ctx context.Context, pid int, device string) bool {
	dir := filepath.Join(proc, strconv.Itoa(pid), "fd")
	d, err := os.Open(dir)
	if err != nil {
		return false
	}
	defer d.Close()
	names, _ := d.Readdirnames(maxDescriptors)
	for _, n := range names {
		if link, err := os.Readlink(filepath.Join(dir, n)); err == nil && link == device {
			return true
		}
		if ctx.Err() != nil {
			return false
		}
	}
	return false
}

func describe(pid int) Process {
	p := Process{PID: pid}
	dir := filepath.Join(proc, strconv.Itoa(pid))
	if exe, err := os.Readlink(filepath.Join(dir, "exe")); err == nil {
		p.Exe = strings.TrimSuffix(exe, " (deleted)")
	}
	if b, err := os.ReadFile(filepath.Join(dir, "comm")); err == nil {
		p.Name = strings.TrimSpace(string(b))
	}
	return p
}
