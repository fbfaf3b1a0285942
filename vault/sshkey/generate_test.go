package sshkey

import (
	"bytes"
	"crypto/ed25519"
	"encoding/pem"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestGenerate(t *testing.T) {
	t.Parallel()
	key, err := Generate(bytes.NewReader(bytes.Repeat([]byte{7}, 64)), "ada@laptop")
	if err != nil {
		t.Fatal(err)
	}
	info, err := Private(key.RevealString())
	if err != nil || info.Type != "ssh-ed25519" || info.Comment != "ada@laptop" || info.Encrypted || !strings.HasPrefix(info.Fingerprint, "SHA256:") {
		t.Errorf("%+v, %v", info, err)
	}
	block, _ := pem.Decode(key.Reveal())
	if want := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, 32)); block == nil || !bytes.Contains(block.Bytes, want) {
		t.Error("the key is not that of the seed")
	}
	if _, err := Generate(bytes.NewReader(nil), ""); err == nil {
		t.Error("made without randomness")
	}
	if _, err := Generate(bytes.NewReader(make([]byte, 64)), "two\nlines"); err == nil {
		t.Error("a comment with a line break was taken")
	}
}

// OpenSSH itself reads the key and finds the same fingerprint.
func TestGeneratedKeysAreOpenSSHs(t *testing.T) {
	t.Parallel()
	keygen, err := exec.LookPath("ssh-keygen")
	if err != nil {
		t.Skip("no ssh-keygen: install openssh-client")
	}
	for _, comment := range []string{"", "a", "ab", "abc", "ada@laptop"} {
		key, err := Generate(bytes.NewReader(bytes.Repeat([]byte{9}, 64)), comment)
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(t.TempDir(), "key")
		if err := os.WriteFile(file, key.Reveal(), 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command(keygen, "-l", "-f", file).CombinedOutput()
		info, _ := Private(key.RevealString())
		if err != nil || !strings.Contains(string(out), info.Fingerprint) {
			t.Errorf("comment %q: %s %v, want %s", comment, out, err, info.Fingerprint)
		}
	}
}
