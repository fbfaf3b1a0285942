package screen

import (
	"slices"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"signet/tui/dialog"
	"signet/tui/widget"
	"signet/vault/entry"
)

func (b *Browse) key(p widget.Press) tea.Cmd {
	k := b.env.Keys
	if b.pick != nil {
		return b.picked(p)
	}
	if b.held != nil {
		if key.Matches(p, k.Do.Back) {
			b.held = nil
		}
		return nil // what comes after a held key would be meant for the screen that it opens
	}
	if b.acts(p) && (b.stale() || b.here().loading && b.writes(p)) {
		b.held = &p
		return nil
	}
	if b.typing && p.Typed() != "" {
		b.search.Key(k.Edit, p)
		return tea.Batch(b.reuse(), b.typed())
	}
	if key.Matches(p, k.Do.Take, k.Do.Into, k.Do.Password, k.Do.User, k.Do.Code, k.Do.CopyNext) {
		b.used = true
	}
	if k.Move.moved(&b.list, p) {
		b.moved = true
		return b.look()
	}
	if cmd, ok := b.steer(p); ok {
		return cmd
	}
	if cmd, ok := b.many(p); ok {
		return cmd
	}
	if cmd, ok := b.env.act(p, b.subject()); ok {
		return cmd
	}
	if b.typing {
		before := b.search.Text()
		b.search.Key(k.Edit, p)
		if b.search.Text() != before {
			return b.typed()
		}
	}
	return nil
}

// steer are the keys that move between the search line, the list and other screens.
func (b *Browse) steer(p widget.Press) (tea.Cmd, bool) {
	k := b.env.Keys.Do
	switch {
	case key.Matches(p, k.Take):
		return b.primary(), true
	case key.Matches(p, k.Into) && !b.inText(p):
		return b.into(), true
	case key.Matches(p, k.Back):
		return b.back(), true
	case key.Matches(p, k.Leave):
		if b.trash {
			return b.env.say(Back{}), true
		}
		return b.env.say(Quit{}), true
	case key.Matches(p, k.Focus):
		if b.typing && b.offers.any() {
			return b.complete(), true
		}
		b.typing, b.moved = !b.typing, false
		return nil, true
	case key.Matches(p, k.Search):
		b.typing = true
		return nil, true
	case key.Matches(p, k.Sort):
		return b.sort(), true
	case key.Matches(p, k.Folders):
		return b.env.say(OpenFolders{}), true
	}
	return nil, false
}

// primary copies what an entry is there for: its password, else its code. Start, three letters, this key, copied. What has neither is opened, and so is what
// lies in the trash.
func (b *Browse) primary() tea.Cmd {
	row, ok := b.current()
	switch {
	case !ok:
		return nil
	case b.side() == inTrash || !row.Has.Password && !row.Has.TOTP:
		return b.into()
	case row.Has.Password:
		return b.env.say(Copy{What: CopyPassword, ID: row.ID})
	}
	return b.env.say(Copy{What: CopyCode, ID: row.ID})
}

func (b *Browse) into() tea.Cmd {
	if row, ok := b.current(); ok {
		return b.env.say(OpenEntry{row.ID})
	}
	return nil
}

// inText reports whether a key still moves inside the search line: the way right is into the entry only from its end.
func (b *Browse) inText(p widget.Press) bool {
	return b.typing && key.Matches(p, b.env.Keys.Edit.Right) && !b.search.AtEnd()
}

// sort goes on to the next order; the cursor stays on its entry.
func (b *Browse) sort() tea.Cmd {
	if b.env.Memory == nil {
		b.env.Memory = &Memory{}
	}
	b.env.Memory.sort = (b.env.Memory.sort + 1) % orders
	b.env.say(Notify{Text: "Sorted: " + b.order().String()})
	return b.cmdSearch(true)
}

// acts reports whether a key does something with the entry under the cursor.
func (b *Browse) acts(p widget.Press) bool {
	if b.typing && p.Typed() != "" {
		return false
	}
	d := b.env.Keys.Do
	return key.Matches(p, d.Take, d.Into, d.Password, d.User, d.Code, d.Edit, d.Delete, d.Restore, d.Purge, d.Mark, d.MarkAll, d.Tag, d.Move, d.Favorite, d.Export,
		d.OpenURL, d.CopyNext, d.QR)
}

