package exporter_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"filippo.io/age"
	"filippo.io/age/armor"

	"signet/exporter"
	"signet/vault/secret"
)

func encrypted(t *testing.T, o exporter.WriteOptions, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := exporter.Encrypt(&b, o)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestEncryptToPassphrase(t *testing.T) {
	t.Parallel()
	pass := secret.FromString("correct horse")
	file := encrypted(t, exporter.WriteOptions{Passphrase: pass, WorkFactor: 10}, "all secrets")
	if !exporter.IsAge(file) || bytes.Contains(file, []byte("secrets")) {
		t.Fatal("it is not encrypted")
	}
	var armored bytes.Buffer
	a := armor.NewWriter(&armored)
	_, _ = a.Write(file)
	_ = a.Close()
	for name, b := range map[string][]byte{"binary": file, "armored": armored.Bytes()} {
		r, err := exporter.Decrypt(bytes.NewReader(b), pass)
		if err != nil || !exporter.IsAge(b) {
			t.Fatalf("%s: %v", name, err)
		}
		if got, err := io.ReadAll(r); err != nil || string(got) != "all secrets" {
			t.Errorf("%s: %q, %v", name, got, err)
		}
		if _, err := exporter.Decrypt(bytes.NewReader(b), secret.FromString("wrong")); !errors.Is(err, exporter.ErrWrongSecret) {
			t.Errorf("%s with a wrong passphrase: %v", name, err)
		}
		if _, err := exporter.Decrypt(bytes.NewReader(b), secret.Secret{}); !errors.Is(err, exporter.ErrWrongSecret) {
			t.Errorf("%s with an empty passphrase: %v", name, err)
		}
	}
}

func TestDecryptDamaged(t *testing.T) {
	t.Parallel()
	pass := secret.FromString("p")
	file := encrypted(t, exporter.WriteOptions{Passphrase: pass, WorkFactor: 10}, strings.Repeat("all secrets ", 10_000))
	for n := 0; n < len(file); n += 4999 {
		r, err := exporter.Decrypt(bytes.NewReader(file[:n]), pass)
		if err == nil {
			_, err = io.ReadAll(r)
		}
		if err == nil {
			t.Fatalf("the first %d of %d bytes passed for a whole file", n, len(file))
		}
	}
	costly := bytes.Replace(file, []byte(" 10\n"), []byte(" 30\n"), 1)
	if _, err := exporter.Decrypt(bytes.NewReader(costly), pass); err == nil || errors.Is(err, exporter.ErrWrongSecret) {
		t.Errorf("a file that asks for a terabyte of memory: %v", err)
	}
}

func TestEncryptToRecipients(t *testing.T) {
	t.Parallel()
	hybrid, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	other, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	classic, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	file := encrypted(t, exporter.WriteOptions{Recipients: []string{hybrid.Recipient().String(), other.Recipient().String()}}, "all secrets")
	for _, id := range []age.Identity{hybrid, other} {
		if r, err := age.Decrypt(bytes.NewReader(file), id); err != nil {
			t.Errorf("%v", err)
		} else if got, _ := io.ReadAll(r); string(got) != "all secrets" {
			t.Errorf("%q", got)
		}
	}
	if _, err := exporter.Decrypt(bytes.NewReader(file), secret.FromString("p")); !errors.Is(err, exporter.ErrUnsupported) {
		t.Errorf("a file to recipients, tried with a passphrase: %v", err)
	}
	if got := encrypted(t, exporter.WriteOptions{Recipients: []string{classic.Recipient().String()}}, "x"); !exporter.IsAge(got) {
		t.Error("to an X25519 recipient it is not encrypted")
	}
	for name, o := range map[string]exporter.WriteOptions{
		"no recipient":                 {Recipients: []string{"age1nobody"}},
		"an identity as recipient":     {Recipients: []string{classic.String()}},
		"a passphrase and a recipient": {Recipients: []string{classic.Recipient().String()}, Passphrase: secret.FromString("p")},
	} {
		if _, err := exporter.Encrypt(io.Discard, o); err == nil || strings.Contains(err.Error(), "AGE-SECRET-KEY") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got := encrypted(t, exporter.WriteOptions{}, "in clear"); string(got) != "in clear" {
		t.Errorf("to nobody: %q", got)
	}
}
