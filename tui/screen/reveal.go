package screen

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"signet/vault/entry"
	"signet/vault/secret"
)

// How long a revealed value stays in view.
const (
	revealFor = 30 * time.Second
	// A glance: as long as the key is held (its repeats keep coming), and a little longer; a single press shows it for glanceFor,
	// because nobody reads a password in the time of a key press, and some keyboards wait long before they repeat.
	glanceFor  = 3 * time.Second
	glanceHold = 1500 * time.Millisecond
)

// Messages about revealed values.
type (
	revealed struct {
		path  string // the line's name
		value secret.Secret
		err   error
	}
	coded struct {
		cred string
		code Code
		err  error
	}
	// revealCode is what is done once the user may see a one-time code: it goes live, or one of a counter is used up.
	revealCode struct{ cred string }
	// revealRow is what is done once the user may see: show the row of that name, or every row.
	revealRow struct {
		path   string
		glance bool
	}
	// peekOver comes when a glance may be over.
	peekOver struct{}
)

// Wipe implements Wiper.
func (m revealed) Wipe() { m.value.Wipe() }

// Wipe implements Wiper.
func (m coded) Wipe() { m.code.Wipe() }

// peek is a row that is shown for a moment.
type peek struct {
	path  string // "" when there is none
	until time.Time
}

func (s *Entry) cmdReveal(l detailLine) tea.Cmd {
	return s.env.cmd(func(ctx context.Context) tea.Msg {
		if l.kind == lineHistory {
			v, err := s.env.Vault.Past(ctx, s.id, l.past)
			return revealed{l.name(), v, err}
		}
		dot := ""
		if l.kind == lineCandidate {
			dot = l.note
		}
		v, err := s.env.candidate(ctx, entry.FieldRef{Record: s.id, Path: l.path}, dot)
		return revealed{l.name(), v, err}
	})
}

// candidate reads one live value of a field: the displayed one, or that of a dot. The others are wiped.
func (e Env) candidate(ctx context.Context, ref entry.FieldRef, dot string) (secret.Secret, error) {
	values, err := e.Vault.Field(ctx, ref)
	if err != nil {
		return secret.Secret{}, err
	}
	found, ok := secret.Secret{}, false
	for _, v := range values {
		if !ok && (dot == "" || v.Dot.String() == dot) {
			found, ok = v.Value, true
			continue
		}
		v.Value.Wipe()
	}
	if !ok {
		return secret.Secret{}, errNothing
	}
	return found, nil
}

func (s *Entry) cmdCode(cred string, advance bool) tea.Cmd {
	s.asking[cred] = true
	return s.env.cmd(func(ctx context.Context) tea.Msg {
		c, err := s.env.Vault.Code(ctx, CodeRef{Entry: s.id, Cred: cred, At: s.env.Now(), Advance: advance})
		return coded{cred, c, err}
	})
}

// codes asks for every one-time code that is missing or over.
func (s *Entry) codes() tea.Cmd {
	if s.d == nil || s.hidden {
		return nil
	}
	var cmds []tea.Cmd
	for _, l := range s.d.lines {
		if l.kind != lineCode || s.asking[l.cred] {
			continue
		}
		c, ok := s.d.codes[l.cred]
		if !ok || !c.Counter && !s.env.Now().Before(c.Until) {
			cmds = append(cmds, s.cmdCode(l.cred, false))
		}
	}
	return tea.Batch(cmds...)
}

func (s *Entry) takeCode(m coded) tea.Cmd {
	delete(s.asking, m.cred)
	if s.d == nil {
		m.Wipe()
		return nil
	}
	if m.err != nil {
		s.asking[m.cred] = true // not again and again: a key that does not work stays so
		return s.env.fail("No code", m.err)
	}
	s.d.codes[m.cred].Wipe()
	s.d.codes[m.cred] = m.code
	return s.codes() // it may be over by the time it arrives
}

func (s *Entry) show(m revealed) tea.Cmd {
	if m.err != nil {
		return s.env.fail("Not revealed", m.err)
	}
	if s.d == nil {
		m.Wipe()
		return nil
	}
	s.d.shown[m.path].Wipe()
	s.d.shown[m.path] = m.value
	s.follow()
	return nil
}

// toggle shows or hides the row under the cursor; of a conflict all values, because they are there to be compared.
func (s *Entry) toggle() tea.Cmd {
	l, ok := s.line()
	if !ok || !l.concealed {
		return nil
	}
	if l.kind == lineCode {
		return s.toggleCode(l)
	}
	if _, shown := s.d.shown[l.name()]; shown && s.peek.path != l.name() {
		s.hide(l)
		return nil
	}
	s.peek = peek{}
	return s.env.prove(revealRow{path: l.name()})
}

