package tui

import (
	"strings"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"signet/tui/dialog"
	"signet/tui/screen"
	"signet/tui/widget"
	"signet/vault/entry"
)

// sequence copies the parts of an entry one after another, as a form asks for them: user name, password, code.
type sequence struct {
	id   entry.ID
	next int       // the part that the next press copies; what could not be copied comes again
	at   time.Time // of the last press
}

// sequenceFor is for how long a sequence waits: who comes back later begins again.
const sequenceFor = 3 * time.Minute

// open runs a command of the root while a vault is open.
func (r *root) open(cmd func(screen.Env) tea.Cmd) tea.Cmd {
	if !r.session.open() {
		return nil
	}
	return cmd(r.env(rootID))
}

// copyPart copies the next part of an entry. Another entry begins anew, and so does the press after the last part.
func (r *root) copyPart(m screen.PartsRead) tea.Cmd {
	if !r.session.open() {
		return nil
	}
	switch {
	case m.Err != nil:
		r.status.set(screen.Notify{Level: screen.Bad, Text: "Not copied: " + r.env(rootID).Explain(m.Err)}, r.now())
		return nil
	case len(m.Parts) == 0:
		r.status.set(screen.Notify{Text: "There is no user name, password or code to copy"}, r.now())
		return nil
	case m.ID != r.sequence.id || elapsed(r.sequence.at, r.now()) > sequenceFor:
		r.sequence = sequence{id: m.ID}
	}
	n := r.sequence.next
	if n >= len(m.Parts) {
		r.sequence = sequence{}
		names := make([]string, len(m.Parts))
		for i, p := range m.Parts {
			names[i] = p.Name
		}
		r.status.set(screen.Notify{Text: "That was all: " + strings.Join(names, ", ") + ". " + r.keyOf(r.keys.Do.CopyNext) + " begins again"}, r.now())
		return nil
	}
	r.sequence.at = r.now()
	c := screen.Copy{What: m.Parts[n].What, ID: m.ID, Sequence: true}
	if n+1 < len(m.Parts) {
		c.Next = m.Parts[n+1].Name
	}
	return r.copy(c)
}

// keyOf is the key by which a person reaches an action now.
func (r *root) keyOf(b key.Binding) string {
	if r.typing() {
		b = widget.Typing(b)
	}
	return b.Help().Key
}

// sequenceText says what the next press copies, in full and in short.
func (r *root) sequenceText(m screen.CopyDone) (long, short string) {
	switch {
	case !m.Copy.Sequence:
		return "", ""
	case m.Copy.Next == "":
		return r.theme.Sep + "that was the last", r.theme.Sep + "last"
	}
	press := r.keyOf(r.keys.Do.CopyNext)
	return r.theme.Sep + press + " copies the " + m.Copy.Next + " next", r.theme.Sep + press + ": " + m.Copy.Next
}

// urlDone tells how opening a web site went. Where nothing can show one, the address is offered for copying.
func (r *root) urlDone(m screen.URLDone) tea.Cmd {
	if !r.session.open() {
		return nil
	}
	env := r.env(rootID)
	if m.Err == nil {
		r.status.set(screen.Notify{Level: screen.Good, Text: "Opened " + m.Host}, r.now())
		return nil
	}
	if d, ok := env.URLQuestion(m); ok {
		r.offered = screen.Copy{What: screen.CopyField, ID: m.ID, Path: m.Path, Name: "Address"}
		return r.ask(screen.Ask{To: rootID, Dialog: d})
	}
	r.status.set(screen.Notify{Level: screen.Bad, Text: "Not opened: " + env.Explain(m.Err)}, r.now())
	return nil
}

// copyAnswered copies what was offered: the address that could not be opened, or anything through the terminal.
func (r *root) copyAnswered(a dialog.Answered) tea.Cmd {
	if a.Choice == "" || !r.session.open() {
		return nil
	}
	r.terminal = r.terminal || a.Question == askTerminal
	return r.copy(r.offered)
}

// askTerminal is the question whether values may be copied through the terminal where there is no other clipboard.
const askTerminal = "copy through the terminal"

// notCopied tells why. Where nothing but the terminal could take a value, it is asked once whether it may: what goes that way passes
// through everything that reads the terminal, and cannot be cleared.
func (r *root) notCopied(m screen.CopyDone) tea.Cmd {
	none := r.opt.Ports.Faults.NoClipboard
	if none == nil || !none(m.Err) || r.terminal || r.opt.terminal == nil {
		r.status.set(screen.Notify{Level: screen.Bad, Text: m.What + " not copied: " + r.env(rootID).Explain(m.Err)}, r.now())
		return nil
	}
	r.offered = m.Copy
	return r.ask(screen.Ask{To: rootID, Dialog: dialog.Choice{
		ID: askTerminal, Title: "Copy through the terminal?",
		Text: "There is no clipboard here that a program could reach. Many terminals take a copy from what is written to them (OSC 52). " +
			"It passes through tmux, screen and recordings on its way, and nothing clears it by itself.",
		Options: []dialog.Option{{ID: "", Label: "Do not copy"}, {ID: "yes", Label: "Copy through the terminal until the vault is locked", Hotkey: "t"}},
	}})
}
