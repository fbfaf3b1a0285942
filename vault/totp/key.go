package totp

import (
	"errors"
	"fmt"
	"strings"

	"signet/vault/secret"
)

// Kind says how codes are made.
type Kind string

// The kinds, spelled as in the member signet:kind (decisions.md, "Records and fields").
const (
	TOTP   Kind = "totp"
	HOTP   Kind = "hotp"
	Steam  Kind = "steam"
	MOTP   Kind = "motp"
	Yandex Kind = "yandex"
)

// Algorithm is the hash below HMAC, spelled as CXF spells it.
type Algorithm string

// The algorithms of RFC 6238.
const (
	SHA1   Algorithm = "sha1"
	SHA256 Algorithm = "sha256"
	SHA512 Algorithm = "sha512"
)

// Limits and defaults.
const (
	MaxDigits     = 10    // RFC 4226 truncates to 31 bits: ten digits are all there is
	MaxPeriod     = 86400 // seconds; 10 to 90 are seen
	MaxSecret     = 1024  // bytes; RFC 4226 asks for 20, the longest hash block is 128
	MaxCounter    = 1<<63 - 1
	MaxURI        = 16384 // bytes; some writers append JSON to the URI
	DefaultDigits = 6
	DefaultPeriod = 30
	steamDigits   = 5
)

// ErrUnsupported says that a key is well-formed and kept, but that Signet does not make codes of its kind.
var ErrUnsupported = errors.New("make code: keys of this kind need a PIN and are kept, not computed")

// Key is everything that a one-time-code key consists of. Algorithm, Digits and Period may be zero and then mean the
// kind's defaults (SHA-1, 6 digits, 30 seconds for totp); a parsed key has them filled in.
type Key struct {
	Kind      Kind
	Secret    secret.Secret // the raw bytes, not base32
	Algorithm Algorithm
	Digits    int
	Period    int    // seconds; TOTP and Steam
	Counter   uint64 // the next one to use; HOTP
	Issuer    string
	Account   string
	URI       secret.Secret // the original string when it was a URI; it contains the secret
}

// facts holds what differs between the kinds: the type in the URI, the defaults, and whether codes are made.
func (k Kind) facts() (f struct {
	known          bool
	uriType        string
	digits, period int
	supported      bool
}) {
	f.known, f.digits, f.period, f.supported = true, DefaultDigits, DefaultPeriod, true
	switch k {
	case TOTP:
		f.uriType = "totp"
	case HOTP:
		f.uriType = "hotp"
	case Steam:
		f.uriType, f.digits = "totp", steamDigits
	case MOTP:
		f.uriType, f.period, f.supported = "motp", 10, false
	case Yandex:
		f.uriType, f.digits, f.supported = "yaotp", 8, false
	default:
		f.known, f.supported = false, false
	}
	return f
}

// Supported returns nil when codes can be made of this key, [ErrUnsupported] when its kind is only kept, and otherwise
// what is wrong with it.
func (k Key) Supported() error {
	if err := k.Validate(); err != nil {
		return err
	}
	if !k.filled().Kind.facts().supported {
		return ErrUnsupported
	}
	return nil
}

// Validate checks every member against its limits.
func (k Key) Validate() error {
	k = k.filled()
	n := len(k.Secret.Reveal())
	switch {
	case !k.Kind.facts().known:
		return errors.New("check key: unknown kind")
	case n == 0:
		return errors.New("check key: the secret is empty")
	case n > MaxSecret:
		return fmt.Errorf("check key: the secret is longer than %d bytes", MaxSecret)
	case newHash(k.Algorithm) == nil:
		return errAlgorithm
	case k.Digits < 1 || k.Digits > MaxDigits:
		return errDigits
	case k.Period < 1 || k.Period > MaxPeriod:
		return errPeriod
	case k.Counter > MaxCounter:
		return errCounter
	case k.Kind == Steam && (k.Algorithm != SHA1 || k.Digits != steamDigits):
		return errSteam
	}
	return nil
}

var (
	errAlgorithm = errors.New("the algorithm is none of SHA1, SHA256 and SHA512")
	errDigits    = fmt.Errorf("digits is not a number from 1 to %d", MaxDigits)
	errPeriod    = fmt.Errorf("period is not a number of seconds from 1 to %d", MaxPeriod)
	errCounter   = fmt.Errorf("counter is not a number from 0 to %d", uint64(MaxCounter))
	errSteam     = errors.New("a Steam key has SHA1 and 5 characters")
)

// filled puts the defaults in place of zeros, and of what the kind does not use.
func (k Key) filled() Key {
	if k.Kind == "" {
		k.Kind = TOTP
	}
	f := k.Kind.facts()
	if k.Algorithm == "" {
		k.Algorithm = SHA1
	}
	if k.Digits == 0 {
		k.Digits = f.digits
	}
	if k.Period == 0 || k.Kind == HOTP {
		k.Period = f.period
	}
	if k.Kind != HOTP {
		k.Counter = 0
	}
	return k
}

// Equal reports whether two keys agree in everything that their kind uses, whatever their original URIs. Zeros
// equal the defaults they stand for.
func (k Key) Equal(o Key) bool {
	k, o = k.filled(), o.filled()
	return k.Kind == o.Kind && k.Secret.Equal(o.Secret) && k.Algorithm == o.Algorithm && k.Digits == o.Digits &&
		k.Period == o.Period && k.Counter == o.Counter && k.Issuer == o.Issuer && k.Account == o.Account
}

// ParseAlgorithm reads the name of a hash as writers spell it: case, "-", "_" and a leading "Hmac" do not matter, since
// "SHA-256" and "HmacSHA256" can mean nothing else. Every other name is refused, never read as SHA-1.
func ParseAlgorithm(s string) (Algorithm, error) {
	if len(s) > 32 {
		return "", errAlgorithm
	}
	name := strings.NewReplacer("-", "", "_", "").Replace(strings.ToLower(s))
	switch a := Algorithm(strings.TrimPrefix(name, "hmac")); a {
	case SHA1, SHA256, SHA512:
		return a, nil
	}
	return "", errAlgorithm
}
