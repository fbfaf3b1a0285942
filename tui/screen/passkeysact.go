package screen

import (
	"context"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"signet/internal/sanitize"
	"signet/tui/dialog"
	"signet/tui/widget"
)

// What is done to the passkey under the cursor: a new name, the trash, copies.

// passkeyForm is the small form that renames one.
type passkeyForm struct {
	row  PasskeyRow
	form widget.Form
}

// passkeyRenamed is the answer to it.
type passkeyRenamed struct {
	try     int
	name    string
	applied Applied
	err     error
}

// Ids of its fields, and the question before the trash.
const (
	fieldUser        = "user"
	fieldDisplay     = "display"
	askPasskeyDelete = "delete passkey"
	maxAccount       = 256 // bytes of an account's name; sites give at most 64
)

func (m *passkeyForm) typing() bool { return m.form.Focused() != nil }

// act runs the commands of this screen; it reports whether the key was one of them.
func (s *PasskeysScreen) act(p widget.Press) (tea.Cmd, bool) {
	k := s.env.Keys
	switch {
	case key.Matches(p, k.Passkey.Group):
		s.byAccount = !s.byAccount
		s.sift()
		return nil, true
	case key.Matches(p, k.Do.Import) && s.env.Ports.Importer != nil:
		return s.env.writable(func() tea.Cmd { return s.env.say(OpenImport{}) }), true
	case key.Matches(p, k.Do.VirtualKey) && s.env.Ports.VirtualKey != nil:
		return s.env.say(SwitchKey{}), true
	case key.Matches(p, k.Do.Undo):
		return s.env.writable(func() tea.Cmd { return s.env.say(UndoLast{}) }), true
	}
	r, ok := s.current()
	if !ok {
		return nil, false
	}
	switch {
	case key.Matches(p, k.Passkey.Rename):
		return s.env.writable(func() tea.Cmd { return s.openForm(r) }), true
	case key.Matches(p, k.Passkey.Delete):
		return s.env.writable(func() tea.Cmd { return s.askDelete(r) }), true
	case key.Matches(p, k.Passkey.CopyAccount):
		return s.copy("Account", passkeyAccount(r), r), true
	case key.Matches(p, k.Passkey.CopyID):
		return s.copy("Credential id", r.CredentialID, r), true
	}
	return nil, false
}

// copy copies what is no secret.
func (s *PasskeysScreen) copy(name, text string, r PasskeyRow) tea.Cmd {
	if text == "" {
		return s.env.say(Notify{Text: "This passkey has none: " + name})
	}
	return s.env.say(Copy{What: CopyText, Text: text, Name: name, ID: r.Entry})
}

// askDelete asks before a passkey goes to the trash: what the site knows is not changed by that.
func (s *PasskeysScreen) askDelete(r PasskeyRow) tea.Cmd {
	s.chosen = r
	text := "The passkey of " + brief(passkeyAccount(r)) + " at " + briefSite(r) + " goes to the trash, and can be taken back from there. " +
		"The site still knows it and may go on asking for it: remove it there too, and be sure that another way into the account is left."
	if r.Binding == BindingDevice && !r.Here {
		text += " Its key is on another device."
	}
	return s.env.say(Ask{To: s.env.ID, Dialog: dialog.Choice{
		ID: askPasskeyDelete, Title: "Passkey to the trash?", Text: text,
		Options: []dialog.Option{{ID: "", Label: "Keep it"}, {ID: "trash", Label: "To the trash", Hotkey: "t", Danger: true}},
	}})
}

// maxBrief is how much of a foreign name stands in a sentence.
const maxBrief = 48

// brief is a foreign name for a sentence: not so long that it hides the rest of it.
func brief(name string) string {
	rs := []rune(sanitize.Line(name))
	if len(rs) <= maxBrief {
		return string(rs)
	}
	return string(rs[:maxBrief-3]) + "..."
}

// briefSite is a site for a sentence. Of a long name the end stays, which says whose it is.
func briefSite(r PasskeyRow) string {
	rs := []rune(sanitize.Domain(r.RP))
	switch {
	case len(rs) == 0:
		return brief(r.Title)
	case len(rs) <= maxBrief:
		return string(rs)
	}
	return "..." + string(rs[len(rs)-maxBrief+3:])
}

