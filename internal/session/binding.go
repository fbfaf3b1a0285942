package session

import (
	"context"

	"signet/passkeys"
)

func (l *Local) bindingOf(context.Context, string) (passkeys.Binding, error) {
	return passkeys.Synced, nil
}

func recordLocked(DoorOptions, Request) error { return nil }
