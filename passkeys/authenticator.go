package passkeys

import (
	"context"
	"crypto/ecdh"
	"errors"
	"io"
	"sync"
	"sync/atomic"
	"time"
)

// MaxMsgSize is the longest request and the longest answer: what CTAPHID can carry (CTAP 2.1, section 11.2.4).
const MaxMsgSize = 7609

// Options say what an authenticator stands on. All are needed up to AAGUID.
type Options struct {
	Store    CredentialStore
	State    State
	Approver Approver
	Now      func() time.Time
	Rand     io.Reader
	AAGUID   AAGUID

	// Open makes Store and State usable, for which it may have to ask a person: waiting(true) tells the host so, waiting(false) that it is over. It is cheap
	// when they are. A person who will not open them is ErrLocked. nil: they always are usable.
	Open func(ctx context.Context, waiting func(bool)) error
	// Log is told of each Event when its request was answered, from any goroutine; it must not block for long. nil: nobody is.
	Log func(ctx context.Context, e Event)
	// U2F offers CTAP1 too, as long as alwaysUv is off.
	U2F bool
	// PresenceOnly is for an Approver that says yes by itself: it verifies nobody, whatever WithUV says, and a reset is refused.
	PresenceOnly bool
	// BindingFor says where the key of a new passkey of a site lives; the Approver is told, and may decide otherwise. nil: Synced.
	BindingFor func(ctx context.Context, rpID string) (Binding, error)
	// Experimental offers algorithms whose COSE numbers are not final.
	Experimental bool
	// WithUV reports whether the Approver can ask for a real verification now. nil: never.
	WithUV func() bool
	// UVModality says what that verification is, as the FIDO registry numbers the methods: 0x04 for a passphrase or PIN. 0: nothing is said.
	UVModality uint64
	Firmware   uint64
	Transports []string // "usb" when empty
}

// Authenticator answers CTAP2 requests. A new one is one that was just plugged in.
type Authenticator struct {
	opt   Options
	mu    sync.Mutex
	since time.Time // when it was plugged in

	forgetting atomic.Bool // Forget was called

	agreement map[pinProtocol]*ecdh.PrivateKey
	token     token
	errand    *errand // what a person is being asked for a U2F host
	count     int     // of the store's passkeys
	countedAt *string // the store's version then; nil before
	counted   uint32  // the newest counter that a U2F host was told
	misses    int     // wrong PINs since it was plugged in
	uvMisses  int     // failed verifications in a row

	// What a command begins and another one continues; each ends with any other command.
	assertions *assertions
	listedRPs  []RP
	listed     []Credential
	blob       *blobWriting
}

// New plugs an authenticator in.
func New(opt Options) (*Authenticator, error) {
	a := &Authenticator{opt: opt, since: opt.Now(), agreement: map[pinProtocol]*ecdh.PrivateKey{}}
	for _, p := range pinProtocols() {
		if err := a.newAgreement(p); err != nil {
			return nil, err
		}
	}
	return a, nil
}

// Commands (CTAP 2.1, section 6).
const (
	cmdMakeCredential       = 0x01
	cmdGetAssertion         = 0x02
	cmdGetInfo              = 0x04
	cmdClientPIN            = 0x06
	cmdReset                = 0x07
	cmdGetNextAssertion     = 0x08
	cmdCredentialManagement = 0x0a
	cmdSelection            = 0x0b
	cmdLargeBlobs           = 0x0c
	cmdConfig               = 0x0d
	cmdManagementPreview    = 0x41 // of CTAP 2.1 before it was final; libfido2 1.12 still uses it
)

// call is one request at work.
type call struct {
	params  []byte
	mem     Memory
	waiting func(bool)
	asked   bool
	event   Event
	noted   bool // the event is worth a row in a log
}

// command is how a request is answered: with a value that becomes CBOR, nil for none, or an error that becomes a Status.
type command struct {
	name   string
	run    func(a *Authenticator, ctx context.Context, c *call) (any, error)
	params bool // it has parameters
}

func commands(b byte) (command, bool) {
	c, ok := map[byte]command{
		cmdMakeCredential:       {"makeCredential", (*Authenticator).makeCredential, true},
		cmdGetAssertion:         {"getAssertion", (*Authenticator).getAssertion, true},
		cmdGetInfo:              {"getInfo", (*Authenticator).getInfo, false},
		cmdClientPIN:            {"clientPIN", (*Authenticator).clientPIN, true},
		cmdReset:                {"reset", (*Authenticator).reset, false},
		cmdGetNextAssertion:     {"getNextAssertion", (*Authenticator).getNextAssertion, false},
		cmdCredentialManagement: {"credentialManagement", (*Authenticator).credentialManagement, true},
		cmdSelection:            {"selection", (*Authenticator).selection, false},
		cmdLargeBlobs:           {"largeBlobs", (*Authenticator).largeBlobs, true},
		cmdConfig:               {"config", (*Authenticator).config, true},
		cmdManagementPreview:    {"credentialManagement", (*Authenticator).credentialManagement, true},
	}[b]
	return c, ok
}

// requests counts those of this process.
var requests atomic.Uint64

