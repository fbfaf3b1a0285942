package fido

import (
	"bytes"
	"crypto/ecdh"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"

	"filippo.io/age"
	"filippo.io/age/plugin"
	"golang.org/x/crypto/chacha20poly1305"

	"signet/vault/secret"
)

// This file is the format of age-plugin-fido2-hmac, version 2 (its docs/spec-v2.md), so that the stock age tools open what Signet sealed to a hardware key,
// and the other way round: the 32 bytes that hmac-secret gives for a salt are an X25519 private key; its public half, the salt and the credential's id stand
// in the recipient and in every stanza, so that sealing needs no key and opening needs nothing but the key.

// AgeRPID is the relying party of the credentials that open age files.
const AgeRPID = "age-encryption.org"

const (
	pluginName    = "fido2-hmac"
	hmacVersion   = 2
	saltSize      = 32
	curveSize     = 32
	fileKeySize   = 16
	x25519Label   = "age-encryption.org/v1/X25519"
	maxHMACStanza = 16 // stanzas of one header that a key is asked for
)

// HMACSecretRecipient seals to a hardware key that need not be there. It implements age.Recipient.
type HMACSecretRecipient struct {
	public *ecdh.PublicKey
	HMACChallenge
}

// HMACChallenge is what a key is asked to get the private half.
type HMACChallenge struct {
	CredentialID []byte // not discoverable, of AgeRPID
	Salt         []byte // 32 bytes
	UV           bool   // verified or not: the answer differs
}

// NewHMACSecretRecipient makes the recipient of what a key answered to a challenge: 32 bytes.
func NewHMACSecretRecipient(c HMACChallenge, answer secret.Secret) (*HMACSecretRecipient, error) {
	private, err := privateKey(answer)
	if err != nil {
		return nil, err
	}
	if err := c.check(); err != nil {
		return nil, err
	}
	return &HMACSecretRecipient{private.PublicKey(), c}, nil
}

func (c *HMACChallenge) check() error {
	if len(c.Salt) != saltSize || !ids([][]byte{c.CredentialID}) {
		return errHMAC
	}
	return nil
}

// Fits reports whether an answer of a key is the private half of this recipient. A key that answers something else (verified where it was not, say) must
// not be believed.
func (r *HMACSecretRecipient) Fits(answer secret.Secret) bool {
	private, err := privateKey(answer)
	return err == nil && private.PublicKey().Equal(r.public)
}

func privateKey(answer secret.Secret) (*ecdh.PrivateKey, error) {
	k, err := ecdh.X25519().NewPrivateKey(answer.Reveal())
	if err != nil {
		return nil, errors.New("the key's answer has not 32 bytes")
	}
	return k, nil
}

var errHMAC = errors.New("malformed fido2-hmac recipient")

// ParseHMACSecretRecipient reads "age1fido2-hmac1…".
func ParseHMACSecretRecipient(s string) (*HMACSecretRecipient, error) {
	const head = 2 + curveSize + 1 + saltSize
	name, data, err := plugin.ParseRecipient(s)
	switch {
	case err != nil || name != pluginName:
		return nil, errHMAC
	case len(data) >= 2 && binary.BigEndian.Uint16(data) != hmacVersion:
		return nil, fmt.Errorf("%w: version %d", errHMAC, binary.BigEndian.Uint16(data))
	case len(data) <= head || data[2+curveSize] > 1:
		return nil, errHMAC
	}
	public, err := ecdh.X25519().NewPublicKey(data[2 : 2+curveSize])
	if err != nil {
		return nil, errHMAC
	}
	c := HMACChallenge{UV: data[2+curveSize] == 1, Salt: bytes.Clone(data[2+curveSize+1 : head]), CredentialID: bytes.Clone(data[head:])}
	return &HMACSecretRecipient{public, c}, c.check()
}

// String gives "age1fido2-hmac1…".
func (r *HMACSecretRecipient) String() string {
	data := binary.BigEndian.AppendUint16(nil, hmacVersion)
	data = append(append(append(data, r.public.Bytes()...), r.flag()), r.Salt...)
	return plugin.EncodeRecipient(pluginName, append(data, r.CredentialID...))
}

func (c *HMACChallenge) flag() byte {
	if c.UV {
		return 1
	}
	return 0
}

