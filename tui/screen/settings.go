package screen

import (
	"context"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"signet/internal/sanitize"
	"signet/tui/widget"
)

// SettingsScreen lists the settings and changes them in place.
type SettingsScreen struct {
	env   Env
	rows  []SettingRow
	known bool
	shelf shelf
	form  *settingForm
	task  task
	err   string
	h     int
}

// settingForm is the form for one setting.
type settingForm struct {
	row  SettingRow
	form widget.Form
}

// NewSettings makes the screen.
func NewSettings(env Env) *SettingsScreen {
	return &SettingsScreen{env: env, shelf: shelf{linear: env.Linear}}
}

// Messages of this screen.
type (
	settingsListed struct {
		rows []SettingRow
		err  error
	}
	settingChecked struct {
		try    int
		change SettingChange
		weaker bool
		err    error
	}
	// settingProven tells that the user unlocked again to lower protection.
	settingProven struct{ change SettingChange }
	settingSet    struct {
		try     int
		change  SettingChange
		applied Applied
		err     error
	}
)

// Init implements Screen.
func (s *SettingsScreen) Init() tea.Cmd { return s.cmdList() }

func (s *SettingsScreen) cmdList() tea.Cmd {
	return s.env.cmd(func(ctx context.Context) tea.Msg {
		rows, err := s.env.Ports.Settings.List(ctx, s.env.Vault)
		return settingsListed{rows, err}
	})
}

// Title implements Screen.
func (s *SettingsScreen) Title() string { return "Settings" }

// Typing implements Typer.
func (s *SettingsScreen) Typing() bool { return s.form != nil }

// Busy implements Busier.
func (s *SettingsScreen) Busy() bool { return s.task.busy() || !s.known }

// Settled reports whether the list was read; tests wait for it.
func (s *SettingsScreen) Settled() bool { return s.known }

// Close implements Screen.
func (s *SettingsScreen) Close() { s.task.stop() }

// Update implements Screen.
func (s *SettingsScreen) Update(msg tea.Msg) (Screen, tea.Cmd) {
	switch msg := msg.(type) {
	case Sized:
		s.h = msg.H
		s.shelf.sized(msg.W, msg.H-waysHead(msg.H))
	case widget.Press:
		return s, s.key(msg)
	case tea.PasteMsg:
		if s.Typing() && !s.task.busy() {
			s.form.form.Paste(msg.Content)
		}
	case Click:
		return s, s.click(msg)
	case Wheel:
		if s.form != nil {
			s.form.form.Scroll(msg.By)
			return s, nil
		}
		s.shelf.wheel(msg.By)
	case settingsListed:
		s.listed(msg)
	case Changed:
		return s, s.cmdList()
	case settingChecked:
		return s, s.checked(msg)
	case settingProven:
		return s, s.cmdSet(msg.change)
	case settingSet:
		return s, s.set(msg)
	}
	return s, nil
}

func (s *SettingsScreen) listed(m settingsListed) {
	s.known = true
	if m.err != nil {
		s.err = s.env.Explain(m.err)
		return
	}
	s.rows = m.rows
	rows := make([]shelfRow, len(m.rows))
	for i, r := range m.rows {
		rows[i] = shelfRow{text: r.Name, note: settingValue(r.Value)}
		switch {
		case i == 0 && r.Source != SettingFile:
			rows[i].head = "Protection, in the vault"
		case r.Source == SettingFile && (i == 0 || m.rows[i-1].Source != SettingFile):
			rows[i].head = "Looks, in config.toml of this device"
		}
		if r.Source == SettingDevice {
			rows[i].note += " (here)"
		}
	}
	s.shelf.set(rows)
}

func settingValue(v string) string {
	if v == "" {
		return "none"
	}
	return v
}

func (s *SettingsScreen) current() (SettingRow, bool) {
	if s.shelf.cursor >= len(s.rows) {
		return SettingRow{}, false
	}
	return s.rows[s.shelf.cursor], true
}

