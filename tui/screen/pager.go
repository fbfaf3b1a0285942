package screen

import "signet/tui/widget"

// pager is a text of many lines that is looked through. For a screen reader the cursor goes from line to line, so that each is read
// when it is reached; otherwise the lines move.
type pager struct {
	linear bool
	count  int // lines
	height int
	at     int // the line of the cursor, or the first one that is visible
}

// list is the pager as a list: of lines, or of the places where its top can be.
func (p *pager) list() widget.List {
	l := widget.List{Count: p.count, Height: max(1, p.height)}
	if !p.linear {
		l.Count = max(1, p.count-l.Height+1)
	}
	l.To(p.at)
	return l
}

func (p *pager) key(k MoveKeys, press widget.Press) bool {
	l := p.list()
	ok := k.moved(&l, press)
	p.at = l.Cursor
	return ok
}

func (p *pager) wheel(by int) {
	l := p.list()
	l.Move(3 * by)
	p.at = l.Cursor
}

// window is the first visible line of count lines in h rows, and where the cursor stands in them.
func (p pager) window(count, h int) (from int, cur widget.Cursor) {
	p.count, p.height = count, h
	l := p.list()
	if !p.linear {
		return l.Cursor, widget.Cursor{}
	}
	return l.Top, widget.Cursor{Y: l.Cursor - l.Top, Shown: h > 0}
}
