package format_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"signet/vault/format"
	"signet/vault/secret"
)

func code(b byte) format.RecoveryCode { return format.RecoveryCode{Seed: secret.New(fill(32, b))} }

var genCode = rapid.Map(rapid.SliceOfN(rapid.Byte(), 32, 32), func(b []byte) format.RecoveryCode {
	return format.RecoveryCode{Seed: secret.New(b)}
})

// parses reports whether text yields the code.
func parses(t interface{ Fatalf(string, ...any) }, c format.RecoveryCode, text string) {
	got, _, err := format.ParseRecoveryCode([]byte(text))
	if err != nil || !got.Seed.Equal(c.Seed) {
		t.Fatalf("%q: %v", text, err)
	}
}

func TestRecoverySpellings(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := genCode.Draw(t, "code")
		groups, words := c.Text().RevealString(), c.Words()
		if len(groups) != 77 || len(words) != 24 {
			t.Fatalf("%d characters, %d words", len(groups), len(words))
		}
		short := make([]string, len(words))
		for i, w := range words {
			short[i] = w[:min(len(w), 4)]
		}
		numbered := ""
		for i, w := range words {
			numbered += fmt.Sprintf("%d. %s\n", i+1, w)
		}
		for _, spelled := range []string{
			numbered,
			groups, strings.ToLower(groups), strings.ReplaceAll(groups, "-", " "), strings.ReplaceAll(groups, "-", ""), strings.ReplaceAll(groups, "-", "\r\n"),
			"  " + groups + "\n", strings.NewReplacer("0", "O", "1", "l").Replace(groups), strings.ReplaceAll(groups, "-", "–"),
			strings.Join(words, " "), strings.ToUpper(strings.Join(words, "\n")), strings.Join(words, ", "), strings.Join(short, "-"),
			text(c.Identity()), strings.ToLower(text(c.Identity())), text(c.Sheet(testVault)),
		} {
			parses(t, c, spelled)
		}
	})
}

// One mistyped character, two swapped neighbours, a group in another's place: each is found, and the group is named.
func TestRecoveryTextFindsMistakes(t *testing.T) {
	t.Parallel()
	c := format.RecoveryCode{Seed: secret.New([]byte("0123456789abcdef0123456789ABCDEF"))}
	groups := strings.Split(c.Text().RevealString(), "-")
	refused := func(groups []string, want string) {
		t.Helper()
		_, _, err := format.ParseRecoveryCode([]byte(strings.Join(groups, "-")))
		if !errors.Is(err, format.ErrRecoveryCode) || !strings.Contains(err.Error(), want) {
			t.Fatalf("%v: %v", groups, err)
		}
	}
	with := func(i int, s string) []string {
		out := append([]string(nil), groups...)
		out[i] = s
		return out
	}
	for g, group := range groups {
		name := "group " + string([]rune("0123456789")[(g+1)/10:(g+1)/10+1])
		if g+1 < 10 {
			name = "group " + string(rune('1'+g))
		}
		for i := range group {
			for _, r := range "0123456789ABCDEFGHJKMNPQRSTVWXYZ" {
				if wrong := group[:i] + string(r) + group[i+1:]; wrong != group {
					refused(with(g, wrong), name)
				}
			}
			for j := range i {
				swapped := []byte(group)
				swapped[i], swapped[j] = swapped[j], swapped[i]
				if string(swapped) != group {
					refused(with(g, string(swapped)), name)
				}
			}
		}
		for h := range g {
			both := with(g, groups[h])
			both[h] = group
			refused(both, "wrong place")
		}
		refused(with(g, group[1:]), "4 characters")
		refused(with(g, group+"0"), "6 characters")
		refused(with(g, group[:4]+"U"), "no code has")
	}
	refused(groups[1:], "60 characters")
	refused(append(with(0, groups[0]), groups[0]), "more than 65")
}

