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

// Entry shows one entry with everything it holds. Concealed values stay in the vault until a row is revealed; they are wiped when
// it is hidden, when the screen closes and when the vault locks.
type Entry struct {
	env    Env
	id     entry.ID
	d      *detail // nil until read
	list   widget.List
	failed string
	asking map[string]bool // codes that are being computed, or cannot be
	hidden bool            // codes are shown only after the user unlocked again (reveal.again)
}

// NewEntry makes the screen of one entry.
func NewEntry(env Env, id entry.ID) *Entry {
	return &Entry{env: env, id: id, asking: map[string]bool{}, hidden: env.Settings.RevealAgain && !env.Info.Demo}
}

// Messages of this screen.
type (
	entryRead struct {
		entry   entry.Entry
		folders map[entry.ID]string
		err     error
	}
	revealed struct {
		path  string
		value secret.Secret
		err   error
	}
	coded struct {
		cred string
		code Code
		err  error
	}
)

// Wipe implements Wiper.
func (m entryRead) Wipe() { m.entry.Wipe() }

// Wipe implements Wiper.
func (m revealed) Wipe() { m.value.Wipe() }

// Wipe implements Wiper.
func (m coded) Wipe() { m.code.Wipe() }

// Init implements Screen.
func (s *Entry) Init() tea.Cmd { return s.cmdRead() }

// Title implements Screen.
func (s *Entry) Title() string { return "Entry" }

// Close implements Screen.
func (s *Entry) Close() {
	if s.d != nil {
		s.d.wipe()
		s.d = nil
	}
}

func (s *Entry) cmdRead() tea.Cmd {
	return s.env.cmd(func(ctx context.Context) tea.Msg {
		e, err := s.env.Vault.Get(ctx, s.id, true)
		if err != nil {
			return entryRead{err: err}
		}
		folders, err := s.env.folders(ctx)
		return entryRead{e, folders, err}
	})
}

// Update implements Screen.
func (s *Entry) Update(msg tea.Msg) (Screen, tea.Cmd) {
	switch msg := msg.(type) {
	case widget.Press:
		return s, s.key(msg)
	case Sized:
		s.list.SetHeight(msg.H)
	case Changed:
		return s, s.cmdRead()
	case Tick:
		return s, s.codes()
	case entryRead:
		return s, s.take(msg)
	case revealed:
		return s, s.show(msg)
	case coded:
		return s, s.takeCode(msg)
	case revealCode:
		return s, s.showCode(msg)
	case revealRow:
		return s, s.revealRows(msg)
	case stepDone:
		if msg.final && msg.err == nil {
			s.env.say(Back{})
		}
		return s, s.env.stepped(msg)
	case dialog.Answered:
		return s, s.answered(msg)
	}
	return s, nil
}

// take accepts the entry. After a change elsewhere what was revealed is hidden again: it may be another value now.
func (s *Entry) take(m entryRead) tea.Cmd {
	if m.err != nil {
		m.Wipe()
		if f := s.env.Ports.Faults.NotFound; f != nil && f(m.err) {
			s.env.say(Back{})
			return s.env.say(Notify{Text: "This entry is gone"})
		}
		s.failed = s.env.Explain(m.err)
		return s.env.fail("Reading the entry failed", m.err)
	}
	first := s.d == nil
	if s.d != nil {
		s.d.wipe()
	}
	clear(s.asking) // an edit may have mended a key that did not work
	d := newDetail(m.entry, m.folders, s.env.Now().Location(), false)
	s.d = &d
	s.list.SetCount(len(d.lines))
	if first {
		s.list.To(s.mainLine())
	}
	s.land(1)
	return s.codes()
}

// mainLine is where the cursor stands first: the password, else the first value.
func (s *Entry) mainLine() int {
	for i, l := range s.d.lines {
		if strings.HasSuffix(l.path, "/password") && l.kind == lineValue {
			return i
		}
	}
	return 0
}

func (s *Entry) line() (detailLine, bool) {
	if s.d == nil || s.list.Cursor >= len(s.d.lines) {
		return detailLine{}, false
	}
	return s.d.lines[s.list.Cursor], true
}

// land moves on from headings, which cannot be acted upon.
func (s *Entry) land(dir int) {
	for range 2 {
		for l, ok := s.line(); ok && l.kind == lineHeading; l, ok = s.line() {
			before := s.list.Cursor
			s.list.Move(dir)
			if s.list.Cursor == before {
				dir = -dir
				break
			}
		}
	}
}

