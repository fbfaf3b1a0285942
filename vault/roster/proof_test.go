package roster

import (
	"errors"
	"testing"

	"signet/vault/format"
	"signet/vault/secret"
)

func TestProof(t *testing.T) {
	t.Parallel()
	vault := format.VaultID{7}
	good := Proof(vault, code.MemberKeys, code.key)
	named := code.MemberKeys
	named.Name = "another name" // names are for people and can change
	for _, tt := range []struct {
		name  string
		vault format.VaultID
		m     format.MemberKeys
		proof string
		ok    bool
	}{
		{"its own", vault, code.MemberKeys, good, true},
		{"under another name", vault, named, good, true},
		{"for another vault", format.VaultID{8}, code.MemberKeys, good, false},
		{"with another recipient", vault, withAge(code, "age1other").MemberKeys, good, false},
		{"with another id", vault, withID(code, "other").MemberKeys, good, false},
		{"with another key", vault, withSign(code, mallory).MemberKeys, good, false},
		{"as another kind", vault, kind(code, format.KindDevice).MemberKeys, good, false},
		{"by another key", vault, code.MemberKeys, Proof(vault, code.MemberKeys, mallory.key), false},
		{"empty", vault, code.MemberKeys, "", false},
		{"with something behind it", vault, code.MemberKeys, good + "A", false},
		{"with a line break", vault, code.MemberKeys, good[:85] + "\n", false},
		{"with a second signature line inside", vault, code.MemberKeys, twoLines(vault, good), false},
		{"without a key", vault, token.MemberKeys, good, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			err := VerifyProof(tt.vault, tt.m, tt.proof)
			if (err == nil) != tt.ok || !tt.ok && !errors.Is(err, ErrForged) {
				t.Errorf("VerifyProof gives %v", err)
			}
		})
	}
}

// twoLines is a proof that closes its signature line and opens another, which signs the text and the first line.
func twoLines(vault format.VaultID, good string) string {
	text := append(format.MemberProofText(code.MemberKeys), sigStart+good+sigEnd...)
	line := format.Sign(format.KindMember, vault, text, code.key)[len(text):]
	return good + sigEnd + string(line[:len(line)-len(sigEnd)])
}

func kind(p person, k format.MemberKind) person {
	p.Kind = k
	return p
}

func TestHardwareProof(t *testing.T) {
	t.Parallel()
	vault := format.VaultID{7}
	good, err := HardwareProof(vault, token.MemberKeys, token.secret)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name  string
		vault format.VaultID
		m     format.MemberKeys
		key   secret.Secret
		proof string
		ok    bool
	}{
		{"its own", vault, token.MemberKeys, token.secret, good, true},
		{"for another vault", format.VaultID{8}, token.MemberKeys, token.secret, good, false},
		{"with another recipient", vault, withAge(token, "age1other").MemberKeys, token.secret, good, false},
		{"by another token", vault, token.MemberKeys, secret.New(make([]byte, 32)), good, false},
		{"malformed", vault, token.MemberKeys, token.secret, "x", false},
		{"of a code", vault, code.MemberKeys, token.secret, good, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			err := VerifyHardwareProof(tt.vault, tt.m, tt.key, tt.proof)
			if (err == nil) != tt.ok || !tt.ok && !errors.Is(err, ErrForged) {
				t.Errorf("VerifyHardwareProof gives %v", err)
			}
		})
	}
	if _, err := HardwareProof(vault, code.MemberKeys, token.secret); err == nil {
		t.Error("a code gets a hardware key's proof")
	}
}
