package vault

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"signet/vault/format"
	"signet/vault/seal"
	"signet/vault/secret"
	"signet/vault/unlock"
)

// rekeyPlan is what changes about the ways in while the device's key is replaced.
type rekeyPlan struct {
	add    []freshWay
	remove []string // ids
	why    string   // of the new epoch, for people
}

// rekey replaces the device's key, so that whoever could open the ways in before opens nothing that is written from now on
// (I18). The order is vault.md 5.10's: (a) every way that stays gets new and old key, (b) one roster file with rekey and epoch,
// the commit, (c) this device's own files under the new local secret, (d) every way with the new key alone. The trusted list
// says from the first step on what is under way, and every unlock finishes it or takes it back (resumeRekey). It runs inside
// a ceremony.
func (v *Vault) rekey(ctx context.Context, t *trust, list wayList, p rekeyPlan, ui unlock.Prompter) error {
	for _, w := range list.Ways {
		if !w.sealable() && !slices.Contains(p.remove, w.ID) {
			return fmt.Errorf("replace the key: slot %s: its recipient is not known, because the list of ways in was lost: change that slot first "+
				"(slot change %s), or add another one and remove it: %w", w.Name, w.Name, ErrUnlisted)
		}
	}
	if err := v.local.takeWaiting(); err != nil { // what is sealed to the key that goes
		return err
	}
	next, rcpt, err := newDeviceKey()
	if err != nil {
		return err
	}
	if err := v.restate(ctx, t, func(c *change) error { return c.rekey(deviceMemberOf(t, next, rcpt), v.cutOf(t.self), t.self, t.sign) }); err != nil {
		return err
	}
	old := v.key
	next.Vault, next.OldSign, next.OldLocal, next.OldIdentity = v.id, old.Sign, old.Local, old.Identity
	dev := deviceMemberOf(t, next, rcpt)
	c := beginChange(v.m, t, v.olderEpochs(t), v.o.Now().UnixMilli())
	if err := c.rekey(dev, v.cutOf(t.self), t.self, t.sign); err != nil {
		return err
	}
	if err := c.rotate(p.why, t.self, dev.sign); err != nil {
		return err
	}
	r, err := c.seal() // everything that can be refused is refused before the first byte is written
	if err != nil {
		return err
	}
	plan := list.planned(p, dev.keys.Sign)
	if err := plan.write(v.m, old.Local); err != nil {
		return err
	}
	v.key = next
	if err := v.giveBoth(ctx, t, plan, p.add, ui); err != nil {
		return errors.Join(err, v.abandon(context.WithoutCancel(ctx), t, plan, v.oldKey(), ui))
	}
	if err := r.write(v.m); err != nil {
		return fmt.Errorf("%w (the next unlock finishes this or takes it back)", err)
	}
	if err := v.pinRoster(r.trust(t.self, dev.sign)); err != nil {
		return err
	}
	return v.finishRekey(ctx, v.trusted, plan, ui)
}

func deviceMemberOf(t *trust, key format.DeviceKey, rcpt string) newcomer {
	me, _ := t.roster.Member(t.self)
	return deviceMember(key, rcpt, me.Name, t.self)
}

// restate writes what only the cache holds, which ends with the key, and a snapshot of everything that is folded, when the change that
// try makes would otherwise quarantine some of it. mu and the file lock are held.
func (v *Vault) restate(ctx context.Context, t *trust, try func(*change) error) error {
	lib, err := v.provenLibrary(ctx, t)
	if err != nil {
		return err
	}
	if saved, err := v.saveCacheOnly(ctx, t, lib); err != nil {
		return err
	} else if saved {
		if lib, err = v.provenLibrary(ctx, t); err != nil {
			return err
		}
	}
	c := beginChange(v.m, t, nil, v.o.Now().UnixMilli())
	if err := try(c); err != nil {
		return err
	}
	_, next, err := c.author.Done()
	if err != nil || !lib.loses(next) {
		return err
	}
	_, err = v.snapshot(lib, t, nil)
	return err
}

