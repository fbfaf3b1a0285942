package screen

import (
	"context"
	"io"
	"time"

	tea "charm.land/bubbletea/v2"

	"signet/tui/dialog"
	"signet/tui/widget"
	"signet/vault/secret"
)

// Editor opens a text in the program that the user's environment names. The text stands in a plain file for that time, on a file system that is held
// in memory and that only this user can read; where there is none, Check says why not. See vault/THREATS.md.
type Editor interface {
	// Check names the program, or says why an outside editor cannot be used here.
	Check(ctx context.Context) (name string, err error)
	// Open prepares a run. The text is the caller's to wipe.
	Open(text secret.Secret) Editing
}

// Editing is one run of an outside editor: a tea.ExecCommand. Run writes the file, waits for the program, reads the file and removes it, on every path;
// then Text gives what it held, which is the caller's to wipe; an error may come beside it.
type Editing interface {
	Run() error
	SetStdin(io.Reader)
	SetStdout(io.Writer)
	SetStderr(io.Writer)
	Text() (secret.Secret, error)
}

// away is a field whose text an outside editor has.
type away struct {
	field string
	name  string // of the program
	run   Editing
	done  chan struct{} // closed when the program has ended
}

// Messages about the outside editor.
type (
	outsideDone struct {
		name string // after a look, before the program runs
		look bool
		err  error
	}
)

const askOutside = "outside editor"

// mayGoOutside reports whether a field's text may be edited elsewhere: notes only.
func (s *Edit) mayGoOutside(d *widget.Field) bool {
	return s.env.Ports.Editor != nil && d.Kind == widget.AreaField
}

// openOutside looks whether an outside editor can be used, and asks before the first use.
func (s *Edit) openOutside() tea.Cmd {
	d := s.form.Focused()
	switch {
	case s.env.Ports.Editor == nil || d == nil:
		return nil
	case !s.mayGoOutside(d):
		return s.env.say(Notify{Text: "Only notes are edited in another program"})
	}
	return s.env.cmd(func(ctx context.Context) tea.Msg {
		name, err := s.env.Ports.Editor.Check(ctx)
		return outsideDone{name: name, look: true, err: err}
	})
}

// outsideBack takes the answer of the look, or what the program left.
func (s *Edit) outsideBack(m outsideDone) tea.Cmd {
	switch {
	case m.look && m.err != nil:
		return s.env.fail("No outside editor", m.err)
	case m.look && (s.env.Kept == nil || !s.env.Kept.told):
		return s.env.ask(dialog.Choice{
			ID: askOutside, Title: "Edit this note in " + m.name + "?",
			Text: "While " + m.name + " runs, the note is a plain file that only you can read, in memory and not on a disk. It is removed afterwards. " +
				"What " + m.name + " itself keeps (backups, swap files, histories, plug-ins) is out of Signet's hands.",
			Options: []dialog.Option{{ID: "", Label: "Stay here"}, {ID: m.name, Label: "Open " + m.name}},
		})
	case m.look:
		return s.goOutside(m.name)
	}
	err := s.comeBack()
	if m.err != nil {
		err = m.err
	}
	if err != nil {
		return s.env.fail("The editor's text was not taken", err)
	}
	return nil
}

func (s *Edit) toldOutside() tea.Cmd {
	if s.env.Kept != nil {
		s.env.Kept.told = true
	}
	return s.openOutside()
}

// goOutside hands the terminal to the program. The vault's idle time goes on: when it is up the keys are wiped, whatever the program does.
// The text is not lost: see comeBack.
func (s *Edit) goOutside(name string) tea.Cmd {
	d := s.form.Focused()
	if d == nil || !s.mayGoOutside(d) || s.outside != nil {
		return nil
	}
	text := d.Value()
	run := s.env.Ports.Editor.Open(text)
	text.Wipe()
	o := &away{field: d.ID, name: name, run: run, done: make(chan struct{})}
	s.outside = o
	s.env.say(RunOutside{To: s.env.ID, Run: watched{run, o.done}, Done: func(err error) tea.Msg { return outsideDone{err: err} }})
	return s.cmdLockMeanwhile(o.done)
}

// watched closes done when the program has ended.
type watched struct {
	Editing
	done chan struct{}
}

// Run implements tea.ExecCommand.
func (w watched) Run() error {
	defer close(w.done)
	return w.Editing.Run()
}

// cmdLockMeanwhile locks the vault when the program runs for longer than the idle time: while it has the terminal, Signet's own clock does not tick.
func (s *Edit) cmdLockMeanwhile(done <-chan struct{}) tea.Cmd {
	idle, ctx, v := s.env.Settings.LockIdle, s.env.Ctx, s.env.Vault
	if idle <= 0 {
		return nil
	}
	return func() tea.Msg {
		t := time.NewTimer(idle)
		defer t.Stop()
		select {
		case <-done:
		case <-ctx.Done():
		case <-t.C:
			_ = v.Lock(context.WithoutCancel(ctx)) // the root hears of it as of every lock from outside
		}
		return nil
	}
}

// comeBack puts what the program left into the field. It is called when its end is told, and before that when the form becomes a draft: a lock may
// be the first thing that the program's end lets through.
func (s *Edit) comeBack() error {
	o := s.outside
	if o == nil {
		return nil
	}
	select {
	case <-o.done:
	default:
		return nil // still running: nothing can be read from it
	}
	s.outside = nil
	text, err := o.run.Text()
	defer text.Wipe()
	d := s.form.Field(o.field)
	if d == nil || err != nil && text.IsEmpty() {
		return err
	}
	if had := d.Value(); !had.Equal(text) { // with an error, too: what the program had saved is not lost, and can be taken back
		d.Replace(text.Reveal())
	}
	s.resize()
	return err
}

func (s *Edit) dropOutside() {
	if s.outside != nil {
		_ = s.comeBack()
		s.outside = nil
	}
}
