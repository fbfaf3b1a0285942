package vault

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"signet/vault/format"
	"signet/vault/roster"
	"signet/vault/unlock"
)

// ceremony runs f under the lock with everything settled that a crash may have left, as this device, which must be active.
// Questions to a person come before it, never inside (decisions.md, session).
func (v *Vault) ceremony(ctx context.Context, f func(t *trust) error) error {
	if v.readOnly {
		return ErrReadOnly
	}
	v.write.Lock()
	defer v.write.Unlock()
	release, err := v.m.Lock(ctx, v.o.LockWait)
	if err != nil {
		return err
	}
	defer release()
	v.mu.Lock()
	defer v.mu.Unlock()
	if err := v.openable(); err != nil {
		return err
	}
	if err := v.settle(); err != nil {
		return err
	}
	t, err := v.trust()
	if err != nil {
		return err
	}
	me, ok := t.roster.Member(t.self)
	if !ok || !me.Active {
		return ErrRevoked
	}
	if t.roster.Newer {
		return ErrNewerFormat
	}
	if beyond, err := v.beyond(t); err != nil || beyond {
		return errors.Join(err, ErrWayChanged)
	}
	return f(t)
}

// beyond reports whether there is a roster file longer than ours that our key does not open: our way in was removed and the
// removal was cut off by a crash, or this device was revoked. What we wrote now would be quarantined.
func (v *Vault) beyond(t *trust) (bool, error) {
	names, err := v.m.Names("roster")
	if err != nil {
		return false, err
	}
	for _, base := range names {
		name := format.ParseName("roster/" + base)
		if name.Kind != format.FileRoster || name.Count <= len(t.roster.Chain) {
			continue
		}
		if _, err := readRoster(v, name, t.epoch); err != nil {
			return true, nil //nolint:nilerr // whatever it is, it is not for us
		}
	}
	return false, nil
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
