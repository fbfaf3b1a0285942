package vault

import (
	"encoding/base32"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"signet/vault/format"
	"signet/vault/seal"
	"signet/vault/secret"
)

// Keys that are bound to this device lie in bound/, one file each, sealed with the device's local secret: they are in no log, no export and on no other device
// (vault.md 5.12). A file is named by what it belongs to, never by anything that a stranger chose as text.

// maxBound bounds one of these files: a key, and the secrets that go with it.
const maxBound = 64 << 10

// boundAuthenticator is the name of what seals credentials into their ids on this device alone.
const boundAuthenticator = "authenticator"

var boundText = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// BoundName is the name in bound/ of what belongs to a credential id: the beginning of a hash.
func BoundName(credentialID []byte) string {
	sum := format.Sum(append([]byte("signet/v1/bound\x00"), credentialID...))
	return boundText.EncodeToString(sum[:16])
}

func boundPath(name string) (string, error) {
	if name != boundAuthenticator && (len(name) != 26 || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz234567") != "") {
		return "", fmt.Errorf("bound key %q: bad name", name)
	}
	return boundDir + "/" + name + ".age", nil
}

func boundHead(name string) string { return "signet/v1/bound " + name + "\n" }

// Bound reads what is bound to this device under a name: ErrNotFound when nothing is, ErrCorrupt when it does not open.
func (l *Local) Bound(name string) (secret.Secret, error) {
	l.v.mu.Lock()
	defer l.v.mu.Unlock()
	if err := l.v.openable(); err != nil {
		return secret.Secret{}, err
	}
	return l.bound(name)
}

// HasBound reports whether something is bound to this device under a name, without opening it.
func (l *Local) HasBound(name string) bool {
	path, err := boundPath(name)
	if err != nil || l.v.readOnly {
		return false
	}
	info, err := l.v.m.Stat(path)
	return err == nil && !info.Dir
}

func (l *Local) bound(name string) (secret.Secret, error) {
	path, err := boundPath(name)
	if err != nil {
		return secret.Secret{}, err
	}
	if l.v.readOnly {
		return secret.Secret{}, fmt.Errorf("read %s: %w", path, ErrNotFound)
	}
	file, err := l.v.m.Read(path, maxBound+ageOverhead(maxBound))
	if errors.Is(err, fs.ErrNotExist) {
		return secret.Secret{}, fmt.Errorf("read %s: %w", path, ErrNotFound)
	}
	if err != nil {
		return secret.Secret{}, err
	}
	for _, local := range l.v.locals() {
		plain, err := seal.Open(file, seal.StanzaLocal, seal.NewLocal(local, seal.PurposeBound), maxBound+128)
		if err != nil {
			continue
		}
		defer clear(plain)
		if data, ok := strings.CutPrefix(string(plain[:min(len(plain), len(boundHead(name)))]), boundHead(name)); ok && data == "" {
			return secret.New(slices.Clone(plain[len(boundHead(name)):])), nil
		}
		return secret.Secret{}, fmt.Errorf("read %s: %w: stands under the name of another", path, ErrCorrupt)
	}
	return secret.Secret{}, fmt.Errorf("read %s: %w: not written by this device", path, ErrCorrupt)
}

// PutBound seals something to this device, durably. It is part of an update, so that no change of the device's key comes between.
func (w Within) PutBound(name string, data secret.Secret) error {
	l := w.tx.v.local
	path, err := boundPath(name)
	if err != nil {
		return err
	}
	if len(data.Reveal()) > maxBound {
		return fmt.Errorf("write %s: %w", path, ErrTooLarge)
	}
	l.v.mu.Lock()
	defer l.v.mu.Unlock()
	if err := l.v.openable(); err != nil {
		return err
	}
	plain := slices.Concat([]byte(boundHead(name)), data.Reveal())
	defer clear(plain)
	file, err := seal.Bytes(plain, seal.NewLocal(l.v.key.Local, seal.PurposeBound))
	if err != nil {
		return err
	}
	return l.v.m.Replace(path, bytesWriter(file))
}

// Bound is Local.Bound as part of an update.
func (w Within) Bound(name string) (secret.Secret, error) { return w.tx.v.local.Bound(name) }

// DropBound removes what is bound to this device under a name; absence is no error.
func (w Within) DropBound(name string) error {
	path, err := boundPath(name)
	if err != nil {
		return err
	}
	return w.tx.v.m.Remove(path)
}
