package vault

import (
	"context"
	"errors"
	"fmt"
	"io"

	"signet/vault/format"
	"signet/vault/mirror"
)

// Dir is a vault directory before it is open: what can be seen without a key, and the ways to get one. Nothing that it
// shows is authenticated.
type Dir struct {
	m    *mirror.Mirror
	opt  Options
	hint format.DeviceHint
	// hintErr says why device.json cannot be used; unlocking goes on without it and repairs it.
	hintErr error
}

// At looks at the vault in a directory; ErrNoVault when there is none. It writes nothing.
func At(dir string, o Options) (*Dir, error) {
	m, err := mirror.Open(dir)
	if err != nil {
		return nil, err
	}
	return dirOn(m, o), nil
}

// dirOn is At for any mirror.
func dirOn(m *mirror.Mirror, o Options) *Dir {
	d := &Dir{m: m, opt: o.filled()}
	d.hint, d.hintErr = readDeviceHint(m)
	return d
}

// Path returns the directory.
func (d *Dir) Path() string { return d.m.Dir() }

// VaultID returns the vault's id as device.json or VAULT claims it, unauthenticated; "" when neither says.
func (d *Dir) VaultID() string {
	if d.hintErr == nil {
		return d.hint.Vault.String()
	}
	b, err := d.m.Read(vaultName, format.MaxHint)
	if err != nil {
		return ""
	}
	id, err := format.ParseVaultHint(b)
	if err != nil {
		return ""
	}
	return id.String()
}

// DeviceID returns this device's id as device.json claims it, unauthenticated; "" when this machine has no device here.
func (d *Dir) DeviceID() string { return string(d.hint.Device) }

// Enrolled reports whether this directory holds a device's own files at all. Where it does not (a copy, a restored backup of
// the synced part), only the recovery code opens the vault, and Enrol makes this machine a device.
func (d *Dir) Enrolled() bool {
	ways, err := d.Ways()
	return err == nil && len(ways) > 0
}

// lock takes the vault's lock for a ceremony. It is never held over a question to a person.
func (d *Dir) lock(ctx context.Context) (release func(), err error) {
	return d.m.Lock(ctx, d.opt.LockWait)
}

// Names of the files outside the synced part (vault.md 5.2).
const (
	vaultName = "VAULT"
	unlockDir = "unlock"
	boundDir  = "bound"
	stateDir  = "state"
	lostDir   = "lost"
	waysName  = localDir + "/ways"
)

func readDeviceHint(m *mirror.Mirror) (format.DeviceHint, error) {
	b, err := m.Read(deviceName, format.MaxHint)
	if err != nil {
		return format.DeviceHint{}, err
	}
	return format.ParseDeviceHint(b)
}

func writeDeviceHint(m *mirror.Mirror, h format.DeviceHint) error {
	b, err := h.Encode()
	if err != nil {
		return err
	}
	return m.Replace(deviceName, bytesWriter(b))
}

// memberID draws a fresh id whose short form is not taken.
func (o Options) memberID(taken func(short string) bool) (format.MemberID, error) {
	for range 100 {
		var b [16]byte
		if _, err := io.ReadFull(o.Rand, b[:]); err != nil {
			return "", fmt.Errorf("draw member id: %w", err)
		}
		if id := format.NewMemberID(b); taken == nil || !taken(id.Short()) {
			return id, nil
		}
	}
	return "", errors.New("draw member id: the source of randomness repeats itself")
}
