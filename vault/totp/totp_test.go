package totp

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"signet/vault/secret"
)

// rfcKey is the key of RFC 6238 appendix B for one algorithm: "1234567890" repeated to the length of the hash.
func rfcKey(a Algorithm) Key {
	n := map[Algorithm]int{SHA1: 20, SHA256: 32, SHA512: 64}[a]
	return Key{Secret: secret.FromString(strings.Repeat("1234567890", 7)[:n]), Algorithm: a, Digits: 8}
}

func TestRFC6238Vectors(t *testing.T) {
	t.Parallel()
	for _, v := range []struct {
		unix                 int64
		sha1, sha256, sha512 string
	}{
		{59, "94287082", "46119246", "90693936"},
		{1111111109, "07081804", "68084774", "25091201"},
		{1111111111, "14050471", "67062674", "99943326"},
		{1234567890, "89005924", "91819424", "93441116"},
		{2000000000, "69279037", "90698825", "38618901"},
		{20000000000, "65353130", "77737706", "47863826"},
	} {
		for a, want := range map[Algorithm]string{SHA1: v.sha1, SHA256: v.sha256, SHA512: v.sha512} {
			c, err := rfcKey(a).Code(time.Unix(v.unix, 0))
			if err != nil || c.Value.RevealString() != want {
				t.Errorf("%s at %d: %s, %v, want %s", a, v.unix, c.Value.RevealString(), err, want)
			}
			if !c.Until.After(time.Unix(v.unix, 0)) || c.From.After(time.Unix(v.unix, 0)) || c.Until.Sub(c.From) != 30*time.Second {
				t.Errorf("%s at %d holds from %v to %v", a, v.unix, c.From, c.Until)
			}
			after, err := rfcKey(a).Code(c.Until)
			if err != nil || !after.Value.Equal(c.Next) {
				t.Errorf("%s at %d: Next is not the code at Until", a, v.unix)
			}
		}
	}
}

// TestRFC4226Vectors takes the ten-digit truncations of RFC 4226 appendix D, of which every shorter code is the end.
func TestRFC4226Vectors(t *testing.T) {
	t.Parallel()
	for counter, full := range []string{
		"1284755224", "1094287082", "0137359152", "1726969429", "1640338314",
		"0868254676", "1918287922", "0082162583", "0673399871", "0645520489",
	} {
		for digits := 1; digits <= MaxDigits; digits++ {
			k := rfcKey(SHA1)
			k.Kind, k.Digits, k.Counter = HOTP, digits, uint64(counter)
			want := full[10-digits:]
			got, err := k.CodeAt(uint64(counter))
			if err != nil || got.RevealString() != want {
				t.Errorf("counter %d, %d digits: %s, %v, want %s", counter, digits, got.RevealString(), err, want)
			}
			c, err := k.Code(time.Time{})
			if err != nil || c.Value.RevealString() != want || !c.Until.IsZero() || !c.Next.IsEmpty() {
				t.Errorf("counter %d: Code gives %+v, %v", counter, c, err)
			}
		}
	}
}

func TestSteamVectors(t *testing.T) {
	t.Parallel()
	k, err := Parse("otpauth://totp/test:test@example.com?secret=63BEDWCQZKTQWPESARIERL5DTTQFCJTK&issuer=Valve&algorithm=SHA1&digits=5&period=30&encoder=steam")
	if err != nil {
		t.Fatal(err)
	}
	for unix, want := range map[int64]string{1511200518: "FR8RV", 1511200714: "9P3VP"} {
		if c, err := k.Code(time.Unix(unix, 0)); err != nil || c.Value.RevealString() != want {
			t.Errorf("at %d: %s, %v, want %s", unix, c.Value.RevealString(), err, want)
		}
	}
}

func TestPeriodsAndEdgesOfTime(t *testing.T) {
	t.Parallel()
	k := rfcKey(SHA1)
	k.Period = 90
	c, err := k.Code(time.Unix(179, 999_999_999))
	if err != nil || c.From.Unix() != 90 || c.Until.Unix() != 180 {
		t.Errorf("period 90 at 179: %v to %v, %v", c.From, c.Until, err)
	}
	if c, err := k.Code(time.Unix(-1, 0)); err == nil {
		t.Errorf("before 1970: %+v", c)
	}
	if _, err := k.Code(time.Unix(1<<40, 0)); err != nil {
		t.Errorf("far future: %v", err)
	}
}

