package client

import "fmt"

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
