package cli

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"signet/internal/session"
	"signet/passkeys"
	"signet/vault/secret"
)

type pinOptions struct {
	Set, Remove, Yes bool
	PINFD            int
}

func passkeyPIN(a *App) *cobra.Command {
	o := pinOptions{PINFD: -1}
	c := &cobra.Command{
		Use: "pin", Short: "The PIN of the virtual security key", Args: cobra.NoArgs,
		Long: "Says whether the virtual key has a PIN, sets one or takes it away. With a PIN, sites that want to know that it is really you get your PIN instead\n" +
			"of the vault's passphrase, and programs can ask for it themselves, as they do with any security key. It belongs to this device. After 8 wrong\n" +
			"tries it is blocked; whoever opens the vault can set another one, and no passkey is lost.",
		Example: "  signet passkey pin\n  signet passkey pin --set\n  signet passkey pin --remove\n  signet passkey pin --set --pin-fd 4 4< pin.txt",
		RunE:    func(cmd *cobra.Command, _ []string) error { return runPasskeyPIN(cmd.Context(), a, o) },
	}
	c.Flags().BoolVar(&o.Set, "set", false, "set the PIN, or another one")
	c.Flags().BoolVar(&o.Remove, "remove", false, "take the PIN away")
	c.Flags().IntVar(&o.PINFD, "pin-fd", -1, "with --set: read the PIN from descriptor `N`")
	c.Flags().BoolVarP(&o.Yes, "yes", "y", false, "do not ask before the PIN is replaced or taken away")
	c.MarkFlagsMutuallyExclusive("set", "remove")
	return c
}

func (o pinOptions) check(a *App) error {
	switch {
	case o.PINFD != -1 && !o.Set:
		return usagef("--pin-fd goes with --set")
	case o.Set && o.PINFD == -1 && !a.interactive():
		return usagef("the new PIN has to come from somewhere").hint("--pin-fd N, or run it on a terminal")
	case o.Remove:
		return a.mustAnswer(o.Yes, "--remove")
	}
	return nil
}

type pinLine struct {
	Type       string `json:"type"`
	V          int    `json:"v"`
	Set        bool   `json:"set"`
	TriesLeft  int    `json:"tries_left"`
	MinLength  int    `json:"min_length"`
	MustChange bool   `json:"must_change,omitempty"`
	AlwaysUV   bool   `json:"always_uv"`
}

func runPasskeyPIN(ctx context.Context, a *App, o pinOptions) error {
	if err := o.check(a); err != nil {
		return err
	}
	return a.withSession(ctx, func(s session.Session) error {
		local, ok := s.(*session.Local)
		if !ok {
			return errors.ErrUnsupported
		}
		door := session.NewDoor(session.DoorOptions{Now: a.Now, Rand: a.Rand})
		door.Use(local)
		defer door.Use(nil)
		state := door.State()
		m, err := state.Read(ctx)
		if err != nil {
			return err
		}
		switch was := m.PINStatus(); {
		case o.Set:
			err = a.setPIN(ctx, state, was, o)
		case o.Remove && !was.Set:
			a.note("there is no PIN")
		case o.Remove:
			err = a.removePIN(ctx, state, o)
		}
		if err != nil {
			return err
		}
		if m, err = state.Read(ctx); err != nil {
			return err
		}
		return a.tellPIN(m.PINStatus())
	})
}

func (a *App) setPIN(ctx context.Context, state passkeys.State, was passkeys.PINStatus, o pinOptions) error {
	if was.Set && !o.Yes {
		if err := a.mustAnswer(false, "replacing the PIN"); err != nil {
			return err
		}
		if err := a.asked(ctx, "There is a PIN already. Replace it?", "nothing was changed"); err != nil {
			return err
		}
	}
	pin, err := a.newPIN(ctx, was, o)
	if err != nil {
		return err
	}
	err = passkeys.SetPIN(ctx, state, a.Rand, pin)
	if errors.Is(err, passkeys.ErrPINPolicy) {
		return usagef("a PIN has at least %s and at most %d bytes", plural(was.MinLength, "character"), was.MaxBytes)
	}
	return err
}

func (a *App) newPIN(ctx context.Context, was passkeys.PINStatus, o pinOptions) (secret.Secret, error) {
	if o.PINFD != -1 {
		return a.readFD(ctx, o.PINFD, "--pin-fd")
	}
	for {
		pin, err := a.ask(ctx, "New PIN, at least "+plural(was.MinLength, "character")+":")
		if err != nil {
			return pin, err
		}
		again, err := a.ask(ctx, "The same again:")
		if err != nil {
			return again, err
		}
		same := pin.Equal(again)
		again.Wipe()
		if same {
			return pin, nil
		}
		pin.Wipe()
		a.Terminal.Write("The two differ.\n")
	}
}

func (a *App) removePIN(ctx context.Context, state passkeys.State, o pinOptions) error {
	if !o.Yes {
		if err := a.asked(ctx, "Take the PIN away? Sites then get you verified by the vault's passphrase, if it has one.", "nothing was changed"); err != nil {
			return err
		}
	}
	return passkeys.RemovePIN(ctx, state)
}

func (a *App) tellPIN(s passkeys.PINStatus) error {
	if a.JSON {
		return a.line(pinLine{"pin", 1, s.Set, s.Left, s.MinLength, s.MustChange, s.AlwaysUV})
	}
	switch {
	case !s.Set:
		a.say("The virtual key has no PIN: 'signet passkey pin --set' sets one.\n")
	case s.Left == 0:
		a.say("The PIN is blocked after too many wrong tries: 'signet passkey pin --set' sets another one.\n")
	case s.MustChange:
		a.say("The virtual key has a PIN, which has to be changed before it is used: 'signet passkey pin --set'.\n")
	default:
		a.say("The virtual key has a PIN; %s left until it is blocked.\n", plural(s.Left, "wrong try"))
	}
	return nil
}
