package screen

import (
	"context"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"signet/tui/dialog"
	"signet/tui/widget"
	"signet/vault/entry"
)

// Questions that browse and entry ask in the same way.
const (
	askPurge    = "purge"
	askPurgeAll = "purge all"
	askKind     = "kind"
)

// subject is the entry that a command is about.
type subject struct {
	id      entry.ID
	title   string
	trashed bool
}

// act runs the commands that are the same in the list and in the entry; it reports whether the key was one of them.
func (e Env) act(p widget.Press, s subject) (tea.Cmd, bool) {
	k := e.Keys.Do
	if s.id != "" {
		for _, c := range []struct {
			key  key.Binding
			what CopyWhat
		}{{k.Password, CopyPassword}, {k.User, CopyUser}, {k.Code, CopyCode}} {
			if key.Matches(p, c.key) {
				return e.say(Copy{What: c.what, ID: s.id}), true
			}
		}
		switch {
		case key.Matches(p, k.CopyNext):
			return e.say(CopyNext{s.id}), true
		case key.Matches(p, k.OpenURL):
			return e.say(OpenURL{ID: s.id}), true
		case key.Matches(p, k.QR):
			return e.proveQR(OpenQR{ID: s.id, Name: s.title}), true
		}
		if cmd, ok := e.change(p, s); ok {
			return cmd, true
		}
	}
	switch {
	case key.Matches(p, k.New):
		return e.writable(e.askKind), true
	case key.Matches(p, k.Trash):
		return e.say(OpenTrash{}), true
	case key.Matches(p, k.Undo):
		return e.writable(func() tea.Cmd { return e.say(UndoLast{}) }), true
	case key.Matches(p, k.Import) && e.Ports.Importer != nil:
		return e.writable(func() tea.Cmd { return e.say(OpenImport{}) }), true
	case key.Matches(p, k.Enrol) && e.Info.ReadOnly:
		return e.say(OpenEnrol{}), true
	}
	return e.openRoom(p)
}

func (e Env) change(p widget.Press, s subject) (tea.Cmd, bool) {
	k := e.Keys.Do
	switch {
	case key.Matches(p, k.Edit) && !s.trashed:
		return e.writable(func() tea.Cmd { return e.say(OpenEdit{s.id}) }), true
	case key.Matches(p, k.Delete) && !s.trashed:
		return e.writable(func() tea.Cmd { return e.cmdTrash(s) }), true
	case key.Matches(p, k.Restore) && s.trashed:
		return e.writable(func() tea.Cmd { return e.cmdRestore(s) }), true
	case key.Matches(p, k.Purge) && s.trashed:
		return e.writable(func() tea.Cmd { return e.ask(purgeQuestion(s.title)) }), true
	}
	return nil, false
}

// writable refuses changes of a vault that was opened with a recovery code.
func (e Env) writable(change func() tea.Cmd) tea.Cmd {
	if e.Info.ReadOnly {
		return e.say(Notify{Level: Bad, Text: "Opened with a recovery code: read only. " + e.Keys.Do.Enrol.Help().Key + " takes this machine in"})
	}
	return change()
}

func purgeQuestion(title string) dialog.Choice {
	return dialog.Choice{
		ID: askPurge, Title: "Remove for good?",
		Text:    "“" + title + "” goes with its history. This cannot be undone. The bytes leave the disk at the next compaction.",
		Options: []dialog.Option{{ID: "", Label: "Keep it"}, {ID: "yes", Label: "Remove for good", Danger: true}},
	}
}

func (e Env) ask(d dialog.Dialog) tea.Cmd { return e.say(Ask{To: e.ID, Dialog: d}) }

// askKind asks which kind of entry to add.
func (e Env) askKind() tea.Cmd {
	var o []dialog.Option
	for _, n := range newKinds {
		o = append(o, dialog.Option{ID: strings.TrimSpace(string(n.kind) + " " + n.typ), Label: n.label, Hotkey: n.letter})
	}
	return e.ask(dialog.Choice{ID: askKind, Title: "Add", Options: o})
}

// openNew opens the form that was chosen.
func (e Env) openNew(choice string) tea.Cmd {
	kind, typ, _ := strings.Cut(choice, " ")
	return e.say(OpenNew{Kind: entry.Kind(kind), Type: typ})
}

// cmdTrash moves an entry to the trash.
func (e Env) cmdTrash(s subject) tea.Cmd {
	return e.cmdStep("“"+s.title+"” is in the trash", "moving “"+s.title+"” to the trash", func(ctx context.Context) (Applied, error) {
		return e.Vault.Apply(ctx, nil, []entry.Edit{entry.Trash(s.id, e.Now())})
	})
}

// cmdRestore takes an entry out of the trash.
func (e Env) cmdRestore(s subject) tea.Cmd {
	return e.cmdStep("“"+s.title+"” is out of the trash", "taking “"+s.title+"” out of the trash", func(ctx context.Context) (Applied, error) {
		return e.Vault.Apply(ctx, nil, []entry.Edit{entry.Untrash(s.id)})
	})
}

func (e Env) cmdPurge(ids []entry.ID) tea.Cmd {
	e.say(Working{What: "Removing for good"})
	return e.cmd(func(ctx context.Context) tea.Msg {
		_, err := e.Vault.Purge(ctx, ids)
		return stepDone{final: true, err: err}
	})
}

// cmdStep makes one change and tells about it.
func (e Env) cmdStep(done, name string, f func(ctx context.Context) (Applied, error)) tea.Cmd {
	e.say(Working{What: title(name)})
	return e.cmd(func(ctx context.Context) tea.Msg {
		a, err := f(ctx)
		return stepDone{done: done, name: name, applied: a, err: err}
	})
}

// stepDone is the answer to a change that the list or the entry made.
type stepDone struct {
	done, name string // see Stepped
	applied    Applied
	final      bool // cannot be undone
	err        error
}

// stepped turns the answer into news for the root.
func (e Env) stepped(d stepDone) tea.Cmd {
	if d.err != nil {
		return e.fail("Not done", d.err)
	}
	if d.final {
		return e.say(Notify{Level: Good, Text: "Removed for good"})
	}
	return e.say(Stepped{Step: d.applied.Step, Done: d.done, Name: d.name})
}
