package requester

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
)

// Process is a program that holds a device open. Its texts are chosen by that program.
type Process struct {
	PID  int
	Name string // as it calls itself; "" unknown
	Exe  string // its file; "" unknown
}

// Bounds of a scan.
const (
	maxFound = 8
	maxNamed = 3 // in words
	maxText  = 64
)

// Of returns the processes that hold a device open, but for this one. None: nobody does, or nobody knows.
func Of(ctx context.Context, device string) []Process { return of(ctx, device) }

// Words names processes in one line, not sanitised; "" for none.
func Words(list []Process) string {
	var parts []string
	for i, p := range list {
		if i == maxNamed {
			parts = append(parts, fmt.Sprintf("%d more", len(list)-i))
			break
		}
		parts = append(parts, p.String())
	}
	if len(parts) > 1 {
		return "one of " + strings.Join(parts, ", ")
	}
	return strings.Join(parts, "")
}

// String names a process by its file, and by what it calls itself where that differs.
func (p Process) String() string {
	name := filepath.Base(p.Exe)
	switch {
	case p.Exe == "" && p.Name == "":
		return fmt.Sprintf("process %d", p.PID)
	case p.Exe == "":
		return fmt.Sprintf("process %d, \"%s\"", p.PID, cut(p.Name))
	case p.Name != "" && !strings.HasPrefix(name, p.Name):
		return fmt.Sprintf("%s \"%s\" (%d)", cut(name), cut(p.Name), p.PID)
	}
	return fmt.Sprintf("%s (%d)", cut(name), p.PID)
}

func cut(s string) string {
	r := []rune(s)
	if len(r) > maxText {
		return string(r[:maxText-1]) + "…"
	}
	return s
}
