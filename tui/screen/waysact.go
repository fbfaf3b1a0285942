package screen

import (
	"context"

	tea "charm.land/bubbletea/v2"

	"signet/tui/dialog"
	"signet/vault/secret"
)

// Questions of the screen of ways in.
const (
	askWayAdd    = "add a way in"
	askWayChange = "change a way in"
	askWayRemove = "remove a way in"
	askCode      = "add a recovery code"
)

func (s *WaysScreen) askAdd() tea.Cmd {
	o := []dialog.Option{
		{ID: string(WayPassphrase), Label: "A passphrase, for this device", Hotkey: "p"},
		{ID: string(WayRecovery), Label: "A recovery code, for any copy of the vault", Hotkey: "r"},
	}
	if s.list.Keyring {
		o = append(o, dialog.Option{ID: string(WayKeyring), Label: "The keyring of this computer", Hotkey: "k"})
	}
	return s.env.ask(dialog.Choice{
		ID: askWayAdd, Title: "Add a way in", Options: append(o, dialog.Option{ID: "", Label: "Back"}),
		Text: "No key changes: whoever could open the vault before still can. Two ways in are worth having.",
	})
}

// askNewCode asks whether a new code takes the place of an old one.
func (s *WaysScreen) askNewCode() tea.Cmd {
	o := []dialog.Option{{ID: "add", Label: "One more; the old one keeps working"}}
	for _, w := range s.list.Ways {
		if w.Kind == WayRecovery {
			o = append(o, dialog.Option{ID: "replace " + w.Name, Label: "In place of “" + w.Name + "”"})
		}
	}
	if len(o) == 1 {
		return s.env.say(OpenRecovery{To: s.env.ID})
	}
	return s.env.ask(dialog.Choice{
		ID: askCode, Title: "A new recovery code", Options: append(o, dialog.Option{ID: "", Label: "Back"}),
		Text: "Replacing shuts the old code out of everything that is written from then on. Copies of the vault made before still open with it.",
	})
}

func (s *WaysScreen) change(w WayRow) tea.Cmd {
	s.chosen = w
	if w.Kind == WayKeyring {
		return s.env.ask(dialog.Choice{
			ID: askWayChange, Title: "Replace the key in the keyring?",
			Text:    consequences,
			Options: []dialog.Option{{ID: "", Label: "Keep it"}, {ID: "key", Label: "Replace the key"}},
		})
	}
	return s.env.ask(dialog.Choice{
		ID: askWayChange, Title: "Change “" + w.Name + "”",
		Options: []dialog.Option{
			{ID: "secret", Label: "A new passphrase", Hotkey: "p"}, {ID: "cost", Label: "The same passphrase at another cost", Hotkey: "c"}, {ID: "", Label: "Back"},
		},
	})
}

// consequences are what the command line says of replacing a key.
const consequences = "This device's key is replaced and a new epoch begins: old copies of this way in open nothing that is written later. " +
	"What was written before can still be read by whoever has an old copy of it and of the vault."

// remove asks before a way in goes, and says exactly what follows. The last one of a device is refused at once.
func (s *WaysScreen) remove(w WayRow) tea.Cmd {
	s.chosen = w
	if w.Last {
		return s.env.say(Notify{Level: Bad, Text: "This is the last way in of this device: " + s.env.Keys.Way.Add.Help().Key + " adds another one first"})
	}
	q := dialog.Choice{ID: askWayRemove, Title: "Remove the way in “" + w.Name + "”?", Text: s.follows(w)}
	q.Options = []dialog.Option{{ID: "", Label: "Keep it"}, {ID: "yes", Label: "Remove it", Danger: true}}
	if w.Device && !w.Unlisted {
		q.Options = append(q.Options, dialog.Option{ID: "keep", Label: "Remove only its file, keep the key", Danger: true})
	}
	return s.env.ask(q)
}

func (s *WaysScreen) follows(w WayRow) string {
	switch {
	case w.Unlisted:
		return "It is a left-over: its files go. No key changes."
	case w.Device:
		return consequences + "\nRemoving only its file keeps the key: any copy of it still opens everything, also what is written later."
	}
	text := "It is shut out of everything that is written from now on, and a new epoch begins. Copies of the vault made before still open with it."
	if w.Kind == WayRecovery && s.count(WayRecovery) == 1 {
		text += " It is the only recovery code: without one, everything is lost when this vault's devices are lost."
	}
	return text
}

