package pwgen

import (
	"io"
	"unicode/utf8"

	"signet/vault/secret"
)

// Characters returns a password that is drawn uniformly from all that obey the rules, and its entropy in bits: the
// base-2 logarithm of how many there are.
func Characters(rand io.Reader, rules Rules) (secret.Secret, float64, error) {
	classes, err := rules.classes()
	if err != nil {
		return secret.Secret{}, 0, err
	}
	d := dice{rand}
	table := tabulate(classes, rules.Length)
	counts, err := table.draw(d)
	if err != nil {
		return secret.Secret{}, 0, err
	}
	out, err := fill(d, classes, counts, rules.Length)
	if err != nil {
		return secret.Secret{}, 0, err
	}
	return out, table.bits(), nil
}

// Bits returns the entropy of passwords that obey the rules, without making one.
func Bits(rules Rules) (float64, error) {
	classes, err := rules.classes()
	if err != nil {
		return 0, err
	}
	return tabulate(classes, rules.Length).bits(), nil
}

// fill decides which position belongs to which class (a shuffle, so that all arrangements are equally likely) and then
// draws each character from its class.
func fill(d dice, classes []class, counts []int, length int) (secret.Secret, error) {
	order := make([]byte, 0, length)
	for c, n := range counts {
		for range n {
			order = append(order, byte(c))
		}
	}
	for i := length - 1; i > 0; i-- {
		j, err := d.below(i + 1)
		if err != nil {
			return secret.Secret{}, err
		}
		order[i], order[j] = order[j], order[i]
	}
	out := make([]byte, 0, length*utf8.UTFMax) // never grows: growing would leave a copy behind
	for _, c := range order {
		i, err := d.below(len(classes[c].chars))
		if err != nil {
			clear(out)
			return secret.Secret{}, err
		}
		out = utf8.AppendRune(out, classes[c].chars[i])
	}
	clear(order)
	return secret.New(out), nil
}
