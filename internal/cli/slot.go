package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
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
	Force        bool
	PluginFile   string
	Replace      string
	DeviceName   string
	NewPassFD    int
}

func slotAdd(a *App) *cobra.Command {
	o := slotAddOptions{NewPassFD: -1}
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
	f.BoolVar(&o.Force, "force", false, "recovery: let --recovery-file replace a file")
	f.StringVar(&o.PluginFile, "plugin-identity", "", "plugin: identity `FILE` that the age plugin made")
	f.StringVar(&o.Replace, "replace", "", "recovery: remove the code of this `NAME` in the same step")
	f.IntVar(&o.NewPassFD, "new-passphrase-fd", -1, "passphrase: read it from descriptor `N`; --passphrase-fd then opens the vault")
	f.StringVar(&o.DeviceName, "device-name", "", "enrolling: what this device is called (default: the host name)")
	return c
}

func runSlotAdd(ctx context.Context, a *App, o slotAddOptions) error {
	if err := o.check(a); err != nil {
		return err
	}
	if a.Unlock == vault.MethodRecovery && o.Kind != vault.MethodRecovery {
		return runEnrol(ctx, a, o)
	}
	if o.Kind == vault.MethodRecovery {
		return a.withVault(ctx, func(v *vault.Vault) error { return a.addRecovery(ctx, v, o) })
	}
	open := a.withVault
	if o.Kind == string(unlock.KindPassphrase) && o.NewPassFD == -1 {
		open = a.withOtherSlot // the descriptor holds the new passphrase
	}
	return open(ctx, func(v *vault.Vault) error {
		w, err := a.newWay(ctx, unlock.Kind(o.Kind), initOptions{WorkFactor: o.WorkFactor, PluginFile: o.PluginFile, NewPassFD: o.NewPassFD})
		if err != nil {
			return err
		}
		w.Name = o.Name
		if err := v.AddWay(ctx, w, prompter{a}); err != nil {
			return initError(err)
		}
		a.weakNote(w)
		return a.slotDone("added", firstName(o.Name, o.Kind))
	})
}

// weakNote says that a passphrase costs less to guess than it should.
func (a *App) weakNote(w vault.NewWay) {
	if w.Kind == unlock.KindPassphrase && w.WorkFactor != 0 && w.WorkFactor < unlock.WeakWorkFactor {
		a.warn("slot.weak", "a work factor below %d makes the passphrase cheaper to guess; 'signet slot ls' keeps saying so", unlock.WeakWorkFactor)
	}
}

// check refuses what does not go together before anything is opened.
func (o slotAddOptions) check(a *App) error {
	enrols := a.Unlock == vault.MethodRecovery && o.Kind != vault.MethodRecovery
	switch {
	case !slices.Contains([]string{"keyring", "passphrase", "plugin", vault.MethodRecovery}, o.Kind):
		return usagef("no slot of kind %q can be made here", o.Kind).hint("keyring, passphrase, plugin or recovery")
	case o.Kind != "passphrase" && (o.WorkFactor != 0 || o.NewPassFD != -1):
		return usagef("--work-factor and --new-passphrase-fd are for a passphrase")
	case o.Kind != "plugin" && o.PluginFile != "":
		return usagef("--plugin-identity is for a plugin")
	case o.Kind != vault.MethodRecovery && o.Replace != "", o.Kind != vault.MethodRecovery && !enrols && o.RecoveryFile != "":
		return usagef("--replace and --recovery-file are for a recovery code")
	case !enrols && o.DeviceName != "":
		return usagef("--device-name is for enrolling with --unlock recovery")
	}
	if err := checkWorkFactor(o.WorkFactor); err != nil {
		return err
	}
	return a.freeTarget(o.RecoveryFile, o.Force)
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
	sheet := &sheetFile{path: o.RecoveryFile, force: o.Force}
	err := v.AddRecovery(ctx, vault.AddRecoveryOptions{Name: o.Name, Show: a.showSheet(sheet), Replace: o.Replace})
	if err != nil {
		sheet.undo()
		return slotError(firstName(o.Replace, o.Name, vault.MethodRecovery), err)
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
	fd := -1
	c := &cobra.Command{
		Use: "test NAME", Short: "Open the vault once more through one slot", Args: cobra.ExactArgs(1),
		Long:    "The vault is opened by another slot that asks nobody, then once more through NAME, whose secret is asked for or comes from\n--passphrase-fd. Where the vault needs a secret of its own to open, --secret-fd gives the one of NAME.",
		Example: "  signet slot test recovery\n  signet slot test passphrase\n  signet slot test recovery --passphrase-fd 3 --secret-fd 4 3< pass 4< recovery.txt",
		RunE: func(cmd *cobra.Command, args []string) error {
			return runSlotTest(cmd.Context(), a, args[0], fd)
		},
	}
	c.Flags().IntVar(&fd, "secret-fd", -1, "read the secret of NAME from descriptor `N`; --passphrase-fd then opens the vault")
	return c
}

func runSlotTest(ctx context.Context, a *App, name string, fd int) error {
	kind, err := a.localKind(name)
	if err != nil {
		return err
	}
	open, read := a.withOtherSlot, a.slotSecret
	switch {
	case fd != -1:
		open, read = a.withVault, func(ctx context.Context, local bool) (secret.Secret, error) { return a.readSecretFD(ctx, fd, local) }
	case kind == unlock.KindPassphrase && a.PassphraseFD != -1:
		open = a.withVault // the same secret opens and is tested
	}
	return open(ctx, func(v *vault.Vault) error {
		pass, err := read(ctx, kind != "")
		if err != nil {
			return err
		}
		o := vault.UnlockOptions{Interactive: a.interactive(), Prompter: prompter{a}, Secret: pass}
		if err := v.TestSlot(ctx, name, o); err != nil {
			return testError(ctx, v, name, err)
		}
		return a.slotDone("opened the vault through", name)
	})
}

// testError tells a slot that does not exist from a code that is not this slot's.
func testError(ctx context.Context, v *vault.Vault, name string, err error) error {
	slots, serr := v.Slots(ctx)
	exists := serr == nil && slices.ContainsFunc(slots, func(s vault.Slot) bool { return s.Name == name })
	if errors.Is(err, vault.ErrNotFound) && exists {
		return (&Error{Exit: ExitLocked, Code: "unlock.no_slot", Msg: "this is not the code of " + name}).hint("it may be an older code: 'signet slot ls' lists those that open the vault")
	}
	return slotError(name, err)
}

// slotSecret is what --passphrase-fd gives for the slot that is tested; empty to be asked.
func (a *App) slotSecret(ctx context.Context, local bool) (secret.Secret, error) {
	if a.PassphraseFD == -1 {
		return secret.Secret{}, nil
	}
	if !local {
		return a.readSecretFD(ctx, a.PassphraseFD, false)
	}
	s, _, err := a.passphraseFD(ctx)
	return s, err
}

// readSecretFD reads the secret of a slot: a line, or of a vault-wide one the code, also in the sheet that --recovery-file wrote.
func (a *App) readSecretFD(ctx context.Context, fd int, local bool) (secret.Secret, error) {
	if local {
		return a.readFD(ctx, fd, "--secret-fd")
	}
	b := *a
	b.Unlock = vault.MethodRecovery
	return b.readFD(ctx, fd, "--secret-fd")
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
