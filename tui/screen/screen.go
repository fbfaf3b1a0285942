package screen

import (
	"context"
	"io"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"signet/tui/widget"
)

// Screen is one full screen. The root owns a stack of them and gives keys to the top one.
type Screen interface {
	// Init returns what the screen asks for when it opens.
	Init() tea.Cmd
	// Update takes widget.Press for keys, tea.PasteMsg, Sized, Tick, and the answers to its own commands.
	Update(tea.Msg) (Screen, tea.Cmd)
	// View draws; it is pure and works at any size.
	View(widget.Frame) (string, widget.Cursor)
	// Keys are the bindings that work now, the most useful ones first: the help line and the help screen are made of them.
	Keys() []key.Binding
	// Title is the screen's heading in the help.
	Title() string
	// Close wipes what the screen holds. It is called when the screen leaves the stack.
	Close()
}

// Drafter is a screen that may hold unsaved changes.
type Drafter interface {
	Screen
	Dirty() bool
	// Draft copies the changes out of the screen, to be opened again after the vault was locked. It is the caller's to wipe.
	Draft() Draft
	// DraftID is the ID of the drafts that Draft gave; "" when it gave none.
	DraftID() string
}

// Typer is a screen on which plain letters may be text.
type Typer interface{ Typing() bool }

// Busier is a screen that may wait for something; while it does, frames come often enough to turn a spinner.
type Busier interface{ Busy() bool }

// Sized says how much room the screen has from now on.
type Sized struct{ W, H int }

// Click is a press of the mouse's left button, and Wheel one notch of its wheel (By is -1 up, 1 down), at a cell of the screen's own room. The root
// sends them to the top screen; coordinates are the View's, and Frame is what it was drawn in.
type (
	Click struct {
		X, Y   int
		Double bool // the second press at the same cell within a short time
		Frame  widget.Frame
	}
	Wheel struct {
		X, Y, By int
		Frame    widget.Frame
	}
)

// Tick comes every second, and more often while Spinning screens are on the stack.
type Tick struct{ Now time.Time }

// Env is what a screen gets when it is made. Ctx ends when the vault is locked or the program ends.
type Env struct {
	ID       int64
	Ctx      context.Context //nolint:containedctx // it is the session's life, which the screen shares
	Vault    Vault
	Ports    Ports
	Keys     Keys
	Settings Settings
	Info     Info
	Terminal io.Writer
	Out      *Outbox
	Memory   *Memory
	Linear   bool // Theme.Linear: a screen reader reads along
	Kept     *Kept
}

// Memory is what screens remember while the program runs, also over a lock. It holds nothing of a vault.
type Memory struct{ sort order }

// Now is the time of the clock port.
func (e Env) Now() time.Time { return e.Ports.Now() }

// Answer is a command's result on its way to the screen that asked.
type Answer struct {
	To  int64
	Msg tea.Msg
}

// Wiper is a message that holds secrets; whoever drops it wipes it.
type Wiper interface{ Wipe() }

// cmd runs f outside Update with the session's context and addresses its answer to this screen.
func (e Env) cmd(f func(ctx context.Context) tea.Msg) tea.Cmd {
	ctx, id := e.Ctx, e.ID
	return func() tea.Msg { return Answer{id, f(ctx)} }
}

// Outbox takes requests from screens to the root. The root empties it before it takes the next message, so a key that follows at
// once finds the dialog or the screen that the key before it asked for.
type Outbox struct{ msgs []tea.Msg }

// Take empties the box.
func (o *Outbox) Take() []tea.Msg {
	m := o.msgs
	o.msgs = nil
	return m
}

// say asks the root for something. It is called in Update only, never in a command; it returns nil, so that it can stand where a
// command is returned.
func (e Env) say(m tea.Msg) tea.Cmd {
	e.Out.msgs = append(e.Out.msgs, m)
	return nil
}

// prove asks for leave to show a secret; then comes back to this screen.
func (e Env) prove(then tea.Msg) tea.Cmd { return e.say(Prove{To: e.ID, Then: then}) }

// Explain turns a port's error into a line for people, with the next step when there is one.
func (e Env) Explain(err error) string {
	if e.Ports.Faults.Explain != nil {
		if text, hint := e.Ports.Faults.Explain(err); text != "" {
			if hint != "" {
				text += " (" + hint + ")"
			}
			return text
		}
	}
	return err.Error()
}

// fail shows an error in the status line. A vault that turned out to be locked locks the TUI too.
func (e Env) fail(what string, err error) tea.Cmd {
	if e.Ctx.Err() != nil {
		return nil
	}
	if f := e.Ports.Faults.Locked; f != nil && f(err) {
		return e.say(Lock{LockedElsewhere})
	}
	return e.say(Notify{Level: Bad, Text: what + ": " + e.Explain(err)})
}
