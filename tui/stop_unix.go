//go:build unix

package tui

import (
	"context"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"

	tea "charm.land/bubbletea/v2"
	"golang.org/x/sys/unix"
)

// jobControl stops and continues the process. Bubble Tea's own way (it sends itself SIGTSTP) does not work in a program that listens to SIGTSTP: Go
// never gives that signal back to the system. So the process stops itself with SIGSTOP, which nobody can catch.
type jobControl struct {
	signals chan os.Signal
	going   chan os.Signal
	asked   chan struct{}
	other   atomic.Bool // another program has the terminal
}

func newStopper() *jobControl {
	j := &jobControl{signals: make(chan os.Signal, 1), going: make(chan os.Signal, 1), asked: make(chan struct{}, 1)}
	signal.Notify(j.signals, syscall.SIGTSTP)
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

// stop asks listen to stop the process.
func (j *jobControl) away(on bool) { j.other.Store(on) }

func (j *jobControl) stop() { j.asked <- struct{}{} }

// listen tells the program of SIGTSTP, stops the process when the program is ready for it, and paints anew after a SIGSTOP from outside, which nobody
// can see coming: the shell had the terminal meanwhile.
func (j *jobControl) listen(ctx context.Context, p *tea.Program) {
	defer signal.Stop(j.signals)
	defer signal.Stop(j.going)
	for {
		select {
		case <-ctx.Done():
			return
		case <-j.signals:
			if j.other.Load() { // the whole group was asked to stop, and the other program stops by itself
				_ = syscall.Kill(os.Getpid(), syscall.SIGSTOP)
				continue
			}
			p.Send(stopAsked{})
		case <-j.asked:
			j.pause(ctx, p, func() {
				_ = syscall.Kill(0, syscall.SIGSTOP)
				select {
				case <-j.going:
				case <-ctx.Done():
				}
			})
		case <-j.going:
			if !j.other.Load() {
				j.pause(ctx, p, func() {})
			}
		}
	}
}

// pause gives the terminal back, waits, and takes it again. Without a terminal to give back it only goes on.
func (j *jobControl) pause(ctx context.Context, p *tea.Program, wait func()) {
	if p.ReleaseTerminal() == nil {
		wait()
		if ctx.Err() == nil {
			_ = p.RestoreTerminal()
		}
	}
	p.Send(tea.ResumeMsg{})
}
