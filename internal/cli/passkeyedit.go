package cli

import (
	"context"
	"time"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"signet/internal/sanitize"
	"signet/internal/session"
	"signet/vault"
)

func passkeyRm(a *App) *cobra.Command {
	var yes bool
	c := &cobra.Command{
		Use: "rm PASSKEY…", Short: "Move passkeys to the trash", Args: cobra.MinimumNArgs(1), ValidArgsFunction: a.completePasskeys,
		Long: "Its site is not told and goes on offering it: remove it there too, in the security settings of the account. What is in the trash can be restored;\n" +
			"a passkey that was purged is lost, and with it perhaps the account.",
		Example: "  signet passkey rm github.com\n  signet passkey rm ada@github.com grace@github.com --yes",
		RunE: func(cmd *cobra.Command, args []string) error {
			return runPasskeyRm(cmd.Context(), a, args, yes)
		},
	}
	c.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	return c
}

func runPasskeyRm(ctx context.Context, a *App, refs []string, yes bool) error {
	if err := a.mustAnswer(yes, "passkey rm"); err != nil {
		return err
	}
	return a.withSession(ctx, func(s session.Session) error {
		found, err := a.findPasskeys(ctx, s, refs)
		if err != nil {
			return err
		}
		for _, p := range found {
			if yes {
				break
			}
			a.Terminal.Write(rmWarning(p))
			if err := a.asked(ctx, "Move the passkey of "+named(p)+" to the trash?", "nothing was removed"); err != nil {
				return err
			}
		}
		return a.trashPasskeys(ctx, s, found)
	})
}

// findPasskeys finds every reference before anything is changed.
func (a *App) findPasskeys(ctx context.Context, s session.Session, refs []string) (found []session.Passkey, err error) {
	seen := map[session.PasskeyRef]bool{}
	for _, ref := range refs {
		p, err := a.findPasskey(ctx, s, ref, false)
		if err != nil {
			return nil, err
		}
		if !seen[p.PasskeyRef] {
			seen[p.PasskeyRef] = true
			found = append(found, p)
		}
	}
	return found, nil
}

// rmWarning says what moving a passkey to the trash does and does not do.
func rmWarning(p session.Passkey) string {
	made := ""
	if !p.Created.IsZero() {
		made = ", made on " + p.Created.Local().Format(time.DateOnly)
	}
	text := "The passkey of " + named(p) + ": " + kindOf(p.Binding) + made + ".\n"
	text += "  " + siteOf(p) + " still knows it and goes on offering it: remove it there too,\n  in the security settings of the account.\n"
	text += "  Have another way to sign in there before you go on.\n"
	return sanitize.Text(text)
}

func (a *App) trashPasskeys(ctx context.Context, s session.Session, found []session.Passkey) error {
	for _, p := range found {
		done, err := s.TrashPasskey(ctx, p.PasskeyRef)
		if err != nil {
			return err
		}
		if err := a.passkeyTrashed(p, done); err != nil {
			return err
		}
	}
	return nil
}

// passkeyTrashed says where a passkey went: to the trash with its entry, or as an entry of its own.
func (a *App) passkeyTrashed(p session.Passkey, done session.Applied) error {
	id := p.Entry
	for _, r := range done.Records {
		if r != p.Entry {
			id = r
		}
	}
	if a.JSON {
		l := changedPasskey("moved to the trash:", p)
		l.Restore = string(id)
		return a.line(l)
	}
	a.note("moved to the trash: the passkey of %s", named(p))
	a.note("%s still knows it: remove it there too; 'signet restore %s' brings it back", siteOf(p), shortID(id))
	return nil
}

type renameOptions struct {
	Name, Display       string
	SetName, SetDisplay bool
}

// maxAccountName bounds what a passkey's account may be called, in bytes: what sites give is shorter.
const maxAccountName = 1024

func passkeyRename(a *App) *cobra.Command {
	var o renameOptions
	c := &cobra.Command{
		Use: "rename PASSKEY", Short: "Call a passkey's account something else", Args: cobra.ExactArgs(1), ValidArgsFunction: a.completePasskeys,
		Long:    "Changes how the account is called in lists and when it is chosen for a sign-in. Its site is not told, and the passkey signs in as before.",
		Example: "  signet passkey rename github.com --name ada\n  signet passkey rename ada@github.com --display 'Ada Lovelace'",
		RunE: func(cmd *cobra.Command, args []string) error {
			o.SetName, o.SetDisplay = cmd.Flags().Changed("name"), cmd.Flags().Changed("display")
			return runPasskeyRename(cmd.Context(), a, args[0], o)
		},
	}
	c.Flags().StringVar(&o.Name, "name", "", "the account's `NAME`")
	c.Flags().StringVar(&o.Display, "display", "", "the `NAME` that it is shown as")
	return c
}

func (o renameOptions) check() error {
	if !o.SetName && !o.SetDisplay {
		return usagef("nothing to change").hint("--name NAME, --display NAME or both")
	}
	for _, s := range []string{o.Name, o.Display} {
		switch {
		case len(s) > maxAccountName:
			return usagef("a name has at most %d bytes", maxAccountName)
		case !utf8.ValidString(s) || sanitize.Dirty(s):
			return usagef("the name holds characters that cannot be shown")
		}
	}
	return nil
}

func runPasskeyRename(ctx context.Context, a *App, ref string, o renameOptions) error {
	if err := o.check(); err != nil {
		return err
	}
	return a.withPasskey(ctx, ref, false, func(s session.Session, p session.Passkey) error {
		was := p
		if o.SetName {
			p.UserName = o.Name
		}
		if o.SetDisplay {
			p.DisplayName = o.Display
		}
		if p.UserName == was.UserName && p.DisplayName == was.DisplayName {
			a.note("it is called so already")
			return nil
		}
		if _, err := s.SetPasskeyUser(ctx, p.PasskeyRef, p.UserName, p.DisplayName); err != nil {
			return err
		}
		return a.passkeyChanged("renamed", p)
	})
}

// notOfAPasskey refuses to change members of a passkey one by one. What it is was agreed with its site: with another RP ID, id or key it signs in nowhere, or,
// if somebody talked the user into it, somewhere else.
func notOfAPasskey(f vault.FieldName, name string) error {
	if f.Type != vault.Passkey {
		return nil
	}
	return usagef("%s was agreed with the passkey's site and cannot be changed", name).
		hint("'signet passkey rename' changes how its account is called, 'signet passkey rm' moves it to the trash")
}
