package screen

import (
	"context"
	"time"

	"signet/vault/entry"
	"signet/vault/secret"
)

// Approvals brings what programs ask of the person at this terminal.
type Approvals interface {
	// Approvals sends each question as it comes, until ctx ends; then the channel is closed. A question that ends by itself (the program gave up, time ran
	// out, it was answered elsewhere) is sent once more with Over set; what became of an answered one may be told under a new id,
	// with Over and Done. A question that is sent again has other words now: more time, one way less to verify. It is called once.
	Approvals(ctx context.Context) <-chan ApprovalRequest
	// Answer answers a question. A wrong passphrase or PIN is an error for which Faults.WrongSecret is true: the question stays. It takes the secret over.
	Answer(ctx context.Context, id uint64, d Decision) error
	// Opened tells that a vault was opened here, or with nil that it was locked.
	Opened(v Vault)
}

// ApprovalAction is what a program wants.
type ApprovalAction string

// The actions.
const (
	ApproveUnlock    ApprovalAction = "unlock"   // nothing but an open vault: the unlock screen is the answer, or a refusal
	ApproveRegister  ApprovalAction = "register" // make a passkey
	ApproveSignIn    ApprovalAction = "sign-in"  // use one
	ApproveVerify    ApprovalAction = "verify"   // prove who it is, for what follows
	ApproveSelect    ApprovalAction = "select"   // choose this virtual key among several
	ApproveConfigure ApprovalAction = "configure"
	ApproveReset     ApprovalAction = "reset"
)

// ApprovalRequest is one question. Its texts come from outside and are not clean.
type ApprovalRequest struct {
	ID        uint64
	Over      string // not empty: the question is over, and why in words
	Done      bool   // with Over: what was allowed has happened, and Over says what: "passkey for github.com (octocat) saved"
	Step      string // with Done: what Vault.Undo takes back; "" nothing
	Action    ApprovalAction
	Site      string // RP ID; empty where it is for no site
	SiteName  string
	Account   string // ApproveRegister
	Display   string
	Accounts  []ApprovalAccount // ApproveSignIn: to choose from, the newest first
	Requester string            // the asking program in words; "" unknown
	Route     string            // in words: "the virtual security key"
	Until     time.Time         // when it is given up

	Verify    []VerifyWay // the person has to prove who they are, in one of these ways; none: a key press is enough
	Verified  bool        // they did so moments ago, for this very request
	Binding   Binding     // ApproveRegister: the default
	Choosable bool        // ApproveRegister: the person may choose another binding
	Stays     bool        // ApproveRegister: it is kept in the vault (discoverable); false: the site keeps it
	Excluded  bool        // ApproveRegister: there is one already; none will be made
	Replaces  bool        // ApproveRegister: another passkey of this account goes to the trash
	Setting   string      // in words: ApproveConfigure: what it would do; ApproveVerify: what the program may do afterwards
	Passkeys  int         // ApproveReset: how many go to the trash
}

// ApprovalAccount is one account to choose.
type ApprovalAccount struct {
	Name, Display string
	Binding       Binding
	Entry         entry.ID // "" unknown
	Title         string
	LastUsed      time.Time
}

// VerifyWay is how a person proves who they are.
type VerifyWay string

// The ways.
const (
	VerifyPassphrase VerifyWay = "passphrase" // the vault's
	VerifyPIN        VerifyWay = "pin"        // the virtual key's
)

// Decision answers a question.
type Decision struct {
	Allow   bool
	Account int // index into Accounts
	Binding Binding
	Way     VerifyWay
	Secret  secret.Secret
}

// VirtualKey is the virtual security key of this program.
type VirtualKey interface {
	// Status says what it does now. It never blocks.
	Status() VirtualStatus
	// Switch plugs it in or out. An error says what is missing and what to do.
	Switch(ctx context.Context, on bool) error
	// Changes sends something when Status changed, until ctx ends; then the channel is closed.
	Changes(ctx context.Context) <-chan struct{}
}

// VirtualStatus is what the virtual key does.
type VirtualStatus struct {
	On    bool
	Path  string // of the device
	Route string // "uhid", "pty"
	Busy  bool   // a request is at work
	Wink  int    // how often a host asked it to make itself noticed
	Fault string // why it went off by itself; "" it did not
}

// RequestLog reads what programs asked for.
type RequestLog interface {
	// Requests returns the newest rows first.
	Requests(ctx context.Context, v Vault) ([]RequestRow, error)
}

// RequestRow is one request that was answered. Its texts come from outside and are not clean.
type RequestRow struct {
	At        time.Time
	What      string // in words: "sign in", "new passkey"
	Requester string
	Route     string
	Site      string
	Account   string
	Answer    string // in words
	Good      bool   // it was granted
	UP, UV    bool
	Trusted   bool // false: recorded while the vault was locked, not authenticated
}
