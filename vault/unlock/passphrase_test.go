package unlock

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"filippo.io/age"
	"pgregory.net/rapid"

	"signet/vault/secret"
)

func pass(s string) secret.Secret { return secret.FromString(s) }

// sample is a key file as the format writes it; this package never looks inside.
const sample = "# vault 00\n# sign c2lnbg\nAGE-SECRET-KEY-PQ-1EXAMPLE\n"

func TestPassphraseOpensWhatItSealed(t *testing.T) {
	t.Parallel()
	way, recipient, err := NewPassphrase(pass("correct horse"), MinWorkFactor)
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := SealKey(context.Background(), pass(sample), recipient, nil)
	if err != nil {
		t.Fatal(err)
	}
	id, err := OpenPassphrase(way, pass("correct horse"))
	if err != nil {
		t.Fatal(err)
	}
	key, err := OpenKey(context.Background(), sealed, id, nil)
	if err != nil || key.RevealString() != sample {
		t.Fatalf("got %q, %v", key.RevealString(), err)
	}
}

func TestPassphraseWrong(t *testing.T) {
	t.Parallel()
	way, _, err := NewPassphrase(pass("right"), MinWorkFactor)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range []string{"wrong", "", "right ", strings.Repeat("x", 5000)} {
		if id, err := OpenPassphrase(way, pass(p)); !errors.Is(err, ErrWrongPassphrase) || !id.IsEmpty() {
			t.Errorf("%.10q: got %v", p, err)
		}
	}
}

func TestResealKeepsTheWayIdentity(t *testing.T) {
	t.Parallel()
	way, recipient, err := NewPassphrase(pass("pw"), MinWorkFactor)
	if err != nil {
		t.Fatal(err)
	}
	again, err := ResealPassphrase(way, pass("pw"), MinWorkFactor+1)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := WorkFactor(again); n != MinWorkFactor+1 || err != nil {
		t.Fatalf("work factor %d, %v", n, err)
	}
	id, err := OpenPassphrase(again, pass("pw"))
	if err != nil {
		t.Fatal(err)
	}
	f, err := ParseIdentity(id)
	if err != nil || f.Recipient != recipient {
		t.Fatalf("another identity came out: %v", err)
	}
	if _, err := ResealPassphrase(way, pass("no"), MinWorkFactor); !errors.Is(err, ErrWrongPassphrase) {
		t.Fatalf("reseal with a wrong passphrase: %v", err)
	}
}

func TestPassphraseRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		pass string
		wf   int
	}{
		{"too cheap", "x", MinWorkFactor - 1},
		{"too dear", "x", MaxWorkFactor + 1},
		{"negative", "x", -1},
		{"empty passphrase", "", MinWorkFactor},
		{"endless passphrase", strings.Repeat("x", MaxPassphrase+1), MinWorkFactor},
	} {
		if way, _, err := NewPassphrase(pass(c.pass), c.wf); err == nil || way != nil {
			t.Errorf("%s: accepted", c.name)
		}
	}
}

// A file whose writer chose the cost must not make us pay it: the cost is looked at before the KDF runs.
func TestPassphraseFileFromAnotherHand(t *testing.T) {
	t.Parallel()
	way, _, err := NewPassphrase(pass("pw"), MinWorkFactor)
	if err != nil {
		t.Fatal(err)
	}
	dear := bytes.Replace(way, []byte(" 10\n"), []byte(" 30\n"), 1)
	cheap := bytes.Replace(way, []byte(" 10\n"), []byte(" 1\n"), 1)
	padded := bytes.Replace(way, []byte(" 10\n"), []byte(" 010\n"), 1)
	var hybrid bytes.Buffer
	other, _ := age.GenerateHybridIdentity()
	w, _ := age.Encrypt(&hybrid, other.Recipient())
	_ = w.Close()
	for name, file := range map[string][]byte{
		"dear": dear, "cheap": cheap, "padded number": padded, "no scrypt": hybrid.Bytes(), "empty": nil, "not age": []byte("hello\n"),
		"cut": way[:len(way)-1], "flipped": flip(way, len(way)-3), "huge": make([]byte, MaxSealed+1),
	} {
		if id, err := OpenPassphrase(file, pass("pw")); !errors.Is(err, ErrDamaged) || !id.IsEmpty() {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func flip(b []byte, i int) []byte {
	c := bytes.Clone(b)
	c[i] ^= 1
	return c
}

// An honest scrypt file that holds something else than an identity is damage, not a key.
func TestPassphraseFileWithoutIdentity(t *testing.T) {
	t.Parallel()
	r, err := age.NewScryptRecipient("pw")
	if err != nil {
		t.Fatal(err)
	}
	r.SetWorkFactor(MinWorkFactor)
	for _, plain := range []string{"", "hello\n", strings.Repeat("#\n", MaxKeyFile)} {
		file, err := encrypt([]byte(plain), r)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := OpenPassphrase(file, pass("pw")); err == nil {
			t.Errorf("%.10q: accepted", plain)
		}
	}
}

func TestAnyPassphraseRoundTrips(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := rapid.StringN(1, 20, 200).Draw(t, "passphrase")
		way, recipient, err := NewPassphrase(pass(p), MinWorkFactor)
		if err != nil {
			t.Fatal(err)
		}
		id, err := OpenPassphrase(way, pass(p))
		if err != nil {
			t.Fatal(err)
		}
		if f, err := ParseIdentity(id); err != nil || f.Recipient != recipient {
			t.Fatalf("another identity came out: %v", err)
		}
	})
}

func FuzzWorkFactor(f *testing.F) {
	way, _, err := NewPassphrase(pass("pw"), MinWorkFactor)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(way)
	f.Add([]byte("age-encryption.org/v1\n-> scrypt AAAA 18\n"))
	f.Add([]byte("age-encryption.org/v1\n-> scrypt  18\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		n, err := WorkFactor(b)
		if err != nil && n != 0 {
			t.Fatalf("failed and said %d", n)
		}
		if err == nil && (n < MinWorkFactor || n > MaxWorkFactor) {
			t.Fatalf("accepted work factor %d", n)
		}
	})
}
