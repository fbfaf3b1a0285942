package format

import (
	"bytes"
	"errors"
	"fmt"

	"signet/vault/secret"
)

var errSlot = errors.New("malformed slot file")

// SlotFile is the plaintext of epochs/<e6>/<kind>-<member8>-<h32>.age: "# vault <id> epoch <n>" and one identity line.
// prev-<h32>.age holds several of them, oldest first.
type SlotFile struct {
	Vault    VaultID
	Epoch    int
	Identity secret.Secret // AGE-SECRET-KEY-PQ-1…
}

// maxSlotLines bounds one epoch's two lines.
const maxSlotLines = len("# vault  epoch \n\n") + 64 + 6 + identityLen

// EncodeSlots returns the text of a slot file (one) or of a prev file (any number, oldest first, all of one vault).
func EncodeSlots(slots ...SlotFile) (secret.Secret, error) {
	if len(slots)*maxSlotLines > MaxPrevFile {
		return secret.Secret{}, fmt.Errorf("encode slots: %w", ErrTooLarge)
	}
	out := make([]byte, 0, len(slots)*maxSlotLines) // never grows, so that no copy is left behind
	for i, s := range slots {
		if err := s.check(slots[:i]); err != nil {
			return secret.Secret{}, fmt.Errorf("encode slots: %w", err)
		}
		out = fmt.Appendf(out, "# vault %s epoch %d\n", s.Vault, s.Epoch)
		out = append(append(out, s.Identity.Reveal()...), '\n')
	}
	return secret.New(out), nil
}

// check refuses a slot that may not follow the ones before it.
func (s SlotFile) check(before []SlotFile) error {
	if s.Epoch < 1 || s.Epoch > MaxEpoch {
		return errRange
	}
	if n := len(before); n > 0 && (before[n-1].Epoch >= s.Epoch || before[n-1].Vault != s.Vault) {
		return errOrder
	}
	return checkIdentity(s.Identity)
}

// ParseSlots reads what EncodeSlots wrote; no slots for the empty text.
func ParseSlots(text []byte) ([]SlotFile, error) {
	slots, err := parseSlots(text)
	if err != nil {
		for _, s := range slots {
			s.Identity.Wipe()
		}
		return nil, fmt.Errorf("parse slots: %w", err)
	}
	return slots, nil
}

func parseSlots(text []byte) ([]SlotFile, error) {
	if len(text) == 0 {
		return nil, nil
	}
	lines, ok := textLines(text, MaxPrevFile)
	if !ok || len(lines)%2 != 0 {
		return nil, errSlot
	}
	slots := make([]SlotFile, 0, len(lines)/2)
	for ; len(lines) > 0; lines = lines[2:] {
		s, err := slotHead(lines[0])
		if err != nil {
			return slots, err
		}
		s.Identity = secret.New(bytes.Clone(lines[1]))
		if err := s.check(slots); err != nil {
			s.Identity.Wipe()
			return slots, err
		}
		slots = append(slots, s)
	}
	return slots, nil
}

// slotHead reads "# vault <id> epoch <n>".
func slotHead(line []byte) (s SlotFile, err error) {
	rest, ok := bytes.CutPrefix(line, []byte("# vault "))
	if !ok {
		return SlotFile{}, errSlot
	}
	id, number, ok := bytes.Cut(rest, []byte(" epoch "))
	if !ok {
		return SlotFile{}, errSlot
	}
	if s.Vault, err = ParseVaultID(string(id)); err != nil {
		return SlotFile{}, err
	}
	n, ok := parseInt(number)
	if !ok || n < 1 || n > MaxEpoch {
		return SlotFile{}, errRange
	}
	s.Epoch = int(n)
	return s, nil
}
