package cli

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"signet/internal/session"
	"signet/passkeys"
	"signet/passkeys/client"
)

// Values of --approve.
const (
	approveAsk    = "ask"
	approveAlways = "always"
)

// maxOptions bounds what is read from standard input; the client takes less.
const maxOptions = 1 << 20

// clientOptions are the flags of whatever speaks WebAuthn for a site.
type clientOptions struct {
	Origin      string
	TopOrigin   string
	CrossOrigin bool
	Related     bool
	Approve     string
	Account     string
	Binding     string
	PINFD       int

	from client.Caller
}

func passkeyCreate(a *App) *cobra.Command {
	o := clientOptions{PINFD: -1}
	c := &cobra.Command{
		Use: "create --origin https://… [flags] < options.json > response.json", Short: "Make a passkey for a site, from WebAuthn JSON", Args: cobra.NoArgs, DisableFlagsInUseLine: true,
		Long: "Does for a script what a browser does for a page: reads the site's PublicKeyCredentialCreationOptions as JSON, asks you on the terminal, and\n" +
			"writes the RegistrationResponse as JSON. What a site may not ask is refused, with the reason: a passkey is only made for the site at --origin.",
		Example: "  signet passkey create --origin https://example.com < options.json > response.json\n" +
			"  signet passkey create --origin https://example.com --binding device < options.json\n" +
			"  signet passkey create --origin https://staging.example.com --approve always < options.json",
		RunE: func(cmd *cobra.Command, _ []string) error { return runPasskeyCreate(cmd.Context(), a, o) },
	}
	o.flags(c)
	c.Flags().StringVar(&o.Binding, "binding", "", "synced or device (default: as the vault's settings say)")
	_ = c.RegisterFlagCompletionFunc("binding", cobra.FixedCompletions([]string{"synced", "device"}, cobra.ShellCompDirectiveNoFileComp))
	return c
}

func passkeyGet(a *App) *cobra.Command {
	o := clientOptions{PINFD: -1}
	c := &cobra.Command{
		Use: "get --origin https://… [flags] < options.json > response.json", Short: "Sign in to a site, from WebAuthn JSON", Args: cobra.NoArgs, DisableFlagsInUseLine: true,
		Long: "Does for a script what a browser does for a page: reads the site's PublicKeyCredentialRequestOptions as JSON, asks you on the terminal, and\n" +
			"writes the AuthenticationResponse as JSON. A passkey signs for its own site and for no other.",
		Example: "  signet passkey get --origin https://example.com < options.json > response.json\n" +
			"  signet passkey get --origin https://example.com --account ada --approve always < options.json",
		RunE: func(cmd *cobra.Command, _ []string) error { return runPasskeyGet(cmd.Context(), a, o) },
	}
	o.flags(c)
	c.Flags().StringVar(&o.Account, "account", "", "sign in with the account `NAME` where the site takes several")
	return c
}

func (o *clientOptions) flags(c *cobra.Command) {
	o.callerFlags(c)
	f := c.Flags()
	f.StringVar(&o.Approve, "approve", approveAsk, "ask on the terminal, or always: allow without asking anybody (tests, machines without a person)")
	f.IntVar(&o.PINFD, "pin-fd", -1, "read the PIN of the virtual key from descriptor `N`, where the site wants you verified")
	_ = c.RegisterFlagCompletionFunc("approve", cobra.FixedCompletions([]string{approveAsk, approveAlways}, cobra.ShellCompDirectiveNoFileComp))
}

// callerFlags say who asks.
func (o *clientOptions) callerFlags(c *cobra.Command) {
	f := c.Flags()
	f.StringVar(&o.Origin, "origin", "", "the page that asks, as its `URL` without a path: https://example.com")
	f.BoolVar(&o.CrossOrigin, "cross-origin", false, "the page is a frame inside a page of another site")
	f.StringVar(&o.TopOrigin, "top-origin", "", "with --cross-origin: the `URL` of that other page")
	f.BoolVar(&o.Related, "related-origins", false, "where the page is not of the passkey's site, ask that site over the network whether it may")
}

// check settles what goes together before anything is read or opened.
func (o *clientOptions) check(a *App) error {
	if err := o.checkCaller(); err != nil {
		return err
	}
	switch {
	case o.Approve != approveAsk && o.Approve != approveAlways:
		return usagef("--approve is ask or always, not %q", o.Approve)
	case !slices.Contains([]string{"", "synced", "device"}, o.Binding):
		return usagef("unknown binding %q", o.Binding).hint("use synced or device")
	case o.Approve == approveAsk && !a.interactive():
		return usagef("a passkey is used only when somebody says so, and nobody can be asked here").hint("run it on a terminal; --approve always allows it without asking")
	case o.Approve == approveAlways:
		a.warn("approve_always", "--approve always: nobody is asked, whoever runs this command signs in")
	}
	return nil
}

func (o *clientOptions) checkCaller() (err error) {
	switch {
	case o.Origin == "":
		return usagef("--origin says which page asks").hint("--origin https://example.com")
	case o.TopOrigin != "" && !o.CrossOrigin:
		return usagef("--top-origin goes with --cross-origin")
	}
	o.from = client.Caller{CrossOrigin: o.CrossOrigin}
	if o.from.Origin, err = client.ParseOrigin(o.Origin); err != nil {
		return usagef("--origin: %v", err).hint("--origin https://example.com")
	}
	if o.TopOrigin != "" {
		if o.from.Top, err = client.ParseOrigin(o.TopOrigin); err != nil {
			return usagef("--top-origin: %v", err)
		}
	}
	return nil
}

func runPasskeyCreate(ctx context.Context, a *App, o clientOptions) error {
	return a.ceremony(ctx, o, true, (*client.Client).Create, "made")
}

