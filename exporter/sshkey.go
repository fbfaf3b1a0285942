package exporter

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"encoding/binary"
	"encoding/pem"
	"errors"
	"math/big"
)

// An SSH private key in CXF is PKCS#8. What programs keep is mostly OpenSSH's own container; formats.md 11 describes it. This
// reader takes unencrypted keys of the types that PKCS#8 can hold, and gives back the comment, which x/crypto/ssh does not.

var errKeepPEM = errors.New("key cannot be written as PKCS#8")

const openSSHMagic = "openssh-key-v1\x00"

// maxPEM bounds the text of a key: RSA with 16,384 bits has 13 KiB.
const maxPEM = 64 << 10

type sshKey struct {
	typ     string // ssh-ed25519
	comment string
	der     []byte // PKCS#8
}

// parseSSHKey reads a private key in PEM. errKeepPEM when it is encrypted, of another type, or damaged.
func parseSSHKey(text string) (sshKey, error) {
	if len(text) > maxPEM {
		return sshKey{}, errKeepPEM
	}
	block, rest := pem.Decode([]byte(text))
	if block == nil || len(bytes.TrimSpace(rest)) > 0 || len(block.Headers) > 0 {
		return sshKey{}, errKeepPEM
	}
	var key any
	var comment string
	var err error
	switch block.Type {
	case "OPENSSH PRIVATE KEY":
		key, comment, err = parseOpenSSH(block.Bytes)
	case "PRIVATE KEY":
		key, err = x509.ParsePKCS8PrivateKey(block.Bytes)
	case "RSA PRIVATE KEY":
		key, err = x509.ParsePKCS1PrivateKey(block.Bytes)
	case "EC PRIVATE KEY":
		key, err = x509.ParseECPrivateKey(block.Bytes)
	default:
		err = errKeepPEM
	}
	if err != nil {
		return sshKey{}, errKeepPEM
	}
	typ := sshType(key)
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil || typ == "" {
		return sshKey{}, errKeepPEM
	}
	if block.Type == "PRIVATE KEY" {
		der = block.Bytes // never re-encode what is right already
	}
	return sshKey{typ, comment, der}, nil
}

func sshType(key any) string {
	switch k := key.(type) {
	case ed25519.PrivateKey:
		return "ssh-ed25519"
	case *rsa.PrivateKey:
		return "ssh-rsa"
	case *ecdsa.PrivateKey:
		for name, curve := range sshCurves {
			if k.Curve == curve {
				return "ecdsa-sha2-" + name
			}
		}
	}
	return ""
}

var sshCurves = map[string]elliptic.Curve{"nistp256": elliptic.P256(), "nistp384": elliptic.P384(), "nistp521": elliptic.P521()}

// sshReader takes length-prefixed fields from the front of a blob.
type sshReader struct {
	b   []byte
	bad bool
}

func (r *sshReader) uint32() uint32 {
	if len(r.b) < 4 {
		r.bad = true
		return 0
	}
	n := binary.BigEndian.Uint32(r.b)
	r.b = r.b[4:]
	return n
}

func (r *sshReader) string() []byte {
	n := r.uint32()
	if r.bad || uint64(n) > uint64(len(r.b)) {
		r.bad = true
		return nil
	}
	s := r.b[:n]
	r.b = r.b[n:]
	return s
}

func (r *sshReader) int() *big.Int { return new(big.Int).SetBytes(r.string()) }

func parseOpenSSH(blob []byte) (key any, comment string, err error) {
	rest, ok := bytes.CutPrefix(blob, []byte(openSSHMagic))
	r := &sshReader{b: rest}
	cipher, kdf, _, keys := r.string(), r.string(), r.string(), r.uint32()
	_, section := r.string(), r.string()
	if !ok || r.bad || string(cipher) != "none" || string(kdf) != "none" || keys != 1 || len(r.b) > 0 {
		return nil, "", errKeepPEM
	}
	s := &sshReader{b: section}
	if a, b := s.uint32(), s.uint32(); a != b {
		return nil, "", errKeepPEM
	}
	if key, err = s.privateKey(); err != nil {
		return nil, "", err
	}
	comment = string(s.string())
	for i, b := range s.b { // padding 1, 2, 3 …
		s.bad = s.bad || int(b) != i+1
	}
	if s.bad {
		return nil, "", errKeepPEM
	}
	return key, comment, nil
}

func (r *sshReader) privateKey() (any, error) {
	switch typ := string(r.string()); typ {
	case "ssh-ed25519":
		public, private := r.string(), r.string()
		if r.bad || len(private) != ed25519.PrivateKeySize {
			return nil, errKeepPEM
		}
		key := ed25519.NewKeyFromSeed(private[:ed25519.SeedSize])
		if !bytes.Equal(key, private) || !bytes.Equal(key[ed25519.SeedSize:], public) {
			return nil, errKeepPEM
		}
		return key, nil
	case "ssh-rsa":
		return r.rsaKey()
	default:
		return r.ecKey(typ)
	}
}

func (r *sshReader) rsaKey() (any, error) {
	n, e, d, _, p, q := r.int(), r.int(), r.int(), r.int(), r.int(), r.int()
	if r.bad || !e.IsInt64() || e.Int64() > 1<<31-1 || n.BitLen() > 16384 {
		return nil, errKeepPEM
	}
	key := &rsa.PrivateKey{PublicKey: rsa.PublicKey{N: n, E: int(e.Int64())}, D: d, Primes: []*big.Int{p, q}}
	if key.Validate() != nil {
		return nil, errKeepPEM
	}
	key.Precompute()
	return key, nil
}

func (r *sshReader) ecKey(typ string) (any, error) {
	name, public, d := string(r.string()), r.string(), r.int()
	curve, ok := sshCurves[name]
	if r.bad || !ok || typ != "ecdsa-sha2-"+name || d.BitLen() > curve.Params().BitSize {
		return nil, errKeepPEM
	}
	key, err := ecdsa.ParseRawPrivateKey(curve, d.FillBytes(make([]byte, (curve.Params().BitSize+7)/8)))
	if err != nil {
		return nil, errKeepPEM
	}
	if want, err := key.PublicKey.Bytes(); err != nil || !bytes.Equal(want, public) {
		return nil, errKeepPEM
	}
	return key, nil
}
