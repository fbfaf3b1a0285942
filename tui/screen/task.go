package screen

import (
	"context"

	tea "charm.land/bubbletea/v2"

	"signet/tui/widget"
)

// task is something long that a screen waits for: with a name, perhaps a progress, and a number by which late answers are told apart.
type task struct {
	what     string // what is being done, "" when nothing is
	firm     bool   // it cannot be cancelled any more
	try      int
	cancel   context.CancelFunc
	done     int
	total    int
	progress chan [2]int
}

// progressed is the news of a task's progress.
type progressed struct{ try, done, total int }

// begin starts a task and ends the one before; the context ends with the vault's session or with stop.
func (t *task) begin(env Env, what string) (context.Context, int) {
	t.stop()
	var ctx context.Context
	ctx, t.cancel = context.WithCancel(env.Ctx)
	t.what, t.done, t.total, t.progress = what, 0, 0, nil
	return ctx, t.try
}

// stop ends the task; its answer will be late.
func (t *task) stop() {
	if t.cancel != nil {
		t.cancel()
		t.cancel = nil
	}
	t.what = ""
	t.try++
}

func (t *task) busy() bool { return t.what != "" }

// late reports whether an answer belongs to a task that was stopped.
func (t *task) late(try int) bool { return try != t.try }

// counted makes the task one with progress: report may be called from any goroutine, and only its newest numbers are drawn. close it when
// the work is done.
func (t *task) counted(env Env, total int) (report func(done, total int), finish func(), listen tea.Cmd) {
	t.total, t.progress = total, make(chan [2]int, 1)
	ch := t.progress
	report = func(done, total int) {
		select {
		case ch <- [2]int{done, total}:
		default:
		}
	}
	return report, func() { close(ch) }, t.listen(env)
}

func (t *task) listen(env Env) tea.Cmd {
	try, ch := t.try, t.progress
	return env.cmd(func(context.Context) tea.Msg {
		n, ok := <-ch
		if !ok {
			return nil
		}
		return progressed{try, n[0], n[1]}
	})
}

// progressed takes the news and waits for the next.
func (t *task) progressed(env Env, m progressed) tea.Cmd {
	if t.late(m.try) || t.progress == nil {
		return nil
	}
	t.done, t.total = m.done, m.total
	return t.listen(env)
}

// view is one line, or none.
func (t *task) view(f widget.Frame, env Env) []string {
	if !t.busy() {
		return nil
	}
	text := " " + t.what
	switch {
	case t.total > 0:
		text += " " + thousands(t.done) + " of " + thousands(t.total)
	case t.done > 0:
		text += ": " + thousands(t.done)
	}
	if !t.firm {
		text += "; " + env.Keys.Form.Cancel.Help().Key + " cancels"
	}
	return []string{widget.Spinner(f) + f.Theme.Muted.Render(widget.Cut(f, text, f.W-2))}
}
