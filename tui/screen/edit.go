package screen

import (
	"context"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"signet/tui/dialog"
	"signet/tui/widget"
	"signet/vault/entry"
	"signet/vault/secret"
	"signet/vault/totp"
)

// Edit is the form of one entry, new or existing. Stored secrets are not read into it: their fields say "unchanged" until a key
// replaces them or the user asks to see them. Only fields that were changed are written.
type Edit struct {
	env    Env
	id     entry.ID
	isNew  bool
	kind   entry.Kind
	typ    string      // of a new entry: which credential of its kind it begins with; "" for the usual one
	e      entry.Entry // as it was read; its concealed values are withheld
	form   widget.Form
	w, h   int
	ready  bool
	saving bool

	creds       []formCred
	fields      []formField     // custom fields that are not in the record
	parts       []DraftPart     // what the user added and took out, and the ids of what is not in the record
	claimed     map[string]bool // credentials that a draft knows by their ids
	dropped     []dropped
	justDropped bool
	moved       map[string]bool // prefixes
	reopening   bool            // a draft is being put into the form

	folders []Folder
	tags    []string
	listed  bool // both are known

	codes  map[string]totp.Key // what the one-time-code fields hold
	brands map[string]string   // guessed, by the number's field
	judged map[string]int      // how often the strength of a field was asked for
	asking int                 // answers about strengths that are awaited
	judge  []string            // fields whose strength is to be asked for

	gen   *generator // open over a password field
	past  *pastPanel // open over a password field
	clash []clash    // fields that were changed elsewhere, still to be decided
	fresh entry.Entry

	outside *away // an outside editor has the text of a field

	draft *Draft     // from which the form is opened again, until the entry was read
	mark  string     // the draft's id: see Draft.ID
	seen  entry.Base // what a draft had read, in place of e.Dots
}

// NewEdit makes the form of an existing entry.
func NewEdit(env Env, id entry.ID) *Edit { return &Edit{env: env, id: id} }

// NewAdd makes the form of a new entry. typ is the credential that it begins with, "" for the usual one of the kind.
func NewAdd(env Env, kind entry.Kind, typ string) *Edit {
	s := &Edit{env: env, isNew: true, kind: kind, typ: typ, id: entry.IDs{Rand: env.Ports.Rand}.Record()}
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
	switch {
	case s.draft != nil:
		return tea.Batch(s.cmdReopen(), s.cmdLists())
	case s.ready:
		return s.cmdLists()
	}
	return tea.Batch(s.cmdLists(), s.env.cmd(func(ctx context.Context) tea.Msg {
		e, err := s.env.Vault.Get(ctx, s.id, false)
		return editRead{entry: e, err: err}
	}))
}

// Title implements Screen.
func (s *Edit) Title() string { return "Form" }

// Typing implements Typer.
func (s *Edit) Typing() bool { return s.gen == nil && s.past == nil }

// Busy implements Busier.
func (s *Edit) Busy() bool { return s.saving || !s.ready }

// Settled reports whether nothing is awaited that shows.
func (s *Edit) Settled() bool {
	return s.ready && !s.saving && s.listed && len(s.judge) == 0 && s.asking == 0 && (s.gen == nil || s.gen.ready)
}

// Close implements Screen.
func (s *Edit) Close() {
	s.dropGenerator()
	s.dropPast()
	s.dropDraft()
	s.dropClashes()
	s.dropOutside()
	s.discard()
	s.e.Wipe()
}

// Update implements Screen.
func (s *Edit) Update(msg tea.Msg) (Screen, tea.Cmd) {
	cmd := s.update(msg)
	return s, tea.Batch(cmd, s.cmdJudge())
}

func (s *Edit) update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case widget.Press:
		return s.key(msg)
	case tea.PasteMsg:
		if s.takesText() {
			s.justDropped = false
			s.pasted(msg.Content)
		}
	case Sized:
		s.w, s.h = msg.W, msg.H
		s.resize()
	case Click:
		return s.click(msg)
	case Wheel:
		if s.takesText() {
			s.form.Scroll(msg.By)
		}
	case editLists:
		return s.lists(msg)
	case editRead:
		return s.took(msg)
	case showField:
		return s.cmdShow(msg.id)
	case editShown:
		return s.show(msg)
	case editSaved:
		return s.saved(msg)
	case clashes:
		return s.clashed(msg)
	case dialog.Answered:
		return s.answered(msg)
	}
	return s.updatePanels(msg)
}

// updatePanels takes the answers that are about single fields.
func (s *Edit) updatePanels(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case generated:
		return s.takeGenerated(msg)
	case keyMade:
		return s.takeKey(msg)
	case pastRead:
		return s.takePast(msg)
	case pastShown:
		s.revealPast()
	case pastChanged:
		return s.pastCleared(msg)
	case judgement:
		s.takeJudgement(msg)
	case outsideDone:
		return s.outsideBack(msg)
	}
	return nil
}

// takesText reports whether the form has the keys.
func (s *Edit) takesText() bool {
	return s.ready && !s.saving && s.gen == nil && s.past == nil && s.outside == nil
}

func (s *Edit) took(m editRead) tea.Cmd {
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
	d.Show(true)
	d.Settle()
	s.resize()
	return nil
}

