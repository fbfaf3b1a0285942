package vault

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"sync"

	"signet/vault/cache"
	"signet/vault/format"
	"signet/vault/mirror"
	"signet/vault/seal"
	"signet/vault/secret"
)

// Vault is an unlocked vault directory. Its methods may be called from several goroutines. After Close every call returns
// ErrLocked.
type Vault struct {
	m         *mirror.Mirror
	o         Options
	id        format.VaultID
	key       format.DeviceKey // the zero key in a vault that is open for reading only
	readOnly  bool
	room      room   // for folds of everything; only tests have less
	target    int    // bytes of operations after which a segment ends; only tests of many segments have a smaller one
	compactAt int64  // in place of compactFrom, for tests
	way       string // name of the way in that opened it

	write sync.Mutex // one writer of this process at a time; taken before mu

	mu     sync.Mutex // everything below
	closed bool
	self   format.MemberID // as device.json says; trust checks it against the roster before anything is written
	// mislabelled: device.json named another device, and is written anew once the vault is open.
	mislabelled bool
	marks       marks
	trusted     *trust
	cache       *openCache
	liars       map[format.SID]string            // signed snapshots that cannot be read to their end
	recent      map[format.SID][]format.RecordID // what this process wrote, so that an undo need not search
	local       *Local
}

// marks is what state/heads said last.
type marks struct {
	heads format.Heads
	stamp format.Hash
	slot  int
	key   format.HeadsKey // the key that authenticated it; a write uses the same
	lost  bool            // no valid slot: reading goes on, writing waits for the user
	raw   []byte          // the file that said so, when it was read: the same bytes say the same
}

// openKey opens the vault in m with its device's key. Everything that yields a device key ends here. It takes the key over:
// Close wipes it.
func openKey(ctx context.Context, m *mirror.Mirror, key format.DeviceKey, o Options) (*Vault, error) {
	v := &Vault{m: m, o: o.filled(), id: key.Vault, key: key, target: segmentTarget, room: usualRoom, recent: map[format.SID][]format.RecordID{}}
	v.local = newLocal(v)
	if err := v.identify(); err != nil {
		return nil, err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if err := v.fresh(ctx, false); err != nil {
		return nil, err
	}
	return v, nil
}

// openReadOnly opens the vault with what a recovery code (or a roaming key) opened: everything is folded into memory and
// nothing is ever written.
func openReadOnly(ctx context.Context, m *mirror.Mirror, t *trust, o Options) (*Vault, error) {
	v := &Vault{m: m, o: o.filled(), id: t.roster.Vault, readOnly: true, trusted: t, room: usualRoom, recent: map[format.SID][]format.RecordID{}}
	local := make([]byte, 32)
	if _, err := v.o.Rand.Read(local); err != nil {
		return nil, fmt.Errorf("open vault: %w", err)
	}
	v.key.Local = secret.New(local) // seals the cache in memory, and nothing else
	v.local = newLocal(v)
	v.mu.Lock()
	defer v.mu.Unlock()
	v.marks.lost = true
	if err := v.rebuild(ctx, false); err != nil {
		return nil, err
	}
	return v, nil
}

// identify reads device.json. It holds nothing that is trusted: it must name our vault and our recipient, or it is repaired
// from the roster.
func (v *Vault) identify() error {
	raw, err := v.m.Read(deviceName, format.MaxHint)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("open vault: %w", err)
	}
	recipient, rerr := seal.RecipientOf(v.key.Identity)
	if rerr != nil {
		return fmt.Errorf("open vault: %w", rerr)
	}
	hint, err := format.ParseDeviceHint(raw)
	if err == nil && hint.Vault == v.id && (hint.Recipient == recipient || !v.key.OldIdentity.IsEmpty()) {
		v.self = hint.Device
		return nil
	}
	return v.repairDevice(recipient)
}

// repairDevice finds out from slots and roster which device this is, and writes device.json anew.
func (v *Vault) repairDevice(recipient string) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if err := v.readHeads(); err != nil {
		return err
	}
	t, err := v.loadTrust()
	if err != nil {
		return fmt.Errorf("repair device.json: %w", err)
	}
	v.self, v.trusted = t.self, t
	v.o.Notice(Notice{"repaired", "device.json did not fit this device's key and was written anew"})
	text, err := format.DeviceHint{Vault: v.id, Device: t.self, Recipient: recipient}.Encode()
	if err != nil {
		return fmt.Errorf("repair device.json: %w", err)
	}
	unlock, err := v.m.Lock(context.Background(), v.o.ReadWait)
	if err != nil {
		return nil //nolint:nilerr // somebody else is writing: the next opening repairs it
	}
	defer unlock()
	return v.m.Replace(deviceName, bytesWriter(text))
}

// ID returns the vault's id.
func (v *Vault) ID() format.VaultID { return v.id }

// Device returns this device's member id.
func (v *Vault) Device() format.MemberID {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.self
}

// OpenedBy returns the name of the way in that opened the vault.
func (v *Vault) OpenedBy() string { return v.way }

// Dir returns the vault directory, for messages.
func (v *Vault) Dir() string { return v.m.Dir() }

// ReadOnly reports whether the vault was opened for reading only.
func (v *Vault) ReadOnly() bool { return v.readOnly }

// Close writes what waits in the device's own store and wipes the keys. It is idempotent.
func (v *Vault) Close() error {
	err := v.local.flush()
	v.local.LeaveDrafts()
	v.mu.Lock()
	defer v.mu.Unlock()
	v.wipe()
	return err
}

// wipe ends the vault: no key and no plaintext stays that can be reached. The lock mu is held.
func (v *Vault) wipe() {
	if v.closed {
		return
	}
	v.closed = true
	v.dropCache()
	if v.trusted != nil {
		v.trusted.wipe()
		v.trusted = nil
	}
	v.key.Wipe()
	v.marks.key = format.HeadsKey{}
}

// openable is what every call checks first, with mu held.
func (v *Vault) openable() error {
	if v.closed {
		return ErrLocked
	}
	return nil
}

func (v *Vault) cacheKeys() cache.Keys { return cache.Keys{Local: v.key.Local} }

func (v *Vault) notice(code, format string, args ...any) {
	v.o.Notice(Notice{code, fmt.Sprintf(format, args...)})
}
