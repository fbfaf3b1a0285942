package cli

import (
	"context"
	"errors"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"signet/internal/buildinfo"
	"signet/internal/harden"
)

// commands is every command, in the order of help. A command of a later issue appears here when it works, not before.
func commands(a *App) []*cobra.Command {
	return []*cobra.Command{
		newInitCmd(a), newStatusCmd(a), newDoctorCmd(a),
		newLsCmd(a), newGetCmd(a), newAddCmd(a), newEditCmd(a), newRmCmd(a), newRestoreCmd(a), newHistoryCmd(a), newUndoCmd(a),
		newOTPCmd(a), newGenerateCmd(a), newAttachmentCmd(a),
		newImportCmd(a), newExportCmd(a), newAuditCmd(a), newPasskeyCmd(a), newSlotCmd(a), newConfigCmd(a), newPurgeCmd(a),
		newTourCmd(a), newCompletionCmd(a), newManCmd(a), newVersionCmd(a),
		newClipboardCmd(a),
	}
}

// newRoot builds the command tree on an App.
func newRoot(a *App) *cobra.Command {
	root := &cobra.Command{
		Use:   "signet",
		Short: "Passwords, one-time codes and passkeys in one encrypted vault, in the terminal",
		Long: "Signet keeps passwords, one-time codes, passkeys, SSH keys, cards and notes in one encrypted vault.\n\n" +
			"Without a command it opens the terminal interface.",
		Example:           "  signet                      open Signet\n  signet init                 create a vault\n  signet get github password  print one value\n  signet tour                 see what Signet does, on a throw-away vault",
		SilenceErrors:     true,
		SilenceUsage:      true,
		Args:              cobra.NoArgs,
		Version:           buildinfo.Version(),
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
		RunE:              func(cmd *cobra.Command, _ []string) error { return runTUI(cmd.Context(), a) },
	}
	root.SetVersionTemplate("signet {{.Version}}\n")
	root.SetOut(a.Out)
	root.SetErr(a.Err)
	root.SetIn(a.In)
	f := root.PersistentFlags()
	f.StringVar(&a.Vault, "vault", "", "vault directory, or a short name from the configuration (default: $SIGNET_VAULT, else the user's data directory)")
	f.BoolVar(&a.JSON, "json", false, "one JSON object a line; errors too")
	f.BoolVar(&a.NoInput, "no-input", false, "never ask; fail with the exit code that says what was missing")
	f.IntVar(&a.PassphraseFD, "passphrase-fd", -1, "read the passphrase from file descriptor `N`, up to the first line end")
	f.Var(methods{&a.Unlock}, "unlock", "open with this slot only: `METHOD` is its kind or name (keyring, passphrase, recovery, …)")
	root.Flags().BoolVar(&a.ASCII, "ascii", false, "draw the terminal interface with plain ASCII only")
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usagef("%v", err).hint("see 'signet%s --help'", strings.TrimPrefix(cmd.CommandPath(), "signet"))
	})
	root.AddCommand(commands(a)...)
	for _, c := range root.Commands() {
		strictArgs(c)
	}
	return root
}

// methods is --unlock: init takes several, with commas or by repeating the flag; nothing that was asked for is dropped.
type methods struct{ list *string }

func (m methods) String() string {
	if m.list == nil {
		return ""
	}
	return *m.list
}

func (m methods) Set(s string) error {
	if *m.list != "" {
		s = *m.list + "," + s
	}
	*m.list = s
	return nil
}

func (methods) Type() string { return "METHOD" }

// strictArgs makes every argument error exit 2 with a hint.
func strictArgs(c *cobra.Command) {
	if check := c.Args; check != nil {
		c.Args = func(cmd *cobra.Command, args []string) error {
			err := check(cmd, args)
			var e *Error
			if err == nil || errors.As(err, &e) {
				return err
			}
			return usagef("%v", err).hint("see '%s --help'", cmd.CommandPath())
		}
	}
	for _, sub := range c.Commands() {
		strictArgs(sub)
	}
}

// Main runs the command line of the real process.
func Main(args []string, warnings []harden.Warning) ExitCode {
	a := newApp()
	a.Harden = warnings
	return a.main(args)
}

// MainAt is Main with a clock and a source of ids of the caller's, for programs that have to do the same in every run. Keys are random as ever.
func MainAt(args []string, now func() time.Time, ids io.Reader) ExitCode {
	a := newApp()
	a.Now, a.Rand = now, ids
	return a.main(args)
}

func (a *App) main(args []string) ExitCode {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends a command that does not stop
	return a.Run(ctx, args)
}

// Run parses and runs one command line and returns its exit code.
func (a *App) Run(ctx context.Context, args []string) ExitCode {
	root := newRoot(a)
	root.SetArgs(args)
	// --json and --no-input must count even for errors that parsing finds before it reaches them.
	for _, arg := range args {
		if arg == "--" {
			break
		}
		a.JSON = a.JSON || arg == "--json"
	}
	err := root.ExecuteContext(ctx)
	if err == nil {
		return ExitOK
	}
	e := classify(cobraError(err))
	if ctx.Err() != nil && e.Exit != ExitInterrupted {
		e = classify(context.Canceled)
	}
	if e.Msg != "" || e.Err != nil {
		a.report(e)
	}
	return e.Exit
}

// cobraError recognises the errors that cobra makes itself: they are all misuse.
func cobraError(err error) error {
	var e *Error
	if errors.As(err, &e) {
		return err
	}
	for _, prefix := range []string{"unknown command", "required flag", "invalid argument", "unknown flag", "unknown shorthand", "if any flags in the group"} {
		if strings.HasPrefix(err.Error(), prefix) {
			msg, _, _ := strings.Cut(err.Error(), "\n")
			return usagef("%s", msg).hint("see 'signet --help'")
		}
	}
	return err
}