// reuse reads how often entries were used again, when some was used since, so that the next search ranks by it. Only where that is cheap.
func (b *Browse) reuse() tea.Cmd {
	if _, cheap := b.env.Vault.(Differ); !cheap || !b.used || b.index() == nil {
		return nil
	}
	b.used, b.rerank = false, true
	return b.load(b.side())
}

// writes reports whether a key changes entries. While the list is read again it waits: what it would go by may be old.
func (b *Browse) writes(p widget.Press) bool {
	d := b.env.Keys.Do
	return key.Matches(p, d.Delete, d.Restore, d.Purge, d.Tag, d.Move, d.Favorite)
}

// back takes the marks away first, then the search, then gives the keys to the list, then leaves.
func (b *Browse) back() tea.Cmd {
	switch {
	case b.marks.any():
		b.marks.clear()
		return nil
	case b.search.Len() > 0:
		b.search.Wipe()
		return b.typed()
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
	if b.index() == nil || len(b.index().items) == 0 {
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
		return b.env.openNew(a.Choice)
	case a.Question == askPurge && a.Choice == "yes":
		if s := b.subject(); s.id != "" {
			return b.env.cmdPurge([]entry.ID{s.id})
		}
	case a.Question == askPurgeMarked && a.Choice == "yes":
		return b.env.cmdPurge(idsOf(b.marked()))
	case a.Question == askPurgeAll && a.Choice == "yes" && b.index() != nil:
		ids := make([]entry.ID, len(b.index().items))
		for i, it := range b.index().items {
			ids[i] = it.row.ID
		}
		return b.env.cmdPurge(ids)
	}
	return nil
}

// Keys implements Screen.
func (b *Browse) Keys() []key.Binding {
	if b.pick != nil {
		return b.pick.keys(b.env.Keys)
	}
	d := b.env.Keys.Do
	list := append(b.env.roomKeys(), d.Focus, d.Search, d.Back, d.Leave, d.Sort, d.Mark, d.MarkTo, d.MarkAll)
	var ks []key.Binding
	switch {
	case b.side() == inTrash && b.marks.any():
		ks = append([]key.Binding{d.Restore, d.Purge, d.Back, d.Mark, d.MarkAll, d.PurgeAll, d.Into, d.Undo}, list...)
	case b.side() == inTrash:
		ks = append([]key.Binding{d.Into, d.Restore, d.Purge, d.PurgeAll, d.Back, d.Mark, d.Undo}, list...)
	case b.marks.any():
		ks = append([]key.Binding{d.Tag, d.Move, d.Favorite, d.Delete, d.Export, d.Back, d.Mark, d.MarkTo, d.MarkAll, d.Undo, d.Take, d.Into, d.Folders}, list...)
	default:
		ks = append([]key.Binding{d.Take, d.Into, d.Password, d.User, d.Code, d.New, d.Edit, d.Focus, d.CopyNext, d.OpenURL, d.QR, d.Folders, d.Delete, d.Tag, d.Move, d.Favorite, d.Mark, d.Sort,
			d.Trash, d.Undo, d.Import, d.Export}, list...)
	}
	if b.env.Info.ReadOnly {
		ks = append([]key.Binding{d.Enrol}, ks...)
	}
	if b.env.Ports.Exporter == nil {
		ks = slices.DeleteFunc(ks, func(k key.Binding) bool { return k.Help().Desc == d.Export.Help().Desc })
	}
	if b.typing {
		ks = widget.TypingAll(ks...)
	}
	return once(ks)
}

// once leaves every binding where it stands first.
func once(ks []key.Binding) []key.Binding {
	seen := map[string]bool{}
	out := ks[:0]
	for _, k := range ks {
		if d := k.Help().Desc; !seen[d] {
			seen[d] = true
			out = append(out, k)
		}
	}
	return out
}
