package cli

import (
	"context"
	"errors"

	"signet/passkeys/ctaphid"
	"signet/passkeys/pty"
	"signet/passkeys/uhid"
	"signet/vault"
)

// virtualDevice is a virtual security key that is plugged in.
type virtualDevice interface {
	Path() string
	// Serve answers hosts until ctx ends or the device is unplugged.
	Serve(ctx context.Context, s *ctaphid.Server) error
	Close() error
}

// guarded is a device that its user may not be let in to at once, or at all.
type guarded interface {
	// Access waits until programs of this user can open it, and fails where that does not come.
	Access(ctx context.Context) error
}

// reachable waits until programs of this user can open the device.
func reachable(ctx context.Context, d virtualDevice) error {
	a, ok := d.(guarded)
	if !ok {
		return nil
	}
	err := a.Access(ctx)
	if errors.Is(err, uhid.ErrNoAccess) {
		return &Error{Exit: ExitFailure, Code: "virtual.no_access", Err: err}
	}
	return err
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

// keyOwner tells the key of this vault on this device from others.
func keyOwner(dir string) string {
	d, err := vault.At(dir, vault.Options{Notice: func(vault.Notice) {}})
	if err != nil {
		return dir
	}
	return d.VaultID() + "/" + d.DeviceID()
}

const hintJSON = "'signet passkey create' and 'signet passkey get' speak WebAuthn JSON everywhere"

// openDevice plugs a device in; owner tells it from those of other vaults.
func openDevice(route, owner string) (virtualDevice, error) {
	if route == routePTY {
		return openPTY()
	}
	return openUHID(owner)
}

func openPTY() (virtualDevice, error) {
	d, err := pty.Open()
	switch {
	case errors.Is(err, errors.ErrUnsupported):
		return nil, failf("virtual.unsupported", "a pseudo-terminal passes for a security key on Linux only").hint(hintJSON)
	case err != nil:
		return nil, err
	}
	return d, nil
}

// openUHID plugs a key in that browsers find by themselves.
func openUHID(owner string) (virtualDevice, error) {
	d, err := uhid.Open(uhid.Options{Uniq: owner})
	switch {
	case errors.Is(err, errors.ErrUnsupported):
		return nil, failf("virtual.unsupported", "a virtual security key that browsers find works on Linux only").hint(hintJSON)
	case errors.Is(err, uhid.ErrNoUHID), errors.Is(err, uhid.ErrNotPermitted):
		return nil, &Error{
			Exit: ExitFailure, Code: "virtual.not_set_up", Err: err,
			Hint: "--pty needs no setting up, and serves programs that are told its path: ssh-keygen, fido2-token",
		}
	case err != nil:
		return nil, &Error{Exit: ExitFailure, Code: "virtual.no_device", Err: err, Hint: "'signet doctor' looks at everything a virtual key needs"}
	}
	return d, nil
}
