package client

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"io"
	"slices"
)

// protocol is a PIN/UV auth protocol as the platform speaks it (CTAP 2.1, sections 6.5.6 and 6.5.7).
type protocol uint64

// The protocols; the second one is preferred.
const (
	pinOne protocol = 1
	pinTwo protocol = 2
)

// coseKey is a key-agreement key.
type coseKey struct {
	Kty int64  `cbor:"1,keyasint"`
	Alg int64  `cbor:"3,keyasint"`
	Crv int64  `cbor:"-1,keyasint"`
	X   []byte `cbor:"-2,keyasint"`
	Y   []byte `cbor:"-3,keyasint"`
}

const (
	coseECDH   = -25 // what devices look for, although neither protocol derives like that
	coordinate = 32
)

// shared is a secret that we share with the device for a moment.
type shared struct {
	protocol protocol
	secret   []byte // protocol 1: one key; 2: a key for HMAC and one for AES
	key      coseKey
	rand     io.Reader
}

func (s *shared) wipe() { clear(s.secret) }

// agree makes a fresh key and a secret with the device (section 6.5.5.4).
func (t *talk) agree(ctx context.Context) (*shared, error) {
	p := pinTwo
	if !slices.Contains(t.info.PINProtocols, uint64(p)) {
		p = pinOne
		if !slices.Contains(t.info.PINProtocols, uint64(p)) {
			return nil, errAnswer
		}
	}
	var answer struct {
		Key *coseKey `cbor:"1,keyasint"`
	}
	if err := t.send(ctx, cmdClientPIN, pinRequest{Protocol: p, Sub: subKeyAgreement}, &answer); err != nil {
		return nil, err
	}
	k := answer.Key
	if k == nil || len(k.X) != coordinate || len(k.Y) != coordinate {
		return nil, errAnswer
	}
	theirs, err := ecdh.P256().NewPublicKey(slices.Concat([]byte{4}, k.X, k.Y))
	if err != nil {
		return nil, errAnswer
	}
	own, err := ecdh.P256().GenerateKey(t.opt.Rand)
	if err != nil {
		return nil, err
	}
	return p.share(own, theirs, t.opt.Rand)
}

// share derives the secret of two keys.
func (p protocol) share(own *ecdh.PrivateKey, theirs *ecdh.PublicKey, rand io.Reader) (*shared, error) {
	z, err := own.ECDH(theirs)
	if err != nil {
		return nil, errAnswer
	}
	defer clear(z)
	pub := own.PublicKey().Bytes()
	return &shared{p, p.derive(z), coseKey{2, coseECDH, 1, pub[1 : 1+coordinate], pub[1+coordinate:]}, rand}, nil
}

func (p protocol) derive(z []byte) []byte {
	if p == pinOne {
		sum := sha256.Sum256(z)
		return sum[:]
	}
	salt := make([]byte, sha256.Size)
	return slices.Concat(must(hkdf.Key(sha256.New, z, salt, "CTAP2 HMAC key", sha256.Size)), must(hkdf.Key(sha256.New, z, salt, "CTAP2 AES key", sha256.Size)))
}

func (s *shared) block() cipher.Block {
	return must(aes.NewCipher(s.secret[len(s.secret)-sha256.Size:]))
}

// encrypt seals whole blocks.
func (s *shared) encrypt(plain []byte) ([]byte, error) {
	iv := make([]byte, aes.BlockSize)
	out := make([]byte, len(plain))
	if s.protocol == pinTwo {
		if _, err := io.ReadFull(s.rand, iv); err != nil {
			return nil, err
		}
	}
	cipher.NewCBCEncrypter(s.block(), iv).CryptBlocks(out, plain)
	if s.protocol == pinTwo {
		out = append(iv, out...)
	}
	return out, nil
}

// decrypt opens what the device sealed.
func (s *shared) decrypt(sealed []byte) ([]byte, error) {
	iv := make([]byte, aes.BlockSize)
	if s.protocol == pinTwo {
		if len(sealed) < aes.BlockSize {
			return nil, errAnswer
		}
		iv, sealed = sealed[:aes.BlockSize], sealed[aes.BlockSize:]
	}
	if len(sealed) == 0 || len(sealed)%aes.BlockSize != 0 {
		return nil, errAnswer
	}
	out := make([]byte, len(sealed))
	cipher.NewCBCDecrypter(s.block(), iv).CryptBlocks(out, sealed)
	return out, nil
}

// authenticate is the tag of a message under a shared secret or a token.
func (p protocol) authenticate(key, message []byte) []byte {
	mac := hmac.New(sha256.New, key[:min(len(key), sha256.Size)])
	_, _ = mac.Write(message) // never fails
	sum := mac.Sum(nil)
	if p == pinOne {
		return sum[:16]
	}
	return sum
}

func equal(a, b []byte) bool { return subtle.ConstantTimeCompare(a, b) == 1 }
