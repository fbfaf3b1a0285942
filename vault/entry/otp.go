package entry

import (
	"encoding/base32"
	"errors"
	"strconv"

	"signet/vault/secret"
	"signet/vault/totp"
)

// ErrWithheld says that an entry was read without revealing what is needed.
var ErrWithheld = errors.New("the value was not revealed")

var noPad = base32.StdEncoding.WithPadding(base32.NoPadding)

// NewTOTP makes the credential of a key: CXF's members, with Signet's where CXF has none (HOTP, Steam, the original URI).
func NewTOTP(k totp.Key) Credential {
	c := Credential{Type: TOTP}
	add := func(name, value string) {
		if value != "" {
			c.Members = append(c.Members, Member{Name: name, Value: secret.FromString(value)})
		}
	}
	add("secret", noPad.EncodeToString(k.Secret.Reveal()))
	add("period", strconv.Itoa(k.Period))
	add("digits", strconv.Itoa(k.Digits))
	add("algorithm", string(k.Algorithm))
	add("username", k.Account)
	add("issuer", k.Issuer)
	if k.Kind != totp.TOTP {
		add("signet:kind", string(k.Kind))
	}
	if k.Kind == totp.HOTP {
		add("signet:counter", strconv.FormatUint(k.Counter, 10))
	}
	add("signet:uri", k.URI.RevealString())
	return c
}

// TOTPKey reads a totp credential that was revealed.
func (c Credential) TOTPKey() (totp.Key, error) {
	m, ok := c.Member("secret")
	if !ok || m.Withheld {
		return totp.Key{}, ErrWithheld
	}
	k, err := totp.ParseSecret(m.Value.RevealString())
	if err != nil {
		return totp.Key{}, err
	}
	if kind := c.Text("signet:kind"); kind != "" {
		k.Kind = totp.Kind(kind)
	}
	if alg := c.Text("algorithm"); alg != "" {
		if k.Algorithm, err = totp.ParseAlgorithm(alg); err != nil {
			return totp.Key{}, err
		}
	}
	k.Digits = number(c.Text("digits"), k.Digits)
	k.Period = number(c.Text("period"), k.Period)
	k.Issuer, k.Account = c.Text("issuer"), c.Text("username")
	if n, err := strconv.ParseUint(c.Text("signet:counter"), 10, 63); err == nil {
		k.Counter = n
	}
	if uri, ok := c.Member("signet:uri"); ok {
		k.URI = uri.Value
	}
	return k, k.Validate()
}

func number(s string, otherwise int) int {
	if n, err := strconv.Atoi(s); err == nil {
		return n
	}
	return otherwise
}

// TOTPURI is the key of a totp credential that was revealed as authenticators read it: otpauth://…
func (c Credential) TOTPURI() (secret.Secret, error) {
	k, err := c.TOTPKey()
	if err != nil {
		return secret.Secret{}, err
	}
	return secret.FromString(k.URIString()), nil
}
