package vault

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"signet/vault/format"
	"signet/vault/seal"
	"signet/vault/secret"
	"signet/vault/unlock"
)

// MethodRecovery is the way in that every vault has and no directory lists: the recovery code, reading only.
const MethodRecovery = "recovery"

// UnlockOptions say how to open a vault.
type UnlockOptions struct {
	// Method is the name or kind of the only way to try, or MethodRecovery; "" tries all in order.
	Method string
	// Interactive allows questions and dialogs. Without it, a way that needs a person is tried only when Method names it
	// (decisions.md, the command line).
	Interactive bool
	Prompter    unlock.Prompter
	// Secret is the secret of the way tried, as --passphrase-fd gave it: the passphrase, the recovery code, a PIN. No other way
	// is tried, and nobody is asked.
	Secret secret.Secret
	// VaultID is what the person typed from the recovery sheet; "" for none.
	VaultID string
}

// passphraseTries is how often a mistyped passphrase may be typed again.
const passphraseTries = 3

func (o UnlockOptions) prompter() unlock.Prompter {
	if o.Prompter == nil || !o.Interactive {
		return unlock.Nobody{}
	}
	return o.Prompter
}

// Unlock opens the vault by the first way in that opens it. With MethodRecovery it is open for reading only, and nothing is
// written. *UnlockError says of each way why it did not open; it wraps ErrLocked.
func (d *Dir) Unlock(ctx context.Context, o UnlockOptions) (*Vault, error) {
	if o.Method == MethodRecovery {
		return d.unlockByCode(ctx, o)
	}
	ways, err := d.candidates(o)
	if err != nil {
		return nil, err
	}
	failed := &UnlockError{}
	for _, w := range ways {
		key, err := d.try(ctx, w, o)
		if err == nil {
			var v *Vault
			if v, err = d.enter(ctx, key, w, o); err == nil || !errors.Is(err, seal.ErrNotForUs) && !errors.Is(err, ErrWayChanged) {
				return v, err
			}
			// An old key: of a way that a change cut off by a crash has replaced already. The new one stands beside it.
			err = fmt.Errorf("%w: %v", ErrWayChanged, err)
		}
		failed.Tries = append(failed.Tries, Try{w, err})
		if ctx.Err() != nil || errors.Is(err, context.Canceled) {
			return nil, fmt.Errorf("unlock vault: %w", context.Canceled)
		}
	}
	return nil, failed
}

// candidates are the ways to try, in order.
func (d *Dir) candidates(o UnlockOptions) ([]Way, error) {
	ways, err := d.Ways()
	if err != nil {
		return nil, err
	}
	want := o.Method
	if want == "" && !o.Secret.IsEmpty() {
		want = string(unlock.KindPassphrase)
	}
	if want == "" {
		return ways, nil
	}
	var named, out []Way
	for _, w := range ways {
		if w.Name == want { // two have one name while a change of it is under way
			named = append(named, w)
		}
		if string(w.Kind) == want || w.Plugin == want {
			out = append(out, w)
		}
	}
	if len(named) > 0 {
		return named, nil
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("find way in %q: %w", want, errors.Join(ErrLocked, ErrNotFound))
	}
	return out, nil
}

// try gets the device key through one way in.
func (d *Dir) try(ctx context.Context, w Way, o UnlockOptions) (format.DeviceKey, error) {
	text, err := d.tryText(ctx, w, o)
	if err != nil {
		return format.DeviceKey{}, err
	}
	defer text.Wipe()
	key, err := format.ParseDeviceKey(text.Reveal())
	if err != nil {
		return format.DeviceKey{}, fmt.Errorf("read device key: %w: %v", ErrCorrupt, err)
	}
	return key, nil
}

