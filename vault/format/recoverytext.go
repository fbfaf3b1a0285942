package format

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"

	"signet/vault/secret"
)

// The code as characters: 13 groups of five in Crockford's base32. Four characters of a group carry 20 bits, the fifth
// checks them and the group's place: with a¹ … a⁴ the powers of the generator of GF(32) (modulo x⁵+x²+1),
//
//	check = a·x1 + a²·x2 + a³·x3 + a⁴·x4 + a^(group number from 0)
//
// so that every single mistyped character, every two characters swapped within a group and every group in another's place
// is found, and its group can be named. 13 × 20 bits are the 256 of the seed and the first four of its SHA-256.

const (
	crockford  = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	groupCount = 13
	groupLen   = 5
)

// Text returns the code as typed by a person: groups with a checksum that finds a mistyped or swapped group (see FORMAT.md).
func (c RecoveryCode) Text() secret.Secret {
	seed := c.Seed.Reveal()
	if len(seed) != seedLen {
		return secret.Secret{}
	}
	v := to5bits(seed)
	defer clear(v)
	v[seedChars-1] |= seedCheck(seed)
	out := make([]byte, 0, groupCount*(groupLen+1))
	for g := range groupCount {
		if g > 0 {
			out = append(out, '-')
		}
		group := v[4*g : 4*g+4]
		for _, x := range group {
			out = append(out, crockford[x])
		}
		out = append(out, crockford[groupCheck(g, group)])
	}
	return secret.New(out)
}

// seedCheck returns the first four bits of the seed's SHA-256.
func seedCheck(seed []byte) byte { return sha256.Sum256(seed)[0] >> 4 }

func groupCheck(g int, group []byte) byte {
	check := gfPower(g)
	for i, x := range group {
		check ^= gfMul(gfPower(i+1), x)
	}
	return check
}

// gfMul multiplies in GF(32) modulo x⁵+x²+1, without branches on the secret.
func gfMul(a, b byte) byte {
	var p byte
	for i := range 5 {
		p ^= a & -(b >> i & 1)
		a = a << 1
		a ^= 0b100101 & -(a >> 5)
	}
	return p
}

// gfPower returns the n-th power of the generator, x.
func gfPower(n int) byte {
	p := byte(1)
	for range n {
		p = gfMul(p, 2)
	}
	return p
}

// parseGroups reads the code as characters.
func parseGroups(text []byte) ([]byte, error) {
	chars, err := codeChars(text)
	defer clear(chars)
	if err != nil {
		return nil, err
	}
	v := make([]byte, 0, seedChars)
	defer func() { clear(v) }()
	var wrong []string
	for g := range groupCount {
		group := chars[g*groupLen : (g+1)*groupLen]
		if groupCheck(g, group[:4]) != group[4] {
			wrong = append(wrong, fmt.Sprint(g+1))
		}
		v = append(v, group[:4]...)
	}
	if len(wrong) > 0 {
		return nil, fmt.Errorf("group %s is mistyped or in the wrong place", strings.Join(wrong, ", "))
	}
	sum := v[seedChars-1] & 15
	v[seedChars-1] &^= 15
	seed, _ := from5bits(v)
	if seedCheck(seed) != sum {
		clear(seed)
		return nil, errors.New("two or more characters of one group are mistyped")
	}
	return seed, nil
}

// codeChars reads 65 characters as values; O is 0, I and L are 1. It names the group that is too short, too long or has a
// character that no code has.
func codeChars(text []byte) ([]byte, error) {
	groups := bytes.FieldsFunc(bytes.ToUpper(text), isGap)
	out := make([]byte, 0, groupCount*groupLen)
	for i, g := range groups {
		if len(groups) == groupCount && len(g) != groupLen {
			return out, fmt.Errorf("group %d has %d characters instead of %d", i+1, len(g), groupLen)
		}
		for _, c := range g {
			v := strings.IndexByte(crockford, lookalike(c))
			if v < 0 {
				return out, fmt.Errorf("group %d has a character that no code has", len(out)/groupLen+1)
			}
			if len(out) == cap(out) {
				return out, fmt.Errorf("the code has more than %d characters", cap(out))
			}
			out = append(out, byte(v))
		}
	}
	if len(out) != cap(out) {
		return out, fmt.Errorf("the code has %d characters instead of %d", len(out), cap(out))
	}
	return out, nil
}

func isGap(r rune) bool {
	return r <= ' ' || r == '-' || r == '_' || r == '.' || r == ',' || r == '\u2013' || r == '\u2014' || r == '\u00a0'
}

func lookalike(c byte) byte {
	switch c {
	case 'O':
		return '0'
	case 'I', 'L':
		return '1'
	}
	return c
}
