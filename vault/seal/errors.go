package seal

import "errors"

// Errors that a caller branches on.
var (
	ErrNotForUs = errors.New("not sealed to this key")
	ErrDamaged  = errors.New("damaged age file")
)
