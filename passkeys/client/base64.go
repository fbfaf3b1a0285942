package client

import (
	"encoding/base64"
	"strings"
)

// encode64 is base64url without padding, the only form that WebAuthn's JSON has (WebAuthn Level 3, section 3, "Base64url Encoding").
func encode64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// decode64 reads a member of the options. What is no base64url is an EncodingError that names the member.
func decode64(member, s string, most int) ([]byte, error) {
	if strings.ContainsAny(s, "\r\n") { // which Go's decoder skips
		return nil, errorf(Encoding, "%s is not base64url: it holds a line break", member)
	}
	if base64.RawURLEncoding.DecodedLen(len(s)) > most {
		return nil, errorf(Type, "%s is longer than %d bytes", member, most)
	}
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		why := "it holds a character outside of A-Z, a-z, 0-9, - and _"
		if strings.Contains(s, "=") {
			why = "it is padded with ="
		} else if strings.ContainsAny(s, "+/") {
			why = "it is base64 with + and /, not base64url"
		}
		return nil, errorf(Encoding, "%s is not base64url: %s", member, why)
	}
	return b, nil
}
