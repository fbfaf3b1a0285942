package screen

import (
	"context"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"signet/internal/sanitize"
	"signet/tui/dialog"
	"signet/tui/widget"
	"signet/vault/entry"
)

func (s *Entry) key(p widget.Press) tea.Cmd {
	k := s.env.Keys.Do
	if s.find != nil {
		return s.findKey(p)
	}
	if s.d != nil && s.moved(p) {
		return nil
	}
	switch {
	case key.Matches(p, k.Back), key.Matches(p, k.Leave):
		return s.leave()
	case s.d == nil && s.failed == "" && len(s.early) < maxEarly:
		s.early = append(s.early, p)
		return nil
	case s.d == nil:
		return nil
	}
	if cmd, ok := s.rowKey(p); ok {
		return cmd
	}
	switch {
	case key.Matches(p, k.RevealAll):
		return s.toggleAll()
	case key.Matches(p, k.History):
		s.toPast()
		return nil
	case key.Matches(p, k.Find):
		s.startFind()
		return nil
	case key.Matches(p, k.AddFile) && s.d.e.Trashed.IsZero():
		return s.env.writable(func() tea.Cmd { return s.env.say(OpenFile{Entry: s.id, Title: s.d.e.Title}) })
	}
	cmd, _ := s.env.act(p, subject{id: s.id, title: s.d.e.Title, trashed: !s.d.e.Trashed.IsZero()})
	return cmd
}

// maxEarly is how many keys wait for the entry: more than anybody types in the milliseconds that reading takes.
const maxEarly = 8

// catchUp lets the keys act that came before the entry was there: movements, and one that does something. What came after that one was meant for the
// screen or the question that it opens.
func (s *Entry) catchUp() tea.Cmd {
	early := s.early
	s.early = nil
	for _, p := range early {
		if !s.moved(p) {
			return s.key(p)
		}
	}
	return nil
}

// rowKey runs what is done with the line under the cursor.
func (s *Entry) rowKey(p widget.Press) (tea.Cmd, bool) {
	k := s.env.Keys.Do
	l, ok := s.line()
	if !ok {
		return nil, false
	}
	switch {
	case l.kind == lineCandidate && (key.Matches(p, k.Open) || key.Matches(p, k.KeepValue)):
		return s.keep(l), true
	case l.kind == lineFile && (key.Matches(p, k.Open) || key.Matches(p, k.SaveFile)):
		return s.saveFile(l), true
	case key.Matches(p, k.Open), key.Matches(p, k.CopyRow):
		return s.copyRow(), true
	case key.Matches(p, k.Reveal):
		return s.toggle(), true
	case key.Matches(p, k.Peek):
		return s.glance(), true
	case key.Matches(p, k.QR):
		return s.qr(l), true
	case key.Matches(p, k.OpenURL):
		return s.env.say(OpenURL{ID: s.id, Path: l.path}), true
	case key.Matches(p, k.Restore) && s.d.e.Trashed.IsZero() && l.kind == lineHistory:
		return s.restorePast(), true
	}
	return nil, false
}

// leave closes the history first where it stands alone.
func (s *Entry) leave() tea.Cmd {
	if s.d != nil && s.d.shape == onlyPast {
		s.toPast()
		return nil
	}
	return s.env.say(Back{})
}

// toPast jumps to the history and back. Where there is one column the history gets the screen for itself.
func (s *Entry) toPast() {
	if s.d.shape == onlyPast || s.back >= 0 {
		if s.d.shape == onlyPast {
			s.reshape(s.shape())
		}
		s.list.To(max(s.back, 0))
		s.back = -1
		s.land(1)
		s.follow()
		return
	}
	if len(s.d.e.History) == 0 {
		s.env.say(Notify{Text: "This entry has no previous values"})
		return
	}
	s.back = s.list.Cursor
	if s.d.shape == oneColumn {
		s.reshape(onlyPast)
	}
	for i, l := range s.d.lines {
		if l.kind == lineHistory {
			s.list.To(i)
			break
		}
	}
	s.follow()
}

func (s *Entry) copyRow() tea.Cmd {
	l, ok := s.line()
	if !ok {
		return nil
	}
	name := sanitize.Line(l.label)
	switch l.kind {
	case lineCode:
		delete(s.asking, l.cred)
		s.d.codes[l.cred].Wipe()
		delete(s.d.codes, l.cred)
		return tea.Batch(s.env.say(Copy{What: CopyCode, ID: s.id, Path: l.cred}), s.codes())
	case lineHistory:
		return s.env.say(Copy{What: CopyPast, ID: s.id, Past: l.past})
	case lineComposed:
		return s.env.say(Copy{What: CopyComposed, ID: s.id, Path: l.cred, Name: name})
	case lineCandidate:
		return s.env.say(Copy{What: CopyField, ID: s.id, Path: l.path, Candidate: l.note, Name: sanitize.Line(s.d.pathLabel(l.path)), Concealed: l.concealed})
	case lineValue:
		return s.env.say(Copy{What: CopyField, ID: s.id, Path: l.path, Name: name, Concealed: l.concealed})
	case lineInfo:
		return s.env.say(Copy{What: CopyText, ID: s.id, Text: l.text, Name: orElse(name, "Text")})
	case lineHeading, lineFile:
	}
	return nil
}

const askRestorePast = "restore value"

// restorePast offers to write the previous value under the cursor back.
func (s *Entry) restorePast() tea.Cmd {
	l, _ := s.line()
	return s.env.writable(func() tea.Cmd {
		return s.env.ask(dialog.Choice{
			ID: askRestorePast, Title: "Write this value back?",
			Text:    s.d.pathLabel(l.past.Path) + " becomes what it was on " + s.d.day(l.past.Written) + ". The present value goes to the history.",
			Options: []dialog.Option{{ID: "", Label: "Leave it"}, {ID: "yes", Label: "Write it back"}},
		})
	})
}

// keep settles a conflict: one edit writes the chosen value over all of them, and the others go to the history. A value that came
// since the screen was drawn is not swept away unseen.
func (s *Entry) keep(l detailLine) tea.Cmd {
	if !s.d.e.Trashed.IsZero() {
		return s.env.say(Notify{Text: "Take the entry out of the trash first"})
	}
	ref := entry.FieldRef{Record: s.id, Path: l.path}
	base := entry.Base{ref: s.d.e.Dots[l.path]}
	name := sanitize.Line(s.d.pathLabel(l.path))
	return s.env.writable(func() tea.Cmd {
		return s.env.cmdStep(name+" is settled; the other value is in the history", "settling "+name, func(ctx context.Context) (Applied, error) {
			value, err := s.env.candidate(ctx, ref, l.note)
			if err != nil {
				return Applied{}, err
			}
			defer value.Wipe()
			return s.env.Vault.Apply(ctx, base, []entry.Edit{{FieldRef: ref, Value: value}})
		})
	})
}

// saveFile asks where an attachment is written.
func (s *Entry) saveFile(l detailLine) tea.Cmd {
	for _, c := range s.d.e.Credentials {
		if c.ID == l.cred {
			return s.env.say(OpenFile{Entry: s.id, Cred: l.cred, Title: s.d.e.Title, Name: c.Text("name"), Size: c.Size()})
		}
	}
	return nil
}
