package main

import (
	"encoding/xml"
	"fmt"
	"strings"
)

// Sizes of a picture, in units of SVG. The grid is fixed: text is stretched to it, whatever font there is.
const (
	cellW  = 8.4
	cellH  = 18.0
	base   = 13.5 // from the top of a line to where its letters stand
	pad    = 12.0
	radius = 8
)

// Colours of the terminal itself.
const (
	ground = "#16181d"
	ink    = "#e4e4ef"
)

// draw makes a picture of a screen.
func draw(title string, w, h int, lines [][]run, at cursor) string {
	var out strings.Builder
	pw, ph := float64(w)*cellW+2*pad, float64(h)*cellH+2*pad
	fmt.Fprintf(&out, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %s %s" width="%s" height="%s" role="img" `, num(pw), num(ph), num(pw), num(ph))
	out.WriteString(`font-family="ui-monospace,SFMono-Regular,Menlo,DejaVu Sans Mono,monospace" font-size="14">` + "\n")
	fmt.Fprintf(&out, "<title>%s</title>\n", escaped(title))
	fmt.Fprintf(&out, `<rect width="%s" height="%s" rx="%d" fill="%s"/>`+"\n", num(pw), num(ph), radius, ground)
	for y, runs := range lines[:min(len(lines), h)] {
		for _, r := range runs {
			r.ground(&out, y)
		}
		for _, r := range runs {
			r.letters(&out, y)
		}
	}
	if at.shown {
		fmt.Fprintf(&out, `<rect x="%s" y="%s" width="%s" height="%s" fill="%s" fill-opacity="0.5"/>`+"\n", num(left(at.x)), num(top(at.y)), num(cellW), num(cellH), ink)
	}
	out.WriteString("</svg>\n")
	return out.String()
}

func left(col int) float64 { return pad + float64(col)*cellW }
func top(row int) float64  { return pad + float64(row)*cellH }

// num writes a number with at most one digit behind the point.
func num(v float64) string { return strings.TrimSuffix(fmt.Sprintf("%.1f", v), ".0") }

func escaped(s string) string {
	var out strings.Builder
	_ = xml.EscapeText(&out, []byte(s))
	return out.String()
}

// colours are those that are drawn, after reverse video.
func (l look) colours() (fg, bg string) {
	fg, bg = l.fg, l.bg
	if fg == "" {
		fg = ink
	}
	if l.reverse {
		if bg == "" {
			bg = ground
		}
		fg, bg = bg, fg
	}
	return fg, bg
}

func (r run) ground(out *strings.Builder, y int) {
	if _, bg := r.colours(); bg != "" {
		fmt.Fprintf(out, `<rect x="%s" y="%s" width="%s" height="%s" fill="%s"/>`+"\n", num(left(r.col)), num(top(y)), num(float64(width(r.text))*cellW), num(cellH), bg)
	}
}

// letters writes the words of a run, each at its column: what stands between them needs no ink. Lines and blocks are drawn, because fonts
// leave gaps between them.
func (r run) letters(out *strings.Builder, y int) {
	fg, _ := r.colours()
	col, word, from := r.col, "", r.col
	flush := func() {
		if word != "" {
			r.word(out, from, y, word, fg)
			word = ""
		}
	}
	for _, c := range r.text {
		switch shape := drawn(c, left(col), top(y)); {
		case c == ' ':
			flush()
		case shape != "":
			flush()
			fmt.Fprintf(out, shape+"\n", fg)
		default:
			if word == "" {
				from = col
			}
			word += string(c)
		}
		col += columns(c)
	}
	flush()
}

func (r run) word(out *strings.Builder, col, y int, word, fg string) {
	fmt.Fprintf(out, `<text x="%s" y="%s" textLength="%s" fill="%s"`, num(left(col)), num(top(y)+base), num(float64(width(word))*cellW), fg)
	for _, a := range []struct {
		on   bool
		text string
	}{
		{r.bold, ` font-weight="bold"`}, {r.italic, ` font-style="italic"`}, {r.underline, ` text-decoration="underline"`}, {r.faint, ` fill-opacity="0.6"`},
	} {
		if a.on {
			out.WriteString(a.text)
		}
	}
	fmt.Fprintf(out, ">%s</text>\n", escaped(word))
}

// drawn is the shape of a character that has to reach the edges of its cell, with %s for its colour; "" for letters.
func drawn(c rune, x, y float64) string {
	mx, my, rx, by := x+cellW/2, y+cellH/2, x+cellW, y+cellH
	path := func(d string, width float64) string {
		return fmt.Sprintf(`<path d="%s" stroke="%%s" stroke-width="%s" fill="none"/>`, d, num(width))
	}
	box := func(x, y, w, h float64) string {
		return fmt.Sprintf(`<rect x="%s" y="%s" width="%s" height="%s" fill="%%s"/>`, num(x), num(y), num(w), num(h))
	}
	move := func(parts ...float64) string {
		s := "M" + num(parts[0]) + " " + num(parts[1])
		for i := 2; i+1 < len(parts); i += 2 {
			s += "L" + num(parts[i]) + " " + num(parts[i+1])
		}
		return s
	}
	bend := func(x1, y1, x2, y2 float64) string {
		return path("M"+num(x1)+" "+num(y1)+"Q"+num(mx)+" "+num(my)+" "+num(x2)+" "+num(y2), 1.2)
	}
	switch c {
	case '─':
		return path(move(x, my, rx, my), 1.2)
	case '━':
		return path(move(x, my, rx, my), 2.6)
	case '│':
		return path(move(mx, y, mx, by), 1.2)
	case '╭':
		return bend(rx, my, mx, by)
	case '╮':
		return bend(x, my, mx, by)
	case '╰':
		return bend(mx, y, rx, my)
	case '╯':
		return bend(mx, y, x, my)
	case '█':
		return box(x, y, cellW, cellH)
	case '▀':
		return box(x, y, cellW, cellH/2)
	case '▄':
		return box(x, my, cellW, cellH/2)
	case '▌':
		return box(x, y, cellW/2, cellH)
	case '▐':
		return box(mx, y, cellW/2, cellH)
	}
	return ""
}
