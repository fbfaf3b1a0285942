package screen

import (
	"context"
	"slices"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"signet/tui/dialog"
	"signet/tui/theme"
	"signet/tui/widget"
	"signet/vault/entry"
)

// Entry shows one entry with everything it holds. Concealed values stay in the vault until a row is revealed; they are wiped when
// it is hidden, when their time is over, when the screen closes and when the vault locks.
type Entry struct {
	env    Env
	id     entry.ID
	d      *detail // nil until read
	list   widget.List
	size   Sized
	top    [2]int // the first visible row of each column
	failed string
	asking map[string]bool // codes that are being computed, or cannot be
	hidden bool            // codes are shown only after the user unlocked again (reveal.again)
	until  time.Time       // when what is revealed is hidden again
	peek   peek
	find   *finder // nil: nobody searches
	audit  string  // what the last audit found about it
	back   int     // where the cursor was before it jumped to the history
	// early are keys that came before the entry was read: they act when it is there.
	early []widget.Press
}

// NewEntry makes the screen of one entry.
func NewEntry(env Env, id entry.ID) *Entry {
	return &Entry{env: env, id: id, asking: map[string]bool{}, hidden: env.Settings.RevealAgain && !env.Info.Demo, back: -1}
}

// Messages of this screen.
type entryRead struct {
	entry   entry.Entry
	folders map[entry.ID]string
	more    extras
	err     error
}

// Wipe implements Wiper.
func (m entryRead) Wipe() { m.entry.Wipe() }

// Init implements Screen.
func (s *Entry) Init() tea.Cmd { return s.cmdRead() }

// Title implements Screen.
func (s *Entry) Title() string { return "Entry" }

// Typing implements Typer.
func (s *Entry) Typing() bool { return s.find != nil }

// Settled reports whether everything that was asked for is on the screen; tests wait for it.
func (s *Entry) Settled() bool {
	if s.d == nil {
		return false
	}
	for _, l := range s.d.lines {
		if _, ok := s.d.codes[l.cred]; l.kind == lineCode && !ok && !s.hidden {
			return false
		}
	}
	return true
}

// Close implements Screen.
func (s *Entry) Close() {
	if s.d != nil {
		s.d.wipe()
		s.d = nil
	}
	s.find = nil
}

func (s *Entry) cmdRead() tea.Cmd {
	return s.env.cmd(func(ctx context.Context) tea.Msg {
		e, err := s.env.Vault.Get(ctx, s.id, true)
		if err != nil {
			return entryRead{err: err}
		}
		folders, err := s.env.folders(ctx)
		return entryRead{e, folders, s.env.extras(ctx, e), err}
	})
}

// extras asks for what the entry itself does not say. What fails is left out: the entry is worth more than who wrote it.
func (e Env) extras(ctx context.Context, en entry.Entry) extras {
	out := extras{keys: map[string]SSHKey{}, cards: e.cardHints(ctx, en), passkeys: e.passkeysOf(ctx, en)}
	if who := writers(en); len(who) > 0 {
		out.authors, _ = e.Vault.Authors(ctx, who)
	}
	for _, c := range en.Credentials {
		if c.Type != entry.SSHKey {
			continue
		}
		if k, err := e.Vault.SSHKey(ctx, en.ID, c.ID); err == nil {
			out.keys[c.ID] = k
		}
	}
	if use, err := e.Vault.Usage(ctx); err == nil {
		out.use = use[en.ID]
	}
	return out
}

// passkeysOf are the passkeys of an entry, by credential.
func (e Env) passkeysOf(ctx context.Context, en entry.Entry) map[string]PasskeyRow {
	is := func(c entry.Credential) bool { return c.Type == entry.Passkey }
	if e.Ports.Passkeys == nil || !slices.ContainsFunc(en.Credentials, is) {
		return nil
	}
	rows, err := e.Ports.Passkeys.Of(ctx, e.Vault, en.ID)
	if err != nil {
		return nil
	}
	out := map[string]PasskeyRow{}
	for _, r := range rows {
		out[r.Cred] = r
	}
	return out
}

// writers lists the writes whose device is shown: of previous values, of those that replaced them, of values in conflict.
func writers(e entry.Entry) []string {
	seen := map[string]bool{}
	var out []string
	add := func(sid string) {
		if !seen[sid] {
			seen[sid] = true
			out = append(out, sid)
		}
	}
	for _, p := range e.History {
		add(string(p.Dot.SID))
		for _, d := range e.Dots[p.HistPath] {
			add(string(d.SID))
		}
	}
	for _, c := range e.Conflicts {
		for _, v := range c.Candidates {
			add(string(v.Dot.SID))
		}
	}
	return out
}

