package fido

import (
	"bytes"
	"crypto/rand"
	"errors"
	"io"
	"strings"
	"testing"

	"filippo.io/age"

	"signet/vault/secret"
)

func answers(t testing.TB) (HMACChallenge, secret.Secret) {
	t.Helper()
	b := make([]byte, 32+32+48)
	_, _ = rand.Read(b)
	return HMACChallenge{CredentialID: b[64:], Salt: b[32:64], UV: b[0]&1 == 1}, secret.New(b[:32])
}

// What is sealed without a key is opened by the key's answer, through age itself.
func TestHMACSecretOpensWhatWasSealedWithoutTheKey(t *testing.T) {
	t.Parallel()
	c, answer := answers(t)
	made, err := NewHMACSecretRecipient(c, answer)
	if err != nil {
		t.Fatal(err)
	}
	r, err := ParseHMACSecretRecipient(made.String())
	if err != nil || r.String() != made.String() || !strings.HasPrefix(r.String(), "age1fido2-hmac1") {
		t.Fatal(r, err)
	}
	var file bytes.Buffer
	w, err := age.Encrypt(&file, r)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.WriteString(w, "hello")
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	asked := 0
	id := &HMACSecretIdentity{Answer: func(got HMACChallenge) (secret.Secret, error) {
		asked++
		if !bytes.Equal(got.Salt, c.Salt) || !bytes.Equal(got.CredentialID, c.CredentialID) || got.UV != c.UV {
			t.Errorf("asked for %+v", got)
		}
		return answer.Clone(), nil
	}}
	plain, err := age.Decrypt(&file, id)
	if err != nil {
		t.Fatal(err)
	}
	if text, _ := io.ReadAll(plain); string(text) != "hello" || asked != 1 {
		t.Errorf("%q after %d questions", text, asked)
	}
}

func TestHMACSecretOfAnotherAnswerOpensNothing(t *testing.T) {
	t.Parallel()
	c, answer := answers(t)
	_, other := answers(t)
	r, err := NewHMACSecretRecipient(c, answer)
	if err != nil {
		t.Fatal(err)
	}
	if !r.Fits(answer) || r.Fits(other) || r.Fits(secret.FromString("short")) {
		t.Error("what fits does not")
	}
	stanzas, err := r.Wrap(make([]byte, 16))
	if err != nil || len(Challenges(stanzas)) != 1 {
		t.Fatal(err)
	}
	for _, give := range []func() (secret.Secret, error){
		func() (secret.Secret, error) { return other.Clone(), nil },
		func() (secret.Secret, error) { return secret.Secret{}, age.ErrIncorrectIdentity },
	} {
		id := &HMACSecretIdentity{Answer: func(HMACChallenge) (secret.Secret, error) { return give() }}
		if _, err := id.Unwrap(stanzas); !errors.Is(err, age.ErrIncorrectIdentity) {
			t.Error(err)
		}
	}
	blocked := errors.New("blocked")
	id := &HMACSecretIdentity{Answer: func(HMACChallenge) (secret.Secret, error) { return secret.Secret{}, blocked }}
	if _, err := id.Unwrap(stanzas); !errors.Is(err, blocked) {
		t.Error(err)
	}
}

// A header may say anything: nothing in it is believed, and a key is asked a bounded number of times.
func FuzzHMACSecretStanza(f *testing.F) {
	c, answer := answers(f)
	r, _ := NewHMACSecretRecipient(c, answer)
	s, _ := r.Wrap(make([]byte, 16))
	f.Add(strings.Join(s[0].Args, " "), s[0].Body, r.String())
	f.Add("AAI AA AQ", []byte{}, "age1fido2-hmac1")
	f.Fuzz(func(t *testing.T, args string, body []byte, recipient string) {
		if r, err := ParseHMACSecretRecipient(recipient); err == nil {
			if again, err := ParseHMACSecretRecipient(r.String()); err != nil || again.String() != r.String() {
				t.Error("a recipient does not survive its own text")
			}
		}
		asked := 0
		id := &HMACSecretIdentity{Answer: func(HMACChallenge) (secret.Secret, error) {
			asked++
			return answer.Clone(), nil
		}}
		stanzas := make([]*age.Stanza, 40)
		for i := range stanzas {
			stanzas[i] = &age.Stanza{Type: pluginName, Args: strings.Fields(args), Body: body}
		}
		_, _ = id.Unwrap(stanzas)
		if asked > maxHMACStanza {
			t.Errorf("%d questions", asked)
		}
	})
}
