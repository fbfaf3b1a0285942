package totp

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/binary"
	"errors"
	"hash"
	"time"

	"signet/vault/secret"
)

// steamAlphabet is the one of Steam Guard: no characters that look alike, no vowels but those that make no words.
const steamAlphabet = "23456789BCDFGHJKMNPQRTVWXY"

// Code is one code and the time for which it holds, [From, Until). Next follows it, for displays that show it towards
// the end. An HOTP code has no times and no Next.
type Code struct {
	Value secret.Secret
	From  time.Time
	Until time.Time
	Next  secret.Secret
}

// Code returns the code for the moment t. For HOTP it is the code at Counter; the caller raises the counter and stores
// it before the code is shown.
func (k Key) Code(t time.Time) (Code, error) {
	k = k.filled()
	if k.Kind == HOTP {
		v, err := k.CodeAt(k.Counter)
		return Code{Value: v}, err
	}
	if t.Unix() < 0 {
		return Code{}, errors.New("make code: the time lies before 1970")
	}
	step := t.Unix() / int64(max(k.Period, 1))
	now, err := k.CodeAt(uint64(step))
	if err != nil {
		return Code{}, err
	}
	next, err := k.CodeAt(uint64(step) + 1)
	if err != nil {
		return Code{}, err
	}
	from := time.Unix(step*int64(k.Period), 0).UTC()
	return Code{Value: now, From: from, Until: from.Add(time.Duration(k.Period) * time.Second), Next: next}, nil
}

// CodeAt returns the code at a counter value: RFC 4226 section 5.3, with the counter as RFC 6238 section 4.2 derives it
// for the kinds that go by time.
func (k Key) CodeAt(counter uint64) (secret.Secret, error) {
	k = k.filled()
	if err := k.Supported(); err != nil {
		return secret.Secret{}, err
	}
	mac := hmac.New(newHash(k.Algorithm), k.Secret.Reveal())
	_ = binary.Write(mac, binary.BigEndian, counter) // a hash never fails
	sum := mac.Sum(nil)
	at := sum[len(sum)-1] & 0xf
	n := uint64(binary.BigEndian.Uint32(sum[at:]) & 0x7fffffff)
	if k.Kind == Steam {
		return secret.New(steamCode(n)), nil
	}
	return secret.New(decimal(n, k.Digits)), nil
}

// decimal returns the last digits of n with leading zeros.
func decimal(n uint64, digits int) []byte {
	out := make([]byte, digits)
	for i := digits - 1; i >= 0; i-- {
		out[i] = '0' + byte(n%10)
		n /= 10
	}
	return out
}

// steamCode writes n in base 26, least significant character first.
func steamCode(n uint64) []byte {
	out := make([]byte, steamDigits)
	for i := range out {
		out[i] = steamAlphabet[n%uint64(len(steamAlphabet))]
		n /= uint64(len(steamAlphabet))
	}
	return out
}

// newHash returns nil for an unknown algorithm.
func newHash(a Algorithm) func() hash.Hash {
	switch a {
	case SHA1:
		return sha1.New
	case SHA256:
		return sha256.New
	case SHA512:
		return sha512.New
	}
	return nil
}
