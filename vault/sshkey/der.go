package sshkey

import (
	"crypto/ecdh"
	"crypto/ed25519"
	"encoding/asn1"
	"math/big"
)

// The forms of RFC 5208 (PKCS#8), RFC 8017 (PKCS#1) and RFC 5915 (SEC 1), as far as the public half asks for them. The standard
// library's reader would bring the network along, and checks what only a signer has to know.
type (
	pkcs8 struct {
		Version   int
		Algorithm struct {
			ID         asn1.ObjectIdentifier
			Parameters asn1.RawValue `asn1:"optional"`
		}
		Key []byte
	}
	pkcs1 struct {
		Version int
		N, E    *big.Int
		// the rest is secret and of no use here
		D, P, Q, DP, DQ, QInv *big.Int
	}
	sec1 struct {
		Version int
		Key     []byte
		Curve   asn1.ObjectIdentifier `asn1:"optional,explicit,tag:0"`
		Public  asn1.BitString        `asn1:"optional,explicit,tag:1"`
	}
)

var (
	idEd25519 = asn1.ObjectIdentifier{1, 3, 101, 112}
	idRSA     = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 1}
	idEC      = asn1.ObjectIdentifier{1, 2, 840, 10045, 2, 1}
)

// curve is one of the three that SSH knows.
type curve struct {
	id   asn1.ObjectIdentifier
	name string
	ecdh ecdh.Curve
}

var curves = []curve{
	{asn1.ObjectIdentifier{1, 2, 840, 10045, 3, 1, 7}, "nistp256", ecdh.P256()},
	{asn1.ObjectIdentifier{1, 3, 132, 0, 34}, "nistp384", ecdh.P384()},
	{asn1.ObjectIdentifier{1, 3, 132, 0, 35}, "nistp521", ecdh.P521()},
}

// ofDER reads what stands in a PEM block of that kind.
func ofDER(kind string, der []byte) (Info, error) {
	var blob []byte
	switch kind {
	case "PRIVATE KEY":
		blob = ofPKCS8(der)
	case "RSA PRIVATE KEY":
		blob = ofPKCS1(der)
	case "EC PRIVATE KEY":
		blob = ofSEC1(der, nil)
	}
	if blob == nil {
		return Info{}, ErrNotKey
	}
	return ofBlob(blob)
}

func ofPKCS8(der []byte) []byte {
	var k pkcs8
	if _, err := asn1.Unmarshal(der, &k); err != nil {
		return nil
	}
	switch {
	case k.Algorithm.ID.Equal(idEd25519):
		var seed []byte
		if _, err := asn1.Unmarshal(k.Key, &seed); err != nil || len(seed) != ed25519.SeedSize {
			return nil
		}
		key := ed25519.NewKeyFromSeed(seed)
		defer clear(key)
		return join([]byte("ssh-ed25519"), key[ed25519.SeedSize:])
	case k.Algorithm.ID.Equal(idRSA):
		return ofPKCS1(k.Key)
	case k.Algorithm.ID.Equal(idEC):
		var id asn1.ObjectIdentifier
		if _, err := asn1.Unmarshal(k.Algorithm.Parameters.FullBytes, &id); err != nil {
			return nil
		}
		return ofSEC1(k.Key, id)
	}
	return nil
}

func ofPKCS1(der []byte) []byte {
	var k pkcs1
	if _, err := asn1.Unmarshal(der, &k); err != nil || k.N.Sign() <= 0 || k.E.Sign() <= 0 {
		return nil
	}
	return join([]byte("ssh-rsa"), mpint(k.E), mpint(k.N))
}

// ofSEC1 computes the public point anew: the one in the file is optional and nobody has checked it.
func ofSEC1(der []byte, id asn1.ObjectIdentifier) []byte {
	var k sec1
	if _, err := asn1.Unmarshal(der, &k); err != nil {
		return nil
	}
	if id == nil {
		id = k.Curve
	}
	for _, c := range curves {
		if !c.id.Equal(id) {
			continue
		}
		key, err := c.ecdh.NewPrivateKey(k.Key)
		if err != nil {
			return nil
		}
		return join([]byte("ecdsa-sha2-"+c.name), []byte(c.name), key.PublicKey().Bytes())
	}
	return nil
}
