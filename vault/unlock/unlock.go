package unlock

import (
	"context"
	"errors"

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

// Errors that a caller branches on. A keyring's errors come as *KeyringError, which wraps one of these and carries the
// explanation for the person.
var (
	ErrWrongPassphrase  = errors.New("wrong passphrase")
	ErrNoKeyring        = errors.New("no keyring") // no bus, no service, unsupported: KeyringError.Found says which
	ErrKeyringLocked    = errors.New("keyring is locked")
	ErrKeyringDismissed = errors.New("keyring dialog was closed without unlocking")
	ErrKeyringTimeout   = errors.New("keyring did not answer")
	ErrKeyringEmpty     = errors.New("not in the keyring")
	ErrKeyringLost      = errors.New("keyring did not keep the key") // Set answered, Get did not give it back
	ErrPluginMissing    = errors.New("age plugin not found")
	ErrNeedsPerson      = errors.New("this way in needs a person") // with --no-input
	ErrNotOurs          = errors.New("not sealed to this way in")  // the wrong identity; try the next way
	ErrDamaged          = errors.New("damaged unlock file")
)

// Limits of the local layer: whoever can write unlock/ chooses these bytes.
const (
	MinWorkFactor     = 10       // cheapest scrypt that is accepted, log2(N)
	DefaultWorkFactor = 18       // 1.1 s and 256 MiB on a 2-core machine (vault.md 1.1)
	WeakWorkFactor    = 17       // below it slot ls and status warn for ever (decisions.md, slots)
	MaxWorkFactor     = 22       // dearest scrypt that is accepted
	MaxPassphrase     = 4096     // bytes
	MaxKeyFile        = 16 << 10 // bytes of a device key file or an identity file
	MaxSealed         = 64 << 10 // bytes of any file in unlock/
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

// Nobody is the Prompter of --no-input: every question is ErrNeedsPerson, messages go nowhere.
type Nobody struct{}

// Secret implements Prompter.
func (Nobody) Secret(context.Context, string) (secret.Secret, error) {
	return secret.Secret{}, ErrNeedsPerson
}

// Message implements Prompter.
func (Nobody) Message(string) {}

// Confirm implements Prompter.
func (Nobody) Confirm(context.Context, string, string, string) (bool, error) {
	return false, ErrNeedsPerson
}

// KeyringError says what stands between us and the keyring, in words for the person.
type KeyringError struct {
	Err   error  // one of the sentinels above
	Found string // what was found, one line
	Hint  string // the exact next step
}

// Error implements error.
func (e *KeyringError) Error() string {
	if e.Found == "" {
		return "open keyring: " + e.Err.Error()
	}
	return "open keyring: " + e.Err.Error() + ": " + e.Found
}

// Unwrap gives the sentinel.
func (e *KeyringError) Unwrap() error { return e.Err }
