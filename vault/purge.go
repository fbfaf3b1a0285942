package vault

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"signet/vault/fold"
	"signet/vault/format"
	"signet/vault/seal"
)

// PurgeVault removes for good what older files still hold (vault.md 5.11): a new epoch begins, one snapshot of what is there
// now is written and read back, and then every older file of every log, every older epoch and the identities of older epochs
// go. A crash on the way is finished by the next opening. Attachments stay. Copies elsewhere still open with the old keys:
// whoever calls this then replaces the recovery code and the device's key. It refuses while a file is waiting, missing or
// damaged, because that file would be lost with its key.
func (v *Vault) PurgeVault(ctx context.Context) error {
	return v.alone(ctx, v.o.LockWait, func() error {
		if err := v.purgeVault(ctx); err != nil {
			return fmt.Errorf("purge: %w", err)
		}
		return v.fresh(ctx, true)
	})
}

func (v *Vault) purgeVault(ctx context.Context) error {
	if err := v.settle(); err != nil {
		return err
	}
	if err := v.fresh(ctx, true); err != nil {
		return err
	}
	t, err := v.trust()
	if err != nil {
		return err
	}
	lib, err := v.provenLibrary(ctx, t)
	if err != nil {
		return err
	}
	if what := lib.unpurgeable(); what != "" {
		return fmt.Errorf("%w: %s", ErrCorrupt, what)
	}
	if t, err = v.rotate(t, "purge"); err != nil {
		return err
	}
	if err := v.guard(t); err != nil {
		return err
	}
	_, err = v.snapshot(lib, t, func(sid format.SID) *format.Purge { return &format.Purge{Below: t.epoch.n, SID: sid} })
	if err != nil {
		return err
	}
	return v.finishPurge()
}

// unpurgeable names what would be lost for good.
func (lib *library) unpurgeable() string {
	for _, f := range lib.files {
		if f.state == StateWaiting || f.state == StateDamaged || f.state == StateGap {
			return f.path() + ": " + f.why
		}
	}
	for _, f := range lib.finds {
		if f.Kind != "fork" {
			return f.Text
		}
	}
	return ""
}

// rotate begins a new epoch for everybody who belongs to the vault now.
func (v *Vault) rotate(t *trust, why string) (*trust, error) {
	c := beginChange(v.m, t, v.olderEpochs(t), v.o.Now().UnixMilli())
	if err := c.rotate(why, t.self, t.sign); err != nil {
		return nil, err
	}
	if _, err := v.commit(c, t); err != nil {
		return nil, err
	}
	next, err := v.trust()
	if err != nil {
		return nil, err
	}
	if next.epoch.n != c.epoch.n {
		return nil, errors.New("begin epoch: the new epoch is not the current one")
	}
	return next, nil
}

