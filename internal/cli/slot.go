package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"signet/vault"
	"signet/vault/secret"
	"signet/vault/unlock"
)

func newSlotCmd(a *App) *cobra.Command {
	c := &cobra.Command{
		Use:   "slot",
		Short: "Ways to open the vault",
		Long: "A slot is one way to open the vault: this device's own (keyring, passphrase, plugin), or vault-wide (the recovery code).\n" +
			"Removing or changing one really shuts it: the device's key is replaced and a new epoch begins.",
		Example: "  signet slot ls\n  signet slot add passphrase\n  signet slot test recovery\n  signet slot rm keyring",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return usagef("slot needs a verb").hint("ls, add, rm, test, change or rename")
		},
	}
	c.AddCommand(slotLs(a), slotAdd(a), slotRm(a), slotTest(a), slotChange(a), slotRename(a))
	return c
}

type slotLine struct {
	Type       string `json:"type"`
	V          int    `json:"v"`
	Name       string `json:"name"`
	Kind       string `json:"kind"`
	Scope      string `json:"scope"` // device, vault
	WorkFactor int    `json:"work_factor,omitempty"`
	Weak       bool   `json:"weak,omitempty"`
	Stale      bool   `json:"stale,omitempty"`
	Authority  bool   `json:"authority,omitempty"`
	KeptKey    bool   `json:"kept_key,omitempty"`
	Gone       bool   `json:"gone,omitempty"`
	Added      string `json:"added,omitempty"`
	Tested     string `json:"tested,omitempty"`
}

func slotLs(a *App) *cobra.Command {
	return &cobra.Command{
		Use: "ls", Short: "List every way to open the vault", Example: "  signet slot ls\n  signet slot ls --json", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withVault(cmd.Context(), func(v *vault.Vault) error { return runSlotLs(cmd.Context(), a, v) })
		},
	}
}

func runSlotLs(ctx context.Context, a *App, v *vault.Vault) error {
	slots, err := v.Slots(ctx)
	if err != nil {
		return err
	}
	t := newTable(a, "NAME", "KIND", "OPENS", "TESTED", "")
	for _, s := range slots {
		scope, opens := "vault", "any copy of the vault"
		if s.Local {
			scope, opens = "device", "on this device"
		}
		if a.JSON {
			l := slotLine{"slot", 1, s.Name, s.Kind, scope, s.WorkFactor, s.Weak, s.Stale, s.Authority, s.Kept, s.Gone, stamp(s.Added), stamp(s.Tested)}
			if err := a.line(l); err != nil {
				return err
			}
			continue
		}
		t.row(s.Name, s.Kind, opens, a.ago(s.Tested), slotNotes(s))
	}
	if !a.JSON {
		t.flush()
	}
	return nil
}

func slotNotes(s vault.Slot) string {
	var notes []string
	for _, n := range []struct {
		on   bool
		text string
	}{
		{s.Weak, fmt.Sprintf("weak: work factor %d, 'signet slot change %s --work-factor 18'", s.WorkFactor, s.Name)},
		{s.Stale, "stale: does not open what is written now"},
		{s.Kept && !s.Gone, "copies of the old one still open everything: kept key"},
		{s.Gone, "removed with --keep-key: copies still open everything"},
		{s.Unfinished, "a change was cut off: the next unlock finishes it"},
		{s.Unlisted, "not in the trusted list: add it anew"},
		{s.Kind == vault.MethodRecovery && !s.Authority, "restores and enrols, but decides no fork"},
	} {
		if n.on {
			notes = append(notes, n.text)
		}
	}
	return strings.Join(notes, "; ")
}

type slotAddOptions struct {
	Kind         string
	Name         string
	WorkFactor   int
	RecoveryFile string
	PluginFile   string
	Replace      string
	DeviceName   string
}

func slotAdd(a *App) *cobra.Command {
	var o slotAddOptions
	c := &cobra.Command{
		Use: "add KIND", Short: "Add a way to open the vault", Args: cobra.ExactArgs(1),
		Long: "KIND is keyring, passphrase, plugin or recovery. The vault is opened by another slot; --passphrase-fd is the new passphrase.\n" +
			"With --unlock recovery, on a machine that cannot open the vault yet, this machine is enrolled as a new device.",
		Example:   "  signet slot add passphrase\n  signet slot add recovery --recovery-file code.txt\n  signet slot add plugin --plugin-identity tpm.txt\n  signet slot add keyring --unlock recovery",
		ValidArgs: []string{"keyring", "passphrase", "plugin", "recovery"},
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Kind = args[0]
			return runSlotAdd(cmd.Context(), a, o)
		},
	}
	f := c.Flags()
	f.StringVar(&o.Name, "name", "", "what the slot is called")
	f.IntVar(&o.WorkFactor, "work-factor", 0, "passphrase: log2 of scrypt's N, 10 to 22 (default 18; below 17 is weak and stays marked)")
	f.StringVar(&o.RecoveryFile, "recovery-file", "", "recovery: write the code to `FILE` instead of showing it")
	f.StringVar(&o.PluginFile, "plugin-identity", "", "plugin: identity `FILE` that the age plugin made")
	f.StringVar(&o.Replace, "replace", "", "recovery: remove the code of this `NAME` in the same step")
	f.StringVar(&o.DeviceName, "device-name", "", "enrolling: what this device is called (default: the host name)")
	return c
}

