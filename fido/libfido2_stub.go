//go:build !cgo || nolibfido2

package fido

import (
	"context"
	"errors"

	"signet/vault/secret"
)

// ErrOff is what every question to a hardware key answers in a build without libfido2.
var ErrOff = errors.New("hardware keys are off in this build")

// Available says that hardware keys are off in this build, and what to do about it.
func Available() Support {
	return Support{Reason: "this build is without libfido2; build with a C compiler and libfido2 installed (make deps build)"}
}

// Devices cannot list in a build without libfido2.
func Devices() ([]Device, error) { return nil, ErrOff }

// Attached cannot count in a build without libfido2.
func Attached() (int, error) { return 0, ErrOff }

// Key cannot be opened in a build without libfido2, so that none of its methods is ever called.
type Key struct{}

// Open answers ErrOff.
func Open(context.Context, string) (*Key, error) { return nil, ErrOff }

// The methods are those of the real Key.

func (*Key) Path() string                                                  { return "" }
func (*Key) Close() error                                                  { return nil }
func (*Key) Info(context.Context) (Info, error)                            { return Info{}, ErrOff }
func (*Key) Touch(context.Context) error                                   { return ErrOff }
func (*Key) Retries(context.Context) (int, error)                          { return 0, ErrOff }
func (*Key) UVRetries(context.Context) (int, error)                        { return 0, ErrOff }
func (*Key) SetPIN(context.Context, secret.Secret, secret.Secret) error    { return ErrOff }
func (*Key) Reset(context.Context) error                                   { return ErrOff }
func (*Key) ToggleAlwaysUV(context.Context, secret.Secret) error           { return ErrOff }
func (*Key) SetMinPIN(context.Context, int, secret.Secret) error           { return ErrOff }
func (*Key) ForcePINChange(context.Context, secret.Secret) error           { return ErrOff }
func (*Key) MakeCredential(context.Context, MakeRequest) (Made, error)     { return Made{}, ErrOff }
func (*Key) GetAssertion(context.Context, GetRequest) ([]Assertion, error) { return nil, ErrOff }
func (*Key) Passkeys(context.Context, secret.Secret) (Listing, error)      { return Listing{}, ErrOff }
func (*Key) Room(context.Context, secret.Secret) (Listing, error)          { return Listing{}, ErrOff }
func (*Key) Delete(context.Context, []byte, secret.Secret) error           { return ErrOff }
func (*Key) Rename(context.Context, []byte, User, secret.Secret) error     { return ErrOff }
func (*Key) LargeBlobs(context.Context) ([]byte, error)                    { return nil, ErrOff }
func (*Key) LargeBlob(context.Context, secret.Secret) ([]byte, error)      { return nil, ErrOff }
func (*Key) SetLargeBlob(context.Context, secret.Secret, []byte, secret.Secret) error {
	return ErrOff
}
func (*Key) RemoveLargeBlob(context.Context, secret.Secret, secret.Secret) error { return ErrOff }
func (*Key) Sensor(context.Context) (Sensor, error)                              { return Sensor{}, ErrOff }
func (*Key) Fingerprints(context.Context, secret.Secret) ([]Fingerprint, error)  { return nil, ErrOff }
func (*Key) RenameFingerprint(context.Context, Fingerprint, secret.Secret) error { return ErrOff }
func (*Key) RemoveFingerprint(context.Context, []byte, secret.Secret) error      { return ErrOff }
func (*Key) EnrollFingerprint(context.Context, string, secret.Secret, func(Sample)) (Fingerprint, error) {
	return Fingerprint{}, ErrOff
}
func (*Key) EnrollHMACSecret(context.Context, secret.Secret, bool) (*HMACSecretRecipient, error) {
	return nil, ErrOff
}
func (*Key) HMACSecret(context.Context, HMACChallenge, secret.Secret) (secret.Secret, error) {
	return secret.Secret{}, ErrOff
}
func (*Key) Knows(context.Context, string, []byte) (bool, error) { return false, ErrOff }
