//go:build !linux

package pty

import (
	"context"
	"errors"

	"signet/passkeys/ctaphid"
)

// Device is a security key on a pseudo-terminal.
type Device struct{}

// Open fails: elsewhere libfido2 does not take a pseudo-terminal for a security key.
func Open() (*Device, error) { return nil, errors.ErrUnsupported }

// Path is empty.
func (*Device) Path() string { return "" }

// Serve fails.
func (*Device) Serve(context.Context, *ctaphid.Server) error { return errors.ErrUnsupported }

// Close does nothing.
func (*Device) Close() error { return nil }
