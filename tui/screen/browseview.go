package screen

import (
	"strconv"
	"strings"

	"signet/tui/widget"
)

func joinPath(parts []string) string { return strings.Join(parts, " / ") }

// View implements Screen.
func (b *Browse) View(f widget.Frame) (string, widget.Cursor) {
	l := splitBrowse(f.W, f.H)
	if f.Theme.Linear {
		l = onePane(f.W, f.H)
	}
	left, cur := b.left(f, l)
	if l.Detail.W == 0 {
		return left, cur
	}
	sep := " " + f.Theme.Border.Render(f.Theme.Box.Left) + " "
	return widget.Beside(f, left, l.List.W, sep, b.previewPane(f.Sized(l.Detail.W, l.Detail.H))), cur
}

// left is the search line with what it finds, or what is being chosen.
func (b *Browse) left(f widget.Frame, l browseLayout) (string, widget.Cursor) {
	if b.pick != nil {
		return b.pick.view(f.Sized(l.List.W, f.H))
	}
	head, cur := b.searchLine(f.Sized(l.Search.W, 1))
	lines := []string{head}
	if l.List.Y > 1 {
		lines = append(lines, b.offersLine(f.Sized(l.List.W, 1)))
	}
	lines = append(lines, b.rows(f.Sized(l.List.W, l.List.H))...)
	if from, to := b.list.Visible(l.List.H); f.Theme.Linear && (b.moved || !b.typing) && b.list.Cursor >= from && b.list.Cursor < to {
		cur = widget.Cursor{Y: l.List.Y + b.list.Cursor - from, Shown: true} // where a screen reader reads
	}
	return widget.Lines(f.Sized(l.List.W, f.H), lines), cur
}

func (b *Browse) searchLine(f widget.Frame) (string, widget.Cursor) {
	look := f.Theme.Faint // the letters act on the list now
	if b.typing {
		look = f.Theme.Accent
	}
	prompt := look.Render(f.Theme.Pointer) + " "
	if b.side() == inTrash {
		prompt = f.Theme.Danger.Render("Trash") + " " + prompt
	}
	count := b.count(f)
	at := widget.Width(prompt)
	text, cur := b.search.View(f.Sized(max(f.W-at-widget.Width(count)-2, f.W/3), 1), b.typing)
	return widget.Ends(f, prompt+text, count, f.W), cur.Moved(at, 0)
}

// count says how many are marked, how many are found, and in which order.
func (b *Browse) count(f widget.Frame) string {
	x := b.found.x
	if x == nil {
		return ""
	}
	var parts []string
	if n := len(b.marks.ids); n > 0 {
		parts = append(parts, f.Theme.Good.Render(thousands(n)+" marked"))
	}
	n := thousands(len(x.items))
	if len(b.found.hits) != len(x.items) {
		n = thousands(len(b.found.hits)) + " of " + n
	}
	if b.found.by != byTitle && b.found.by < orders && f.W >= userFrom {
		n += f.Theme.Sep + b.found.by.String()
	}
	return strings.Join(append(parts, f.Theme.Muted.Render(n)), f.Theme.Muted.Render(f.Theme.Sep))
}

func thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func (b *Browse) previewPane(f widget.Frame) string {
	row, ok := b.current()
	if !ok {
		return widget.Lines(f, nil)
	}
	head := []string{f.Theme.Title.Render(widget.Fit(f, orElse(row.Title, "(no title)"), f.W)), ""}
	if b.preview == nil || b.preview.e.ID != row.ID {
		return widget.Lines(f, head)
	}
	body := b.preview.view(f.Sized(f.W, f.H-2), -1)
	return widget.Lines(f, append(head, strings.Split(body, "\n")...))
}
