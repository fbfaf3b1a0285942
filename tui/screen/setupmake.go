package screen

import (
	"context"

	tea "charm.land/bubbletea/v2"

	"signet/tui/widget"
	"signet/vault/secret"
)

// cmdPrepare makes everything in memory. The key derivation takes a second or more; it can be cancelled.
func (s *Setup) cmdPrepare(o NewVault, keep []string) tea.Cmd {
	s.abort()
	var ctx context.Context
	ctx, s.cancel = context.WithCancel(s.env.Ctx)
	s.busy = "making the keys"
	try, v, enrol := s.try, s.env.Vault, s.enrol
	opener := s.env.Ports.Opener
	return s.env.cmd(func(context.Context) tea.Msg {
		defer o.Passphrase.Wipe()
		if enrol {
			p, err := opener.PrepareEnrolment(ctx, v, keep, o)
			return prepared{try, p, err}
		}
		p, err := opener.Prepare(ctx, o)
		return prepared{try, p, err}
	})
}

// cmdCode makes a recovery code in memory.
func (s *Setup) cmdCode() tea.Cmd {
	s.abort()
	var ctx context.Context
	ctx, s.cancel = context.WithCancel(s.env.Ctx)
	s.busy = "making the code"
	try, replace := s.try, s.only.Replace
	return s.env.cmd(func(context.Context) tea.Msg {
		p, err := s.env.Ports.Ways.PrepareRecovery(ctx, s.env.Vault, replace)
		return prepared{try, p, err}
	})
}

// coded tells whoever asked that the code opens the vault now.
func (s *Setup) coded() tea.Cmd {
	s.made = nil
	done := "The recovery code opens this vault from now on"
	if s.only.Replace != "" {
		done = "The new recovery code took the place of “" + s.only.Replace + "”"
	}
	s.env.say(Notify{Level: Good, Text: done})
	s.env.say(Answer{To: s.only.To, Msg: waysChanged{}})
	return s.env.say(Back{})
}

func (s *Setup) prepared(m prepared) tea.Cmd {
	if m.try != s.try {
		if m.made != nil {
			m.made.Discard()
		}
		return nil
	}
	s.abort()
	if m.err != nil {
		s.err = s.env.Explain(m.err)
		if s.only != nil {
			s.env.say(Back{})
			return s.env.fail("No recovery code was made", m.err)
		}
		return nil
	}
	s.form.Wipe()
	s.form = widget.Form{}
	s.shown.Wipe()
	s.shown = secret.Secret{}
	s.made = m.made
	code, ok := m.made.Recovery()
	if !ok {
		return s.cmdCommit()
	}
	s.code, s.step, s.saved = code, stepShow, ""
	return nil
}

func (s *Setup) cmdCommit() tea.Cmd {
	if s.made == nil {
		return nil
	}
	s.busy = "writing the vault"
	if s.only != nil {
		s.busy = "giving the code the vault's key"
	}
	made := s.made
	return s.env.cmd(func(ctx context.Context) tea.Msg {
		v, err := made.Commit(ctx)
		return committed{v, err}
	})
}

func (s *Setup) committed(m committed) tea.Cmd {
	s.busy = ""
	if m.err != nil && s.only != nil { // what was prepared is spent
		s.env.say(Back{})
		return s.env.fail("No recovery code was made", m.err)
	}
	if m.err != nil {
		s.err = s.env.Explain(m.err)
		return nil
	}
	if s.only != nil {
		return s.coded()
	}
	s.env.say(Notify{Level: Good, Text: "The vault is ready"})
	return s.env.say(Opened{Vault: m.vault, Then: s.then})
}

func (s *Setup) cmdSheet(path string) tea.Cmd {
	s.busy = "writing the sheet"
	made := s.made
	return s.env.cmd(func(ctx context.Context) tea.Msg {
		return sheetSaved{path, made.SaveSheet(ctx, path)}
	})
}

func (s *Setup) sheetSaved(m sheetSaved) {
	s.busy = ""
	if m.err != nil {
		s.err = s.env.Explain(m.err)
		return
	}
	s.form.Wipe()
	s.form, s.step, s.saved = widget.Form{}, stepShow, m.path
}

// goOn leaves a step that is a form.
func (s *Setup) goOn() tea.Cmd {
	switch s.step {
	case stepMembers:
		s.toWays()
	case stepWays:
		return s.finishWays()
	case stepSheet:
		if s.form.Check() {
			return s.cmdSheet(s.form.Field(fieldPath).Line.Text())
		}
	case stepCheck:
		return s.check()
	}
	return nil
}

// check compares what was typed with the code.
func (s *Setup) check() tea.Cmd {
	typed := s.form.Field(fieldCode).Value()
	defer typed.Wipe()
	if typed.IsEmpty() {
		s.err = "type the code, or its words, as you have written it down"
		return nil
	}
	if !s.made.Check(typed) {
		s.err = "that is not the code; " + s.env.Keys.Form.Cancel.Help().Key + " shows it again"
		return nil
	}
	return s.cmdCommit()
}

// members kept of an enrolment.
func (s *Setup) kept() []string {
	var keep []string
	for _, d := range s.form.Fields {
		if d.Kind == widget.ToggleField && d.On {
			keep = append(keep, d.ID)
		}
	}
	return keep
}

// finishWays checks the choice of ways in.
func (s *Setup) finishWays() tea.Cmd {
	keyring, pass, again := s.form.Field(fieldKeyring), s.form.Field(fieldPass), s.form.Field(fieldAgain)
	o := NewVault{Keyring: keyring != nil && keyring.On, NoRecovery: s.noCode}
	if !pass.Empty() || !again.Empty() {
		if !widget.Same(pass.Value(), again.Value()) {
			s.form.FocusOn(fieldAgain)
			again.Err = "the two are not the same"
			return nil
		}
		if again.Err = ""; !s.form.Check() {
			return nil
		}
		o.Passphrase = pass.Value()
	}
	if !o.Keyring && o.Passphrase.IsEmpty() {
		s.form.FocusOn(fieldPass)
		s.err = "choose at least one way to open the vault"
		return nil
	}
	return s.cmdPrepare(o, s.keep())
}

func longEnough(text []byte) string {
	if n := len([]rune(string(text))); n > 0 && n < shortest {
		return "at least 8 characters; several words are easier to keep than many signs"
	}
	return ""
}
