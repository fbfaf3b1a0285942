package vault

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"signet/vault/format"
	"signet/vault/roster"
	"signet/vault/secret"
	"signet/vault/unlock"
)

// Slot is one way to open the vault, as the one list of `signet slot ls` shows it: this device's own ways in, and the members
// of the vault that open it anywhere.
type Slot struct {
	Name  string
	Kind  string // keyring, passphrase, plugin; recovery, hardware
	Local bool   // this device's own; otherwise vault-wide

	ID         string // of the files in unlock/, or of the member
	Plugin     string
	WorkFactor int  // passphrase: log2(N)
	Weak       bool // its work factor is below 17
	Stale      bool // vault-wide: does not open the current epoch until it is enrolled again
	Authority  bool // recovery: decides a fork of the roster
	Kept       bool // copies of a removed or changed file still open everything, until the next rekey
	Unfinished bool // a change of it was cut off; the next unlock finishes it
	Gone       bool // removed with --keep-key: listed only because copies still open
	Unlisted   bool // its files lie in unlock/, but it is not in the trusted list: it will not survive a change of the key

	Added  time.Time
	Tested time.Time // when it was last seen to open the vault here; zero for never
}

// known reads what may be believed about members and ways in: the trusted list, and this device's own ways unless the vault is open for reading only. mu is
// held.
func (v *Vault) known(ctx context.Context) (t *trust, list wayList, err error) {
	if err := ctx.Err(); err != nil {
		return nil, list, err
	}
	if err := v.openable(); err != nil {
		return nil, list, err
	}
	if t, err = v.trust(); err != nil || v.readOnly {
		return t, list, err
	}
	list, err = v.ways()
	return t, list, err
}

// Slots lists every way to open the vault. It takes no lock and asks nobody.
func (v *Vault) Slots(ctx context.Context) ([]Slot, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	t, list, err := v.known(ctx)
	if err != nil {
		return nil, err
	}
	return append(v.localSlots(list), memberSlots(t.roster, list)...), nil
}

func (v *Vault) localSlots(list wayList) []Slot {
	var out []Slot
	for _, w := range list.Ways {
		s := Slot{Name: w.Name, Kind: string(w.Kind), Local: true, ID: w.ID, Added: when(w.Added), Tested: when(w.Tested), Unfinished: w.New || w.Gone}
		if w.Kind == unlock.KindPassphrase {
			s.WorkFactor = workFactor(v.m, w.ID)
			s.Weak = s.WorkFactor < unlock.WeakWorkFactor
		}
		if id, err := unlock.ParseIdentity(secret.FromString(w.Identity)); err == nil {
			s.Plugin = id.Plugin
		}
		s.Kept = slices.ContainsFunc(list.Kept, func(k keptKey) bool { return k.Name == w.Name })
		out = append(out, s)
	}
	for _, k := range list.Kept {
		if list.index(func(w wayRow) bool { return w.Name == k.Name }) < 0 {
			out = append(out, Slot{Name: k.Name, Kind: string(k.Kind), Local: true, Gone: true, Kept: true, Added: when(k.At)})
		}
	}
	if v.readOnly {
		return out
	}
	ways, err := (&Dir{m: v.m, opt: v.o}).Ways()
	if err != nil {
		return out
	}
	for _, w := range ways {
		if list.index(func(r wayRow) bool { return r.ID == w.ID }) < 0 {
			out = append(out, Slot{Name: w.Name, Kind: string(w.Kind), Local: true, ID: w.ID, Plugin: w.Plugin, WorkFactor: w.WorkFactor, Unlisted: true})
		}
	}
	return out
}

func memberSlots(r *roster.Roster, list wayList) []Slot {
	var out []Slot
	for _, m := range r.Members {
		if !m.Active || m.Kind == format.KindDevice {
			continue
		}
		out = append(out, Slot{
			Name: slotName(m, list), Kind: memberKind(m.Kind), ID: string(m.ID), Stale: !r.Granted(m.ID), Authority: m.Authority,
			Added: when(m.Added), Tested: when(list.Tested[m.ID]),
		})
	}
	return out
}

func slotName(m roster.Member, list wayList) string {
	return firstOf(list.Names[m.ID], m.Name, m.ID.Short())
}

func memberKind(k format.MemberKind) string {
	switch k {
	case format.KindRecovery:
		return MethodRecovery
	case format.KindHardware:
		return "hardware"
	}
	return string(k)
}

