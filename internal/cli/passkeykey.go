package cli

import (
	"context"

	"signet/internal/session"
	"signet/passkeys"
	"signet/passkeys/client"
	"signet/vault"
	"signet/vault/secret"
)

// routeCommand is how a request of `signet passkey create` and `get` reached the vault.
const routeCommand = "command line"

// commandKey is the authenticator of one command, on the vault, which it opens when it is first needed: what a site may not ask is refused before.
type commandKey struct {
	a       *App
	o       clientOptions
	dir     *vault.Dir
	options []byte // of the site
	writes  bool   // a passkey will be made
	local   *session.Local
	auth    *passkeys.Authenticator
	door    *session.Door
	account *chosenAccount
	failed  error // what went wrong here and no site may learn
	last    passkeys.Event
}

var _ client.Device = (*commandKey)(nil)

// Handle implements client.Device.
func (k *commandKey) Handle(ctx context.Context, request []byte, waiting func(bool)) []byte {
	if k.auth == nil && k.failed == nil {
		k.failed = k.open(ctx)
	}
	if k.failed != nil {
		return []byte{byte(passkeys.StatusOther)}
	}
	return k.auth.Handle(ctx, request, waiting)
}

func (k *commandKey) session(ctx context.Context) (*session.Local, error) {
	if k.local != nil {
		return k.local, nil
	}
	v, err := k.a.openDir(ctx, k.dir)
	if err != nil {
		return nil, err
	}
	k.local = session.NewLocal(v, k.a.Now)
	return k.local, nil
}

func (k *commandKey) open(ctx context.Context) error {
	l, err := k.session(ctx)
	if err != nil {
		return err
	}
	info, err := l.Info(ctx)
	if err != nil {
		return err
	}
	if k.writes && info.ReadOnly {
		return vault.ErrReadOnly
	}
	k.door = session.NewDoor(session.DoorOptions{Dir: k.dir.Path(), Now: k.a.Now, Rand: k.a.Rand})
	k.door.Use(l)
	opt := passkeys.Options{
		Store: uncounted{k.door.Store()}, State: k.door.State(), Now: k.a.Now, Rand: k.a.Rand, AAGUID: passkeys.Signet, Firmware: firmware, Log: k.log,
		BindingFor: k.binding, PresenceOnly: k.o.Approve == approveAlways,
		Transports: []string{"internal", "usb"}, // the virtual key, which browsers see at USB, has the same passkeys
	}
	opt.Approver, opt.WithUV = k.approver()
	k.auth, err = passkeys.New(opt)
	return err
}

// uncounted does not count passkeys: how many still fit concerns hosts that manage a key, and to count them in a new process means to look at every row,
// which made one sign-in grow with the vault.
type uncounted struct{ passkeys.CredentialStore }

func (uncounted) Count(context.Context) (int, error) { return 0, nil }

// approver is whoever decides, and whether they can be verified.
func (k *commandKey) approver() (passkeys.Approver, func() bool) {
	k.account = &chosenAccount{account: k.o.Account}
	if k.o.Approve == approveAlways {
		k.account.Approver, k.account.alone = yesSayer{}, true
		return k.account, nil
	}
	p := k.a.newPerson("")
	p.requester = func() string { return "this command, for " + k.o.from.Origin.String() }
	p.verifier = vaultVerifier{dir: k.dir.Path(), state: k.door.State(), local: func() *session.Local { return k.local }}
	p.proved = func(context.Context) bool { return k.a.answered } // to open the vault, for this very command
	k.account.Approver = p
	return k.account, p.canVerify
}

// binding is where the key of a new passkey will live: as the command line says, else as the vault's settings say.
func (k *commandKey) binding(ctx context.Context, rpID string) (passkeys.Binding, error) {
	switch k.o.Binding {
	case "synced":
		return passkeys.Synced, nil
	case "device":
		return passkeys.Device, nil
	}
	return k.door.Binding(ctx, rpID)
}

// log keeps what was asked and what became of it.
func (k *commandKey) log(ctx context.Context, e passkeys.Event) {
	k.last = e
	r := requestOf(e)
	r.Route, r.Requester = routeCommand, k.o.from.Origin.String()
	if err := k.door.Record(context.WithoutCancel(ctx), r); err != nil {
		k.a.warn("request_log", "the request was not written to the request log: %s", err)
	}
}

// pin gets the PIN of the virtual key from a descriptor, or at the terminal.
func (k *commandKey) pin(ctx context.Context, ask client.PINAsk) (secret.Secret, error) {
	switch {
	case k.o.PINFD != -1 && ask.Wrong:
		k.failed = failf("webauthn.NotAllowedError", "the PIN of --pin-fd is wrong").hint("'signet passkey pin' says how many tries are left")
		return secret.Secret{}, k.failed
	case k.o.PINFD != -1:
		return k.a.readFD(ctx, k.o.PINFD, "--pin-fd")
	case !k.a.interactive() || k.o.Approve == approveAlways:
		return secret.Secret{}, errNobody
	case ask.Wrong && ask.Retries >= 0:
		k.a.Terminal.Write("Wrong PIN; " + plural(ask.Retries, "try") + " left before it is blocked.\n")
	case ask.Wrong:
		k.a.Terminal.Write("Wrong PIN.\n")
	}
	return k.a.ask(ctx, "PIN of the virtual key:")
}

// choose decides among accounts where the authenticator left that open.
func (k *commandKey) choose(_ context.Context, rpID string, accounts []passkeys.User) (int, error) {
	i, err := pickAccount(rpID, accounts, k.o.Account)
	if err != nil {
		k.failed = err
	}
	return i, err
}

// close finishes upkeep after the answer was written.
func (k *commandKey) close() {
	if k.door != nil {
		k.door.Use(nil)
	}
	if k.local == nil {
		return
	}
	if err := k.local.Close(); err != nil {
		k.a.warn("upkeep", "upkeep of the vault failed and will be tried again: %s", err)
	}
}
