package format

import "errors"

// Errors that a caller branches on.
var (
	ErrBadSignature = errors.New("signature does not match")
	ErrNewer        = errors.New("written by a newer version") // unknown t or v: read what is understood, refuse to write
	ErrTooLarge     = errors.New("larger than the format allows")
	ErrHeadsLost    = errors.New("high-water marks lost")
	ErrHeadsKey     = errors.New("high-water marks under another key")
	ErrHeadsForged  = errors.New("high-water marks forged or damaged")
)
