package session

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"signet/passkeys"
	"signet/vault"
	"signet/vault/entry"
	"signet/vault/format"
	"signet/vault/secret"
)

// What the authenticator keeps besides passkeys stands in three places (decisions.md, "Passkeys and the virtual key"): the record rec=authenticator, which is
// synced; a blob of this device's own store; and a file in bound/ for the keys that must never leave this device.

// Fields of the record.
const (
	fieldAAGUID     = "aaguid"
	fieldSeal       = entry.PathSeal + "/"    // one for each key, so that those of two devices both stay
	fieldRetired    = entry.PathRetired + "/" // of before a reset
	fieldLargeBlobs = "large-blobs"
	fieldMinPIN     = "pin.min"
	fieldPINRPs     = "pin.rps"
	fieldAlwaysUV   = "uv.always"
)

// ownBlob is this device's part.
const ownBlob = "authenticator"

// ownMemory is what that blob holds.
type ownMemory struct {
	PIN    []byte `json:"pin,omitempty"` // hardened
	Salt   []byte `json:"salt,omitempty"`
	Length int    `json:"length,omitempty"`
	Misses int    `json:"misses,omitempty"`
	Force  bool   `json:"force,omitempty"`
	Token  []byte `json:"token,omitempty"`
	ID     []byte `json:"id,omitempty"` // by which whoever has the token knows this device again

	Order []string `json:"order,omitempty"` // names of the sealing keys as this device uses them: the first of each binding seals
}

// boundKeys are the keys that seal what is bound to this device.
type boundKeys struct {
	Seal    [][]byte `json:"seal"`
	Retired [][]byte `json:"retired,omitempty"`
}

// authenticatorID is the id of the record: every device of a vault makes the same one.
func authenticatorID(v format.VaultID) entry.ID {
	sum := sha256.Sum256(append([]byte("signet/v1/authenticator\x00"), v[:]...))
	return format.NewRecordID([16]byte(sum[:16]))
}

// memoryOf is what a memory is read from: an open vault, or an update of it.
type memoryOf interface {
	Record(id entry.ID) (format.Record, error)
	Get(name string) ([]byte, error)
	Bound(name string) (secret.Secret, error)
}

type vaultMemory struct {
	ctx context.Context
	v   *vault.Vault
}

func (m vaultMemory) Record(id entry.ID) (format.Record, error) {
	rec, err := m.v.Record(m.ctx, id)
	if errors.Is(err, vault.ErrNotFound) {
		return format.Record{ID: id}, nil
	}
	return rec, err
}
func (m vaultMemory) Get(name string) ([]byte, error)          { return m.v.Local().Get(name) }
func (m vaultMemory) Bound(name string) (secret.Secret, error) { return m.v.Local().Bound(name) }

// readMemory puts the three parts together.
func (l *Local) readMemory(from memoryOf) (passkeys.Memory, error) {
	var m passkeys.Memory
	rec, err := from.Record(authenticatorID(l.v.ID()))
	if err != nil {
		return m, err
	}
	syncedMemory(&m, rec)
	raw, err := from.Get(ownBlob)
	if err != nil {
		return m, fmt.Errorf("read the state of the security key: %w", err)
	}
	defer clear(raw)
	order, err := addOwn(&m, raw)
	if err != nil {
		return m, err
	}
	bound, err := from.Bound(ownBlob)
	if err == nil {
		err = addBound(&m, bound.Reveal())
		bound.Wipe()
	}
	if err != nil && !errors.Is(err, vault.ErrNotFound) {
		return m, fmt.Errorf("read the keys of this device: %w", err)
	}
	inOrder(m.SealKeys, order)
	inOrder(m.RetiredKeys, order)
	return m, nil
}

// inOrder puts keys as this device knows them; those of other devices come after, all devices in one order.
func inOrder(keys []passkeys.SealKey, order []string) {
	slices.SortStableFunc(keys, func(a, b passkeys.SealKey) int {
		x, y := keyName(a.Key), keyName(b.Key)
		return cmp.Or(cmp.Compare(uint(slices.Index(order, x)), uint(slices.Index(order, y))), cmp.Compare(x, y)) //nolint:gosec // -1 is last
	})
}

