package entry

import "strings"

// posDigits are the digits of a fractional index in byte order.
const posDigits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// PosBetween returns a fractional index strictly between a and b; "" stands for the open end on either side. An index never
// ends in the digit zero, so that there is always room below it. Where a is not below b, the result follows a.
func PosBetween(a, b string) string {
	if b != "" && a >= b {
		b = ""
	}
	var out strings.Builder
	for i := 0; ; i++ {
		lo, hi := digitAt(a, i, 0), len(posDigits)
		if b != "" {
			hi = digitAt(b, i, 0)
		}
		switch {
		case lo == hi:
			out.WriteByte(posDigits[lo])
		case hi-lo > 1:
			out.WriteByte(posDigits[(lo+hi)/2])
			return out.String()
		default: // neighbours: take the lower digit, and b no longer binds
			out.WriteByte(posDigits[lo])
			b = ""
		}
	}
}

func digitAt(s string, i, missing int) int {
	if i >= len(s) {
		return missing
	}
	return max(0, strings.IndexByte(posDigits, s[i]))
}

// PosSequence returns n indexes in order, short and evenly spread.
func PosSequence(n int) []string {
	width, room := 1, len(posDigits)
	for room <= n+1 {
		width, room = width+1, room*len(posDigits)
	}
	out := make([]string, n)
	for i := range out {
		v := (i + 1) * room / (n + 1)
		buf := make([]byte, width)
		for k := width - 1; k >= 0; k-- {
			buf[k] = posDigits[v%len(posDigits)]
			v /= len(posDigits)
		}
		out[i] = strings.TrimRight(string(buf), "0")
	}
	return out
}
