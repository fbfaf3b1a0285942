package vault

import (
	"errors"
	"fmt"
	"io/fs"

	"signet/vault/seal"
)

// Local is the device's own store: small named blobs below state/local/, sealed and authenticated with the device's local
// secret, never synced (decisions.md, "What is synced"). What is used often (use counts) is gathered in memory and written at most
// once a minute and at Close.
type Local struct {
	v *Vault

	entries, passkeys counts

	drafts held // those that this process works on
}

const maxBlob = 1 << 20 // but a draft: see limit

func newLocal(v *Vault) *Local {
	return &Local{v: v, entries: counts{blob: useBlob}, passkeys: counts{blob: passkeyUseBlob}}
}

// Local returns the device's own store.
func (v *Vault) Local() *Local { return v.local }

func blobName(name string) (string, error) {
	if name == "" || len(name) > 64 {
		return "", fmt.Errorf("local blob %q: bad name", name)
	}
	for _, c := range []byte(name) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return "", fmt.Errorf("local blob %q: bad name", name)
		}
	}
	return localDir + "/" + name + ".age", nil
}

// Get reads a blob; nil when there is none. A blob from another hand, or under another name, is ErrCorrupt (I17).
func (l *Local) Get(name string) ([]byte, error) {
	l.v.mu.Lock()
	defer l.v.mu.Unlock()
	if err := l.v.openable(); err != nil {
		return nil, err
	}
	return l.get(name)
}

func (l *Local) get(name string) ([]byte, error) {
	path, err := blobName(name)
	if err != nil || l.v.readOnly {
		return nil, err
	}
	most := limit(name)
	file, err := l.v.m.Read(path, most+ageOverhead(most))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	for _, local := range l.v.locals() {
		plain, err := seal.Open(file, seal.StanzaLocal, seal.NewLocal(local, seal.PurposeLocal), int(most)+128)
		if err != nil {
			continue
		}
		if head := blobHead(name); len(plain) >= len(head) && string(plain[:len(head)]) == head {
			return plain[len(head):], nil
		}
		return nil, fmt.Errorf("read %s: %w: stands under the name of another", path, ErrCorrupt)
	}
	return nil, fmt.Errorf("read %s: %w: not written by this device", path, ErrCorrupt)
}

// blobHead is the first line of a blob: what it is, so that two cannot change places.
func blobHead(name string) string { return "signet/v1/local " + name + "\n" }

// Put writes a blob durably, or with nil removes it.
func (l *Local) Put(name string, data []byte) error {
	l.v.mu.Lock()
	defer l.v.mu.Unlock()
	if err := l.v.openable(); err != nil {
		return err
	}
	return l.put(name, data)
}

func (l *Local) put(name string, data []byte) error {
	path, err := blobName(name)
	switch {
	case err != nil:
		return err
	case l.v.readOnly:
		return ErrReadOnly
	case data == nil:
		return l.v.m.Remove(path)
	case int64(len(data)) > limit(name):
		return fmt.Errorf("write %s: %w", path, ErrTooLarge)
	}
	plain := append([]byte(blobHead(name)), data...)
	defer clear(plain)
	file, err := seal.Bytes(plain, seal.NewLocal(l.v.key.Local, seal.PurposeLocal))
	if err != nil {
		return err
	}
	return l.v.m.ReplaceLong(path, bytesWriter(file))
}
