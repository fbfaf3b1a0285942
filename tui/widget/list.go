package widget

// List is a cursor over Count rows of which Height are visible. It holds no rows: whoever draws asks for the range.
type List struct {
	Count, Height int
	Cursor, Top   int
}

// SetCount gives the list another number of rows; the cursor stays where it can.
func (l *List) SetCount(n int) {
	l.Count = n
	l.To(l.Cursor)
}

// SetHeight says how many rows fit.
func (l *List) SetHeight(h int) {
	l.Height = max(h, 0)
	l.To(l.Cursor)
}

// To puts the cursor on a row, and scrolls as little as needed.
func (l *List) To(i int) {
	l.Cursor = min(max(i, 0), max(l.Count-1, 0))
	h := max(l.Height, 1)
	l.Top = min(max(l.Top, l.Cursor-h+1), l.Cursor)
	l.Top = min(max(l.Top, 0), max(l.Count-h, 0))
}

// Move moves the cursor by d rows; past the ends it stops.
func (l *List) Move(d int) { l.To(l.Cursor + d) }

// Page moves by whole pages and keeps one row of the old one.
func (l *List) Page(d int) { l.Move(d * max(l.Height-1, 1)) }

// Visible is the range of rows to draw in h lines. It is pure: a view may have another height than the last message said.
func (l List) Visible(h int) (from, to int) {
	l.SetHeight(h)
	return l.Top, min(l.Top+l.Height, l.Count)
}

// Scroll moves what is visible by d rows; the cursor comes along only as far as it has to, to stay visible.
func (l *List) Scroll(d int) {
	h := max(l.Height, 1)
	l.Top = min(max(l.Top+d, 0), max(l.Count-h, 0))
	l.To(min(max(l.Cursor, l.Top), l.Top+h-1))
}
