package pwgen

import (
	_ "embed" // the word list
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"signet/vault/secret"
)

// Limits of passphrases.
const (
	MinWords     = 3
	MaxWords     = 64
	maxSeparator = 8 // characters
)

//go:embed eff_large.txt
var effLarge string

// words splits the list once, at first use. Its elements share the embedded bytes.
var words = sync.OnceValue(func() []string { return strings.Fields(effLarge) })

// PassphraseRules say what a generated passphrase looks like.
type PassphraseRules struct {
	Words      int
	Separator  string
	Capitalize bool // the first letter of each word; adds no entropy
	Digit      bool // one digit behind one word, both at random
}

// DefaultPassphraseRules are six words with dashes: 77.5 bits, the strength that vault.md 4 asks of a passphrase slot.
func DefaultPassphraseRules() PassphraseRules { return PassphraseRules{Words: 6, Separator: "-"} }

// Bits returns the entropy of passphrases that obey the rules: 12.9 for each word, and for the digit its ten values and
// its place.
func (r PassphraseRules) Bits() (float64, error) {
	if err := r.check(); err != nil {
		return 0, err
	}
	bits := float64(r.Words) * math.Log2(float64(len(words())))
	if r.Digit {
		bits += math.Log2(10 * float64(r.Words))
	}
	return bits, nil
}

func (r PassphraseRules) check() error {
	if r.Words < MinWords || r.Words > MaxWords {
		return fmt.Errorf("generate passphrase: the number of words is not between %d and %d", MinWords, MaxWords)
	}
	if len(r.Separator) > utf8.UTFMax*maxSeparator || utf8.RuneCountInString(r.Separator) > maxSeparator || !utf8.ValidString(r.Separator) {
		return fmt.Errorf("generate passphrase: the separator has more than %d characters or is not valid UTF-8", maxSeparator)
	}
	for _, c := range r.Separator {
		if !unicode.IsGraphic(c) {
			return errors.New("generate passphrase: the separator contains a control or invisible character")
		}
		if r.Digit && unicode.IsDigit(c) {
			return errors.New("generate passphrase: a separator with a digit would hide the added digit")
		}
	}
	return nil
}

// Passphrase returns words drawn uniformly from the EFF's long list, and the entropy in bits.
func Passphrase(rand io.Reader, rules PassphraseRules) (secret.Secret, float64, error) {
	bits, err := rules.Bits()
	if err != nil {
		return secret.Secret{}, 0, err
	}
	d := dice{rand}
	digit, at := 0, -1
	if rules.Digit {
		if at, err = d.below(rules.Words); err == nil {
			digit, err = d.below(10)
		}
		if err != nil {
			return secret.Secret{}, 0, err
		}
	}
	const longest = 10                                                 // letters of a word and a digit; a test holds it
	out := make([]byte, 0, rules.Words*(longest+len(rules.Separator))) // never grows
	for i := range rules.Words {
		n, err := d.below(len(words()))
		if err != nil {
			clear(out)
			return secret.Secret{}, 0, err
		}
		if i > 0 {
			out = append(out, rules.Separator...)
		}
		out = appendWord(out, words()[n], rules.Capitalize)
		if i == at {
			out = append(out, '0'+byte(digit))
		}
	}
	return secret.New(out), bits, nil
}

// appendWord writes a word of ASCII letters.
func appendWord(out []byte, w string, capital bool) []byte {
	first := w[0]
	if capital {
		first -= 'a' - 'A'
	}
	return append(append(out, first), w[1:]...)
}
