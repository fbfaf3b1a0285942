package session

import (
	"context"
	"errors"
	"io"
	"time"

	"signet/passkeys"
)

// DoorOptions say how a Door opens.
type DoorOptions struct {
	// Open asks a person to open the vault; waiting(true) is told while they are waited for. nil: a locked vault stays locked.
	Open func(ctx context.Context, waiting func(bool)) (*Local, error)
	Dir  string // of the vault, for what is recorded while it is locked; "": nothing is
	Now  func() time.Time
	Rand io.Reader
}

// Door is a vault that an authenticator stands on: open, or locked and opened when it is needed. Its methods may be called from several goroutines. What it
// knows of the authenticator's settings stays known while the vault is locked, without the secrets.
type Door struct{ o DoorOptions }

// NewDoor makes one that is locked.
func NewDoor(o DoorOptions) *Door { return &Door{o: o} }

// Use hands an open vault over, which stays its owner's to close; nil takes it away.
func (d *Door) Use(l *Local) {}

// Open opens the vault when it is locked: passkeys.Options.Open.
func (d *Door) Open(ctx context.Context, waiting func(bool)) error { return errors.ErrUnsupported }

// Store is the vault's passkeys; while the vault is locked every call fails with passkeys.ErrLocked.
func (d *Door) Store() passkeys.CredentialStore { return nil }

// State is the authenticator's own memory: what is synced of it in the vault's record, the rest sealed to this device.
func (d *Door) State() passkeys.State { return nil }

// Record writes one row of the request log, durably; while the vault is locked, sealed to this device and marked as not authenticated.
func (d *Door) Record(ctx context.Context, r Request) error { return errors.ErrUnsupported }

// Binding returns where the key of a new passkey of a site lives by the vault's settings: passkey.rp/<rp>, else passkey.default, else synced.
func (d *Door) Binding(ctx context.Context, rpID string) (passkeys.Binding, error) {
	return passkeys.Synced, nil
}
