package sanitize

import (
	"math"
	"slices"
	"strings"
	"unicode/utf8"
)

// The parameters of punycode, RFC 3492 section 5.
const (
	punyBase, punyTMin, punyTMax = 36, 1, 26
	punySkew, punyDamp           = 38, 700
	punyBias, punyFirst          = 72, 128
)

const punyDigits = "abcdefghijklmnopqrstuvwxyz0123456789"

// encode is RFC 3492 section 6.3 without the prefix. The caller bounds the length (maxHost), which bounds delta too:
// 1,024 characters times 0x10FFFF fits into 32 bits, so the overflow checks of the RFC cannot fire.
func encode(in []rune) string {
	var out strings.Builder
	for _, r := range in {
		if r < punyFirst {
			out.WriteRune(r)
		}
	}
	basic := out.Len()
	if basic > 0 {
		out.WriteByte('-')
	}
	n, delta, bias := rune(punyFirst), 0, punyBias
	for done := basic; done < len(in); n++ {
		m := rune(utf8.MaxRune)
		for _, r := range in {
			if r >= n && r < m {
				m = r
			}
		}
		delta += int(m-n) * (done + 1)
		n = m
		for _, r := range in {
			if r < n {
				delta++
			}
			if r == n {
				writeDelta(&out, delta, bias)
				bias = adapt(delta, done+1, done == basic)
				delta = 0
				done++
			}
		}
		delta++
	}
	return out.String()
}

// writeDelta writes one variable-length integer.
func writeDelta(out *strings.Builder, q, bias int) {
	for k := punyBase; ; k += punyBase {
		t := min(max(k-bias, punyTMin), punyTMax)
		if q < t {
			out.WriteByte(punyDigits[q])
			return
		}
		out.WriteByte(punyDigits[t+(q-t)%(punyBase-t)])
		q = (q - t) / (punyBase - t)
	}
}

// decode is RFC 3492 section 6.2 for lower-case input; it refuses what does not decode to valid Unicode.
func decode(s string) (string, bool) {
	var out []rune
	if i := strings.LastIndexByte(s, '-'); i >= 0 {
		out, s = []rune(s[:i]), s[i+1:]
	}
	n, i, bias := punyFirst, 0, punyBias
	for len(s) > 0 {
		old, weight := i, 1
		for k := punyBase; ; k += punyBase {
			if s == "" {
				return "", false
			}
			digit := strings.IndexByte(punyDigits, s[0])
			s = s[1:]
			if digit < 0 || digit > (math.MaxInt32-i)/weight {
				return "", false
			}
			i += digit * weight
			t := min(max(k-bias, punyTMin), punyTMax)
			if digit < t {
				break
			}
			if weight > math.MaxInt32/(punyBase-t) {
				return "", false
			}
			weight *= punyBase - t
		}
		bias = adapt(i-old, len(out)+1, old == 0)
		n += i / (len(out) + 1)
		i %= len(out) + 1
		if !utf8.ValidRune(rune(n)) {
			return "", false
		}
		out = slices.Insert(out, i, rune(n))
		i++
	}
	return string(out), true
}

// adapt is RFC 3492 section 6.1.
func adapt(delta, count int, first bool) int {
	if first {
		delta /= punyDamp
	} else {
		delta /= 2
	}
	delta += delta / count
	k := 0
	for ; delta > (punyBase-punyTMin)*punyTMax/2; k += punyBase {
		delta /= punyBase - punyTMin
	}
	return k + (punyBase-punyTMin+1)*delta/(delta+punySkew)
}