func (d *Dir) tryText(ctx context.Context, w Way, o UnlockOptions) (secret.Secret, error) {
	switch w.Kind {
	case unlock.KindKeyring:
		return d.tryKeyring(ctx, o)
	case unlock.KindPassphrase:
		return d.tryPassphrase(ctx, w, o)
	case unlock.KindPlugin:
		return d.tryPlugin(ctx, w, o)
	}
	return secret.Secret{}, fmt.Errorf("way in of kind %q: %w", w.Kind, ErrNewerFormat)
}

func (d *Dir) tryKeyring(ctx context.Context, o UnlockOptions) (secret.Secret, error) {
	if d.hintErr != nil {
		return secret.Secret{}, fmt.Errorf("%s, which names the keyring's item, cannot be read (%v): %w", deviceName, d.hintErr, ErrCorrupt)
	}
	ring := d.opt.Keyring
	if ring.Notice == nil && o.Interactive {
		ring.Notice = o.prompter().Message
	}
	return ring.Get(ctx, unlock.User(d.hint.Vault.String(), string(d.hint.Device)), o.Interactive || o.Method != "")
}

func (d *Dir) tryPassphrase(ctx context.Context, w Way, o UnlockOptions) (secret.Secret, error) {
	way, err := d.m.Read(scryptFile(w.ID), unlock.MaxSealed)
	if err != nil {
		return secret.Secret{}, err
	}
	id, err := askPassphrase(ctx, way, o)
	if err != nil {
		return secret.Secret{}, err
	}
	defer id.Wipe()
	return d.openKeyFile(ctx, w, id, unlock.Nobody{})
}

// askPassphrase opens the passphrase file with the secret given, or asks the person, a few times.
func askPassphrase(ctx context.Context, way []byte, o UnlockOptions) (secret.Secret, error) {
	if !o.Secret.IsEmpty() {
		return unlock.OpenPassphrase(way, o.Secret)
	}
	ask, err := o.prompter(), error(nil)
	for range passphraseTries {
		typed, askErr := ask.Secret(ctx, "Passphrase")
		if askErr != nil {
			return secret.Secret{}, askErr
		}
		var id secret.Secret
		id, err = unlock.OpenPassphrase(way, typed)
		typed.Wipe()
		if !errors.Is(err, unlock.ErrWrongPassphrase) {
			return id, err
		}
		ask.Message("wrong passphrase")
	}
	return secret.Secret{}, err
}

func (d *Dir) openKeyFile(ctx context.Context, w Way, id secret.Secret, ui unlock.Prompter) (secret.Secret, error) {
	sealed, err := d.m.Read(keyFile(w.Kind, w.ID), unlock.MaxSealed)
	if err != nil {
		return secret.Secret{}, err
	}
	return unlock.OpenKey(ctx, sealed, id, ui)
}

// tryPlugin starts the plugin. It may need nobody at all (a token that only wants to be there), so it is started without a
// person too, when it was named.
func (d *Dir) tryPlugin(ctx context.Context, w Way, o UnlockOptions) (secret.Secret, error) {
	id, err := unlock.ParseIdentity(secret.FromString(w.hint.Identity))
	if err != nil {
		return secret.Secret{}, err
	}
	if !o.Interactive && o.Method == "" {
		return secret.Secret{}, unlock.ErrNeedsPerson
	}
	ui := o.prompter()
	if !o.Secret.IsEmpty() {
		ui = &answer{Prompter: ui, secret: o.Secret}
	}
	return d.openKeyFile(ctx, w, id.Text, ui)
}

// answer is a Prompter that knows one secret: the one of --passphrase-fd. It is given once, so that a wrong PIN is not tried
// until the token locks itself.
type answer struct {
	unlock.Prompter
	secret secret.Secret
	given  bool
}

// Secret implements unlock.Prompter.
func (a *answer) Secret(ctx context.Context, prompt string) (secret.Secret, error) {
	if a.given {
		return a.Prompter.Secret(ctx, prompt)
	}
	a.given = true
	return a.secret.Clone(), nil
}

