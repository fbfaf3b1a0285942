package cli

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"signet/internal/session"
	"signet/vault"
	"signet/vault/unlock"
)

type statusLine struct {
	Type    string     `json:"type"`
	V       int        `json:"v"`
	State   string     `json:"state"` // none, locked, open
	Vault   string     `json:"vault"`
	ID      string     `json:"id,omitempty"`
	Device  string     `json:"device,omitempty"`
	Opens   string     `json:"opened_by,omitempty"`
	Entries *int       `json:"entries,omitempty"`
	Trashed *int       `json:"in_trash,omitempty"`
	Reads   bool       `json:"read_only,omitempty"`
	Slots   []slotHint `json:"slots"`
}

type slotHint struct {
	Name       string `json:"name"`
	Kind       string `json:"kind"`
	Person     bool   `json:"needs_person"`
	WorkFactor int    `json:"work_factor,omitempty"`
	Weak       bool   `json:"weak,omitempty"`
}

func newStatusCmd(a *App) *cobra.Command {
	return &cobra.Command{
		Use: "status", Short: "Say whether the vault is there and opens", Args: cobra.NoArgs,
		Long:    "The exit code is 0 when the vault opens without asking anybody (or with what --passphrase-fd gave), 12 when it is locked, 10 when there is none.",
		Example: "  signet status\n  signet status --json --no-input",
		RunE:    func(cmd *cobra.Command, _ []string) error { return runStatus(cmd.Context(), a) },
	}
}

// runStatus never asks: it tries what needs nobody.
func runStatus(ctx context.Context, a *App) error {
	path, err := a.vaultDir()
	if err != nil {
		return err
	}
	l := statusLine{Type: "status", V: 1, State: "none", Vault: path, Slots: []slotHint{}}
	d, err := vault.At(path, a.vaultOptions())
	if errors.Is(err, vault.ErrNoVault) {
		return a.giveStatus(l, (&Error{Exit: ExitNoVault, Code: "vault.none", Msg: "there is no vault at " + path}).hint("'signet init' creates one"))
	}
	if err != nil {
		return err
	}
	l.State, l.ID = "locked", d.VaultID()
	ways, err := d.Ways()
	if err != nil {
		return err
	}
	for _, w := range ways {
		weak := w.Kind == unlock.KindPassphrase && w.WorkFactor > 0 && w.WorkFactor < unlock.WeakWorkFactor
		l.Slots = append(l.Slots, slotHint{w.Name, string(w.Kind), w.NeedsPerson, w.WorkFactor, weak})
	}
	return a.tryOpen(ctx, d, l)
}

func (a *App) tryOpen(ctx context.Context, d *vault.Dir, l statusLine) error {
	o, err := a.unlockOptions(ctx)
	if err != nil {
		return err
	}
	o.Interactive = false
	v, err := d.Unlock(ctx, o)
	if err != nil {
		return a.giveStatus(l, unlockError(err))
	}
	s := session.NewLocal(v, a.Now)
	defer s.Lock(ctx) //nolint:errcheck // nothing was written
	info, err := s.Info(ctx)
	if err != nil {
		return err
	}
	n, err := s.Count(ctx)
	if err != nil {
		return err
	}
	l.State, l.Device, l.Opens, l.Reads, l.Entries, l.Trashed = "open", info.Device, info.OpenedBy, info.ReadOnly, &n.Entries, &n.Trashed
	return a.giveStatus(l, nil)
}

func (a *App) giveStatus(l statusLine, err error) error {
	if a.JSON {
		if werr := a.line(l); werr != nil {
			return werr
		}
		return err
	}
	a.printf("vault   %s\nstate   %s\n", l.Vault, l.State)
	if l.Opens != "" {
		a.printf("opened  by %s on %s\n", l.Opens, firstName(l.Device, "no device: the recovery code only reads"))
		a.printf("entries %d, %d in the trash\n", *l.Entries, *l.Trashed)
	}
	for _, s := range l.Slots {
		note := ""
		if s.Weak {
			note = "  (weak: work factor " + itoa(s.WorkFactor) + ")"
		}
		a.printf("slot    %s (%s)%s\n", s.Name, s.Kind, note)
	}
	return err
}
