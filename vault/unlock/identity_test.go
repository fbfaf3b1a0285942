package unlock

import (
	"context"
	"errors"
	"strings"
	"testing"

	"filippo.io/age"

	"signet/vault/secret"
)

func TestParseIdentity(t *testing.T) {
	t.Parallel()
	pq, _ := age.GenerateHybridIdentity()
	x, _ := age.GenerateX25519Identity()
	plug := "AGE-PLUGIN-SIGTEST-10Q8JKT"
	for _, c := range []struct {
		name, file, recipient, plugin string
	}{
		{"hybrid", pq.String() + "\n", pq.Recipient().String(), ""},
		{"hybrid that lies about its recipient", "# public key: " + x.Recipient().String() + "\n" + pq.String(), pq.Recipient().String(), ""},
		{"x25519 with CR LF", "# created: today\r\n" + x.String() + "\r\n", x.Recipient().String(), ""},
		{"plugin without recipient", testPluginIdentity + "\n", testPluginIdentity, "sigtest"},
		{"plugin with recipient", "#   Recipient: " + testPluginRecipient + "\n\n" + testPluginIdentity, testPluginRecipient, "sigtest"},
		{"plugin with a tag recipient", "# Recipient: age1tag1qqqq\n" + testPluginIdentity, testPluginIdentity, "sigtest"},
	} {
		id, err := ParseIdentity(pass(c.file))
		if err != nil || id.Recipient != c.recipient || id.Plugin != c.plugin {
			t.Errorf("%s: got %.40q %q %v", c.name, id.Recipient, id.Plugin, err)
		}
	}
	for name, file := range map[string]string{
		"empty": "", "comments": "# hi\n", "two": pq.String() + "\n" + pq.String(), "word": "hello", "bad checksum": pq.String()[:70] + "QQQQQQQ",
		"bad plugin": plug + "X", "lower case": strings.ToLower(pq.String()), "long": strings.Repeat("#\n", MaxKeyFile),
	} {
		id, err := ParseIdentity(pass(file))
		if err == nil || !id.Text.IsEmpty() || id.Recipient != "" {
			t.Errorf("%s: accepted", name)
		}
		if err != nil && strings.Contains(err.Error(), "KEY-PQ-1") {
			t.Errorf("%s: the error quotes the secret", name)
		}
	}
}

func TestSealAndOpenNatively(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	pq, _ := age.GenerateHybridIdentity()
	x, _ := age.GenerateX25519Identity()
	for recipient, id := range map[string]string{pq.Recipient().String(): pq.String(), x.Recipient().String(): x.String()} {
		sealed, err := SealKey(ctx, pass(sample), recipient, nil)
		if err != nil {
			t.Fatal(err)
		}
		got, err := OpenKey(ctx, sealed, pass(id), nil)
		if err != nil || got.RevealString() != sample {
			t.Errorf("got %v", err)
		}
		other, _ := age.GenerateHybridIdentity()
		if _, err := OpenKey(ctx, sealed, pass(other.String()), nil); !errors.Is(err, ErrNotOurs) {
			t.Errorf("another identity: %v", err)
		}
		if _, err := OpenKey(ctx, flip(sealed, len(sealed)-1), pass(id), nil); !errors.Is(err, ErrDamaged) {
			t.Errorf("flipped: %v", err)
		}
		if _, err := OpenKey(ctx, sealed, pass("AGE-SECRET-KEY-PQ-1NO"), nil); err == nil || strings.Contains(err.Error(), "1NO") {
			t.Errorf("malformed identity: %v", err)
		}
	}
	for _, r := range []string{"", "hello", "age1", "age1pq1xxx", "AGE-SECRET-KEY-1"} {
		if _, err := SealKey(ctx, pass(sample), r, nil); err == nil {
			t.Errorf("sealed to %q", r)
		}
	}
}

func FuzzParseIdentity(f *testing.F) {
	pq, _ := age.GenerateHybridIdentity()
	f.Add([]byte("# public key: age1x\n" + pq.String() + "\n"))
	f.Add([]byte(testPluginIdentity))
	f.Fuzz(func(t *testing.T, b []byte) {
		id, err := ParseIdentity(secret.New(b))
		if err != nil && !id.Text.IsEmpty() {
			t.Fatal("failed and gave an identity")
		}
		if err == nil && (id.Text.IsEmpty() || id.Recipient == "") {
			t.Fatal("incomplete")
		}
	})
}