// Update implements Screen.
func (s *Entry) Update(msg tea.Msg) (Screen, tea.Cmd) {
	switch msg := msg.(type) {
	case widget.Press:
		return s, s.key(msg)
	case tea.PasteMsg:
		s.findPaste(msg.Content)
	case Sized:
		s.resize(msg)
	case Click:
		return s, s.click(msg)
	case Wheel:
		s.wheel(msg)
	case Changed:
		return s, s.cmdRead()
	case Tick:
		s.expire()
		return s, s.codes()
	case peekOver:
		s.expire()
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
		s.failed, s.early = s.env.Explain(m.err), nil
		return s.env.fail("Reading the entry failed", m.err)
	}
	was, first := shape(-1), s.d == nil
	if s.d != nil {
		was = s.d.shape
		s.d.wipe()
	}
	clear(s.asking) // an edit may have mended a key that did not work
	d := newDetail(m.entry, m.folders, s.env.Now().Location(), false)
	d.more, d.pastKey = m.more, s.env.Keys.Do.History.Help().Key
	s.d, s.audit = &d, s.env.auditMark(m.entry)
	if was != onlyPast || len(m.entry.History) == 0 {
		was = s.shape()
	}
	s.d.build(was)
	s.list.SetCount(len(d.lines))
	if first {
		s.list.To(s.mainLine())
	}
	s.land(1)
	s.follow()
	return tea.Batch(s.codes(), s.catchUp())
}

// shape is how the entry is laid out at this size.
func (s *Entry) shape() shape {
	if s.size.W >= twoColumnsFrom {
		return twoColumns
	}
	return oneColumn
}

// resize lays the entry out anew where the room asks for it; the cursor stays on its line.
func (s *Entry) resize(m Sized) {
	s.size = m
	s.list.SetHeight(m.H)
	if s.d != nil && s.d.shape != s.shape() && s.d.shape != onlyPast {
		s.reshape(s.shape())
	}
	s.follow()
}

// reshape lays the lines out in another way; the cursor stays on its line where that is still there.
func (s *Entry) reshape(to shape) {
	here, had := s.line()
	s.d.build(to)
	s.list.SetCount(len(s.d.lines))
	s.top = [2]int{}
	for i, l := range s.d.lines {
		if had && l.kind == here.kind && l.name() == here.name() && l.cred == here.cred && l.label == here.label {
			s.list.To(i)
			break
		}
	}
	s.land(1)
}

// mainLine is where the cursor stands first: what needs a decision, the password, else the first value.
func (s *Entry) mainLine() int {
	password, err := s.d.e.Find(entry.FieldName{Alias: "password", N: 1})
	for i, l := range s.d.lines {
		if l.kind == lineCandidate || err == nil && l.path == password.Path && l.kind == lineValue {
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

// plainLook measures rows: how many there are does not depend on colours and glyphs.
var plainLook = theme.New(theme.Options{NoColor: true})

func (s *Entry) answered(a dialog.Answered) tea.Cmd {
	switch {
	case a.Question == askKind && a.Choice != "":
		return s.env.openNew(a.Choice)
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

// Keys implements Screen.
func (s *Entry) Keys() []key.Binding {
	d := s.env.Keys.Do
	if s.find != nil {
		return s.findKeys()
	}
	if s.d == nil {
		return []key.Binding{d.Back}
	}
	l, _ := s.line()
	row := d.CopyRow
	if l.kind == lineFile || l.kind == lineCandidate { // Enter does something else there
		row = widget.Bind(row.Help().Desc, row.Keys()[1:]...)
		row.SetEnabled(l.kind == lineCandidate)
	}
	ks := []key.Binding{row}
	if l.concealed {
		ks = append(ks, d.Reveal)
	}
	ks = append(append(ks, s.copyKeys()...), d.Edit)
	if l.concealed && l.kind != lineCode {
		ks = append(ks, d.Peek)
	}
	if l.kind != lineInfo && l.kind != lineFile {
		ks = append(ks, d.QR)
	}
	ks = append(ks, d.RevealAll, d.History, d.Find, d.AddFile, d.Delete, d.Undo, d.New, d.Back)
	ks = append(append(ks, s.env.roomKeys()...), d.Trash)
	switch {
	case l.kind == lineCandidate:
		ks = append([]key.Binding{d.KeepValue}, ks...)
	case !s.d.e.Trashed.IsZero():
		ks = append([]key.Binding{d.Restore, d.Purge}, ks...)
	case l.kind == lineHistory:
		ks = append([]key.Binding{d.Restore}, ks...)
	case l.kind == lineFile:
		ks = append([]key.Binding{d.SaveFile}, ks...)
	case s.wifi(l):
		ks = append([]key.Binding{d.QR}, ks...)
	}
	return once(ks)
}

// copyKeys are the keys of what the entry has.
func (s *Entry) copyKeys() (ks []key.Binding) {
	d, has := s.env.Keys.Do, map[CopyWhat]bool{}
	for _, p := range partsOf(s.d.e) {
		has[p.What] = true
	}
	for _, k := range []struct {
		what CopyWhat
		key  key.Binding
	}{{CopyPassword, d.Password}, {CopyUser, d.User}, {CopyCode, d.Code}} {
		if has[k.what] {
			ks = append(ks, k.key)
		}
	}
	if len(ks) > 1 {
		ks = append(ks, d.CopyNext)
	}
	_, passkey := s.d.e.Credential(entry.Passkey)
	if s.env.Ports.Browser != nil && (passkey || len(addresses(s.d.e)) > 0) {
		ks = append(ks, d.OpenURL)
	}
	return ks
}

// wifi reports whether a line belongs to a network that can be joined by a QR code.
func (s *Entry) wifi(l detailLine) bool {
	for _, c := range s.d.e.Credentials {
		if c.ID == l.cred {
			return c.Type == entry.WiFi
		}
	}
	return false
}
