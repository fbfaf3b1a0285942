package cli

import (
	"context"

	"github.com/spf13/cobra"

	"signet/internal/session"
)

// serveFlags are those of `signet passkey serve`.
type serveFlags struct {
	pty, uhid bool
	approve   string
	locked    bool
}

func passkeyServe(a *App) *cobra.Command {
	var f serveFlags
	c := &cobra.Command{
		Use: "serve", Short: "Be a security key for browsers and other programs", Args: cobra.NoArgs,
		Long: "Plugs a virtual security key in and answers on it until Ctrl-C. Each request is shown on this terminal with its site, its account and the\n" +
			"program that asks, and waits for you. The first line of the output is the path of the device.\n\n" +
			"--uhid makes a key that browsers and every FIDO2 program find by themselves (Linux). --pty makes one that programs use when they are told\n" +
			"its path: ssh-keygen, fido2-token, python3-fido2.",
		Example: "  signet passkey serve\n  signet passkey serve --pty\n  ssh-keygen -t ed25519-sk -O device=PATH",
		RunE:    func(cmd *cobra.Command, _ []string) error { return runPasskeyServe(cmd.Context(), a, f) },
	}
	c.Flags().BoolVar(&f.uhid, "uhid", false, "be a USB key that browsers find (the default)")
	c.Flags().BoolVar(&f.pty, "pty", false, "be a pseudo-terminal, for programs that are told its path")
	c.Flags().StringVar(&f.approve, "approve", "ask", "`ask` on this terminal, or always: allow everything (tests, machines without a person)")
	c.Flags().BoolVar(&f.locked, "locked", false, "start with the vault locked: the first request asks for the passphrase")
	c.MarkFlagsMutuallyExclusive("pty", "uhid")
	return c
}

type deviceLine struct {
	Type  string `json:"type"`
	V     int    `json:"v"`
	Path  string `json:"path"`
	Route string `json:"route"`
}

func runPasskeyServe(ctx context.Context, a *App, f serveFlags) error {
	if f.approve != "ask" && f.approve != "always" {
		return usagef("--approve is ask or always, not %q", f.approve)
	}
	if f.approve == "ask" && !a.interactive() {
		return usagef("requests are approved on the terminal, and there is none").hint("run it on a terminal; --approve always allows everything without asking")
	}
	route := routeUHID
	if f.pty {
		route = routePTY
	}
	v, err := a.open(ctx)
	if err != nil {
		return err
	}
	l := session.NewLocal(v, a.Now)
	defer l.Close() //nolint:errcheck // upkeep is tried again at the next opening
	door := session.NewDoor(session.DoorOptions{Dir: v.Dir(), Now: a.Now, Rand: a.Rand})
	door.Use(l)
	defer door.Use(nil)
	p := a.newPerson(routeWords(route))
	p.binding = door.Binding
	key := &virtualKey{a: a, door: door, approver: p, canVerify: p.canVerify}
	if err := key.plug(ctx, route); err != nil {
		return err
	}
	if err := a.tellDevice(key); err != nil {
		return err
	}
	return key.serve(ctx)
}

func (a *App) tellDevice(v *virtualKey) error {
	if a.JSON {
		return a.line(deviceLine{"device", 1, v.device.Path(), v.route})
	}
	a.printf("%s\n", v.device.Path())
	return nil
}
