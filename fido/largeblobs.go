//go:build cgo && !nolibfido2

package fido

/*
#include <stdlib.h>
#include <string.h>
#include <fido.h>
*/
import "C"

import (
	"context"
	"errors"
	"unsafe"

	"signet/vault/secret"
)

// LargeBlobs returns the whole large-blob array of the key, as CBOR. Nobody has to be asked: the blobs are sealed.
func (k *Key) LargeBlobs(ctx context.Context) ([]byte, error) {
	return ask(ctx, k, "read the large blobs of the key", func(dev *C.fido_dev_t, out *[]byte) C.int {
		return taken(out, func(p **C.uchar, n *C.size_t) C.int { return C.fido_dev_largeblob_get_array(dev, p, n) })
	})
}

// LargeBlob returns the blob of one passkey, opened with its large-blob key.
func (k *Key) LargeBlob(ctx context.Context, key secret.Secret) ([]byte, error) {
	key = key.Clone()
	return ask(ctx, k, "read a large blob", func(dev *C.fido_dev_t, out *[]byte) C.int {
		defer key.Wipe()
		b, l := bytesOf(key.Reveal())
		return taken(out, func(p **C.uchar, n *C.size_t) C.int { return C.fido_dev_largeblob_get(dev, b, l, p, n) })
	})
}

// taken copies what a call gave away, and frees it.
func taken(out *[]byte, f func(p **C.uchar, n *C.size_t) C.int) C.int {
	var p *C.uchar
	var n C.size_t
	r := f(&p, &n)
	if p != nil {
		*out = goBytes(p, n)
		C.memset(unsafe.Pointer(p), 0, n)
		C.free(unsafe.Pointer(p))
	}
	return r
}

// SetLargeBlob seals a blob for one passkey into the array, in place of the one it had.
func (k *Key) SetLargeBlob(ctx context.Context, key secret.Secret, blob []byte, p secret.Secret) error {
	const op = "write a large blob"
	if len(blob) == 0 || len(blob) > maxLargeBlob {
		return &Error{Op: op, Code: Invalid, Retries: -1}
	}
	err := k.blob(ctx, op, key, p, func(dev *C.fido_dev_t, b *C.uchar, l C.size_t, pin *C.char) C.int {
		data, n := bytesOf(blob)
		return C.fido_dev_largeblob_set(dev, b, l, data, n, pin)
	})
	var e *Error
	if errors.As(err, &e) && e.Status == C.FIDO_ERR_INTERNAL && len(blob) < shortBlob {
		e.Code, e.cause = Unsupported, errShortBlob
	}
	return err
}

// shortBlob is a length from which on a blob has 16 bytes when it is compressed, whatever it is. libfido2 1.12 seals nothing shorter (aes256_gcm).
const shortBlob = 64

var errShortBlob = errors.New("this libfido2 seals no blob this short")

// RemoveLargeBlob takes the blob of one passkey out of the array.
func (k *Key) RemoveLargeBlob(ctx context.Context, key, p secret.Secret) error {
	return k.blob(ctx, "remove a large blob", key, p, func(dev *C.fido_dev_t, b *C.uchar, l C.size_t, pin *C.char) C.int {
		return C.fido_dev_largeblob_remove(dev, b, l, pin)
	})
}

func (k *Key) blob(ctx context.Context, op string, key, p secret.Secret, f func(*C.fido_dev_t, *C.uchar, C.size_t, *C.char) C.int) error {
	key = key.Clone()
	return k.withPIN(ctx, op, p, func(dev *C.fido_dev_t, pin *C.char) C.int {
		defer key.Wipe()
		b, l := bytesOf(key.Reveal())
		return f(dev, b, l, pin)
	})
}