func runSlotAdd(ctx context.Context, a *App, o slotAddOptions) error {
	if a.Unlock == vault.MethodRecovery && o.Kind != vault.MethodRecovery {
		return runEnrol(ctx, a, o)
	}
	if o.Kind == vault.MethodRecovery {
		return a.withVault(ctx, func(v *vault.Vault) error { return a.addRecovery(ctx, v, o) })
	}
	return a.withOtherSlot(ctx, func(v *vault.Vault) error {
		w, err := a.newWay(ctx, unlock.Kind(o.Kind), initOptions{WorkFactor: o.WorkFactor, PluginFile: o.PluginFile})
		if err != nil {
			return err
		}
		w.Name = o.Name
		if err := v.AddWay(ctx, w, prompter{a}); err != nil {
			return initError(err)
		}
		return a.slotDone("added", firstName(o.Name, o.Kind))
	})
}

func firstName(names ...string) string {
	for _, n := range names {
		if n != "" {
			return n
		}
	}
	return ""
}

// withOtherSlot opens the vault while --passphrase-fd is kept for the new secret.
func (a *App) withOtherSlot(ctx context.Context, f func(*vault.Vault) error) error {
	d, err := a.dir()
	if err != nil {
		return err
	}
	v, err := d.Unlock(ctx, vault.UnlockOptions{Method: a.Unlock, Interactive: a.interactive(), Prompter: prompter{a}})
	if err != nil {
		return unlockError(err)
	}
	defer v.Close()
	return f(v)
}

func (a *App) addRecovery(ctx context.Context, v *vault.Vault, o slotAddOptions) error {
	if o.RecoveryFile == "" && !a.interactive() {
		return usagef("the recovery code has nowhere to go").hint("--recovery-file FILE writes it to a file")
	}
	err := v.AddRecovery(ctx, vault.AddRecoveryOptions{Name: o.Name, Show: a.showSheet(o.RecoveryFile), Replace: o.Replace})
	if err != nil {
		return err
	}
	return a.slotDone("added", firstName(o.Name, vault.MethodRecovery))
}

type slotChangedLine struct {
	Type   string `json:"type"`
	V      int    `json:"v"`
	Action string `json:"action"`
	Name   string `json:"name"`
}

func (a *App) slotDone(action, name string) error {
	if a.JSON {
		return a.line(slotChangedLine{"slot_changed", 1, action, name})
	}
	a.note("%s the slot %s", action, name)
	return nil
}

func slotRm(a *App) *cobra.Command {
	var keep, yes bool
	c := &cobra.Command{
		Use: "rm NAME", Short: "Remove a way to open the vault", Args: cobra.ExactArgs(1),
		Long: "Replaces the device's key and begins a new epoch: old copies of the slot open nothing that is written later. What was written before\n" +
			"can still be read by whoever has an old copy of the slot and of the vault.",
		Example: "  signet slot rm keyring",
		RunE: func(cmd *cobra.Command, args []string) error {
			return runSlotRm(cmd.Context(), a, args[0], keep, yes)
		},
	}
	c.Flags().BoolVar(&keep, "keep-key", false, "only remove its file or item: any copy of it still opens everything, also later data")
	c.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	return c
}

func runSlotRm(ctx context.Context, a *App, name string, keep, yes bool) error {
	return a.withVault(ctx, func(v *vault.Vault) error {
		if !yes && a.interactive() {
			if err := a.asked(ctx, fmt.Sprintf("Remove the slot %q?", name), "nothing was removed"); err != nil {
				return err
			}
		}
		if err := v.RemoveSlot(ctx, name, vault.RemoveOptions{KeepKey: keep, Prompter: prompter{a}}); err != nil {
			return slotError(name, err)
		}
		if keep {
			a.warn("slot.kept_key", "any copy of the removed slot still opens everything, also what is written later; 'signet slot ls' keeps saying so")
		}
		return a.slotDone("removed", name)
	})
}

func slotError(name string, err error) error {
	if errors.Is(err, vault.ErrNotFound) {
		return (&Error{Exit: ExitNotFound, Code: "slot.not_found", Msg: "no slot is called " + name}).hint("'signet slot ls' lists them")
	}
	if errors.Is(err, vault.ErrLastWay) {
		return (&Error{Exit: ExitFailure, Code: "slot.last", Err: err}).hint("add another one first: signet slot add passphrase")
	}
	return initError(err)
}

