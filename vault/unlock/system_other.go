//go:build !((dragonfly && cgo) || (freebsd && cgo) || linux || netbsd || openbsd || darwin || windows)

package unlock

import (
	"context"
	"runtime"
)

// system is no keyring at all.
type system struct{}

var errUnsupported = &KeyringError{ErrNoKeyring, "none that Signet knows on " + runtime.GOOS, hintUnsupported}

// Probe implements Items.
func (system) Probe(context.Context) State {
	return State{Err: ErrNoKeyring, Found: errUnsupported.Found, Hint: hintUnsupported}
}

// Unlock implements Items.
func (system) Unlock(context.Context) error { return errUnsupported }

// Get implements Items.
func (system) Get(string, string) (string, error) { return "", errUnsupported }

// Set implements Items.
func (system) Set(string, string, string) error { return errUnsupported }

// Delete implements Items.
func (system) Delete(string, string) error { return errUnsupported }
