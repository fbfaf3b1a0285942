package exporter

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"signet/vault"
	"signet/vault/secret"
	"signet/vault/totp"
)

func (m *bitwardenItem) login(o *jsonObject) {
	c := vault.Credential{Type: vault.BasicAuth, ID: credentialID(vault.BasicAuth, m.SourceID)}
	m.member(&c, o, "username", "username")
	m.member(&c, o, "password", "password")
	m.add(c)
	m.totp(o)
	for i, raw := range o.list("fido2Credentials") {
		m.passkey("login.fido2Credentials."+strconv.Itoa(i), raw)
	}
	for i, raw := range o.list("uris") {
		m.uri("login.uris."+strconv.Itoa(i), raw)
	}
}

// totp reads a bare secret, an otpauth URI or steam://SECRET. What cannot be understood stays a concealed text that a person can look at.
func (m *bitwardenItem) totp(o *jsonObject) {
	text, ok := o.text("totp")
	if !ok || text == "" {
		return
	}
	key, err := totp.Parse(text)
	if err != nil {
		field := vault.Member{Label: "One-time code", Type: "concealed-string", Value: secret.FromString(text)}
		m.add(vault.Credential{Type: vault.CustomType, Fields: []vault.Member{field}})
		m.lose("login.totp", Changed, "no one-time code can be made of it: kept as a concealed text")
		return
	}
	c := vault.NewTOTP(key)
	m.add(c)
	if key.URI.IsEmpty() && c.Text("secret") != text {
		m.keepText("login.totp", text) // as it was spelled
	}
}

// bitwardenMatch are the match modes in their order in the file.
var bitwardenMatch = []string{"domain", "host", "startsWith", "exact", "regex", "never"}

// androidScheme begins the address of an app, which CXF has a place of its own for; there is none for iOS.
const androidScheme = "androidapp://"

func (m *bitwardenItem) uri(name string, raw jsontext.Value) {
	o, err := parseObject(raw)
	if err != nil {
		m.note(name, raw, whyUnknown)
		return
	}
	address, ok := o.text("uri")
	if app, isApp := strings.CutPrefix(address, androidScheme); isApp && app != "" {
		m.app(app)
	} else if ok && address != "" {
		m.Entry.URLs = append(m.Entry.URLs, vault.URL{URL: address, Match: m.match(o)})
	}
	m.rest(name+".", o)
}

// match takes the match mode; a number without meaning stays in the object and becomes provenance.
func (m *bitwardenItem) match(o *jsonObject) string {
	n, err := strconv.Atoi(string(o.peek("match")))
	if err != nil || n < 0 || n >= len(bitwardenMatch) {
		return ""
	}
	o.take("match")
	return bitwardenMatch[n]
}

func (m *bitwardenItem) app(bundle string) {
	text, err := json.Marshal(struct {
		BundleID string `json:"bundleId"`
	}{bundle})
	if err == nil {
		m.Entry.Apps = append(m.Entry.Apps, vault.App{JSON: string(text)})
	}
}

// passkey keeps a passkey as it is: same id, key and counter, with the flags that Bitwarden answers (formats.md 12).
func (m *bitwardenItem) passkey(name string, raw jsontext.Value) {
	o, err := parseObject(raw)
	if err != nil {
		m.note(name, raw, whyUnknown)
		return
	}
	c := vault.Credential{Type: vault.Passkey}
	set := func(member, value string) {
		c.Members = append(c.Members, vault.Member{Name: member, Value: secret.FromString(value)})
	}
	m.passkeyBytes(&c, o, name, "credentialId", "credentialId", decodeCredentialID)
	m.member(&c, o, "rpId", "rpId")
	m.member(&c, o, "userName", "username")
	m.member(&c, o, "userDisplayName", "userDisplayName")
	m.passkeyBytes(&c, o, name, "userHandle", "userHandle", decodeBase64URL)
	m.passkeyBytes(&c, o, name, "keyValue", "key", decodeBase64URL)
	set("signet:binding", "synced")
	set("signet:be", "1")
	set("signet:bs", "1")
	m.passkeyCounter(&c, o, name)
	m.nonEmpty(&c, o, "rpName", "signet:rpName")
	m.nonEmpty(&c, o, "discoverable", "signet:discoverable")
	if t := m.time(o, "creationDate"); !t.IsZero() {
		set("signet:created", vault.FormatTime(t))
	}
	m.passkeyKey(c, o, name)
	m.rest(name+".", o)
	m.add(c)
}

// passkeyBytes takes a binary member; one that is not spelled as it should be stays as it came.
func (m *bitwardenItem) passkeyBytes(c *vault.Credential, o *jsonObject, name, from, to string, decode func(string) ([]byte, error)) {
	text, ok := o.text(from)
	if !ok {
		return
	}
	b, err := decode(text)
	if err != nil {
		m.lose(name+"."+from, Changed, "not spelled as Bitwarden does: kept as it came, and the passkey cannot be used")
	} else {
		text = base64.RawURLEncoding.EncodeToString(b)
	}
	c.Members = append(c.Members, vault.Member{Name: to, Value: secret.FromString(text)})
}

// decodeCredentialID reads the text of a GUID, or "b64." and base64url for ids of other lengths.
func decodeCredentialID(s string) ([]byte, error) {
	if b64, ok := strings.CutPrefix(s, "b64."); ok {
		return decodeBase64URL(b64)
	}
	if len(s) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return nil, strconv.ErrSyntax
	}
	return hex.DecodeString(strings.ReplaceAll(s, "-", ""))
}

func decodeBase64URL(s string) ([]byte, error) {
	return base64.RawURLEncoding.DecodeString(strings.TrimRight(s, "="))
}

func (m *bitwardenItem) passkeyCounter(c *vault.Credential, o *jsonObject, name string) {
	text, ok := o.text("counter")
	if !ok || text == "" {
		text = "0"
	}
	n, err := strconv.ParseUint(text, 10, 32)
	if err != nil {
		m.keepText(name+".counter", text)
		m.lose(name+".counter", Kept, "no number: kept as it came, the passkey counts from 0")
		n = 0
	}
	c.Members = append(c.Members, vault.Member{Name: "signet:counter", Value: secret.FromString(strconv.FormatUint(n, 10))})
}

// passkeyKey checks that the key is one that can sign here, and takes the members that only say so again.
func (m *bitwardenItem) passkeyKey(c vault.Credential, o *jsonObject, name string) {
	der, err := decodeBase64URL(c.Text("key"))
	if err == nil {
		var key any
		if key, err = x509.ParsePKCS8PrivateKey(der); err == nil {
			ec, ok := key.(*ecdsa.PrivateKey)
			if !ok || ec.Curve != elliptic.P256() {
				return // the members may say more about it: they stay
			}
		}
	}
	if err != nil {
		m.lose(name+".keyValue", Changed, "no private key that can be used here: kept as it came")
		return
	}
	for member, usual := range map[string]string{"keyType": "public-key", "keyAlgorithm": "ECDSA", "keyCurve": "P-256"} {
		if text, ok := scalar(o.peek(member)); ok && text == usual {
			o.take(member)
		}
	}
}
