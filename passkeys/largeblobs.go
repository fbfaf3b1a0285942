package passkeys

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
)

// blobChecksum is how much of its SHA-256 ends a serialized large-blob array (CTAP 2.1, section 6.10).
const blobChecksum = 16

// maxFragment is how much of it travels at once.
const maxFragment = MaxMsgSize - 64

type blobRequest struct {
	Get      *uint64 `cbor:"1,keyasint"`
	Set      *[]byte `cbor:"2,keyasint"`
	Offset   *uint64 `cbor:"3,keyasint"`
	Length   *uint64 `cbor:"4,keyasint"`
	Auth     *[]byte `cbor:"5,keyasint"`
	Protocol *uint64 `cbor:"6,keyasint"`
}

type blobAnswer struct {
	Config []byte `cbor:"1,keyasint"`
}

// blobWriting is an array of which the first fragments have come.
type blobWriting struct {
	data   []byte
	length uint64
}

// largeBlobs is authenticatorLargeBlobs (CTAP 2.1, section 6.10).
func (a *Authenticator) largeBlobs(ctx context.Context, c *call) (any, error) {
	var r blobRequest
	if err := unmarshal(c.params, &r); err != nil {
		return nil, err
	}
	if r.Offset == nil || (r.Get == nil) == (r.Set == nil) {
		return nil, StatusInvalidParameter
	}
	if err := a.unlock(ctx, c); err != nil {
		return nil, err
	}
	if r.Get != nil {
		return readBlobs(&r, c.mem.largeBlobs())
	}
	return nil, a.writeBlobs(ctx, c, &r)
}

func readBlobs(r *blobRequest, all []byte) (any, error) {
	switch {
	case r.Length != nil, r.Auth != nil, r.Protocol != nil, *r.Offset > uint64(len(all)):
		return nil, StatusInvalidParameter
	case *r.Get > maxFragment:
		return nil, StatusInvalidLength
	}
	rest := all[*r.Offset:]
	return blobAnswer{rest[:min(uint64(len(rest)), *r.Get)]}, nil
}

func (a *Authenticator) writeBlobs(ctx context.Context, c *call, r *blobRequest) error {
	if len(*r.Set) > maxFragment {
		return StatusInvalidLength
	}
	if err := a.startBlobs(r); err != nil {
		return err
	}
	if a.blob == nil || *r.Offset != uint64(len(a.blob.data)) {
		return StatusInvalidSeq
	}
	if err := a.authorizeBlobs(c, r); err != nil {
		return err
	}
	if uint64(len(a.blob.data))+uint64(len(*r.Set)) > a.blob.length {
		return StatusInvalidParameter
	}
	a.blob.data = append(a.blob.data, *r.Set...)
	if uint64(len(a.blob.data)) < a.blob.length {
		return nil
	}
	data := a.blob.data
	a.blob = nil
	if !whole(data) {
		return StatusIntegrityFailure
	}
	c.noted, c.event.Command = true, "largeBlobs set"
	return a.opt.State.Update(ctx, func(m *Memory) error { m.LargeBlobs = data; return nil })
}

// startBlobs begins an array with its first fragment.
func (a *Authenticator) startBlobs(r *blobRequest) error {
	if *r.Offset != 0 {
		if r.Length != nil {
			return StatusInvalidParameter
		}
		return nil
	}
	switch {
	case r.Length == nil:
		return StatusInvalidParameter
	case *r.Length > maxLargeBlobs:
		return StatusLargeBlobStorageFull
	case *r.Length < 1+blobChecksum:
		return StatusInvalidParameter
	}
	a.blob = &blobWriting{length: *r.Length}
	return nil
}

// authorizeBlobs wants a token with the permission for large blobs, unless nothing protects the authenticator.
func (a *Authenticator) authorizeBlobs(c *call, r *blobRequest) error {
	if !a.protected(c) && !c.mem.AlwaysUV {
		return nil
	}
	if r.Auth == nil {
		return StatusPUATRequired
	}
	sum := sha256.Sum256(*r.Set)
	message := append(bytes.Repeat([]byte{0xff}, 32), cmdLargeBlobs, 0)
	message = binary.LittleEndian.AppendUint32(message, uint32(*r.Offset)) //nolint:gosec // below maxLargeBlobs, checked
	return a.authorize(pinAuth{r.Auth, r.Protocol}, append(message, sum[:]...), PermitBlobs)
}

// whole checks the sum at the end of an array.
func whole(data []byte) bool {
	body := data[:len(data)-blobChecksum]
	sum := sha256.Sum256(body)
	return subtle.ConstantTimeCompare(sum[:blobChecksum], data[len(body):]) == 1
}
