package cli

import (
	"github.com/spf13/cobra"

	"signet/internal/uhidhelper"
	"signet/internal/uhidsetup"
)

// passkeyHelper is the hidden command that systemd starts for whoever connects to the helper's socket. It runs as root: nothing of the vault, of the
// configuration or of a home directory is looked at.
func passkeyHelper(a *App) *cobra.Command {
	o := uhidhelper.Options{Getenv: a.Env, Log: func(format string, args ...any) { a.printErr(format+"\n", args...) }}
	c := &cobra.Command{
		Use: uhidsetup.HelperCommand, Hidden: true, Args: cobra.NoArgs, Short: "Make security keys for users (started by systemd)",
		Example: "  (not for people: systemd starts it, see 'signet passkey serve --install')",
		RunE:    func(cmd *cobra.Command, _ []string) error { return uhidhelper.Run(cmd.Context(), o) },
	}
	c.Flags().StringVar(&o.Users, "users", uhidhelper.UsersFile, "list of users who may have a key")
	c.Flags().StringVar(&o.Listen, "listen", "", "make the socket at this `PATH` instead of taking the service manager's")
	return c
}
