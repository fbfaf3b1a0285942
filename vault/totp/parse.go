package totp

import (
	"encoding/base32"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"signet/vault/secret"
)

// Parse reads whatever stands in a one-time-code field: an otpauth, steam or motp URI, or a bare base32 secret.
func Parse(s string) (Key, error) {
	s = strings.TrimSpace(s)
	if strings.Contains(s, "://") {
		return ParseURI(s)
	}
	return ParseSecret(s)
}

// ParseSecret reads a bare base32 secret (TOTP, SHA-1, 6 digits, 30 seconds) or "steam://SECRET". Blanks, dashes, lower
// case and missing padding are accepted, and so is a length that leaves some bits over: every known app drops them.
func ParseSecret(s string) (Key, error) {
	s = strings.TrimSpace(s)
	if scheme, _, ok := strings.Cut(s, "://"); ok {
		if !strings.EqualFold(scheme, "steam") {
			return Key{}, errors.New("parse secret: this is a URI, not a secret")
		}
		return ParseURI(s)
	}
	raw, err := decodeBase32(s)
	if err != nil {
		return Key{}, fmt.Errorf("parse secret: %v", err)
	}
	return Key{Kind: TOTP, Secret: secret.New(raw)}.filled(), nil
}

// ParseURI reads "otpauth://TYPE/LABEL?PARAMETERS", "steam://SECRET" and "motp://LABEL?secret=HEX". The whole input is
// kept in Key.URI.
func ParseURI(s string) (Key, error) {
	s = strings.TrimSpace(s)
	k, err := parseURI(s)
	if err != nil {
		return Key{}, fmt.Errorf("parse one-time-code URI: %v", err)
	}
	k.URI = secret.FromString(s)
	return k, nil
}

func parseURI(s string) (Key, error) {
	if len(s) > MaxURI {
		return Key{}, fmt.Errorf("longer than %d bytes", MaxURI)
	}
	scheme, rest, ok := strings.Cut(s, "://")
	if !ok {
		return Key{}, errors.New("no scheme")
	}
	switch strings.ToLower(scheme) {
	case "otpauth":
		u, err := splitURI(rest)
		if err != nil {
			return Key{}, err
		}
		return u.key()
	case "motp":
		return uri{typ: "motp"}.withRest(rest).key()
	case "steam":
		raw, err := decodeBase32(unescape(strings.TrimSuffix(rest, "/")))
		return Key{Kind: Steam, Secret: secret.New(raw)}.filled(), err
	case "otpauth-migration":
		return Key{}, errors.New("this is a Google Authenticator transfer with several keys, not one key")
	}
	return Key{}, errors.New("the scheme is none of otpauth, steam and motp")
}

// uri is an otpauth URI taken apart, its pieces still escaped. Unlike net/url it takes any label: writers leave "%", "#"
// and blanks in it (formats.md 10.1).
type uri struct {
	typ    string
	label  string
	params []param
}

type param struct{ name, value string }

func splitURI(rest string) (uri, error) {
	typ, more, ok := strings.Cut(rest, "/")
	if !ok { // otpauth://totp?secret=… has no label at all
		i := strings.IndexByte(rest, '?')
		if i < 0 {
			return uri{}, errors.New("no parameters")
		}
		typ, more = rest[:i], rest[i:]
	} else if i := strings.IndexByte(typ, '?'); i >= 0 { // the "/" stood in a parameter
		typ, more = rest[:i], rest[i:]
	}
	return uri{typ: strings.ToLower(typ)}.withRest(more), nil
}

// withRest adds label and parameters.
func (u uri) withRest(rest string) uri {
	label, query, _ := strings.Cut(rest, "?")
	u.label = label
	for _, p := range strings.Split(query, "&") {
		if p == "" {
			continue
		}
		name, value, _ := strings.Cut(p, "=")
		u.params = append(u.params, param{name, value})
	}
	return u
}

