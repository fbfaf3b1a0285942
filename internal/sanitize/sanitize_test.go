package sanitize

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// lines pairs what a stranger may send with what a person sees.
var lines = []struct{ name, in, want string }{
	{"clean ASCII", "Example (work) #1 ~!", "Example (work) #1 ~!"},
	{"empty", "", ""},
	{"clean Latin, Greek, Han, Hebrew", "Zürich Ωμέγα 東京 שלום", "Zürich Ωμέγα 東京 שלום"},
	{"colour", "\x1b[31mred", "␛[31mred"},
	{"clipboard", "\x1b]52;c;aGk=\a", "␛]52;c;aGk=␇"},
	{"title by C1", "\u009d0;x\u009c", "�0;x�"},
	{"raw C1 byte", "\x9b31m", "�31m"},
	{"newline, tab, return", "a\nb\tc\rd", "a␊b␉c␍d"},
	{"NUL and DEL", "\x00\x7f", "␀␡"},
	{"next line", "a\u0085b", "a�b"},
	{"separators", "a\u2028b\u2029c", "a�b�c"},
	{"right-to-left override", "gpj.\u202eexe", "gpj.�exe"},
	{"isolates", "\u2066a\u2067b\u2068c\u2069", "�a�b�c�"},
	{"bidi marks", "a\u200eb\u200fc\u061cd", "a�b�c�d"},
	{"zero-width space and BOM", "pay\u200bpal\ufeff", "pay�pal�"},
	{"word joiner, invisible plus", "a\u2060b\u2064c", "a�b�c"},
	{"soft hyphen", "pay\u00adpal", "pay�pal"},
	{"Hangul fillers", "a\u115f\u3164\uffa0b", "a���b"},
	{"grapheme joiner", "a\u034fb", "a�b"},
	{"tag characters", "x\U000e0041\U000e007fy", "x��y"},
	{"annotation", "a\ufff9b\ufffac\ufffb", "a�b�c�"},
	{"private use", "a\ue0b0\U000f0000", "a��"},
	{"noncharacter", "a\ufffe\U0010ffff", "a��"},
	{"unassigned", "a\u0378", "a�"},
	{"broken UTF-8", "a\xff\xc0\xafb\xed\xa0\x80", "a���b���"},
	{"a real U+FFFD stays", "a\ufffdb", "a\ufffdb"},
	{"joiner between Latin letters", "pay\u200dpal", "pay�pal"},
	{"non-joiner in Persian", "می\u200cخواهم", "می\u200cخواهم"},
	{"non-joiner at the end of Persian", "می\u200c", "می�"},
	{"joiner in Devanagari", "क्\u200dष", "क्\u200dष"},
	{"two joiners", "می\u200c\u200cخواهم", "می��خواهم"},
	{"family", "👨\u200d👩\u200d👧", "👨\u200d👩\u200d👧"},
	{"flag with selector", "🏳\ufe0f\u200d🌈", "🏳\ufe0f\u200d🌈"},
	{"keycap", "1\ufe0f\u20e3", "1\ufe0f\u20e3"},
	{"selector on a letter", "a\ufe0fb", "a�b"},
	{"smuggled selectors", "😀\U000e0100\U000e0101", "😀��"},
	{"Han variation", "葛\U000e0100城", "葛\U000e0100城"},
	{"two Han variations", "葛\U000e0100\U000e0101", "葛\U000e0100�"},
	{"mark without a base", "\u0336x", "�x"},
	{"mark on a base", "e\u0301", "e\u0301"},
	{"tower of marks", "e" + strings.Repeat("\u0301", 10), "e" + strings.Repeat("\u0301", 8) + "�\u0301"},
	{"Arabic number sign", "\u0600\u0661", "\u0600\u0661"},
	{"no-break space", "a\u00a0b", "a\u00a0b"},
}

func TestLineShowsHostileTextHarmlessly(t *testing.T) {
	for _, c := range lines {
		if got := Line(c.in); got != c.want {
			t.Errorf("%s: Line(%+q) = %+q, want %+q", c.name, c.in, got, c.want)
		}
		if got := Dirty(c.in); got != (c.in != c.want) {
			t.Errorf("%s: Dirty(%+q) = %v", c.name, c.in, got)
		}
	}
}

func TestTextKeepsLinesAndTabs(t *testing.T) {
	for in, want := range map[string]string{
		"a\n\tb\n":             "a\n\tb\n",
		"a\r\nb":               "a\nb",
		"good\rEVIL":           "good␍EVIL",
		"a\u2028b\u2029":       "a\nb\n",
		"a\u0085b\x1b[2J":      "a�b␛[2J",
		"a\n\u0336b":           "a\n�b",
		"\x00\u202e":           "␀�",
		"end\r":                "end␍",
		"Grüße\nmit\tUmlauten": "Grüße\nmit\tUmlauten",
	} {
		if got := Text(in); got != want {
			t.Errorf("Text(%+q) = %+q, want %+q", in, got, want)
		}
	}
}

func TestCleanTextCostsNoAllocation(t *testing.T) {
	for _, s := range []string{"a perfectly ordinary title", "Zürich 東京 👨\u200d👩\u200d👧", "می\u200cخواهم"} {
		if n := testing.AllocsPerRun(100, func() { _ = Line(s); _ = Text(s); _ = Dirty(s) }); n != 0 {
			t.Errorf("%q: %v allocations", s, n)
		}
	}
}

