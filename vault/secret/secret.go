package secret

import (
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"log/slog"
)

// Redacted is what every attempt to print a Secret yields.
const Redacted = "[redacted]"

// errMarshal is returned by every marshaller: a Secret leaves the process only through Reveal.
var errMarshal = errors.New("secret: refusing to marshal")

// Secret holds bytes that must never be printed, logged or marshalled by accident. The zero value is empty. Copies
// share the bytes: wiping one wipes all.
type Secret struct{ reveal func() []byte }

// New takes ownership of b: the caller must not use b afterwards, except to know that Wipe clears it.
func New(b []byte) Secret { return Secret{func() []byte { return b }} }

// FromString copies s. The string itself cannot be wiped; prefer New where the bytes are at hand.
func FromString(s string) Secret { return New([]byte(s)) }

// Reveal returns the bytes themselves, not a copy; nil for the zero value. Do not keep them longer than one call.
func (s Secret) Reveal() []byte {
	if s.reveal == nil {
		return nil
	}
	return s.reveal()
}

// RevealString returns a copy as a string, for interfaces that accept nothing else (age, prompts, JSON on request).
func (s Secret) RevealString() string { return string(s.Reveal()) }

// IsEmpty reports whether there are no bytes.
func (s Secret) IsEmpty() bool { return len(s.Reveal()) == 0 }

// Equal compares in time that depends on the lengths only.
func (s Secret) Equal(t Secret) bool { return subtle.ConstantTimeCompare(s.Reveal(), t.Reveal()) == 1 }

// Clone returns a Secret with bytes of its own, so that wiping one leaves the other.
func (s Secret) Clone() Secret { return New(append([]byte(nil), s.Reveal()...)) }

// Wipe overwrites the bytes with zeros. Best effort: the runtime may have copied them before.
func (s Secret) Wipe() { clear(s.Reveal()) }

// Format implements fmt.Formatter for every verb.
func (Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, Redacted) }

// String implements fmt.Stringer.
func (Secret) String() string { return Redacted }

// GoString implements fmt.GoStringer.
func (Secret) GoString() string { return Redacted }

// LogValue implements slog.LogValuer.
func (Secret) LogValue() slog.Value { return slog.StringValue(Redacted) }

// MarshalText always fails, and with it encoding/json, encoding/xml and every other marshaller that asks for text.
func (Secret) MarshalText() ([]byte, error) { return nil, errMarshal }

// MarshalJSON always fails.
func (Secret) MarshalJSON() ([]byte, error) { return nil, errMarshal }

// GobEncode always fails.
func (Secret) GobEncode() ([]byte, error) { return nil, errMarshal }
