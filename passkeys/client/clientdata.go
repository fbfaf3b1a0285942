package client

import (
	"crypto/sha256"
	"strings"
	"unicode/utf8"
)

// Types of client data (WebAuthn Level 3, section 5.8.1).
const (
	typeCreate = "webauthn.create"
	typeGet    = "webauthn.get"
)

// clientData is the JSON that gets signed, byte for byte (WebAuthn Level 3, section 5.8.1.1). Sites may compare it with a template instead of parsing it, so
// order, spacing and escapes are fixed; encoding/json's differ.
func clientData(kind string, challenge []byte, from Caller) []byte {
	b := []byte(`{"type":`)
	b = appendString(b, kind)
	b = append(b, `,"challenge":`...)
	b = appendString(b, encode64(challenge))
	b = append(b, `,"origin":`...)
	b = appendString(b, from.Origin.String())
	if !from.CrossOrigin {
		return append(b, `,"crossOrigin":false}`...)
	}
	b = append(b, `,"crossOrigin":true`...)
	if from.Top != (Origin{}) {
		b = append(b, `,"topOrigin":`...)
		b = appendString(b, from.Top.String())
	}
	return append(b, '}')
}

// appendString quotes as CCDToString does: two characters behind a backslash, controls in four lower-case digits, everything else as it is.
func appendString(b []byte, s string) []byte {
	const digits = "0123456789abcdef"
	b = append(b, '"')
	for _, r := range strings.ToValidUTF8(s, "\ufffd") {
		switch {
		case r == '"' || r == '\\':
			b = append(b, '\\', byte(r))
		case r < ' ':
			b = append(b, '\\', 'u', '0', '0', digits[r>>4], digits[r&15])
		default:
			b = utf8.AppendRune(b, r)
		}
	}
	return append(b, '"')
}

func hashOf(b []byte) []byte {
	sum := sha256.Sum256(b)
	return sum[:]
}
