package screen

import (
	"context"
	"time"

	"signet/vault/entry"
)

// Passkeys lists passkeys.
type Passkeys interface {
	// List lists the passkeys of the vault outside the trash, in no particular order.
	List(ctx context.Context, v Vault) ([]PasskeyRow, error)
	// Of lists those of one entry.
	Of(ctx context.Context, v Vault, id entry.ID) ([]PasskeyRow, error)
	// Rename changes the names of the account as the list and the sign-in show them; the site is not told.
	Rename(ctx context.Context, v Vault, r PasskeyRow, user, display string) (Applied, error)
	// Delete moves a passkey to the trash: its entry where that holds nothing else, else it becomes an entry of its own there.
	Delete(ctx context.Context, v Vault, r PasskeyRow) (Applied, error)
}

// Binding says where the key of a passkey lives.
type Binding string

// The bindings; other words are shown as they are.
const (
	BindingSynced Binding = "synced"
	BindingDevice Binding = "device"
)

// PasskeyRow is one passkey. It holds no secret.
type PasskeyRow struct {
	Entry        entry.ID
	Title        string // of the entry
	Cred         string // id of the credential in it
	RP, RPName   string // relying party: its id and what it calls itself
	User         string // the account
	Display      string // the account's display name
	Binding      Binding
	Told         Binding // what the site was told, where that differs; "" where it does not, or is not known
	Where        []string
	Created      time.Time // zero when unknown
	Used         time.Time // last use of its entry on this device; zero for never
	Algorithm    string    // in words
	Counter      uint64    // the signature counter; 0: it does not count
	Discoverable bool      // it signs in without a user name
	Here         bool      // its key can be used on this device
	Unusable     bool      // its key is of a sort that this program cannot sign with
	Protect      int       // credProtect: 2 and 3 are found only by who names it, or after verification; 0 unknown
	Extensions   []string  // in words
	CredentialID string    // hexadecimal
	BE, BS       string    // the flags as the site is told: "1", "0", "" unknown
}

// HardwareKeys sees the security keys that are plugged in.
type HardwareKeys interface {
	// Library says in words what talks to the keys: "libfido2 1.15.0".
	Library() string
	// List lists the keys that are plugged in now. It takes milliseconds and wakes none of them.
	List(ctx context.Context) ([]KeyRow, error)
}

// KeyRow is one hardware key. All of it comes from the key and is foreign text.
type KeyRow struct {
	ID      string // the same as long as it stays plugged in
	Name    string
	Maker   string
	Product string
	USB     string // vendor and product id
	Path    string
}
