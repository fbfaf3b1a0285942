package vault

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"slices"

	"signet/vault/format"
	"signet/vault/roster"
	"signet/vault/secret"
	"signet/vault/unlock"
)

// ChangeOptions say what a local way in changes to.
type ChangeOptions struct {
	Passphrase secret.Secret // the new one; empty keeps it, and Current must be given
	Current    secret.Secret // the current passphrase, where only the cost changes
	WorkFactor int           // 0 keeps the cost
	Identity   secret.Secret // plugin: the new identity file
	KeepKey    bool          // replace only this way's file: copies of the old one still open everything
	Prompter   unlock.Prompter
}

// ChangeSlot gives a local way in another secret or cost. The new one is written beside the old one and opened once before it
// counts, so that at no moment only half of it is there. Unless KeepKey, the device's key is replaced and a new epoch begins.
func (v *Vault) ChangeSlot(ctx context.Context, name string, o ChangeOptions) error {
	list, r, err := v.lists()
	if err != nil {
		return err
	}
	if m, ok := findMember(r, list, name); ok {
		return fmt.Errorf("change slot %s: a %s is not changed: add a new one and remove this one", name, memberKind(m.Kind))
	}
	w, err := list.find(name)
	if err != nil {
		return err
	}
	if !o.KeepKey || w.Kind == unlock.KindKeyring {
		if err := v.unlockKeyring(ctx, list, ""); err != nil {
			return err
		}
	}
	f, err := v.prepareChange(w, list, o)
	if err != nil {
		return err
	}
	defer f.identity.Wipe()
	return v.ceremony(ctx, func(t *trust) error { return v.replaceWay(ctx, t, w.ID, f, o) })
}

// prepareChange makes the way that takes w's place, under w's name and with files of its own.
func (v *Vault) prepareChange(w wayRow, list wayList, o ChangeOptions) (freshWay, error) {
	n := NewWay{Kind: w.Kind, Name: w.Name, Passphrase: o.Passphrase, WorkFactor: o.WorkFactor, Identity: o.Identity}
	switch w.Kind {
	case unlock.KindPassphrase:
		if n.WorkFactor == 0 {
			n.WorkFactor = workFactor(v.m, w.ID)
		}
		if o.Passphrase.IsEmpty() {
			if err := v.checkPassphrase(w, o.Current); err != nil {
				return freshWay{}, err
			}
			n.Passphrase = o.Current
		}
	case unlock.KindPlugin:
		if o.Identity.IsEmpty() {
			n.Identity = secret.FromString(w.Identity)
		}
	case unlock.KindKeyring:
	}
	return prepareWay(n, v.o.Now().UnixMilli(), func(id, name string) bool {
		if name != "" && name == w.Name {
			return false
		}
		if w.Kind == unlock.KindKeyring && id == w.ID {
			return false
		}
		if id == "" {
			return list.index(func(x wayRow) bool { return x.Name == name }) >= 0
		}
		_, err := v.m.Stat(hintFile(id))
		return err == nil || list.index(func(x wayRow) bool { return x.ID == id }) >= 0
	})
}

func (v *Vault) checkPassphrase(w wayRow, pass secret.Secret) error {
	b, err := v.m.Read(scryptFile(w.ID), unlock.MaxSealed)
	if err != nil {
		return err
	}
	id, err := unlock.OpenPassphrase(b, pass)
	id.Wipe()
	return wrapSlot(w.Name, err)
}

// replaceWay puts f in the place of the way with that id. It runs inside a ceremony.
func (v *Vault) replaceWay(ctx context.Context, t *trust, id string, f freshWay, o ChangeOptions) error {
	list, err := v.ways()
	if err != nil {
		return err
	}
	i := list.index(func(x wayRow) bool { return x.ID == id })
	if i < 0 {
		return fmt.Errorf("change slot: %w", ErrNotFound)
	}
	old := list.Ways[i]
	same := old.ID == f.row.ID // a keyring: there is one item
	switch {
	case !o.KeepKey && same:
		return v.rekey(ctx, t, list, rekeyPlan{why: "slot change"}, o.Prompter)
	case !o.KeepKey:
		return v.rekey(ctx, t, list, rekeyPlan{add: []freshWay{f}, remove: []string{id}, why: "slot change"}, o.Prompter)
	}
	text, err := v.key.Encode()
	if err != nil {
		return err
	}
	defer text.Wipe()
	k := v.keeper(t, o.Prompter)
	if same {
		return k.put(ctx, old, text)
	}
	if err := k.install(ctx, f, text); err != nil {
		return errors.Join(wrapSlot(f.row.Name, err), k.remove(context.WithoutCancel(ctx), f.row))
	}
	list.Ways[i] = f.row
	list.Kept = append(list.Kept, keptKey{old.Name, old.Kind, v.o.Now().UnixMilli()})
	if err := list.write(v.m, v.key.Local); err != nil {
		return err
	}
	return k.remove(ctx, old)
}

// AddRecoveryOptions ask for a recovery code.
type AddRecoveryOptions struct {
	Name string        // "" for recovery, recovery-2, …
	Show ShowSheet     // shows it and has it entered again
	Old  secret.Secret // an old code with authority, which passes that on to the new one; empty for none
	// Replace removes the old code in the same step. Without Old, it names the code to remove.
	Replace string
}

