package screen

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"signet/tui/widget"
	"signet/vault/entry"
	"signet/vault/secret"
)

// exportForm asks what is written where, and how it is protected.
type exportForm struct {
	widget.Form
	env      Env
	formats  []ExportFormat
	what     *widget.Field
	format   *widget.Field
	path     *pathInput
	protect  *widget.Field
	pass     *widget.Field
	again    *widget.Field
	to       *widget.Field
	strength *strengthMeter
	proposed string // the path as it was proposed: it follows format and protection until it is edited
	asked    OpenExport
}

// What the fields say.
const (
	exportAll    = "all"
	exportFound  = "found"
	exportChosen = "chosen"

	protectPass  = "passphrase"
	protectKey   = "recipient"
	protectClear = "clear"
)

func (m *exportForm) build(env Env, ask OpenExport) {
	m.env, m.asked, m.formats = env, ask, env.Ports.Exporter.Formats()
	m.what = &widget.Field{ID: "what", Label: "What", Kind: widget.ChoiceField, Options: m.choices()}
	m.what.Put([]byte(m.what.Options[0].Value))
	m.format = &widget.Field{ID: "format", Label: "Format", Kind: widget.ChoiceField}
	for _, f := range m.formats {
		m.format.Options = append(m.format.Options, widget.Option{Value: f.Name, Label: f.Label})
	}
	m.format.Put([]byte(m.formats[0].Name))
	m.path = newPathInput(env, "File", "where it is written; only you will be able to read it")
	m.protect = &widget.Field{ID: "protect", Label: "Protection", Kind: widget.ChoiceField, Options: []widget.Option{
		{Value: protectPass, Label: "encrypted to a passphrase"}, {Value: protectKey, Label: "encrypted to an age recipient"}, {Value: protectClear, Label: "none: every secret in clear"},
	}}
	m.protect.Put([]byte(protectPass))
	m.pass = &widget.Field{ID: fieldPass, Label: "Passphrase", Kind: widget.SecretText, Hint: "it is the only way to read the file again", Validate: neededPass}
	m.again = &widget.Field{ID: fieldAgain, Label: "Once more", Kind: widget.SecretText}
	m.to = &widget.Field{ID: "to", Label: "Recipient", Hint: "age1pq1… or age1…, the public half of a key", Validate: needed("name a recipient")}
	m.strength = newStrengthMeter(env, m.pass)
	m.arrange()
	m.FocusOn(m.Fields[0].ID)
}

// choices are what can be written: what was marked stands first.
func (m *exportForm) choices() (out []widget.Option) {
	all := widget.Option{Value: exportAll, Label: "everything, the trash included"}
	if n := len(m.asked.IDs); n > 0 {
		out = append(out, widget.Option{Value: exportChosen, Label: plural(n, "chosen entry", "chosen entries")})
	}
	if n := len(m.asked.Found); n > 0 {
		out = append(out, widget.Option{Value: exportFound, Label: "what the search shows: " + plural(n, "entry", "entries")})
	}
	if len(m.asked.IDs) == 1 { // the one under the cursor is rarely meant
		return append([]widget.Option{all}, out...)
	}
	return append(out, all)
}

// arrange shows the fields that the protection needs, and keeps a proposed path in step.
func (m *exportForm) arrange() {
	focused := m.Focused()
	fields := []*widget.Field{m.what}
	if len(m.what.Options) == 1 {
		fields = nil
	}
	if len(m.formats) > 1 {
		fields = append(fields, m.format)
	}
	fields = append(fields, m.path.field, m.protect)
	switch m.protect.Text() {
	case protectPass:
		fields = append(fields, m.pass, m.again)
	case protectKey:
		fields = append(fields, m.to)
	}
	m.Fields = append(fields, goButton("Look at it"))
	if focused != nil {
		m.FocusOn(focused.ID)
	}
	m.propose()
}

func (m *exportForm) propose() {
	if text := m.path.field.Text(); text != m.proposed {
		return
	}
	path := "~/signet-" + m.env.Now().Format("2006-01-02") + m.chosenFormat().Ext
	if !m.inClear() {
		path += ".age"
	}
	if path != m.proposed {
		m.proposed = path
		m.path.field.Put([]byte(path))
	}
}

func (m *exportForm) chosenFormat() ExportFormat {
	for _, f := range m.formats {
		if f.Name == m.format.Text() {
			return f
		}
	}
	return m.formats[0]
}

// inClear reports whether secrets would be written in clear.
func (m *exportForm) inClear() bool {
	return m.protect.Text() == protectClear && m.chosenFormat().Clear
}

// complete reports whether everything is filled in.
func (m *exportForm) complete() bool {
	if !m.Check() {
		return false
	}
	if m.protect.Text() != protectPass {
		return true
	}
	a, b := m.pass.Value(), m.again.Value()
	defer a.Wipe()
	defer b.Wipe()
	if !widget.Same(a, b) {
		m.fault(fieldAgain, "the two are not the same")
		return false
	}
	return true
}

// fault says what is wrong with a field and gives it the focus.
func (m *exportForm) fault(id, text string) {
	m.FocusOn(id)
	m.Field(id).Err = text
}

// options are what the form says; the passphrase stays in the form until the file is written.
func (m *exportForm) options() ExportOptions {
	o := ExportOptions{Format: m.chosenFormat().Name, Path: strings.TrimSpace(m.path.field.Text())}
	switch m.what.Text() {
	case exportChosen:
		o.IDs = append([]entry.ID{}, m.asked.IDs...)
	case exportFound:
		o.IDs = append([]entry.ID{}, m.asked.Found...)
	}
	if m.protect.Text() == protectKey {
		o.Recipient = m.to.Text()
	}
	return o
}

func (m *exportForm) passphrase() secret.Secret {
	if m.protect.Text() != protectPass {
		return secret.Secret{}
	}
	return m.pass.Value()
}

// summary is what will be written, in a line.
func (m *exportForm) summary(o ExportOptions) string {
	how := map[string]string{protectPass: "encrypted to a passphrase", protectKey: "encrypted to a recipient", protectClear: "in clear"}[m.protect.Text()]
	return m.chosenFormat().Label + ", " + how + ", to " + o.Path
}

func (m *exportForm) show() {
	on := !m.pass.Shown()
	m.pass.Show(on)
	m.again.Show(on)
}

// Wipe overwrites every field, those that are not shown too.
func (m *exportForm) Wipe() {
	for _, d := range []*widget.Field{m.pass, m.again, m.to, m.path.field} {
		d.Wipe()
	}
}

// cmds are what a change of the fields asks for.
func (m *exportForm) cmds() tea.Cmd { return tea.Batch(m.path.cmdLook(), m.strength.cmd()) }
