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

	// Open makes the store usable, for which it may have to ask a person: waiting(true) tells the host so, waiting(false) that it is over. nil: it always is.
	Open func(ctx context.Context, waiting func(bool)) error
	// Log is told of each Event when its request was answered; it must not block for long. nil: nobody is.
	Log func(ctx context.Context, e Event)
	// U2F offers CTAP1 too, as long as alwaysUv is off.
	U2F bool
	// Experimental offers algorithms whose COSE numbers are not final.
	Experimental bool
	// WithUV reports whether the Approver can ask for a real verification now. nil: never.
	WithUV     func() bool
	Firmware   uint64
	Transports []string // "usb" when empty
	Binding    Binding  // of new credentials when the Approver does not say; Synced when 0
}

// Authenticator answers CTAP2 requests. A new one is one that was just plugged in.
type Authenticator struct {
	opt   Options
	mu    sync.Mutex
	since time.Time // when it was plugged in

	agreement map[pinProtocol]*ecdh.PrivateKey
	token     token
	misses    int // wrong PINs since it was plugged in
	uvMisses  int // failed verifications in a row

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
}

// command is how a request is answered: with a value that becomes CBOR, nil for none, or an error that becomes a Status.
type command struct {
	run    func(a *Authenticator, ctx context.Context, c *call) (any, error)
	params bool // it has parameters
	store  bool // it needs the store
}

func commands(b byte) (command, bool) {
	c, ok := map[byte]command{
		cmdMakeCredential:       {(*Authenticator).makeCredential, true, true},
		cmdGetAssertion:         {(*Authenticator).getAssertion, true, true},
		cmdGetInfo:              {(*Authenticator).getInfo, false, false},
		cmdClientPIN:            {(*Authenticator).clientPIN, true, false},
		cmdReset:                {(*Authenticator).reset, false, true},
		cmdGetNextAssertion:     {(*Authenticator).getNextAssertion, false, true},
		cmdCredentialManagement: {(*Authenticator).credentialManagement, true, true},
		cmdSelection:            {(*Authenticator).selection, false, false},
		cmdLargeBlobs:           {(*Authenticator).largeBlobs, true, false},
		cmdConfig:               {(*Authenticator).config, true, false},
		cmdManagementPreview:    {(*Authenticator).credentialManagement, true, true},
	}[b]
	return c, ok
}

// requests counts those of this process.
var requests atomic.Uint64

// Handle answers one request: a command byte and its parameters in, a status byte and the answer out. It never asks a person twice for one request. waiting
// tells when a person is waited for and when no longer; it may be nil. When ctx ends, the answer is StatusKeepAliveCancel.
func (a *Authenticator) Handle(ctx context.Context, request []byte, waiting func(bool)) []byte {
	a.mu.Lock()
	defer a.mu.Unlock()
	if waiting == nil {
		waiting = func(bool) {}
	}
	ctx = withRequest(ctx, requests.Add(1))
	answer, err := a.execute(ctx, request, waiting)
	if err != nil {
		return []byte{byte(statusOf(ctx, err))}
	}
	out := []byte{byte(StatusOK)}
	if answer != nil {
		out = append(out, marshal(answer)...)
	}
	if len(out) > MaxMsgSize {
		return []byte{byte(StatusOther)}
	}
	return out
}

func (a *Authenticator) execute(ctx context.Context, request []byte, waiting func(bool)) (any, error) {
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
	c := &call{params: request[1:], waiting: waiting}
	var err error
	if cmd.store && a.opt.Open != nil {
		if err = a.opt.Open(ctx, waiting); err != nil {
			return nil, err
		}
	}
	if c.mem, err = a.opt.State.Read(ctx); err != nil {
		return nil, err
	}
	return cmd.run(a, ctx, c)
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
	}
	return StatusOther
}

// ask puts the one question of a request to a person. A refusal is StatusOperationDenied.
func (a *Authenticator) ask(ctx context.Context, c *call, ask Ask) (Answer, error) {
	if c.asked {
		return Answer{}, StatusOther
	}
	c.asked = true
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

func (a *Authenticator) verifies() bool { return a.opt.WithUV != nil && a.opt.WithUV() }

// protected reports whether anything verifies the user at all, even if it is blocked at the moment.
func (a *Authenticator) protected(c *call) bool { return c.mem.hasPIN() || a.verifies() }

// random returns n random bytes.
func (a *Authenticator) random(n int) ([]byte, error) {
	b := make([]byte, n)
	_, err := io.ReadFull(a.opt.Rand, b)
	return b, err
}
