package seal

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"filippo.io/age"

	"signet/vault/format"
	"signet/vault/secret"
)

// NewIdentity makes a fresh hybrid (ML-KEM-768 + X25519) identity and returns its secret text and its recipient string.
func NewIdentity() (identity secret.Secret, recipient string, err error) {
	id, err := age.GenerateHybridIdentity()
	if err != nil {
		return secret.Secret{}, "", fmt.Errorf("make identity: %w", err)
	}
	return secret.FromString(id.String()), id.Recipient().String(), nil
}

// ParseIdentity reads AGE-SECRET-KEY-PQ-1… text.
func ParseIdentity(text secret.Secret) (age.Identity, error) { return parseHybrid(text) }

// parseHybrid drops age's error text, which could quote a part of a secret.
func parseHybrid(text secret.Secret) (*age.HybridIdentity, error) {
	id, err := age.ParseHybridIdentity(text.RevealString())
	if err != nil {
		return nil, errors.New("parse identity: malformed post-quantum age identity")
	}
	return id, nil
}

// ParseRecipient reads an age1pq1… recipient string (hybrid only).
func ParseRecipient(s string) (age.Recipient, error) {
	if len(s) > format.MaxRecipient {
		return nil, fmt.Errorf("parse recipient: %w", format.ErrTooLarge)
	}
	r, err := age.ParseHybridRecipient(s)
	if err != nil {
		return nil, errors.New("parse recipient: malformed post-quantum age recipient")
	}
	return r, nil
}

// RecipientOf returns the recipient string of a hybrid identity text.
func RecipientOf(identity secret.Secret) (string, error) {
	id, err := parseHybrid(identity)
	if err != nil {
		return "", err
	}
	return id.Recipient().String(), nil
}

// Stanza types that Open accepts.
const (
	StanzaHybrid = "mlkem768x25519"
	StanzaLocal  = "signet-local"
	StanzaScrypt = "scrypt"
)

const (
	chunk      = 64 << 10 // of age's payload
	chunkExtra = 16
	headerRoom = 4 << 10 // hybrid header: 1627 bytes
)

// Bytes encrypts plain to exactly one recipient and returns the age file.
func Bytes(plain []byte, to age.Recipient) ([]byte, error) {
	var out bytes.Buffer
	out.Grow(len(plain) + headerRoom + (len(plain)/chunk+1)*chunkExtra)
	w, err := Writer(&out, to)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(plain); err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	return out.Bytes(), nil
}

// Writer streams an age file to w. Close ends it.
func Writer(w io.Writer, to age.Recipient) (io.WriteCloser, error) {
	out, err := age.Encrypt(w, to)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	return out, nil
}

// Open decrypts an age file that must have exactly one stanza of the given type (vault.md 5.7). ErrNotForUs when id does not
// open it, ErrDamaged when it is not an age file, was cut or altered.
func Open(file []byte, stanza string, id age.Identity, maxPlain int) ([]byte, error) {
	r, size, err := OpenAt(bytes.NewReader(file), int64(len(file)), stanza, id)
	if err != nil {
		return nil, err
	}
	if size > int64(maxPlain) {
		return nil, fmt.Errorf("open: %w", format.ErrTooLarge)
	}
	// The final chunk has authenticated the length, so the buffer is made once and leaves no copy of a secret behind.
	plain := make([]byte, size)
	if n, err := r.ReadAt(plain, 0); n < len(plain) {
		clear(plain)
		if err == nil || err == io.EOF {
			err = damaged("payload")
		}
		return nil, err
	}
	return plain, nil
}

// OpenReader is Open for streams. Its Read fails with ErrDamaged where the stream was cut or altered; what was read before
// that was authenticated, its end was not.
func OpenReader(r io.Reader, stanza string, id age.Identity) (io.Reader, error) {
	plain, err := age.Decrypt(source{r}, one{stanza, id})
	if err != nil {
		return nil, headerError(err)
	}
	return payload{plain}, nil
}

// OpenAt is Open with random access; opening decrypts and authenticates the final chunk first.
func OpenAt(r io.ReaderAt, size int64, stanza string, id age.Identity) (io.ReaderAt, int64, error) {
	plain, n, err := age.DecryptReaderAt(sourceAt{r}, size, one{stanza, id})
	if err != nil {
		return nil, 0, headerError(err)
	}
	return payloadAt{plain}, n, nil
}
