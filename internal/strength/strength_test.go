package strength_test

import (
	_ "embed"
	"math"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/trustelem/zxcvbn"
	"pgregory.net/rapid"

	"signet/internal/strength"
	"signet/vault/secret"
)

// The list is our own: words, look-alikes, walks, dates, repeats, sequences, mixtures and random ones, one a line.
//
//go:embed testdata/passwords.txt
var list string

// asciiRange is what is printed.
var asciiRange = &unicode.RangeTable{R16: []unicode.Range16{{Lo: 0x20, Hi: 0x7e, Stride: 1}}, LatinOffset: 1}

func estimate(s string, hints ...string) strength.Strength {
	return strength.Estimate(secret.FromString(s), hints...)
}

func sameGuesses(a, b float64) bool { return math.Abs(a-b) <= 1e-9*math.Max(a, b) }

// checkAgainst compares with the whole library, which nothing but this test imports.
func checkAgainst(t interface{ Errorf(string, ...any) }, password string, hints ...string) {
	want := zxcvbn.PasswordStrength(password, hints)
	got := estimate(password, hints...)
	if twoForOneLetter(password) && got.Guesses <= want.Guesses {
		return
	}
	if !sameGuesses(got.Guesses, want.Guesses) || got.Score != want.Score {
		t.Errorf("%q: %g guesses, score %d; the library says %g, %d", password, got.Guesses, got.Score, want.Guesses, want.Score)
		for _, m := range want.Sequence {
			t.Errorf("  library: %s %q rank %d sub %v guesses %g", m.Pattern, m.Token, m.Rank, m.Sub, m.Guesses)
		}
	}
}

// twoForOneLetter finds two look-alikes of one letter. There the library may lose a way of reading the password, because it appends
// several ways to one array; ours then takes fewer guesses, never more.
func twoForOneLetter(password string) bool {
	for _, by := range []string{"4@", "({[<", "69", "1!|", "1|7", "$5", "+7"} {
		n := 0
		for _, c := range by {
			if strings.ContainsRune(password, c) {
				n++
			}
		}
		if n > 1 {
			return true
		}
	}
	return false
}

func TestLookAlikesOfOneLetterAreAllRead(t *testing.T) {
	const p = "!QAZp4$$35"
	if got, plain := estimate(p), zxcvbn.PasswordStrength(p, nil); got.Guesses >= plain.Guesses {
		t.Errorf("%q: %g guesses; the library, which misses a reading, says %g", p, got.Guesses, plain.Guesses)
	}
}

func TestSameGuessesAsTheLibrary(t *testing.T) {
	lines := strings.Split(strings.TrimSuffix(list, "\n"), "\n")
	if len(lines) < 400 {
		t.Fatalf("only %d passwords", len(lines))
	}
	for _, p := range append(lines, "") {
		checkAgainst(t, p)
	}
}

func TestSameGuessesAsTheLibraryForRandomText(t *testing.T) {
	pieces := []string{
		"password", "horse", "Ada", "qwert", "!QAZ", "123", "2019", "31.12.1999", "1/1/91", "aaa", "abcabc", "xyz", "p4$$", "l0v3", "@", "4", "1", "|", "nimda", " ", "\t",
	}
	piece := rapid.OneOf(rapid.SampledFrom(pieces), rapid.StringOfN(rapid.RuneFrom(nil, asciiRange), 1, 6, -1))
	for range 5 { // a fault of the search showed once in 2,000 texts
		rapid.Check(t, func(t *rapid.T) { checkAgainst(t, joined(piece).Draw(t, "password")) })
	}
}

// joined is text of several pieces.
func joined(piece *rapid.Generator[string]) *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		p := strings.Join(rapid.SliceOfN(piece, 0, 6).Draw(t, "pieces"), "")
		if len(p) > 24 {
			p = p[:24]
		}
		return p
	})
}