// known are the parameters that this package understands; all others are carried along.
var known = [...]string{"secret", "issuer", "algorithm", "digits", "period", "counter", "encoder"}

// values returns the known parameters, unescaped. One that occurs twice must say the same twice; an empty one (a bare
// "&issuer" occurs) counts as absent.
func (u uri) values() (map[string]string, error) {
	out := make(map[string]string, len(known))
	for _, p := range u.params {
		name := strings.ToLower(unescape(p.name))
		if !isKnown(name) || p.value == "" {
			continue
		}
		v := unescape(p.value)
		if name == "issuer" {
			v = unescape(strings.ReplaceAll(p.value, "+", " "))
		}
		if old, dup := out[name]; dup && old != v {
			return nil, fmt.Errorf("parameter %s occurs twice with different values", name)
		}
		out[name] = v
	}
	return out, nil
}

func isKnown(name string) bool {
	for _, n := range known {
		if n == name {
			return true
		}
	}
	return false
}

// key gives the pieces their meaning.
func (u uri) key() (Key, error) {
	v, err := u.values()
	if err != nil {
		return Key{}, err
	}
	k := Key{}
	k.Issuer, k.Account = splitLabel(u.label)
	if v["issuer"] != "" {
		k.Issuer = text(v["issuer"])
	}
	if k.Kind, err = u.kind(v, k.Issuer); err != nil {
		return Key{}, err
	}
	if err := k.readNumbers(v); err != nil {
		return Key{}, err
	}
	raw, err := decodeSecret(k.Kind, v["secret"])
	if err != nil {
		return Key{}, err
	}
	k.Secret = secret.New(raw)
	k = k.filled()
	if err := k.Validate(); err != nil {
		return Key{}, err
	}
	return k, nil
}

// kind finds the kind from type, encoder, and the ways in which Steam is spelled.
func (u uri) kind(v map[string]string, issuer string) (Kind, error) {
	steam := u.typ == "steam"
	switch strings.ToLower(v["encoder"]) {
	case "":
	case "steam":
		steam = true
	default:
		return "", errors.New("the encoder is unknown, its codes would be wrong")
	}
	if strings.EqualFold(v["digits"], "s") || v["digits"] == "5" && strings.EqualFold(issuer, "Steam") {
		steam = true
	}
	switch {
	case steam && (u.typ == "totp" || u.typ == "steam"):
		return Steam, nil
	case steam:
		return "", errors.New("a Steam key goes by time, this one does not")
	case u.typ == "totp":
		return TOTP, nil
	case u.typ == "hotp":
		return HOTP, nil
	case u.typ == "motp":
		return MOTP, nil
	case u.typ == "yaotp" || u.typ == "yandex":
		return Yandex, nil
	}
	return "", errors.New("the type is none of totp, hotp, steam, motp and yaotp")
}

// readNumbers reads algorithm, digits, period and counter. A Steam key ignores digits: some writers put 6 beside
// encoder=steam. A missing counter is 0, the value with which every app starts.
func (k *Key) readNumbers(v map[string]string) (err error) {
	if s := v["algorithm"]; s != "" && (k.Kind != MOTP || !strings.EqualFold(s, "md5")) {
		if k.Algorithm, err = ParseAlgorithm(s); err != nil {
			return err
		}
	}
	if s := v["digits"]; s != "" && k.Kind != Steam {
		if k.Digits, err = number(s, MaxDigits, errDigits); err != nil || k.Digits == 0 {
			return errDigits
		}
	}
	if s := v["period"]; s != "" && k.Kind != HOTP {
		if k.Period, err = number(s, MaxPeriod, errPeriod); err != nil || k.Period == 0 {
			return errPeriod
		}
	}
	if s := v["counter"]; s != "" && k.Kind == HOTP {
		n, err := number(s, MaxCounter, errCounter)
		if err != nil {
			return err
		}
		k.Counter = uint64(n)
	}
	return nil
}

