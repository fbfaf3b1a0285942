package vault

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"signet/vault/format"
	"signet/vault/mirror"
	"signet/vault/roster"
	"signet/vault/seal"
	"signet/vault/secret"
	"signet/vault/unlock"
)

// Sheet is a new recovery code on its way to the person. Whoever shows it must come back with the code as the person has it
// now: Check is what makes it count.
type Sheet struct {
	VaultID string
	Text    secret.Secret // as typed by a person
	Words   []string      // the same as 24 words
	File    secret.Secret // a whole text file that age -i takes as well

	code  format.RecoveryCode
	vault format.VaultID
	ok    *bool
}

// Check compares what the person typed, or what a file holds now, with the code. Nothing is created before it has
// succeeded once.
func (s Sheet) Check(typed secret.Secret) error {
	code, named, err := format.ParseRecoveryCode(typed.Reveal())
	if err != nil {
		return err
	}
	defer code.Seed.Wipe()
	if named != (format.VaultID{}) && named != s.vault {
		return fmt.Errorf("check recovery code: %w: it names another vault", ErrNotConfirmed)
	}
	if !code.Seed.Equal(s.code.Seed) {
		return fmt.Errorf("check recovery code: %w: this is another code", ErrNotConfirmed)
	}
	*s.ok = true
	return nil
}

// ShowSheet shows a code and has it entered again (Sheet.Check). An error ends the ceremony with nothing written.
type ShowSheet func(ctx context.Context, s Sheet) error

// confirmCode shows a code and insists that Check has succeeded.
func confirmCode(ctx context.Context, code format.RecoveryCode, vault format.VaultID, show ShowSheet) error {
	if show == nil {
		return fmt.Errorf("show recovery code: %w: nobody to show it to", ErrNotConfirmed)
	}
	file, err := code.Sheet(vault)
	if err != nil {
		return err
	}
	ok := false
	s := Sheet{VaultID: vault.String(), Text: code.Text(), Words: code.Words(), File: file, code: code, vault: vault, ok: &ok}
	defer s.Text.Wipe()
	defer s.File.Wipe()
	if err := show(ctx, s); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if !ok {
		return ErrNotConfirmed
	}
	return nil
}

// InitOptions say what a new vault begins with.
type InitOptions struct {
	DeviceName string
	Ways       []NewWay  // at least one
	Show       ShowSheet // the recovery code, before anything is written
	NoRecovery bool      // the person insists on having none; Show is then not called
	Prompter   unlock.Prompter
}

// codeName is what the first recovery code is called in the list of slots.
const codeName = "recovery"

// birth is a new vault in the making: keys and the first roster, nothing on any disk yet.
type birth struct {
	key    format.DeviceKey
	dev    newcomer
	code   format.RecoveryCode
	ready  *ready
	ways   []freshWay
	at     int64
	prompt unlock.Prompter
}

// Init makes a vault in dir, which must be absent or empty (I13), and opens it. The recovery code is shown and entered again
// first. Everything is written in a directory beside dir that becomes dir by one rename; whatever fails leaves nothing.
func Init(ctx context.Context, dir string, o Options, i InitOptions) (*Vault, error) {
	o = o.filled()
	c, err := mirror.Create(dir)
	if err != nil {
		return nil, err
	}
	defer c.Abort()
	b, err := newBirth(o, i)
	if err != nil {
		return nil, err
	}
	defer b.code.Seed.Wipe()
	if !i.NoRecovery {
		if err := confirmCode(ctx, b.code, b.key.Vault, i.Show); err != nil {
			return nil, err
		}
	}
	keeper := b.keeper(c.Mirror, o)
	undo := func(err error) error {
		b.key.Wipe()
		if _, open := mirror.Open(dir); open == nil { // it stands after all, and needs its ways
			return err
		}
		for _, w := range b.ways {
			if w.row.Kind == unlock.KindKeyring {
				err = errors.Join(err, keeper.notice().Delete(context.WithoutCancel(ctx), keeper.user))
			}
		}
		return err
	}
	if err := b.write(ctx, c.Mirror, keeper); err != nil {
		return nil, undo(fmt.Errorf("create vault: %w", err))
	}
	m, err := c.Commit()
	if err != nil {
		return nil, undo(err)
	}
	return openKey(ctx, m, b.key, o)
}

// newBirth draws all keys, prepares the ways in and signs the first roster: genesis, add dev, add rec, epoch 1, all by dev.
func newBirth(o Options, i InitOptions) (*birth, error) {
	if len(i.Ways) == 0 {
		return nil, errors.New("create vault: at least one way in is needed")
	}
	b := &birth{at: o.Now().UnixMilli(), prompt: i.Prompter}
	for _, n := range i.Ways {
		w, err := prepareWay(n, b.at, b.taken)
		if err != nil {
			return nil, err
		}
		b.ways = append(b.ways, w)
	}
	key, rcpt, err := newDeviceKey()
	if err != nil {
		return nil, err
	}
	id, err := o.memberID(nil)
	if err != nil {
		return nil, err
	}
	b.key, b.dev = key, deviceMember(key, rcpt, i.DeviceName, id)
	members := []newcomer{b.dev}
	if !i.NoRecovery {
		if b.code, err = newRecoveryCode(); err != nil {
			return nil, err
		}
		rid, err := o.memberID(func(short string) bool { return short == id.Short() })
		if err != nil {
			return nil, err
		}
		rec, err := codeMember(b.code, codeName, rid)
		if err != nil {
			return nil, err
		}
		members = append(members, rec)
	}
	return b, b.firstRoster(members)
}

