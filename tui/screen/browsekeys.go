package screen

import (
	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"signet/tui/dialog"
	"signet/tui/widget"
	"signet/vault/entry"
)

func (b *Browse) key(p widget.Press) tea.Cmd {
	k := b.env.Keys
	if b.held != nil {
		if key.Matches(p, k.Do.Back) {
			b.held = nil
		}
		return nil // what comes after a held key would be meant for the screen that it opens
	}
	if b.stale() && b.acts(p) {
		b.held = &p
		return nil
	}
	if b.typing && p.Typed() != "" {
		b.search.Key(k.Edit, p)
		return b.cmdSearch()
	}
	if k.Move.moved(&b.list, p) {
		return b.look()
	}
	switch {
	case key.Matches(p, k.Do.Open):
		if row, ok := b.current(); ok {
			return b.env.say(OpenEntry{row.ID})
		}
		return nil
	case key.Matches(p, k.Do.Back):
		return b.back()
	case key.Matches(p, k.Do.Leave):
		if b.trash {
			return b.env.say(Back{})
		}
		return b.env.say(Quit{})
	case key.Matches(p, k.Do.Focus):
		b.typing = !b.typing
		return nil
	case key.Matches(p, k.Do.Search):
		b.typing = true
		return nil
	case b.trash && key.Matches(p, k.Do.PurgeAll):
		return b.askPurgeAll()
	}
	if cmd, ok := b.env.act(p, b.subject()); ok {
		return cmd
	}
	if b.typing {
		before := b.search.Text()
		b.search.Key(k.Edit, p)
		if b.search.Text() != before {
			return b.cmdSearch()
		}
	}
	return nil
}

// acts reports whether a key does something with the entry under the cursor.
func (b *Browse) acts(p widget.Press) bool {
	if b.typing && p.Typed() != "" {
		return false
	}
	d := b.env.Keys.Do
	return key.Matches(p, d.Open, d.Password, d.User, d.Code, d.Edit, d.Delete, d.Restore, d.Purge)
}

// back clears the search first, then gives the keys to the list, then leaves.
func (b *Browse) back() tea.Cmd {
	switch {
	case b.search.Len() > 0:
		b.search.Wipe()
		return b.cmdSearch()
	case b.trash:
		return b.env.say(Back{})
	case b.typing:
		b.typing = false
		return nil
	}
	b.typing = true
	return nil
}

func (b *Browse) askPurgeAll() tea.Cmd {
	if b.index == nil || len(b.index.rows) == 0 {
		return nil
	}
	return b.env.writable(func() tea.Cmd {
		return b.env.ask(dialog.Choice{
			ID: askPurgeAll, Title: "Empty the trash?",
			Text:    "Everything in the trash goes with its history. This cannot be undone.",
			Options: []dialog.Option{{ID: "", Label: "Keep it"}, {ID: "yes", Label: "Empty the trash", Danger: true}},
		})
	})
}

func (b *Browse) answered(a dialog.Answered) tea.Cmd {
	switch {
	case a.Question == askKind && a.Choice != "":
		return b.env.say(OpenNew{entry.Kind(a.Choice)})
	case a.Question == askPurge && a.Choice == "yes":
		if s := b.subject(); s.id != "" {
			return b.env.cmdPurge([]entry.ID{s.id})
		}
	case a.Question == askPurgeAll && a.Choice == "yes" && b.index != nil:
		ids := make([]entry.ID, len(b.index.rows))
		for i, r := range b.index.rows {
			ids[i] = r.ID
		}
		return b.env.cmdPurge(ids)
	}
	return nil
}

// Keys implements Screen.
func (b *Browse) Keys() []key.Binding {
	d, m := b.env.Keys.Do, b.env.Keys.Move
	ks := []key.Binding{d.Open, d.Password, d.User, d.Code, d.New, d.Edit, d.Focus, d.Delete, d.Trash, d.Undo, d.Import, m.Up, m.Down, m.PageUp, m.PageDown, m.First, m.Last, d.Search, d.Back, d.Leave}
	if b.trash {
		ks = []key.Binding{d.Open, d.Restore, d.Purge, d.PurgeAll, d.Back, d.Focus, d.Undo, m.Up, m.Down, m.PageUp, m.PageDown, m.First, m.Last, d.Search, d.Leave}
	}
	ks = append(ks, b.env.roomKeys()...)
	if b.env.Info.ReadOnly {
		ks = append([]key.Binding{d.Enrol}, ks...)
	}
	if b.typing {
		ks = widget.TypingAll(ks...)
	}
	return ks
}
