package cli

import (
	"bytes"
	"context"
	"time"

	"github.com/spf13/cobra"

	"signet/internal/session"
	"signet/passkeys"
	"signet/passkeys/client"
	"signet/vault"
	"signet/vault/entry"
)

type signalOptions struct {
	clientOptions
	Kind client.Signal
	Yes  bool
}

// signals are the updates that a site may send about its passkeys, as the command line calls them.
var signals = []struct {
	name  string
	kind  client.Signal
	about string
}{
	{"unknown", client.UnknownCredential, "the site does not know a passkey (any more): {\"rpId\":…,\"credentialId\":…}"},
	{"accepted", client.AllAcceptedCredentials, "the site takes these of an account, and no others: {\"rpId\":…,\"userId\":…,\"allAcceptedCredentialIds\":[…]}"},
	{"user", client.CurrentUserDetails, "an account is called so now: {\"rpId\":…,\"userId\":…,\"name\":…,\"displayName\":…}"},
}

func passkeySignal(a *App) *cobra.Command {
	var o signalOptions
	long := "Does for a script what PublicKeyCredential.signal…() does for a page: the site says what changed, as JSON on standard input.\n\n"
	var names []string
	for _, s := range signals {
		long += "  " + s.name + pad(s.name, 10) + s.about + "\n"
		names = append(names, s.name)
	}
	c := &cobra.Command{
		Use: "signal KIND --origin https://… [flags] < signal.json", Short: "Take over what a site says of its passkeys", Args: cobra.ExactArgs(1), ValidArgs: names,
		DisableFlagsInUseLine: true,
		Long: long + "\nA passkey that its site does not take any more goes to the trash after a question, never for good; one that went there so comes back when the\n" +
			"site takes it after all.",
		Example: "  signet passkey signal unknown --origin https://example.com < signal.json\n  signet passkey signal user --origin https://example.com < signal.json",
		RunE: func(cmd *cobra.Command, args []string) error {
			for _, s := range signals {
				if s.name == args[0] {
					o.Kind = s.kind
					return runPasskeySignal(cmd.Context(), a, o)
				}
			}
			return usagef("no signal is called %q", args[0]).hint("unknown, accepted or user")
		},
	}
	o.callerFlags(c)
	c.Flags().BoolVarP(&o.Yes, "yes", "y", false, "do not ask before a passkey goes to the trash")
	return c
}

func runPasskeySignal(ctx context.Context, a *App, o signalOptions) error {
	if err := o.checkCaller(); err != nil {
		return err
	}
	dir, err := a.dir()
	if err != nil {
		return err
	}
	options, err := a.readOptions(ctx)
	if err != nil {
		return err
	}
	k := &commandKey{a: a, o: o.clientOptions, dir: dir}
	defer k.close()
	b := &siteBook{k: k}
	changes, err := k.client().Signal(ctx, o.from, o.Kind, options, b.list)
	if err != nil {
		return k.explain(ctx, err)
	}
	if len(changes) == 0 {
		a.note("there is nothing to change")
		return nil
	}
	for _, c := range changes {
		err := b.apply(ctx, c, o.Yes)
		b.record(ctx, o, c, err)
		if err != nil {
			return err
		}
	}
	return nil
}

// record keeps in the request log what a site changed, or wanted to.
func (b *siteBook) record(ctx context.Context, o signalOptions, c client.Change, failed error) {
	r := session.Request{
		At: b.k.a.Now(), Command: string(o.Kind), Requester: o.from.Origin.String(), Route: routeCommand, RPID: c.RPID, UserName: c.Old.Name,
		Answer: "ok", Asked: c.Action == client.Hide && !o.Yes,
	}
	if failed != nil {
		r.Answer, r.Status = "refused", byte(passkeys.StatusOperationDenied)
	}
	door := session.NewDoor(session.DoorOptions{Now: b.k.a.Now, Rand: b.k.a.Rand})
	door.Use(b.k.local)
	if err := door.Record(context.WithoutCancel(ctx), r); err != nil {
		b.k.a.warn("request_log", "the signal was not written to the request log: %s", err)
	}
}

// siteBook is the vault's passkeys as a signal sees them.
type siteBook struct {
	k     *commandKey
	s     session.Session
	known []session.Passkey // in the order of what the client was told
}

