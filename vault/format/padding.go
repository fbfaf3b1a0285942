package format

import (
	"bytes"
	"errors"
)

// Padding lines stand between the last line of content and the signature line, so that the whole plaintext has Padmé
// length: {"pad":"<spaces>"}. A line costs 11 bytes at least, so a text that lacks fewer bytes grows to the next length.

const (
	padStart = `{"pad":"`
	padEnd   = "\"}\n"
	padEmpty = len(padStart) + len(padEnd)
	padLine  = 1 << 20 // longest padding line that is written
)

var (
	lf     = []byte{'\n'}
	errPad = errors.New("malformed padding or unknown line")
)

// appendPad appends padding lines for a text of which written bytes stand before the signature line.
func appendPad(dst []byte, written int) []byte {
	left := padding(written + sigLineLen)
	for left > 0 {
		n := left
		if n > padLine {
			n = min(padLine, left-padEmpty) // what remains must hold a line of its own
		}
		dst = append(dst, padStart...)
		dst = append(dst, bytes.Repeat([]byte{' '}, n-padEmpty)...)
		dst = append(dst, padEnd...)
		left -= n
	}
	return dst
}

// padding returns how many bytes of padding lines a text of n bytes needs: 0, or at least one empty line.
func padding(n int) int {
	if Padme(n, PadFloor) == n {
		return 0
	}
	return Padme(n+padEmpty, PadFloor) - n
}

// checkPads accepts padding lines and nothing else.
func checkPads(rest []byte) error {
	for len(rest) > 0 {
		var line []byte
		line, rest, _ = bytes.Cut(rest, lf)
		if !isPad(line) {
			return errPad
		}
	}
	return nil
}

// isPad reads a padding line, without LF, in its one spelling: spaces only, so that it carries nothing.
func isPad(line []byte) bool {
	if len(line) < padEmpty-1 || len(line) >= MaxLine || !bytes.HasPrefix(line, []byte(padStart)) || !bytes.HasSuffix(line, []byte(`"}`)) {
		return false
	}
	return len(bytes.Trim(line[len(padStart):len(line)-2], " ")) == 0
}
