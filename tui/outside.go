package tui

import (
	tea "charm.land/bubbletea/v2"

	"signet/tui/screen"
)

// runOutside gives the terminal to another program. While it runs both are stopped and continued together (^Z in the editor).
func (r *root) runOutside(m screen.RunOutside) tea.Cmd {
	exec := tea.Exec
	if r.opt.exec != nil {
		exec = r.opt.exec
	}
	return exec(outside{m.Run, r.opt.stopper}, func(err error) tea.Msg { return screen.Answer{To: m.To, Msg: m.Done(err)} })
}

type outside struct {
	tea.ExecCommand
	stopper stopper
}

// Run implements tea.ExecCommand.
func (o outside) Run() error {
	if o.stopper != nil {
		o.stopper.away(true)
		defer o.stopper.away(false)
	}
	return o.ExecCommand.Run()
}