// Handle answers one request: a command byte and its parameters in, a status byte and the answer out. It never asks a person twice for one request. waiting
// tells when a person is waited for and when no longer; it may be nil. When ctx ends, the answer is StatusKeepAliveCancel.
func (a *Authenticator) Handle(ctx context.Context, request []byte, waiting func(bool)) []byte {
	defer a.begin()()
	ctx = withRequest(ctx, requests.Add(1))
	c := newCall(waiting)
	answer, err := a.execute(ctx, request, c)
	out := []byte{byte(StatusOK)}
	switch {
	case err != nil:
		out[0] = byte(statusOf(ctx, err))
	case answer != nil:
		out = append(out, marshal(answer)...)
	}
	if len(out) > MaxMsgSize {
		out = []byte{byte(StatusOther)}
	}
	a.report(ctx, c, Status(out[0]))
	return out
}

// begin waits for the request before to end. What it returns ends this one.
func (a *Authenticator) begin() func() {
	a.mu.Lock()
	a.forgetNow()
	return func() {
		a.forgetNow()
		a.mu.Unlock()
	}
}

// newCall begins a request. That a person is waited for is worth a row in the log.
func newCall(waiting func(bool)) *call {
	c := &call{}
	c.waiting = func(w bool) {
		if w {
			c.event.Asked, c.noted = true, true
		}
		if waiting != nil {
			waiting(w)
		}
	}
	return c
}

func (a *Authenticator) execute(ctx context.Context, request []byte, c *call) (any, error) {
	if len(request) == 0 {
		return nil, StatusInvalidLength
	}
	if len(request) > MaxMsgSize {
		return nil, StatusRequestTooLarge
	}
	cmd, ok := commands(request[0])
	if !ok {
		return nil, StatusInvalidCommand
	}
	if !cmd.params && len(request) != 1 {
		return nil, StatusInvalidLength
	}
	a.forget(request[0])
	c.params, c.event.Command = request[1:], cmd.name
	return cmd.run(a, ctx, c)
}

// unlock makes the store and the whole state usable. Commands call it when they have checked all that can be checked without: a request that makes no
// sense shall not make a person type a passphrase.
func (a *Authenticator) unlock(ctx context.Context, c *call) (err error) {
	if a.opt.Open != nil {
		if a.errand.opening() {
			a.dropErrand()
		}
		if err = a.opt.Open(ctx, c.waiting); err != nil {
			return err
		}
	}
	c.mem, err = a.opt.State.Read(ctx)
	return err
}

// known reads what can be known of the state while the vault is locked. It is opened when that is nothing.
func (a *Authenticator) known(ctx context.Context, c *call) (err error) {
	if c.mem, err = a.opt.State.Read(ctx); errors.Is(err, ErrLocked) && a.opt.Open != nil {
		return a.unlock(ctx, c)
	}
	return err
}

// Forget drops all that was kept of earlier requests: tokens, accounts and lists that were still to be handed out. It is for the moment when the vault is
// locked, and never waits: a request at work ends first, by itself or because its context ends.
func (a *Authenticator) Forget() {
	a.forgetting.Store(true)
	if a.mu.TryLock() {
		a.forgetNow()
		a.mu.Unlock()
	}
}

// forgetNow does what Forget asked for.
func (a *Authenticator) forgetNow() {
	if !a.forgetting.Swap(false) {
		return
	}
	a.cancelErrand()
	a.forget(cmdGetInfo)
	a.revoke()
	a.uvMisses = 0 // whoever opens the vault again was verified by that
}

// forget ends what another command began (CTAP 2.1, section 6, "stateful commands").
func (a *Authenticator) forget(cmd byte) {
	if cmd != cmdGetNextAssertion {
		a.assertions = nil
	}
	if cmd != cmdCredentialManagement && cmd != cmdManagementPreview {
		a.listedRPs, a.listed = nil, nil
	}
	if cmd != cmdLargeBlobs {
		a.blob = nil
	}
}

// statusOf is what a host is told of an error.
func statusOf(ctx context.Context, err error) Status {
	var s Status
	switch {
	case ctx.Err() != nil, errors.Is(err, context.Canceled):
		return StatusKeepAliveCancel
	case errors.As(err, &s):
		return s
	case errors.Is(err, context.DeadlineExceeded):
		return StatusUserActionTimeout
	case errors.Is(err, ErrStoreFull):
		return StatusKeyStoreFull
	case errors.Is(err, ErrLocked):
		return StatusOperationDenied
	}
	return StatusOther
}

// ask puts the one question of a request to a person. A refusal is StatusOperationDenied.
func (a *Authenticator) ask(ctx context.Context, c *call, ask Ask) (Answer, error) {
	if c.asked {
		return Answer{}, StatusOther
	}
	c.asked = true
	a.dropErrand()
	c.waiting(true)
	defer c.waiting(false)
	answer, err := a.opt.Approver.Approve(ctx, ask)
	if err == nil && !answer.Allowed {
		err = StatusOperationDenied
	}
	if err == nil {
		err = ctx.Err()
	}
	return answer, err
}

// withUV reports whether a real verification can be asked for now: it is there, and it did not fail too often.
func (a *Authenticator) withUV() bool { return a.verifies() && a.uvMisses < maxMisses }

func (a *Authenticator) verifies() bool {
	return !a.opt.PresenceOnly && a.opt.WithUV != nil && a.opt.WithUV()
}

// protected reports whether anything verifies the user at all, even if it is blocked at the moment.
func (a *Authenticator) protected(c *call) bool { return c.mem.hasPIN() || a.verifies() }

// random returns n random bytes.
func (a *Authenticator) random(n int) ([]byte, error) {
	b := make([]byte, n)
	_, err := io.ReadFull(a.opt.Rand, b)
	return b, err
}
