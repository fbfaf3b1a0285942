package roster

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"slices"

	"signet/vault/format"
)

var errNoKey = errors.New("no signing key")

// Author extends a roster: it signs statements and verifies the result as a stranger would before giving it out.
type Author struct {
	vault format.VaultID
	head  format.Hash
	chain []format.SignedStatement
	newer bool
}

// Genesis starts a chain: genesis by the first device, whose keys stand first in auth; the id of the new vault is in the
// result. decide are further members that genesis itself names: a recovery code named here has authority, one that is only
// added later by a device has none. For each of them, and for self, an add with the same keys must follow before anything else.
func Genesis(self format.MemberKeys, key ed25519.PrivateKey, at int64, decide ...format.MemberKeys) (*Author, error) {
	auth := append([]format.MemberKeys{self}, decide...)
	for i := range auth {
		auth[i].Name = ""
	}
	body, err := format.Statement{Type: format.StGenesis, By: self.ID, At: at, Auth: auth}.Encode()
	if err != nil {
		return nil, fmt.Errorf("write genesis: %w", err)
	}
	a := &Author{vault: format.VaultID(format.Sum(body))}
	return a, a.sign(body, key)
}

// Extend starts from a verified roster.
func Extend(r *Roster) *Author {
	return &Author{vault: r.Vault, head: r.Head, chain: slices.Clip(r.Chain), newer: r.Newer}
}

// Vault returns the id (needed by proofs before Done).
func (a *Author) Vault() format.VaultID { return a.vault }

// Append signs one statement: Type, By, At and the type's own members are the caller's; Vault and Prev are filled in.
func (a *Author) Append(s format.Statement, key ed25519.PrivateKey) error {
	if a.newer {
		return fmt.Errorf("write %s: %w", s.Type, format.ErrNewer)
	}
	s.Vault, s.Prev = a.vault, []format.Hash{a.head}
	body, err := s.Encode()
	if err != nil {
		return fmt.Errorf("write %s: %w", s.Type, err)
	}
	return a.sign(body, key)
}

func (a *Author) sign(body []byte, key ed25519.PrivateKey) error {
	if len(key) != ed25519.PrivateKeySize {
		return fmt.Errorf("sign statement: %w", errNoKey)
	}
	sts, err := format.SplitRoster(format.Sign(format.KindRoster, a.vault, body, key))
	if err != nil || len(sts) != 1 {
		return fmt.Errorf("sign statement: it does not read back: %v", err)
	}
	a.chain, a.head = append(a.chain, sts[0]), sts[0].Hash()
	return nil
}

// Done returns the new roster file's plaintext and the verified roster. What does not verify is never given out.
func (a *Author) Done() ([]byte, *Roster, error) {
	if a.newer {
		return nil, nil, fmt.Errorf("write roster: %w", format.ErrNewer)
	}
	plain := format.JoinRoster(a.chain)
	r, err := Verify(plain, a.vault)
	if err != nil {
		return nil, nil, fmt.Errorf("write roster: %w", err)
	}
	return plain, r, nil
}
