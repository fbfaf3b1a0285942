package fido

import "signet/vault/secret"

// Bounds of what is asked of a key and of what one answers.
const (
	maxCredentialID = 1023
	maxList         = 1024
	maxRPID         = 255
	maxUserID       = 64
	maxName         = 1024
	maxPINBytes     = 63
	hashSize        = 32
	maxListed       = 10_000  // passkeys that are listed of one key
	maxLargeBlob    = 1 << 20 // of one array
)

// Info is what a key says of itself (CTAP 2.1, section 6.4). Texts are foreign.
type Info struct {
	Versions, Extensions, Transports []string
	AAGUID                           [16]byte
	Options                          map[string]bool
	Algorithms                       []int
	Protocols                        []int // PIN/UV
	MaxMsgSize                       uint64
	MaxCredentials, MaxCredentialID  uint64 // of a list; of one id
	MaxCredBlob, MaxLargeBlob        uint64
	MinPIN                           uint64 // code points
	ChangePIN                        bool   // the PIN must be changed before anything else
	Firmware                         uint64
	UVAttempts, UVModality           uint64
	MaxMinPINRPs                     uint64
	Remaining                        int64 // passkeys that still fit; -1 unknown
	Certifications                   map[string]uint64
	FIDO2                            bool // false: a key of U2F only, of which nothing above is known
	Major, Minor, Build              uint8
	Wink, CBOR, NoU2F                bool // capabilities of CTAPHID
}

// Option reports what an option says, and whether the key has it at all.
func (i *Info) Option(name string) (on, there bool) {
	on, there = i.Options[name]
	return on, there
}

// Has reports whether an option is there and on.
func (i *Info) Has(name string) bool { return i.Options[name] }

// HasExtension reports whether the key knows an extension.
func (i *Info) HasExtension(name string) bool {
	for _, e := range i.Extensions {
		if e == name {
			return true
		}
	}
	return false
}

// User is the account of a passkey.
type User struct {
	ID            []byte
	Name, Display string
}

// Algorithms of keys (COSE).
const (
	ES256 = -7
	EdDSA = -8
	ES384 = -35
	RS256 = -257
)

// Tri is an option that may be left to the key.
type Tri int

// The choices.
const (
	Default Tri = iota
	No
	Yes
)

// MakeRequest asks for a new passkey.
type MakeRequest struct {
	ClientDataHash []byte // 32 bytes
	RPID, RPName   string
	User           User
	Algorithm      int
	Resident, UV   Tri
	Exclude        [][]byte
	HMACSecret     bool
	Protect        int // credProtect, 1 to 3; 0 none
	Blob           []byte
	LargeBlobKey   bool
	MinPINLength   bool
	PIN            secret.Secret // empty: none
}

// Made is a new passkey with its attestation.
type Made struct {
	ID           []byte
	AuthData     []byte // raw, without CBOR around it
	Format       string
	Statement    []byte // CBOR
	PublicKey    []byte // as libfido2 has it: x||y, the 32 bytes of Ed25519, n||e
	AAGUID       [16]byte
	Flags        byte
	Counter      uint32
	LargeBlobKey secret.Secret
	Attestation  []byte // X.509, DER; nil for none
}

// GetRequest asks for assertions.
type GetRequest struct {
	ClientDataHash []byte
	RPID           string
	Allow          [][]byte
	UP, UV         Tri
	Salt           []byte // hmac-secret: 32 bytes, or 64 for two
	Blob           bool
	LargeBlobKey   bool
	PIN            secret.Secret
}

// Assertion is one sign-in.
type Assertion struct {
	ID           []byte
	AuthData     []byte // raw
	Signature    []byte
	User         User
	Flags        byte
	Counter      uint32
	Secret       secret.Secret // hmac-secret: 32 or 64 bytes
	Blob         []byte
	LargeBlobKey secret.Secret
}

// Passkey is a discoverable credential on a key.
type Passkey struct {
	ID           []byte
	RPID, RPName string
	User         User
	Algorithm    int
	PublicKey    []byte
	Protect      int
	LargeBlobKey secret.Secret
}

// Listing is what credential management says.
type Listing struct {
	Existing, Remaining uint64
	Passkeys            []Passkey
}

// Fingerprint is one enrolled template.
type Fingerprint struct {
	ID   []byte
	Name string
}

// Sensor is the fingerprint sensor.
type Sensor struct {
	Swipe      bool // else touch
	MaxSamples int
}

// Sample is one step of an enrolment.
type Sample struct {
	Good      bool
	Status    int // CTAP 2.1, section 6.7.4
	Remaining int
}

// ids reports whether each of a list can be the id of a passkey.
func ids(list [][]byte) bool {
	for _, id := range list {
		if len(id) == 0 || len(id) > maxCredentialID {
			return false
		}
	}
	return true
}
