package sshkey

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"math/big"
	"strings"
)

// MaxText bounds the text of a key: RSA with 16,384 bits has 13 KiB.
const MaxText = 64 << 10

// Errors of reading.
var (
	ErrNotKey = errors.New("read SSH key: not a key of a known form")
	// ErrEncrypted says that the key asks for a passphrase and hides its public half too.
	ErrEncrypted = errors.New("read SSH key: it is encrypted, its public half too")
)

// Info is what may be shown of a key.
type Info struct {
	Type        string // "ssh-ed25519"
	Bits        int    // of an RSA key; 0 where the type says it
	Fingerprint string // "SHA256:…", as ssh-keygen -l prints it
	Comment     string // "" when there is none or it is encrypted
	Encrypted   bool   // the private key asks for a passphrase
}

// Public reads a line of authorized_keys: type, blob, comment.
func Public(line string) (Info, error) {
	if len(line) > MaxText {
		return Info{}, ErrNotKey
	}
	parts := strings.Fields(line)
	if len(parts) < 2 {
		return Info{}, ErrNotKey
	}
	blob, err := base64.StdEncoding.DecodeString(parts[1])
	if err != nil {
		return Info{}, ErrNotKey
	}
	info, err := ofBlob(blob)
	if err != nil || info.Type != parts[0] {
		return Info{}, ErrNotKey
	}
	info.Comment = strings.Join(parts[2:], " ")
	return info, nil
}

// Private reads a private key in any of the forms that the package comment names.
func Private(text string) (Info, error) {
	text = strings.TrimSpace(text)
	switch {
	case len(text) > MaxText:
		return Info{}, ErrNotKey
	case strings.HasPrefix(text, "PuTTY-User-Key-File-"):
		return ofPuTTY(text)
	case !strings.HasPrefix(text, "-----BEGIN"):
		return ofBase64(text)
	}
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return Info{}, ErrNotKey
	}
	defer clear(block.Bytes)
	switch {
	case block.Type == "OPENSSH PRIVATE KEY":
		return ofOpenSSH(block.Bytes)
	case block.Type == "ENCRYPTED PRIVATE KEY", strings.Contains(block.Headers["Proc-Type"], "ENCRYPTED"):
		return Info{Encrypted: true}, ErrEncrypted
	}
	return ofDER(block.Type, block.Bytes)
}

// ofBase64 reads CXF's form: PKCS#8 in base64url.
func ofBase64(text string) (Info, error) {
	der, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(text, "="))
	if err != nil {
		return Info{}, ErrNotKey
	}
	defer clear(der)
	return ofDER("PRIVATE KEY", der)
}

// ofBlob reads a public key as the SSH protocol spells it.
func ofBlob(blob []byte) (Info, error) {
	r := reader{b: blob}
	typ := string(r.text())
	if r.bad || !plainType(typ) || len(r.b) == 0 {
		return Info{}, ErrNotKey
	}
	sum := sha256.Sum256(blob)
	info := Info{Type: typ, Fingerprint: "SHA256:" + base64.RawStdEncoding.EncodeToString(sum[:])}
	if typ == "ssh-rsa" {
		r.text() // the exponent
		if info.Bits = new(big.Int).SetBytes(r.text()).BitLen(); r.bad {
			return Info{}, ErrNotKey
		}
	}
	return info, nil
}

// plainType keeps what is no name of a type out of a screen.
func plainType(s string) bool {
	if s == "" || len(s) > 64 {
		return false
	}
	return !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' })
}

// ofPuTTY reads a PuTTY private key file, version 2 or 3: its public half is in the clear.
func ofPuTTY(text string) (Info, error) {
	var info Info
	lines := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	head := map[string]string{}
	for i, line := range lines {
		name, value, ok := strings.Cut(line, ": ")
		if !ok {
			continue
		}
		head[name] = value
		if name != "Public-Lines" {
			continue
		}
		n := number(value)
		if n < 1 || n > len(lines)-i-1 {
			return Info{}, ErrNotKey
		}
		blob, err := base64.StdEncoding.DecodeString(strings.Join(lines[i+1:i+1+n], ""))
		if err != nil {
			return Info{}, ErrNotKey
		}
		if info, err = ofBlob(blob); err != nil {
			return Info{}, err
		}
	}
	if info.Fingerprint == "" {
		return Info{}, ErrNotKey
	}
	info.Comment, info.Encrypted = head["Comment"], head["Encryption"] != "none"
	return info, nil
}

// number reads a small count; 0 when it is none.
func number(s string) (n int) {
	if s == "" || len(s) > 4 {
		return 0
	}
	for _, r := range s {
		if r < '0' || r > '9' {
			return 0
		}
		n = n*10 + int(r-'0')
	}
	return n
}
