package exporter_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"

	"signet/exporter/formattest"
	"signet/vault"
)

func sshItem(t *testing.T, text string) vault.Entry {
	t.Helper()
	quoted, err := json.Marshal(text)
	if err != nil {
		t.Fatal(err)
	}
	v := formattest.NewVault()
	v.ImportString(t, format(t, "bitwarden-json"), fmt.Sprintf(`{"encrypted":false,"items":[{"id":"1","type":5,"name":"key","sshKey":{"privateKey":%s}}]}`, quoted))
	return v.Entry(t, "key")
}

func mustKey[K any](t *testing.T) func(K, error) K {
	return func(k K, err error) K {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
}

// TestSSHKeys: what OpenSSH's container held is what PKCS#8 holds, as x/crypto/ssh sees it.
func TestSSHKeys(t *testing.T) {
	t.Parallel()
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ec := mustKey[*ecdsa.PrivateKey](t)
	for want, key := range map[string]crypto.Signer{
		"ssh-ed25519":         ed,
		"ecdsa-sha2-nistp256": ec(ecdsa.GenerateKey(elliptic.P256(), rand.Reader)),
		"ecdsa-sha2-nistp384": ec(ecdsa.GenerateKey(elliptic.P384(), rand.Reader)),
		"ecdsa-sha2-nistp521": ec(ecdsa.GenerateKey(elliptic.P521(), rand.Reader)),
		"ssh-rsa":             mustKey[*rsa.PrivateKey](t)(rsa.GenerateKey(rand.Reader, 2048)),
	} {
		block, err := ssh.MarshalPrivateKey(key, "ada's key")
		if err != nil {
			t.Fatal(err)
		}
		text := string(pem.EncodeToMemory(block))
		e := sshItem(t, text)
		if typ, comment := text1(e, vault.SSHKey, "keyType"), text1(e, vault.SSHKey, "keyComment"); typ != want || comment != "ada's key" {
			t.Errorf("%s has become %q with comment %q", want, typ, comment)
		}
		der, err := base64.RawURLEncoding.DecodeString(text1(e, vault.SSHKey, "privateKey"))
		if err != nil {
			t.Fatalf("%s: %v", want, err)
		}
		back, err := x509.ParsePKCS8PrivateKey(der)
		if err != nil {
			t.Fatalf("%s: %v", want, err)
		}
		if public, ok := key.Public().(interface{ Equal(crypto.PublicKey) bool }); !ok || !public.Equal(back.(crypto.Signer).Public()) {
			t.Errorf("%s: another public key", want)
		}
		if got := sourceText(e, "sshKey.privateKey"); got != text {
			t.Errorf("%s: the text that came is not kept", want)
		}
	}
}

func sourceText(e vault.Entry, name string) string {
	for _, s := range e.Sources {
		if s.Name == name {
			return s.Value.RevealString()
		}
	}
	return ""
}

// TestSSHKeysKept: what PKCS#8 cannot hold, or what is not right, stays the text that it is.
func TestSSHKeysKept(t *testing.T) {
	t.Parallel()
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	locked, err := ssh.MarshalPrivateKeyWithPassphrase(ed, "x", []byte("p"))
	if err != nil {
		t.Fatal(err)
	}
	open, err := ssh.MarshalPrivateKey(ed, "x")
	if err != nil {
		t.Fatal(err)
	}
	plain := string(pem.EncodeToMemory(open))
	flip := func(i int) string {
		b := append([]byte(nil), open.Bytes...)
		b[i] ^= 1
		return string(pem.EncodeToMemory(&pem.Block{Type: open.Type, Bytes: b}))
	}
	cut := func(n int) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: open.Type, Bytes: open.Bytes[:n]}))
	}
	cases := map[string]string{
		"encrypted": string(pem.EncodeToMemory(locked)), "no PEM": "PuTTY-User-Key-File-3: ssh-ed25519", "something behind it": plain + "more", "two keys": plain + plain,
		"a public key": "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", "too long": strings.Repeat("x", 70_000), "a legacy header": strings.Replace(plain, "-----\n", "-----\nProc-Type: 4,ENCRYPTED\n\n", 1),
		"check numbers that differ": flip(len(open.Bytes) - 140), "padding that is wrong": flip(len(open.Bytes) - 1),
	}
	for n := 0; n < len(open.Bytes); n += 7 {
		cases[fmt.Sprintf("cut at %d", n)] = cut(n)
	}
	for name, text := range cases {
		e := sshItem(t, text)
		if got := text1(e, vault.SSHKey, "privateKey"); got != text || text1(e, vault.SSHKey, "keyType") != "" {
			t.Errorf("%s has become %.60q", name, got)
		}
	}
}
