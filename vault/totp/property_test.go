package totp

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"signet/vault/secret"
)

// anyKey draws a valid key of any kind, with names that try to break the label.
func anyKey(t *rapid.T) Key {
	name := rapid.StringOfN(rapid.RuneFrom([]rune("ab:%/?&#=+ \"éß東\\@\n")), 0, 12, -1)
	k := Key{
		Kind:      rapid.SampledFrom([]Kind{TOTP, HOTP, Steam, MOTP, Yandex}).Draw(t, "kind"),
		Secret:    secret.New(rapid.SliceOfN(rapid.Byte(), 1, 80).Draw(t, "secret")),
		Algorithm: rapid.SampledFrom([]Algorithm{SHA1, SHA256, SHA512}).Draw(t, "algorithm"),
		Digits:    rapid.IntRange(1, MaxDigits).Draw(t, "digits"),
		Period:    rapid.IntRange(1, MaxPeriod).Draw(t, "period"),
		Counter:   rapid.Uint64Range(0, MaxCounter).Draw(t, "counter"),
		Issuer:    name.Draw(t, "issuer"),
		Account:   strings.TrimLeft(name.Draw(t, "account"), " "), // the grammar drops blanks before the account
	}
	if k.Kind == Steam {
		k.Algorithm, k.Digits = SHA1, steamDigits
	}
	if strings.EqualFold(k.Issuer, "steam") {
		k.Issuer = ""
	}
	return k
}

func TestParseFormatIsIdentity(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := anyKey(t)
		s := k.URIString()
		back, err := Parse(s)
		if err != nil || !back.Equal(k) {
			t.Fatalf("%s comes back as %s, %v", s, back.fresh(), err)
		}
		if back.URIString() != s {
			t.Fatalf("%s is written again as %s", s, back.URIString())
		}
	})
}

// TestAnEditedKeyIsWrittenAsEdited: whatever the original was, the URI says what the fields say.
func TestAnEditedKeyIsWrittenAsEdited(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		orig, err := Parse(anyKey(t).URIString() + "&lock=false")
		if err != nil {
			t.Fatal(err)
		}
		k := anyKey(t)
		k.URI = orig.URI
		if rapid.Bool().Draw(t, "same kind") && orig.Kind != Steam {
			k.Kind = orig.Kind
		}
		if k.Kind == Steam {
			k.Algorithm, k.Digits = SHA1, steamDigits
		}
		s := k.URIString()
		if back, err := Parse(s); err != nil || !back.Equal(k) {
			t.Fatalf("%s with new fields is written as %s, %v", orig.URI.RevealString(), s, err)
		}
		if k.Kind == orig.Kind && !strings.Contains(s, "&lock=false") {
			t.Fatalf("an unknown parameter was lost: %s", s)
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		hello, "jbsw y3dp", "steam://" + hello, "motp://a?secret=00ff", "otpauth://totp/a:b?secret=" + hello + "&issuer=c&digits=8&period=60",
		"otpauth://hotp/%3a%?secret=" + hello + "&counter=1", "otpauth://totp?secret=" + hello + "&encoder=steam", "otpauth://yaotp/?secret=A=",
		"otpauth://totp/ :a?secret=MM&issuer=+", "otpauth://totp/100%:a?secret=" + hello + "&algorithm=Hmac_SHA-512",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		k, err := Parse(s)
		if err != nil {
			if k.Kind != "" || !k.Secret.IsEmpty() || !k.URI.IsEmpty() {
				t.Fatalf("a failed parse of %q returns a key", s)
			}
			return
		}
		if err := k.Validate(); err != nil {
			t.Fatalf("%q parses to an invalid key: %v", s, err)
		}
		for _, out := range []string{k.URIString(), k.fresh()} {
			back, err := Parse(out)
			if err != nil || !back.Equal(k) {
				t.Fatalf("%q is written as %q and comes back as %q, %v", s, out, back.fresh(), err)
			}
		}
		if c, err := k.Code(time.Unix(1e9, 0)); err == nil && len(c.Value.Reveal()) != k.Digits {
			t.Fatalf("%q gives a code of %d characters", s, len(c.Value.Reveal()))
		}
	})
}
