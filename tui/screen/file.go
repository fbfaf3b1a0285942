package screen

import (
	"context"
	"fmt"
	"path"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"signet/internal/sanitize"
	"signet/tui/dialog"
	"signet/tui/widget"
)

// File asks for the name of a file and writes an attachment to it, or puts it into an entry, with progress and a way to cancel.
type File struct {
	env      Env
	ask      OpenFile
	form     widget.Form
	busy     bool
	err      string
	try      int
	cancel   context.CancelFunc
	done     int64
	total    int64
	progress chan [2]int64
}

// NewFile makes the screen.
func NewFile(env Env, m OpenFile) *File {
	s := &File{env: env, ask: m}
	field := &widget.Field{ID: fieldPath, Label: "File", Hint: "path of the file to add", Validate: needed("name a file")}
	button := "Add it"
	if s.saves() {
		field.Hint, button = "where to write it; only you will be able to read it", "Write it"
		field.Line.Paste(safeName(m.Name))
	}
	s.form.Fields = []*widget.Field{field, goButton(button)}
	return s
}

func (s *File) saves() bool { return s.ask.Cred != "" }

// safeName is a foreign file name as it may stand in a path: without folders, signs that do not show, and dots that hide it.
func safeName(name string) string {
	name = path.Base(strings.ReplaceAll(sanitize.Line(name), `\`, "/"))
	name = strings.TrimLeft(strings.ReplaceAll(name, "\ufffd", "_"), ".-~ ")
	if name == "" || name == "/" {
		return "attachment"
	}
	return name
}

// Messages of this screen.
type (
	fileMoved struct{ try, done, total int64 }
	fileDone  struct {
		try     int
		applied Applied
		err     error
	}
)

const askReplaceFile = "replace file"

// Init implements Screen.
func (s *File) Init() tea.Cmd { return nil }

// Title implements Screen.
func (s *File) Title() string {
	if s.saves() {
		return "Save a file"
	}
	return "Add a file"
}

// Typing implements Typer.
func (s *File) Typing() bool {
	d := s.form.Focused()
	return !s.busy && d != nil && d.Kind != widget.ButtonField
}

// Busy implements Busier.
func (s *File) Busy() bool { return s.busy }

// Close implements Screen.
func (s *File) Close() {
	s.abort()
	s.form.Wipe()
}

func (s *File) abort() {
	if s.cancel != nil {
		s.cancel()
		s.cancel = nil
	}
	s.busy = false
	s.try++
}

// Update implements Screen.
func (s *File) Update(msg tea.Msg) (Screen, tea.Cmd) {
	switch msg := msg.(type) {
	case widget.Press:
		return s, s.key(msg)
	case tea.PasteMsg:
		if s.Typing() { // a file that is dropped onto a terminal arrives as its quoted path
			s.form.Paste(strings.Trim(strings.TrimSpace(msg.Content), `'"`))
		}
	case fileMoved:
		if int(msg.try) == s.try {
			s.done, s.total = msg.done, msg.total
			return s, s.cmdProgress()
		}
	case fileDone:
		return s, s.finished(msg)
	case dialog.Answered:
		if msg.Question == askReplaceFile && msg.Choice == "yes" {
			return s, s.run(true)
		}
	}
	return s, nil
}

func (s *File) key(p widget.Press) tea.Cmd {
	k := s.env.Keys
	switch {
	case s.busy:
		if key.Matches(p, k.Form.Cancel) {
			s.abort()
			s.err = "cancelled: nothing was " + s.verb()
		}
		return nil
	case key.Matches(p, k.Form.Cancel):
		return s.env.say(Back{})
	}
	s.err = ""
	if s.form.Key(s.env.formKeys(), p) == buttonGo && s.form.Check() {
		return s.run(false)
	}
	return nil
}

func (s *File) verb() string {
	if s.saves() {
		return "written"
	}
	return "added"
}