func TestKindsWithoutCodesAreKeptNotComputed(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]Key{
		"otpauth://motp/ada?secret=e3152afee62599c8":         {Kind: MOTP, Account: "ada", Period: 10},
		"motp://ada?secret=e3152afee62599c8":                 {Kind: MOTP, Account: "ada", Period: 10},
		"otpauth://yaotp/Yandex:ada?secret=LA2V6KMCGYMWWVEW": {Kind: Yandex, Issuer: "Yandex", Account: "ada", Digits: 8},
	} {
		k, err := Parse(in)
		if err != nil || k.Secret.IsEmpty() {
			t.Errorf("%s: %v", in, err)
			continue
		}
		want.Secret = k.Secret
		if !k.Equal(want) || k.URIString() != in {
			t.Errorf("%s: %+v, again %s", in, k, k.URIString())
		}
		if _, err := k.Code(time.Unix(0, 0)); !errors.Is(err, ErrUnsupported) {
			t.Errorf("%s: a code is made: %v", in, err)
		}
	}
}

// hello is the secret of most examples: base32 of "Hello!\xde\xad\xbe\xef".
const hello = "JBSWY3DPEHPK3PXP"

func helloKey(change func(*Key)) Key {
	k := Key{Kind: TOTP, Secret: secret.FromString("Hello!\xde\xad\xbe\xef"), Algorithm: SHA1, Digits: 6, Period: 30}
	if change != nil {
		change(&k)
	}
	return k
}

func TestParseAcceptsWhatIsSeenInTheWild(t *testing.T) {
	t.Parallel()
	named := func(issuer, account string) func(*Key) { return func(k *Key) { k.Issuer, k.Account = issuer, account } }
	steam := func(k *Key) { k.Kind, k.Digits = Steam, 5 }
	for in, change := range map[string]func(*Key){
		"JBSWY3DPEHPK3PXP":                                                           nil,
		"jbsw y3dp ehpk 3pxp":                                                        nil,
		" JBSW-Y3DP-EHPK-3PXP\n":                                                     nil,
		"JBSWY3DPEHPK3PXP====":                                                       nil,
		"otpauth://totp/?secret=" + hello:                                            nil,
		"otpauth://totp?secret=" + hello:                                             nil,
		"OTPAUTH://TOTP/?Secret=" + hello:                                            nil,
		"otpauth://totp/ada?secret=" + hello:                                         named("", "ada"),
		"otpauth://totp/Example:ada?secret=" + hello:                                 named("Example", "ada"),
		"otpauth://totp/Example%3Aada?secret=" + hello:                               named("Example", "ada"),
		"otpauth://totp/Example:%20ada%40x?secret=" + hello:                          named("Example", "ada@x"),
		"otpauth://totp/a%3Ab:c%3Ad?secret=" + hello:                                 named("a:b", "c:d"),
		"otpauth://totp/Old:ada?issuer=New&secret=" + hello:                          named("New", "ada"),
		"otpauth://totp/ada?issuer&secret=" + hello:                                  named("", "ada"),
		"otpauth://totp/ada?secret=" + hello + "&issuer=Big+Corp%2B":                 named("Big Corp+", "ada"),
		"otpauth://totp/100%:ada?secret=" + hello:                                    named("100%", "ada"),
		"otpauth://totp/a#1?secret=" + hello:                                         named("", "a#1"),
		"otpauth://totp/ada?secret=" + hello + "&secret=" + hello + "&&digits=":      named("", "ada"),
		"otpauth://totp/ada?secret=jbsw+y3dp%20ehpk-3pxp%3D%3D":                      named("", "ada"),
		"otpauth://totp/?issuer=a/b&secret=" + hello:                                 named("a/b", ""),
		"otpauth://totp?issuer=a/b&secret=" + hello:                                  named("a/b", ""),
		"otpauth://totp/?secret=" + hello + "&algorithm=SHA-256":                     func(k *Key) { k.Algorithm = SHA256 },
		"otpauth://totp/?secret=" + hello + "&algorithm=HmacSHA512":                  func(k *Key) { k.Algorithm = SHA512 },
		"otpauth://totp/?secret=" + hello + "&algorithm=sha1":                        nil,
		"otpauth://totp/?secret=" + hello + "&digits=8&period=60":                    func(k *Key) { k.Digits, k.Period = 8, 60 },
		"otpauth://totp/?secret=" + hello + "&digits=5&issuer=Other":                 func(k *Key) { k.Digits, k.Issuer = 5, "Other" },
		"otpauth://hotp/?secret=" + hello + "&counter=7":                             func(k *Key) { k.Kind, k.Counter = HOTP, 7 },
		"otpauth://hotp/?secret=" + hello:                                            func(k *Key) { k.Kind = HOTP },
		"otpauth://hotp/?secret=" + hello + "&counter=9223372036854775807&period=60": func(k *Key) { k.Kind, k.Counter = HOTP, MaxCounter },
		"steam://" + hello:                                                           steam,
		"otpauth://steam/?secret=" + hello:                                           steam,
		"otpauth://totp/?secret=" + hello + "&encoder=steam&digits=6":                steam,
		"otpauth://totp/?secret=" + hello + "&digits=S":                              steam,
		"otpauth://totp/Steam:ada?secret=" + hello + "&digits=5":                     func(k *Key) { steam(k); named("Steam", "ada")(k) },
		"otpauth://totp/a%FFb?secret=" + hello:                                       named("", "a\ufffdb"),
	} {
		k, err := Parse(in)
		if err != nil {
			t.Errorf("%q: %v", in, err)
			continue
		}
		if want := helloKey(change); !k.Equal(want) {
			t.Errorf("%q: got %s, want %s", in, k.fresh(), want.fresh())
		}
		if strings.Contains(in, "://") && k.URIString() != strings.TrimSpace(in) {
			t.Errorf("%q is written again as %q", in, k.URIString())
		}
	}
}

