package widget

import (
	"strings"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"

	"signet/internal/sanitize"
)

// Width measures what a terminal shows of a string, styles left out.
func Width(s string) int { return ansi.StringWidth(s) }

// Fit returns foreign text as one safe line of at most w columns, cut with the theme's ellipsis.
func Fit(f Frame, s string, w int) string { return Cut(f, sanitize.Line(s), w) }

// Cut shortens a line that is safe already, styles included.
func Cut(f Frame, s string, w int) string {
	if w <= 0 {
		return ""
	}
	if Width(s) <= w {
		return s
	}
	tail := f.Theme.Ellipsis
	if Width(tail) >= w {
		tail = ""
	}
	return ansi.Truncate(s, w, tail)
}

// Pad fills a safe line with spaces up to w columns, or cuts it.
func Pad(f Frame, s string, w int) string {
	s = Cut(f, s, w)
	return s + strings.Repeat(" ", max(0, w-Width(s)))
}

// Wrap breaks safe text into lines of at most w columns, at spaces where it can.
func Wrap(s string, w int) []string {
	if w <= 0 {
		return nil
	}
	return strings.Split(ansi.Wrap(strings.ReplaceAll(s, "\t", "    "), w, ""), "\n")
}

// Lines joins the lines of a view and gives it exactly h lines of w columns at most: too many are cut, missing ones are empty.
func Lines(f Frame, lines []string) string {
	out := make([]string, f.H)
	for i := range out {
		if i < len(lines) {
			out[i] = Cut(f, lines[i], f.W)
		}
	}
	return strings.Join(out, "\n")
}

// Beside puts two views of equal height next to each other; each line of the left one is padded to w columns.
func Beside(f Frame, left string, w int, sep, right string) string {
	l, r := strings.Split(left, "\n"), strings.Split(right, "\n")
	out := make([]string, max(len(l), len(r)))
	for i := range out {
		var a, b string
		if i < len(l) {
			a = l[i]
		}
		if i < len(r) {
			b = r[i]
		}
		out[i] = Pad(f, a, w) + sep + b
	}
	return strings.Join(out, "\n")
}

// Ends puts one piece of text at the left end of a line and another at the right; when both do not fit, the right one goes.
func Ends(f Frame, left, right string, w int) string {
	gap := w - Width(left) - Width(right)
	if gap < 1 {
		return Cut(f, left, w)
	}
	return left + strings.Repeat(" ", gap) + right
}

// Paint colours each line of a text by itself, so that no style reaches over a line's end.
func Paint(style lipgloss.Style, lines []string) []string {
	out := make([]string, len(lines))
	for i, l := range lines {
		out[i] = style.Render(l)
	}
	return out
}

// linearBox is a box without lines, for screen readers: everything stands where it stands in a box, so that cursors fit both.
func linearBox(f Frame, title, body string, w int) string {
	out := []string{f.Theme.Title.Render(Fit(f, title, w))}
	for _, line := range strings.Split(body, "\n") {
		out = append(out, "  "+Cut(f, line, w-4))
	}
	return strings.Join(out, "\n")
}

// Box draws a frame with a title around a body. The result is w columns wide; the body's lines are cut to fit.
func Box(f Frame, title, body string, w int, active bool) string {
	if w < 4 {
		return body
	}
	if f.Theme.Linear {
		return linearBox(f, title, body, w)
	}
	style := f.Theme.Border
	if active {
		style = f.Theme.BorderActive
	}
	b := f.Theme.Box
	head := ""
	if title != "" {
		head = " " + Fit(f, title, w-6) + " "
	}
	out := []string{style.Render(b.TopLeft+b.Top) + f.Theme.Title.Render(head) + style.Render(strings.Repeat(b.Top, max(0, w-3-Width(head)))+b.TopRight)}
	for _, line := range strings.Split(body, "\n") {
		out = append(out, style.Render(b.Left)+" "+Pad(f, line, w-4)+" "+style.Render(b.Right))
	}
	return strings.Join(append(out, style.Render(b.BottomLeft+strings.Repeat(b.Bottom, w-2)+b.BottomRight)), "\n")
}
