package passkeys

import (
	"context"
	"errors"
	"time"

	"signet/vault/secret"
)

// Binding says where the key of a credential lives. It is fixed when the credential is made.
type Binding byte

// The bindings. The zero value leaves the choice to Options.BindingFor.
const (
	Synced Binding = iota + 1 // in the vault, on every device that opens it
	Device                    // sealed to this device; never exported
)

// Protection is the credential protection policy (CTAP 2.1, section 12.1).
type Protection byte

// The policies; 0 counts as ProtectOptional.
const (
	ProtectOptional Protection = 1 // found by everybody
	ProtectWithList Protection = 2 // without verification only by whoever names its id
	ProtectRequired Protection = 3 // only after verification
)

// User is the account of a credential (WebAuthn Level 3, section 5.4.3). ID is the user handle, 1 to 64 bytes.
type User struct {
	ID          []byte
	Name        string
	DisplayName string
}

// Credential is a passkey with everything that an answer about it needs.
type Credential struct {
	ID     []byte
	RPID   string
	RPName string
	User   User
	Key    Key // the zero value where it cannot be used: it lives on another device, or is of a kind that this program does not know

	// BE, BS and Counter are what this credential answers to its site, fixed at creation; an import brings those that its writer answered. A counter of 0
	// stays 0, one above 0 is raised before each answer.
	BE, BS       bool
	Counter      uint32
	Binding      Binding
	Discoverable bool
	U2F          bool // made by a U2F host; never discoverable
	Created      time.Time
	LastUsed     time.Time // zero: never

	Protect      Protection
	SecretUV     secret.Secret // hmac-secret after verification, 32 bytes; empty when it was not asked for
	SecretNoUV   secret.Secret // hmac-secret without
	Blob         []byte        // credBlob
	LargeBlobKey secret.Secret // 32 bytes, or empty
}

// flags are those that follow from the credential alone.
func (c *Credential) flags() Flags {
	var f Flags
	if c.BE {
		f |= FlagBE
	}
	if c.BE && c.BS {
		f |= FlagBS
	}
	return f
}

// visible reports whether a request may learn of the credential (CTAP 2.1, section 12.1.1). One whose key cannot be used is not on this authenticator.
func (c *Credential) visible(verified, named bool) bool {
	if !c.Key.Usable() {
		return false
	}
	switch c.Protect {
	case ProtectRequired:
		return verified
	case ProtectWithList:
		return verified || named
	}
	return true
}

// RP is a site that has discoverable credentials.
type RP struct {
	ID   string
	Name string
}

// Use is what an assertion changes of a credential.
type Use struct {
	Counter uint32 // the new one; 0 where the counter stays 0
	At      time.Time
}

// Errors of a CredentialStore that a command branches on. Every other one is answered with StatusOther.
var (
	ErrNoCredential = errors.New("no such passkey")
	ErrStoreFull    = errors.New("no room for another passkey")
)

// CredentialStore keeps credentials. Calls come one at a time; each is durable when it returns. RP IDs and user names come from the network: they are
// values to compare, never parts of a path, a pattern or a template. What a call returns belongs to the caller, but for the secrets, which the store may share.
type CredentialStore interface {
	// Find returns the discoverable credentials of a site, the newest first, those without a usable key too. None is no error.
	Find(ctx context.Context, rpID string) ([]Credential, error)
	// ByID returns one credential, discoverable or not, or ErrNoCredential.
	ByID(ctx context.Context, id []byte) (Credential, error)
	// Put adds a discoverable credential. One of the same RP ID and user handle gives way to it and goes to the trash, unless its key cannot be used here: that
	// may be another device's own. ErrStoreFull where there is no room.
	Put(ctx context.Context, c Credential) error
	// SetUser changes the account's names, or returns ErrNoCredential.
	SetUser(ctx context.Context, id []byte, u User) error
	// Used notes a use, and returns ErrNoCredential if the credential is gone meanwhile. The counter never falls: the greater one stays.
	Used(ctx context.Context, id []byte, u Use) error
	// Delete moves a credential to the trash, or returns ErrNoCredential.
	Delete(ctx context.Context, id []byte) error
	// Clear moves every credential to the trash.
	Clear(ctx context.Context) error
	// Count returns how many discoverable credentials there are.
	Count(ctx context.Context) (int, error)
	// RPs returns every site that has discoverable credentials, each once, in an order that does not change by itself.
	RPs(ctx context.Context) ([]RP, error)
}
