package widget

import (
	"strings"

	"rsc.io/qr"
)

// quiet is the width of the light border that readers want; four by the standard, two is enough on a screen.
const quiet = 2

// QR draws text as a QR code: half blocks, or two characters a module in ASCII. It reports false when the text is too long for a
// code or the code does not fit into the frame.
func QR(f Frame, text string) (string, bool) {
	code, err := qr.Encode(text, qr.L)
	if err != nil {
		return "", false
	}
	n := code.Size + 2*quiet
	dark := func(x, y int) bool { return code.Black(x-quiet, y-quiet) }
	if f.Theme.ASCII {
		return asciiQR(n, dark), 2*n <= f.W && n <= f.H
	}
	return blockQR(n, dark), n <= f.W && (n+1)/2 <= f.H
}

// blockQR draws light modules as blocks, so that it reads on a dark background; on a light one the code is inverted, which
// readers accept.
func blockQR(n int, dark func(x, y int) bool) string {
	var b strings.Builder
	for y := 0; y < n; y += 2 {
		if y > 0 {
			b.WriteByte('\n')
		}
		for x := range n {
			top, bottom := !dark(x, y), y+1 < n && !dark(x, y+1)
			switch {
			case top && bottom:
				b.WriteString("█")
			case top:
				b.WriteString("▀")
			case bottom:
				b.WriteString("▄")
			default:
				b.WriteByte(' ')
			}
		}
	}
	return b.String()
}

func asciiQR(n int, dark func(x, y int) bool) string {
	var b strings.Builder
	for y := range n {
		if y > 0 {
			b.WriteByte('\n')
		}
		for x := range n {
			if dark(x, y) {
				b.WriteString("  ")
			} else {
				b.WriteString("##")
			}
		}
	}
	return b.String()
}

// QRMost is how many bytes a QR code holds.
const QRMost = 2953

// QRSize is how many columns and rows the code of a text takes; false when the text is too long for one.
func QRSize(f Frame, text string) (w, h int, ok bool) {
	code, err := qr.Encode(text, qr.L)
	if err != nil {
		return 0, 0, false
	}
	n := code.Size + 2*quiet
	if f.Theme.ASCII {
		return 2 * n, n, true
	}
	return n, (n + 1) / 2, true
}
