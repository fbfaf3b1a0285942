package cli

import (
	"context"
	"errors"
)

// keys implements keyed. The console cannot be read key by key without a program of its own kind: questions are lines there.
func (t *tty) keys(context.Context) (keyboard, error) { return nil, errors.ErrUnsupported }

// gone implements keyed.
func (t *tty) gone() bool { return false }