func (s *Entry) key(p widget.Press) tea.Cmd {
	k := s.env.Keys.Do
	before := s.list.Cursor
	if s.env.Keys.Move.moved(&s.list, p) {
		dir := 1
		if s.list.Cursor < before {
			dir = -1
		}
		s.land(dir)
		return nil
	}
	switch {
	case key.Matches(p, k.Back), key.Matches(p, k.Leave):
		return s.env.say(Back{})
	case s.d == nil:
		return nil
	case key.Matches(p, k.Open), key.Matches(p, k.CopyRow):
		return s.copyRow()
	case key.Matches(p, k.Reveal):
		return s.toggle()
	case key.Matches(p, k.RevealAll):
		return s.toggleAll()
	case key.Matches(p, k.Restore) && s.d.e.Trashed.IsZero():
		return s.restorePast()
	}
	cmd, _ := s.env.act(p, subject{id: s.id, title: s.d.e.Title, trashed: !s.d.e.Trashed.IsZero()})
	return cmd
}

func (s *Entry) copyRow() tea.Cmd {
	l, ok := s.line()
	if !ok {
		return nil
	}
	switch l.kind {
	case lineCode:
		delete(s.asking, l.cred)
		s.d.codes[l.cred].Wipe()
		delete(s.d.codes, l.cred)
		return tea.Batch(s.env.say(Copy{What: CopyCode, ID: s.id, Path: l.cred}), s.codes())
	case lineHistory:
		return s.env.say(Copy{What: CopyPast, ID: s.id, Past: l.past})
	case lineValue:
		return s.env.say(Copy{What: CopyField, ID: s.id, Path: l.path, Name: sanitize.Line(l.label), Concealed: l.concealed})
	}
	return nil
}

// revealCode is what is done once the user may see a one-time code: it goes live, or one of a counter is used up.
type revealCode struct{ cred string }

// revealRow is what is done once the user may see: show the row of that path, or every row.
type revealRow struct{ path string }

const askRestorePast = "restore value"

// restorePast offers to write the previous value under the cursor back.
func (s *Entry) restorePast() tea.Cmd {
	l, ok := s.line()
	if !ok || l.kind != lineHistory {
		return nil
	}
	return s.env.writable(func() tea.Cmd {
		return s.env.ask(dialog.Choice{
			ID: askRestorePast, Title: "Write this value back?",
			Text:    s.d.pathLabel(l.past.Path) + " becomes what it was on " + s.d.day(l.past.Written) + ". The present value goes to the history.",
			Options: []dialog.Option{{ID: "", Label: "Leave it"}, {ID: "yes", Label: "Write it back"}},
		})
	})
}

func (s *Entry) answered(a dialog.Answered) tea.Cmd {
	switch {
	case a.Question == askKind && a.Choice != "":
		return s.env.say(OpenNew{entry.Kind(a.Choice)})
	case a.Question == askPurge && a.Choice == "yes":
		return s.env.cmdPurge([]entry.ID{s.id})
	case a.Question == askRestorePast && a.Choice == "yes":
		if l, ok := s.line(); ok && l.kind == lineHistory {
			return s.env.cmdStep("The old value is back", "writing an old value back", func(ctx context.Context) (Applied, error) {
				return s.env.Vault.RestorePast(ctx, s.id, l.past)
			})
		}
	}
	return nil
}

// View implements Screen.
func (s *Entry) View(f widget.Frame) (string, widget.Cursor) {
	if s.d == nil {
		text := widget.Spinner(f) + f.Theme.Muted.Render(" reading")
		if s.failed != "" {
			text = f.Theme.Danger.Render(widget.Fit(f, s.failed, f.W))
		}
		return widget.Lines(f, []string{text}), widget.Cursor{}
	}
	head := s.head(f)
	body := s.d.view(f.Sized(f.W, f.H-len(head)), s.list.Cursor)
	return widget.Lines(f, append(head, strings.Split(body, "\n")...)), widget.Cursor{}
}

func (s *Entry) head(f widget.Frame) []string {
	star := ""
	if s.d.e.Favorite {
		star = f.Theme.Warn.Render(f.Theme.Star) + " "
	}
	kind := f.Theme.Muted.Render(widget.Fit(f, string(s.d.e.Kind), 12))
	if !s.d.e.Trashed.IsZero() {
		kind = f.Theme.Danger.Render("in the trash")
	}
	title := star + f.Theme.Title.Render(widget.Fit(f, orElse(s.d.e.Title, "(no title)"), f.W-widget.Width(star)-14))
	head := []string{widget.Ends(f, title, kind, f.W)}
	if f.H >= roomyFrom {
		head = append(head, "")
	}
	return head
}

// Keys implements Screen.
func (s *Entry) Keys() []key.Binding {
	d, m := s.env.Keys.Do, s.env.Keys.Move
	ks := []key.Binding{d.CopyRow, d.Reveal, d.RevealAll, d.Password, d.User, d.Code, d.Edit, d.Delete, d.Undo, d.New, m.Up, m.Down, m.PageUp, m.PageDown, m.First, m.Last, d.Trash, d.Back}
	if s.d == nil {
		return ks
	}
	if !s.d.e.Trashed.IsZero() {
		ks = append([]key.Binding{d.Restore, d.Purge}, ks...)
	} else if l, ok := s.line(); ok && l.kind == lineHistory {
		ks = append([]key.Binding{d.Restore}, ks...)
	}
	return ks
}
