package roster

import (
	"crypto/ed25519"

	"signet/vault/format"
)

// KeySpan is a signing key of a log and up to where it may sign: every file when Until is nil, else files that are Until or
// its ancestors by prev.
type KeySpan struct {
	Key   ed25519.PublicKey
	Until *format.Mark // the cut of the rekey or revoke that ended the key
}

// Member is one member as the chain's head sees it.
type Member struct {
	format.MemberKeys                                 // current keys
	Active            bool                            // not revoked
	Authority         bool                            // decides a roster fork (dev: always; rec: added by genesis or by a rec with authority)
	By                format.MemberID                 // who added it
	Added             int64                           // ms
	Revoked           int64                           // ms, 0 while active
	Spans             []KeySpan                       // for dev: oldest first; the last one is current
	Cut               map[format.MemberID]format.Mark // of its revocation
	Proof             string
	RekeyedAt         int // index of its last rekey statement, 0 if none
}

// Epoch is the current epoch.
type Epoch struct {
	N       int
	Rcpt    format.Hash       // SHA-256 of the recipient string
	Members []format.MemberID // granted at its beginning
	At      int64
	Index   int // index of its statement in the chain
}

// Roster is a verified chain.
type Roster struct {
	Vault   format.VaultID
	Head    format.Hash
	Members []Member // in the order added
	Epochs  []Epoch  // oldest first; the last one is current
	Chain   []format.SignedStatement
	Stmts   []format.Statement
}

// Verify checks a whole roster file's plaintext. want is the vault id to insist on (the zero id accepts the one that genesis
// yields: only init and restore use that).
func Verify(plain []byte, want format.VaultID) (*Roster, error) { panic("contract: roster.Verify") }

// Extends reports whether r contains the statement head (is it, or was built on it).
func (r *Roster) Extends(head format.Hash) bool { panic("contract: roster.Extends") }

// Member finds a member by id.
func (r *Roster) Member(id format.MemberID) (Member, bool) { panic("contract: roster.Member") }

// ByShort finds the member of a log8 or member8.
func (r *Roster) ByShort(short string) (Member, bool) { panic("contract: roster.ByShort") }

// Current returns the current epoch; the zero Epoch before the first.
func (r *Roster) Current() Epoch { panic("contract: roster.Current") }

// MayWrite is the guard of vault.md 5.5: self is active; the epoch identity at hand hashes to the current epoch's rcpt; no member
// granted by it is revoked or was rekeyed after it; granted names who holds a slot in the mirror, and every active dev and
// rec must. ErrRotate when a new epoch must begin first, ErrRevoked when self is out.
func (r *Roster) MayWrite(self format.MemberID, rcpt format.Hash, granted map[format.MemberID]bool) error {
	panic("contract: roster.MayWrite")
}

// Author extends a roster: it signs statements and verifies the result as a stranger would before giving it out.
type Author struct{ base *Roster }

// Genesis starts a chain: genesis by the first device, whose keys are auth; the id of the new vault is in the result.
func Genesis(self format.MemberKeys, key ed25519.PrivateKey, at int64) (*Author, error) {
	panic("contract: roster.Genesis")
}

// Extend starts from a verified roster.
func Extend(r *Roster) *Author { panic("contract: roster.Extend") }

// Vault returns the id (needed by proofs before Done).
func (a *Author) Vault() format.VaultID { panic("contract: roster.Author.Vault") }

// Append signs one statement: Type, By, At and the type's own members are the caller's; Vault and Prev are filled in.
func (a *Author) Append(s format.Statement, key ed25519.PrivateKey) error {
	panic("contract: roster.Author.Append")
}

// Done returns the new roster file's plaintext and the verified roster.
func (a *Author) Done() ([]byte, *Roster, error) { panic("contract: roster.Author.Done") }

// Proof signs a new member's keys (MemberProofText) with its own key.
func Proof(vault format.VaultID, m format.MemberKeys, key ed25519.PrivateKey) string {
	panic("contract: roster.Proof")
}

// VerifyProof checks a member's own proof with its own public key: what a restoring recovery code does before it believes.
func VerifyProof(vault format.VaultID, m format.MemberKeys, proof string) error {
	panic("contract: roster.VerifyProof")
}