func TestParseRefusesWhatWouldGiveWrongCodes(t *testing.T) {
	t.Parallel()
	base := "otpauth://totp/ada?secret=" + hello
	for in, want := range map[string]string{
		"":                                       "the secret is empty",
		"   ":                                    "the secret is empty",
		"====":                                   "the secret is empty",
		"A":                                      "the secret is empty",
		"JBSWY3DP1":                              "not base32 (character 9)",
		"JBSW=Y3DP":                              "not base32 (character 6)",
		"pass wörd":                              "not base32",
		strings.Repeat("A", 2000):                "longer than 1024 bytes",
		strings.Repeat("A", MaxURI+1):            "longer than 1024 bytes",
		"otpauth://totp/ada":                     "the secret is empty",
		"otpauth://totp":                         "no parameters",
		"otpauth://totp/ada?secret=":             "the secret is empty",
		"otpauth://totp/ada?secret=%20%3D":       "the secret is empty",
		"otpauth://totp/ada?secret=l0l":          "not base32",
		"otpauth://totpp/ada?secret=" + hello:    "the type is none of",
		"http://totp/ada?secret=" + hello:        "the scheme is none of",
		"otpauth-migration://offline?data=CjE":   "a Google Authenticator transfer",
		base + "&secret=GEZDGNBV":                "secret occurs twice",
		base + "&digits=6&digits=8":              "digits occurs twice",
		base + "&algorithm=MD5":                  "the algorithm is none of",
		base + "&algorithm=SHA3-256":             "the algorithm is none of",
		base + "&algorithm=SHA":                  "the algorithm is none of",
		base + "&digits=0":                       "digits is not",
		base + "&digits=11":                      "digits is not",
		base + "&digits=-6":                      "digits is not",
		base + "&digits=+6":                      "digits is not",
		base + "&digits=06":                      "digits is not",
		base + "&digits=6.0":                     "digits is not",
		base + "&digits=99999999999999999999":    "digits is not",
		base + "&period=0":                       "period is not",
		base + "&period=86401":                   "period is not",
		base + "&period=30s":                     "period is not",
		base + "&encoder=rot13":                  "the encoder is unknown",
		base + "&encoder=steam&algorithm=SHA256": "a Steam key has SHA1",
		"otpauth://hotp/a?secret=" + hello + "&counter=-1":                  "counter is not",
		"otpauth://hotp/a?secret=" + hello + "&counter=9223372036854775808": "counter is not",
		"otpauth://hotp/a?secret=" + hello + "&encoder=steam":               "a Steam key goes by time",
		base + "&x=" + strings.Repeat("x", MaxURI):                          "longer than 16384",
		"steam://":         "the secret is empty",
		"motp://a?secret=": "the secret is empty",
	} {
		k, err := Parse(in)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60q: error %v, want %q", in, err, want)
		}
		if err != nil && (strings.Contains(err.Error(), hello) || strings.Contains(err.Error(), "GEZD")) {
			t.Errorf("the error holds the secret: %v", err)
		}
		if k.Kind != "" || !k.Secret.IsEmpty() || !k.URI.IsEmpty() {
			t.Errorf("%.60q: a failed parse returns %+v", in, k)
		}
	}
	if _, err := ParseSecret("otpauth://totp/?secret=" + hello); err == nil {
		t.Error("ParseSecret takes an otpauth URI")
	}
}