func (s *File) run(replace bool) tea.Cmd {
	s.abort()
	ctx, cancel := context.WithCancel(s.env.Ctx)
	s.cancel, s.busy, s.err = cancel, true, ""
	s.done, s.total, s.progress = 0, s.ask.Size, make(chan [2]int64, 1)
	try, name, moved := s.try, s.path(), s.progress
	tell := func(done, total int64) {
		select { // only the newest number is worth drawing
		case moved <- [2]int64{done, total}:
		default:
		}
	}
	work := s.env.cmd(func(context.Context) tea.Msg {
		defer close(moved)
		if s.saves() {
			o := SaveFile{Entry: s.ask.Entry, Cred: s.ask.Cred, Path: name, Replace: replace}
			return fileDone{try: try, err: s.env.Vault.SaveFile(ctx, o, tell)}
		}
		a, err := s.env.Vault.AddFile(ctx, s.ask.Entry, name, tell)
		return fileDone{try, a, err}
	})
	return tea.Batch(work, s.cmdProgress())
}

func (s *File) path() string { return s.form.Field(fieldPath).Line.Text() }

func (s *File) cmdProgress() tea.Cmd {
	try, moved := s.try, s.progress
	return s.env.cmd(func(context.Context) tea.Msg {
		n, ok := <-moved
		if !ok {
			return nil
		}
		return fileMoved{int64(try), n[0], n[1]}
	})
}

func (s *File) finished(m fileDone) tea.Cmd {
	name := sanitize.Line(path.Base(s.path()))
	if m.try != s.try {
		if m.err == nil && !s.saves() { // it was done before the cancelling arrived
			return s.env.say(Stepped{Step: m.applied.Step, Done: "The file was added before it could be cancelled", Name: "adding a file"})
		}
		return nil
	}
	s.abort()
	exists := s.env.Ports.Faults.Exists
	switch {
	case m.err != nil && s.saves() && exists != nil && exists(m.err):
		return s.env.ask(dialog.Choice{
			ID: askReplaceFile, Title: "Replace the file?", Text: "There is a file called " + name + " already. What it holds now will be lost.",
			Options: []dialog.Option{{ID: "", Label: "Choose another name"}, {ID: "yes", Label: "Replace it", Danger: true}},
		})
	case m.err != nil:
		s.err = s.env.Explain(m.err)
		return nil
	}
	s.env.say(Back{})
	if s.saves() {
		return s.env.say(Notify{Level: Good, Text: "Written to " + s.path()})
	}
	return s.env.say(Stepped{Step: m.applied.Step, Done: name + " is added", Name: "adding " + name})
}

// View implements Screen.
func (s *File) View(f widget.Frame) (string, widget.Cursor) {
	title := "Add a file to " + orElse(s.ask.Title, "the entry")
	if s.saves() {
		title = "Save " + orElse(s.ask.Name, "the file")
	}
	lines := []string{f.Theme.Title.Render(widget.Fit(f, title, f.W)), ""}
	if f.H < roomyFrom {
		lines = lines[:1]
	}
	below := 0
	if s.busy || s.err != "" {
		below = 2
	}
	body, cur := s.form.View(f.Sized(f.W, f.H-len(lines)-below))
	cur = cur.Moved(0, len(lines))
	lines = append(lines, strings.Split(strings.TrimRight(body, " \n"), "\n")...)
	if s.busy {
		cur.Shown = false
		lines = append(lines, "", s.share(f))
	}
	if s.err != "" {
		lines = append(lines, widget.Paint(f.Theme.Danger, widget.Wrap(sanitize.Line(s.err), max(f.W, 1)))...)
	}
	return widget.Lines(f, lines), cur
}

// share draws how much is done.
func (s *File) share(f widget.Frame) string {
	text := f.Theme.Muted.Render(" " + bytesText(s.done))
	if s.total > 0 {
		percent := min(100, s.done*100/s.total)
		text = f.Theme.Muted.Render(fmt.Sprintf(" %d%% of %s", percent, bytesText(s.total)))
		if cells := min(f.W-widget.Width(text)-4, 30); cells >= 8 {
			full := int(percent) * cells / 100
			text = " " + f.Theme.Accent.Render(strings.Repeat(f.Theme.Bar, full)) + f.Theme.Faint.Render(strings.Repeat(f.Theme.BarEmpty, cells-full)) + text
		}
	}
	return widget.Spinner(f) + text
}

// Keys implements Screen.
func (s *File) Keys() []key.Binding {
	k := s.env.Keys
	if s.busy {
		return []key.Binding{k.Form.Cancel}
	}
	return []key.Binding{k.Form.Submit, k.Form.Next, k.Form.Prev, k.Form.Cancel}
}
