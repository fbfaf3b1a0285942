//go:build !linux

package uhidhelper

import (
	"context"
	"errors"
)

// Run fails: only Linux has uhid.
func Run(context.Context, Options) error { return errors.ErrUnsupported }
