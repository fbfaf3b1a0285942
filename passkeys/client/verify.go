package client

import (
	"context"
	"crypto/sha256"
	"errors"

	"golang.org/x/text/unicode/norm"

	"signet/passkeys"
)

// Subcommands of authenticatorClientPIN (CTAP 2.1, section 6.5.5).
const (
	subRetries      = 0x01
	subKeyAgreement = 0x02
	subOldToken     = 0x05
	subTokenByUV    = 0x06
	subTokenByPIN   = 0x09
)

type pinRequest struct {
	Protocol    protocol            `cbor:"1,keyasint"`
	Sub         int                 `cbor:"2,keyasint"`
	Key         *coseKey            `cbor:"3,keyasint,omitempty"`
	PINHash     []byte              `cbor:"6,keyasint,omitempty"`
	Permissions passkeys.Permission `cbor:"9,keyasint,omitempty"`
	RPID        string              `cbor:"10,keyasint,omitempty"`
}

type pinAnswer struct {
	Token   []byte `cbor:"2,keyasint"`
	Retries *int   `cbor:"3,keyasint"`
}

// method is how the user of a request gets verified.
type method byte

const (
	noProof  method = iota
	byOption        // the device asks in the request itself, once for everything
	byToken         // before it, for a pinUvAuthToken
)

// Wishes for user verification and for discoverable credentials (WebAuthn Level 3, sections 5.8.6 and 5.4.6).
const (
	required    = "required"
	preferred   = "preferred"
	discouraged = "discouraged"
)

// need is what a request wants of verification.
type need struct {
	wish   string // of the site
	force  bool   // whatever the site wishes: for prf, whose secrets are those of a verified user, and to write large blobs
	make   bool
	rk     bool
	perm   passkeys.Permission
	tokens bool // if at all, by a token, although the person is asked once more then
}

func (t *talk) builtIn() bool { return t.info.Options["uv"] }

// pin reports whether a PIN can verify: one is set, it is good for making and using passkeys, and there is somebody to ask.
func (t *talk) pin() bool {
	return t.info.Options["clientPin"] && !t.info.Options["noMcGaPermissionsWithClientPin"] && t.opt.PIN != nil
}

// wanted reports whether the user is to be verified: because the site asks, because prf does, or because the device insists.
func (t *talk) wanted(n need) (bool, error) {
	can := t.builtIn() || t.pin()
	protected := t.builtIn() || t.info.Options["clientPin"]
	insists := t.info.Options["alwaysUv"] || n.make && protected && (n.rk || !t.info.Options["makeCredUvNotRqd"])
	switch {
	case n.wish == required && !can:
		return false, errorf(Constraint, "%s wants to know that it is really you, and nothing here can verify that%s", clip(t.rpID), t.noPIN())
	case insists && !can:
		return false, errorf(NotAllowed, "the device wants to verify who you are, and there is no way to do it here%s", t.noPIN())
	}
	return can && (n.wish != discouraged || n.force || insists), nil
}

func (t *talk) noPIN() string {
	if t.info.Options["clientPin"] && t.opt.PIN == nil {
		return ": its PIN cannot be asked for without a terminal"
	}
	return ""
}

// verify gets the proof that a request carries.
func (t *talk) verify(ctx context.Context, n need) error {
	want, err := t.wanted(n)
	if err != nil || !want {
		return err
	}
	if t.builtIn() && !n.tokens {
		t.proof = byOption
		return nil
	}
	if t.builtIn() && t.info.Options["pinUvAuthToken"] {
		err := t.tokenByUV(ctx, n.perm)
		if err == nil || !t.pin() || !fallsBack(err) {
			return err
		}
	}
	if !t.pin() {
		t.proof = byOption
		return nil
	}
	return t.tokenByPIN(ctx, n.perm)
}

// fallsBack says that the PIN is the way on after the device's own verification failed.
func fallsBack(err error) bool {
	var s passkeys.Status
	return errors.As(err, &s) && (s == passkeys.StatusUVBlocked || s == passkeys.StatusUVInvalid || s == passkeys.StatusPUATRequired)
}

// again gets another proof when the one inside the request failed in a way that leaves the PIN.
func (t *talk) again(ctx context.Context, err error, n need) (bool, error) {
	if t.proof != byOption || !t.pin() || !fallsBack(err) {
		return false, err
	}
	return true, t.tokenByPIN(ctx, n.perm)
}

func (t *talk) tokenByUV(ctx context.Context, perm passkeys.Permission) error {
	s, err := t.agree(ctx)
	if err != nil {
		return err
	}
	defer s.wipe()
	return t.receive(ctx, s, pinRequest{Protocol: s.protocol, Sub: subTokenByUV, Key: &s.key, Permissions: perm, RPID: t.rpID})
}

// tokenByPIN asks for the PIN until it is right or the person or the device gives up.
func (t *talk) tokenByPIN(ctx context.Context, perm passkeys.Permission) error {
	if t.info.ForceChange {
		return errorf(NotAllowed, "the device wants its PIN changed before it is used again")
	}
	wrong := false
	for {
		err := t.tryPIN(ctx, perm, PINAsk{RPID: t.rpID, Wrong: wrong, Retries: t.retries(ctx)})
		var s passkeys.Status
		if !errors.As(err, &s) || s != passkeys.StatusPINInvalid {
			return err
		}
		wrong = true
	}
}

func (t *talk) retries(ctx context.Context) int {
	var a pinAnswer
	if err := t.send(ctx, cmdClientPIN, pinRequest{Protocol: t.best(), Sub: subRetries}, &a); err != nil || a.Retries == nil {
		return -1
	}
	return *a.Retries
}

func (t *talk) best() protocol {
	if len(t.info.PINProtocols) == 1 && t.info.PINProtocols[0] == uint64(pinOne) {
		return pinOne
	}
	return pinTwo
}

func (t *talk) tryPIN(ctx context.Context, perm passkeys.Permission, ask PINAsk) error {
	pin, err := t.opt.PIN(ctx, ask)
	if err != nil {
		return &Error{Name: NotAllowed, Reason: "the PIN was not given: " + err.Error(), Cause: err}
	}
	defer pin.Wipe()
	s, err := t.agree(ctx)
	if err != nil {
		return err
	}
	defer s.wipe()
	normal := norm.NFC.Bytes(pin.Reveal()) // section 6.5.1
	defer clear(normal)
	sum := sha256.Sum256(normal)
	defer clear(sum[:])
	sealed, err := s.encrypt(sum[:16])
	if err != nil {
		return err
	}
	r := pinRequest{Protocol: s.protocol, Sub: subTokenByPIN, Key: &s.key, PINHash: sealed, Permissions: perm, RPID: t.rpID}
	if !t.info.Options["pinUvAuthToken"] {
		r.Sub, r.Permissions, r.RPID = subOldToken, 0, ""
	}
	return t.receive(ctx, s, r)
}

// receive asks for a token and opens it.
func (t *talk) receive(ctx context.Context, s *shared, r pinRequest) error {
	var a pinAnswer
	if err := t.send(ctx, cmdClientPIN, r, &a); err != nil {
		return err
	}
	token, err := s.decrypt(a.Token)
	if err != nil || len(token) < 16 {
		return errAnswer
	}
	t.end()
	t.proof, t.token, t.protocol = byToken, token, s.protocol
	return nil
}

// auth is what a request carries as proof over a message: nothing where there is no token.
func (t *talk) auth(message []byte) ([]byte, protocol) {
	if t.proof != byToken {
		return nil, 0
	}
	return t.protocol.authenticate(t.token, message), t.protocol
}
