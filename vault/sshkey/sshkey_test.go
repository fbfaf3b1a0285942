package sshkey_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"signet/vault/sshkey"
)

func file(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// The fingerprints are what ssh-keygen -l printed for the files in testdata, which ssh-keygen made.
const (
	edPrint = "SHA256:ZJ8ucXjAbJfDHlVVFvDj05EG4punY99dvYBd/xfjtcU"
	ecPrint = "SHA256:Yx7zrlGgTjNnUSjCshmOQaDR3fUGoPd0UQWLdn5fN14"
	rsPrint = "SHA256:b2fgpCXfTJqAsnAjBQx9cIfMD0LZf8DOtrLABVYq5ps"
)

func TestPrivate(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]sshkey.Info{
		"ed25519":     {Type: "ssh-ed25519", Fingerprint: edPrint, Comment: "ada@laptop"},
		"ecdsa":       {Type: "ecdsa-sha2-nistp256", Fingerprint: ecPrint, Comment: "ec key"},
		"rsa":         {Type: "ssh-rsa", Bits: 2048, Fingerprint: rsPrint, Comment: "old key"},
		"rsa.pem":     {Type: "ssh-rsa", Bits: 2048, Fingerprint: rsPrint},
		"ecdsa.pkcs8": {Type: "ecdsa-sha2-nistp256", Fingerprint: ecPrint},
		"ec384":       {Type: "ecdsa-sha2-nistp384", Fingerprint: "SHA256:lBJlAwL/p43m8Q/Vs24BVedLno2RplHFMmJ6on1BRTA"},
		"ec521":       {Type: "ecdsa-sha2-nistp521", Fingerprint: "SHA256:Ie325C2qbIU7+sv7UKm0HW9xt8V+hbCwg8n+vNM/f9I"},
		"locked":      {Type: "ssh-ed25519", Fingerprint: "SHA256:hB3QGTsBlWb8UUWdLbE44qL0YulNCHAvoQOTcxVj4LI", Encrypted: true},
	} {
		if got, err := sshkey.Private(file(t, name)); err != nil || got != want {
			t.Errorf("%s: %+v, %v; want %+v", name, got, err, want)
		}
	}
}

func TestPublic(t *testing.T) {
	t.Parallel()
	got, err := sshkey.Public(file(t, "rsa.pub"))
	if want := (sshkey.Info{Type: "ssh-rsa", Bits: 2048, Fingerprint: rsPrint, Comment: "old key"}); err != nil || got != want {
		t.Errorf("%+v, %v", got, err)
	}
}

// CXF spells a private key as PKCS#8 in base64url.
func TestBase64OfPKCS8(t *testing.T) {
	t.Parallel()
	lines := strings.Split(strings.TrimSpace(file(t, "ecdsa.pkcs8")), "\n")
	text := strings.NewReplacer("+", "-", "/", "_", "=", "").Replace(strings.Join(lines[1:len(lines)-1], ""))
	if got, err := sshkey.Private(text); err != nil || got.Fingerprint != ecPrint {
		t.Errorf("%+v, %v", got, err)
	}
}

// An Ed25519 key in PKCS#8 is its seed alone.
func TestEd25519InPKCS8(t *testing.T) {
	t.Parallel()
	key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, 32))
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	blob := append([]byte("\x00\x00\x00\x0bssh-ed25519\x00\x00\x00\x20"), key[32:]...)
	want, err := sshkey.Public("ssh-ed25519 " + base64.StdEncoding.EncodeToString(blob))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := sshkey.Private(base64.RawURLEncoding.EncodeToString(der)); err != nil || got != want {
		t.Errorf("%+v, %v; want %+v", got, err, want)
	}
}

func TestPuTTY(t *testing.T) {
	t.Parallel()
	blob := strings.Fields(file(t, "ed25519.pub"))[1]
	ppk := "PuTTY-User-Key-File-3: ssh-ed25519\r\nEncryption: aes256-cbc\r\nComment: ada@laptop\r\nPublic-Lines: 2\r\n" +
		blob[:64] + "\r\n" + blob[64:] + "\r\nPrivate-Lines: 1\r\nAAAA\r\nPrivate-MAC: 00\r\n"
	want := sshkey.Info{Type: "ssh-ed25519", Fingerprint: edPrint, Comment: "ada@laptop", Encrypted: true}
	if got, err := sshkey.Private(ppk); err != nil || got != want {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestWhatHidesItsPublicHalf(t *testing.T) {
	t.Parallel()
	if _, err := sshkey.Private(file(t, "rsa.locked.pem")); !errors.Is(err, sshkey.ErrEncrypted) {
		t.Errorf("%v", err)
	}
}

// What is no key is refused, without a word of it in the error.
func TestRefused(t *testing.T) {
	t.Parallel()
	whole := file(t, "ed25519")
	for _, text := range []string{
		"", "hush", "-----BEGIN", "-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl\n-----END OPENSSH PRIVATE KEY-----", whole[:len(whole)/2],
		strings.Repeat("A", sshkey.MaxText+1), "PuTTY-User-Key-File-3: ssh-ed25519\nPublic-Lines: 9999\nAAAA\n", "PuTTY-User-Key-File-2: x",
	} {
		if _, err := sshkey.Private(text); err == nil || strings.Contains(err.Error(), "hush") {
			t.Errorf("%.20q: %v", text, err)
		}
	}
	for _, line := range []string{"", "ssh-ed25519", "ssh-ed25519 !!!!", "ssh-rsa " + strings.Fields(file(t, "ed25519.pub"))[1]} {
		if _, err := sshkey.Public(line); err == nil {
			t.Errorf("%q is read as a key", line)
		}
	}
}

func FuzzPrivate(f *testing.F) {
	for _, name := range []string{"ed25519", "rsa.pem", "ecdsa.pkcs8", "locked"} {
		b, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(b))
	}
	f.Fuzz(func(t *testing.T, text string) {
		if info, err := sshkey.Private(text); err == nil && (info.Type == "" || info.Fingerprint == "") {
			t.Errorf("a key without a name: %+v", info)
		}
		_, _ = sshkey.Public(text)
	})
}
