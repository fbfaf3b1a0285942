package vault

import (
	"crypto/ed25519"
	"crypto/rand"
	"fmt"
	"io"
	"slices"

	"signet/vault/format"
	"signet/vault/mirror"
	"signet/vault/roster"
	"signet/vault/seal"
	"signet/vault/secret"
)

// newcomer is a member in the making: its public keys and the key that signs for it.
type newcomer struct {
	keys format.MemberKeys
	sign ed25519.PrivateKey
}

// newDeviceKey draws a device's keys. The vault id is filled in when it is known.
func newDeviceKey() (format.DeviceKey, string, error) {
	id, rcpt, err := seal.NewIdentity()
	if err != nil {
		return format.DeviceKey{}, "", err
	}
	seed, local := make([]byte, ed25519.SeedSize), make([]byte, 32)
	if _, err := io.ReadFull(rand.Reader, seed); err != nil {
		return format.DeviceKey{}, "", fmt.Errorf("draw device key: %w", err)
	}
	if _, err := io.ReadFull(rand.Reader, local); err != nil {
		return format.DeviceKey{}, "", fmt.Errorf("draw device key: %w", err)
	}
	return format.DeviceKey{Sign: secret.New(seed), Local: secret.New(local), Identity: id}, rcpt, nil
}

func deviceMember(key format.DeviceKey, rcpt, name string, id format.MemberID) newcomer {
	sign := key.SigningKey()
	return newcomer{format.MemberKeys{ID: id, Kind: format.KindDevice, Name: name, Age: rcpt, Sign: signText(sign)}, sign}
}

// newRecoveryCode draws a code.
func newRecoveryCode() (format.RecoveryCode, error) {
	seed := make([]byte, 32)
	if _, err := io.ReadFull(rand.Reader, seed); err != nil {
		return format.RecoveryCode{}, fmt.Errorf("draw recovery code: %w", err)
	}
	return format.RecoveryCode{Seed: secret.New(seed)}, nil
}

func codeMember(code format.RecoveryCode, name string, id format.MemberID) (newcomer, error) {
	h := &codeHolder{code: code}
	if err := h.derive(); err != nil {
		return newcomer{}, err
	}
	h.keys.ID, h.keys.Name = id, name
	return newcomer{h.keys, h.sign}, nil
}

// change is one change of the roster in the making (vault.md 5.11): statements, slots, and the roster file that commits them
// all. Nothing is visible to anybody before commit's last step.
type change struct {
	m      *mirror.Mirror
	author *roster.Author
	at     int64

	members []format.MemberKeys // active dev and rec, as the statements so far leave them
	epoch   epochKey            // that the roster file will be sealed to
	older   []epochKey          // that the new epoch's prev file holds
	grants  []format.MemberKeys // who gets a slot of that epoch
}

// beginChange starts from the roster that t trusts. older are all epochs before t's.
func beginChange(m *mirror.Mirror, t *trust, older []epochKey, at int64) *change {
	c := &change{m: m, author: roster.Extend(t.roster), at: at, epoch: t.epoch}
	c.older = append(slices.Clone(older), t.epoch)
	for _, mb := range t.roster.Members {
		if mb.Active && (mb.Kind == format.KindDevice || mb.Kind == format.KindRecovery) {
			c.members = append(c.members, mb.MemberKeys)
		}
	}
	return c
}

func (c *change) append(s format.Statement, by format.MemberID, key ed25519.PrivateKey) error {
	s.By, s.At = by, c.at
	return c.author.Append(s, key)
}

// add adds a member and grants it the current epoch.
func (c *change) add(n newcomer, by format.MemberID, key ed25519.PrivateKey) error {
	err := c.append(format.Statement{Type: format.StAdd, Member: n.keys, Proof: roster.Proof(c.author.Vault(), n.keys, n.sign)}, by, key)
	if err != nil {
		return err
	}
	c.members = append(c.members, n.keys)
	c.grants = append(c.grants, n.keys)
	return nil
}

// revoke removes a member; cut says what of its log still counts.
func (c *change) revoke(id format.MemberID, cut map[format.MemberID]format.Mark, by format.MemberID, key ed25519.PrivateKey) error {
	if err := c.append(format.Statement{Type: format.StRevoke, Revoked: id, Cut: cut}, by, key); err != nil {
		return err
	}
	gone := func(m format.MemberKeys) bool { return m.ID == id }
	c.members, c.grants = slices.DeleteFunc(c.members, gone), slices.DeleteFunc(c.grants, gone)
	return nil
}

// rekey replaces a device's keys; cut is the last file of its log under the old ones.
func (c *change) rekey(n newcomer, cut map[format.MemberID]format.Mark, by format.MemberID, key ed25519.PrivateKey) error {
	err := c.append(format.Statement{
		Type: format.StRekey, Member: format.MemberKeys{ID: n.keys.ID, Kind: n.keys.Kind, Age: n.keys.Age, Sign: n.keys.Sign},
		Proof: roster.Proof(c.author.Vault(), n.keys, n.sign), Cut: cut,
	}, by, key)
	if err != nil {
		return err
	}
	for i := range c.members {
		if c.members[i].ID == n.keys.ID {
			c.members[i].Age, c.members[i].Sign = n.keys.Age, n.keys.Sign
		}
	}
	return nil
}