// syncedMemory reads the record. Where two devices wrote at once, the stricter value counts until somebody writes it again.
func syncedMemory(m *passkeys.Memory, rec format.Record) {
	for _, f := range rec.Fields {
		top := f.Values[0].Text
		key := passkeys.SealKey{Binding: passkeys.Synced, Key: secretOf(top)}
		switch {
		case strings.HasPrefix(f.Path, fieldSeal) && !key.Key.IsEmpty():
			m.SealKeys = append(m.SealKeys, key)
		case strings.HasPrefix(f.Path, fieldRetired) && !key.Key.IsEmpty():
			m.RetiredKeys = append(m.RetiredKeys, key)
		case f.Path == fieldLargeBlobs:
			m.LargeBlobs, _ = b64.DecodeString(top)
		case f.Path == fieldPINRPs:
			_ = json.Unmarshal([]byte(top), &m.MinPINRPs)
		}
		for _, v := range f.Values {
			if n, err := strconv.Atoi(v.Text); err == nil && f.Path == fieldMinPIN {
				m.MinPINLength = max(m.MinPINLength, n)
			}
			m.AlwaysUV = m.AlwaysUV || f.Path == fieldAlwaysUV && v.Text == "true"
		}
	}
}

func addOwn(m *passkeys.Memory, raw []byte) (order []string, err error) {
	if len(raw) == 0 {
		return nil, nil
	}
	var own ownMemory
	if json.Unmarshal(raw, &own) != nil {
		return nil, fmt.Errorf("read the state of the security key: %w", vault.ErrCorrupt)
	}
	m.PIN, m.PINSalt, m.PINLength, m.PINMisses = nonEmpty(own.PIN), own.Salt, own.Length, own.Misses
	m.ForceChangePIN, m.PersistentToken, m.Identifier = own.Force, nonEmpty(own.Token), own.ID
	return own.Order, nil
}

func nonEmpty(b []byte) secret.Secret {
	if len(b) == 0 {
		return secret.Secret{}
	}
	return secret.New(b)
}

func addBound(m *passkeys.Memory, raw []byte) error {
	var keys boundKeys
	if json.Unmarshal(raw, &keys) != nil {
		return fmt.Errorf("read the keys of this device: %w", vault.ErrCorrupt)
	}
	for _, k := range keys.Seal {
		m.SealKeys = append(m.SealKeys, passkeys.SealKey{Binding: passkeys.Device, Key: secret.New(k)})
	}
	for _, k := range keys.Retired {
		m.RetiredKeys = append(m.RetiredKeys, passkeys.SealKey{Binding: passkeys.Device, Key: secret.New(k)})
	}
	return nil
}

func ownOf(m *passkeys.Memory) ([]byte, error) {
	own := ownMemory{m.PIN.Reveal(), m.PINSalt, m.PINLength, m.PINMisses, m.ForceChangePIN, m.PersistentToken.Reveal(), m.Identifier, nil}
	for _, k := range slices.Concat(m.SealKeys, m.RetiredKeys) {
		own.Order = append(own.Order, keyName(k.Key))
	}
	return json.Marshal(own)
}

func boundOf(m *passkeys.Memory) ([]byte, error) {
	var keys boundKeys
	for _, k := range m.SealKeys {
		if k.Binding == passkeys.Device {
			keys.Seal = append(keys.Seal, k.Key.Reveal())
		}
	}
	for _, k := range m.RetiredKeys {
		if k.Binding == passkeys.Device {
			keys.Retired = append(keys.Retired, k.Key.Reveal())
		}
	}
	if keys.Seal == nil && keys.Retired == nil {
		return nil, nil
	}
	return json.Marshal(keys)
}

// keyName names a key by what it is, so that the same one is one field wherever it is written.
func keyName(k secret.Secret) string {
	sum := sha256.Sum256(append([]byte("signet/v1/sealkey\x00"), k.Reveal()...))
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:5]))
}

// syncedFields are the record's fields as a memory wants them.
func syncedFields(m *passkeys.Memory) (map[string]string, error) {
	out := map[string]string{}
	for prefix, keys := range map[string][]passkeys.SealKey{fieldSeal: m.SealKeys, fieldRetired: m.RetiredKeys} {
		for _, k := range keys {
			if k.Binding == passkeys.Synced {
				out[prefix+keyName(k.Key)] = b64.EncodeToString(k.Key.Reveal())
			}
		}
	}
	if len(m.LargeBlobs) > 0 {
		out[fieldLargeBlobs] = b64.EncodeToString(m.LargeBlobs)
	}
	if m.MinPINLength > 0 {
		out[fieldMinPIN] = strconv.Itoa(m.MinPINLength)
	}
	if m.AlwaysUV {
		out[fieldAlwaysUV] = "true"
	}
	if len(m.MinPINRPs) > 0 {
		text, err := json.Marshal(m.MinPINRPs)
		if err != nil {
			return nil, err
		}
		out[fieldPINRPs] = string(text)
	}
	return out, nil
}

