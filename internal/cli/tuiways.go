package cli

import (
	"context"
	"errors"
	"fmt"

	"signet/internal/session"
	"signet/tui/screen"
	"signet/vault"
	"signet/vault/secret"
	"signet/vault/unlock"
)

// tuiWays manages ways in for the screens, with what `signet slot` does.
type tuiWays struct{ a *App }

// errNotHere says that a vault is open in another process, where its files cannot be changed from here.
var errNotHere = errors.New("the vault is not open in this process")

// openVault is the vault behind a screen's one.
func openVault(v screen.Vault) (*vault.Vault, error) {
	if tv, ok := v.(*tuiVault); ok {
		if l, ok := tv.s.(*session.Local); ok {
			return l.Vault(), nil
		}
	}
	return nil, errNotHere
}

func (w tuiWays) List(ctx context.Context, v screen.Vault) (screen.WayList, error) {
	ov, err := openVault(v)
	if err != nil {
		return screen.WayList{}, err
	}
	slots, err := ov.Slots(ctx)
	if err != nil {
		return screen.WayList{}, err
	}
	devices, err := ov.Devices(ctx)
	if err != nil {
		return screen.WayList{}, err
	}
	out := screen.WayList{Keyring: !isDemo(v)} // a demo vault leaves nothing in the keyring
	local := 0
	for _, s := range slots {
		if s.Local && !s.Gone && !s.Unlisted {
			local++
		}
		out.Keyring = out.Keyring && (s.Kind != string(unlock.KindKeyring) || s.Gone)
	}
	for _, s := range slots {
		r := wayRow(s)
		r.Last = local == 1 && s.Local && !s.Gone && !s.Unlisted
		out.Ways = append(out.Ways, r)
	}
	for _, d := range devices {
		out.Devices = append(out.Devices, screen.DeviceRow{Name: d.Name, This: d.This, Added: d.Added, By: d.By})
	}
	return out, nil
}

func isDemo(v screen.Vault) bool {
	tv, ok := v.(*tuiVault)
	return ok && tv.demo
}

func wayRow(s vault.Slot) screen.WayRow {
	return screen.WayRow{
		Name: s.Name, Kind: screen.WayKind(s.Kind), Plugin: s.Plugin, Device: s.Local, Person: s.Kind != string(unlock.KindKeyring),
		Added: s.Added, Opened: s.Tested, WorkFactor: s.WorkFactor,
		Weak: s.Weak, Stale: s.Stale, Kept: s.Kept, Gone: s.Gone, Unfinished: s.Unfinished, Unlisted: s.Unlisted,
		NoDecision: s.Kind == vault.MethodRecovery && !s.Authority,
	}
}

func (w tuiWays) Add(ctx context.Context, v screen.Vault, n screen.NewWay) error {
	ov, err := openVault(v)
	if err != nil {
		return err
	}
	if err := checkWorkFactor(n.WorkFactor); err != nil {
		return err
	}
	way := vault.NewWay{Kind: unlock.Kind(n.Kind), Name: n.Name, Passphrase: n.Passphrase, WorkFactor: n.WorkFactor}
	return slotFault(n.Name, ov.AddWay(ctx, way, unlock.Nobody{}))
}

// slotFault explains like the command line, in words that fit a screen.
func slotFault(name string, err error) error {
	switch {
	case err == nil, isLocked(err):
		return err
	case errors.Is(err, vault.ErrExists):
		return &Error{Exit: ExitFailure, Code: "slot.exists", Msg: fmt.Sprintf("a way in called %q is there already", name), Hint: "choose another name"}
	}
	return slotError(name, err)
}

func (w tuiWays) PrepareRecovery(ctx context.Context, v screen.Vault, replace string) (screen.Prepared, error) {
	ov, err := openVault(v)
	if err != nil {
		return nil, err
	}
	return prepare(ctx, w.a, false, func(ctx context.Context, show vault.ShowSheet) (*vault.Vault, error) {
		o := vault.AddRecoveryOptions{Show: show, Replace: replace}
		return nil, slotFault(firstName(replace, vault.MethodRecovery), ov.AddRecovery(ctx, o))
	})
}

func (w tuiWays) Test(ctx context.Context, v screen.Vault, name string, typed secret.Secret) error {
	ov, err := openVault(v)
	if err != nil {
		return err
	}
	err = ov.TestSlot(ctx, name, vault.UnlockOptions{Interactive: true, Prompter: unlock.Nobody{}, Secret: typed})
	if err != nil && !errors.Is(err, vault.ErrWrongPassphrase) {
		return testError(ctx, ov, name, err)
	}
	return err
}

func (w tuiWays) Rename(ctx context.Context, v screen.Vault, name, to string) error {
	ov, err := openVault(v)
	if err != nil {
		return err
	}
	return slotFault(to, ov.RenameSlot(ctx, name, to))
}

func (w tuiWays) Change(ctx context.Context, v screen.Vault, name string, c screen.WayChange) error {
	ov, err := openVault(v)
	if err != nil {
		return err
	}
	if err := checkWorkFactor(c.WorkFactor); err != nil {
		return err
	}
	err = ov.ChangeSlot(ctx, name, vault.ChangeOptions{
		Passphrase: c.Passphrase, Current: c.Current, WorkFactor: c.WorkFactor, KeepKey: c.KeepKey, Prompter: unlock.Nobody{},
	})
	if errors.Is(err, vault.ErrWrongPassphrase) {
		return err
	}
	return slotFault(name, err)
}

func (w tuiWays) Remove(ctx context.Context, v screen.Vault, name string, keepKey bool) error {
	ov, err := openVault(v)
	if err != nil {
		return err
	}
	return slotFault(name, ov.RemoveSlot(ctx, name, vault.RemoveOptions{KeepKey: keepKey, Prompter: unlock.Nobody{}}))
}
