package totp

import (
	"encoding/hex"
	"strconv"
	"strings"
)

// URIString returns the key as a URI: the original as it came when no field was changed since, the original with only
// the changed parameters replaced otherwise, and a new otpauth URI when there is no original. Parsing the result yields
// an equal key. It holds the secret in clear.
func (k Key) URIString() string {
	k = k.filled()
	orig := k.URI.RevealString()
	if orig == "" {
		return k.fresh()
	}
	old, err := ParseURI(orig)
	if err != nil {
		return k.fresh()
	}
	if old.Equal(k) {
		return orig
	}
	if s, ok := k.amend(orig, old); ok {
		if back, err := ParseURI(s); err == nil && back.Equal(k) {
			return s
		}
	}
	return k.fresh()
}

// fresh writes a URI from the fields alone. Parameters at their defaults are left out: some apps refuse them.
func (k Key) fresh() string {
	f := k.Kind.facts()
	u := uri{typ: f.uriType, label: k.label()}
	u.set("secret", k.encodedSecret())
	u.set("issuer", escape(k.Issuer))
	if k.Algorithm != SHA1 {
		u.set("algorithm", strings.ToUpper(string(k.Algorithm)))
	}
	if k.Digits != f.digits || k.Kind == Steam {
		u.set("digits", strconv.Itoa(k.Digits))
	}
	if k.Period != f.period {
		u.set("period", strconv.Itoa(k.Period))
	}
	switch k.Kind {
	case HOTP:
		u.set("counter", strconv.FormatUint(k.Counter, 10))
	case Steam:
		u.set("encoder", "steam")
	}
	return u.String()
}

// amend changes in the original what differs between the key that it held and k.
func (k Key) amend(orig string, old Key) (string, bool) {
	scheme, rest, _ := strings.Cut(orig, "://")
	if !strings.EqualFold(scheme, "otpauth") || k.Kind != old.Kind {
		return "", false
	}
	u, err := splitURI(rest)
	if err != nil {
		return "", false
	}
	if k.Issuer != old.Issuer || k.Account != old.Account {
		u.label = k.label()
		u.set("issuer", escape(k.Issuer))
	}
	if !k.Secret.Equal(old.Secret) {
		u.set("secret", k.encodedSecret())
	}
	if k.Algorithm != old.Algorithm {
		u.set("algorithm", strings.ToUpper(string(k.Algorithm)))
	}
	if k.Digits != old.Digits {
		u.set("digits", strconv.Itoa(k.Digits))
	}
	if k.Period != old.Period {
		u.set("period", strconv.Itoa(k.Period))
	}
	if k.Counter != old.Counter {
		u.set("counter", strconv.FormatUint(k.Counter, 10))
	}
	return u.String(), true
}

// set replaces a parameter where it stands, drops further ones of its name, and removes it when the value is empty.
func (u *uri) set(name, value string) {
	done := value == ""
	kept := make([]param, 0, len(u.params)+1)
	for _, p := range u.params {
		if !strings.EqualFold(unescape(p.name), name) {
			kept = append(kept, p)
			continue
		}
		if !done {
			kept = append(kept, param{p.name, value})
			done = true
		}
	}
	u.params = kept
	if !done {
		u.params = append(u.params, param{name, value})
	}
}

// String puts the pieces together again.
func (u uri) String() string {
	var b strings.Builder
	b.WriteString("otpauth://" + u.typ + "/" + u.label)
	for i, p := range u.params {
		b.WriteByte("?&"[min(i, 1)])
		b.WriteString(p.name)
		if p.value != "" {
			b.WriteString("=" + p.value)
		}
	}
	return b.String()
}

// label is "issuer:account". An account that holds a colon and has no issuer gets an empty one, or it would be split.
func (k Key) label() string {
	account := escape(k.Account)
	if k.Issuer == "" && !strings.Contains(k.Account, ":") {
		return account
	}
	return escape(k.Issuer) + ":" + account
}

func (k Key) encodedSecret() string {
	if k.Kind == MOTP {
		return hex.EncodeToString(k.Secret.Reveal())
	}
	return base32Raw.EncodeToString(k.Secret.Reveal())
}

// escape writes everything but RFC 3986's unreserved characters and "@" as %XX.
func escape(s string) string {
	const hexDigits = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-._~@", c) >= 0 {
			b.WriteByte(c)
			continue
		}
		b.WriteByte('%')
		b.WriteByte(hexDigits[c>>4])
		b.WriteByte(hexDigits[c&15])
	}
	return b.String()
}