// planned marks what a rekey will change. What an earlier one left is settled first by resumeRekey.
func (l wayList) planned(p rekeyPlan, sign string) wayList {
	ways := make([]wayRow, 0, len(l.Ways)+len(p.add))
	for _, w := range l.Ways {
		for _, id := range p.remove {
			w.Gone = w.Gone || w.ID == id
		}
		ways = append(ways, w)
	}
	for _, f := range p.add {
		f.row.New = true
		ways = append(ways, f.row)
	}
	l.Ways, l.Rekey = ways, sign
	return l
}

// giveBoth is step (a): every way that stays gets the new and the old key and is read back.
func (v *Vault) giveBoth(ctx context.Context, t *trust, plan wayList, add []freshWay, ui unlock.Prompter) error {
	both, err := v.key.Encode()
	if err != nil {
		return err
	}
	defer both.Wipe()
	k := v.keeper(t, ui)
	for _, w := range plan.Ways {
		if w.Gone || w.New {
			continue
		}
		if err := k.put(ctx, w, both); err != nil {
			return wrapSlot(w.Name, err)
		}
	}
	for _, f := range add {
		if err := k.install(ctx, f, both); err != nil {
			return wrapSlot(f.row.Name, err)
		}
	}
	return nil
}

// abandon takes a rekey back that was not committed: every way gets the old key alone.
func (v *Vault) abandon(ctx context.Context, t *trust, plan wayList, old format.DeviceKey, ui unlock.Prompter) error {
	v.key = old
	keep, drop := plan.settled(false)
	text, err := old.Encode()
	if err != nil {
		return err
	}
	defer text.Wipe()
	if err := v.keeper(t, ui).settle(ctx, keep, drop, text); err != nil {
		return fmt.Errorf("take back: %w (the next unlock tries again)", err)
	}
	plan.Ways, plan.Rekey = keep, ""
	return plan.write(v.m, old.Local)
}

// settle gives every way that stays one key and takes the others away. One way that fails does not keep the others from
// theirs.
func (k wayKeeper) settle(ctx context.Context, keep, drop []wayRow, key secret.Secret) error {
	var failed error
	for _, w := range keep {
		if w.sealable() { // what cannot be written was not written before either
			failed = errors.Join(failed, wrapSlot(w.Name, k.put(ctx, w, key)))
		}
	}
	for _, w := range drop {
		failed = errors.Join(failed, wrapSlot(w.Name, k.remove(ctx, w)))
	}
	return failed
}

// finishRekey is (c) and (d). Heads go first: from then on the old key opens nothing of this device (the way in was
// changed). It may be repeated from any point.
func (v *Vault) finishRekey(ctx context.Context, t *trust, plan wayList, ui unlock.Prompter) error {
	if err := v.moveHeads(); err != nil {
		return err
	}
	if err := v.resealOwn(); err != nil {
		return err
	}
	if err := plan.write(v.m, v.key.Local); err != nil {
		return err
	}
	v.dropCache()
	if err := v.m.RemoveAll(tailName, cacheName); err != nil {
		return err
	}
	rcpt, err := seal.RecipientOf(v.key.Identity)
	if err != nil {
		return err
	}
	if err := writeDeviceHint(v.m, format.DeviceHint{Vault: v.id, Device: t.self, Recipient: rcpt}); err != nil {
		return err
	}
	return v.giveNew(ctx, t, plan, ui)
}

// giveNew is (d). A way that cannot be written now (a locked keyring) keeps both keys until an unlock through it finishes
// this: what was to be shut is shut by the roster.
func (v *Vault) giveNew(ctx context.Context, t *trust, plan wayList, ui unlock.Prompter) error {
	v.key.OldSign.Wipe()
	v.key.OldLocal.Wipe()
	v.key.OldIdentity.Wipe()
	v.key.OldSign, v.key.OldLocal, v.key.OldIdentity = secret.Secret{}, secret.Secret{}, secret.Secret{}
	text, err := v.key.Encode()
	if err != nil {
		return err
	}
	defer text.Wipe()
	keep, drop := plan.settled(true)
	k := v.keeper(t, ui)
	drop = slices.DeleteFunc(drop, func(w wayRow) bool {
		if w.Kind != unlock.KindKeyring {
			return false
		}
		if err := k.remove(ctx, w); err != nil { // a keyring that is not there any more keeps a key that opens nothing
			v.notice("unfinished", "the item in the keyring could not be deleted (%v); the key in it opens nothing that is written from now on", err)
		}
		return true
	})
	if err := k.settle(ctx, keep, drop, text); err != nil {
		v.notice("unfinished", "the key was replaced, but not every way in could be brought up to date; the next unlock tries again: %v", err)
		return nil
	}
	plan.Ways, plan.Kept, plan.Rekey = keep, nil, ""
	return plan.write(v.m, v.key.Local)
}

