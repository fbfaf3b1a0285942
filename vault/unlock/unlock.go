package unlock

import (
	"context"
	"errors"
	"time"

	"signet/vault/secret"
)

// Kind of a local way in.
type Kind string

// The kinds; fido2 and tpm come with their own issues.
const (
	KindKeyring    Kind = "keyring"
	KindPassphrase Kind = "passphrase"
	KindFIDO2      Kind = "fido2"
	KindPlugin     Kind = "plugin"
)

// Errors that a caller branches on.
var (
	ErrWrongPassphrase = errors.New("wrong passphrase")
	ErrNoKeyring       = errors.New("no keyring") // no bus, no service, unsupported: Explain says which
	ErrKeyringLocked   = errors.New("keyring is locked")
	ErrKeyringTimeout  = errors.New("keyring did not answer")
	ErrKeyringEmpty    = errors.New("not in the keyring")
	ErrKeyringLost     = errors.New("keyring did not keep the key") // Set answered, Get did not give it back
	ErrPluginMissing   = errors.New("age plugin not found")
	ErrNeedsPerson     = errors.New("this way in needs a person") // with --no-input
)

// Prompter asks the person. Implementations write to the controlling terminal or a TUI, never to standard output.
type Prompter interface {
	// Secret asks for one secret line; ErrNeedsPerson when nobody can be asked, context errors when cancelled.
	Secret(ctx context.Context, prompt string) (secret.Secret, error)
	// Message shows a notice (touch your key, waiting for the keyring …).
	Message(text string)
	// Confirm asks a question with up to two answers (age plugins need it).
	Confirm(ctx context.Context, prompt, yes, no string) (bool, error)
}

// Keyring is one item store. System is the OS's; tests have faults.
type Keyring struct {
	Service string        // "signet"
	Probe   time.Duration // 5 s
	Wait    time.Duration // 120 s when a prompt is expected
	Notice  func(string)  // called after 2 s of waiting; may be nil
}

// State is what a probe found.
type State struct {
	Available bool
	Locked    bool
	Found     string // what was found, one line for people ("no D-Bus session bus …", "gnome-keyring, locked")
	Hint      string // the exact next step
}

// ProbeKeyring looks for a bus first, so that no library starts a private one, and never blocks longer than Probe.
func (k Keyring) ProbeKeyring(ctx context.Context) State {
	panic("contract: unlock.Keyring.ProbeKeyring")
}

// Get fetches the device key file. interactive false: a locked collection is ErrKeyringLocked at once, no dialog appears.
func (k Keyring) Get(ctx context.Context, user string, interactive bool) (secret.Secret, error) {
	panic("contract: unlock.Keyring.Get")
}

// Set stores, reads back and compares.
func (k Keyring) Set(ctx context.Context, user string, value secret.Secret) error {
	panic("contract: unlock.Keyring.Set")
}

// Delete removes the item; absence is fine.
func (k Keyring) Delete(ctx context.Context, user string) error {
	panic("contract: unlock.Keyring.Delete")
}

// NewPassphrase makes a passphrase way: way is the scrypt file passphrase.age that holds a fresh hybrid way identity,
// recipient is what the device key file gets sealed to. workFactor is log2(N), 10 to 22.
func NewPassphrase(pass secret.Secret, workFactor int) (way []byte, recipient string, err error) {
	panic("contract: unlock.NewPassphrase")
}

// OpenPassphrase opens passphrase.age; ErrWrongPassphrase. The KDF's memory goes back to the system at once.
func OpenPassphrase(way []byte, pass secret.Secret) (identity secret.Secret, err error) {
	panic("contract: unlock.OpenPassphrase")
}

// WorkFactor reads the scrypt cost of a passphrase file without opening it.
func WorkFactor(way []byte) (int, error) { panic("contract: unlock.WorkFactor") }

// SealKey seals the device key file to a way's recipient string (hybrid age1pq1…, X25519 age1…, or a plugin's age1name1…).
func SealKey(ctx context.Context, key secret.Secret, recipient string, ui Prompter) ([]byte, error) {
	panic("contract: unlock.SealKey")
}

// OpenKey opens a sealed device key file with an identity text: AGE-SECRET-KEY-… or AGE-PLUGIN-….
func OpenKey(ctx context.Context, sealed []byte, identity secret.Secret, ui Prompter) (secret.Secret, error) {
	panic("contract: unlock.OpenKey")
}
