package screen

import (
	"time"

	tea "charm.land/bubbletea/v2"
)

// look asks for the entry under the cursor when there is room to show it.
func (b *Browse) look() tea.Cmd {
	row, ok := b.current()
	if !b.wide || !ok {
		b.dropPreview()
		return nil
	}
	if b.preview != nil && b.preview.e.ID == row.ID {
		return nil
	}
	return b.cmdPreview(row.ID)
}

func (b *Browse) showPreview(m previewed) {
	row, ok := b.current()
	if m.err != nil || !ok || row.ID != m.entry.ID || !b.wide {
		m.Wipe()
		return
	}
	b.dropPreview()
	d := newDetail(m.entry, b.found.x.folders, b.zone(), true)
	d.more.cards = m.cards
	b.preview = &d
}

func (b *Browse) zone() *time.Location { return b.env.Now().Location() }

func (b *Browse) dropPreview() {
	if b.preview != nil {
		b.preview.wipe()
		b.preview = nil
	}
}