func slotTest(a *App) *cobra.Command {
	return &cobra.Command{
		Use: "test NAME", Short: "Open the vault once more through one slot", Args: cobra.ExactArgs(1),
		Example: "  signet slot test recovery\n  signet slot test passphrase",
		RunE: func(cmd *cobra.Command, args []string) error {
			return runSlotTest(cmd.Context(), a, args[0])
		},
	}
}

func runSlotTest(ctx context.Context, a *App, name string) error {
	pass, _, err := a.passphraseFD(ctx)
	if err != nil {
		return err
	}
	return a.withOtherSlotOrFD(ctx, name, func(v *vault.Vault) error {
		o := vault.UnlockOptions{Interactive: a.interactive(), Prompter: prompter{a}, Secret: pass}
		if err := v.TestSlot(ctx, name, o); err != nil {
			return slotError(name, err)
		}
		return a.slotDone("opened the vault through", name)
	})
}

// withOtherSlotOrFD opens by what needs nobody, else by what --passphrase-fd gave: the same secret then opens and is tested.
func (a *App) withOtherSlotOrFD(ctx context.Context, name string, f func(*vault.Vault) error) error {
	if name == vault.MethodRecovery || a.PassphraseFD < 0 {
		return a.withOtherSlot(ctx, f)
	}
	return a.withVault(ctx, f)
}

type slotChangeOptions struct {
	Name       string
	WorkFactor int
	PluginFile string
	KeepKey    bool
}

func slotChange(a *App) *cobra.Command {
	var o slotChangeOptions
	c := &cobra.Command{
		Use: "change NAME", Short: "Give a slot a new secret or cost", Args: cobra.ExactArgs(1),
		Long: "A new passphrase is asked for, or taken from --passphrase-fd while another slot opens the vault. With --work-factor alone the\n" +
			"passphrase stays and is sealed anew at that cost; --passphrase-fd is then the current one.",
		Example: "  signet slot change passphrase\n  signet slot change passphrase --work-factor 19",
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Name = args[0]
			return runSlotChange(cmd.Context(), a, o)
		},
	}
	f := c.Flags()
	f.IntVar(&o.WorkFactor, "work-factor", 0, "log2 of scrypt's N, 10 to 22")
	f.StringVar(&o.PluginFile, "plugin-identity", "", "new identity `FILE` of an age plugin")
	f.BoolVar(&o.KeepKey, "keep-key", false, "only replace its file: copies of the old one still open everything, also later data")
	return c
}

func runSlotChange(ctx context.Context, a *App, o slotChangeOptions) error {
	open := a.withOtherSlot
	if o.WorkFactor > 0 {
		open = a.withVault // the descriptor holds the current passphrase, which opens
	}
	return open(ctx, func(v *vault.Vault) error {
		c := vault.ChangeOptions{WorkFactor: o.WorkFactor, KeepKey: o.KeepKey, Prompter: prompter{a}}
		if err := a.newSecretFor(ctx, o, &c); err != nil {
			return err
		}
		if err := v.ChangeSlot(ctx, o.Name, c); err != nil {
			return slotError(o.Name, err)
		}
		if o.KeepKey {
			a.warn("slot.kept_key", "any copy of the old file still opens everything, also what is written later; 'signet slot ls' keeps saying so")
		}
		return a.slotDone("changed", o.Name)
	})
}

func (a *App) newSecretFor(ctx context.Context, o slotChangeOptions, c *vault.ChangeOptions) (err error) {
	switch {
	case o.PluginFile != "":
		b, rerr := os.ReadFile(o.PluginFile)
		c.Identity, err = secret.New(b), rerr
	case o.WorkFactor > 0:
		c.Current, err = a.currentPassphrase(ctx)
	default:
		c.Passphrase, err = a.newPassphrase(ctx)
	}
	return err
}

func (a *App) currentPassphrase(ctx context.Context) (secret.Secret, error) {
	if pass, given, err := a.passphraseFD(ctx); given || err != nil {
		return pass, err
	}
	return a.ask(ctx, "Current passphrase:")
}

func slotRename(a *App) *cobra.Command {
	return &cobra.Command{
		Use: "rename NAME NEW", Short: "Call a slot something else", Args: cobra.ExactArgs(2), Example: "  signet slot rename passphrase desk",
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx := cmd.Context()
			return a.withVault(ctx, func(v *vault.Vault) error {
				if err := v.RenameSlot(ctx, args[0], args[1]); err != nil {
					return slotError(args[0], err)
				}
				return a.slotDone("renamed", args[1])
			})
		},
	}
}
