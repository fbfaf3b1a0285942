package unlock

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
)

// security is the tool that go-keyring drives, and the one that the keychain then trusts.
const security = "/usr/bin/security"

// exitInteraction is what security ends with for errSecInteractionNotAllowed: -25308 modulo 256.
const exitInteraction = 36

// system is the login keychain.
type system struct{}

// Probe implements Items. A look at a locked keychain would show a dialog on the desktop, so it is only taken over SSH,
// where none can appear and where "locked" is final (-25308).
func (system) Probe(ctx context.Context) State {
	if _, err := os.Stat(security); err != nil {
		return State{Err: ErrNoKeyring, Found: "no " + security, Hint: hintUnsupported}
	}
	if os.Getenv("SSH_CONNECTION") == "" {
		return State{Available: true, Found: "the login keychain"}
	}
	err := exec.CommandContext(ctx, security, "show-keychain-info").Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == exitInteraction {
		return State{Available: true, Err: ErrKeyringLocked, Found: foundMacSSH, Hint: hintMacSSH}
	}
	return State{Available: true, Found: "the login keychain, over SSH"}
}

const foundMacSSH = "the login keychain is locked, and macOS shows no dialog over SSH (-25308)"

// Unlock implements Items: the keychain shows its dialog with the first read.
func (system) Unlock(context.Context) error { return nil }

func interaction(err error) error {
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == exitInteraction {
		return &KeyringError{ErrKeyringLocked, foundMacSSH, hintMacSSH}
	}
	return fmt.Errorf("login keychain: %w", err)
}
