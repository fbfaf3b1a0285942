package format

import (
	"bytes"
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/sha256"
	"errors"
	"fmt"

	"signet/vault/secret"
)

// ErrRecoveryCode is the root of every error of ParseRecoveryCode; the text says which group or word is wrong and never
// quotes it.
var ErrRecoveryCode = errors.New("not a recovery code")

// RecoveryCode is 32 random bytes: the age hybrid seed; its Ed25519 seed is HKDF-SHA256(it, info "signet/v1/rec-sign").
type RecoveryCode struct{ Seed secret.Secret }

func (c RecoveryCode) check() error {
	if len(c.Seed.Reveal()) != seedLen {
		return fmt.Errorf("%w: the seed has not 32 bytes", ErrRecoveryCode)
	}
	return nil
}

// Identity returns the AGE-SECRET-KEY-PQ-1… text of the seed (what `age -i` takes).
func (c RecoveryCode) Identity() (secret.Secret, error) {
	if err := c.check(); err != nil {
		return secret.Secret{}, err
	}
	return secret.New(encodeIdentity(c.Seed.Reveal())), nil
}

// SigningKey derives the code's Ed25519 key.
func (c RecoveryCode) SigningKey() (ed25519.PrivateKey, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	seed, err := hkdf.Key(sha256.New, c.Seed.Reveal(), nil, "signet/v1/rec-sign", ed25519.SeedSize)
	if err != nil {
		return nil, fmt.Errorf("derive signing key: %w", err)
	}
	defer clear(seed)
	return ed25519.NewKeyFromSeed(seed), nil
}

// Sheet returns the text of a recovery file: what it is, the vault id, both spellings, and an age identity line, such that
// the file is also accepted by `age -i`.
func (c RecoveryCode) Sheet(vault VaultID) (secret.Secret, error) {
	if err := c.check(); err != nil {
		return secret.Secret{}, err
	}
	out := make([]byte, 0, 4096) // never grows, so that no copy is left behind
	out = append(out, sheetHead...)
	out = append(append(append(out, sheetVault...), vault.String()...), '\n')
	out = append(append(append(out, sheetCode...), c.Text().Reveal()...), '\n')
	words := c.Words()
	for i := 0; i < len(words); i += 6 {
		out = append(out, sheetWords...)
		for j, w := range words[i : i+6] {
			if j > 0 {
				out = append(out, ' ')
			}
			out = append(out, w...)
		}
		out = append(out, '\n')
	}
	out = append(out, sheetFoot...)
	out = append(append(out, encodeIdentity(c.Seed.Reveal())...), '\n')
	return secret.New(out), nil
}

const (
	sheetHead = `# Signet recovery sheet
#
# Whoever holds this sheet can open the whole vault, from anywhere and without any device.
# Print it or write it down, keep it where only you can reach it, and delete the file.
#
`
	sheetVault = "# vault "
	sheetCode  = "# code  "
	sheetWords = "# words "
	sheetFoot  = `#
# The code and the words say the same; either is enough.
# With Signet:    signet --vault DIR --unlock recovery status
# Without Signet: age -d -i THIS-FILE DIR/epochs/NUMBER/rec-*.age > epoch.txt
#                 age -d -i epoch.txt DIR/log/LOG/FILE.age
#
`
)

// ParseRecoveryCode reads either spelling, tolerant of case, spacing, dashes and line breaks, or the recovery sheet's
// whole text (also the AGE-SECRET-KEY-PQ-1… line). vault is the zero id unless the text names one.
func ParseRecoveryCode(text []byte) (code RecoveryCode, vault VaultID, err error) {
	if len(text) > MaxSheet {
		return RecoveryCode{}, VaultID{}, fmt.Errorf("%w: %w", ErrRecoveryCode, ErrTooLarge)
	}
	sheet := sheetParts(text)
	if sheet.vault != "" {
		if vault, err = ParseVaultID(sheet.vault); err != nil {
			return RecoveryCode{}, VaultID{}, fmt.Errorf("%w: the vault id is not 64 hex digits", ErrRecoveryCode)
		}
	}
	seed, err := sheet.seed()
	if err != nil {
		return RecoveryCode{}, VaultID{}, fmt.Errorf("%w: %w", ErrRecoveryCode, err)
	}
	return RecoveryCode{secret.New(seed)}, vault, nil
}

// sheet is what a text holds of a recovery sheet; a code typed alone stands in free.
type sheet struct {
	vault                       string
	identity, code, words, free []byte
}

func sheetParts(text []byte) (s sheet) {
	for line := range bytes.SplitSeq(text, lf) {
		line = bytes.TrimSpace(line)
		rest, isVault := cutWord(line, sheetVault)
		code, isCode := cutWord(line, sheetCode)
		words, isWords := cutWord(line, sheetWords)
		switch {
		case isVault && s.vault == "":
			s.vault = string(bytes.ToLower(rest))
		case isCode:
			s.code = append(append(s.code, code...), ' ')
		case isWords:
			s.words = append(append(s.words, words...), ' ')
		case len(line) > 0 && line[0] == '#':
		case len(line) >= len(identityPrefix) && bytes.EqualFold(line[:len(identityPrefix)], []byte(identityPrefix)):
			s.identity = bytes.ToUpper(line)
		default:
			s.free = append(append(s.free, line...), ' ')
		}
	}
	return s
}

// cutWord cuts the label of a sheet's line.
func cutWord(line []byte, label string) ([]byte, bool) {
	rest, ok := bytes.CutPrefix(line, bytes.TrimSpace([]byte(label)))
	if !ok || len(rest) == 0 || rest[0] != ' ' {
		return nil, false
	}
	return bytes.TrimSpace(rest), true
}

// seed reads every spelling that is there. A spelling that is damaged does no harm while another one stands, but two that
// say different things are refused.
func (s sheet) seed() (seed []byte, err error) {
	read := func(text []byte, parse func([]byte) ([]byte, error)) {
		if len(bytes.TrimSpace(text)) == 0 {
			return
		}
		got, e := parse(text)
		switch {
		case e != nil && err == nil:
			err = e
		case e == nil && seed == nil:
			seed = got
		case e == nil && !bytes.Equal(seed, got):
			err = errSpellings
		}
	}
	read(s.identity, decodeIdentity)
	read(s.code, parseGroups)
	read(s.words, parseWords)
	read(s.free, parseTyped)
	switch {
	case errors.Is(err, errSpellings), seed == nil && err != nil:
		clear(seed)
		return nil, err
	case seed == nil:
		return nil, errors.New("nothing was given")
	}
	return seed, nil
}

var errSpellings = errors.New("the spellings on this sheet say different things")

// parseTyped tells the two spellings apart. Words may be numbered, and the code may have no digit by chance, so known words
// count first.
func parseTyped(text []byte) ([]byte, error) {
	words, known := bytes.FieldsFunc(bytes.ToLower(text), notLetter), 0
	for _, w := range words[:min(len(words), 2*wordCount)] {
		if _, ok := wordIndex(string(w)); ok {
			known++
		}
	}
	digits := bytes.ContainsAny(text, "0123456789")
	if known >= wordCount/2 || !digits && len(words) >= wordCount/2 && len(words) != groupCount {
		return parseWords(text)
	}
	return parseGroups(text)
}