// moveHeads writes the high-water marks under the new local secret. Until then they stand under the old one.
func (v *Vault) moveHeads() error {
	k := seal.HeadsKey(v.key.Local)
	if v.marks.key.ID == k.ID {
		return nil
	}
	h := v.marks.heads
	h.Generation++
	data, stamp, err := format.EncodeHeadsSlot(h, k)
	if err != nil {
		return err
	}
	if err := v.m.WriteHeads(0, data, true); err != nil {
		return err
	}
	v.marks = marks{heads: h, stamp: stamp, slot: 0, key: k}
	return nil
}

// resealOwn brings bound/ and state/local/ under the new local secret. A file that opens under neither stays as it is: it was
// damaged before, and doctor names it.
func (v *Vault) resealOwn() error {
	for dir, purpose := range map[string]seal.Purpose{boundDir: seal.PurposeBound, localDir: seal.PurposeLocal} {
		files, err := v.m.Names(dir)
		if err != nil {
			return err
		}
		for _, base := range files {
			if name := dir + "/" + base; name != waysName {
				if err := v.resealFile(name, purpose); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// maxOwnFile bounds a file of bound/ or state/local/.
const maxOwnFile = 64 << 20

func (v *Vault) resealFile(name string, purpose seal.Purpose) error {
	info, err := v.m.Stat(name)
	if err != nil || info.Dir {
		return nil //nolint:nilerr // a directory or a stranger: not ours to touch
	}
	data, err := v.m.Read(name, maxOwnFile)
	if err != nil {
		return err
	}
	if v.key.OldLocal.IsEmpty() {
		return nil
	}
	plain, err := seal.Open(data, seal.StanzaLocal, seal.NewLocal(v.key.OldLocal, purpose), maxOwnFile)
	if err != nil {
		return nil //nolint:nilerr // it stands under the new secret already, or was damaged before
	}
	defer clear(plain)
	sealed, err := seal.Bytes(plain, seal.NewLocal(v.key.Local, purpose))
	if err != nil {
		return err
	}
	return v.m.Replace(name, bytesWriter(sealed))
}

// resumeRekey finishes or takes back what a crash cut off. The roster decides: when it names the new key, the rekey was
// committed. Somebody else who holds the lock does the same.
func (v *Vault) resumeRekey(ctx context.Context, ui unlock.Prompter) error {
	err := v.ceremony(ctx, func(t *trust) error {
		list, err := v.ways()
		if err != nil {
			return err
		}
		now := signText(t.sign)
		switch newest := signText(v.key.SigningKey()); {
		case v.key.HasOld() && now == newest, !v.key.HasOld() && list.Rekey == now:
			v.notice("repaired", "a change of the ways in was cut off and has been finished")
			return v.finishRekey(ctx, t, list, ui)
		case v.key.HasOld() || list.Rekey != "":
			v.notice("repaired", "a change of the ways in was cut off before it counted and has been taken back")
			return v.abandon(ctx, t, list, v.oldKey(), ui)
		}
		return nil
	})
	if err == nil || errors.Is(err, ErrWayChanged) || errors.Is(err, ErrRevoked) || errors.Is(err, ErrLocked) || errors.Is(err, context.Canceled) {
		return err
	}
	v.notice("unfinished", "a change of the ways in was cut off; the next unlock tries to finish it (%v)", err)
	return nil
}

// oldKey is the key before the rekey under way, or the only one.
func (v *Vault) oldKey() format.DeviceKey {
	if !v.key.HasOld() {
		return v.key
	}
	k := format.DeviceKey{Vault: v.id, Sign: v.key.OldSign, Local: v.key.OldLocal, Identity: v.key.OldIdentity}
	v.key.Sign.Wipe()
	v.key.Local.Wipe()
	v.key.Identity.Wipe()
	return k
}
