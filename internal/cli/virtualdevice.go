package cli

import (
	"context"
	"errors"
	"runtime"

	"signet/passkeys/ctaphid"
	"signet/passkeys/pty"
)

// virtualDevice is a virtual security key that is plugged in.
type virtualDevice interface {
	Path() string
	// Serve answers hosts until ctx ends or the device is unplugged.
	Serve(ctx context.Context, s *ctaphid.Server) error
	Close() error
}

// Routes by which programs reach the virtual key.
const (
	routeUHID = "uhid"
	routePTY  = "pty"
)

// routeWords names a route to a person.
func routeWords(route string) string {
	switch route {
	case routeUHID:
		return "the virtual security key"
	case routePTY:
		return "the virtual security key (pty)"
	}
	return route
}

// openDevice plugs a device in.
func openDevice(ctx context.Context, route string) (virtualDevice, error) {
	switch route {
	case routePTY:
		d, err := pty.Open()
		if errors.Is(err, errors.ErrUnsupported) {
			return nil, failf("virtual.unsupported", "a pseudo-terminal passes for a security key on Linux only").hint("'signet passkey create' and 'get' speak WebAuthn JSON everywhere")
		}
		if err != nil {
			return nil, err
		}
		return d, nil
	}
	return openUHID(ctx)
}

// openUHID plugs a device in that browsers find.
func openUHID(context.Context) (virtualDevice, error) {
	if runtime.GOOS != "linux" {
		return nil, failf("virtual.unsupported", "a virtual security key for browsers works on Linux only").hint("'signet passkey create' and 'get' speak WebAuthn JSON everywhere")
	}
	return nil, failf("virtual.not_set_up", "a virtual security key for browsers is not set up here").
		hint("'signet passkey serve --pty' serves programs that are told a path, as ssh-keygen and fido2-token")
}
