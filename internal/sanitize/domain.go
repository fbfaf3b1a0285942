package sanitize

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// maxHost is the longest name that Domain transcribes (RFC 1035 allows 253 octets in ASCII; Unicode needs more). Longer
// ones are escaped character by character instead, which is linear.
const maxHost = 1024

// Domain returns a host name or RP ID for display. Plain ASCII is returned as it is. A name with other characters is shown
// in its ASCII form (punycode, RFC 3492) first, so that "аpple.com" with a Cyrillic letter cannot pass for "apple.com",
// and in Unicode in parentheses behind it; the same for a name that arrives in punycode. Characters that cannot stand in
// a host name are shown as "\u{…}". The result is for people: it is not normalised and must never be compared.
func Domain(s string) string {
	if plainHost(s) && !strings.Contains(strings.ToLower(s), "xn--") {
		return s
	}
	if len(s) > maxHost || !utf8.ValidString(s) {
		return escapeHost(s)
	}
	ascii, uni := labels(s, toASCII), labels(s, toUnicode)
	if !plainHost(ascii) {
		return escapeHost(s)
	}
	if uni == ascii || uni == s && plainHost(s) || Dirty(uni) || labels(uni, toASCII) != ascii || strings.ContainsAny(uni, "() ") {
		return ascii
	}
	return ascii + " (" + uni + ")"
}

// plainHost reports whether s has only the characters of ASCII host names (and of the IP addresses and ports that
// people store in their place).
func plainHost(s string) bool {
	for i := range len(s) {
		c := s[i]
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-._:[]", c) >= 0 {
			continue
		}
		return false
	}
	return true
}

// escapeHost makes everything visible that is not a plain host character.
func escapeHost(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case r > 0x20 && r < 0x7f && r != '\\' && r != '(' && r != ')':
			b.WriteRune(r)
		default:
			fmt.Fprintf(&b, `\u{%x}`, r)
		}
		i += n
	}
	return b.String()
}

// labels applies f to each label of a host name.
func labels(s string, f func(string) string) string {
	parts := strings.Split(s, ".")
	for i, p := range parts {
		parts[i] = f(p)
	}
	return strings.Join(parts, ".")
}

// toASCII returns the A-label of one label, lower-cased.
func toASCII(label string) string {
	if isASCII(label) {
		return label
	}
	return "xn--" + encode([]rune(strings.ToLower(label)))
}

// toUnicode returns the U-label of an A-label, and everything else as it is, lower-cased like its A-label.
func toUnicode(label string) string {
	if !isASCII(label) {
		return strings.ToLower(label)
	}
	if len(label) < 4 || !strings.EqualFold(label[:4], "xn--") {
		return label
	}
	if u, ok := decode(strings.ToLower(label[4:])); ok && !isASCII(u) {
		return u
	}
	return label
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