func uuid(a passkeys.AAGUID) string {
	return fmt.Sprintf("%x-%x-%x-%x-%x", a[:4], a[4:6], a[6:8], a[8:10], a[10:])
}

// syncedEdits are what a change of the memory changes in the record.
func (l *Local) syncedEdits(before, after *passkeys.Memory) ([]entry.Edit, error) {
	was, err := syncedFields(before)
	if err != nil {
		return nil, err
	}
	is, err := syncedFields(after)
	if err != nil {
		return nil, err
	}
	id := authenticatorID(l.v.ID())
	var edits []entry.Edit
	for path, v := range is {
		if was[path] != v {
			edits = append(edits, entry.Set(id, path, v))
		}
	}
	for path := range was {
		if _, stays := is[path]; !stays {
			edits = append(edits, entry.Remove(id, path))
		}
	}
	if len(edits) > 0 {
		edits = append(edits, entry.Set(id, entry.PathRec, string(entry.RecAuthenticator)), entry.Set(id, fieldAAGUID, uuid(passkeys.Signet)))
	}
	return edits, nil
}

// updateMemory changes the memory under the lock. What is this device's own is written before the record, and taken back when that cannot be written.
func (l *Local) updateMemory(ctx context.Context, change func(*passkeys.Memory) error) (after passkeys.Memory, err error) {
	var undo []func()
	_, err = l.v.Update(ctx, func(w vault.Within) ([]entry.Edit, error) {
		before, err := l.readMemory(w)
		if err != nil {
			return nil, err
		}
		after = cloneMemory(before)
		if err := change(&after); err != nil {
			return nil, err
		}
		edits, err := l.syncedEdits(&before, &after)
		if err != nil {
			return nil, err
		}
		undo, err = writeOwn(w, &before, &after)
		return edits, err
	})
	if err != nil {
		for _, f := range undo {
			f()
		}
	}
	return after, err
}

// RestoreSealKeys takes back what a reset of the security key did to the keys that seal credentials into their ids: what was sealed with them opens again. New
// ones are sealed with the newest key. It returns how many keys came back.
func (l *Local) RestoreSealKeys(ctx context.Context) (n int, err error) {
	_, err = l.updateMemory(ctx, func(m *passkeys.Memory) error {
		n = len(m.RetiredKeys)
		m.SealKeys, m.RetiredKeys = append(m.SealKeys, m.RetiredKeys...), nil
		return nil
	})
	return n, err
}

// writeOwn writes what changed of this device's own parts; undo takes it back.
func writeOwn(w vault.Within, before, after *passkeys.Memory) (undo []func(), err error) {
	for _, part := range []struct {
		text func(*passkeys.Memory) ([]byte, error)
		put  func([]byte) error
	}{
		{boundOf, func(b []byte) error { return putOrDrop(w, b) }},
		{ownOf, func(b []byte) error { return w.Put(ownBlob, b) }},
	} {
		was, err := part.text(before)
		if err != nil {
			return undo, err
		}
		is, err := part.text(after)
		if err != nil || bytes.Equal(was, is) {
			clear(was)
			clear(is)
			if err != nil {
				return undo, err
			}
			continue
		}
		undo = append(undo, func() { _ = part.put(was) })
		err = part.put(is)
		clear(is)
		if err != nil {
			return undo, err
		}
	}
	return undo, nil
}

func putOrDrop(w vault.Within, b []byte) error {
	if len(b) == 0 {
		return w.DropBound(ownBlob)
	}
	return w.PutBound(ownBlob, secret.New(b))
}

func cloneMemory(m passkeys.Memory) passkeys.Memory {
	m.MinPINRPs, m.SealKeys, m.RetiredKeys = slices.Clone(m.MinPINRPs), slices.Clone(m.SealKeys), slices.Clone(m.RetiredKeys)
	m.LargeBlobs, m.PINSalt, m.Identifier = slices.Clone(m.LargeBlobs), slices.Clone(m.PINSalt), slices.Clone(m.Identifier)
	return m
}

// withoutSecrets is what stays known of a memory while the vault is locked. That there is a PIN is no secret: its length stays.
func withoutSecrets(m passkeys.Memory) passkeys.Memory {
	m = cloneMemory(m)
	m.PIN, m.PINSalt, m.Identifier = secret.Secret{}, nil, nil
	m.PersistentToken, m.SealKeys, m.RetiredKeys = secret.Secret{}, nil, nil
	return m
}