// toggleCode shows the next code beside the present one, or makes one of a counter.
func (s *Entry) toggleCode(l detailLine) tea.Cmd {
	switch {
	case s.hidden || s.d.codes[l.cred].Counter:
		return s.env.prove(revealCode{l.cred})
	case s.d.next[l.cred]:
		delete(s.d.next, l.cred)
	default:
		s.d.next[l.cred], s.until = true, s.env.Now().Add(revealFor)
	}
	return nil
}

// hide covers a row again, and with a value in conflict the others.
func (s *Entry) hide(l detailLine) {
	for _, o := range s.d.lines {
		if o.name() == l.name() || l.kind == lineCandidate && o.kind == lineCandidate && o.conflict == l.conflict {
			s.d.shown[o.name()].Wipe()
			delete(s.d.shown, o.name())
		}
	}
}

// glance shows the row under the cursor while its key is held.
func (s *Entry) glance() tea.Cmd {
	l, ok := s.line()
	if !ok || !l.concealed || l.kind == lineCode {
		return nil
	}
	if _, shown := s.d.shown[l.name()]; shown && s.peek.path != l.name() {
		return nil // it is revealed for longer than a glance
	}
	if s.peek.path == l.name() {
		if next := s.env.Now().Add(glanceHold); next.After(s.peek.until) {
			s.peek.until = next
		}
		return s.cmdPeekOver()
	}
	s.endPeek()
	return s.env.prove(revealRow{path: l.name(), glance: true})
}

// cmdPeekOver comes back when the glance ends; the clock port decides whether it did.
func (s *Entry) cmdPeekOver() tea.Cmd {
	ctx, id, wait := s.env.Ctx, s.env.ID, s.peek.until.Sub(s.env.Now())+20*time.Millisecond
	return func() tea.Msg {
		select {
		case <-time.After(wait):
			return Answer{id, peekOver{}}
		case <-ctx.Done():
			return nil
		}
	}
}

func (s *Entry) endPeek() {
	if s.peek.path != "" && s.d != nil {
		s.d.shown[s.peek.path].Wipe()
		delete(s.d.shown, s.peek.path)
	}
	s.peek = peek{}
}

// expire hides what was in view for long enough.
func (s *Entry) expire() {
	now := s.env.Now()
	if s.d == nil {
		return
	}
	if s.peek.path != "" && !now.Before(s.peek.until) {
		s.endPeek()
	}
	if !s.until.IsZero() && !now.Before(s.until) {
		s.until = time.Time{}
		s.d.hideAll()
		s.peek = peek{}
		s.follow()
	}
}

func (s *Entry) showCode(m revealCode) tea.Cmd {
	if s.d == nil {
		return nil
	}
	if s.hidden = false; s.d.codes[m.cred].Counter {
		return s.cmdCode(m.cred, true)
	}
	return s.codes()
}

// toggleAll shows all concealed values, or hides them when one is shown. Previous values and those of an import stay hidden: they
// are asked for one by one.
func (s *Entry) toggleAll() tea.Cmd {
	if len(s.d.shown) > 0 {
		s.d.hideAll()
		s.peek = peek{}
		return nil
	}
	return s.env.prove(revealRow{})
}

func (s *Entry) revealRows(m revealRow) tea.Cmd {
	if s.d == nil {
		return nil
	}
	if m.glance {
		s.peek = peek{m.path, s.env.Now().Add(glanceFor)}
	} else {
		s.until = s.env.Now().Add(revealFor)
	}
	var cmds []tea.Cmd
	for i, l := range s.d.lines {
		if l.concealed && l.kind != lineCode && s.meant(l, i, m) {
			cmds = append(cmds, s.cmdReveal(l))
		}
	}
	if m.glance {
		cmds = append(cmds, s.cmdPeekOver())
	}
	return tea.Batch(cmds...)
}

// meant reports whether a request to reveal covers a line.
func (s *Entry) meant(l detailLine, i int, m revealRow) bool {
	switch {
	case m.path == "":
		return (l.kind == lineValue || l.kind == lineCandidate) && i < s.d.side
	case l.name() == m.path:
		return true
	}
	return !m.glance && l.kind == lineCandidate && s.sameConflict(l, m.path)
}

func (s *Entry) sameConflict(l detailLine, name string) bool {
	for _, o := range s.d.lines {
		if o.name() == name {
			return o.kind == lineCandidate && o.conflict == l.conflict
		}
	}
	return false
}
