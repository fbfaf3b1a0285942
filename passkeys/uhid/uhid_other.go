//go:build !linux

package uhid

import (
	"context"
	"errors"

	"signet/passkeys/ctaphid"
)

// Device is a security key that the kernel shows as a USB key.
type Device struct{}

// Errors that only Linux has.
var (
	ErrNoAccess  = errors.New("programs of this user cannot open the security key's node")
	ErrUnplugged = errors.New("the security key was unplugged from outside")
)

// Open fails: only Linux has uhid.
func Open(Options) (*Device, error) { return nil, errors.ErrUnsupported }

// Path is empty.
func (*Device) Path() string { return "" }

// Helper is false.
func (*Device) Helper() bool { return false }

// Access fails.
func (*Device) Access(context.Context) error { return errors.ErrUnsupported }

// Serve fails.
func (*Device) Serve(context.Context, *ctaphid.Server) error { return errors.ErrUnsupported }

// Close does nothing.
func (*Device) Close() error { return nil }