func (s *SettingsScreen) key(p widget.Press) tea.Cmd {
	k := s.env.Keys
	switch {
	case s.task.busy():
		return nil // milliseconds
	case s.form != nil:
		return s.formKey(p)
	case s.shelf.key(k.Move, p):
		return nil
	case key.Matches(p, k.Do.Back, k.Do.Leave):
		if s.shelf.whole {
			s.shelf.whole = false
			return nil
		}
		return s.env.say(Back{})
	case key.Matches(p, k.Set.Details):
		s.shelf.whole = !s.shelf.whole
	case key.Matches(p, k.Set.Change):
		return s.change()
	case key.Matches(p, k.Set.Default):
		return s.toDefault()
	case key.Matches(p, k.Do.Undo):
		return s.env.writable(func() tea.Cmd { return s.env.say(UndoLast{}) })
	}
	return nil
}

// changeable says why a row cannot be changed, or runs f.
func (s *SettingsScreen) changeable(f func(SettingRow) tea.Cmd) tea.Cmd {
	r, ok := s.current()
	switch {
	case !ok:
		return nil
	case r.Locked != "":
		return s.env.say(Notify{Text: title(sanitize.Line(r.Locked))})
	case r.Source == SettingFile:
		return f(r)
	}
	return s.env.writable(func() tea.Cmd { return f(r) })
}

func (s *SettingsScreen) change() tea.Cmd {
	return s.changeable(func(r SettingRow) tea.Cmd {
		s.form, s.err = newSettingForm(r), ""
		return nil
	})
}

// toDefault takes the override of this device away, or else the vault's value.
func (s *SettingsScreen) toDefault() tea.Cmd {
	return s.changeable(func(r SettingRow) tea.Cmd {
		if r.Source == SettingDefault || r.Source == SettingFile && r.Value == r.Default {
			return s.env.say(Notify{Text: r.Name + " has its default already"})
		}
		return s.cmdCheck(SettingChange{Name: r.Name, Clear: true, Device: r.Source == SettingDevice})
	})
}

// Ids of the form's fields.
const (
	fieldValue  = "value"
	fieldDevice = "device"
)

func newSettingForm(r SettingRow) *settingForm {
	d := &widget.Field{ID: fieldValue, Label: r.Name, Hint: settingHint(r)}
	if len(r.Choices) > 0 {
		d.Kind, d.Hint = widget.ChoiceField, ""
		for _, c := range r.Choices {
			d.Options = append(d.Options, widget.Option{Value: c, Label: settingChoice(r, c)})
		}
	}
	d.Put([]byte(r.Value))
	m := &settingForm{row: r}
	m.form.Fields = []*widget.Field{d}
	if r.Source != SettingFile {
		m.form.Fields = append(m.form.Fields, &widget.Field{
			ID: fieldDevice, Label: "Only on this device", Kind: widget.ToggleField, On: r.Source == SettingDevice, Hint: "other devices keep the vault's value",
		})
	}
	m.form.Fields = append(m.form.Fields, goButton("Set"))
	return m
}

func settingHint(r SettingRow) string {
	if r.Default != "" {
		return "default: " + r.Default
	}
	return ""
}

func settingChoice(r SettingRow, c string) string {
	switch c {
	case "true":
		c = "on"
	case "false":
		c = "off"
	case "":
		c = "none"
	default:
		c = strings.ReplaceAll(c, ",", " and ")
	}
	return c
}

func (s *SettingsScreen) formKey(p widget.Press) tea.Cmd {
	k := s.env.Keys
	if key.Matches(p, k.Form.Cancel) {
		s.form, s.err = nil, ""
		return nil
	}
	s.err = ""
	if d := s.form.form.Focused(); d != nil && d.ID == fieldValue && d.Kind == widget.TextField && key.Matches(p, k.Form.Submit) {
		return s.pressed(buttonGo) // a value is typed and set; the rest of the form is rarely wanted
	}
	return s.pressed(s.form.form.Key(s.env.formKeys(), p))
}