// finishPurge deletes what the purge in the heads says, and then the purge itself. Everybody who takes the lock comes through
// here, so that a purge cut off by a crash ends before anything else is written.
func (v *Vault) finishPurge() error {
	p := v.marks.heads.Purge
	if p == nil {
		return nil
	}
	t, err := v.trust()
	if err != nil {
		return err
	}
	lib, snap, err := v.purgeStands(t, p)
	if err != nil {
		return err
	}
	h := v.marks.heads
	h.Purge = nil
	if why := lib.unfolded(snap); why != "" {
		v.notice("purge", "the purge that was cut off is given up, because it would lose a file that has come since; purge again: %s", why)
		return v.writeHeads(h)
	}
	for _, step := range []func() error{
		func() error { return v.purgeLogs(snap) }, func() error { return v.purgeRosters(t) }, func() error { return v.purgeEpochs(t, p) },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	v.dropCache()
	if err := v.m.RemoveAll(tailName, cacheName); err != nil {
		return err
	}
	return v.writeHeads(h)
}

// purgeStands checks once more, before anything is deleted, that the snapshot is there, opens, verifies, and is sealed to the
// epoch that stays.
func (v *Vault) purgeStands(t *trust, p *format.Purge) (*library, *logFile, error) {
	lib, err := v.provenLibrary(context.Background(), t)
	if err != nil {
		return nil, nil, err
	}
	f := lib.bySID[p.SID]
	if f == nil || f.kind != format.KindSnapshot || f.log != t.self || f.header.Epoch != p.Below || t.epoch.n != p.Below {
		return nil, nil, fmt.Errorf("finish purge: %w: its snapshot does not open", ErrCorrupt)
	}
	return lib, f, nil
}

// unfolded names a file whose writes, or what they may be, the snapshot does not have: one that came after it was written.
func (lib *library) unfolded(snap *logFile) string {
	have := fold.NewContext(snap.ctx)
	for _, f := range lib.files {
		late := f.folded() && f.sid != snap.sid && !have.Has(f.sid)
		if late || f.state == StateWaiting || f.state == StateDamaged {
			return f.path()
		}
	}
	return ""
}

// purgeLogs removes every file of every log but the snapshot.
func (v *Vault) purgeLogs(snap *logFile) error {
	return v.removeBelow("log", func(path string) bool {
		return format.ParseName(path).Kind == format.FileLog && path != snap.path()
	})
}

// purgeRosters removes the older roster files: what they are sealed to goes with their epochs.
func (v *Vault) purgeRosters(t *trust) error {
	names, err := v.m.Names("roster")
	if err != nil {
		return err
	}
	var gone []string
	for _, base := range names {
		if path := "roster/" + base; path != t.path && format.ParseName(path).Kind == format.FileRoster {
			gone = append(gone, path)
		}
	}
	return v.m.RemoveAll(gone...)
}

// purgeEpochs removes the slots of older epochs, and their identities: an empty prev file takes the place of the one that the
// rotation wrote.
func (v *Vault) purgeEpochs(t *trust, p *format.Purge) error {
	text, err := format.EncodeSlots()
	if err != nil {
		return err
	}
	to, err := seal.ParseRecipient(t.epoch.rcpt)
	if err != nil {
		return err
	}
	empty := ""
	if len(v.olderEpochs(t)) > 0 {
		sealed, err := seal.Bytes(text.Reveal(), to)
		if err != nil {
			return err
		}
		empty = format.Name{Kind: format.FilePrev, Epoch: t.epoch.n, H32: format.H32(sealed)}.Path()
		if err := v.m.Put(empty, sealed); err != nil {
			return err
		}
		for _, k := range t.older {
			k.text.Wipe()
		}
		t.older = nil
		err = v.removeBelow("epochs", func(path string) bool {
			name := format.ParseName(path)
			return name.Kind == format.FilePrev && name.Epoch == p.Below && path != empty
		})
		if err != nil {
			return err
		}
	}
	return v.removeBelow("epochs", func(path string) bool {
		name := format.ParseName(path)
		return (name.Kind == format.FilePrev || name.Kind == format.FileSlot) && name.Epoch < p.Below
	})
}

// removeBelow removes the files one level down for which which says so, and the directories that are empty then.
func (v *Vault) removeBelow(top string, which func(path string) bool) error {
	dirs, err := v.m.Dirs(top)
	if err != nil {
		return err
	}
	for _, dir := range dirs {
		at := top + "/" + dir
		names, err := v.m.Names(at)
		if err != nil {
			return err
		}
		gone := slices.DeleteFunc(slices.Clone(names), func(base string) bool { return !which(at + "/" + base) })
		for i := range gone {
			gone[i] = at + "/" + gone[i]
		}
		if err := v.m.RemoveAll(gone...); err != nil {
			return err
		}
		if len(gone) == len(names) && len(names) > 0 {
			if err := v.m.Remove(at); err != nil && !errors.Is(err, fs.ErrExist) && !strings.Contains(err.Error(), "not empty") {
				return err
			}
		}
	}
	return nil
}
