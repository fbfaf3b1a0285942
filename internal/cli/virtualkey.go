package cli

import (
	"context"
	"errors"
	"sync/atomic"

	"signet/internal/session"
	"signet/passkeys"
	"signet/passkeys/ctaphid"
)

// virtualKey is the virtual security key of this process: a device, an authenticator behind it, and the vault that it stands on.
type virtualKey struct {
	a         *App
	door      *session.Door
	approver  passkeys.Approver
	canVerify func() bool // nil: never
	always    bool        // nobody is asked: presence only
	busy      func(bool)  // a request begins, and ends; nil: nobody is told
	wink      func()

	route  string
	device virtualDevice
	auth   *passkeys.Authenticator
	quiet  atomic.Int64 // when the last request ended, in Unix milliseconds
}

// plug makes the device appear; serve answers on it until ctx ends.
func (v *virtualKey) plug(ctx context.Context, route string) error {
	if v.door.Store() == nil || v.door.State() == nil {
		return errors.ErrUnsupported
	}
	auth, err := passkeys.New(passkeys.Options{
		Store: v.door.Store(), State: v.door.State(), Approver: v.approver, Now: v.a.Now, Rand: v.a.Rand, AAGUID: passkeys.Signet,
		Open: v.door.Open, Log: v.log, WithUV: v.canVerify, Firmware: 1,
	})
	if err != nil {
		return err
	}
	d, err := openDevice(ctx, route)
	if err != nil {
		return err
	}
	v.auth, v.device, v.route = auth, d, route
	return nil
}

func (v *virtualKey) serve(ctx context.Context) error {
	h := &keyHandler{auth: v.auth, busy: v.busy, wink: v.wink}
	return v.device.Serve(ctx, &ctaphid.Server{Handler: h, Rand: v.a.Rand, Version: [3]byte{1, 0, 0}})
}

// log keeps what a request asked for and what became of it.
func (v *virtualKey) log(ctx context.Context, e passkeys.Event) {
	r := requestOf(e)
	r.Route = v.route
	if err := v.door.Record(context.WithoutCancel(ctx), r); err != nil {
		v.a.warn("request_log", "a request was not written to the request log: %s", err)
	}
}

// requestOf is the row of the log that an event makes.
func requestOf(e passkeys.Event) session.Request {
	return session.Request{
		At: e.At, Command: e.Command, RPID: e.RPID, UserName: e.UserName, Answer: statusWords(e.Status), Status: byte(e.Status), UP: e.UP, UV: e.UV, Asked: e.Asked,
	}
}

// statusWords says what an answer means to a person.
func statusWords(s passkeys.Status) string {
	switch s {
	case passkeys.StatusOK:
		return "ok"
	case passkeys.StatusOperationDenied:
		return "refused"
	case passkeys.StatusNoCredentials:
		return "no passkey"
	case passkeys.StatusUserActionTimeout:
		return "nobody answered"
	case passkeys.StatusKeepAliveCancel:
		return "taken back"
	case passkeys.StatusCredentialExcluded:
		return "there is one already"
	case passkeys.StatusPINInvalid, passkeys.StatusPINAuthInvalid:
		return "wrong PIN"
	case passkeys.StatusPINBlocked, passkeys.StatusPINAuthBlocked:
		return "PIN blocked"
	case passkeys.StatusUVInvalid, passkeys.StatusUVBlocked, passkeys.StatusPUATRequired:
		return "not verified"
	case passkeys.StatusNotAllowed:
		return "not allowed"
	case passkeys.StatusKeyStoreFull:
		return "no room"
	}
	return s.Error()
}
