package client

import (
	"encoding/binary"

	"github.com/fxamacker/cbor/v2"

	"signet/passkeys"
)

// Sizes within authenticator data (WebAuthn Level 3, section 6.1).
const (
	aaguidAt   = 32 + 1 + 4
	aaguidSize = 16
)

// authData is authenticator data taken apart.
type authData struct {
	rpIDHash   []byte
	flags      passkeys.Flags
	id         []byte // where there is a credential in it
	key        cbor.RawMessage
	extensions outputs
}

// outputs are those of the authenticator's extensions.
type outputs struct {
	CredBlob     any    `cbor:"credBlob"` // true or false at create, bytes at get
	CredProtect  uint64 `cbor:"credProtect"`
	HMACSecret   any    `cbor:"hmac-secret"` // true or false at create, bytes at get
	HMACSecretMC []byte `cbor:"hmac-secret-mc"`
}

func parseAuthData(b []byte) (*authData, error) {
	if len(b) < aaguidAt {
		return nil, errAnswer
	}
	d := &authData{rpIDHash: b[:32], flags: passkeys.Flags(b[32])}
	b = b[aaguidAt:]
	if d.flags&passkeys.FlagAT != 0 {
		if len(b) < aaguidSize+2 {
			return nil, errAnswer
		}
		n := int(binary.BigEndian.Uint16(b[aaguidSize:]))
		b = b[aaguidSize+2:]
		if n == 0 || len(b) < n {
			return nil, errAnswer
		}
		d.id = b[:n]
		rest, err := decoder.UnmarshalFirst(b[n:], &d.key)
		if err != nil {
			return nil, errAnswer
		}
		b = rest
	}
	if d.flags&passkeys.FlagED != 0 {
		if err := decoder.Unmarshal(b, &d.extensions); err != nil {
			return nil, errAnswer
		}
		b = nil
	}
	if len(b) != 0 {
		return nil, errAnswer
	}
	return d, nil
}

// check refuses an answer that no site would take: for another RP ID, without presence, or without the verification that was asked for.
func (d *authData) check(rpID string, uv bool) error {
	switch {
	case !equal(d.rpIDHash, hashOf([]byte(rpID))), d.flags&passkeys.FlagUP == 0:
		return errAnswer
	case uv && d.flags&passkeys.FlagUV == 0:
		return errorf(NotAllowed, "the device did not verify who you are, and the site asked for that")
	}
	return nil
}