// number reads a decimal number without sign, and without leading zeros: one meaning, one spelling.
func number(s string, most int64, fault error) (int, error) {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' || s[0] == '0' && len(s) > 1 {
			return 0, fault
		}
	}
	n, err := strconv.ParseInt(s, 10, strconv.IntSize)
	if err != nil || n > most {
		return 0, fault
	}
	return int(n), nil
}

// splitLabel returns issuer and account: the label is split at its first ":", else at its first "%3A", and unescaped only
// then, so that an escaped colon can stand in either part. Blanks before the account belong to the separator.
func splitLabel(label string) (issuer, account string) {
	i, n := strings.IndexByte(label, ':'), 1
	if i < 0 {
		i, n = indexEither(label, "%3A", "%3a"), 3
	}
	if i < 0 {
		return "", text(strings.TrimLeft(unescape(label), " "))
	}
	return text(unescape(label[:i])), text(strings.TrimLeft(unescape(label[i+n:]), " "))
}

// indexEither is the lower of two offsets, -1 when neither occurs. (Lowering the whole label would move its offsets: bytes
// that are no UTF-8 grow.)
func indexEither(s, a, b string) int {
	i, j := strings.Index(s, a), strings.Index(s, b)
	if i < 0 || j >= 0 && j < i {
		return j
	}
	return i
}

// text makes unescaped bytes valid UTF-8; the original stays in Key.URI.
func text(s string) string { return strings.ToValidUTF8(s, string(utf8.RuneError)) }

// unescape decodes %XX and leaves every other "%" as it is.
func unescape(s string) string {
	if !strings.Contains(s, "%") {
		return s
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			if b, err := hex.DecodeString(s[i+1 : i+3]); err == nil {
				out = append(out, b[0])
				i += 2
				continue
			}
		}
		out = append(out, s[i])
	}
	return string(out)
}

// decodeSecret reads the secret parameter: base32, but for mOTP hexadecimal, in which its users know it.
func decodeSecret(kind Kind, s string) ([]byte, error) {
	if kind == MOTP && len(s) <= 2*MaxSecret {
		if raw, err := hex.DecodeString(s); err == nil && len(raw) > 0 {
			return raw, nil
		}
	}
	return decodeBase32(s)
}

var base32Raw = base32.StdEncoding.WithPadding(base32.NoPadding)

// decodeBase32 reads what people paste. Positions are named in errors, characters never.
func decodeBase32(s string) ([]byte, error) {
	if len(s) > MaxURI {
		return nil, fmt.Errorf("the secret is longer than %d bytes", MaxSecret)
	}
	digits, padded := make([]byte, 0, len(s)), false
	for i := range len(s) {
		c := s[i]
		switch {
		case c == ' ' || c == '-' || c == '+' || c == '\t' || c == '\n' || c == '\r':
			continue // "+" is an escaped blank: base32 has none
		case c == '=':
			padded = true
			continue
		case c >= 'a' && c <= 'z':
			c -= 'a' - 'A'
		}
		if padded || !(c >= 'A' && c <= 'Z' || c >= '2' && c <= '7') {
			return nil, fmt.Errorf("the secret is not base32 (character %d)", utf8.RuneCountInString(s[:i])+1)
		}
		digits = append(digits, c)
	}
	switch len(digits) % 8 { // 1, 3 and 6 characters carry less than a further byte
	case 1, 3, 6:
		digits = digits[:len(digits)-1]
	}
	raw := make([]byte, base32Raw.DecodedLen(len(digits)))
	n, err := base32Raw.Decode(raw, digits)
	clear(digits)
	switch {
	case err != nil:
		return nil, errors.New("the secret is not base32")
	case n == 0:
		return nil, errors.New("the secret is empty")
	case n > MaxSecret:
		return nil, fmt.Errorf("the secret is longer than %d bytes", MaxSecret)
	}
	return raw[:n], nil
}
