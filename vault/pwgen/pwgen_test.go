package pwgen

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math"
	"math/big"
	mrand "math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestWordList(t *testing.T) {
	t.Parallel()
	sum := sha256.Sum256([]byte(effLarge))
	if got := hex.EncodeToString(sum[:]); got != "6d557f0693958fb5e650b68b5bee585eb82cf4da32965505c789e924743bc522" {
		t.Errorf("the list was changed: SHA-256 %s", got)
	}
	list := words()
	if len(list) != 7776 {
		t.Fatalf("%d words", len(list))
	}
	if !slices.IsSorted(list) {
		t.Fatal("the list is not sorted, the next test relies on it")
	}
	for i, w := range list {
		if !regexp.MustCompile(`^[a-z][a-z-]{1,7}[a-z]$`).MatchString(w) {
			t.Errorf("odd word %q", w)
		}
		if i > 0 && strings.HasPrefix(w, list[i-1]) { // in a sorted list a prefix stands directly before one of its longer words
			t.Errorf("%q begins with %q: concatenations would be ambiguous", w, list[i-1])
		}
	}
}

// all enumerates every string over the classes, and returns those that obey the minimums.
func all(classes []class, length int) (out []string) {
	var walk func(prefix string, used []int)
	walk = func(prefix string, used []int) {
		if utf8.RuneCountInString(prefix) == length {
			for i, c := range classes {
				if used[i] < c.min {
					return
				}
			}
			out = append(out, prefix)
			return
		}
		for i, c := range classes {
			for _, r := range c.chars {
				next := slices.Clone(used)
				next[i]++
				walk(prefix+string(r), next)
			}
		}
	}
	walk("", make([]int, len(classes)))
	return out
}

// small are rules with so few passwords that all can be listed.
var small = []Rules{
	{Length: 4, Digits: Class{Min: 1}, Symbols: Class{Min: 1}, SymbolSet: "!é", Exclude: "23456789"},
	{Length: 4, Digits: Class{Use: true}, Symbols: Class{Min: 3}, SymbolSet: "#", Exclude: "3456789"},
	{Length: 5, Lower: Class{Min: 2}, Digits: Class{Min: 2}, Symbols: Class{Use: true}, SymbolSet: "#", Exclude: "cdefghijklmnopqrstuvwxyz23456789"},
	{Length: 4, Lower: Class{Min: 1}, Upper: Class{Min: 1}, Digits: Class{Min: 1}, Symbols: Class{Min: 1}, SymbolSet: "#",
		Exclude: lowerSet[2:] + upperSet[2:] + "23456789"},
}

func TestEntropyIsTheLogarithmOfTheCount(t *testing.T) {
	t.Parallel()
	for _, r := range small {
		classes, err := r.classes()
		if err != nil {
			t.Fatal(err)
		}
		got, err := Bits(r)
		if want := math.Log2(float64(len(all(classes, r.Length)))); err != nil || math.Abs(got-want) > 1e-9 {
			t.Errorf("%+v: %v bits, %v, want %v", r, got, err, want)
		}
	}
	plain := Rules{Length: MaxLength, Lower: Class{Use: true}, Digits: Class{Use: true}}
	if got, _ := Bits(plain); math.Abs(got-MaxLength*math.Log2(36)) > 1e-6 {
		t.Errorf("1024 letters and digits: %v bits", got)
	}
}

// TestEveryPasswordIsEquallyLikely is a chi-squared test with a fixed seed: it fails for a reason, never by chance.
func TestEveryPasswordIsEquallyLikely(t *testing.T) {
	t.Parallel()
	for n, r := range small {
		classes, _ := r.classes()
		list := all(classes, r.Length)
		seen := map[string]int{}
		const each = 60
		src := mrand.NewChaCha8([32]byte{byte(n)})
		for range each * len(list) {
			s, _, err := Characters(src, r)
			if err != nil {
				t.Fatal(err)
			}
			seen[s.RevealString()]++
		}
		chi := 0.0
		for _, s := range list {
			chi += math.Pow(float64(seen[s]-each), 2) / each
			delete(seen, s)
		}
		if len(seen) > 0 {
			t.Errorf("%+v: passwords outside the rules: %v", r, seen)
		}
		df := float64(len(list) - 1)
		if limit := df + 5*math.Sqrt(2*df); chi > limit {
			t.Errorf("%+v: chi-squared %.1f over %d passwords, limit %.1f", r, chi, len(list), limit)
		}
	}
}

