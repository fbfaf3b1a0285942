package passkeys

import (
	"crypto/ecdh"
	"crypto/rand"
)

// What tests from outside need of the inside: they play the host.
var (
	Marshal   = marshal
	Unmarshal = unmarshal
	Canonical = canonical
)

type (
	PINProtocol  = pinProtocol
	AgreementKey = agreementKey
)

const (
	PINOne = pinOne
	PINTwo = pinTwo
)

func AgreementKeyOf(k *ecdh.PublicKey) AgreementKey { return agreementKeyOf(k) }

func (p pinProtocol) Agree(own *ecdh.PrivateKey, theirs AgreementKey) ([]byte, error) {
	return p.agree(own, theirs)
}

func (p pinProtocol) Encrypt(shared, plain []byte) []byte {
	return must(p.encrypt(shared, plain, rand.Reader))
}

func (p pinProtocol) Decrypt(shared, sealed []byte) ([]byte, error) { return p.decrypt(shared, sealed) }

func (p pinProtocol) Authenticate(key, message []byte) []byte { return p.authenticate(key, message) }