func TestHintsCountLikeTheLibrarysUserInputs(t *testing.T) {
	for _, p := range []string{"wonderland", "Wonderland1", "w0nd3rl4nd", "dnalrednow", "ada.lovelace", "nothing of it", "adaadaada"} {
		got := estimate(p, "wonderland", "Ada.Lovelace", "ada")
		want := zxcvbn.PasswordStrength(p, []string{"wonderland", "Ada.Lovelace", "ada"})
		if got.Guesses > want.Guesses*(1+1e-9) {
			t.Errorf("%q: %g guesses; the library says %g", p, got.Guesses, want.Guesses)
		}
	}
}

// Beyond ASCII a character is one unknown character, and patterns do not stop at one.
func TestPatternsBeyondASCII(t *testing.T) {
	for _, c := range []struct {
		password string
		least    float64
		most     float64
	}{
		{"пароль", 1e5, 1e7},
		{"ééééééééé", 10, 200},       // a repeat, whatever the width of what is repeated
		{"абвгдежз", 10, 500},        // a sequence
		{"passwordé", 1e4, 2e4},      // a word and one character
		{"mon\u212aey", 1, 100},      // the Kelvin sign is a k
		{"日本語日本語日本語", 100, 1e4},      // a repeat of three
		{"\xff\xfe\xfd\xff", 1, 1e5}, // no UTF-8 at all
	} {
		got := estimate(c.password)
		if got.Guesses < c.least || got.Guesses > c.most {
			t.Errorf("%q: %g guesses, expected %g to %g", c.password, got.Guesses, c.least, c.most)
		}
	}
}

// What is behind the first 64 characters changes nothing and costs nothing.
func TestTheLengthIsBounded(t *testing.T) {
	long := strings.Repeat("x7#Kd-é", 40)
	cut := string([]rune(long)[:64])
	if estimate(long).Guesses != estimate(cut).Guesses {
		t.Error("characters behind the 64th count")
	}
	if s := estimate(strings.Repeat("é", 1<<20)); s.Score != 0 {
		t.Errorf("a megabyte of one letter has score %d", s.Score)
	}
}

func TestNoInputBreaksIt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := rapid.SliceOfN(rapid.Byte(), 0, 40).Draw(t, "bytes")
		s := strength.Estimate(secret.New(b))
		if s.Guesses < 1 || math.IsInf(s.Guesses, 0) || math.IsNaN(s.Guesses) || s.Score < 0 || s.Score > strength.MaxScore || s.Words() == "" {
			t.Fatalf("%q (valid: %v): %+v", b, utf8.Valid(b), s)
		}
		if string(b) != string(secret.New(b).Reveal()) {
			t.Fatal("the password was changed")
		}
	})
}

func TestScoreBitsAndWords(t *testing.T) {
	for p, want := range map[string]string{
		"": "very weak", "password": "very weak", "dragon-77": "weak", "Ba9ZyWABu99[BK#6": "strong",
	} {
		if got := estimate(p).Words(); got != want {
			t.Errorf("%q is %s, expected %s", p, got, want)
		}
	}
	if b := (strength.Strength{Guesses: 1024}).Bits(); b != 10 {
		t.Errorf("1024 guesses are %g bits", b)
	}
	if b := (strength.Strength{}).Bits(); b != 0 {
		t.Errorf("no guesses are %g bits", b)
	}
}

func BenchmarkEstimate(b *testing.B) {
	for name, p := range map[string]string{
		"word": "dragon77", "random20": "x7#Kd-9vQ2!mZr8@Lp0w", "phrase": "correct horse battery staple", "chars64": strings.Repeat("x7#Kd-9vQ2!mZr8@", 4),
		"lookalikes": "4@8({[<3691!|1|70$5+7%24@8({[<3691!|1|70$5+7%24@8({[<3691!|1|70$",
	} {
		s := secret.FromString(p)
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				strength.Estimate(s)
			}
		})
	}
}