func (s *Edit) key(p widget.Press) tea.Cmd {
	k := s.env.Keys.Form
	switch {
	case s.outside != nil:
		return nil
	case !s.ready || s.saving:
		if key.Matches(p, k.Cancel) && !s.saving {
			return s.env.say(Back{})
		}
		return nil
	case s.past != nil:
		return s.pastKey(p)
	case s.gen != nil:
		return s.generatorKey(p)
	}
	if cmd, ok := s.command(p); ok {
		return cmd
	}
	s.justDropped = false
	return s.pressed(s.form.Key(s.env.formKeys(), p))
}

// command runs the keys that belong to the form and not to a field.
func (s *Edit) command(p widget.Press) (tea.Cmd, bool) {
	k := s.env.Keys.Form
	switch {
	case key.Matches(p, k.Cancel):
		return s.cancel(), true
	case key.Matches(p, k.Save):
		return s.save(), true
	case key.Matches(p, k.Show):
		return s.toggleShown(), true
	case key.Matches(p, k.Generate):
		return s.generate(), true
	case key.Matches(p, k.Past):
		return s.openPast(), true
	case key.Matches(p, k.Editor):
		return s.openOutside(), true
	case key.Matches(p, k.Undo) && s.justDropped:
		s.justDropped = false
		s.bringBack()
		return nil, true
	}
	return s.structure(p)
}

// structure runs the keys that add to the form, take out of it and put it in order.
func (s *Edit) structure(p widget.Press) (tea.Cmd, bool) {
	k, prefix := s.env.Keys.Form, ""
	if d := s.form.Focused(); d != nil {
		prefix = prefixOf(d.ID)
	}
	switch {
	case key.Matches(p, k.AddField):
		return s.askAdd(), true
	case key.Matches(p, k.AddURL):
		s.part(DraftPart{What: partURL, ID: s.ids().Short()})
	case key.Matches(p, k.RemoveField):
		return s.remove(), true
	case key.Matches(p, k.Label):
		s.onPart(partLabel, prefix)
	case key.Matches(p, k.Match):
		s.onPart(partMatch, prefix)
	case key.Matches(p, k.Up):
		s.onPart(partUp, prefix)
	case key.Matches(p, k.Down):
		s.onPart(partDown, prefix)
	default:
		return nil, false
	}
	return nil, true
}

// onPart does something with the web site or the custom field under the cursor.
func (s *Edit) onPart(what, prefix string) {
	if prefix == "" || what == partMatch && !strings.HasPrefix(prefix, "url/") {
		s.env.say(Notify{Text: map[string]string{
			partLabel: "Web sites and custom fields have names of their own; this field has not", partMatch: "This is for web sites",
		}[what]})
		return
	}
	s.part(DraftPart{What: what, ID: prefix})
}

func (s *Edit) pressed(button string) tea.Cmd {
	switch button {
	case buttonSave:
		return s.save()
	case buttonAdd:
		return s.askAdd()
	}
	return nil
}

func (e Env) formKeys() widget.FormKeys {
	k := e.Keys
	return widget.FormKeys{Edit: k.Edit, Next: k.Form.Next, Prev: k.Form.Prev, Toggle: k.Setup.Toggle, Submit: k.Form.Submit, Undo: k.Form.Undo, Redo: k.Form.Redo}
}

// toggleShown shows a stored secret on request, or the typed one.
func (s *Edit) toggleShown() tea.Cmd {
	d := s.form.Focused()
	if d == nil || !d.Concealed() {
		return nil
	}
	if d.Kept && strings.HasPrefix(d.ID, otpPrefix) {
		return s.env.say(Notify{Text: "The entry shows the code and, on request, its secret; here it can be replaced"})
	}
	if !d.Kept {
		d.Show(!d.Shown())
		s.resize()
		return nil
	}
	return s.env.prove(showField{d.ID})
}

// showField is what is done once the user may see.
type showField struct{ id string }

func (s *Edit) cmdShow(path string) tea.Cmd {
	return s.env.cmd(func(ctx context.Context) tea.Msg {
		values, err := s.env.Vault.Field(ctx, entry.FieldRef{Record: s.id, Path: path})
		if err != nil || len(values) == 0 {
			return editShown{field: path, err: err}
		}
		for _, v := range values[1:] {
			v.Value.Wipe()
		}
		return editShown{path, values[0].Value, nil}
	})
}

// askLeave is asked before unsaved changes are left.
const askLeave = "leave form"

// cancel leaves the form; unsaved changes are asked about.
func (s *Edit) cancel() tea.Cmd {
	if !s.isDirty() {
		return s.env.say(Back{})
	}
	return s.env.ask(dialog.Choice{ID: askLeave, Title: "Unsaved changes", Options: []dialog.Option{
		{ID: "", Label: "Keep editing"}, {ID: "save", Label: "Save", Hotkey: "s"}, {ID: "drop", Label: "Discard the changes", Danger: true},
	}})
}

func (s *Edit) answered(a dialog.Answered) tea.Cmd {
	switch {
	case a.Question == askChanged:
		return s.decide(a.Choice)
	case a.Choice == "":
		return nil
	case a.Question == askLeave && a.Choice == "save":
		return s.save()
	case a.Question == askLeave:
		s.discard()
		return s.env.say(Back{})
	case a.Question == askAdd:
		s.add(a.Choice)
	case a.Question == askDrop:
		s.removed(a.Choice)
	case a.Question == askClearPast:
		return s.cmdClearPast()
	case a.Question == askOutside:
		return s.toldOutside()
	}
	return nil
}
