package roster

import "errors"

// Errors that a caller branches on.
var (
	ErrForged  = errors.New("roster does not verify")
	ErrForked  = errors.New("roster has two branches")
	ErrForeign = errors.New("roster belongs to another vault")
	ErrRotate  = errors.New("a new epoch must begin first")
	ErrRevoked = errors.New("this device was revoked")
)
