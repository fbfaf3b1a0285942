package passkeystest_test

import (
	"testing"

	"signet/passkeys"
	"signet/passkeys/passkeystest"
)

func TestStore(t *testing.T) {
	t.Parallel()
	passkeystest.RunStore(t, func(*testing.T) passkeys.CredentialStore { return passkeystest.NewStore() })
}

func TestState(t *testing.T) {
	t.Parallel()
	passkeystest.RunState(t, func(*testing.T) passkeys.State { return &passkeystest.State{} })
}
