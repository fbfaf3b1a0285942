package tui

import (
	tea "charm.land/bubbletea/v2"

	"signet/tui/screen"
)

// Stopping and going on (^Z, SIGTSTP, SIGCONT). Before the process stops, the terminal is given back and the frame is blank; when it goes on, the idle
// time is looked at before anything is drawn: while it was stopped the clock went on.

// stopAsked asks for the program to be stopped; it comes from the key and from SIGTSTP.
type stopAsked struct{}

// stopper knows how the process stops; without one (tests, other systems) it does not.
type stopper interface {
	// mayStop says why the process cannot be stopped, or "".
	mayStop() string
	// stop gives the terminal back and stops the process; tea.ResumeMsg comes when it goes on.
	stop()
	// away says whether another program has the terminal: then it is stopped and continued together with that, and nothing is drawn.
	away(bool)
}

// stop blanks the frame and stops the process after that.
func (r *root) stop() tea.Cmd {
	if r.opt.stopper == nil || r.stopped {
		return nil
	}
	if why := r.opt.stopper.mayStop(); why != "" {
		r.status.notify(screen.Notify{Text: why}, r.now())
		return nil
	}
	r.stopped = true
	s := r.opt.stopper
	return func() tea.Msg {
		s.stop()
		return nil
	}
}

// goOn comes after the process was continued. The first look is at the clock.
func (r *root) goOn() tea.Cmd {
	cmd := r.idle()
	r.stopped = false
	return cmd
}
