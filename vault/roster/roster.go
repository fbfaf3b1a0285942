package roster

import (
	"crypto/ed25519"
	"slices"

	"signet/vault/format"
)

// KeySpan is a signing key of a log and up to where it may sign: every file when Until is nil, else files that are Until or
// its ancestors by prev. Allowed (gate.go) applies the spans.
type KeySpan struct {
	Key   ed25519.PublicKey
	Until *format.Mark // the cut of the rekey or revoke that ended the key; the zero Mark: not one file
}

// Member is one member as the chain's head sees it.
type Member struct {
	format.MemberKeys                                 // current keys
	Active            bool                            // not revoked
	Authority         bool                            // decides a roster fork (dev: always; rec: added by genesis or by a rec with authority)
	Unproven          bool                            // hw: its proof can only be checked by the token (VerifyHardwareProof)
	By                format.MemberID                 // who added it
	Added             int64                           // ms, as its adder claims
	Revoked           int64                           // ms, 0 while active
	Spans             []KeySpan                       // for dev: oldest first; the last one is current
	Cut               map[format.MemberID]format.Mark // of its revocation
	Proof             string                          // of the current keys
	RekeyedAt         int                             // index of its last rekey statement, 0 if none

	enrolled []int // indices of its add and rekey statements
}

// Keys returns the public keys that may have signed files of a device's log, oldest first: what format.Verify takes, and what
// the key index given to Allowed counts.
func (m Member) Keys() []ed25519.PublicKey {
	out := make([]ed25519.PublicKey, len(m.Spans))
	for i, s := range m.Spans {
		out[i] = s.Key
	}
	return out
}

// signs reports whether the member's kind signs statements at all: hardware keys open the vault and decide nothing.
func (m Member) signs() bool { return m.Kind == format.KindDevice || m.Kind == format.KindRecovery }

// Epoch is one epoch; the last one of a roster is current.
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
	Newer   bool // holds statements of a newer version: read what is understood, refuse to write

	index map[format.MemberID]int
	heads map[format.Hash]bool // the hashes of Chain
}

// Extends reports whether r contains the statement head (is it, or was built on it).
func (r *Roster) Extends(head format.Hash) bool { return r.heads[head] }

// Member finds a member by id.
func (r *Roster) Member(id format.MemberID) (Member, bool) {
	i, ok := r.index[id]
	if !ok {
		return Member{}, false
	}
	return r.Members[i], true
}

// ByShort finds the member of a log8 or member8.
func (r *Roster) ByShort(short string) (Member, bool) {
	i := slices.IndexFunc(r.Members, func(m Member) bool { return m.ID.Short() == short })
	if i < 0 {
		return Member{}, false
	}
	return r.Members[i], true
}

// AddedBy lists the members that one member added and that are still active: whoever revokes it is asked about each
// (vault.md 5.9).
func (r *Roster) AddedBy(id format.MemberID) []Member {
	var out []Member
	for _, m := range r.Members {
		if m.By == id && m.ID != id && m.Active {
			out = append(out, m)
		}
	}
	return out
}

// Current returns the current epoch; the zero Epoch before the first.
func (r *Roster) Current() Epoch {
	if len(r.Epochs) == 0 {
		return Epoch{}
	}
	return r.Epochs[len(r.Epochs)-1]
}

func (r *Roster) member(id format.MemberID) *Member {
	i, ok := r.index[id]
	if !ok {
		return nil
	}
	return &r.Members[i]
}
