package cli

import (
	"context"
	"os"

	"github.com/spf13/cobra"

	"signet/vault"
	"signet/vault/secret"
	"signet/vault/unlock"
)

type slotChangeOptions struct {
	Name       string
	WorkFactor int
	PluginFile string
	NewPassFD  int
	KeepKey    bool
}

func slotChange(a *App) *cobra.Command {
	o := slotChangeOptions{NewPassFD: -1}
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
	f.IntVar(&o.NewPassFD, "new-passphrase-fd", -1, "read the new passphrase from descriptor `N`; --passphrase-fd then opens the vault")
	f.BoolVar(&o.KeepKey, "keep-key", false, "only replace its file: copies of the old one still open everything, also later data")
	return c
}

func runSlotChange(ctx context.Context, a *App, o slotChangeOptions) error {
	kind, err := a.localKind(o.Name)
	if err != nil {
		return err
	}
	fresh := kind == unlock.KindPassphrase && o.WorkFactor == 0 && o.NewPassFD == -1
	switch {
	case kind != unlock.KindPassphrase && (o.WorkFactor != 0 || o.NewPassFD != -1):
		return usagef("--work-factor and --new-passphrase-fd are for a passphrase")
	case kind != unlock.KindPlugin && o.PluginFile != "":
		return usagef("--plugin-identity is for a plugin")
	}
	if err := checkWorkFactor(o.WorkFactor); err != nil {
		return err
	}
	open := a.withVault
	if fresh {
		open = a.withOtherSlot // the descriptor holds the new passphrase
	}
	a.remember = true
	return open(ctx, func(v *vault.Vault) error {
		c := vault.ChangeOptions{WorkFactor: o.WorkFactor, KeepKey: o.KeepKey, Prompter: prompter{a}}
		if err := a.newSecretFor(ctx, v, kind, o, &c); err != nil {
			return err
		}
		if err := v.ChangeSlot(ctx, o.Name, c); err != nil {
			return slotError(o.Name, err)
		}
		a.weakNote(vault.NewWay{Kind: kind, WorkFactor: o.WorkFactor})
		if o.KeepKey {
			a.warn("slot.kept_key", "any copy of the old file still opens everything, also what is written later; 'signet slot ls' keeps saying so")
		}
		return a.slotDone("changed", o.Name)
	})
}

// localKind is the kind of a slot of this device, as the directory shows it; "" when it is none.
func (a *App) localKind(name string) (unlock.Kind, error) {
	d, err := a.dir()
	if err != nil {
		return "", err
	}
	ways, err := d.Ways()
	if err != nil {
		return "", err
	}
	for _, w := range ways {
		if w.Name == name {
			return w.Kind, nil
		}
	}
	return "", nil
}

func (a *App) newSecretFor(ctx context.Context, v *vault.Vault, kind unlock.Kind, o slotChangeOptions, c *vault.ChangeOptions) (err error) {
	switch {
	case o.PluginFile != "":
		b, rerr := os.ReadFile(o.PluginFile)
		c.Identity, err = secret.New(b), rerr
	case kind != unlock.KindPassphrase:
	case o.NewPassFD != -1:
		c.Passphrase, err = a.readFD(ctx, o.NewPassFD, newPassUse)
	case o.WorkFactor > 0:
		c.Current, err = a.currentPassphrase(ctx, v, o.Name)
	default:
		c.Passphrase, err = a.newPassphrase(ctx)
	}
	return err
}

const newPassUse = "--new-passphrase-fd"

// currentPassphrase is the one that opened the vault just now, where that was this slot.
func (a *App) currentPassphrase(ctx context.Context, v *vault.Vault, name string) (secret.Secret, error) {
	if pass, given, err := a.passphraseFD(ctx); given || err != nil {
		return pass, err
	}
	if v.OpenedBy() == name && !a.typed.IsEmpty() {
		return a.typed, nil
	}
	return a.ask(ctx, "Current passphrase of "+name+":")
}
