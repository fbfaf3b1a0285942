//go:build cgo && !nolibfido2

package fido

import (
	"context"
	"crypto/rand"
	"errors"

	"signet/vault/secret"
)

// EnrollHMACSecret makes a credential on the key that opens age files, and returns the recipient to seal to. It wants two touches. With uv every opening
// needs the PIN, or the key's own verification; the choice is fixed, because the key answers with another secret without it.
func (k *Key) EnrollHMACSecret(ctx context.Context, pin secret.Secret, uv bool) (*HMACSecretRecipient, error) {
	random := make([]byte, hashSize+hashSize+saltSize)
	if _, err := rand.Read(random); err != nil {
		return nil, err
	}
	hash, user, salt := random[:hashSize], random[hashSize:2*hashSize], random[2*hashSize:]
	r := MakeRequest{
		ClientDataHash: hash, RPID: AgeRPID, RPName: AgeRPID, User: User{ID: user, Name: "Signet vault"}, Algorithm: ES256, HMACSecret: true, Resident: No, PIN: pin,
	}
	made, err := k.MakeCredential(ctx, r)
	if err != nil {
		return nil, err
	}
	c := HMACChallenge{CredentialID: made.ID, Salt: salt, UV: uv}
	answer, err := k.HMACSecret(ctx, c, pin)
	if err != nil {
		return nil, err
	}
	defer answer.Wipe()
	return NewHMACSecretRecipient(c, answer)
}

// HMACSecret asks the key for the answer to a challenge: 32 bytes, the same each time. It wants a touch, and the PIN where the challenge is verified.
func (k *Key) HMACSecret(ctx context.Context, c HMACChallenge, pin secret.Secret) (secret.Secret, error) {
	r := GetRequest{ClientDataHash: make([]byte, hashSize), RPID: AgeRPID, Allow: [][]byte{c.CredentialID}, Salt: c.Salt, UV: No, PIN: secret.Secret{}}
	if c.UV {
		r.UV, r.PIN = Yes, pin
	}
	if _, err := rand.Read(r.ClientDataHash); err != nil {
		return secret.Secret{}, err
	}
	all, err := k.GetAssertion(ctx, r)
	if err != nil {
		return secret.Secret{}, err
	}
	if len(all) != 1 || len(all[0].Secret.Reveal()) != hashSize {
		return secret.Secret{}, &Error{Op: "open with the key", Code: Unsupported, Retries: -1}
	}
	if verified := all[0].Flags&flagUV != 0; verified != c.UV {
		all[0].Secret.Wipe()
		return secret.Secret{}, &Error{Op: "open with the key", Code: Unsupported, Retries: -1, cause: errVerified}
	}
	return all[0].Secret, nil
}

const flagUV = 0x04

var errVerified = errors.New("it verifies always, or never, unlike when it was enrolled")

// Knows reports, without a touch, whether the key has a credential: it signs for it with user presence off.
func (k *Key) Knows(ctx context.Context, rpID string, id []byte) (bool, error) {
	hash := make([]byte, hashSize)
	if _, err := rand.Read(hash); err != nil {
		return false, err
	}
	_, err := k.GetAssertion(ctx, GetRequest{ClientDataHash: hash, RPID: rpID, Allow: [][]byte{id}, UP: No})
	if CodeOf(err) == NoPasskey {
		return false, nil
	}
	return err == nil, err
}
