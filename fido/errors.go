package fido

import (
	"context"
	"errors"
	"fmt"
)

// Code is what went wrong with a key, as scripts name it (decisions.md, "The command line, completed").
type Code string

// The codes. Each has its own words in Error.
const (
	Absent      Code = "absent"      // no key is plugged in there
	Wrong       Code = "wrong"       // a key, but not the one that is asked for
	Busy        Code = "busy"        // another program uses it
	Denied      Code = "denied"      // this user may not open the device
	Timeout     Code = "timeout"     // nobody touched it in time
	Cancelled   Code = "cancelled"   // somebody ended the request
	Unplugged   Code = "unplugged"   // it went away in the middle
	PINWrong    Code = "pin_wrong"   // tries are left
	PINLast     Code = "pin_last"    // one try is left, and it is not spent without being asked for
	PINBlocked  Code = "pin_blocked" // only a reset helps
	PINPaused   Code = "pin_paused"  // three wrong ones: it must be plugged in anew
	PINNeeded   Code = "pin_needed"  // it has one, and none was given
	PINNotSet   Code = "pin_not_set" // it has none
	PINPolicy   Code = "pin_policy"  // too short, too long, too simple
	UVBlocked   Code = "uv_blocked"  // the fingerprint failed too often
	UVInvalid   Code = "uv_invalid"  // the fingerprint did not fit
	Refused     Code = "refused"     // the person or the key said no
	NotNow      Code = "not_now"     // the key does not do this at this moment (a reset after ten seconds)
	NoPasskey   Code = "no_passkey"  // it has none of that site, or not this one
	Excluded    Code = "excluded"    // it has one of that account already
	Full        Code = "full"        // no room
	Unsupported Code = "unsupported" // the key, or the library, cannot do this
	Invalid     Code = "invalid"     // the request makes no sense to the key
	Failed      Code = "failed"      // everything else
)

// Error is what a call to a key ends with. It holds no PIN and no text that came from a key.
type Error struct {
	Op      string // what was asked: "list passkeys"
	Code    Code
	Retries int // PINWrong, PINLast: tries that are left; -1 unknown
	Status  int // as libfido2 has it: a CTAP status, or below zero its own
	cause   error
}

// Error gives the words of a developer; a person's stand in internal/cli.
func (e *Error) Error() string {
	text := fmt.Sprintf("%s: %s", e.Op, e.Code.words())
	if e.Code == Failed || e.Code == Invalid {
		text += fmt.Sprintf(" (%d)", e.Status)
	}
	if e.cause != nil {
		text += ": " + e.cause.Error()
	}
	return text
}

// Unwrap makes a cancelled call match context.Canceled.
func (e *Error) Unwrap() error { return e.cause }

// CodeOf returns the code of an error of this package, "" for others.
func CodeOf(err error) Code {
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

func (c Code) words() string {
	words, ok := map[Code]string{
		Absent: "no key is plugged in", Wrong: "this is another key", Busy: "another program uses the key", Denied: "not allowed to open the device",
		Timeout: "nobody touched the key in time", Cancelled: "cancelled", Unplugged: "the key was unplugged", PINWrong: "wrong pin",
		PINLast: "one try is left before the pin is blocked", PINBlocked: "the pin is blocked", PINPaused: "too many wrong pins in a row; plug the key in anew",
		PINNeeded: "the key wants its pin", PINNotSet: "the key has no pin", PINPolicy: "the key does not accept this pin",
		UVBlocked: "the fingerprint failed too often", UVInvalid: "the fingerprint did not fit", Refused: "the key refused", NotNow: "the key does not allow this now",
		NoPasskey: "no such passkey on the key", Excluded: "the key has a passkey of this account already", Full: "no room on the key",
		Unsupported: "the key cannot do this", Invalid: "the key did not understand", Failed: "the key failed",
	}[c]
	if !ok {
		return string(c)
	}
	return words
}

// codes are the statuses of CTAP 2.1 (section 8.2) that mean something to a caller, and those of libfido2 itself, below zero.
var codes = map[int]Code{
	0x05: Timeout, 0x06: Busy, 0x15: Invalid, 0x17: Full, 0x18: Full, 0x19: Excluded, 0x22: NoPasskey, 0x23: Timeout, 0x26: Unsupported, 0x27: Refused, 0x28: Full,
	0x2b: Unsupported, 0x2c: Unsupported, 0x2d: Cancelled, 0x2e: NoPasskey, 0x2f: Timeout, 0x30: NotNow, 0x31: PINWrong, 0x32: PINBlocked, 0x33: PINWrong,
	0x34: PINPaused, 0x35: PINNotSet, 0x36: PINNeeded, 0x37: PINPolicy, 0x38: PINNeeded, 0x39: Full, 0x3a: Timeout, 0x3b: Refused, 0x3c: UVBlocked,
	0x3f: UVInvalid, 0x40: Refused, 0x01: Unsupported, 0x02: Invalid, 0x03: Invalid, 0x11: Invalid, 0x12: Invalid, 0x14: Invalid,
	-1: Unplugged, -2: Unplugged, -7: Invalid, -8: Refused, -10: NoPasskey,
}

// failure makes the error of a status. ctx tells why a call was cut off.
func failure(ctx context.Context, op string, status int) *Error {
	e := &Error{Op: op, Status: status, Retries: -1, Code: Failed}
	if c, ok := codes[status]; ok {
		e.Code = c
	}
	switch cause := context.Cause(ctx); {
	case errors.Is(cause, context.DeadlineExceeded):
		e.Code, e.cause = Timeout, cause
	case cause != nil:
		e.Code, e.cause = Cancelled, cause
	}
	return e
}
