package pwgen

import (
	"math"
	"math/big"
)

// How to draw uniformly from all strings that have at least so many characters of each class.
//
// A string is made in three steps: how many characters each class gets, which positions those are, which characters stand
// there. The last two are easy to draw uniformly; what remains is to weigh each composition (k1, …, kc) with the number
// of strings that have it: n!/(k1!·…·kc!) · a1^k1 · … · ac^kc, where ai is the size of class i. With the terms
// e(i,k) = ai^k/k! this is n! times a product of one term for each class, so
//
//	tail(i, m) = Σ over k from min(i) to m of e(i,k) · tail(i+1, m−k),    tail(c, 0) = 1, tail(c, m>0) = 0
//
// gives the weight of all ways to spend m characters on the classes from i on, and n!·tail(0, n) is the number of all
// strings that obey the rules. Drawing walks the same sums. The numbers go far beyond float64 (94^1024), hence big.Float;
// with 192 bits of mantissa and at most a million roundings the distribution differs from the uniform one by less than
// 2^-160, which nothing can observe.
const precision = 192

// table holds tail(i, m) for every class and every rest, and the terms e(i, k).
type table struct {
	length int
	mins   []int
	term   [][]*big.Float
	tail   [][]*big.Float
}

func number(x float64) *big.Float { return new(big.Float).SetPrec(precision).SetFloat64(x) }

func tabulate(classes []class, length int) table {
	t := table{length: length}
	t.tail = make([][]*big.Float, len(classes)+1)
	t.tail[len(classes)] = ends(length)
	for _, c := range classes {
		t.mins = append(t.mins, c.min)
		t.term = append(t.term, terms(len(c.chars), length))
	}
	for i := len(classes) - 1; i >= 0; i-- {
		t.tail[i] = make([]*big.Float, length+1)
		for m := range t.tail[i] {
			if i > 0 || m == length { // the first class is asked for the whole length only
				t.tail[i][m] = t.sum(i, m)
			}
		}
	}
	return t
}

// ends is the tail behind the last class: nothing may be left over.
func ends(length int) []*big.Float {
	out := make([]*big.Float, length+1)
	out[0] = number(1)
	return out
}

// terms are size^k / k! for every k.
func terms(size, length int) []*big.Float {
	out := make([]*big.Float, length+1)
	out[0] = number(1)
	a := number(float64(size))
	for k := 1; k <= length; k++ {
		out[k] = number(0).Mul(out[k-1], a)
		out[k].Quo(out[k], number(float64(k)))
	}
	return out
}

// weight sets w to e(i,k)·tail(i+1, m−k) and reports whether that is above zero.
func (t table) weight(w *big.Float, i, k, m int) bool {
	rest := t.tail[i+1][m-k]
	if rest == nil {
		return false
	}
	w.Mul(t.term[i][k], rest)
	return true
}

// sum is tail(i, m), nil when nothing fits.
func (t table) sum(i, m int) *big.Float {
	out, w, any := number(0), number(0), false
	for k := t.mins[i]; k <= m; k++ {
		if t.weight(w, i, k, m) {
			out.Add(out, w)
			any = true
		}
	}
	if !any {
		return nil
	}
	return out
}

// draw chooses how many characters each class gets.
func (t table) draw(d dice) ([]int, error) {
	counts := make([]int, len(t.term))
	m := t.length
	for i := range counts {
		x, err := d.fraction()
		if err != nil {
			return nil, err
		}
		x.Mul(x, t.tail[i][m])
		counts[i] = t.pick(i, m, x)
		m -= counts[i]
	}
	return counts, nil
}

// pick finds the k into whose share of the sum x falls. Should rounding leave x beyond the last share, it is the last.
func (t table) pick(i, m int, x *big.Float) int {
	last, w := t.mins[i], number(0)
	for k := t.mins[i]; k <= m; k++ {
		if !t.weight(w, i, k, m) {
			continue
		}
		last = k
		if x.Cmp(w) < 0 {
			break
		}
		x.Sub(x, w)
	}
	return last
}

// bits is log2(n! · tail(0, n)).
func (t table) bits() float64 {
	all := number(0).Set(t.tail[0][t.length])
	for k := 2; k <= t.length; k++ {
		all.Mul(all, number(float64(k)))
	}
	mantissa := new(big.Float)
	exponent := all.MantExp(mantissa)
	f, _ := mantissa.Float64()
	return float64(exponent) + math.Log2(f)
}
