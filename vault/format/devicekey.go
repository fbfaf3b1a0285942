package format

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"fmt"

	"signet/vault/secret"
)

var errKeyFile = errors.New("malformed device key file")

// DeviceKey is the device key file: what every local way in yields. It is also a valid age identity file.
type DeviceKey struct {
	Vault    VaultID
	Sign     secret.Secret // Ed25519 seed, 32 bytes
	Local    secret.Secret // 32 random bytes
	Identity secret.Secret // AGE-SECRET-KEY-PQ-1… as text
	// During a rekey the file also holds the keys before it (vault.md 5.10): all three, or none.
	OldSign, OldLocal, OldIdentity secret.Secret
}

// SigningKey derives the Ed25519 key from the seed.
func (k DeviceKey) SigningKey() ed25519.PrivateKey { return ed25519.NewKeyFromSeed(k.Sign.Reveal()) }

// Wipe overwrites every secret of k.
func (k DeviceKey) Wipe() {
	for _, s := range []secret.Secret{k.Sign, k.Local, k.Identity, k.OldSign, k.OldLocal, k.OldIdentity} {
		s.Wipe()
	}
}

// HasOld reports whether the file holds the keys before a rekey as well.
func (k DeviceKey) HasOld() bool { return !k.OldSign.IsEmpty() }

// keyWords are the comment words that carry 32 bytes, in the order of their lines.
var keyWords = [4]string{"sign", "local", "old-sign", "old-local"}

// Encode returns the file's text.
func (k DeviceKey) Encode() (secret.Secret, error) {
	if err := k.check(); err != nil {
		return secret.Secret{}, fmt.Errorf("encode device key: %w", err)
	}
	out := make([]byte, 0, 1024) // never grows, so that no copy is left behind
	out = append(append(append(out, "# vault "...), k.Vault.String()...), '\n')
	for i, s := range []secret.Secret{k.Sign, k.Local, k.OldSign, k.OldLocal} {
		if s.IsEmpty() {
			continue
		}
		out = append(append(append(out, "# "...), keyWords[i]...), ' ')
		out = append(b64.AppendEncode(out, s.Reveal()), '\n')
	}
	out = append(append(out, k.Identity.Reveal()...), '\n')
	if k.HasOld() {
		out = append(append(out, k.OldIdentity.Reveal()...), '\n')
	}
	return secret.New(out), nil
}

func (k DeviceKey) check() error {
	seeds, ids := []secret.Secret{k.Sign, k.Local}, []secret.Secret{k.Identity}
	if !k.OldSign.IsEmpty() || !k.OldLocal.IsEmpty() || !k.OldIdentity.IsEmpty() {
		seeds, ids = append(seeds, k.OldSign, k.OldLocal), append(ids, k.OldIdentity)
	}
	for _, s := range seeds {
		if len(s.Reveal()) != seedLen {
			return errKeyFile
		}
	}
	for _, s := range ids {
		if err := checkIdentity(s); err != nil {
			return err
		}
	}
	return nil
}

// ParseDeviceKey reads the file's text. A comment of a newer version is ErrNewer.
func ParseDeviceKey(text []byte) (DeviceKey, error) {
	k, err := parseDeviceKey(text)
	if err != nil {
		k.Wipe()
		return DeviceKey{}, fmt.Errorf("parse device key: %w", err)
	}
	return k, nil
}

func parseDeviceKey(text []byte) (k DeviceKey, err error) {
	lines, ok := textLines(text, MaxSlotFile)
	if !ok || len(lines) < 4 {
		return k, errKeyFile
	}
	hex, ok := bytes.CutPrefix(lines[0], []byte("# vault "))
	if !ok {
		return k, errKeyFile
	}
	if k.Vault, err = ParseVaultID(string(hex)); err != nil {
		return k, err
	}
	seeds := [4]*secret.Secret{&k.Sign, &k.Local, &k.OldSign, &k.OldLocal}
	n, lines, err := parseSeeds(lines[1:], seeds)
	if err != nil {
		return k, err
	}
	if n != 2*len(lines) || n != 2 && n != 4 {
		return k, errKeyFile
	}
	for i, id := range [2]*secret.Secret{&k.Identity, &k.OldIdentity} {
		if i < len(lines) {
			*id = secret.New(bytes.Clone(lines[i]))
		}
	}
	return k, k.check()
}

// parseSeeds reads the comment lines in their order and returns how many there were and the lines behind them.
func parseSeeds(lines [][]byte, seeds [4]*secret.Secret) (int, [][]byte, error) {
	for i := 0; ; i++ {
		if len(lines) == 0 {
			return 0, nil, errKeyFile
		}
		if len(lines[0]) == 0 || lines[0][0] != '#' {
			return i, lines, nil
		}
		if i == len(seeds) {
			return 0, nil, ErrNewer
		}
		value, ok := bytes.CutPrefix(lines[0], []byte("# "+keyWords[i]+" "))
		if !ok {
			return 0, nil, ErrNewer
		}
		seed, ok := decode64(string(value), seedLen)
		if !ok {
			return 0, nil, errKeyFile
		}
		*seeds[i], lines = secret.New(seed), lines[1:]
	}
}

// textLines cuts a small text file into lines without LF; every line must end with one.
func textLines(text []byte, limit int) ([][]byte, bool) {
	if len(text) > limit {
		return nil, false
	}
	body, ok := bytes.CutSuffix(text, lf)
	if !ok {
		return nil, false
	}
	return bytes.Split(body, lf), true
}
