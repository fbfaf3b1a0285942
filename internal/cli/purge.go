package cli

import (
	"context"
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"signet/vault"
	"signet/vault/unlock"
)

type purgeOptions struct {
	Yes          bool
	RecoveryFile string
	Force        bool
}

func newPurgeCmd(a *App) *cobra.Command {
	var o purgeOptions
	c := &cobra.Command{
		Use:   "purge",
		Short: "Make deleted data unreadable for good",
		Long: "Replaces the recovery code and the key of this device, begins a new epoch, writes what is there now anew, and deletes every older\n" +
			"file of the vault with the keys that open it. What was purged from entries and histories before is then gone from this directory.\n" +
			"The trash and the history that is still there stay. Copies of the vault elsewhere are out of reach: purge lists what opens them.\n\n" +
			"It refuses while a file is waiting, missing or damaged ('signet doctor').",
		Example: "  signet purge\n  signet purge --yes --recovery-file new-code.txt --passphrase-fd 3 3< pass",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return runPurge(cmd.Context(), a, o) },
	}
	c.Flags().BoolVarP(&o.Yes, "yes", "y", false, "do not ask")
	c.Flags().StringVar(&o.RecoveryFile, "recovery-file", "", "write the new recovery code to `FILE` instead of showing it")
	c.Flags().BoolVar(&o.Force, "force", false, "let --recovery-file replace a file")
	return c
}

type purgeLine struct {
	Type  string   `json:"type"`
	V     int      `json:"v"`
	Opens []string `json:"copies_still_open_with"`
}

func runPurge(ctx context.Context, a *App, o purgeOptions) error {
	if err := errors.Join(a.mustAnswer(o.Yes, "purge"), a.freeTarget(o.RecoveryFile, o.Force)); err != nil {
		return err
	}
	a.remember = true
	return a.withVault(ctx, func(v *vault.Vault) error {
		slots, err := a.mayPurge(ctx, v, o)
		if err != nil {
			return err
		}
		if !o.Yes {
			err := a.asked(ctx, "Delete every older file of the vault for good, and replace its recovery code and this device's key?", "nothing was changed")
			if err != nil {
				return err
			}
		}
		// Code and key go first: what is written anew is then sealed to nothing that an old copy opens.
		if err := a.replaceCodes(ctx, v, slots, o); err != nil {
			return err
		}
		if err := a.replaceKey(ctx, v, slots); err != nil {
			return err
		}
		if err := v.PurgeVault(ctx); err != nil {
			return err
		}
		return a.purged(slots)
	})
}

// mayPurge refuses before anything is changed.
func (a *App) mayPurge(ctx context.Context, v *vault.Vault, o purgeOptions) ([]vault.Slot, error) {
	if v.ReadOnly() {
		return nil, vault.ErrReadOnly
	}
	rep, err := v.Doctor(ctx)
	if err != nil {
		return nil, err
	}
	if !rep.Intact() {
		return nil, (&Error{Exit: ExitFailure, Code: "vault.damaged", Msg: "the vault is not intact: a purge would lose for good what may come back"}).hint("'signet doctor' names the files")
	}
	slots, err := v.Slots(ctx)
	if err != nil {
		return nil, err
	}
	for _, s := range slots {
		if s.Kind == vault.MethodRecovery && o.RecoveryFile == "" && !a.interactive() {
			return nil, usagef("the new recovery code has nowhere to go").hint("--recovery-file FILE writes it to a file")
		}
	}
	return slots, nil
}

// replaceCodes makes one new recovery code in the place of all old ones.
func (a *App) replaceCodes(ctx context.Context, v *vault.Vault, slots []vault.Slot, o purgeOptions) error {
	made := false
	for _, s := range slots {
		if s.Kind != vault.MethodRecovery {
			continue
		}
		if made {
			if err := v.RemoveSlot(ctx, s.Name, vault.RemoveOptions{Prompter: prompter{a}}); err != nil {
				return err
			}
			continue
		}
		made = true
		add := vault.AddRecoveryOptions{Show: a.showSheet(&sheetFile{path: o.RecoveryFile, force: o.Force}), Replace: s.Name}
		if err := v.AddRecovery(ctx, add); err != nil {
			return err
		}
	}
	return nil
}

// replaceKey gives this device a new key, through the local slot that is the least trouble: a keyring, a plugin, a passphrase.
func (a *App) replaceKey(ctx context.Context, v *vault.Vault, slots []vault.Slot) error {
	for _, kind := range []unlock.Kind{unlock.KindKeyring, unlock.KindPlugin, unlock.KindPassphrase} {
		for _, s := range slots {
			if !s.Local || s.Gone || s.Unlisted || s.Kind != string(kind) {
				continue
			}
			c := vault.ChangeOptions{Prompter: prompter{a}}
			if kind == unlock.KindPassphrase {
				pass, err := a.currentPassphrase(ctx, v, s.Name)
				if err != nil {
					return err
				}
				c.Current = pass
			}
			return v.ChangeSlot(ctx, s.Name, c)
		}
	}
	return nil
}

// purged says what a purge here cannot reach.
func (a *App) purged(slots []vault.Slot) error {
	var opens []string
	for _, s := range slots {
		kind := s.Kind
		if s.Kind == vault.MethodRecovery {
			kind = "old recovery code"
		}
		opens = append(opens, s.Name+" ("+kind+")")
	}
	if a.JSON {
		return a.line(purgeLine{"purged", 1, opens})
	}
	a.printf("Older files and keys are gone from this directory.\n")
	a.printf("Copies of the vault that were made before (backups, snapshots of the file system, stores that keep versions) still open with what\nopened them then: %s. Delete those copies if that matters.\n", strings.Join(opens, ", "))
	return nil
}
