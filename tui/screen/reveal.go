package screen

import (
	"context"

	tea "charm.land/bubbletea/v2"

	"signet/vault/entry"
)

func (s *Entry) cmdReveal(l detailLine) tea.Cmd {
	return s.env.cmd(func(ctx context.Context) tea.Msg {
		if l.kind == lineHistory {
			v, err := s.env.Vault.Past(ctx, s.id, l.past)
			return revealed{l.path, v, err}
		}
		values, err := s.env.Vault.Field(ctx, entry.FieldRef{Record: s.id, Path: l.path})
		if err != nil || len(values) == 0 {
			return revealed{path: l.path, err: err}
		}
		for _, v := range values[1:] {
			v.Value.Wipe()
		}
		return revealed{l.path, values[0].Value, nil}
	})
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
	return nil
}

// toggle shows or hides the row under the cursor.
func (s *Entry) toggle() tea.Cmd {
	l, ok := s.line()
	if !ok || !l.concealed {
		return nil
	}
	if l.kind == lineCode {
		if s.hidden || s.d.codes[l.cred].Counter {
			return s.env.prove(revealCode{l.cred})
		}
		return nil
	}
	if v, shown := s.d.shown[l.path]; shown {
		v.Wipe()
		delete(s.d.shown, l.path)
		return nil
	}
	return s.env.prove(revealRow{l.path})
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

// toggleAll shows all concealed values, or hides them when one is shown. Previous values stay hidden: they are asked for one by one.
func (s *Entry) toggleAll() tea.Cmd {
	if len(s.d.shown) > 0 {
		s.d.hideAll()
		return nil
	}
	return s.env.prove(revealRow{})
}

func (s *Entry) revealRows(m revealRow) tea.Cmd {
	if s.d == nil {
		return nil
	}
	var cmds []tea.Cmd
	for _, l := range s.d.lines {
		if l.concealed && (l.path == m.path || m.path == "" && l.kind == lineValue) {
			cmds = append(cmds, s.cmdReveal(l))
		}
	}
	return tea.Batch(cmds...)
}
