package passkeys

import (
	"bytes"
	"encoding/hex"
	"errors"
	"strings"
	"testing"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// One meaning, one encoding: everything else is refused (CTAP 2.1, section 8).
func TestCanonical(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		hex  string
		good bool
	}{
		"zero":                                {"00", true},
		"23":                                  {"17", true},
		"24":                                  {"1818", true},
		"24 in two bytes":                     {"190018", false},
		"23 in one more byte":                 {"1817", false},
		"256":                                 {"190100", true},
		"255 in two bytes":                    {"1900ff", false},
		"65535 in four":                       {"1a0000ffff", false},
		"2^32-1 in eight":                     {"1b00000000ffffffff", false},
		"2^32":                                {"1b0000000100000000", true},
		"negative":                            {"3818", true},
		"negative too long":                   {"3817", false},
		"bytes":                               {"43010203", true},
		"bytes too short":                     {"430102", false},
		"length too long":                     {"5803010203", false},
		"endless bytes":                       {"5f4101ff", false},
		"endless array":                       {"9f01ff", false},
		"endless map":                         {"bf0102ff", false},
		"text":                                {"6161", true},
		"array":                               {"820102", true},
		"array too short":                     {"8201", false},
		"map":                                 {"a201020304", true},
		"map out of order":                    {"a203040102", false},
		"map with a key twice":                {"a201020103", false},
		"positive keys before negative ones":  {"a201002000", true},
		"negative keys before positive ones":  {"a220000100", false},
		"shorter keys first":                  {"a20a00186400", true},
		"shorter text first":                  {"a2617a0062616100", true},
		"text by its letters":                 {"a26161006162 00", true},
		"text before numbers":                 {"a26161000100", false},
		"true, false, null, undefined":        {"84f5f4f6f7", true},
		"a simple value nobody knows":         {"e0", false},
		"a simple value in one more byte":     {"f8ff", false},
		"a floating-point number":             {"f93c00", true},
		"a tag":                               {"c100", false},
		"break":                               {"ff", false},
		"something behind":                    {"0000", false},
		"nothing":                             {"", false},
		"reserved":                            {"1c", false},
		"eight levels":                        {"8181818181818181 00", true},
		"too deep":                            {"818181818181818181 00", false},
		"a length that is more than there is": {"9b7fffffffffffffff", false},
		"bytes of the length of everything":   {"5bffffffffffffffff", false},
	} {
		if got := canonical(unhex(t, c.hex)) == nil; got != c.good {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestUnmarshal(t *testing.T) {
	t.Parallel()
	var v struct {
		A uint64 `cbor:"1,keyasint"`
		B []byte `cbor:"2,keyasint,omitempty"`
	}
	for in, want := range map[string]error{
		"a10105": nil, "a201050241aa": nil, "a101f5": StatusCBORUnexpectedType, "a10120": StatusCBORUnexpectedType, "a101": StatusInvalidCBOR, "05": StatusCBORUnexpectedType,
		"a2010502": StatusInvalidCBOR, "a10261ff": StatusInvalidCBOR,
	} {
		if err := unmarshal(unhex(t, in), &v); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", in, err, want)
		}
	}
}

// Whatever passes is written again as it came.
func FuzzCanonical(f *testing.F) {
	for _, s := range []string{"00", "a201020304", "84f5f4f6f7", "a2617a0062616100", "8181818100", "43010203"} {
		f.Add(unhex(f, s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if canonical(b) != nil {
			return
		}
		var v any
		if err := unmarshal(b, &v); err != nil {
			return // numbers above 2^63, text that is no UTF-8
		}
		if again := marshal(v); !bytes.Equal(again, b) && !floats(b) {
			t.Errorf("%x became %x", b, again)
		}
	})
}

// floats reports a floating-point number anywhere; the library writes those its own way.
func floats(b []byte) bool { return bytes.ContainsAny(b, "\xf9\xfa\xfb\xf7") }