func TestDomain(t *testing.T) {
	for in, want := range map[string]string{
		"":                               "",
		"example.com":                    "example.com",
		"Example.COM":                    "Example.COM",
		"localhost:8080":                 "localhost:8080",
		"[::1]:443":                      "[::1]:443",
		"bücher.example":                 "xn--bcher-kva.example (bücher.example)",
		"BÜCHER.example":                 "xn--bcher-kva.example (bücher.example)",
		"xn--bcher-kva.example":          "xn--bcher-kva.example (bücher.example)",
		"аpple.com":                      "xn--pple-43d.com (аpple.com)",
		"xn--pple-43d.com":               "xn--pple-43d.com (аpple.com)",
		"例え.テスト":                         "xn--r8jz45g.xn--zckzah (例え.テスト)",
		"xn--a":                          "xn--a",
		"xn--99999999999999999999":       "xn--99999999999999999999",
		"exa\u202emple.com":              "xn--example-276c.com",
		"good.com\u3002evil.com":         "",
		"pay\u200bpal.com":               "",
		"a b.com":                        `a\u{20}b.com`,
		"evil.com (good.com)":            `evil.com\u{20}\u{28}good.com\u{29}`,
		"\x1b]0;x\a":                     `\u{1b}]0;x\u{7}`,
		"a\xffb":                         `a\xffb`,
		`a\u{20}b`:                       `a\u{5c}u{20}b`,
		strings.Repeat("é", maxHost):     strings.Repeat(`\u{e9}`, maxHost),
		strings.Repeat("a.", 600) + "co": strings.Repeat("a.", 600) + "co",
	} {
		got := Domain(in)
		if want != "" && got != want {
			t.Errorf("Domain(%+q) = %+q, want %+q", in, got, want)
		}
		if head, _, _ := strings.Cut(got, " ("); !isASCII(head) {
			t.Errorf("Domain(%+q) = %+q does not begin in ASCII", in, got)
		}
	}
}

// TestPunycodeVectors are samples from RFC 3492 section 7.1, lower-cased where the RFC mixes case.
func TestPunycodeVectors(t *testing.T) {
	for uni, ascii := range map[string]string{
		"ليهمابتكلموشعربي؟":            "egbpdaj6bu4bxfgehfvwxn",
		"他们为什么不说中文":                    "ihqwcrb4cv8a8dqg056pqjye",
		"pročprostěnemluvíčesky":       "proprostnemluvesky-uyb24dma41a",
		"למההםפשוטלאמדבריםעברית":       "4dbcagdahymbxekheh6e0a7fei0b",
		"почемужеонинеговорятпорусски": "b1abfaaepdrnnbgefbadotcwatmq2g4l",
		"3年b組金八先生":                     "3b-ww4c5e180e575a65lsy2b",
		"安室奈美恵-with-super-monkeys":     "-with-super-monkeys-pc58ag80a8qai00g7n9n",
		"ひとつ屋根の下2":                     "2-u9tlzr9756bt3uc0v",
		"パフィーdeルンバ":                    "de-jg4avhby1noc0d",
		"そのスピードで":                      "d9juau41awczczp",
	} {
		if got := encode([]rune(uni)); got != ascii {
			t.Errorf("encode(%q) = %q, want %q", uni, got, ascii)
		}
		if got, ok := decode(ascii); !ok || got != uni {
			t.Errorf("decode(%q) = %q, %v, want %q", ascii, got, ok, uni)
		}
	}
}

// harmless holds what every shown text must satisfy, whatever was sent.
func harmless(t *testing.T, in, out, keep string) {
	t.Helper()
	if !utf8.ValidString(out) {
		t.Fatalf("%+q gives invalid UTF-8 %+q", in, out)
	}
	for _, r := range out {
		if unicode.IsControl(r) && !strings.ContainsRune(keep, r) {
			t.Fatalf("%+q leaves control %+q", in, r)
		}
		if unicode.Is(unicode.Bidi_Control, r) || unicode.In(r, unicode.Co, unicode.Cs, unicode.Zl, unicode.Zp) {
			t.Fatalf("%+q leaves %+q", in, r)
		}
	}
}

func FuzzLine(f *testing.F) {
	for _, c := range lines {
		f.Add(c.in)
	}
	f.Fuzz(func(t *testing.T, s string) {
		line, text := Line(s), Text(s)
		harmless(t, s, line, "")
		harmless(t, s, text, "\n\t")
		if again := Line(line); again != line {
			t.Fatalf("Line(%+q) = %+q, and again %+q", s, line, again)
		}
		if again := Text(text); again != text {
			t.Fatalf("Text(%+q) = %+q, and again %+q", s, text, again)
		}
		if Dirty(s) != (line != s) {
			t.Fatalf("Dirty(%+q) = %v, Line gives %+q", s, Dirty(s), line)
		}
	})
}

func FuzzDomain(f *testing.F) {
	for _, s := range []string{"bücher.example", "xn--bcher-kva", "xn--", "a\u3002b", "xn--\xff", "-.-", "xn--80ak6aa92e.com"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		out := Domain(s)
		harmless(t, s, out, "")
		head, _, _ := strings.Cut(out, " (")
		if !isASCII(head) || Dirty(out) {
			t.Fatalf("Domain(%+q) = %+q", s, out)
		}
		if len(s) <= maxHost && utf8.ValidString(s) {
			low := strings.ToLower(s)
			if back, ok := decode(encode([]rune(low))); !ok || back != low {
				t.Fatalf("punycode of %+q comes back as %+q", low, back)
			}
		}
	})
}
