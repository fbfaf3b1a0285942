package format

import (
	"bytes"
	"errors"
	"strings"

	"signet/vault/secret"
)

// Identity lines as age writes them: Bech32 (BIP 173, without its length limit) of a 32-byte seed, in upper case, behind
// AGE-SECRET-KEY-PQ-. This package reads and writes the spelling only and never computes with the key.

const (
	identityPrefix = "AGE-SECRET-KEY-PQ-1"
	bech32Chars    = "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L"
	seedLen        = 32
	seedChars      = (seedLen*8 + 4) / 5
	identityLen    = len(identityPrefix) + seedChars + 6
)

var errIdentity = errors.New("malformed identity line")

// encodeIdentity returns the identity line of a seed, without LF.
func encodeIdentity(seed []byte) []byte {
	data := to5bits(seed)
	out := make([]byte, 0, identityLen)
	out = append(out, identityPrefix...)
	for _, v := range append(data, bech32Checksum(data)...) {
		out = append(out, bech32Chars[v])
	}
	clear(data)
	return out
}

// decodeIdentity returns the seed of an identity line in its one spelling.
func decodeIdentity(line []byte) ([]byte, error) {
	if len(line) != identityLen || !bytes.HasPrefix(line, []byte(identityPrefix)) {
		return nil, errIdentity
	}
	data := make([]byte, 0, seedChars+6)
	defer func() { clear(data) }()
	for _, c := range line[len(identityPrefix):] {
		v := strings.IndexByte(bech32Chars, c)
		if v < 0 {
			return nil, errIdentity
		}
		data = append(data, byte(v))
	}
	if !bytes.Equal(bech32Checksum(data[:seedChars]), data[seedChars:]) {
		return nil, errIdentity
	}
	seed, ok := from5bits(data[:seedChars])
	if !ok {
		return nil, errIdentity
	}
	return seed, nil
}

// bech32Checksum computes the six check values over the prefix in lower case and data.
func bech32Checksum(data []byte) []byte {
	hrp := strings.ToLower(identityPrefix[:len(identityPrefix)-1])
	chk := uint32(1)
	for i := range len(hrp) {
		chk = bech32Step(chk, hrp[i]>>5)
	}
	chk = bech32Step(chk, 0)
	for i := range len(hrp) {
		chk = bech32Step(chk, hrp[i]&31)
	}
	for _, v := range data {
		chk = bech32Step(chk, v)
	}
	for range 6 {
		chk = bech32Step(chk, 0)
	}
	chk ^= 1
	sum := make([]byte, 6)
	for i := range sum {
		sum[i] = byte(chk >> (5 * (5 - i)) & 31)
	}
	return sum
}

func bech32Step(chk uint32, v byte) uint32 {
	top := chk >> 25
	chk = chk&0x1ffffff<<5 ^ uint32(v)
	for i, g := range [5]uint32{0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3} {
		if top>>i&1 == 1 {
			chk ^= g
		}
	}
	return chk
}

// to5bits regroups 32 bytes into 52 values of five bits; the last four bits are zero.
func to5bits(b []byte) []byte {
	out := make([]byte, 0, seedChars+6)
	acc, n := uint32(0), 0
	for _, c := range b {
		acc, n = acc<<8|uint32(c), n+8
		for ; n >= 5; n -= 5 {
			out = append(out, byte(acc>>(n-5)&31))
		}
	}
	if n > 0 {
		out = append(out, byte(acc<<(5-n)&31))
	}
	return out
}

// from5bits is the inverse of to5bits; ok is false when the spare bits are not zero.
func from5bits(v []byte) ([]byte, bool) {
	out := make([]byte, 0, seedLen)
	acc, n := uint32(0), 0
	for _, c := range v {
		acc, n = acc<<5|uint32(c), n+5
		if n >= 8 {
			n -= 8
			out = append(out, byte(acc>>n))
		}
	}
	return out, acc&(1<<n-1) == 0
}

// checkIdentity refuses what is not an identity line.
func checkIdentity(s secret.Secret) error {
	seed, err := decodeIdentity(s.Reveal())
	clear(seed)
	return err
}
