package cli

import (
	"context"
	"sync"
	"sync/atomic"

	"signet/passkeys"
	"signet/passkeys/ctaphid"
)

// keyHandler lets hosts of a device speak to an authenticator, and tells when a request begins and ends.
type keyHandler struct {
	auth *passkeys.Authenticator
	busy func(bool)
	wink func()

	mu   sync.Mutex
	work atomic.Int64
}

var _ ctaphid.Handler = (*keyHandler)(nil)

func (h *keyHandler) CBOR(ctx context.Context, request []byte, progress func(ctaphid.Status)) []byte {
	h.begin()
	defer h.end()
	return h.auth.Handle(ctx, request, func(waiting bool) {
		if waiting {
			progress(ctaphid.UPNeeded)
			return
		}
		progress(ctaphid.Processing)
	})
}

func (h *keyHandler) begin() {
	if h.work.Add(1) == 1 && h.busy != nil {
		h.busy(true)
	}
}

func (h *keyHandler) end() {
	if h.work.Add(-1) == 0 && h.busy != nil {
		h.busy(false)
	}
}

// Msg is not offered.
func (h *keyHandler) Msg(context.Context, []byte) []byte { return []byte{0x6d, 0x00} }

// U2F implements ctaphid.Handler.
func (h *keyHandler) U2F() bool { return false }

// Wink implements ctaphid.Handler.
func (h *keyHandler) Wink() {
	if h.wink != nil {
		h.wink()
	}
}
