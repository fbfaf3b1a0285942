package cli

import (
	"context"

	"signet/passkeys/ctaphid"
	"signet/passkeys/device"
)

// keyHandler is the handler of the virtual key, which tells when a request begins and when it ends.
type keyHandler struct {
	device.Handler
	request func(begins bool)
}

var _ ctaphid.Handler = keyHandler{}

// CBOR implements ctaphid.Handler.
func (h keyHandler) CBOR(ctx context.Context, request []byte, progress func(ctaphid.Status)) []byte {
	h.request(true)
	defer h.request(false)
	return h.Handler.CBOR(ctx, request, progress)
}

// Msg implements ctaphid.Handler.
func (h keyHandler) Msg(ctx context.Context, request []byte) []byte {
	h.request(true)
	defer h.request(false)
	return h.Handler.Msg(ctx, request)
}
