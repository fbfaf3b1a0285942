package passkeys

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
)

// Whoever holds the persistent token can tell this authenticator from others, and whether its passkeys changed since it listed them. Nobody else can: both
// values are encrypted under keys that follow from the token, with another initialization vector each time (CTAP 2.3, section 6.4).

// identifierSize is that of both values.
const identifierSize = aes.BlockSize

// Names of the two values, which their keys are derived with.
const (
	infoIdentifier = "encIdentifier"
	infoState      = "encCredStoreState"
)

// Versioned is what a CredentialStore may implement besides: Version is a text that is another whenever a discoverable credential was added, changed or
// removed. It may change without that too.
type Versioned interface {
	Version(ctx context.Context) (string, error)
}

// identify adds both values to getInfo, if there is a token. While the vault is locked the token is not known, and there are none.
func (a *Authenticator) identify(c *call, i *info, version string, versioned bool) error {
	token := c.mem.PersistentToken
	if token.IsEmpty() || len(c.mem.Identifier) != identifierSize {
		return nil
	}
	var err error
	if i.Identifier, err = a.concealed(token.Reveal(), infoIdentifier, c.mem.Identifier); err != nil || !versioned {
		return err
	}
	state := sha256.Sum256(append(append([]byte{}, c.mem.Identifier...), version...))
	i.CredStoreState, err = a.concealed(token.Reveal(), infoState, state[:identifierSize])
	return err
}

// concealed encrypts one block: the initialization vector, then AES-128-CBC.
func (a *Authenticator) concealed(token []byte, info string, block []byte) ([]byte, error) {
	iv, err := a.random(aes.BlockSize)
	if err != nil {
		return nil, err
	}
	key := must(hkdf.Key(sha256.New, token, make([]byte, sha256.Size), info, aes.BlockSize))
	out := make([]byte, identifierSize)
	cipher.NewCBCEncrypter(must(aes.NewCipher(key)), iv).CryptBlocks(out, block)
	return append(iv, out...), nil
}
