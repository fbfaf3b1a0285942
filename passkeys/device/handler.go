package device

import (
	"context"

	"signet/passkeys"
	"signet/passkeys/ctaphid"
)

// Handler answers the messages of a ctaphid.Server with an Authenticator.
type Handler struct {
	Authenticator *passkeys.Authenticator
	// Notice makes the device noticeable to a person (CTAPHID_WINK); it returns at once. nil: nothing does.
	Notice func()
}

var _ ctaphid.Handler = Handler{}

// CBOR implements ctaphid.Handler.
func (h Handler) CBOR(ctx context.Context, request []byte, progress func(ctaphid.Status)) []byte {
	return h.Authenticator.Handle(ctx, request, func(waiting bool) {
		if waiting {
			progress(ctaphid.UPNeeded)
		} else {
			progress(ctaphid.Processing)
		}
	})
}

// Msg implements ctaphid.Handler.
func (h Handler) Msg(ctx context.Context, request []byte) []byte {
	return h.Authenticator.Message(ctx, request, nil)
}

// U2F implements ctaphid.Handler.
func (h Handler) U2F() bool { return h.Authenticator.U2FOffered() }

// Wink implements ctaphid.Handler.
func (h Handler) Wink() {
	if h.Notice != nil {
		h.Notice()
	}
}