func TestRecoveryWordsFindMistakes(t *testing.T) {
	t.Parallel()
	words := code(7).Words()
	for name, c := range map[string]struct {
		words []string
		want  string
	}{
		"unknown":     {append([]string{"zzzz"}, words[1:]...), "word 1 is not in the list"},
		"short":       {append([]string{words[0][:3]}, words[1:]...), "word 1 is not in the list"},
		"missing":     {words[1:], "23 words"},
		"one more":    {append([]string{"zoo"}, words...), "25 words"},
		"wrong place": {append([]string{words[1], "zoo"}, words[2:]...), "wrong"},
	} {
		_, _, err := format.ParseRecoveryCode([]byte(strings.Join(c.words, " ")))
		if !errors.Is(err, format.ErrRecoveryCode) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The published vectors of BIP 39 for 256 bits.
func TestRecoveryWordsArePublished(t *testing.T) {
	t.Parallel()
	sum := sha256.Sum256([]byte(strings.Join(strings.Fields(format.WordList), "\n") + "\n"))
	if got := hex.EncodeToString(sum[:]); got != "2f5eed53a4727b4bf8880d8f3f199efc90e58503646d9ff8eff3a2ed3b24dbda" {
		t.Errorf("the word list is another one: %s", got)
	}
	for entropy, want := range map[string]string{
		strings.Repeat("00", 32): strings.Repeat("abandon ", 23) + "art",
		strings.Repeat("ff", 32): strings.Repeat("zoo ", 23) + "vote",
		"68a79eaca2324873eacc50cb9c6eca8cc68ea5d936f98787c60c7ebc74e6ce7c": "hamster diagram private dutch cause delay private meat slide toddler razor book " +
			"happy fancy gospel tennis maple dilemma loan word shrug inflict delay length",
	} {
		seed := must(hex.DecodeString(entropy))
		if got := strings.Join(format.RecoveryCode{Seed: secret.New(seed)}.Words(), " "); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

func TestRecoverySheet(t *testing.T) {
	t.Parallel()
	c := code(7)
	sheet := text(c.Sheet(testVault))
	got, vault, err := format.ParseRecoveryCode([]byte(sheet))
	if err != nil || vault != testVault || !got.Seed.Equal(c.Seed) {
		t.Fatalf("%v", err)
	}
	for _, line := range strings.Split(strings.TrimSuffix(sheet, "\n"), "\n") {
		if !strings.HasPrefix(line, "#") && !strings.HasPrefix(line, "AGE-SECRET-KEY-PQ-1") || len(line) > 100 {
			t.Errorf("%d characters: %q", len(line), line)
		}
	}
	id := text(c.Identity())
	parses(t, c, strings.Replace(sheet, id, "", 1))
	parses(t, c, strings.Replace(sheet, id, strings.Replace(id, "PQ-1Q", "PQ-1P", 1), 1))
	parses(t, c, strings.ReplaceAll(sheet, "\n", "\r\n"))
	other := strings.Replace(sheet, id, text(code(8).Identity()), 1)
	if _, _, err := format.ParseRecoveryCode([]byte(other)); err == nil {
		t.Error("a sheet that says two things was read")
	}
	bad := strings.Replace(sheet, testVault.String(), "x", 1)
	if _, _, err := format.ParseRecoveryCode([]byte(bad)); err == nil {
		t.Error("a sheet with a bad vault id was read")
	}
}

func TestRecoveryRefusals(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]string{
		"empty": "", "spaces": " \n ", "comment": "# hello\n", "one word": "abandon", "text": "the quick brown fox", "too large": strings.Repeat("x", format.MaxSheet+1),
		"identity": text(code(1).Identity())[:70], "unicode": "ⅷ" + strings.Repeat("é", 30), "invalid UTF-8": "\xff\xfe",
	} {
		if c, v, err := format.ParseRecoveryCode([]byte(s)); !errors.Is(err, format.ErrRecoveryCode) || !c.Seed.IsEmpty() || v != (format.VaultID{}) {
			t.Errorf("%s: %v", name, err)
		}
	}
	short := format.RecoveryCode{Seed: secret.New(fill(31, 1))}
	if _, err := short.Identity(); err == nil || !short.Text().IsEmpty() || short.Words() != nil {
		t.Error("a short seed was spelled")
	}
	if _, err := short.SigningKey(); err == nil {
		t.Error("a short seed signs")
	}
	if _, err := short.Sheet(testVault); err == nil {
		t.Error("a short seed has a sheet")
	}
}

// The signing key is another secret than the seed.
func TestRecoverySigningKey(t *testing.T) {
	t.Parallel()
	k := must(code(7).SigningKey())
	if bytes.Equal(k.Seed(), fill(32, 7)) {
		t.Error("one seed for both keys")
	}
	// HKDF-SHA256(0x07 × 32, info "signet/v1/rec-sign"), computed with another implementation.
	if got := hex.EncodeToString(k.Seed()); got != recSignVector {
		t.Errorf("%s", got)
	}
}

const recSignVector = "7dd5dabfe88c3c4942f5a14c9e2ef4050324ed8ec814c530b8e50dc5ea5ede67"

func FuzzRecovery(f *testing.F) {
	f.Add(code(7).Text().Reveal())
	f.Add([]byte(strings.Join(code(7).Words(), " ")))
	f.Add([]byte(text(code(7).Sheet(testVault))))
	f.Fuzz(func(t *testing.T, b []byte) {
		c, vault, err := format.ParseRecoveryCode(b)
		if err != nil {
			return
		}
		parses(t, c, c.Text().RevealString())
		parses(t, c, strings.Join(c.Words(), " "))
		got, v, err := format.ParseRecoveryCode([]byte(text(c.Sheet(vault))))
		if err != nil || v != vault || !got.Seed.Equal(c.Seed) {
			t.Fatalf("sheet: %v", err)
		}
	})
}
