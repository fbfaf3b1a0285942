package client_test

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"signet/passkeys/client"
)

func TestClientDataByteForByte(t *testing.T) {
	o, top := client.Origin{Scheme: "https", Host: "example.com", Port: "8443"}, client.Origin{Scheme: "https", Host: "top.example"}
	for want, from := range map[string]client.Caller{
		`{"type":"webauthn.get","challenge":"AAEC","origin":"https://example.com:8443","crossOrigin":false}`:                                  {Origin: o, Top: top},
		`{"type":"webauthn.get","challenge":"AAEC","origin":"https://example.com:8443","crossOrigin":true}`:                                   {Origin: o, CrossOrigin: true},
		`{"type":"webauthn.get","challenge":"AAEC","origin":"https://example.com:8443","crossOrigin":true,"topOrigin":"https://top.example"}`: {Origin: o, CrossOrigin: true, Top: top},
	} {
		if got := string(client.ClientData("webauthn.get", []byte{0, 1, 2}, from)); got != want {
			t.Errorf("%s\nwant %s", got, want)
		}
	}
}

// The quoting of WebAuthn Level 3, section 5.8.1.1, which is not that of encoding/json.
func TestStringsAreQuotedAsTheSpecificationSays(t *testing.T) {
	for in, want := range map[string]string{
		"": `""`, `a"b\c`: `"a\"b\\c"`, "\x00\t\n\x1f": `"\u0000\u0009\u000a\u001f"`, "<>&/'": `"<>&/'"`, "\x7f": "\"\x7f\"",
		"\u2028\u2029": "\"\u2028\u2029\"", "é😀": `"é😀"`,
	} {
		if got := string(client.AppendString(nil, in)); got != want {
			t.Errorf("%q: %s, want %s", in, got, want)
		}
	}
}

func TestClientDataParsesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		challenge := rapid.SliceOf(rapid.Byte()).Draw(t, "challenge")
		label := rapid.StringMatching(`[a-z0-9]{1,20}`)
		from := client.Caller{Origin: client.Origin{Scheme: "https", Host: label.Draw(t, "host") + ".example"}, CrossOrigin: rapid.Bool().Draw(t, "cross")}
		if from.CrossOrigin {
			from.Top = client.Origin{Scheme: "https", Host: label.Draw(t, "top") + ".example"}
		}
		var got map[string]any
		data := client.ClientData("webauthn.create", challenge, from)
		if err := json.Unmarshal(data, &got); err != nil {
			t.Fatalf("%s: %v", data, err)
		}
		if got["challenge"] != base64.RawURLEncoding.EncodeToString(challenge) || got["origin"] != from.Origin.String() || got["crossOrigin"] != from.CrossOrigin ||
			got["type"] != "webauthn.create" || from.CrossOrigin != (got["topOrigin"] == from.Top.String()) {
			t.Fatalf("%s", data)
		}
	})
}

func TestStringsParseBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "s")
		var got string
		quoted := client.AppendString(nil, s)
		if err := json.Unmarshal(quoted, &got); err != nil || got != strings.ToValidUTF8(s, "\ufffd") || !utf8.Valid(quoted) {
			t.Fatalf("%q: %s: %q %v", s, quoted, got, err)
		}
	})
}