// list implements client.Book.
func (b *siteBook) list(ctx context.Context, rpID string) ([]client.Known, error) {
	l, err := b.k.session(ctx)
	if err != nil {
		b.k.failed = err
		return nil, err
	}
	b.s = l
	var out []client.Known
	for _, trash := range []bool{false, true} {
		found, err := b.s.Passkeys(ctx, session.PasskeyQuery{RPID: rpID, Trash: trash})
		if err != nil {
			b.k.failed = err
			return nil, err
		}
		for _, p := range found {
			hidden := trash && b.signalled(ctx, p)
			if !p.Discoverable || trash && !hidden {
				continue // what a person threw away stays there, whatever the site says
			}
			b.known = append(b.known, p)
			out = append(out, client.Known{ID: p.CredentialID, User: passkeys.User{ID: p.UserHandle, Name: p.UserName, DisplayName: p.DisplayName}, Hidden: hidden})
		}
	}
	return out, nil
}

// signalledMember is the member of a passkey that tells when a signal of its site moved it to the trash.
const signalledMember = "signet:signalled"

// trashedAtOnce is how long after that mark the passkey is in the trash because of it, and not because of a person who put it there later.
const trashedAtOnce = time.Minute

func (b *siteBook) signalled(ctx context.Context, p session.Passkey) bool {
	e, err := b.s.Get(ctx, p.Entry, session.GetOptions{})
	if err != nil {
		return false
	}
	defer e.Wipe()
	for _, c := range e.Credentials {
		if c.ID == p.Cred {
			at, err := time.Parse(time.RFC3339Nano, c.Text(signalledMember))
			return err == nil && p.Trashed.Sub(at).Abs() < trashedAtOnce
		}
	}
	return false
}

func (b *siteBook) apply(ctx context.Context, c client.Change, yes bool) error {
	for _, p := range b.known {
		if !bytes.Equal(p.CredentialID, c.ID) || p.RPID != c.RPID {
			continue
		}
		if c.Action == client.Hide && p.Trashed.IsZero() {
			return b.hide(ctx, p, yes)
		}
		if c.Action == client.Restore && !p.Trashed.IsZero() {
			return b.restore(ctx, p)
		}
		if c.Action == client.Rename {
			if err := b.rename(ctx, p, c.New); err != nil {
				return err
			}
		}
	}
	return nil
}

// hide moves a passkey to the trash, and marks why.
func (b *siteBook) hide(ctx context.Context, p session.Passkey, yes bool) error {
	a := b.k.a
	if err := a.mustAnswer(yes, "a passkey that its site does not know"); err != nil {
		return err
	}
	if !yes {
		a.Terminal.Write(siteOf(p) + " says that it does not take the passkey of " + named(p) + " any more: it cannot sign in there.\n")
		if err := a.asked(ctx, "Move it to the trash?", "nothing was removed"); err != nil {
			return err
		}
	}
	mark := entry.Set(p.Entry, entry.CredPath(p.Cred, signalledMember), vault.FormatTime(a.Now()))
	if _, err := b.s.Apply(ctx, nil, []vault.Edit{mark}); err != nil {
		return err
	}
	if _, err := b.s.TrashPasskey(ctx, p.PasskeyRef); err != nil {
		return err
	}
	return a.passkeyChanged("moved to the trash:", p) // its site takes it back by a signal, too
}

func (b *siteBook) restore(ctx context.Context, p session.Passkey) error {
	edits := []vault.Edit{vault.Untrash(p.Entry), entry.Remove(p.Entry, entry.CredPath(p.Cred, signalledMember))}
	if _, err := b.s.Apply(ctx, nil, edits); err != nil {
		return err
	}
	return b.k.a.passkeyChanged("took out of the trash:", p)
}

func (b *siteBook) rename(ctx context.Context, p session.Passkey, u passkeys.User) error {
	if _, err := b.s.SetPasskeyUser(ctx, p.PasskeyRef, u.Name, u.DisplayName); err != nil {
		return err
	}
	p.UserName, p.DisplayName = u.Name, u.DisplayName
	return b.k.a.passkeyChanged("renamed", p)
}
