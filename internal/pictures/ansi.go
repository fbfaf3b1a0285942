package main

import (
	"fmt"
	"strconv"
	"strings"
)

// look is how a run of text is drawn. Colours are "#rrggbb"; "" is the terminal's own.
type look struct {
	fg, bg                                  string
	bold, faint, italic, underline, reverse bool
}

// run is text of one look in a line, at a column.
type run struct {
	col  int
	text string
	look
}

// parse reads the lines of a capture: text with the sequences that set looks, which hold until they are changed, also over line ends.
func parse(capture string) [][]run {
	var out [][]run
	var now look
	for _, line := range strings.Split(strings.TrimSuffix(capture, "\n"), "\n") {
		var runs []run
		col := 0
		for line != "" {
			if seq, rest, ok := sequence(line); ok {
				now.set(seq)
				line = rest
				continue
			}
			n := strings.IndexByte(line, 0x1b)
			switch {
			case n < 0:
				n = len(line)
			case n == 0:
				n = 1 // an escape that sets no look
			}
			text := line[:n]
			if text[0] != 0x1b {
				runs = append(runs, run{col, text, now})
				col += width(text)
			}
			line = line[n:]
		}
		out = append(out, runs)
	}
	return out
}

// sequence takes ESC [ … m off the front of a line.
func sequence(line string) (params, rest string, ok bool) {
	body, found := strings.CutPrefix(line, "\x1b[")
	if !found {
		return "", line, false
	}
	end := strings.IndexFunc(body, func(r rune) bool { return r != ';' && (r < '0' || r > '9') })
	if end < 0 || body[end] != 'm' {
		return "", line, false
	}
	return body[:end], body[end+1:], true
}

func (l *look) set(params string) {
	codes := strings.Split(params, ";")
	for i := 0; i < len(codes); i++ {
		n, _ := strconv.Atoi(codes[i]) // an empty one is 0
		switch {
		case n == 38 || n == 48:
			colour, used := extended(codes[i+1:])
			if n == 38 {
				l.fg = colour
			} else {
				l.bg = colour
			}
			i += used
		default:
			l.attribute(n)
		}
	}
}

func (l *look) attribute(n int) {
	switch {
	case n == 0:
		*l = look{}
	case n == 1:
		l.bold = true
	case n == 2:
		l.faint = true
	case n == 3:
		l.italic = true
	case n == 4:
		l.underline = true
	case n == 7:
		l.reverse = true
	case n == 22:
		l.bold, l.faint = false, false
	case n == 23:
		l.italic = false
	case n == 24:
		l.underline = false
	case n == 27:
		l.reverse = false
	case n == 39:
		l.fg = ""
	case n == 49:
		l.bg = ""
	case n >= 30 && n <= 37:
		l.fg = palette(n - 30)
	case n >= 40 && n <= 47:
		l.bg = palette(n - 40)
	case n >= 90 && n <= 97:
		l.fg = palette(n - 90 + 8)
	case n >= 100 && n <= 107:
		l.bg = palette(n - 100 + 8)
	}
}

// extended reads what follows 38 or 48: "2;r;g;b" or "5;n".
func extended(codes []string) (colour string, used int) {
	num := func(i int) int {
		n, _ := strconv.Atoi(codes[i])
		return n & 0xff
	}
	switch {
	case len(codes) >= 4 && codes[0] == "2":
		return fmt.Sprintf("#%02x%02x%02x", num(1), num(2), num(3)), 4
	case len(codes) >= 2 && codes[0] == "5":
		return palette(num(1)), 2
	}
	return "", len(codes)
}

// sixteen are the colours that terminals let people choose; these are usual ones.
var sixteen = []string{
	"#1e2127", "#e06c75", "#98c379", "#e5c07b", "#61afef", "#c678dd", "#56b6c2", "#c8ccd4",
	"#5c6370", "#ff8f8f", "#b5e890", "#f2c66d", "#8fb8ff", "#d7a8ff", "#7fd8e0", "#ffffff",
}

// palette is one of the 256 colours: sixteen, a cube, and greys.
func palette(n int) string {
	switch {
	case n < 16:
		return sixteen[n]
	case n < 232:
		level := func(v int) int {
			if v == 0 {
				return 0
			}
			return 55 + 40*v
		}
		n -= 16
		return fmt.Sprintf("#%02x%02x%02x", level(n/36), level(n/6%6), level(n%6))
	}
	grey := 8 + 10*(n-232)
	return fmt.Sprintf("#%02x%02x%02x", grey, grey, grey)
}

// width counts columns: the wide letters of East Asia take two, joining marks none.
func width(s string) (n int) {
	for _, r := range s {
		n += columns(r)
	}
	return n
}

func columns(r rune) int {
	switch {
	case r >= 0x300 && r <= 0x36f, r == 0x200d, r >= 0xfe00 && r <= 0xfe0f:
		return 0
	case r >= 0x1100 && r <= 0x115f, r >= 0x2e80 && r <= 0xa4cf, r >= 0xac00 && r <= 0xd7a3, r >= 0xf900 && r <= 0xfaff, r >= 0xff00 && r <= 0xff60,
		r >= 0x1f300 && r <= 0x1faff, r >= 0x20000 && r <= 0x3fffd:
		return 2
	}
	return 1
}