func when(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// AddWay adds a local way in. No key changes: who could open the vault before still can.
func (v *Vault) AddWay(ctx context.Context, n NewWay, ui unlock.Prompter) error {
	list, r, err := v.lists()
	if err != nil {
		return err
	}
	f, err := prepareWay(n, v.o.Now().UnixMilli(), v.taken(list, r)) // before the lock: it takes a second and a person
	if err != nil {
		return err
	}
	defer f.identity.Wipe()
	return v.ceremony(ctx, func(t *trust) error {
		list, err := v.ways()
		if err != nil {
			return err
		}
		if v.taken(list, t.roster)(f.row.ID, f.row.Name) {
			return fmt.Errorf("add slot %s: %w", f.row.Name, ErrExists)
		}
		text, err := v.key.Encode()
		if err != nil {
			return err
		}
		defer text.Wipe()
		k := v.keeper(t, ui)
		if err := k.install(ctx, f, text); err != nil {
			return errors.Join(wrapSlot(f.row.Name, err), k.remove(context.WithoutCancel(ctx), f.row))
		}
		list.Ways = append(list.Ways, f.row)
		return list.write(v.m, v.key.Local)
	})
}

// lists reads list and roster as they are now, without the lock.
func (v *Vault) lists() (wayList, *roster.Roster, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if err := v.openable(); err != nil {
		return wayList{}, nil, err
	}
	if v.readOnly {
		return wayList{}, nil, ErrReadOnly
	}
	t, err := v.trust()
	if err != nil {
		return wayList{}, nil, err
	}
	list, err := v.ways()
	return list, t.roster, err
}

// taken says which ids and names a new slot must not have. There is one list of slots, so names are one space.
func (v *Vault) taken(list wayList, r *roster.Roster) func(id, name string) bool {
	return func(id, name string) bool {
		if name != "" && (list.index(func(w wayRow) bool { return w.Name == name }) >= 0 || name == MethodRecovery) {
			return true
		}
		if name != "" && hasMember(r, list, name) {
			return true
		}
		if id == "" {
			return false
		}
		if list.index(func(w wayRow) bool { return w.ID == id }) >= 0 {
			return true
		}
		if id == string(unlock.KindKeyring) {
			return false // its hint is rewritten; there is one item per device anyway
		}
		_, err := v.m.Stat(hintFile(id))
		return err == nil
	}
}

// hasMember reports whether a vault-wide slot has that name.
func hasMember(r *roster.Roster, list wayList, name string) bool {
	return slices.ContainsFunc(r.Members, func(m roster.Member) bool {
		return m.Active && m.Kind != format.KindDevice && slotName(m, list) == name
	})
}

// RemoveOptions say how far a removal goes.
type RemoveOptions struct {
	// KeepKey removes only the file or item of a local way: any copy of it still opens everything, also what is written later.
	KeepKey  bool
	Prompter unlock.Prompter // for ways that stay and must be written (a locked keyring)
}

// RemoveSlot removes a way to open the vault. For a local way the device's key is replaced and a new epoch begins, so that old
// copies of it open nothing written later (I18); for a member it is a revocation and a new epoch. The last local way stays.
func (v *Vault) RemoveSlot(ctx context.Context, name string, o RemoveOptions) error {
	list, r, err := v.lists()
	if err != nil {
		return err
	}
	if m, ok := findMember(r, list, name); ok {
		if o.KeepKey {
			return fmt.Errorf("remove slot %s: a vault-wide slot has no key of this device to keep", name)
		}
		return v.removeMember(ctx, m.ID)
	}
	if w, err := list.find(name); err == nil && !o.KeepKey {
		if err := v.unlockKeyring(ctx, list, w.ID); err != nil {
			return err
		}
	}
	return v.ceremony(ctx, func(t *trust) error {
		list, err := v.ways()
		if err != nil {
			return err
		}
		w, err := list.find(name)
		if err != nil {
			return v.removeUnlisted(ctx, t, name, o, err)
		}
		if len(list.Ways) == 1 {
			return fmt.Errorf("remove slot %s: %w", name, ErrLastWay)
		}
		if !o.KeepKey {
			return v.rekey(ctx, t, list, rekeyPlan{remove: []string{w.ID}, why: "slot rm"}, o.Prompter)
		}
		list.Ways = slices.DeleteFunc(list.Ways, func(x wayRow) bool { return x.ID == w.ID })
		list.Kept = append(list.Kept, keptKey{w.Name, w.Kind, v.o.Now().UnixMilli()})
		if err := v.keeper(t, o.Prompter).remove(ctx, w); err != nil {
			return wrapSlot(w.Name, err)
		}
		return list.write(v.m, v.key.Local)
	})
}

// removeUnlisted removes what a killed command left in unlock/: files that the trusted list does not name.
func (v *Vault) removeUnlisted(ctx context.Context, t *trust, name string, o RemoveOptions, missing error) error {
	ways, err := (&Dir{m: v.m, opt: v.o}).Ways()
	if err != nil {
		return err
	}
	for _, w := range ways {
		if w.Name == name || w.ID == name {
			return v.keeper(t, o.Prompter).remove(ctx, wayRow{ID: w.ID, Kind: w.Kind})
		}
	}
	return missing
}

// findMember finds a vault-wide slot by its name, or recovery as a kind when there is one.
func findMember(r *roster.Roster, list wayList, name string) (roster.Member, bool) {
	var ofKind []roster.Member
	for _, m := range r.Members {
		if !m.Active || m.Kind == format.KindDevice {
			continue
		}
		if slotName(m, list) == name {
			return m, true
		}
		if memberKind(m.Kind) == name {
			ofKind = append(ofKind, m)
		}
	}
	if len(ofKind) == 1 {
		return ofKind[0], true
	}
	return roster.Member{}, false
}

// removeMember revokes a vault-wide slot and begins a new epoch.
func (v *Vault) removeMember(ctx context.Context, id format.MemberID) error {
	return v.ceremony(ctx, func(t *trust) error {
		m, ok := t.roster.Member(id)
		if !ok || !m.Active {
			return fmt.Errorf("remove slot: %w", ErrNotFound)
		}
		c := beginChange(v.m, t, v.olderEpochs(t), v.o.Now().UnixMilli())
		if err := c.revoke(id, nil, t.self, t.sign); err != nil {
			return err
		}
		if err := c.rotate("slot rm", t.self, t.sign); err != nil {
			return err
		}
		_, err := v.commit(c, t)
		return err
	})
}

// unlockKeyring makes the keyring's dialog appear before the lock is taken, where a local way that stays is a keyring: every
// way that stays is rewritten. A keyring that goes need not be there at all.
func (v *Vault) unlockKeyring(ctx context.Context, list wayList, goes string) error {
	i := list.index(func(w wayRow) bool { return w.Kind == unlock.KindKeyring && w.ID != goes })
	if i < 0 {
		return nil
	}
	v.mu.Lock()
	user := unlock.User(v.id.String(), string(v.self))
	v.mu.Unlock()
	key, err := v.o.Keyring.Get(ctx, user, true)
	key.Wipe()
	if errors.Is(err, unlock.ErrKeyringEmpty) {
		return nil // it will be written anew
	}
	return wrapSlot(list.Ways[i].Name, err)
}

// RenameSlot gives a slot another name. A local way is called so on this device, and so is a vault-wide one: names of members
// stand in the signed roster and do not change there.
func (v *Vault) RenameSlot(ctx context.Context, name, to string) error {
	if !wayName.MatchString(to) {
		return fmt.Errorf("rename slot: name %q: use up to 32 of a-z 0-9 . _ -", to)
	}
	return v.ceremony(ctx, func(t *trust) error {
		list, err := v.ways()
		if err != nil {
			return err
		}
		if v.taken(list, t.roster)("", to) {
			return fmt.Errorf("rename slot to %s: %w", to, ErrExists)
		}
		if m, ok := findMember(t.roster, list, name); ok {
			if list.Names == nil {
				list.Names = map[format.MemberID]string{}
			}
			list.Names[m.ID] = to
			return list.write(v.m, v.key.Local)
		}
		w, err := list.find(name)
		if err != nil {
			return err
		}
		i := list.index(func(x wayRow) bool { return x.ID == w.ID })
		list.Ways[i].Name = to
		if err := list.write(v.m, v.key.Local); err != nil {
			return err
		}
		return v.renameHint(w.ID, to)
	})
}

func (v *Vault) renameHint(id, to string) error {
	w, err := readWay(v.m, id)
	if err != nil {
		return err
	}
	w.hint.Extra = []byte(fmt.Sprintf(`{"name":%q}`, to))
	b, err := w.hint.Encode()
	if err != nil {
		return err
	}
	return v.m.Replace(hintFile(id), bytesWriter(b))
}