// AddRecovery makes a recovery code: shown and entered again before anything is written. A code added by a device alone
// restores and enrols, but does not decide a fork of the roster; an old code with authority passes its own on.
func (v *Vault) AddRecovery(ctx context.Context, o AddRecoveryOptions) error {
	list, r, err := v.lists()
	if err != nil {
		return err
	}
	code, err := newRecoveryCode()
	if err != nil {
		return err
	}
	defer code.Seed.Wipe()
	name, err := v.recoveryName(o, list, r)
	if err != nil {
		return err
	}
	if err := confirmCode(ctx, code, v.id, o.Show); err != nil {
		return err
	}
	var old *codeHolder
	if !o.Old.IsEmpty() {
		if old, err = readCode(o.Old.Reveal(), v.id.String()); err != nil {
			return err
		}
		defer old.wipe()
	}
	return v.ceremony(ctx, func(t *trust) error { return v.addRecovery(t, list, code, name, old, o.Replace) })
}

func (v *Vault) recoveryName(o AddRecoveryOptions, list wayList, r *roster.Roster) (string, error) {
	taken := v.taken(list, r)
	if o.Name != "" {
		if !wayName.MatchString(o.Name) {
			return "", fmt.Errorf("add recovery code: name %q: use up to 32 of a-z 0-9 . _ -", o.Name)
		}
		if o.Name != o.Replace && taken("", o.Name) {
			return "", fmt.Errorf("add recovery code: %q: %w", o.Name, ErrExists)
		}
		return o.Name, nil
	}
	if !hasMember(r, list, codeName) {
		return codeName, nil
	}
	for i := 2; ; i++ {
		if name := fmt.Sprintf("%s-%d", codeName, i); !taken("", name) {
			return name, nil
		}
	}
}

func (v *Vault) addRecovery(t *trust, list wayList, code format.RecoveryCode, name string, old *codeHolder, replace string) error {
	id, err := v.o.memberID(func(short string) bool { _, ok := t.roster.ByShort(short); return ok })
	if err != nil {
		return err
	}
	n, err := codeMember(code, name, id)
	if err != nil {
		return err
	}
	by, key := t.self, t.sign
	if old != nil {
		if by, key, err = old.speaksIn(t); err != nil {
			return err
		}
	}
	c := beginChange(v.m, t, v.olderEpochs(t), v.o.Now().UnixMilli())
	if err := c.add(n, by, key); err != nil {
		return err
	}
	if replace == "" {
		_, err = v.commit(c, t)
		return err
	}
	m, ok := findMember(t.roster, list, replace)
	if !ok || m.Kind != format.KindRecovery {
		return fmt.Errorf("replace recovery code %q: %w", replace, ErrNotFound)
	}
	if err := c.revoke(m.ID, nil, t.self, t.sign); err != nil {
		return err
	}
	if err := c.rotate("recovery code replaced", t.self, t.sign); err != nil {
		return err
	}
	_, err = v.commit(c, t)
	return err
}

// speaksIn finds the code among the active members.
func (h *codeHolder) speaksIn(t *trust) (format.MemberID, ed25519.PrivateKey, error) {
	i := slices.IndexFunc(t.roster.Members, func(m roster.Member) bool {
		return m.Kind == format.KindRecovery && m.Active && m.Age == h.keys.Age && m.Sign == h.keys.Sign
	})
	if i < 0 {
		return "", nil, fmt.Errorf("use old recovery code: %w: it does not belong to this vault, or was removed", ErrNotFound)
	}
	return t.roster.Members[i].ID, h.sign, nil
}

// TestSlot opens the vault once more through one slot and compares what comes out. For a recovery code, o.Secret or the
// prompter gives the code.
func (v *Vault) TestSlot(ctx context.Context, name string, o UnlockOptions) error {
	list, r, err := v.lists()
	if err != nil {
		return err
	}
	d := dirOn(v.m, v.o)
	if m, ok := findMember(r, list, name); ok {
		return v.testMember(ctx, d, m.ID, o)
	}
	w, err := list.find(name)
	if err != nil {
		return err
	}
	way, err := readWay(v.m, w.ID)
	if err != nil {
		return wrapSlot(w.Name, err)
	}
	o.Method = w.Name
	key, err := d.try(ctx, way, o)
	if err != nil {
		return wrapSlot(w.Name, err)
	}
	defer key.Wipe()
	v.mu.Lock()
	same := key.Sign.Equal(v.key.Sign) && key.Local.Equal(v.key.Local) && key.Identity.Equal(v.key.Identity)
	v.mu.Unlock()
	if !same {
		return wrapSlot(w.Name, fmt.Errorf("%w: it holds another key than the vault is open with", ErrWayChanged))
	}
	return v.tested(ctx, func(l *wayList) {
		if i := l.index(func(x wayRow) bool { return x.ID == w.ID }); i >= 0 {
			l.Ways[i].Tested = v.o.Now().UnixMilli()
		}
	})
}

func (v *Vault) testMember(ctx context.Context, d *Dir, id format.MemberID, o UnlockOptions) error {
	o.VaultID = v.id.String()
	h, err := d.askCode(ctx, o)
	if err != nil {
		return err
	}
	defer h.wipe()
	t, err := h.open(ctx, v.m)
	if err != nil {
		return err
	}
	defer t.wipe()
	if h.found.ID != id {
		return fmt.Errorf("test recovery code: this is the code %q: %w", h.found.Name, ErrNotFound)
	}
	return v.tested(ctx, func(l *wayList) {
		if l.Tested == nil {
			l.Tested = map[format.MemberID]int64{}
		}
		l.Tested[id] = v.o.Now().UnixMilli()
	})
}

// tested notes in the trusted list that a slot opened the vault. Failing to note it is no failure of the test.
func (v *Vault) tested(ctx context.Context, note func(*wayList)) error {
	err := v.ceremony(ctx, func(*trust) error {
		l, err := v.ways()
		if err != nil {
			return err
		}
		note(&l)
		return l.write(v.m, v.key.Local)
	})
	if err != nil {
		v.notice("unfinished", "the slot works, but that could not be noted: %v", err)
	}
	return nil
}
