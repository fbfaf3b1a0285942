package exporter

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"strings"

	"filippo.io/age"
	"filippo.io/age/armor"

	"signet/vault/secret"
)

const ageHeader = "age-encryption.org/v1\n"

// IsAge reports whether a file begins like an age file, armored or not.
func IsAge(head []byte) bool {
	return hasPrefix(head, ageHeader) || hasPrefix(head, armor.Header)
}

func hasPrefix(b []byte, s string) bool { return len(b) >= len(s) && string(b[:len(s)]) == s }

// Decrypt returns the plaintext of an age file that a passphrase opens. ErrWrongSecret, ErrDamaged, or ErrUnsupported for a
// file to other recipients.
func Decrypt(r io.Reader, pass secret.Secret) (io.Reader, error) {
	br := bufio.NewReader(r)
	head, _ := br.Peek(len(armor.Header))
	var src io.Reader = br
	if hasPrefix(head, armor.Header) {
		src = armor.NewReader(br)
	}
	id, err := age.NewScryptIdentity(pass.RevealString())
	if err != nil {
		return nil, ErrWrongSecret
	}
	id.SetMaxWorkFactor(MaxWorkFactor)
	out, err := age.Decrypt(src, id)
	debug.FreeOSMemory() // the KDF's memory goes back at once
	var none *age.NoIdentityMatchError
	switch {
	case errors.As(err, &none) && len(none.StanzaTypes) == 1 && none.StanzaTypes[0] == "scrypt":
		return nil, ErrWrongSecret
	case errors.As(err, &none):
		return nil, fmt.Errorf("%w: it is encrypted to a key: decrypt it with age first", ErrUnsupported)
	case err != nil:
		return nil, fmt.Errorf("%w: %v", ErrDamaged, err)
	}
	return out, nil
}

// Encrypt returns a writer that encrypts to w as the options say, or w itself when they name nobody. Close it.
func Encrypt(w io.Writer, o WriteOptions) (io.WriteCloser, error) {
	if o.Passphrase.IsEmpty() && len(o.Recipients) == 0 {
		return nopCloser{w}, nil
	}
	if !o.Passphrase.IsEmpty() && len(o.Recipients) > 0 {
		return nil, errors.New("encrypt export: a passphrase and recipients cannot share one file")
	}
	if !o.Passphrase.IsEmpty() {
		r, err := age.NewScryptRecipient(o.Passphrase.RevealString())
		if err != nil {
			return nil, fmt.Errorf("encrypt export: %w", err)
		}
		if o.WorkFactor > 0 {
			r.SetWorkFactor(o.WorkFactor)
		}
		defer debug.FreeOSMemory()
		return age.Encrypt(w, r)
	}
	var to []age.Recipient
	for i, text := range o.Recipients {
		r, err := parseRecipient(text)
		if err != nil {
			return nil, fmt.Errorf("encrypt export: recipient %d %w", i+1, err)
		}
		to = append(to, r)
	}
	return age.Encrypt(w, to...)
}

var (
	errNoRecipient = errors.New("is none: age1pq1… or age1… is expected")
	errIsIdentity  = errors.New("is a secret key: give the recipient that belongs to it (age-keygen -y), and the key to nobody")
)

// parseRecipient reads a hybrid or an X25519 recipient. Its errors do not quote it: people paste secret keys here.
func parseRecipient(text string) (age.Recipient, error) {
	if r, err := age.ParseHybridRecipient(text); err == nil {
		return r, nil
	}
	if r, err := age.ParseX25519Recipient(text); err == nil {
		return r, nil
	}
	if strings.HasPrefix(strings.ToUpper(strings.TrimSpace(text)), "AGE-SECRET-KEY-") {
		return nil, errIsIdentity
	}
	return nil, errNoRecipient
}

type nopCloser struct{ io.Writer }

func (nopCloser) Close() error { return nil }
