package passkeys

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"io"
)

// pinProtocol is a PIN/UV auth protocol: how a platform and an authenticator agree on a key, and what they do with it (CTAP 2.1, sections 6.5.6 and 6.5.7).
type pinProtocol uint64

// The protocols. The second one is preferred.
const (
	pinOne pinProtocol = 1
	pinTwo pinProtocol = 2
)

// pinProtocols lists them in the order of getInfo.
func pinProtocols() []pinProtocol { return []pinProtocol{pinTwo, pinOne} }

// Sizes of the two protocols.
const (
	sharedOne = sha256.Size     // one key for both purposes
	sharedTwo = 2 * sha256.Size // a key for HMAC, then one for AES
	tagOne    = 16
)

// coseECDH is the algorithm that key-agreement keys carry, ECDH-ES+HKDF-256, although neither protocol uses it like that (section 6.5.6).
const coseECDH = -25

// agreementKey is a key-agreement key as it travels: a COSE_Key.
type agreementKey struct {
	Kty int64  `cbor:"1,keyasint"`
	Alg int64  `cbor:"3,keyasint"`
	Crv int64  `cbor:"-1,keyasint"`
	X   []byte `cbor:"-2,keyasint"`
	Y   []byte `cbor:"-3,keyasint"`
}

const coordinate = 32 // bytes of a P-256 coordinate

func agreementKeyOf(pub *ecdh.PublicKey) agreementKey {
	b := pub.Bytes()
	return agreementKey{coseEC2, coseECDH, curveP256, b[1 : 1+coordinate], b[1+coordinate:]}
}

// publicKey checks that the key is what it claims to be: a point of the curve.
func (k agreementKey) publicKey() (*ecdh.PublicKey, error) {
	if k.Kty != coseEC2 || k.Alg != coseECDH || k.Crv != curveP256 || len(k.X) != coordinate || len(k.Y) != coordinate {
		return nil, StatusInvalidParameter
	}
	pub, err := ecdh.P256().NewPublicKey(append(append([]byte{4}, k.X...), k.Y...))
	if err != nil {
		return nil, StatusInvalidParameter
	}
	return pub, nil
}

// agree derives the shared secret from our key and the platform's.
func (p pinProtocol) agree(own *ecdh.PrivateKey, theirs agreementKey) ([]byte, error) {
	pub, err := theirs.publicKey()
	if err != nil {
		return nil, err
	}
	z, err := own.ECDH(pub)
	if err != nil {
		return nil, StatusInvalidParameter
	}
	defer clear(z)
	if p == pinOne {
		sum := sha256.Sum256(z)
		return sum[:], nil
	}
	shared := make([]byte, 0, sharedTwo)
	for _, info := range []string{"CTAP2 HMAC key", "CTAP2 AES key"} {
		shared = append(shared, must(hkdf.Key(sha256.New, z, make([]byte, sha256.Size), info, sha256.Size))...)
	}
	return shared, nil
}

// encrypt seals whole blocks. rand gives the second protocol's IV.
func (p pinProtocol) encrypt(shared, plain []byte, rand io.Reader) ([]byte, error) {
	if len(plain)%aes.BlockSize != 0 {
		return nil, StatusOther
	}
	iv := make([]byte, aes.BlockSize)
	if p == pinTwo {
		if _, err := io.ReadFull(rand, iv); err != nil {
			return nil, StatusOther
		}
	}
	out := make([]byte, len(plain))
	cipher.NewCBCEncrypter(p.block(shared), iv).CryptBlocks(out, plain)
	if p == pinOne {
		return out, nil
	}
	return append(iv, out...), nil
}

// decrypt opens what a platform sealed; what is no whole number of blocks is StatusInvalidParameter.
func (p pinProtocol) decrypt(shared, sealed []byte) ([]byte, error) {
	iv := make([]byte, aes.BlockSize)
	if p == pinTwo {
		if len(sealed) < aes.BlockSize {
			return nil, StatusInvalidParameter
		}
		iv, sealed = sealed[:aes.BlockSize], sealed[aes.BlockSize:]
	}
	if len(sealed) == 0 || len(sealed)%aes.BlockSize != 0 {
		return nil, StatusInvalidParameter
	}
	out := make([]byte, len(sealed))
	cipher.NewCBCDecrypter(p.block(shared), iv).CryptBlocks(out, sealed)
	return out, nil
}

// block is AES-256 with the part of the shared secret that encrypts.
func (p pinProtocol) block(shared []byte) cipher.Block {
	if p == pinTwo {
		shared = shared[sharedTwo-sharedOne:]
	}
	return must(aes.NewCipher(shared))
}

// authenticate is the tag of a message under a shared secret or a pinUvAuthToken.
func (p pinProtocol) authenticate(key, message []byte) []byte {
	mac := hmac.New(sha256.New, key[:sha256.Size])
	_, _ = mac.Write(message) // never fails
	sum := mac.Sum(nil)
	if p == pinOne {
		return sum[:tagOne]
	}
	return sum
}

// verify compares a tag in constant time.
func (p pinProtocol) verify(key, message, tag []byte) bool {
	return subtle.ConstantTimeCompare(p.authenticate(key, message), tag) == 1
}
