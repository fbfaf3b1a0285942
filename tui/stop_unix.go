//go:build unix

package tui

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	tea "charm.land/bubbletea/v2"
	"golang.org/x/sys/unix"
)

// jobControl stops and continues the process.
type jobControl struct {
	signals chan os.Signal
	going   chan os.Signal
	own     chan struct{} // full while the program stops itself
}

func newStopper() *jobControl {
	j := &jobControl{make(chan os.Signal, 1), make(chan os.Signal, 1), make(chan struct{}, 1)}
	j.take()
	signal.Notify(j.going, syscall.SIGCONT)
	return j
}

// mayStop: without a shell above it that watches over the group, nobody would continue the process, and the system ignores SIGTSTP.
func (j *jobControl) mayStop() string {
	if orphaned() {
		return "There is no shell here to go back to"
	}
	return ""
}

// orphaned reports whether no parent of the process group is in the same session: such a group cannot be stopped.
func orphaned() bool {
	group := unix.Getpgrp()
	session, err := unix.Getsid(0)
	if err != nil {
		return false
	}
	for pid, deep := os.Getppid(), 0; pid > 1 && deep < 64; deep++ {
		its, err := unix.Getpgid(pid)
		if err != nil {
			return true
		}
		if s, err := unix.Getsid(pid); err != nil || s != session {
			return true
		}
		if its != group {
			return false
		}
		pid = parentOf(pid)
	}
	return true
}

func (j *jobControl) give() {
	j.own <- struct{}{}
	signal.Stop(j.signals)
}

func (j *jobControl) take() {
	signal.Notify(j.signals, syscall.SIGTSTP)
	select {
	case <-j.own:
	default:
	}
}

// listen tells the program of SIGTSTP, and paints anew after a SIGSTOP, which nobody can see coming: the shell had the terminal meanwhile.
func (j *jobControl) listen(ctx context.Context, p *tea.Program) {
	defer signal.Stop(j.signals)
	defer signal.Stop(j.going)
	for {
		select {
		case <-ctx.Done():
			return
		case <-j.signals:
			p.Send(stopAsked{})
		case <-j.going:
			if len(j.own) == 0 && p.ReleaseTerminal() == nil {
				_ = p.RestoreTerminal()
				p.Send(tea.ResumeMsg{})
			}
		}
	}
}