func TestEditsChangeOnlyWhatDiffers(t *testing.T) {
	t.Parallel()
	const orig = "otpauth://totp/Old%3Aada?codeDisplay={%22pinned%22:true}&Secret=jbsw%20y3dpehpk3pxp&period=30&issuer=Old&image=https://x/y"
	for want, change := range map[string]func(*Key){
		orig: func(*Key) {},
		strings.Replace(orig, "period=30", "period=60", 1): func(k *Key) { k.Period = 60 },
		orig + "&digits=8":         func(k *Key) { k.Digits = 8 },
		orig + "&algorithm=SHA512": func(k *Key) { k.Algorithm = SHA512 },
		strings.Replace(orig, "jbsw%20y3dpehpk3pxp", "GEZA", 1):                                           func(k *Key) { k.Secret = secret.FromString("12") },
		strings.NewReplacer("Old%3Aada", "New%20%26:ada", "issuer=Old", "issuer=New%20%26").Replace(orig): func(k *Key) { k.Issuer = "New &" },
		strings.NewReplacer("Old%3Aada", "bob", "&issuer=Old", "").Replace(orig):                          func(k *Key) { k.Issuer, k.Account = "", "bob" },
	} {
		k, err := Parse(orig)
		if err != nil {
			t.Fatal(err)
		}
		change(&k)
		if got := k.URIString(); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
	k, _ := Parse("otpauth://hotp/ada?counter=4&secret=" + hello)
	k.Counter++
	if got := k.URIString(); got != "otpauth://hotp/ada?counter=5&secret="+hello {
		t.Errorf("a raised counter gives %s", got)
	}
	k.Kind = TOTP
	if got := k.URIString(); got != "otpauth://totp/ada?secret="+hello {
		t.Errorf("another kind gives %s", got)
	}
	k, _ = Parse("steam://" + hello)
	k.Account = "ada"
	if got := k.URIString(); got != "otpauth://totp/ada?secret="+hello+"&digits=5&encoder=steam" {
		t.Errorf("a named steam:// gives %s", got)
	}
}

func TestInvalidKeysGiveNoCode(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*Key){
		"no secret":    func(k *Key) { k.Secret = secret.Secret{} },
		"long secret":  func(k *Key) { k.Secret = secret.New(make([]byte, MaxSecret+1)) },
		"kind":         func(k *Key) { k.Kind = "sms" },
		"algorithm":    func(k *Key) { k.Algorithm = "SHA1" },
		"digits":       func(k *Key) { k.Digits = 11 },
		"negative":     func(k *Key) { k.Digits = -1 },
		"period":       func(k *Key) { k.Period = -30 },
		"steam digits": func(k *Key) { k.Kind = Steam },
		"counter":      func(k *Key) { k.Kind, k.Counter = HOTP, MaxCounter+1 },
	} {
		k := helloKey(change)
		if c, err := k.Code(time.Unix(1e9, 0)); err == nil || !c.Value.IsEmpty() {
			t.Errorf("%s: got a code (%v)", name, err)
		}
	}
	if err := (Key{Secret: secret.FromString("x")}).Supported(); err != nil {
		t.Errorf("a key with nothing but a secret: %v", err)
	}
}

func TestAKeyAndItsCodePrintNoSecret(t *testing.T) {
	t.Parallel()
	k, _ := Parse("otpauth://totp/ada?secret=" + hello)
	c, _ := k.Code(time.Unix(59, 0))
	for _, v := range []any{k, &k, c, &c} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
			got := fmt.Sprintf(verb, v)
			if strings.Contains(got, hello) || strings.Contains(got, "Hello!") || strings.Contains(got, c.Value.RevealString()) {
				t.Errorf("%s prints %s", verb, got)
			}
		}
	}
	if n, err := strconv.Atoi(c.Value.RevealString()); err != nil || n < 0 {
		t.Errorf("the code is no number: %v", err)
	}
}
