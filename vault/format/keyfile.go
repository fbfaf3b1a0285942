package format

import (
	"crypto/ed25519"

	"signet/vault/secret"
)

// DeviceKey is the device key file: what every local way in yields. It is also a valid age identity file.
type DeviceKey struct {
	Vault    VaultID
	Sign     secret.Secret // Ed25519 seed, 32 bytes
	Local    secret.Secret // 32 random bytes
	Identity secret.Secret // AGE-SECRET-KEY-PQ-1… as text
	// During a rekey the file also holds the keys before it (vault.md 5.10); empty otherwise.
	OldSign, OldLocal, OldIdentity secret.Secret
}

// SigningKey derives the Ed25519 key from the seed.
func (k DeviceKey) SigningKey() ed25519.PrivateKey { return ed25519.NewKeyFromSeed(k.Sign.Reveal()) }

// Encode returns the file's text.
func (k DeviceKey) Encode() (secret.Secret, error) { panic("contract: format.DeviceKey.Encode") }

// ParseDeviceKey reads the file's text.
func ParseDeviceKey(text []byte) (DeviceKey, error) { panic("contract: format.ParseDeviceKey") }

// Wipe overwrites every secret of k.
func (k DeviceKey) Wipe() {
	for _, s := range []secret.Secret{k.Sign, k.Local, k.Identity, k.OldSign, k.OldLocal, k.OldIdentity} {
		s.Wipe()
	}
}

// SlotFile is the plaintext of epochs/<e6>/<kind>-<member8>-<h32>.age: "# vault <id> epoch <n>" and one identity line.
// prev-<h32>.age holds several of them, oldest first.
type SlotFile struct {
	Vault    VaultID
	Epoch    int
	Identity secret.Secret // AGE-SECRET-KEY-PQ-1…
}

// EncodeSlots returns the text of a slot file (one) or of a prev file (any number).
func EncodeSlots(slots ...SlotFile) (secret.Secret, error) { panic("contract: format.EncodeSlots") }

// ParseSlots reads what EncodeSlots wrote.
func ParseSlots(text []byte) ([]SlotFile, error) { panic("contract: format.ParseSlots") }

// RecoveryCode is 32 random bytes: the age hybrid seed; its Ed25519 seed is HKDF-SHA256(it, info "signet/v1/rec-sign").
type RecoveryCode struct{ Seed secret.Secret }

// Text returns the code as typed by a person: groups with a checksum that finds a mistyped or swapped group (see FORMAT.md).
func (c RecoveryCode) Text() secret.Secret { panic("contract: format.RecoveryCode.Text") }

// Words returns the code as words with a checksum (24 words of a published list).
func (c RecoveryCode) Words() []string { panic("contract: format.RecoveryCode.Words") }

// Identity returns the AGE-SECRET-KEY-PQ-1… text of the seed (what `age -i` takes).
func (c RecoveryCode) Identity() (secret.Secret, error) {
	panic("contract: format.RecoveryCode.Identity")
}

// SigningKey derives the code's Ed25519 key.
func (c RecoveryCode) SigningKey() (ed25519.PrivateKey, error) {
	panic("contract: format.RecoveryCode.SigningKey")
}

// ParseRecoveryCode reads either spelling, tolerant of case, spacing, dashes and line breaks, or the recovery sheet's
// whole text (also the AGE-SECRET-KEY-PQ-1… line). vault is the zero id unless the text names one.
func ParseRecoveryCode(text []byte) (code RecoveryCode, vault VaultID, err error) {
	panic("contract: format.ParseRecoveryCode")
}

// Sheet returns the text of a recovery file: what it is, the vault id, both spellings, and an age identity line, such that
// the file is also accepted by `age -i`.
func (c RecoveryCode) Sheet(vault VaultID) (secret.Secret, error) {
	panic("contract: format.RecoveryCode.Sheet")
}
