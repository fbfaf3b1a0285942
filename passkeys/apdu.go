package passkeys

import (
	"encoding/binary"
	"fmt"
)

// apdu is a command of ISO 7816-4 as U2F uses it (U2F Raw Message Formats 1.2, section 3).
type apdu struct {
	class, instruction, p1, p2 byte
	data                       []byte
}

// word is a status word: how every U2F answer ends. It implements error; wordOK is never returned as one.
type word uint16

// The status words (section 3.3, and ISO 7816-4).
const (
	wordOK                     word = 0x9000
	wordWrongLength            word = 0x6700
	wordConditionsNotSatisfied word = 0x6985 // nobody was there yet: ask again
	wordCommandNotAllowed      word = 0x6986 // somebody said no
	wordWrongData              word = 0x6a80 // not a key handle of ours, or of another site
	wordWrongParameters        word = 0x6a86
	wordInstructionUnknown     word = 0x6d00
	wordClassUnknown           word = 0x6e00
	wordOther                  word = 0x6f00
)

// Error implements error.
func (w word) Error() string { return fmt.Sprintf("u2f: status word %04x", uint16(w)) }

// parseAPDU reads short and extended encodings (ISO 7816-4, section 5.1). How long an answer may be (Le) does not matter: CTAPHID carries all of them.
func parseAPDU(b []byte) (apdu, error) {
	const head, longLength = 4, 3
	if len(b) < head {
		return apdu{}, wordWrongLength
	}
	c, rest := apdu{class: b[0], instruction: b[1], p1: b[2], p2: b[3]}, b[head:]
	want, le := 0, 1
	switch {
	case len(rest) <= 1: // nothing, or Le
		return c, nil
	case rest[0] != 0:
		want, rest = int(rest[0]), rest[1:]
	case len(rest) == longLength: // Le in its long form
		return c, nil
	case len(rest) > longLength:
		want, rest, le = int(binary.BigEndian.Uint16(rest[1:])), rest[longLength:], 2
	default:
		return apdu{}, wordWrongLength
	}
	if len(rest) != want && len(rest) != want+le {
		return apdu{}, wordWrongLength
	}
	c.data = rest[:want]
	return c, nil
}
