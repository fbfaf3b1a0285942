package exporter

import (
	"encoding/base64"

	"signet/vault"
	"signet/vault/secret"
)

// sshKey reads a key pair. The private key becomes CXF's PKCS#8 where that loses nothing; the text that came is kept beside it, so that
// nothing ever has to be encoded anew (formats.md 11).
func (m *bitwardenItem) sshKey(o *jsonObject) {
	c := vault.Credential{Type: vault.SSHKey}
	set := func(name, value string) {
		if value != "" {
			c.Members = append(c.Members, vault.Member{Name: name, Value: secret.FromString(value)})
		}
	}
	if text, ok := o.text("privateKey"); ok && text != "" {
		if key, err := parseSSHKey(text); err == nil {
			set("keyType", key.typ)
			set("privateKey", base64.RawURLEncoding.EncodeToString(key.der))
			set("keyComment", key.comment)
			m.keepText("sshKey.privateKey", text)
		} else {
			set("privateKey", text)
			m.lose("sshKey.privateKey", Changed, "not a key that CXF can hold (encrypted, or of another type): kept as the text that it is")
		}
	}
	m.nonEmpty(&c, o, "publicKey", "signet:publicKey")
	m.nonEmpty(&c, o, "keyFingerprint", "signet:fingerprint")
	if _, ok := c.Member("signet:fingerprint"); !ok {
		m.nonEmpty(&c, o, "fingerprint", "signet:fingerprint") // as some writers call it
	}
	m.add(c)
}
