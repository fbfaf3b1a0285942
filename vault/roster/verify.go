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
	if len(b.r.Chain) == 0 {
		return b.first(s, want)
	}
	p, err := look(s)
	if err != nil {
		return err
	}
	key, err := b.signerKey(p.By)
	if err != nil {
		return err
	}
	v, err := format.Verify(format.KindRoster, b.r.Vault, format.JoinRoster([]format.SignedStatement{s}), key)
	if err != nil {
		return forged("%v", err)
	}
	st, err := format.DecodeStatement(v)
	if errors.Is(err, format.ErrNewer) {
		st, err = p.statement()
	}
	if err != nil {
		return forged("%v", err)
	}
	if st.By != p.By {
		return forged("signed by another member than it says")
	}
	return b.take(s, st)
}

// first takes genesis, from which the vault id and the first key come.
func (b *builder) first(s format.SignedStatement, want format.VaultID) error {
	if want != (format.VaultID{}) && format.VaultID(s.Hash()) != want {
		return ErrForeign
	}
	st, vault, err := format.VerifyGenesis(s)
	if errors.Is(err, format.ErrNewer) {
		return err
	}
	if err != nil {
		return forged("%v", err)
	}
	b.r.Vault = vault
	return b.take(s, st)
}

// take applies a statement whose signature holds.
func (b *builder) take(s format.SignedStatement, st format.Statement) error {
	if err := b.link(st); err != nil {
		return err
	}
	err := b.apply(st)
	if errors.Is(err, format.ErrNewer) {
		b.r.Newer, err = true, nil
	}
	if err != nil {
		return err
	}
	b.r.Chain, b.r.Stmts, b.r.Head = append(b.r.Chain, s), append(b.r.Stmts, st), s.Hash()
	b.r.heads[b.r.Head] = true
	return nil
}

// peek is what is read of a statement before its signature was checked: whose key to check it with. What it says counts for
// nothing else; after the check, the strict decoder reads the same bytes and must agree. Of a statement that the decoder finds
// newer (and well-formed), it is all that we understand: where it stands in the chain.
type peek struct {
	By    format.MemberID `json:"by"`
	Vault string          `json:"vault"`
	Prev  []string        `json:"prev"`
}

func look(s format.SignedStatement) (peek, error) {
	var p peek
	if err := json.Unmarshal(s.Body, &p); err != nil {
		return peek{}, forged("not a statement")
	}
	return p, nil
}

// statement is a newer statement without a type, so that no rule takes it for one that it knows.
func (p peek) statement() (format.Statement, error) {
	st := format.Statement{By: p.By}
	var err error
	if st.Vault, err = format.ParseVaultID(p.Vault); err != nil {
		return format.Statement{}, err
	}
	for _, text := range p.Prev {
		h, err := format.ParseHash(text)
		if err != nil {
			return format.Statement{}, err
		}
		st.Prev = append(st.Prev, h)
	}
	return st, nil
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
		return m.PublicKey()
	}
	if a, ok := b.auth[by]; ok && by == b.r.Stmts[0].By {
		return a.PublicKey()
	}
	return nil, forged("signed by an unknown member")
}