func (b *birth) taken(id, name string) bool {
	return name == codeName || slices.ContainsFunc(b.ways, func(w freshWay) bool {
		return id != "" && w.row.ID == id || name != "" && w.row.Name == name
	})
}

// firstRoster signs the chain. The recovery code stands in genesis, and so decides a fork of the roster (vault.md 5.9).
func (b *birth) firstRoster(members []newcomer) error {
	var decide []format.MemberKeys
	for _, n := range members[1:] {
		decide = append(decide, n.keys)
	}
	a, err := roster.Genesis(b.dev.keys, b.dev.sign, b.at, decide...)
	if err != nil {
		return err
	}
	b.key.Vault = a.Vault()
	c := &change{author: a, at: b.at}
	for _, n := range members {
		if err := c.add(n, b.dev.keys.ID, b.dev.sign); err != nil {
			return err
		}
	}
	if err := c.rotate("init", b.dev.keys.ID, b.dev.sign); err != nil {
		return err
	}
	b.ready, err = c.seal()
	return err
}

func (b *birth) keeper(m *mirror.Mirror, o Options) wayKeeper {
	return wayKeeper{m, o.Keyring, unlock.User(b.key.Vault.String(), string(b.dev.keys.ID)), b.prompt}
}

// write fills a directory with the new vault: what is synced, then what is this device's own, then the ways in, each opened
// once.
func (b *birth) write(ctx context.Context, m *mirror.Mirror, keeper wayKeeper) error {
	if err := m.Replace(vaultName, bytesWriter(format.VaultHint(b.key.Vault))); err != nil {
		return err
	}
	if err := b.ready.write(m); err != nil {
		return err
	}
	if err := writeFirstHeads(m, b.key.Local, b.ready); err != nil {
		return err
	}
	return writeDevice(ctx, m, b.key, b.dev.keys, b.ways, keeper)
}

// writeFirstHeads pins the roster that a new device begins with.
func writeFirstHeads(m *mirror.Mirror, local secret.Secret, r *ready) error {
	return writeHeadsAt(m, local, r, nil)
}

// writeHeadsAt is writeFirstHeads for a device that has written already.
func writeHeadsAt(m *mirror.Mirror, local secret.Secret, r *ready, logs map[format.MemberID]format.Mark) error {
	h := format.Heads{Generation: 1, Logs: logs, Roster: r.roster.Head, Epoch: r.epoch.n}
	data, _, err := format.EncodeHeadsSlot(h, seal.HeadsKey(local))
	if err != nil {
		return err
	}
	return m.WriteHeads(0, data, true)
}

// writeDevice writes a new device's own files: device.json, the trusted list of ways, and the ways themselves.
func writeDevice(ctx context.Context, m *mirror.Mirror, key format.DeviceKey, self format.MemberKeys, ways []freshWay, keeper wayKeeper) error {
	if err := writeDeviceHint(m, format.DeviceHint{Vault: key.Vault, Device: self.ID, Recipient: self.Age}); err != nil {
		return err
	}
	list := wayList{Vault: key.Vault.String(), Device: self.ID}
	for _, w := range ways {
		list.Ways = append(list.Ways, w.row)
	}
	if err := list.write(m, key.Local); err != nil {
		return err
	}
	text, err := key.Encode()
	if err != nil {
		return err
	}
	defer text.Wipe()
	for _, w := range ways {
		if err := keeper.install(ctx, w, text); err != nil {
			return fmt.Errorf("slot %s: %w", w.row.Name, err)
		}
	}
	return nil
}

// write seals the list to the device's local secret.
func (l wayList) write(m *mirror.Mirror, local secret.Secret) error {
	l.V, l.File = format.Version, waysName
	plain, err := json.Marshal(l)
	if err != nil {
		return fmt.Errorf("write %s: %w", waysName, err)
	}
	data, err := seal.Bytes(plain, seal.NewLocal(local, seal.PurposeLocal))
	if err != nil {
		return fmt.Errorf("write %s: %w", waysName, err)
	}
	return m.Replace(waysName, bytesWriter(data))
}

// maxWayList bounds the list: every way has a recipient of 2 KB.
const maxWayList = 1 << 20

// readWays reads the list; the local secrets are tried in order, since during a rekey there are two.
func readWays(m *mirror.Mirror, vault format.VaultID, locals ...secret.Secret) (wayList, error) {
	data, err := m.Read(waysName, maxWayList)
	if err != nil {
		return wayList{}, err
	}
	var plain []byte
	for _, local := range locals {
		plain, err = seal.Open(data, seal.StanzaLocal, seal.NewLocal(local, seal.PurposeLocal), maxWayList)
		if !errors.Is(err, seal.ErrNotForUs) {
			break
		}
	}
	if err != nil {
		return wayList{}, fmt.Errorf("read %s: %w", waysName, err)
	}
	var l wayList
	if err := json.Unmarshal(plain, &l); err != nil {
		return wayList{}, fmt.Errorf("read %s: %w", waysName, ErrCorrupt)
	}
	if l.V > format.Version {
		return wayList{}, fmt.Errorf("read %s: %w", waysName, ErrNewerFormat)
	}
	if l.File != waysName || l.Vault != vault.String() {
		return wayList{}, fmt.Errorf("read %s: %w: it is another file", waysName, ErrCorrupt)
	}
	return l, nil
}