func (s *PasskeysScreen) answered(m dialog.Answered) tea.Cmd {
	if m.Question != askPasskeyDelete || m.Choice == "" {
		return nil
	}
	r := s.chosen
	name, site := brief(passkeyAccount(r)), briefSite(r)
	return s.env.cmdStep("The passkey of “"+name+"” is in the trash", "moving the passkey of “"+name+"” at "+site+" to the trash", func(ctx context.Context) (Applied, error) {
		return s.env.Ports.Passkeys.Delete(ctx, s.env.Vault, r)
	})
}

func (s *PasskeysScreen) openForm(r PasskeyRow) tea.Cmd {
	user := &widget.Field{ID: fieldUser, Label: "Account", Hint: "as it stands in lists and at the sign-in; the site is not told", Validate: needed("type what the account is called")}
	user.Line.Max = maxAccount
	user.Line.Buffer = widget.NewBuffer(r.User)
	display := &widget.Field{ID: fieldDisplay, Label: "Shown as", Hint: "optional: the person's name"}
	display.Line.Max = maxAccount
	display.Line.Buffer = widget.NewBuffer(r.Display)
	s.form = &passkeyForm{row: r, form: widget.Form{Fields: []*widget.Field{user, display, goButton("Rename")}}}
	s.err = ""
	return nil
}

func (s *PasskeysScreen) closeForm() {
	if s.form != nil {
		s.form.form.Wipe()
		s.form = nil
	}
}

func (s *PasskeysScreen) formKey(p widget.Press) tea.Cmd {
	k := s.env.Keys
	switch {
	case s.task.busy():
		if key.Matches(p, k.Form.Cancel) {
			s.task.stop()
		}
		return nil
	case key.Matches(p, k.Form.Cancel):
		s.closeForm()
		s.err = ""
		return nil
	}
	s.err = ""
	return s.pressed(s.form.form.Key(s.env.formKeys(), p))
}

// pressed does what the form's button is for.
func (s *PasskeysScreen) pressed(button string) tea.Cmd {
	if button != buttonGo || !s.form.form.Check() {
		return nil
	}
	r, user, display := s.form.row, s.form.form.Field(fieldUser).Line.Text(), s.form.form.Field(fieldDisplay).Line.Text()
	if user == r.User && display == r.Display {
		s.closeForm()
		return s.env.say(Notify{Text: "Nothing changed"})
	}
	ctx, try := s.task.begin(s.env, "renaming")
	return s.env.cmd(func(context.Context) tea.Msg {
		a, err := s.env.Ports.Passkeys.Rename(ctx, s.env.Vault, r, user, display)
		return passkeyRenamed{try, user, a, err}
	})
}

func (s *PasskeysScreen) renamed(m passkeyRenamed) tea.Cmd {
	if s.task.late(m.try) {
		return s.cmdList()
	}
	s.task.stop()
	if m.err != nil {
		s.err = s.env.Explain(m.err)
		return nil
	}
	s.closeForm()
	s.env.say(Stepped{Step: m.applied.Step, Done: "The account is called “" + brief(m.name) + "” here; the site was not told", Name: "the new name “" + brief(m.name) + "”"})
	return s.cmdList()
}

// Keys implements Screen.
func (s *PasskeysScreen) Keys() []key.Binding {
	k := s.env.Keys
	switch {
	case s.form != nil && s.task.busy():
		return []key.Binding{k.Form.Cancel}
	case s.form != nil:
		return []key.Binding{k.Form.Submit, k.Form.Next, k.Form.Cancel, k.Form.Prev}
	case s.known && len(s.all) == 0:
		return s.emptyKeys()
	}
	open := k.Do.Open
	open.SetHelp(open.Help().Key, "open its entry")
	ks := []key.Binding{open, k.Do.Search, k.Set.Details, k.Passkey.Group}
	if !s.env.Info.ReadOnly {
		ks = append(ks, k.Passkey.Rename, k.Passkey.Delete)
	}
	ks = append(ks, k.Passkey.CopyAccount, k.Passkey.CopyID, k.Do.Undo, k.Move.Up, k.Move.Down, k.Move.PageUp, k.Move.PageDown, k.Move.First, k.Move.Last, k.Do.Focus, k.Do.Back)
	if s.typing {
		ks = widget.TypingAll(ks...)
	}
	return ks
}

func (s *PasskeysScreen) emptyKeys() (ks []key.Binding) {
	k := s.env.Keys.Do
	if s.env.Ports.VirtualKey != nil && !s.plugged {
		ks = append(ks, k.VirtualKey)
	}
	if s.env.Ports.Importer != nil {
		ks = append(ks, k.Import)
	}
	return append(ks, k.Undo, k.Back)
}