func (s *WaysScreen) count(kind WayKind) (n int) {
	for _, w := range s.list.Ways {
		if w.Kind == kind && !w.Gone {
			n++
		}
	}
	return n
}

func (s *WaysScreen) answered(a dialog.Answered) tea.Cmd {
	name := s.chosen.Name
	switch {
	case a.Choice == "":
	case a.Question == askWayAdd && a.Choice == string(WayPassphrase):
		s.openForm(addPassphraseForm())
	case a.Question == askWayAdd && a.Choice == string(WayKeyring):
		return s.cmdWork("asking the keyring", "The keyring opens this vault from now on", secret.Secret{}, func(ctx context.Context) error {
			return s.env.Ports.Ways.Add(ctx, s.env.Vault, NewWay{Kind: WayKeyring})
		})
	case a.Question == askWayAdd:
		return s.askNewCode()
	case a.Question == askCode && a.Choice == "add":
		return s.env.say(OpenRecovery{To: s.env.ID})
	case a.Question == askCode:
		return s.env.say(OpenRecovery{To: s.env.ID, Replace: a.Choice[len("replace "):]})
	case a.Question == askWayChange && a.Choice == "key":
		return s.cmdWork("replacing the key of this device", "This device has a new key", secret.Secret{}, func(ctx context.Context) error {
			return s.env.Ports.Ways.Change(ctx, s.env.Vault, name, WayChange{})
		})
	case a.Question == askWayChange && a.Choice == "cost":
		s.openForm(costForm(s.chosen))
	case a.Question == askWayChange:
		s.openForm(newPassphraseForm(s.chosen))
	case a.Question == askWayRemove:
		return s.cmdRemove(a.Choice == "keep")
	}
	return nil
}

func (s *WaysScreen) cmdRemove(keep bool) tea.Cmd {
	name, done := s.chosen.Name, "“"+s.chosen.Name+"” opens nothing any more that is written from now on"
	what := "replacing the key of this device"
	switch {
	case keep:
		what, done = "removing it", "“"+name+"” is removed; copies of it still open everything"
	case s.chosen.Unlisted:
		what, done = "removing it", "The left-over is removed"
	case !s.chosen.Device:
		what = "beginning a new epoch"
	}
	return s.cmdWork(what, done, secret.Secret{}, func(ctx context.Context) error {
		return s.env.Ports.Ways.Remove(ctx, s.env.Vault, name, keep)
	})
}

func (s *WaysScreen) test(w WayRow) tea.Cmd {
	if w.Kind == WayPassphrase || w.Kind == WayRecovery {
		s.openForm(testForm(w))
		return nil
	}
	return s.cmdTest(w, secret.Secret{})
}

func (s *WaysScreen) cmdTest(w WayRow, typed secret.Secret) tea.Cmd {
	return s.cmdWork("opening the vault once more", "“"+w.Name+"” opens the vault", typed, func(ctx context.Context) error {
		return s.env.Ports.Ways.Test(ctx, s.env.Vault, w.Name, typed)
	})
}

func (s *WaysScreen) rename(w WayRow) tea.Cmd {
	s.openForm(renameForm(w))
	return nil
}

// cmdWork does one thing outside Update and wipes what was typed for it.
func (s *WaysScreen) cmdWork(what, done string, typed secret.Secret, f func(ctx context.Context) error) tea.Cmd {
	ctx, try := s.task.begin(s.env, what)
	s.err = ""
	return s.env.cmd(func(context.Context) tea.Msg {
		defer typed.Wipe()
		err := f(ctx)
		return wayWorked{try, done, err}
	})
}

func (s *WaysScreen) worked(m wayWorked) tea.Cmd {
	if s.task.late(m.try) {
		if m.err == nil { // it was done before the cancelling arrived
			s.env.say(Notify{Level: Good, Text: m.done + ": it was done before it could be cancelled"})
			s.closeForm()
			return s.cmdList()
		}
		return nil
	}
	s.task.stop()
	if m.err == nil {
		s.closeForm()
		s.env.say(Notify{Level: Good, Text: m.done})
		return s.cmdList()
	}
	if f := s.env.Ports.Faults.Locked; f != nil && f(m.err) {
		return s.env.say(Lock{LockedElsewhere})
	}
	if s.form == nil {
		return s.env.fail("Not done", m.err)
	}
	s.err = s.env.Explain(m.err)
	if f := s.env.Ports.Faults.WrongSecret; f != nil && f(m.err) {
		s.err = "that is not the one that opens it: look at Caps Lock and the keyboard layout"
	}
	return nil
}
