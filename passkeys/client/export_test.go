package client

import (
	"crypto/ecdh"
	"io"
)

// What tests from outside need of the inside.
var (
	AppendString = appendString
	ClientData   = clientData
	SaltOf       = saltOf
)

// Shared is what a platform and a device have in common for a moment.
type Shared struct{ s *shared }

// Share derives it as PIN/UV protocol p does.
func Share(p int, own *ecdh.PrivateKey, theirs *ecdh.PublicKey, rand io.Reader) (Shared, error) {
	s, err := protocol(p).share(own, theirs, rand) //nolint:gosec // 1 or 2
	return Shared{s}, err
}

// Secret is what was derived.
func (s Shared) Secret() []byte { return s.s.secret }

// Seal seals salts.
func (s Shared) Seal(salts []byte) (sealed, tag []byte, err error) {
	in, err := s.s.sealSalts(salts)
	if err != nil {
		return nil, nil, err
	}
	return in.Salts, in.Tag, nil
}

// Open reads the first and second output.
func (s Shared) Open(sealed []byte, salts int) (first, second string, err error) {
	out, err := s.s.openSecrets(sealed, salts)
	if err != nil {
		return "", "", err
	}
	return out.First, out.Second, nil
}
