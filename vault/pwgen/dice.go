package pwgen

import (
	"encoding/binary"
	"errors"
	"io"
	"math/big"
)

var errRandom = errors.New("generate password: the source of randomness failed")

// dice draws unbiased numbers from a source of random bytes.
type dice struct{ r io.Reader }

// below returns a number from 0 to n-1, each equally likely. Values above the last whole multiple of n are drawn again:
// taking the remainder of those too would favour small numbers. n is at least 1 and far below 2^32.
func (d dice) below(n int) (int, error) {
	limit := ^uint32(0) - (^uint32(0)%uint32(n)+1)%uint32(n)
	for {
		var b [4]byte
		if _, err := io.ReadFull(d.r, b[:]); err != nil {
			return 0, errRandom
		}
		if v := binary.BigEndian.Uint32(b[:]); v <= limit {
			return int(v % uint32(n)), nil
		}
	}
}

// fraction returns a uniform number in [0, 1) of the full precision.
func (d dice) fraction() (*big.Float, error) {
	b := make([]byte, precision/8)
	if _, err := io.ReadFull(d.r, b); err != nil {
		return nil, errRandom
	}
	x := new(big.Float).SetPrec(precision).SetInt(new(big.Int).SetBytes(b))
	clear(b)
	return x.SetMantExp(x, -precision), nil
}
