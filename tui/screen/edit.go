package screen

import (
	"context"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"signet/internal/sanitize"
	"signet/tui/dialog"
	"signet/tui/widget"
	"signet/vault/entry"
	"signet/vault/secret"
)

// Edit is the form of one entry, new or existing. Stored secrets are not read into it: their fields say "unchanged" until a key
// replaces them or the user asks to see them. Only fields that were changed are written.
type Edit struct {
	env    Env
	id     entry.ID
	isNew  bool
	kind   entry.Kind
	e      entry.Entry // as it was read; its concealed values are withheld
	form   widget.Form
	ready  bool
	saving bool
	gen    *generator // open over the password field
	forced bool       // write over what was changed elsewhere
	draft  *Draft     // from which the form is opened again, until the entry was read
	mark   string     // the draft's id: see Draft.ID
	seen   entry.Base // what a draft had read, in place of e.Dots
}

// NewEdit makes the form of an existing entry.
func NewEdit(env Env, id entry.ID) *Edit { return &Edit{env: env, id: id} }

// NewAdd makes the form of a new entry.
func NewAdd(env Env, kind entry.Kind) *Edit {
	s := &Edit{env: env, isNew: true, kind: kind, id: entry.IDs{Rand: env.Ports.Rand}.Record()}
	s.e = entry.Entry{ID: s.id, Kind: kind}
	s.build()
	return s
}

// Messages of this screen.
type (
	editRead struct {
		entry entry.Entry
		same  map[string]bool // fields of a draft that the entry holds already
		err   error
	}
	editShown struct {
		field string
		value secret.Secret
		err   error
	}
	editSaved struct {
		applied Applied
		err     error
	}
)

// Wipe implements Wiper.
func (m editRead) Wipe() { m.entry.Wipe() }

// Wipe implements Wiper.
func (m editShown) Wipe() { m.value.Wipe() }

// Init implements Screen.
func (s *Edit) Init() tea.Cmd {
	if s.ready {
		return nil
	}
	if s.draft != nil {
		return s.cmdReopen()
	}
	return s.env.cmd(func(ctx context.Context) tea.Msg {
		e, err := s.env.Vault.Get(ctx, s.id, false)
		return editRead{entry: e, err: err}
	})
}

// Title implements Screen.
func (s *Edit) Title() string { return "Form" }

// Typing implements Typer.
func (s *Edit) Typing() bool { return true }

// Busy implements Busier.
func (s *Edit) Busy() bool { return s.saving || !s.ready }

// Close implements Screen.
func (s *Edit) Close() {
	s.dropGenerator()
	s.dropDraft()
	s.form.Wipe()
	s.e.Wipe()
}

// Update implements Screen.
func (s *Edit) Update(msg tea.Msg) (Screen, tea.Cmd) {
	switch msg := msg.(type) {
	case widget.Press:
		return s, s.key(msg)
	case tea.PasteMsg:
		s.paste(msg.Content)
	case editRead:
		return s, s.take(msg)
	case showField:
		return s, s.cmdShow(msg.id)
	case editShown:
		return s, s.show(msg)
	case generated:
		return s, s.takeGenerated(msg)
	case editSaved:
		return s, s.saved(msg)
	case dialog.Answered:
		return s, s.answered(msg)
	}
	return s, nil
}

func (s *Edit) take(m editRead) tea.Cmd {
	if s.draft != nil {
		return s.reopen(m)
	}
	if m.err != nil {
		m.Wipe()
		s.env.say(Back{})
		return s.env.fail("Reading the entry failed", m.err)
	}
	s.e, s.kind = m.entry, m.entry.Kind
	s.build()
	return nil
}

func (s *Edit) show(m editShown) tea.Cmd {
	d := s.form.Field(m.field)
	if m.err != nil || d == nil || !d.Kept {
		m.Wipe()
		if m.err != nil {
			return s.env.fail("Not shown", m.err)
		}
		return nil
	}
	defer m.Wipe()
	if refused := widget.Unfit(m.value.Reveal()); refused != "" && d.Kind == widget.SecretText {
		// What one line cannot hold exactly is not taken into it: it stays as it is unless it is replaced.
		d.Err = "not shown here: " + refused + "; it stays as it is unless you type a new one"
		return nil
	}
	d.Put(m.value.Reveal())
	d.Secret.Echo = widget.EchoPlain
	d.Settle()
	return nil
}

func (s *Edit) key(p widget.Press) tea.Cmd {
	if !s.ready || s.saving {
		if key.Matches(p, s.env.Keys.Form.Cancel) && !s.saving {
			return s.env.say(Back{})
		}
		return nil
	}
	if s.gen != nil {
		return s.generatorKey(p)
	}
	k := s.env.Keys.Form
	switch {
	case key.Matches(p, k.Cancel):
		return s.cancel()
	case key.Matches(p, k.Save):
		return s.save()
	case key.Matches(p, k.Show):
		return s.toggleShown()
	case key.Matches(p, k.Generate):
		return s.openGenerator()
	case key.Matches(p, k.AddURL):
		s.addURL()
		return nil
	}
	if s.form.Key(s.formKeys(), p) == buttonSave {
		return s.save()
	}
	return nil
}

