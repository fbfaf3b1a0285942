package uhid

import (
	"errors"
	"fmt"
	"strings"

	"signet/passkeys/ctaphid"
)

// Socket is where the helper listens.
const Socket = "/run/signet-uhid.sock"

// Messages between client and helper, one each packet of a SOCK_SEQPACKET socket: a kind, then
//
//	hello   (client)  1, name length, name, tag length, tag    the first message, once
//	ready   (helper)  path of the node                         its answer, once
//	refused (helper)  a Refusal, text                          its answer instead; the end
//	report  (both)    64 bytes                                 after ready
const (
	kindHello   = 1
	kindReady   = 2
	kindRefused = 3
	kindReport  = 4

	protocol = 1
)

// Limits of messages.
const (
	MaxMessage = 512
	maxName    = 64
	maxTag     = 24
	maxPath    = 64
	maxText    = 400
)

// Refusal says why the helper makes no key.
type Refusal byte

// The refusals. The zero value is none.
const (
	NotAllowed Refusal = iota + 1 // the helper was not installed for this user
	TooMany                       // this user has as many keys as one may have
	NoKernel                      // the kernel made none; the text says why
	Malformed                     // the client said something else than the protocol has
)

// RefusedError is the helper's refusal.
type RefusedError struct {
	Refusal Refusal
	Text    string
}

func (e *RefusedError) Error() string { return "the helper refused: " + e.Text }

var (
	errMessage = errors.New("malformed message")
	errReport  = errors.New("a report has exactly 64 bytes")
)

// Hello asks the helper for a key.
type Hello struct {
	Name string // what people read: printable ASCII that begins with "Signet"
	Tag  string // tells the vaults of one user apart: lower-case letters, digits
}

// check holds for both sides: nothing else gets to the kernel's uevent. The name begins with Signet, so that no program makes a key that looks like another maker's.
func (h Hello) check() error {
	if err := printable("name", h.Name, maxName); err != nil {
		return err
	}
	if h.Name != namePrefix && !strings.HasPrefix(h.Name, namePrefix+" ") {
		return fmt.Errorf("name of the security key does not begin with %q", namePrefix)
	}
	return checkTag(h.Tag)
}

const namePrefix = "Signet"

func checkTag(tag string) error {
	if tag == "" || len(tag) > maxTag {
		return fmt.Errorf("tag of the security key has %d bytes, not 1 to %d", len(tag), maxTag)
	}
	for _, c := range []byte(tag) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') {
			return errors.New("tag of the security key holds more than lower-case letters and digits")
		}
	}
	return nil
}

// Encode makes the message.
func (h Hello) Encode() ([]byte, error) {
	if err := h.check(); err != nil {
		return nil, err
	}
	b := append([]byte{kindHello, protocol, byte(len(h.Name))}, h.Name...)
	return append(append(b, byte(len(h.Tag))), h.Tag...), nil
}

// ParseHello reads the first message of a client.
func ParseHello(b []byte) (Hello, error) {
	if len(b) < 2 || b[0] != kindHello {
		return Hello{}, errMessage
	}
	if b[1] != protocol {
		return Hello{}, fmt.Errorf("client speaks version %d of the protocol, the helper %d: they are from different versions of Signet", b[1], protocol)
	}
	name, rest, ok := counted(b[2:])
	if !ok {
		return Hello{}, errMessage
	}
	tag, rest, ok := counted(rest)
	if !ok || len(rest) != 0 {
		return Hello{}, errMessage
	}
	h := Hello{name, tag}
	return h, h.check()
}

// counted reads a text with its length before it.
func counted(b []byte) (text string, rest []byte, ok bool) {
	if len(b) < 1 || len(b) < 1+int(b[0]) {
		return "", nil, false
	}
	n := 1 + int(b[0])
	return string(b[1:n]), b[n:], true
}

// EncodeReady says that the key is there.
func EncodeReady(path string) []byte { return append([]byte{kindReady}, path...) }

// EncodeRefused says that there is none.
func EncodeRefused(r Refusal, text string) []byte {
	return append([]byte{kindRefused, byte(r)}, text[:min(len(text), maxText)]...)
}

// parseAnswer reads the helper's answer to hello.
func parseAnswer(b []byte) (path string, err error) {
	switch {
	case len(b) > 1 && b[0] == kindReady:
		path = string(b[1:])
		return path, errors.Join(printable("path", path, maxPath))
	case len(b) > 1 && b[0] == kindRefused:
		text := string(b[2:])
		if printable("text", text, maxText) != nil {
			text = "no reason given"
		}
		return "", &RefusedError{Refusal(b[1]), text}
	}
	return "", errMessage
}

// EncodeReport wraps a report.
func EncodeReport(p *ctaphid.Packet) []byte { return append([]byte{kindReport}, p[:]...) }

// ParseReport unwraps one.
func ParseReport(b []byte, p *ctaphid.Packet) error {
	if len(b) != 1+len(p) || b[0] != kindReport {
		return errMessage
	}
	copy(p[:], b[1:])
	return nil
}
