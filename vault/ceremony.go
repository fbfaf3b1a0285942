package vault

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"signet/vault/format"
	"signet/vault/mirror"
	"signet/vault/roster"
	"signet/vault/seal"
	"signet/vault/unlock"
)

// ceremony runs f under the lock with everything settled that a crash may have left, as this device, which must be active. A
// new epoch that must begin first is no obstacle: many ceremonies begin one.
// Questions to a person come before it, never inside (decisions.md, session).
func (v *Vault) ceremony(ctx context.Context, f func(t *trust) error) error {
	return v.alone(ctx, v.o.LockWait, func() error { return v.settled(f) })
}

// alone runs f as the only writer: of this process, of this machine, and with nobody reading meanwhile.
func (v *Vault) alone(ctx context.Context, wait time.Duration, f func() error) error {
	if v.readOnly {
		return ErrReadOnly
	}
	v.write.Lock()
	defer v.write.Unlock()
	release, err := v.m.Lock(ctx, wait)
	if err != nil {
		return err
	}
	defer release()
	v.mu.Lock()
	defer v.mu.Unlock()
	if err := v.openable(); err != nil {
		return err
	}
	return f()
}

// settled is ceremony's part under the locks.
func (v *Vault) settled(f func(t *trust) error) error {
	if err := v.settle(); err != nil {
		return err
	}
	t, err := v.trust()
	if err != nil {
		return err
	}
	if err := v.guard(t); err != nil && !errors.Is(err, ErrRotate) {
		return err
	}
	return f(t)
}

// longerRoster names a roster file longer than t's that is sealed to an epoch of which t knows nothing, "" when there is none.
// For a device it means that its way in was removed and the removal was cut off by a crash, or that the device was revoked:
// what it wrote now would be quarantined. A longer file that opens and does not verify is somebody's forgery and says nothing; nor
// does one that no change of the members can have written (follows).
func longerRoster(v *Vault, t *trust) (string, error) {
	names, err := v.m.Names("roster")
	if err != nil {
		return "", err
	}
	reader := &Vault{m: v.m, id: t.roster.Vault}
	for _, base := range names {
		name := format.ParseName("roster/" + base)
		if name.Kind != format.FileRoster || name.Count <= len(t.roster.Chain) || !follows(v.m, name, t.epoch.n) {
			continue
		}
		if _, err := readRoster(reader, name, t.epoch); errors.Is(err, seal.ErrNotForUs) && !v.otherBranch(reader, name, t) {
			return name.Path(), nil
		}
	}
	return "", nil
}

// follows reports whether a roster file that an epoch's key does not open can be a continuation of its chain: it is whole, and a later
// epoch is here. A change of the members writes the slots of the new epoch, durably, before the roster file that begins it (vault.md
// 5.11). Whoever could take the slots away could take the roster file away as well.
func follows(m *mirror.Mirror, name format.Name, epoch int) bool {
	if !whole(m, name) {
		return false
	}
	v := &Vault{m: m}
	later, err := v.epochs()
	if err != nil {
		return true // what cannot be looked at is not judged
	}
	for _, n := range later {
		if n <= epoch {
			continue
		}
		names, err := m.Names(epochDir(n))
		if err != nil {
			return true
		}
		for _, base := range names {
			if slot := format.ParseName(epochDir(n) + "/" + base); slot.Kind == format.FileSlot && whole(m, slot) {
				return true
			}
		}
	}
	return false
}

// whole reports whether a file holds the bytes that its name says.
func whole(m *mirror.Mirror, name format.Name) bool {
	b, err := m.Read(name.Path(), maxFile(name.Kind))
	return err == nil && format.H32(b) == name.H32
}

// otherBranch reports whether a roster file that t's epoch does not open is a branch that left ours, of a clone of this device:
// its slots open with our key. A device stays on the branch that it has pinned (vault.md 5.9).
func (v *Vault) otherBranch(reader *Vault, name format.Name, t *trust) bool {
	for _, k := range v.openSlots() {
		if r, err := readRoster(reader, name, k); err == nil && roster.Compare(t.roster, r).Relation == roster.Forked {
			return true
		}
	}
	return false
}

// keeper writes this device's ways in.
func (v *Vault) keeper(t *trust, ui unlock.Prompter) wayKeeper {
	return wayKeeper{v.m, v.o.Keyring, unlock.User(v.id.String(), string(t.self)), ui}
}

// commit writes a roster change and pins it. mu and the file lock are held.
func (v *Vault) commit(c *change, t *trust) (*ready, error) {
	r, err := c.seal()
	if err != nil {
		return nil, err
	}
	if err := r.write(v.m); err != nil {
		return nil, err
	}
	return r, v.pinRoster(r.trust(t.self, t.sign))
}

// ways reads the trusted list; an empty one when there is none.
func (v *Vault) ways() (wayList, error) {
	l, err := readWays(v.m, v.id, v.locals()...)
	if errors.Is(err, fs.ErrNotExist) {
		return wayList{Vault: v.id.String(), Device: v.self}, nil
	}
	return l, err
}

// rosterNow returns the members as this vault sees them.
func (v *Vault) rosterNow() (*roster.Roster, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if err := v.openable(); err != nil {
		return nil, err
	}
	t, err := v.trust()
	if err != nil {
		return nil, err
	}
	return t.roster, nil
}

// cutOf is where this device's own log stands: [seq, sid] for rekey and revoke. A log without files is cut at nothing.
func (v *Vault) cutOf(logs ...format.MemberID) map[format.MemberID]format.Mark {
	out := map[format.MemberID]format.Mark{}
	for _, log := range logs {
		if at, ok := v.marks.heads.Logs[log]; ok && at.Seq > 0 {
			out[log] = at
		}
	}
	return out
}

func wrapSlot(name string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("slot %s: %w", name, err)
}
