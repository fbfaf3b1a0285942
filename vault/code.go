package vault

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"

	"filippo.io/age"

	"signet/vault/format"
	"signet/vault/mirror"
	"signet/vault/roster"
	"signet/vault/seal"
)

// codeHolder is somebody with a recovery code and nothing else: no heads, no cache, no device.
type codeHolder struct {
	code  format.RecoveryCode
	want  format.VaultID // typed by the person or named by the sheet
	named bool           // want counts
	id    age.Identity
	keys  format.MemberKeys // kind, age and sign of the code; the id comes from the roster
	sign  ed25519.PrivateKey
	found roster.Member
	// beyond is a roster file longer than the one that the code opens: the code was probably replaced, and what it opens is
	// old. It may also be a stranger's file, so reading goes on with a notice; enrolling does not.
	beyond string
}

// readCode reads what a person typed or a recovery sheet's whole text. typed is the vault id that the person gave besides.
func readCode(text []byte, typed string) (*codeHolder, error) {
	code, named, err := format.ParseRecoveryCode(text)
	if err != nil {
		return nil, err
	}
	h := &codeHolder{code: code, want: named, named: named != format.VaultID{}}
	if typed != "" {
		if h.want, err = format.ParseVaultID(typed); err != nil {
			return nil, fmt.Errorf("read vault id: %w", err)
		}
		if h.named && named != h.want {
			return nil, fmt.Errorf("read recovery sheet: the vault id in it is another one than was typed: %w", ErrOtherVault)
		}
		h.named = true
	}
	return h, h.derive()
}

func (h *codeHolder) derive() error {
	text, err := h.code.Identity()
	if err != nil {
		return err
	}
	if h.keys.Age, err = seal.RecipientOf(text); err != nil {
		return err
	}
	if h.id, err = seal.ParseIdentity(text); err != nil {
		return err
	}
	if h.sign, err = h.code.SigningKey(); err != nil {
		return err
	}
	h.keys.Kind = format.KindRecovery
	h.keys.Sign = signText(h.sign)
	return nil
}

func (h *codeHolder) wipe() {
	h.code.Seed.Wipe()
	clear(h.sign)
}

func signText(k ed25519.PrivateKey) string {
	pub, _ := k.Public().(ed25519.PublicKey) //nolint:errcheck // an Ed25519 key's public key is one
	return format.SignText(pub)
}

// open finds the roster that the code may believe. A slot file that opens proves nothing, since anybody can seal to our
// recipient: the roster that it leads to must hold our own keys, with a proof that only our own key can have signed, over this
// very vault id (vault.md 5.11). Without a device's heads nothing is pinned: the longest branch counts, and a fork that no
// recovery code with authority decides is refused.
func (h *codeHolder) open(ctx context.Context, m *mirror.Mirror) (*trust, error) {
	v := &Vault{m: m, o: Options{}.filled(), readOnly: true, room: usualRoom}
	v.marks.lost = true
	epochs, err := v.epochs()
	if err != nil {
		return nil, err
	}
	var best *trust
	var refused error
	for _, n := range epochs {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		found, err := h.inEpoch(v, n)
		refused = errors.Join(refused, err)
		for _, t := range found {
			if best, err = h.better(best, t); err != nil {
				return nil, err
			}
		}
		if best != nil && n < best.epoch.n-maxForkLook {
			break
		}
	}
	if best == nil && refused != nil {
		return nil, fmt.Errorf("open vault with the recovery code: %w", refused)
	}
	if best == nil {
		return nil, fmt.Errorf("open vault with the recovery code: %w", ErrNoIdentity)
	}
	h.found, _ = best.roster.Member(best.self)
	h.beyond, err = longerRoster(v, best)
	return best, err
}

// maxForkLook is how many epochs back another branch may end and still be looked at.
const maxForkLook = 64

// inEpoch opens every slot that the code opens, and every roster that such a slot opens.
func (h *codeHolder) inEpoch(v *Vault, n int) ([]*trust, error) {
	names, err := v.m.Names(epochDir(n))
	if err != nil {
		return nil, err
	}
	var out []*trust
	var refused error
	for _, base := range names {
		name := format.ParseName(epochDir(n) + "/" + base)
		if name.Kind != format.FileSlot || name.Of != format.KindRecovery {
			continue
		}
		t, err := h.throughSlot(v, name)
		switch {
		case errors.Is(err, seal.ErrNotForUs):
		case err != nil:
			refused = errors.Join(refused, fmt.Errorf("%s: %w", name.Path(), err))
		case t != nil:
			out = append(out, t)
		}
	}
	return out, refused
}

// throughSlot goes the way slot, epoch, roster. A slot that no roster commits to is a left-over: nil and no error.
func (h *codeHolder) throughSlot(v *Vault, name format.Name) (*trust, error) {
	file, err := v.m.Read(name.Path(), format.MaxSlotFile+ageOverhead(format.MaxSlotFile))
	if err != nil {
		return nil, err
	}
	if format.H32(file) != name.H32 {
		return nil, fmt.Errorf("%w: other bytes than its name says", ErrCorrupt)
	}
	plain, err := seal.Open(file, seal.StanzaHybrid, h.id, format.MaxSlotFile)
	if err != nil {
		return nil, err
	}
	slots, err := format.ParseSlots(plain)
	clear(plain)
	if err != nil || len(slots) != 1 || slots[0].Epoch != name.Epoch {
		return nil, fmt.Errorf("%w: not a slot of epoch %d", ErrCorrupt, name.Epoch)
	}
	if h.named && slots[0].Vault != h.want {
		return nil, fmt.Errorf("slot: %w: it names vault %s", ErrOtherVault, slots[0].Vault)
	}
	k, err := newEpochKey(slots[0])
	if err != nil {
		return nil, err
	}
	one := &Vault{m: v.m, o: v.o, readOnly: true, id: slots[0].Vault}
	t, err := one.openRoster(k, format.Hash{})
	if errors.Is(err, ErrNoIdentity) || errors.Is(err, seal.ErrNotForUs) {
		return nil, nil //nolint:nilnil // a left-over
	}
	if err != nil {
		return nil, err
	}
	return t, h.believe(t)
}

// believe checks what only the holder of the code can check.
func (h *codeHolder) believe(t *trust) error {
	for _, m := range t.roster.Members {
		if m.Kind != format.KindRecovery || m.Age != h.keys.Age || m.Sign != h.keys.Sign {
			continue
		}
		if err := roster.VerifyProof(t.roster.Vault, m.MemberKeys, m.Proof); err != nil {
			return fmt.Errorf("believe roster: %w", err)
		}
		if !m.Active {
			return fmt.Errorf("believe roster: this recovery code was removed: %w", ErrRevoked)
		}
		t.self = m.ID
		return nil
	}
	return fmt.Errorf("believe roster: %w: this code does not stand in it", ErrForged)
}

func (h *codeHolder) better(best, t *trust) (*trust, error) {
	if best == nil {
		return t, nil
	}
	switch c := roster.Compare(best.roster, t.roster); {
	case c.Relation == roster.Same || c.Relation == roster.Ahead || c.Decided != nil && c.Decided == best.roster:
		return best, nil
	case c.Relation == roster.Behind || c.Decided != nil:
		return t, nil
	case c.Relation == roster.Foreign:
		return nil, fmt.Errorf("open vault with the recovery code: files of two vaults lie here; give the vault id from the sheet: %w", ErrOtherVault)
	}
	return nil, fmt.Errorf("open vault with the recovery code: %w", roster.ErrForked)
}
