package screen

import tea "charm.land/bubbletea/v2"

// wheelRows is how many rows one notch of the wheel scrolls.
const wheelRows = 3

// click puts the cursor on a row, and opens it with the second click; a click into the search line gives it the keys.
func (b *Browse) click(c Click) tea.Cmd {
	if b.pick != nil {
		return b.pickClicked(c)
	}
	l := splitBrowse(b.w, b.h)
	if inside(l.Search, c.X, c.Y) {
		b.typing = true
		return nil
	}
	from, to := b.list.Visible(l.List.H)
	row := from + c.Y - l.List.Y
	if !inside(l.List, c.X, c.Y) || row >= to {
		return nil
	}
	same := row == b.list.Cursor
	b.list.To(row)
	b.moved = true
	if r, ok := b.current(); ok && c.Double && same && !b.stale() {
		return b.env.say(OpenEntry{r.ID})
	}
	return b.look()
}

func (b *Browse) pickClicked(c Click) tea.Cmd {
	top := pickerTop(b.h, b.pick)
	from, to := b.pick.list.Visible(b.h - top)
	if row := from + c.Y - top; c.Y >= top && row < to {
		b.pick.list.To(row)
	}
	return nil
}

// pickerTop is the line at which a picker's options begin.
func pickerTop(h int, p *picker) int {
	if p.note != "" || h >= roomyFrom {
		return 3
	}
	return 2
}

// wheel scrolls the list below the pointer; the cursor stays where it is as long as that can be seen.
func (b *Browse) wheel(w Wheel) tea.Cmd {
	if b.pick != nil {
		b.pick.list.Scroll(w.By * wheelRows)
		return nil
	}
	if !inside(splitBrowse(b.w, b.h).List, w.X, w.Y) {
		return nil
	}
	b.list.Scroll(w.By * wheelRows)
	return b.look()
}

func inside(r Rect, x, y int) bool { return x >= r.X && x < r.X+r.W && y >= r.Y && y < r.Y+r.H }