func TestEveryPasswordObeysItsRules(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := Rules{
			Length:         rapid.IntRange(MinLength, 48).Draw(t, "length"),
			AvoidAmbiguous: rapid.Bool().Draw(t, "ambiguous"),
			Exclude:        rapid.SampledFrom([]string{"", "aeiouAEIOU", "+-/", "€0"}).Draw(t, "exclude"),
			SymbolSet:      rapid.SampledFrom([]string{"", "+-_", "€§!!"}).Draw(t, "set"),
		}
		for _, c := range []*Class{&r.Lower, &r.Upper, &r.Digits, &r.Symbols} {
			c.Use, c.Min = rapid.Bool().Draw(t, "use"), rapid.IntRange(0, 12).Draw(t, "min")
		}
		seed := rapid.Uint64().Draw(t, "seed")
		s, bits, err := Characters(mrand.NewChaCha8([32]byte{byte(seed), byte(seed >> 8)}), r)
		classes, ruleErr := r.classes()
		if (err == nil) != (ruleErr == nil) {
			t.Fatalf("Characters says %v, the rules %v", err, ruleErr)
		}
		if err != nil {
			return
		}
		pw := s.RevealString()
		left := utf8.RuneCountInString(pw)
		if left != r.Length || strings.ContainsAny(pw, r.Exclude) && r.Exclude != "" || r.AvoidAmbiguous && strings.ContainsAny(pw, Ambiguous) {
			t.Fatalf("%q breaks %+v", pw, r)
		}
		size := 0
		for _, c := range classes {
			n := 0
			for _, ch := range pw {
				if slices.Contains(c.chars, ch) {
					n++
				}
			}
			if n < c.min {
				t.Fatalf("%q has %d %s, the rules ask for %d", pw, n, c.name, c.min)
			}
			left -= n
			size += len(c.chars)
		}
		if most := float64(r.Length) * math.Log2(float64(size)); left != 0 || bits > most+1e-9 || bits < 0 {
			t.Fatalf("%q: %d foreign characters, %v bits of at most %v", pw, left, bits, most)
		}
	})
}

func TestRulesThatCannotBeMet(t *testing.T) {
	t.Parallel()
	use := Class{Use: true}
	for want, r := range map[string]Rules{
		"the length is not between":           {Length: 3, Lower: use},
		"the length is not between 4 and 102": {Length: MaxLength + 1, Lower: use},
		"no class":                            {Length: 8},
		"no digits are left":                  {Length: 8, Lower: use, Digits: use, Exclude: digitSet},
		"the minimums ask for 9 characters":   {Length: 8, Lower: Class{Min: 5}, Upper: Class{Min: 4}},
		"the minimum of digits":               {Length: 8, Digits: Class{Min: -1}, Lower: use},
		"the minimum of symbols":              {Length: 8, Symbols: Class{Min: 9}},
		"a letter or a digit":                 {Length: 8, Symbols: use, SymbolSet: "!x"},
		"a blank or an invisible":             {Length: 8, Symbols: use, SymbolSet: "! "},
		"an invisible character":              {Length: 8, Symbols: use, SymbolSet: "!\u200b"},
		"not valid UTF-8":                     {Length: 8, Symbols: use, SymbolSet: "\xff"},
		"more than 256":                       {Length: 8, Lower: use, Exclude: strings.Repeat("x", 257)},
	} {
		s, bits, err := Characters(rand.Reader, r)
		if err == nil || !strings.Contains(err.Error(), want) || !s.IsEmpty() || bits != 0 {
			t.Errorf("%+v: %q, %v, %v, want %q", r, s.RevealString(), bits, err, want)
		}
	}
}

func TestPassphrases(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		rules PassphraseRules
		want  string
		bits  float64
	}{
		{DefaultPassphraseRules(), `^([a-z-]{3,9}-){5}[a-z-]{3,9}$`, 77.55},
		{PassphraseRules{Words: 4, Separator: " ", Capitalize: true}, `^([A-Z][a-z-]{2,8} ){3}[A-Z][a-z-]{2,8}$`, 51.70},
		{PassphraseRules{Words: 3, Separator: "", Digit: true}, `^[a-z-]+[0-9][a-z-]*$`, 43.68},
		{PassphraseRules{Words: 3, Separator: "«7»"}, `^[a-z-]+«7»[a-z-]+«7»[a-z-]+$`, 38.77},
	} {
		for range 50 {
			s, bits, err := Passphrase(rand.Reader, c.rules)
			if err != nil || !regexp.MustCompile(c.want).MatchString(s.RevealString()) || math.Abs(bits-c.bits) > 0.01 {
				t.Errorf("%+v: %q, %.2f bits, %v", c.rules, s.RevealString(), bits, err)
			}
			if b := s.Reveal(); cap(b) != c.rules.Words*(10+len(c.rules.Separator)) {
				t.Errorf("%+v: the buffer grew and left a copy behind", c.rules)
			}
		}
	}
}

