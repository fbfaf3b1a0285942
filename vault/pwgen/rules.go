package pwgen

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits of what can be asked for.
const (
	MinLength  = 4
	MaxLength  = 1024
	maxSymbols = 256 // characters in a custom set or an exclusion
)

// The characters of each class. Symbols are those of ASCII that are neither letters nor digits nor blank.
const (
	lowerSet  = "abcdefghijklmnopqrstuvwxyz"
	upperSet  = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	digitSet  = "0123456789"
	symbolSet = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
)

// Ambiguous are the characters that Rules.AvoidAmbiguous leaves out: they are mistaken for one another in many fonts.
const Ambiguous = "0Oo1Il|`'\"5S2Z8B"

// Class is one set of characters in a password: whether it is used, and how many of it there must be at least. A minimum
// above 0 switches the class on.
type Class struct {
	Use bool
	Min int
}

// Rules say what a generated password may consist of.
type Rules struct {
	Length                        int // in characters
	Lower, Upper, Digits, Symbols Class
	SymbolSet                     string // in place of the ASCII symbols; no letters or digits of ASCII, nothing blank
	Exclude                       string // characters that must not occur
	AvoidAmbiguous                bool
}

// DefaultRules are 20 characters of all classes, at least one of each: 131 bits, and accepted nearly everywhere.
func DefaultRules() Rules {
	one := Class{Use: true, Min: 1}
	return Rules{Length: 20, Lower: one, Upper: one, Digits: one, Symbols: one}
}

// class is a resolved character class: its name for errors, its characters, its minimum.
type class struct {
	name  string
	chars []rune
	min   int
}

// classes resolves the rules and refuses what cannot be met.
func (r Rules) classes() ([]class, error) {
	if r.Length < MinLength || r.Length > MaxLength {
		return nil, fmt.Errorf("generate password: the length is not between %d and %d", MinLength, MaxLength)
	}
	symbols, err := r.symbols()
	if err != nil {
		return nil, err
	}
	drop := r.Exclude
	if r.AvoidAmbiguous {
		drop += Ambiguous
	}
	var out []class
	need := 0
	for _, c := range []struct {
		name string
		set  string
		want Class
	}{
		{"lower-case letters", lowerSet, r.Lower}, {"upper-case letters", upperSet, r.Upper},
		{"digits", digitSet, r.Digits}, {"symbols", symbols, r.Symbols},
	} {
		if c.want.Min < 0 || c.want.Min > r.Length {
			return nil, fmt.Errorf("generate password: the minimum of %s is not between 0 and the length", c.name)
		}
		if !c.want.Use && c.want.Min == 0 {
			continue
		}
		chars := remaining(c.set, drop)
		if len(chars) == 0 {
			return nil, fmt.Errorf("generate password: no %s are left to choose from", c.name)
		}
		need += c.want.Min
		out = append(out, class{c.name, chars, c.want.Min})
	}
	if len(out) == 0 {
		return nil, errors.New("generate password: no class of characters is chosen")
	}
	if need > r.Length {
		return nil, fmt.Errorf("generate password: the minimums ask for %d characters, the length is %d", need, r.Length)
	}
	return out, nil
}

// symbols checks the custom sets. Letters and digits of ASCII are refused there, because a character in two classes would
// be drawn twice as often.
func (r Rules) symbols() (string, error) {
	for _, s := range []string{r.SymbolSet, r.Exclude} {
		if len(s) > utf8.UTFMax*maxSymbols || utf8.RuneCountInString(s) > maxSymbols {
			return "", fmt.Errorf("generate password: a set has more than %d characters", maxSymbols)
		}
	}
	if r.SymbolSet == "" {
		return symbolSet, nil
	}
	if !utf8.ValidString(r.SymbolSet) {
		return "", errors.New("generate password: the symbols are not valid UTF-8")
	}
	for _, c := range r.SymbolSet {
		if strings.ContainsRune(lowerSet+upperSet+digitSet, c) {
			return "", errors.New("generate password: the symbols contain a letter or a digit, which have classes of their own")
		}
		if !unicode.IsGraphic(c) || unicode.IsSpace(c) || unicode.Is(unicode.M, c) {
			return "", errors.New("generate password: the symbols contain a blank or an invisible character")
		}
	}
	return r.SymbolSet, nil
}

// remaining returns the distinct characters of set that are not in drop.
func remaining(set, drop string) []rune {
	var out []rune
	seen := map[rune]bool{}
	for _, c := range set {
		if !seen[c] && !strings.ContainsRune(drop, c) {
			out = append(out, c)
		}
		seen[c] = true
	}
	return out
}
