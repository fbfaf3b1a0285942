package passkeys

import (
	"crypto/sha256"
	"encoding/binary"
)

// Flags of authenticator data (WebAuthn Level 3, section 6.1).
type Flags byte

// The flags.
const (
	FlagUP Flags = 1 << 0 // somebody was there
	FlagUV Flags = 1 << 2 // it was the right somebody
	FlagBE Flags = 1 << 3 // the credential may be backed up: it is synced
	FlagBS Flags = 1 << 4 // it is backed up now
	FlagAT Flags = 1 << 6 // attested credential data follows
	FlagED Flags = 1 << 7 // extension outputs follow
)

// AAGUID names the model of an authenticator.
type AAGUID [16]byte

// attested is what authenticator data says of a credential at its registration.
type attested struct {
	aaguid    AAGUID
	id        []byte // at most 1,023 bytes (WebAuthn Level 3, section 6.5.1)
	publicKey []byte // COSE_Key
}

// siteHash is the SHA-256 of an RP ID, or of a U2F app ID.
type siteHash [sha256.Size]byte

func hashOf(rpID string) siteHash { return sha256.Sum256([]byte(rpID)) }

// authData is what an authenticator signs beside the hash of the client data.
type authData struct {
	site       siteHash
	flags      Flags
	counter    uint32
	credential *attested
	extensions []byte // a canonical CBOR map; nil for none
}

// encode writes the bytes of WebAuthn Level 3, section 6.1. The flags AT and ED follow from what there is.
func (a authData) encode() []byte {
	out := append(make([]byte, 0, 512), a.site[:]...)
	flags := a.flags &^ (FlagAT | FlagED)
	if a.credential != nil {
		flags |= FlagAT
	}
	if a.extensions != nil {
		flags |= FlagED
	}
	out = append(out, byte(flags))
	out = binary.BigEndian.AppendUint32(out, a.counter)
	if c := a.credential; c != nil {
		out = append(out, c.aaguid[:]...)
		out = binary.BigEndian.AppendUint16(out, uint16(len(c.id))) //nolint:gosec // ids are ours and short
		out = append(append(out, c.id...), c.publicKey...)
	}
	return append(out, a.extensions...)
}