func TestPassphraseRulesThatCannotBeMet(t *testing.T) {
	t.Parallel()
	for want, r := range map[string]PassphraseRules{
		"the number of words":    {Words: 2},
		"the number of words is": {Words: 65},
		"more than 8 characters": {Words: 6, Separator: "123456789"},
		"is not valid UTF-8":     {Words: 6, Separator: "\xff"},
		"invisible character":    {Words: 6, Separator: "\u200b"},
		"control":                {Words: 6, Separator: "\n"},
		"hide the added digit":   {Words: 6, Separator: "1", Digit: true},
	} {
		if s, _, err := Passphrase(rand.Reader, r); err == nil || !strings.Contains(err.Error(), want) || !s.IsEmpty() {
			t.Errorf("%+v: %v, want %q", r, err, want)
		}
	}
}

// TestEveryWordIsEquallyLikely draws with a fixed seed; the limit is five standard deviations.
func TestEveryWordIsEquallyLikely(t *testing.T) {
	t.Parallel()
	seen := make([]int, len(words()))
	d := dice{mrand.NewChaCha8([32]byte{1})}
	const each = 50
	for range each * len(seen) {
		n, err := d.below(len(seen))
		if err != nil {
			t.Fatal(err)
		}
		seen[n]++
	}
	chi := 0.0
	for _, n := range seen {
		chi += math.Pow(float64(n-each), 2) / each
	}
	df := float64(len(seen) - 1)
	if chi > df+5*math.Sqrt(2*df) || chi < df-5*math.Sqrt(2*df) {
		t.Errorf("chi-squared %.1f over %d words", chi, len(seen))
	}
}

// TestRejection feeds the values around the last multiple of n: taking remainders there would favour small numbers.
func TestRejection(t *testing.T) {
	t.Parallel()
	d := dice{strings.NewReader("\xff\xff\xff\xff" + "\xff\xff\xff\xfe" + "\x00\x00\x00\x0d")}
	if n, err := d.below(10); err != nil || n != 3 { // 2^32 mod 10 = 6: everything from 4294967290 on is drawn again
		t.Errorf("below(10) = %d, %v, want 3 from the third draw", n, err)
	}
	d = dice{strings.NewReader("\xff\xff\xff\xff")}
	if n, err := d.below(16); err != nil || n != 15 {
		t.Errorf("below(16) = %d, %v: a power of two rejects nothing", n, err)
	}
	if x, err := (dice{strings.NewReader(strings.Repeat("\xff", precision/8))}).fraction(); err != nil || x.Cmp(big.NewFloat(1)) >= 0 {
		t.Errorf("fraction gives %v, %v", x, err)
	}
}

func TestBrokenRandomnessGivesNoPassword(t *testing.T) {
	t.Parallel()
	for _, n := range []int64{0, 3, 30, 100, 150} {
		for _, src := range []io.Reader{io.LimitReader(rand.Reader, n), iotest.TimeoutReader(io.LimitReader(rand.Reader, n)), iotest.ErrReader(errors.New("x"))} {
			if s, _, err := Characters(src, DefaultRules()); err == nil || !s.IsEmpty() {
				t.Errorf("after %d bytes: a password from a broken source (%v)", n, err)
			}
		}
		for _, src := range []io.Reader{io.LimitReader(rand.Reader, n/8), iotest.ErrReader(errors.New("x"))} {
			if s, _, err := Passphrase(src, PassphraseRules{Words: 6, Digit: true}); err == nil || !s.IsEmpty() {
				t.Errorf("after %d bytes: a passphrase from a broken source (%v)", n/8, err)
			}
		}
	}
}

func BenchmarkCharacters(b *testing.B) {
	for _, n := range []int{20, 128, MaxLength} {
		r := DefaultRules()
		r.Length = n
		b.Run(fmt.Sprintf("length=%d", n), func(b *testing.B) {
			for b.Loop() {
				if _, _, err := Characters(rand.Reader, r); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
