package screen

import (
	"context"
	"time"

	"signet/vault/secret"
)

// Ways manages the ways into an open vault and knows its devices.
type Ways interface {
	// List lists every way in and every device. It takes no lock and asks nobody.
	List(ctx context.Context, v Vault) (WayList, error)
	// Add gives this device another way in. The secret is the caller's to wipe.
	Add(ctx context.Context, v Vault, n NewWay) error
	// PrepareRecovery makes a recovery code; nothing is written before Prepared.Commit, which gives no vault back. replace is the name of
	// a code that goes in the same step, "" for none.
	PrepareRecovery(ctx context.Context, v Vault, replace string) (Prepared, error)
	// Test opens the vault once more through one way in.
	Test(ctx context.Context, v Vault, name string, typed secret.Secret) error
	Rename(ctx context.Context, v Vault, name, to string) error
	// Change gives a way in of this device another secret, cost or key.
	Change(ctx context.Context, v Vault, name string, c WayChange) error
	// Remove removes a way in. keepKey, for one of this device: only its file or item goes, the device's key stays as it is.
	Remove(ctx context.Context, v Vault, name string, keepKey bool) error
}

// Kinds of ways in beside those of the unlock screen.
const (
	WayPlugin   WayKind = "plugin"
	WayHardware WayKind = "hardware"
)

// WayRow is one way in. It holds no secret.
type WayRow struct {
	Name       string
	Kind       WayKind
	Plugin     string // of WayPlugin: its name
	Device     bool   // opens on this device only; otherwise it opens any copy of the vault
	Person     bool   // needs somebody: something typed, a touch
	Added      time.Time
	Opened     time.Time // when it was last seen to open the vault here; zero for never
	WorkFactor int       // of WayPassphrase: log2 of scrypt's N
	Weak       bool      // its work factor is below what is recommended
	Stale      bool      // does not open what is written now
	Kept       bool      // copies of an older file of it still open everything
	Gone       bool      // removed, but copies of it still open everything
	Unfinished bool      // a change of it was cut off
	Unlisted   bool      // left over: in no trusted list
	NoDecision bool      // a recovery code that restores and takes machines in, but decides no fork
	Last       bool      // the last one of this device: it cannot be removed
}

// DeviceRow is one device of the vault.
type DeviceRow struct {
	Name  string
	This  bool
	Added time.Time
	By    string // who let it in: the name of a device or a recovery code; "" when it made the vault
}

// WayList is everything that opens the vault.
type WayList struct {
	Ways    []WayRow // this device's own first
	Devices []DeviceRow
	Keyring bool // a keyring of this computer can be added
}

// Bounds of the cost of a passphrase, log2 of scrypt's N.
const (
	WorkLeast, WorkUsual, WorkMost = 10, 18, 22
	WorkWeak                       = 17 // below it a passphrase stays marked
)

// NewWay is a way in to add.
type NewWay struct {
	Kind       WayKind
	Name       string // "" for the kind
	Passphrase secret.Secret
	WorkFactor int // 0 for the usual one
}

// WayChange says what of a way in changes.
type WayChange struct {
	Passphrase secret.Secret // the new one; empty keeps it, and Current is needed
	Current    secret.Secret // the present passphrase, where only the cost changes
	WorkFactor int           // 0 keeps the cost
	KeepKey    bool          // replace only this way's file: copies of the old one still open everything
}
