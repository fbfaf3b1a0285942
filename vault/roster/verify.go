package roster

import (
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"

	"signet/vault/format"
)

// Verify checks a whole roster file's plaintext. want is the vault id to insist on (the zero id accepts the one that genesis
// yields: only init and restore use that).
//
// Statements of a newer version that a member signed are skipped and make the roster Newer; when a later statement cannot
// be checked because of them, reading ends before it. Everything else that does not hold refuses the whole file.
func Verify(plain []byte, want format.VaultID) (*Roster, error) {
	if len(plain) > format.MaxRoster {
		return nil, fmt.Errorf("verify roster: %w", format.ErrTooLarge)
	}
	chain, err := format.SplitRoster(plain)
	if err != nil {
		return nil, fmt.Errorf("verify roster: %w", err)
	}
	if len(chain) == 0 {
		return nil, fmt.Errorf("verify roster: %w: no statement", ErrForged)
	}
	if len(chain) > format.MaxStatements {
		return nil, fmt.Errorf("verify roster: %w: %d statements", format.ErrTooLarge, len(chain))
	}
	b := newBuilder()
	for i, s := range chain {
		err := b.next(s, want)
		if err != nil && b.r.Newer {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("verify roster: statement %d: %w", i, err)
		}
	}
	if len(b.auth) > 0 {
		return nil, fmt.Errorf("verify roster: %w: genesis names a member that was not added", ErrForged)
	}
	return b.r, nil
}

// builder checks statements in chain order and keeps what follows from them.
type builder struct {
	r     *Roster
	auth  map[format.MemberID]format.MemberKeys // named by genesis and not added yet
	short map[string]bool                       // log8 and member8 ever used
	keys  map[string]bool                       // signing keys, recipients and epochs' recipient hashes ever used
}

func newBuilder() *builder {
	return &builder{
		r:    &Roster{index: map[format.MemberID]int{}, heads: map[format.Hash]bool{}},
		auth: map[format.MemberID]format.MemberKeys{}, short: map[string]bool{}, keys: map[string]bool{},
	}
}

func forged(text string, args ...any) error {
	return fmt.Errorf("%w: "+text, append([]any{ErrForged}, args...)...)
}

// next verifies one signed statement and applies it.
func (b *builder) next(s format.SignedStatement, want format.VaultID) error {
	vault, key, err := b.expect(s, want)
	if err != nil {
		return err
	}
	v, err := format.Verify(format.KindRoster, vault, format.JoinRoster([]format.SignedStatement{s}), key.public)
	if err != nil {
		return forged("%v", err)
	}
	st, err := format.DecodeStatement(v)
	newer := errors.Is(err, format.ErrNewer)
	if err != nil && !newer {
		return forged("%v", err)
	}
	if st.By != key.by {
		return forged("signed by another member than it says")
	}
	return b.take(s, st, vault, newer)
}

// take applies a statement whose signature holds. Of a newer one, only what holds by our rules counts.
func (b *builder) take(s format.SignedStatement, st format.Statement, vault format.VaultID, newer bool) error {
	if err := b.link(st, vault); err != nil {
		return err
	}
	err := b.apply(st)
	if newer || errors.Is(err, format.ErrNewer) {
		b.r.Newer, err = true, nil
	}
	if err != nil {
		return err
	}
	if len(b.r.Chain) == 0 {
		b.r.Vault = vault
	}
	b.r.Chain, b.r.Stmts, b.r.Head = append(b.r.Chain, s), append(b.r.Stmts, st), s.Hash()
	b.r.heads[b.r.Head] = true
	return nil
}

// signer is whose key a statement must be signed with.
type signer struct {
	by     format.MemberID
	public ed25519.PublicKey
}

// peek is the only thing read before a signature was checked: which key to check it with. What it says counts for nothing
// else; after the check, the strict decoder reads the same bytes and must agree.
type peek struct {
	By   format.MemberID `json:"by"`
	Auth []struct {
		ID   format.MemberID `json:"id"`
		Sign string          `json:"sign"`
	} `json:"auth"`
}

// expect says for which vault and with which key a statement must be signed.
func (b *builder) expect(s format.SignedStatement, want format.VaultID) (format.VaultID, signer, error) {
	var p peek
	if err := json.Unmarshal(s.Body, &p); err != nil {
		return format.VaultID{}, signer{}, forged("not a statement")
	}
	if len(b.r.Chain) > 0 {
		key, err := b.signerKey(p.By)
		return b.r.Vault, signer{p.By, key}, err
	}
	vault := format.VaultID(s.Hash())
	if want != (format.VaultID{}) && vault != want {
		return format.VaultID{}, signer{}, ErrForeign
	}
	for _, a := range p.Auth {
		if a.ID == p.By {
			key, err := publicKey(a.Sign)
			return vault, signer{p.By, key}, err
		}
	}
	return format.VaultID{}, signer{}, forged("genesis does not name its author")
}

// signerKey finds the current key of a member that may sign.
func (b *builder) signerKey(by format.MemberID) (ed25519.PublicKey, error) {
	if m := b.r.member(by); m != nil {
		switch {
		case !m.Active:
			return nil, forged("signed by a revoked member")
		case !m.signs():
			return nil, forged("signed by a member that may not sign")
		}
		return publicKey(m.Sign)
	}
	if a, ok := b.auth[by]; ok && by == b.r.Stmts[0].By {
		return publicKey(a.Sign)
	}
	return nil, forged("signed by an unknown member")
}

// publicKey reads an Ed25519 public key; 32 bytes have the spelling of a hash.
func publicKey(text string) (ed25519.PublicKey, error) {
	h, err := format.ParseHash(text)
	if err != nil {
		return nil, forged("malformed signing key")
	}
	return h[:], nil
}
