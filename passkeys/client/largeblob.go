package client

import (
	"bytes"
	"compress/flate"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"io"

	"signet/passkeys"
)

// Large blobs (CTAP 2.1, section 6.10): one array of encrypted entries on the device, each for the credential whose key opens it.
const (
	blobChecksum = 16
	blobNonce    = 12
	blobOverhead = 64      // of a message around a fragment
	maxBlobs     = 1 << 20 // the longest array that is read
)

// blobEntry is one of them.
type blobEntry struct {
	Sealed []byte `cbor:"1,keyasint"`
	Nonce  []byte `cbor:"2,keyasint"`
	Size   uint64 `cbor:"3,keyasint"`
}

type blobParams struct {
	Get      *uint64  `cbor:"1,keyasint,omitempty"`
	Set      []byte   `cbor:"2,keyasint,omitempty"`
	Offset   uint64   `cbor:"3,keyasint"`
	Length   uint64   `cbor:"4,keyasint,omitempty"`
	Auth     []byte   `cbor:"5,keyasint,omitempty"`
	Protocol protocol `cbor:"6,keyasint,omitempty"`
}

func (x *requestExtensions) usesBlob() bool {
	return x.LargeBlob != nil && (x.write != nil || x.LargeBlob.Read != nil && *x.LargeBlob.Read)
}

// largeBlob reads or writes the blob of a credential. What goes wrong is no reason to fail a sign-in: the site is told that there is no blob, or that it was
// not written (WebAuthn Level 3, section 10.1.5).
func (t *talk) largeBlob(ctx context.Context, x *requestExtensions, key []byte) *blobResult {
	out := &blobResult{}
	if x.write != nil {
		written := len(key) == 32 && t.writeBlob(ctx, key, x.write) == nil
		out.Written = &written
		return out
	}
	if len(key) != 32 {
		return out
	}
	entries, err := t.readBlobs(ctx)
	if err != nil {
		return out
	}
	for _, e := range entries {
		if blob, ok := e.open(key); ok {
			text := encode64(blob)
			out.Blob = &text
			break
		}
	}
	return out
}

func (t *talk) fragment() uint64 { return t.info.MaxMsgSize - blobOverhead }

// readBlobs gets the whole array. One that is damaged counts as empty (section 6.10.3).
func (t *talk) readBlobs(ctx context.Context) ([]blobEntry, error) {
	var all []byte
	for len(all) <= maxBlobs {
		n := t.fragment()
		var a struct {
			Config []byte `cbor:"1,keyasint"`
		}
		if err := t.send(ctx, cmdLargeBlobs, blobParams{Get: &n, Offset: uint64(len(all))}, &a); err != nil {
			return nil, err
		}
		all = append(all, a.Config...)
		if uint64(len(a.Config)) < n {
			return parseBlobs(all), nil
		}
	}
	return nil, errAnswer
}

func parseBlobs(all []byte) []blobEntry {
	if len(all) < blobChecksum {
		return nil
	}
	body := all[:len(all)-blobChecksum]
	if !equal(hashOf(body)[:blobChecksum], all[len(body):]) {
		return nil
	}
	var entries []blobEntry
	if decoder.Unmarshal(body, &entries) != nil {
		return nil
	}
	return entries
}

func sealer(key []byte) cipher.AEAD { return must(cipher.NewGCM(must(aes.NewCipher(key)))) }

// blobData is what is authenticated beside the blob.
func blobData(size uint64) []byte { return binary.LittleEndian.AppendUint64([]byte("blob"), size) }

// open decrypts and unpacks an entry that belongs to the key.
func (e *blobEntry) open(key []byte) ([]byte, bool) {
	if len(e.Nonce) != blobNonce || e.Size > maxBlobs {
		return nil, false
	}
	packed, err := sealer(key).Open(nil, e.Nonce, e.Sealed, blobData(e.Size))
	if err != nil {
		return nil, false
	}
	plain, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(packed)), int64(e.Size)+1)) //nolint:gosec // below maxBlobs
	return plain, err == nil && uint64(len(plain)) == e.Size
}

// sealBlob makes an entry.
func (t *talk) sealBlob(key, blob []byte) (blobEntry, error) {
	var packed bytes.Buffer
	w := must(flate.NewWriter(&packed, flate.BestCompression))
	_, _ = w.Write(blob) // into memory
	_ = w.Close()
	e := blobEntry{Nonce: make([]byte, blobNonce), Size: uint64(len(blob))}
	if _, err := io.ReadFull(t.opt.Rand, e.Nonce); err != nil {
		return e, err
	}
	e.Sealed = sealer(key).Seal(nil, e.Nonce, packed.Bytes(), blobData(e.Size))
	return e, nil
}

// writeBlob puts the blob in the place of the credential's old one and keeps everybody else's.
func (t *talk) writeBlob(ctx context.Context, key, blob []byte) error {
	entries, err := t.readBlobs(ctx)
	if err != nil {
		return err
	}
	mine, err := t.sealBlob(key, blob)
	if err != nil {
		return err
	}
	kept := []blobEntry{}
	for _, e := range entries {
		if _, ok := e.open(key); !ok {
			kept = append(kept, e)
		}
	}
	body := marshal(append(kept, mine))
	return t.storeBlobs(ctx, append(body, hashOf(body)[:blobChecksum]...))
}

func (t *talk) storeBlobs(ctx context.Context, all []byte) error {
	if t.info.MaxBlobs != 0 && uint64(len(all)) > t.info.MaxBlobs {
		return passkeys.StatusLargeBlobStorageFull
	}
	for at := 0; at < len(all); {
		part := all[at:min(len(all), at+int(t.fragment()))] //nolint:gosec // devices name a few thousand
		p := blobParams{Set: part, Offset: uint64(at)}
		if at == 0 {
			p.Length = uint64(len(all))
		}
		message := append(bytes.Repeat([]byte{0xff}, 32), cmdLargeBlobs, 0)
		message = binary.LittleEndian.AppendUint32(message, uint32(at)) //nolint:gosec // below maxBlobs
		p.Auth, p.Protocol = t.auth(append(message, hashOf(part)...))
		if err := t.send(ctx, cmdLargeBlobs, p, nil); err != nil {
			return err
		}
		at += len(part)
	}
	return nil
}
