package client

import (
	"context"

	"signet/passkeys"
)

// Known is a discoverable passkey of a site, as a Book lists it.
type Known struct {
	ID     []byte
	User   passkeys.User
	Hidden bool // it lies in the trash because a site signalled it away
}

// Book lists all passkeys of a site, also those that a signal hid.
type Book func(ctx context.Context, rpID string) ([]Known, error)

// Action is what a signal asks for.
type Action byte

// The actions.
const (
	Hide    Action = iota + 1 // move it to the trash: the site does not know it any more
	Restore                   // take it out again: the site knows it after all
	Rename                    // the account has other names now
)

// Change is one change that a signal asks for. A signal that changes nothing yields none, and a page is never told which it was.
type Change struct {
	Action Action
	RPID   string
	ID     []byte
	Old    passkeys.User // whose it is
	New    passkeys.User // Rename: the new names
}

// Signal is one of the three messages of a site about its passkeys (WebAuthn Level 3, section 5.1.10).
type Signal string

// The signals, named as their methods.
const (
	UnknownCredential      Signal = "signalUnknownCredential"
	AllAcceptedCredentials Signal = "signalAllAcceptedCredentials"
	CurrentUserDetails     Signal = "signalCurrentUserDetails"
)

// Signal reads the options of a signal, checks that the caller may speak for the RP ID, and returns what is to change. It changes nothing itself.
func (c *Client) Signal(ctx context.Context, from Caller, s Signal, options []byte, book Book) ([]Change, error) {
	return nil, errorf(NotSupported, "not yet")
}