// rotate begins a new epoch for everybody who is left.
func (c *change) rotate(why string, by format.MemberID, key ed25519.PrivateKey) error {
	text, rcpt, err := seal.NewIdentity()
	if err != nil {
		return err
	}
	k, err := newEpochKey(format.SlotFile{Vault: c.author.Vault(), Epoch: c.epoch.n + 1, Identity: text})
	if err != nil {
		return err
	}
	ids := make([]format.MemberID, len(c.members))
	for i, m := range c.members {
		ids[i] = m.ID
	}
	st := format.Statement{Type: format.StEpoch, Epoch: k.n, Rcpt: format.Sum([]byte(rcpt)), Members: ids, Why: why}
	if err := c.append(st, by, key); err != nil {
		return err
	}
	c.epoch, c.grants = k, slices.Clone(c.members)
	return nil
}

// ready is a change that verifies and is sealed, and waits to be written.
type ready struct {
	files  []namedFile // prev and slots, then the roster file
	roster *roster.Roster
	epoch  epochKey
}

type namedFile struct {
	name string
	data []byte
}

// seal verifies the new chain as a stranger would and seals every file. It writes nothing.
func (c *change) seal() (*ready, error) {
	plain, r, err := c.author.Done()
	if err != nil {
		return nil, err
	}
	out := &ready{roster: r, epoch: c.epoch}
	if n := len(c.older); n > 0 && c.older[n-1].n < c.epoch.n {
		f, err := sealPrev(r.Vault, c.epoch, c.older)
		if err != nil {
			return nil, err
		}
		out.files = append(out.files, f)
	}
	for _, m := range c.grants {
		f, err := sealSlot(r.Vault, c.epoch, m)
		if err != nil {
			return nil, err
		}
		out.files = append(out.files, f)
	}
	data, err := sealTo(plain, c.epoch.rcpt)
	if err != nil {
		return nil, err
	}
	name := format.Name{Kind: format.FileRoster, Count: len(r.Chain), H32: format.H32(data)}
	out.files = append(out.files, namedFile{name.Path(), data})
	return out, nil
}

// write makes everything but the roster file durable, then the roster file: the commit.
func (r *ready) write(m *mirror.Mirror) error {
	for _, f := range r.files {
		if err := m.Put(f.name, f.data); err != nil {
			return fmt.Errorf("write %s: %w", f.name, err)
		}
	}
	return nil
}

// trust is what a member believes after the change.
func (r *ready) trust(self format.MemberID, sign ed25519.PrivateKey) *trust {
	return &trust{roster: r.roster, path: r.files[len(r.files)-1].name, self: self, sign: sign, epoch: r.epoch}
}

// sealSlot grants an epoch to a member: its identity, sealed to the recipient that the roster names and no other.
func sealSlot(vault format.VaultID, k epochKey, m format.MemberKeys) (namedFile, error) {
	text, err := format.EncodeSlots(format.SlotFile{Vault: vault, Epoch: k.n, Identity: k.text})
	if err != nil {
		return namedFile{}, err
	}
	defer text.Wipe()
	data, err := sealTo(text.Reveal(), m.Age)
	if err != nil {
		return namedFile{}, fmt.Errorf("seal slot of %s: %w", m.ID.Short(), err)
	}
	name := format.Name{Kind: format.FileSlot, Epoch: k.n, Of: m.Kind, Member: m.ID.Short(), H32: format.H32(data)}
	return namedFile{name.Path(), data}, nil
}

// sealPrev hands the older epochs on to whoever opens the new one.
func sealPrev(vault format.VaultID, k epochKey, older []epochKey) (namedFile, error) {
	older = slices.Clone(older)
	slices.SortFunc(older, func(a, b epochKey) int { return a.n - b.n })
	slots := make([]format.SlotFile, len(older))
	for i, o := range older {
		slots[i] = format.SlotFile{Vault: vault, Epoch: o.n, Identity: o.text}
	}
	text, err := format.EncodeSlots(slots...)
	if err != nil {
		return namedFile{}, err
	}
	defer text.Wipe()
	data, err := sealTo(text.Reveal(), k.rcpt)
	if err != nil {
		return namedFile{}, err
	}
	name := format.Name{Kind: format.FilePrev, Epoch: k.n, H32: format.H32(data)}
	return namedFile{name.Path(), data}, nil
}

func sealTo(plain []byte, rcpt string) ([]byte, error) {
	to, err := seal.ParseRecipient(rcpt)
	if err != nil {
		return nil, err
	}
	return seal.Bytes(plain, to)
}
