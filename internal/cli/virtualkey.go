package cli

import (
	"context"
	"strings"
	"sync/atomic"

	"signet/internal/requester"
	"signet/internal/session"
	"signet/passkeys"
	"signet/passkeys/ctaphid"
	"signet/passkeys/device"
)

// virtualKey is the virtual security key of this process: a device, an authenticator behind it, and the vault that it stands on.
type virtualKey struct {
	a            *App
	door         *session.Door
	approver     passkeys.Approver
	canVerify    func() bool           // nil: never
	always       bool                  // the approver says yes by itself
	experimental bool                  // algorithms whose numbers are not final
	noU2F        bool                  // CTAP2 only
	busy         func(bool)            // a request begins, and ends
	say          func(text string)     // tells whoever watches
	wink         func()                // a host wants it to be noticed; nil: nobody is told
	logged       func(session.Request) // a row of the request log; nil: nobody is told
	ended        func(passkeys.Event)  // a request was answered; nil: nobody is told

	route  string
	device virtualDevice
	auth   *passkeys.Authenticator
	asks   atomic.Pointer[string] // who asks, while a request is at work
}

// uvPasscode is a passphrase or PIN that is typed at the authenticator (FIDO registry, user verification methods).
const uvPasscode = 0x04

// firmware is the version of the authenticator that hosts are told.
const firmware = 1

// plug makes the device appear; serve answers on it.
func (v *virtualKey) plug(route, owner string) (err error) {
	v.route = route
	v.auth, err = passkeys.New(passkeys.Options{
		Store: v.door.Store(), State: v.door.State(), Approver: v.approver, Now: v.a.Now, Rand: v.a.Rand, AAGUID: passkeys.Signet,
		Open: v.door.Open, Log: v.log, WithUV: v.canVerify, PresenceOnly: v.always, BindingFor: v.door.Binding, U2F: !v.noU2F, Experimental: v.experimental,
		UVModality: uvPasscode, Firmware: firmware,
	})
	if err != nil {
		return err
	}
	v.door.OnTaken(v.auth.Forget)
	v.device, err = openDevice(route, owner)
	return err
}

// serve answers hosts until ctx ends or the device is unplugged.
func (v *virtualKey) serve(ctx context.Context) error {
	over, stop := context.WithCancel(ctx)
	defer stop()
	go v.reachable(over)
	h := keyHandler{device.Handler{Authenticator: v.auth, Notice: v.wink}, v.request}
	return v.device.Serve(ctx, &ctaphid.Server{Handler: h, Rand: v.a.Rand, Version: [3]byte{firmware, 0, 0}})
}

// reachable tells where a key is plugged in that no program of this user can open: then no browser finds it, and nothing else says so.
func (v *virtualKey) reachable(ctx context.Context) {
	d, ok := v.device.(interface{ Access(context.Context) error })
	if !ok {
		return
	}
	if err := d.Access(ctx); err != nil && ctx.Err() == nil {
		v.say(v.a.cleanf("%s", err))
	}
}

// request notes that one begins or ends. Who asks is found out when somebody wants to know.
func (v *virtualKey) request(begins bool) {
	if begins {
		v.asks.Store(nil)
	}
	v.busy(begins)
}

// requester names the programs that hold the device open, in words that are not clean; "" unknown.
func (v *virtualKey) requester() string {
	if known := v.asks.Load(); known != nil {
		return *known
	}
	words := requester.Words(requester.Of(context.Background(), v.device.Path()))
	v.asks.Store(&words)
	return words
}

// log keeps what a request asked for and what became of it.
func (v *virtualKey) log(ctx context.Context, e passkeys.Event) {
	r := requestOf(e)
	r.Requester, r.Route = v.requester(), v.route
	if err := v.door.Record(context.WithoutCancel(ctx), r); err != nil {
		v.say("this request is missing in the request log: " + v.a.cleanf("%s", err))
	}
	if v.ended != nil {
		v.ended(e)
	}
	if v.logged != nil {
		v.logged(r)
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
	words := map[passkeys.Status]string{
		passkeys.StatusOK: "ok", passkeys.StatusOperationDenied: "refused", passkeys.StatusNoCredentials: "no passkey",
		passkeys.StatusUserActionTimeout: "nobody answered", passkeys.StatusKeepAliveCancel: "taken back",
		passkeys.StatusCredentialExcluded: "there is one already", passkeys.StatusKeyStoreFull: "no room", passkeys.StatusNotAllowed: "not allowed",
		passkeys.StatusPINInvalid: "wrong PIN", passkeys.StatusPINAuthInvalid: "wrong PIN", passkeys.StatusPINBlocked: "PIN blocked",
		passkeys.StatusPINAuthBlocked: "PIN blocked", passkeys.StatusPINPolicyViolation: "PIN too short or not allowed",
		passkeys.StatusUVInvalid: "not verified", passkeys.StatusUVBlocked: "not verified", passkeys.StatusPUATRequired: "verification missing",
	}
	if w, ok := words[s]; ok {
		return w
	}
	return "failed (" + strings.TrimPrefix(s.Error(), "ctap: ") + ")"
}