func (s *Edit) formKeys() widget.FormKeys { return s.env.formKeys() }

func (e Env) formKeys() widget.FormKeys {
	k := e.Keys
	return widget.FormKeys{Edit: k.Edit, Next: k.Form.Next, Prev: k.Form.Prev, Toggle: k.Setup.Toggle, Submit: k.Form.Submit, Undo: k.Form.Undo, Redo: k.Form.Redo}
}

// paste puts text where it belongs: an otpauth URI goes to the one-time code, whatever field has the focus.
func (s *Edit) paste(text string) {
	if !s.ready || s.saving || s.gen != nil {
		return
	}
	if isOTPAuth(text) {
		if d := s.form.Field(fieldTOTP); d != nil {
			s.form.FocusOn(fieldTOTP)
		}
	}
	s.form.Paste(text)
}

func isOTPAuth(text string) bool {
	const scheme = "otpauth"
	text = strings.TrimSpace(text)
	return len(text) > len(scheme) && strings.EqualFold(text[:len(scheme)], scheme) && strings.Contains(text[:min(len(text), 24)], "://")
}

// toggleShown shows a stored secret on request, or the typed one.
func (s *Edit) toggleShown() tea.Cmd {
	d := s.form.Focused()
	if d == nil || d.Kind != widget.SecretText {
		return nil
	}
	if !d.Kept {
		d.Secret.Echo = widget.EchoPlain - d.Secret.Echo
		return nil
	}
	return s.env.prove(showField{d.ID})
}

// showField is what is done once the user may see.
type showField struct{ id string }

func (s *Edit) cmdShow(id string) tea.Cmd {
	path := s.pathOf(id)
	return s.env.cmd(func(ctx context.Context) tea.Msg {
		values, err := s.env.Vault.Field(ctx, entry.FieldRef{Record: s.id, Path: path})
		if err != nil || len(values) == 0 {
			return editShown{field: id, err: err}
		}
		for _, v := range values[1:] {
			v.Value.Wipe()
		}
		return editShown{id, values[0].Value, nil}
	})
}

// Questions of the form.
const (
	askLeave   = "leave form"
	askChanged = "changed elsewhere"
)

// cancel leaves the form; unsaved changes are asked about.
func (s *Edit) cancel() tea.Cmd {
	if !s.form.Dirty() {
		return s.env.say(Back{})
	}
	return s.env.ask(dialog.Choice{ID: askLeave, Title: "Unsaved changes", Options: []dialog.Option{
		{ID: "", Label: "Keep editing"}, {ID: "save", Label: "Save", Hotkey: "s"}, {ID: "drop", Label: "Discard the changes", Danger: true},
	}})
}

func (s *Edit) answered(a dialog.Answered) tea.Cmd {
	switch {
	case a.Question == askLeave && a.Choice == "save":
		return s.save()
	case a.Question == askLeave && a.Choice == "drop":
		s.form.Wipe()
		s.form = widget.Form{}
		return s.env.say(Back{})
	case a.Question == askChanged && a.Choice == "mine":
		s.forced = true
		return s.save()
	}
	return nil
}

// View implements Screen.
func (s *Edit) View(f widget.Frame) (string, widget.Cursor) {
	if !s.ready {
		return widget.Lines(f, []string{widget.Spinner(f) + f.Theme.Muted.Render(" reading")}), widget.Cursor{}
	}
	head := "Edit " + sanitize.Line(s.e.Title)
	if s.isNew {
		head = "New " + string(s.kind)
	}
	state := ""
	switch {
	case s.saving:
		state = widget.Spinner(f) + " saving"
	case s.form.Dirty():
		state = f.Theme.Warn.Render("unsaved")
	}
	lines := []string{widget.Ends(f, f.Theme.Title.Render(widget.Fit(f, head, f.W-10)), state, f.W)}
	if f.H >= roomyFrom {
		lines = append(lines, "")
	}
	if s.gen != nil {
		lines = append(lines, s.gen.view(f, s.env.Keys)...)
	}
	body, cur := s.form.View(f.Sized(f.W, f.H-len(lines)))
	if s.gen != nil || s.saving {
		cur.Shown = false
	}
	return widget.Lines(f, append(lines, strings.Split(body, "\n")...)), cur.Moved(0, len(lines))
}

// Keys implements Screen.
func (s *Edit) Keys() []key.Binding {
	k := s.env.Keys.Form
	ks := []key.Binding{k.Save}
	if d := s.form.Focused(); d != nil && d.Kind == widget.SecretText {
		ks = append(ks, k.Show)
		if d.ID == fieldPassword && s.env.Ports.Generator != nil {
			ks = append(ks, k.Generate)
		}
	}
	return append(ks, k.Next, k.Prev, k.AddURL, k.Cancel)
}
