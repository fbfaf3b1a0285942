package strength

import (
	"slices"
	"unicode"
	"unicode/utf8"
)

// text is a password in which every character is one byte, so that positions mean characters everywhere: ASCII stands for itself,
// and each different character beyond it has a byte from 0x80 to 0xBF, which is never valid UTF-8 with what stands around it. The
// scoring counts each of them as one unknown character, as it should.
type text struct {
	chars []byte
	lower []byte // the same in lower case
	runes []rune
}

const firstWide = 0x80 // maxChars different characters fit between it and 0xBF

// shape reads the first maxChars characters. Bytes that are no UTF-8 count as characters of their own.
func shape(b []byte) text {
	p := text{chars: make([]byte, 0, maxChars), lower: make([]byte, 0, maxChars), runes: make([]rune, 0, maxChars)}
	var wide [maxChars]rune
	n := 0
	for len(b) > 0 && len(p.chars) < maxChars {
		r, size := utf8.DecodeRune(b)
		if r == utf8.RuneError && size == 1 {
			r = unicode.MaxRune + rune(b[0]) // no real character has this number
		}
		b = b[size:]
		if low := unicode.ToLower(r); r >= utf8.RuneSelf && low < utf8.RuneSelf {
			r = unicode.ToUpper(low) // the Kelvin sign is a K
		}
		c := byte(r)
		if r >= utf8.RuneSelf {
			at := slices.Index(wide[:n], r)
			if at < 0 {
				at, wide[n] = n, r
				n++
			}
			c = firstWide + byte(at)
		}
		p.add(c, r)
	}
	clear(wide[:])
	return p
}

func (p *text) add(c byte, r rune) {
	p.chars = append(p.chars, c)
	p.runes = append(p.runes, r)
	if 'A' <= c && c <= 'Z' {
		c += 'a' - 'A'
	}
	p.lower = append(p.lower, c)
}

// part is the text from i to before j, sharing the bytes.
func (p text) part(i, j int) text { return text{p.chars[i:j], p.lower[i:j], p.runes[i:j]} }

func (p text) wipe() {
	clear(p.chars)
	clear(p.lower)
	clear(p.runes)
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