// enter opens the vault with the key that a way in yielded, and finishes what a crash left of a change of the ways.
func (d *Dir) enter(ctx context.Context, key format.DeviceKey, w Way, o UnlockOptions) (*Vault, error) {
	list, err := readWays(d.m, key.Vault, nonEmpty(key.Local, key.OldLocal)...)
	listErr := err
	unfinished := key.HasOld() || listErr == nil && list.Rekey != ""
	v, err := openKey(ctx, d.m, key, d.opt)
	if err != nil {
		key.Wipe()
		return nil, enrolling(d.m, err)
	}
	v.way = w.Name
	if listErr == nil {
		v.isDevice(ctx, list.Device)
	}
	if unfinished {
		err = v.resumeRekey(ctx, o.prompter())
	}
	if err == nil && listErr != nil && !errors.Is(listErr, ErrNewerFormat) {
		err = v.relist(ctx, w, listErr)
	}
	if err != nil {
		return nil, errors.Join(err, v.Close())
	}
	_ = v.local.TakeWaiting(ctx) // what fails waits for the next unlock
	return v, nil
}

// isDevice corrects which device this is, when device.json named another than the trusted list does.
func (v *Vault) isDevice(ctx context.Context, id format.MemberID) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.self == id && !v.mislabelled {
		return
	}
	v.self, v.mislabelled = id, false
	v.notice("repaired", "device.json named another device than the key belongs to and was written anew")
	rcpt, err := seal.RecipientOf(v.key.Identity)
	if err != nil {
		return
	}
	release, err := v.m.Lock(ctx, v.o.ReadWait)
	if err != nil {
		return // the next unlock does it
	}
	defer release()
	if err := writeDeviceHint(v.m, format.DeviceHint{Vault: v.id, Device: id, Recipient: rcpt}); err != nil {
		v.notice("unfinished", "device.json could not be written: %v", err)
	}
}

// relist writes the trusted list anew when it was lost or damaged. Only the way in that just opened is taken in, and only
// its kind: recipients come from no unauthenticated file, so a passphrase or plugin must be added again to survive a change of
// the key.
func (v *Vault) relist(ctx context.Context, w Way, why error) error {
	if !errors.Is(why, fs.ErrNotExist) {
		v.notice("damaged", "%s cannot be used (%v)", waysName, why)
	}
	v.notice("repaired", "the list of ways in was lost: add every way in again that you want to keep (slot add), and remove the old one (slot rm)")
	release, err := v.m.Lock(ctx, v.o.LockWait)
	if errors.Is(err, ErrInUse) {
		return nil
	}
	if err != nil {
		return err
	}
	defer release()
	row := wayRow{ID: w.ID, Kind: w.Kind, Name: w.Name, Added: v.o.Now().UnixMilli()}
	return wayList{Vault: v.id.String(), Device: v.Device(), Ways: []wayRow{row}}.write(v.m, v.key.Local)
}

// unlockByCode opens the vault for reading with the recovery code. It writes nothing at all.
func (d *Dir) unlockByCode(ctx context.Context, o UnlockOptions) (*Vault, error) {
	h, err := d.askCode(ctx, o)
	if err != nil {
		return nil, err
	}
	defer h.wipe()
	t, err := h.open(ctx, d.m)
	if err != nil {
		return nil, err
	}
	v, err := openReadOnly(ctx, d.m, t, d.opt)
	if err != nil {
		return nil, err
	}
	if h.beyond != "" {
		v.notice("old", "this recovery code does not open %s: it was probably replaced by a newer one, and what it shows is old", h.beyond)
	}
	v.way = h.found.Name
	return v, nil
}

func (d *Dir) askCode(ctx context.Context, o UnlockOptions) (*codeHolder, error) {
	typed := o.Secret
	if typed.IsEmpty() {
		var err error
		if typed, err = o.prompter().Secret(ctx, "Recovery code"); err != nil {
			return nil, err
		}
		defer typed.Wipe()
	}
	return readCode(typed.Reveal(), o.VaultID)
}