// click puts the cursor where the mouse was pressed: on a row, or into the form. A double click changes the row.
func (s *SettingsScreen) click(m Click) tea.Cmd {
	if s.form != nil {
		above := len(s.formHead(m.Frame))
		return s.pressed(s.form.form.Click(m.Frame.Sized(m.Frame.W, m.Frame.H-above), m.X, m.Y-above))
	}
	if s.shelf.click(m.X, m.Y-waysHead(s.h)) && m.Double {
		return s.change()
	}
	return nil
}

// pressed does what the form's button is for.
func (s *SettingsScreen) pressed(button string) tea.Cmd {
	if button != buttonGo || s.task.busy() {
		return nil
	}
	m := &s.form.form
	c := SettingChange{Name: s.form.row.Name, Value: strings.TrimSpace(m.Field(fieldValue).Text())}
	if d := m.Field(fieldDevice); d != nil {
		c.Device = d.On
	}
	return s.cmdCheck(c)
}

func (s *SettingsScreen) cmdCheck(c SettingChange) tea.Cmd {
	ctx, try := s.task.begin(s.env, "checking")
	return s.env.cmd(func(context.Context) tea.Msg {
		weaker, err := s.env.Ports.Settings.Check(ctx, s.env.Vault, c)
		return settingChecked{try, c, weaker, err}
	})
}

// checked goes on with a change that fits; one that protects less wants the user to unlock again first.
func (s *SettingsScreen) checked(m settingChecked) tea.Cmd {
	if s.task.late(m.try) {
		return nil
	}
	s.task.stop()
	if m.err != nil {
		return s.failed(m.err)
	}
	if m.weaker {
		return s.env.say(Prove{To: s.env.ID, Then: settingProven{m.change}, Always: true, Why: "asks again: " + m.change.Name + " would protect less"})
	}
	return s.cmdSet(m.change)
}

func (s *SettingsScreen) failed(err error) tea.Cmd {
	if s.form == nil {
		return s.env.fail("Not changed", err)
	}
	if d := s.form.form.Field(fieldValue); d != nil {
		s.form.form.FocusOn(fieldValue)
		d.Err = s.env.Explain(err)
	}
	return nil
}

func (s *SettingsScreen) cmdSet(c SettingChange) tea.Cmd {
	ctx, try := s.task.begin(s.env, "saving")
	return s.env.cmd(func(context.Context) tea.Msg {
		a, err := s.env.Ports.Settings.Set(ctx, s.env.Vault, c)
		return settingSet{try, c, a, err}
	})
}

func (s *SettingsScreen) set(m settingSet) tea.Cmd {
	if s.task.late(m.try) {
		return nil
	}
	s.task.stop()
	if m.err != nil {
		return s.failed(m.err)
	}
	s.form = nil
	done := m.change.Name + " is " + settingValue(m.change.Value) + " now"
	if m.change.Clear {
		done = m.change.Name + " has its default again"
	}
	if m.applied.Step != "" {
		s.env.say(Stepped{Step: m.applied.Step, Done: done, Name: "the change of " + m.change.Name})
	} else {
		s.env.say(Look{m.change.Name, m.change.Value})
		s.env.say(Notify{Level: Good, Text: done + lookNote(m.change)})
	}
	return s.cmdList()
}

// lookNote: what is chosen counts at once; what the start decides, and keys, from the next start.
func lookNote(c SettingChange) string {
	decided := strings.HasPrefix(c.Name, "ui.") && c.Name != "ui.theme" && (c.Clear || c.Value == "auto")
	if decided || strings.HasPrefix(c.Name, "keys.") {
		return "; it counts from the next start"
	}
	return ""
}

// Keys implements Screen.
func (s *SettingsScreen) Keys() []key.Binding {
	k := s.env.Keys
	if s.form != nil {
		return []key.Binding{k.Form.Submit, k.Form.Cancel, k.Form.Next, k.Form.Prev, k.Setup.Toggle}
	}
	return []key.Binding{
		k.Set.Change, k.Set.Default, k.Do.Undo, k.Set.Details, k.Move.Up, k.Move.Down, k.Move.PageUp, k.Move.PageDown, k.Move.First, k.Move.Last, k.Do.Back,
	}
}