func runPasskeyGet(ctx context.Context, a *App, o clientOptions) error {
	return a.ceremony(ctx, o, false, (*client.Client).Get, "signed in with")
}

// ceremony runs one request of a site: its options in, the answer out.
func (a *App) ceremony(ctx context.Context, o clientOptions, makes bool,
	run func(*client.Client, context.Context, client.Caller, []byte) ([]byte, error), did string,
) error {
	if err := o.check(a); err != nil {
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
	k := &commandKey{a: a, o: o, dir: dir, options: options, writes: makes}
	defer k.close()
	answer, err := run(k.client(), ctx, o.from, options)
	if err != nil {
		return k.explain(ctx, err)
	}
	line := append(answer, '\n')
	_, err = a.Out.Write(line)
	clear(line) // prf and largeBlob put secrets into it
	if err != nil {
		return err
	}
	a.note("%s the passkey of %s", did, k.lastPasskey())
	return nil
}

func (k *commandKey) client() *client.Client {
	o := client.Options{Device: k, Rand: k.a.Rand, Choose: k.choose, Discoverable: true}
	if k.o.PINFD != -1 || k.o.Approve == approveAsk {
		o.PIN = k.pin
	}
	if k.o.Related {
		o.Fetch = newRelatedFetcher()
	}
	return client.New(o)
}

func (k *commandKey) lastPasskey() string {
	e := k.last
	return cleanName(e.UserName) + " at " + siteLine(e.RPID)
}

func cleanName(s string) string { return firstName(s, "(no name)") }

// readOptions reads what the site sent, all of it and not too much.
func (a *App) readOptions(ctx context.Context) ([]byte, error) {
	if a.InTTY && !a.JSON {
		a.note("reading the site's options as JSON from the terminal; Ctrl-D ends them")
	}
	r, err := a.stdin(ctx, "the site's options")
	if err != nil {
		return nil, err
	}
	b, err := io.ReadAll(io.LimitReader(r, maxOptions+1))
	switch {
	case err != nil:
		return nil, readError("the site's options", err)
	case len(b) > maxOptions:
		return nil, usagef("the site's options are longer than %d bytes", maxOptions)
	case len(bytes.TrimSpace(b)) == 0:
		return nil, usagef("standard input is empty").hint("the site's options come from there as JSON: signet passkey get --origin URL < options.json")
	}
	return bytes.TrimPrefix(b, []byte("\ufeff")), nil // some shells begin every file with a byte order mark
}

// explain turns the failure of a request into what a person and a script see: the name of the DOM exception and the reason. What went wrong on this side
// (a vault that did not open) stands before it.
func (k *commandKey) explain(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return context.Canceled
	case k.failed != nil:
		return k.failed
	case k.account != nil && k.account.failed != nil:
		return k.account.failed
	}
	e := webauthnError(err, k.o.Related)
	if e.Exit == ExitNotFound {
		e.Hint = firstName(k.whyNone(ctx), e.Hint)
	}
	return e
}

// whyNone says what there is of the site's passkeys where none could sign in; "" where there are none.
func (k *commandKey) whyNone(ctx context.Context) string {
	if k.local == nil {
		return ""
	}
	var asked struct {
		RPID      string                `json:"rpId"`
		PublicKey struct{ RPID string } `json:"publicKey"`
	}
	_ = json.Unmarshal(k.options, &asked)
	list, err := k.local.Passkeys(ctx, session.PasskeyQuery{RPID: firstName(asked.RPID, asked.PublicKey.RPID, k.o.from.Origin.Host)})
	if err != nil || len(list) == 0 {
		return ""
	}
	var why []string
	for _, p := range list[:min(mostNamed, len(list))] {
		switch {
		case !p.Usable:
			why = append(why, "the vault has no usable key of "+named(p))
		case !p.Here:
			why = append(why, "the key of "+named(p)+" is on "+whereOf(p))
		default:
			why = append(why, "the site does not take that of "+named(p))
		}
	}
	return strings.Join(why, "; ")
}

func webauthnError(err error, related bool) *Error {
	var dom *client.Error
	if !errors.As(err, &dom) {
		return classify(err)
	}
	e := &Error{Exit: ExitFailure, Code: "webauthn." + dom.Name, Msg: dom.Reason}
	var status passkeys.Status
	switch {
	case errors.As(err, &status) && status == passkeys.StatusNoCredentials:
		e.Exit, e.Hint = ExitNotFound, "'signet passkey ls' lists the passkeys of this vault"
	case errors.As(err, &status) && status == passkeys.StatusPINBlocked:
		e.Msg, e.Hint = "the PIN of the virtual key was wrong too often and is blocked", "'signet passkey pin --set' sets another one; no passkey is lost"
	case dom.Name == client.Security && related:
		e.Hint = "a passkey is used only by pages of the site that it was made for"
	case dom.Name == client.Security:
		e.Hint = "a passkey is used only by pages of the site that it was made for; --related-origins asks that site whether this page is one of them"
	case dom.Name == client.Constraint:
		e.Hint = "on a terminal and without --approve always you can be verified; --pin-fd N gives the PIN of the virtual key"
	case dom.Name == client.InvalidState:
		e.Hint = "'signet passkey ls' lists the passkeys of this vault"
	case dom.Name == client.Type, dom.Name == client.Encoding, dom.Name == client.Syntax:
		e.Hint = "standard input has to be the site's options as JSON, as PublicKeyCredential.parse…OptionsFromJSON takes them"
	}
	return e
}

// bytesOf reads a credential id or user handle as scripts write it.
func bytesOf(s string) ([]byte, error) {
	return base64.RawURLEncoding.DecodeString(strings.TrimRight(s, "="))
}
