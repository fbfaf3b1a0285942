package roster

import (
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"

	"signet/vault/format"
	"signet/vault/secret"
)

// The signature line that format.Sign appends, around the 86 characters that a proof is.
const (
	sigStart = `{"sig":"`
	sigEnd   = "\"}\n"
	proofLen = 86
)

// Proof signs a new member's keys (MemberProofText) with its own key.
func Proof(vault format.VaultID, m format.MemberKeys, key ed25519.PrivateKey) string {
	text := format.MemberProofText(m)
	line := format.Sign(format.KindMember, vault, text, key)[len(text):]
	return string(line[len(sigStart) : len(line)-len(sigEnd)])
}

// VerifyProof checks a member's own proof with its own public key: what a restoring recovery code does before it believes.
func VerifyProof(vault format.VaultID, m format.MemberKeys, proof string) error {
	key, err := m.PublicKey()
	if err != nil {
		return forged("%v", err)
	}
	if len(proof) != proofLen {
		return forged("malformed proof")
	}
	plain := append(format.MemberProofText(m), sigStart+proof+sigEnd...)
	if _, err := format.Verify(format.KindMember, vault, plain, key); err != nil {
		return forged("the new member's proof is not by its own key")
	}
	return nil
}

// HardwareProof is the proof of a hardware key (vault.md 5.11): an HMAC under a key that only the token's hmac-secret output
// yields.
func HardwareProof(vault format.VaultID, m format.MemberKeys, hmacSecret secret.Secret) (string, error) {
	sum, err := hardwareProof(vault, m, hmacSecret)
	if err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(sum), nil
}

// VerifyHardwareProof checks it: what an opening by a hardware key does before it believes the roster.
func VerifyHardwareProof(vault format.VaultID, m format.MemberKeys, hmacSecret secret.Secret, proof string) error {
	want, err := hardwareProof(vault, m, hmacSecret)
	if err != nil {
		return err
	}
	got, err := format.ParseHash(proof)
	if err != nil || !hmac.Equal(got[:], want) {
		return forged("the hardware key's proof does not match")
	}
	return nil
}

func hardwareProof(vault format.VaultID, m format.MemberKeys, hmacSecret secret.Secret) ([]byte, error) {
	if m.Kind != format.KindHardware || m.Sign != "" {
		return nil, forged("not a hardware key")
	}
	key, err := hkdf.Key(sha256.New, hmacSecret.Reveal(), nil, "signet/v1/hw-proof", sha256.Size)
	if err != nil {
		return nil, fmt.Errorf("derive proof key: %w", err)
	}
	defer clear(key)
	mac := hmac.New(sha256.New, key)
	text := format.Sum(format.MemberProofText(m))
	mac.Write(vault[:])
	mac.Write(text[:])
	return mac.Sum(nil), nil
}
