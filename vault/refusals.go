package vault

import (
	"errors"
	"fmt"
	"strings"

	"signet/vault/mirror"
	"signet/vault/roster"
	"signet/vault/unlock"
)

// Errors of ceremonies that a caller branches on.
var (
	ErrNotEmpty     = mirror.ErrNotEmpty
	ErrForged       = roster.ErrForged
	ErrNeedsPerson  = unlock.ErrNeedsPerson
	ErrLastWay      = errors.New("the last way in cannot be removed")
	ErrExists       = errors.New("there is one of that name")
	ErrAmbiguous    = errors.New("not clear which one is meant")
	ErrUnlisted     = errors.New("not in the list of ways in")
	ErrNotConfirmed = errors.New("recovery code was not confirmed")
	ErrOtherVault   = errors.New("belongs to another vault")
	ErrUnfinished   = errors.New("this machine's enrolment was not finished: use the recovery code again")
)

// Try is one way in that was tried, and why it did not open.
type Try struct {
	Way Way
	Err error
}

// UnlockError says of every way in why it did not open.
type UnlockError struct{ Tries []Try }

// Error lists the ways in.
func (e *UnlockError) Error() string {
	if len(e.Tries) == 0 {
		return "unlock vault: there is no way in on this machine; the recovery code opens it: --unlock recovery"
	}
	parts := make([]string, len(e.Tries))
	for i, t := range e.Tries {
		parts[i] = fmt.Sprintf("%s: %v", t.Way.Name, t.Err)
	}
	return "unlock vault: " + strings.Join(parts, "; ")
}

// Unwrap gives ErrLocked and every cause.
func (e *UnlockError) Unwrap() []error {
	out := []error{ErrLocked}
	for _, t := range e.Tries {
		out = append(out, t.Err)
	}
	return out
}
