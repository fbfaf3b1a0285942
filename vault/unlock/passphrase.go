package unlock

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"strconv"
	"strings"

	"filippo.io/age"

	"signet/vault/secret"
)

// NewPassphrase makes a passphrase way: way is the scrypt file passphrase.age that holds a fresh hybrid way identity,
// recipient is what the device key file gets sealed to. workFactor is log2(N), 10 to 22.
func NewPassphrase(pass secret.Secret, workFactor int) (way []byte, recipient string, err error) {
	id, err := age.GenerateHybridIdentity()
	if err != nil {
		return nil, "", fmt.Errorf("make way identity: %v", err)
	}
	way, err = sealPassphrase(secret.FromString(id.String()), pass, workFactor)
	if err != nil {
		return nil, "", err
	}
	return way, id.Recipient().String(), nil
}

// ResealPassphrase opens way with pass and writes the same way identity at another cost: `slot change passphrase
// --work-factor` alone.
func ResealPassphrase(way []byte, pass secret.Secret, workFactor int) ([]byte, error) {
	id, err := OpenPassphrase(way, pass)
	if err != nil {
		return nil, err
	}
	defer id.Wipe()
	return sealPassphrase(id, pass, workFactor)
}

// CheckPassphrase refuses what no file could be made from.
func CheckPassphrase(pass secret.Secret) error {
	switch n := len(pass.Reveal()); {
	case n == 0:
		return errors.New("check passphrase: it is empty")
	case n > MaxPassphrase:
		return fmt.Errorf("check passphrase: longer than %d bytes", MaxPassphrase)
	}
	return nil
}

func sealPassphrase(identity, pass secret.Secret, workFactor int) ([]byte, error) {
	if workFactor < MinWorkFactor || workFactor > MaxWorkFactor {
		return nil, fmt.Errorf("make passphrase file: work factor %d is not between %d and %d", workFactor, MinWorkFactor, MaxWorkFactor)
	}
	if err := CheckPassphrase(pass); err != nil {
		return nil, err
	}
	r, err := age.NewScryptRecipient(pass.RevealString())
	if err != nil {
		return nil, fmt.Errorf("make passphrase file: %v", err)
	}
	r.SetWorkFactor(workFactor)
	defer debug.FreeOSMemory() // logN 18 takes 256 MiB, and twice that when repeated (decisions.md, KDF)
	out, err := encrypt(append(identity.Clone().Reveal(), '\n'), r)
	if err != nil {
		return nil, fmt.Errorf("make passphrase file: %v", err)
	}
	return out, nil
}

// OpenPassphrase opens passphrase.age; ErrWrongPassphrase. The KDF's memory goes back to the system at once.
func OpenPassphrase(way []byte, pass secret.Secret) (identity secret.Secret, err error) {
	if _, err := WorkFactor(way); err != nil { // before any work that the file's writer chose
		return secret.Secret{}, err
	}
	id, err := age.NewScryptIdentity(pass.RevealString())
	if err != nil {
		return secret.Secret{}, fmt.Errorf("open passphrase file: %w", ErrWrongPassphrase) // empty
	}
	id.SetMaxWorkFactor(MaxWorkFactor)
	defer debug.FreeOSMemory()
	plain, err := decrypt(way, id)
	if errors.Is(err, ErrNotOurs) {
		return secret.Secret{}, ErrWrongPassphrase
	}
	if err != nil {
		return secret.Secret{}, fmt.Errorf("open passphrase file: %w", err)
	}
	defer clear(plain)
	f, err := ParseIdentity(secret.New(plain))
	if err != nil {
		return secret.Secret{}, fmt.Errorf("open passphrase file: %w", err)
	}
	return f.Text, nil
}

const (
	ageIntro     = "age-encryption.org/v1"
	scryptStanza = "-> scrypt "
)

// WorkFactor reads the scrypt cost of a passphrase file without opening it. A file with another stanza, with several, or
// with a cost outside of what we write is ErrDamaged: someone else chose that cost.
func WorkFactor(way []byte) (int, error) {
	if len(way) > MaxSealed {
		return 0, fmt.Errorf("read passphrase file: %w: %d bytes", ErrDamaged, len(way))
	}
	lines := bufio.NewScanner(bytes.NewReader(way[:min(len(way), 1024)]))
	if !lines.Scan() || lines.Text() != ageIntro || !lines.Scan() {
		return 0, fmt.Errorf("read passphrase file: %w: not an age file", ErrDamaged)
	}
	rest, ok := strings.CutPrefix(lines.Text(), scryptStanza)
	salt, cost, two := strings.Cut(rest, " ")
	n, err := strconv.Atoi(cost)
	if !ok || !two || salt == "" || err != nil || strconv.Itoa(n) != cost {
		return 0, fmt.Errorf("read passphrase file: %w: not sealed to a passphrase", ErrDamaged)
	}
	if n < MinWorkFactor || n > MaxWorkFactor {
		return 0, fmt.Errorf("read passphrase file: %w: work factor %d", ErrDamaged, n)
	}
	return n, nil
}

func encrypt(plain []byte, to age.Recipient) ([]byte, error) {
	defer clear(plain)
	var out bytes.Buffer
	w, err := age.Encrypt(&out, to)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(plain); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// decrypt opens a small age file. ErrNotOurs: the identity is not the one, try the next way in. ErrDamaged: stop.
func decrypt(file []byte, id age.Identity) ([]byte, error) {
	if len(file) > MaxSealed {
		return nil, fmt.Errorf("%w: %d bytes", ErrDamaged, len(file))
	}
	r, err := age.Decrypt(bytes.NewReader(file), id)
	var no *age.NoIdentityMatchError
	if errors.As(err, &no) {
		return nil, ErrNotOurs
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	plain, err := io.ReadAll(io.LimitReader(r, MaxKeyFile+1))
	if err != nil {
		clear(plain)
		return nil, fmt.Errorf("%w: %v", ErrDamaged, err)
	}
	if len(plain) > MaxKeyFile {
		clear(plain)
		return nil, fmt.Errorf("%w: more than %d bytes inside", ErrDamaged, MaxKeyFile)
	}
	return plain, nil
}
