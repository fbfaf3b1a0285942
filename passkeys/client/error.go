package client

import (
	"context"
	"errors"
	"fmt"
	"time"

	"signet/passkeys"
)

// Names of the DOM exceptions that a page is told (WebAuthn Level 3, sections 5.1.3 to 5.1.10).
const (
	Abort        = "AbortError"
	Constraint   = "ConstraintError"
	Encoding     = "EncodingError"
	InvalidState = "InvalidStateError"
	NotAllowed   = "NotAllowedError"
	NotSupported = "NotSupportedError"
	Security     = "SecurityError"
	Syntax       = "SyntaxError"
	Type         = "TypeError"
)

// Error is why a request failed. A page is told the Name and nothing else; the Reason is for the person whose program asked, and says more than a site may
// learn (that there is no passkey, that the user said no). It may quote what a stranger sent, and is not clean.
type Error struct {
	Name   string
	Reason string
	Cause  error // a passkeys.Status where the device said no; nil otherwise
}

// Error implements error.
func (e *Error) Error() string { return e.Reason }

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Cause }

func errorf(name, format string, args ...any) *Error {
	return &Error{Name: name, Reason: fmt.Sprintf(format, args...)}
}

// late tells the end of the time from everything else.
func late(limited context.Context, err error, limit time.Duration) error {
	if err == nil || !errors.Is(limited.Err(), context.DeadlineExceeded) {
		return err
	}
	return &Error{Name: NotAllowed, Reason: fmt.Sprintf("nobody answered within %v", limit), Cause: err}
}

// explain makes an *Error of any error. nil stays nil.
func explain(ctx context.Context, err error, rpID string) error {
	var e *Error
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return &Error{Name: Abort, Reason: "the request was given up", Cause: err}
	case errors.As(err, &e):
		return e
	}
	if s := deviceStatus(err); s != 0 {
		name, reason := refusal(s, clip(rpID))
		return &Error{Name: name, Reason: reason, Cause: s}
	}
	return &Error{Name: NotAllowed, Reason: err.Error(), Cause: err}
}

// refusal says what a status of the device means (WebAuthn Level 3, sections 5.1.3 and 5.1.4): what a page must not tell apart is NotAllowedError.
func refusal(s passkeys.Status, rpID string) (name, reason string) {
	switch s {
	case passkeys.StatusCredentialExcluded:
		return InvalidState, "there is a passkey of this account at " + rpID + " already"
	case passkeys.StatusUnsupportedAlgorithm:
		return NotSupported, "the device knows none of the algorithms that " + rpID + " takes"
	case passkeys.StatusNoCredentials, passkeys.StatusInvalidCredential:
		return NotAllowed, "there is no passkey here that " + rpID + " would take"
	case passkeys.StatusOperationDenied:
		return NotAllowed, "the request of " + rpID + " was refused"
	case passkeys.StatusUserActionTimeout, passkeys.StatusActionTimeout, passkeys.StatusTimeout:
		return NotAllowed, "nobody answered in time"
	case passkeys.StatusKeepAliveCancel:
		return NotAllowed, "the request was cancelled at the device"
	case passkeys.StatusKeyStoreFull:
		return NotAllowed, "the device has no room for another passkey"
	case passkeys.StatusPINBlocked:
		return NotAllowed, "the PIN was wrong too often: the device is blocked until it is reset"
	case passkeys.StatusPINAuthBlocked:
		return NotAllowed, "the PIN was wrong three times: take the device out and put it in again, then try once more"
	case passkeys.StatusUVBlocked, passkeys.StatusUVInvalid:
		return NotAllowed, "the device could not verify who you are"
	case passkeys.StatusPINNotSet, passkeys.StatusPUATRequired, passkeys.StatusPINAuthInvalid:
		return NotAllowed, "the device wants to verify who you are, and that did not work"
	case passkeys.StatusPINPolicyViolation:
		return NotAllowed, "the device wants its PIN changed before it is used again"
	case passkeys.StatusRequestTooLarge, passkeys.StatusLimitExceeded, passkeys.StatusInvalidLength:
		return NotAllowed, "the request of " + rpID + " is larger than the device takes"
	}
	return NotAllowed, "the device could not do it: " + s.Error()
}
