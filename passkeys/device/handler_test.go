package device_test

import (
	"context"
	"crypto/rand"
	"slices"
	"testing"
	"time"

	"signet/passkeys"
	"signet/passkeys/ctaphid"
	"signet/passkeys/device"
	"signet/passkeys/passkeystest"
)

func plugged(t *testing.T, person *passkeystest.Person, state *passkeystest.State) device.Handler {
	t.Helper()
	a, err := passkeys.New(passkeys.Options{
		Store: passkeystest.NewStore(), State: state, Approver: person, Now: time.Now, Rand: rand.Reader, AAGUID: passkeys.Signet, U2F: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	return device.Handler{Authenticator: a}
}

// selection asks for a touch and nothing else.
const selection = 0x0b

// While a person is waited for, hosts are told so, and that it is over.
func TestCBORTellsThatAPersonIsWaitedFor(t *testing.T) {
	t.Parallel()
	h := plugged(t, &passkeystest.Person{}, &passkeystest.State{})
	var told []ctaphid.Status
	if out := h.CBOR(t.Context(), []byte{selection}, func(s ctaphid.Status) { told = append(told, s) }); !slices.Equal(out, []byte{0}) {
		t.Errorf("%x", out)
	}
	if want := []ctaphid.Status{ctaphid.UPNeeded, ctaphid.Processing}; !slices.Equal(told, want) {
		t.Errorf("%v, want %v", told, want)
	}
}

// A host that cancels gets its answer at once.
func TestCBORIsCancelled(t *testing.T) {
	t.Parallel()
	h := plugged(t, &passkeystest.Person{Absent: true}, &passkeystest.State{})
	ctx, cancel := context.WithCancel(t.Context())
	out := h.CBOR(ctx, []byte{selection}, func(ctaphid.Status) { cancel() })
	if !slices.Equal(out, []byte{byte(passkeys.StatusKeepAliveCancel)}) {
		t.Errorf("%x", out)
	}
}

// U2F is offered as the authenticator offers it at the moment.
func TestU2FIsOfferedOnlyWhileItIsOn(t *testing.T) {
	t.Parallel()
	state := &passkeystest.State{}
	h := plugged(t, &passkeystest.Person{}, state)
	version := []byte{0, 3, 0, 0}
	if out := h.Msg(t.Context(), version); !h.U2F() || string(out) != "U2F_V2\x90\x00" {
		t.Errorf("%t, %q", h.U2F(), out)
	}
	state.Memory.AlwaysUV = true
	if out := h.Msg(t.Context(), version); h.U2F() || string(out) != "\x6d\x00" {
		t.Errorf("%t, %q", h.U2F(), out)
	}
}

func TestWinkCallsForNotice(t *testing.T) {
	t.Parallel()
	h, noticed := plugged(t, &passkeystest.Person{}, &passkeystest.State{}), 0
	h.Wink() // nobody to notice
	h.Notice = func() { noticed++ }
	h.Wink()
	if noticed != 1 {
		t.Errorf("noticed %d times", noticed)
	}
}
