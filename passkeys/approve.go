package passkeys

import (
	"context"
	"errors"
)

// Action is what a person is asked to allow.
type Action byte

// The actions.
const (
	ActionRegister  Action = iota + 1 // make a passkey
	ActionSignIn                      // use one
	ActionVerify                      // prove who it is, for the request that follows
	ActionSelect                      // choose this authenticator among several
	ActionConfigure                   // change a setting while nothing protects the authenticator
	ActionReset                       // forget the PIN and move every passkey to the trash
)

// Ask is one question to a person. Every text in it comes from outside and is not clean.
type Ask struct {
	Action Action
	RPID   string // empty for ActionSelect, ActionConfigure and ActionReset, and where ActionVerify is for no site
	RPName string
	User   User      // ActionRegister: whose passkey it will be
	Users  []Account // ActionSignIn: the accounts to choose from, at least one

	Verify       bool // presence is not enough: verify who it is, and say so in Answer.Verified
	Discoverable bool // ActionRegister: it will be kept in the vault
	Excluded     bool // ActionRegister: there is a passkey of this account already; none is made, and the site learns of it only after consent
	Replaces     bool // ActionRegister: another passkey of the account goes to the trash
	Recent       bool // the same person verified themselves for this site moments ago
	Permissions  Permission
	Setting      string  // ActionConfigure: what would change
	Binding      Binding // ActionRegister: where the key will live if the answer does not say otherwise
	U2F          bool    // the old protocol: RPID is empty unless a passkey of the vault is of this site, because only its hash is known
	SiteHash     []byte  // U2F: SHA-256 of the site's app ID or RP ID
	Passkeys     int     // ActionReset: how many go to the trash
}

// Account is one of several that can sign in.
type Account struct {
	CredentialID []byte
	User         User
	Binding      Binding
}

// Undecided as Answer.Chosen: nobody could choose, so that the host gets all accounts, one after the other.
const Undecided = -1

// Answer is what a person said.
type Answer struct {
	Allowed  bool
	Verified bool    // a real verification took place now
	Chosen   int     // index into Ask.Users, or Undecided
	Binding  Binding // ActionRegister: where the key will live; 0 for Ask.Binding
}

// Errors of an Approver that a command branches on.
var (
	ErrNotVerified   = errors.New("the verification failed")
	ErrVerifyBlocked = errors.New("verification is blocked")
)

// Approver asks a person. Within one request it is called at most once. It returns when ctx ends, with its error; context.DeadlineExceeded of its own means
// that nobody answered in time. A refusal is an Answer that does not allow, no error.
type Approver interface {
	Approve(ctx context.Context, ask Ask) (Answer, error)
}
