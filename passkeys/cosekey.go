package passkeys

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"

	"filippo.io/mldsa"
	mldsax509 "filippo.io/mldsa/x509"

	"signet/vault/secret"
)

// Algorithm is a COSE algorithm number (IANA, "COSE Algorithms").
type Algorithm int64

// The algorithms. RS256 keys are never made here: they come with imports. Those after it are experimental.
const (
	ES256   Algorithm = -7
	EdDSA   Algorithm = -8
	ES384   Algorithm = -35
	RS256   Algorithm = -257
	MLDSA44 Algorithm = -48
	MLDSA65 Algorithm = -49
)

// Bounds of an RSA key that is taken in.
const (
	leastRSA = 2048
	mostRSA  = 8192
)

// maxPKCS8 bounds a private key that is taken in: one of 8192 bits takes 4.7 kB.
const maxPKCS8 = 8 << 10

var (
	errAlgorithm = errors.New("no key of this algorithm can be made")
	errKey       = errors.New("not a private key of a passkey")
)

// Key is the private key of a credential.
type Key struct {
	alg  Algorithm
	priv crypto.Signer
}

// Algorithms lists what new credentials may have, in this order of our own preference; the relying party's own order wins.
func Algorithms() []Algorithm { return []Algorithm{ES256, EdDSA, ES384} }

// ExperimentalAlgorithms lists what new credentials may have besides, where that is switched on: hardly any site knows them yet.
func ExperimentalAlgorithms() []Algorithm { return []Algorithm{MLDSA44, MLDSA65} }

// NewKey makes a key. errors: the algorithm is none of the above, or rand fails.
func NewKey(alg Algorithm, rand io.Reader) (Key, error) {
	var priv crypto.Signer
	var err error
	switch alg {
	case ES256:
		priv, err = ecdsa.GenerateKey(elliptic.P256(), rand)
	case ES384:
		priv, err = ecdsa.GenerateKey(elliptic.P384(), rand)
	case EdDSA:
		seed := make([]byte, ed25519.SeedSize)
		if _, err = io.ReadFull(rand, seed); err == nil {
			priv = ed25519.NewKeyFromSeed(seed)
			clear(seed)
		}
	case MLDSA44, MLDSA65:
		return newMLDSA(alg, rand)
	default:
		return Key{}, errAlgorithm
	}
	if err != nil {
		return Key{}, fmt.Errorf("make a key: %w", err)
	}
	return Key{alg, priv}, nil
}

// ParseKey reads the PKCS #8 DER that CXF keeps as the passkey's key; the algorithm follows from the kind of key.
func ParseKey(pkcs8 []byte) (Key, error) {
	if len(pkcs8) > maxPKCS8 {
		return Key{}, errKey
	}
	parsed, err := mldsax509.ParsePKCS8PrivateKey(pkcs8) // and all that crypto/x509 knows
	if err != nil {
		return Key{}, errKey // the cause may quote the key
	}
	switch k := parsed.(type) {
	case *ecdsa.PrivateKey:
		switch k.Curve {
		case elliptic.P256():
			return Key{ES256, k}, nil
		case elliptic.P384():
			return Key{ES384, k}, nil
		}
	case ed25519.PrivateKey:
		return Key{EdDSA, k}, nil
	case *rsa.PrivateKey:
		if n := k.N.BitLen(); n >= leastRSA && n <= mostRSA {
			return Key{RS256, k}, nil
		}
	case *mldsa.PrivateKey:
		return keyOfMLDSA(k)
	}
	return Key{}, errKey
}

// Usable reports whether there is a key: a credential whose key lives on another device, or is of a kind that nobody here knows, has none.
func (k Key) Usable() bool { return k.priv != nil }

// Algorithm is the key's.
func (k Key) Algorithm() Algorithm { return k.alg }

// PKCS8 is the key as CXF keeps it.
func (k Key) PKCS8() (secret.Secret, error) {
	der, err := mldsax509.MarshalPKCS8PrivateKey(k.priv)
	if err != nil {
		return secret.Secret{}, errKey
	}
	return secret.New(der), nil
}

// Sign signs a message: ECDSA in ASN.1 DER, EdDSA and RSA as they come (WebAuthn Level 3, section 6.5.5).
func (k Key) Sign(rand io.Reader, message []byte) ([]byte, error) {
	if !k.Usable() {
		return nil, errKey
	}
	switch k.alg {
	case EdDSA, MLDSA44, MLDSA65:
		return k.priv.Sign(rand, message, crypto.Hash(0))
	case ES384:
		sum := sha512.Sum384(message)
		return k.priv.Sign(rand, sum[:], crypto.SHA384)
	}
	sum := sha256.Sum256(message)
	return k.priv.Sign(rand, sum[:], crypto.SHA256)
}

// Parameters of COSE keys (RFC 9053, sections 7.1 and 7.2; RFC 8230, section 4; draft-ietf-cose-dilithium, section 3).
const (
	coseOKP, coseEC2, coseRSA        = 1, 2, 3
	coseAKP                          = 7
	curveP256, curveP384, curve25519 = 1, 2, 6
)

// PublicKey is the public half as a canonical COSE_Key.
func (k Key) PublicKey() []byte {
	if !k.Usable() {
		return nil
	}
	switch pub := k.priv.Public().(type) {
	case *ecdsa.PublicKey:
		return ecPublicKey(pub, k.alg)
	case ed25519.PublicKey:
		return marshal(map[int64]any{1: coseOKP, 3: int64(k.alg), -1: curve25519, -2: []byte(pub)})
	case *mldsa.PublicKey:
		return marshal(map[int64]any{1: coseAKP, 3: int64(k.alg), -1: pub.Bytes()})
	case *rsa.PublicKey:
		e := binary.BigEndian.AppendUint32(nil, uint32(pub.E)) //nolint:gosec // crypto/rsa holds exponents below 2^31
		for len(e) > 1 && e[0] == 0 {
			e = e[1:]
		}
		return marshal(map[int64]any{1: coseRSA, 3: int64(k.alg), -1: pub.N.Bytes(), -2: e})
	}
	return nil
}

func ecPublicKey(pub *ecdsa.PublicKey, alg Algorithm) []byte {
	curve := curveP256
	if alg == ES384 {
		curve = curveP384
	}
	point := must(pub.Bytes()) // uncompressed: 4, x, y
	half := (len(point) - 1) / 2
	return marshal(map[int64]any{1: coseEC2, 3: int64(alg), -1: curve, -2: point[1 : 1+half], -3: point[1+half:]})
}

// SPKI is the public half as SubjectPublicKeyInfo in DER, which WebAuthn's JSON carries.
func (k Key) SPKI() ([]byte, error) {
	if !k.Usable() {
		return nil, errKey
	}
	return mldsax509.MarshalPKIXPublicKey(k.priv.Public())
}

// choose takes the first algorithm of a request that is offered.
func choose(asked, offered []Algorithm) (Algorithm, bool) {
	for _, a := range asked {
		if slices.Contains(offered, a) {
			return a, true
		}
	}
	return 0, false
}

// offers lists what new credentials may have.
func (a *Authenticator) offers() []Algorithm {
	if a.opt.Experimental {
		return append(Algorithms(), ExperimentalAlgorithms()...)
	}
	return Algorithms()
}