// Wrap implements age.Recipient. The share and the body are those of age's own stanza for the public key.
func (r *HMACSecretRecipient) Wrap(fileKey []byte) ([]*age.Stanza, error) {
	native, err := r.native()
	if err != nil {
		return nil, fmt.Errorf("seal to a hardware key: %w", err)
	}
	stanzas, err := native.Wrap(fileKey)
	if err != nil {
		return nil, fmt.Errorf("seal to a hardware key: %w", err)
	}
	text := base64.RawStdEncoding.EncodeToString
	return []*age.Stanza{{
		Type: pluginName,
		Args: []string{
			text(binary.BigEndian.AppendUint16(nil, hmacVersion)), stanzas[0].Args[0], text([]byte{r.flag()}), text(r.Salt), text(r.CredentialID),
		},
		Body: stanzas[0].Body,
	}}, nil
}

func (r *HMACSecretRecipient) native() (*age.X25519Recipient, error) {
	s, err := plugin.EncodeX25519Recipient(r.public)
	if err != nil {
		return nil, err
	}
	return age.ParseX25519Recipient(s)
}

// wrapKey is the key of one file key: used once, with a nonce of zeros.
type wrapKey []byte

func (k wrapKey) open(sealed []byte) ([]byte, error) {
	a, err := chacha20poly1305.New(k)
	if err != nil || len(sealed) != fileKeySize+chacha20poly1305.Overhead {
		return nil, age.ErrIncorrectIdentity
	}
	plain, err := a.Open(nil, make([]byte, chacha20poly1305.NonceSize), sealed, nil)
	if err != nil {
		return nil, age.ErrIncorrectIdentity
	}
	return plain, nil
}

// wrappingKey is that of age's native X25519 stanza, as who holds the private key gets it. age offers no identity made of 32 bytes.
func wrappingKey(private *ecdh.PrivateKey, share *ecdh.PublicKey) (wrapKey, error) {
	shared, err := private.ECDH(share)
	if err != nil {
		return nil, err
	}
	defer clear(shared)
	return hkdf.Key(sha256.New, shared, append(share.Bytes(), private.PublicKey().Bytes()...), x25519Label, chacha20poly1305.KeySize)
}

// HMACSecretIdentity opens with a hardware key. It implements age.Identity.
type HMACSecretIdentity struct {
	// Answer asks a key for a challenge. age.ErrIncorrectIdentity from it means that no key that is there knows the credential; another error ends the opening.
	Answer func(c HMACChallenge) (secret.Secret, error)
}

// Unwrap implements age.Identity. It asks for one stanza after the other, at most 16.
func (i *HMACSecretIdentity) Unwrap(stanzas []*age.Stanza) ([]byte, error) {
	asked := 0
	for _, s := range stanzas {
		if s.Type != pluginName {
			continue
		}
		c, share, err := parseStanza(s)
		if err != nil {
			continue // of another version, or damaged: perhaps the next one
		}
		if asked++; asked > maxHMACStanza {
			break
		}
		key, err := i.open(c, share, s.Body)
		if errors.Is(err, age.ErrIncorrectIdentity) {
			continue
		}
		return key, err
	}
	return nil, age.ErrIncorrectIdentity
}

func (i *HMACSecretIdentity) open(c HMACChallenge, share *ecdh.PublicKey, body []byte) ([]byte, error) {
	answer, err := i.Answer(c)
	if err != nil {
		return nil, err
	}
	defer answer.Wipe()
	private, err := privateKey(answer)
	if err != nil {
		return nil, err
	}
	key, err := wrappingKey(private, share)
	if err != nil {
		return nil, age.ErrIncorrectIdentity
	}
	return key.open(body)
}

// Challenges lists what the stanzas of a header ask of a key, so that a key that is plugged in can be recognised before anybody is asked.
func Challenges(stanzas []*age.Stanza) []HMACChallenge {
	var all []HMACChallenge
	for _, s := range stanzas {
		if s.Type == pluginName && len(all) < maxHMACStanza {
			if c, _, err := parseStanza(s); err == nil {
				all = append(all, c)
			}
		}
	}
	return all
}

func parseStanza(s *age.Stanza) (c HMACChallenge, share *ecdh.PublicKey, err error) {
	const args = 5
	if len(s.Args) != args {
		return c, nil, errHMAC
	}
	var parts [args][]byte
	for i, a := range s.Args {
		if parts[i], err = base64.RawStdEncoding.Strict().DecodeString(a); err != nil {
			return c, nil, errHMAC
		}
	}
	if !bytes.Equal(parts[0], []byte{0, hmacVersion}) || len(parts[2]) != 1 || parts[2][0] > 1 {
		return c, nil, errHMAC
	}
	if share, err = ecdh.X25519().NewPublicKey(parts[1]); err != nil {
		return c, nil, errHMAC
	}
	c = HMACChallenge{UV: parts[2][0] == 1, Salt: parts[3], CredentialID: parts[4]}
	return c, share, c.check()
}
