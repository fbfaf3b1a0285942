package vault

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"sync"
	"time"

	"signet/vault/format"
	"signet/vault/seal"
)

// Local is the device's own store: small named blobs below state/local/, sealed and authenticated with the device's local
// secret, never synced (decisions.md, "What is synced"). What is used often (use counts) is gathered in memory and written at most
// once a minute and at Close.
type Local struct {
	v *Vault

	mu      sync.Mutex
	use     map[ID]Use // as last read or written, with what was added since
	added   map[ID]Use // since then
	written time.Time

	drafts held // those that this process works on
}

// Use is how often and when this device used an entry.
type Use struct {
	Count int   `json:"n"`
	Last  int64 `json:"t"` // ms since 1970
}

const (
	maxBlob  = 1 << 20 // but a draft: see limit
	useBlob  = "use"
	useEvery = time.Minute
	maxUse   = 20000 // entries that use counts are kept of: the most recent ones
)

func newLocal(v *Vault) *Local { return &Local{v: v} }

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

// Used notes that an entry was used. It costs nothing: the count is written with the next ones.
func (l *Local) Used(id ID) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.loadUse(); err != nil {
		return err
	}
	now := l.v.o.Now()
	l.use[id] = l.use[id].plus(Use{1, now.UnixMilli()})
	l.added[id] = l.added[id].plus(Use{1, now.UnixMilli()})
	if now.Sub(l.written) < useEvery {
		return nil
	}
	return l.flushUse()
}

// Usage returns the use counts of this device.
func (l *Local) Usage() (map[ID]Use, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.loadUse(); err != nil {
		return nil, err
	}
	out := make(map[ID]Use, len(l.use))
	for id, u := range l.use {
		out[id] = u
	}
	return out, nil
}

func (u Use) plus(o Use) Use { return Use{u.Count + o.Count, max(u.Last, o.Last)} }

// loadUse reads the counts once. Counts that cannot be read are started anew: they are a convenience.
func (l *Local) loadUse() error {
	if l.use != nil {
		return nil
	}
	var err error
	l.use, err = l.readUse()
	l.added, l.written = map[ID]Use{}, l.v.o.Now()
	return err
}

func (l *Local) readUse() (map[ID]Use, error) {
	raw, err := l.Get(useBlob)
	if err != nil && !errors.Is(err, ErrCorrupt) {
		return nil, err
	}
	var use map[ID]Use
	if json.Unmarshal(raw, &use) != nil || use == nil {
		use = map[ID]Use{}
	}
	return use, nil
}

func (l *Local) flush() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.added) == 0 || l.v.readOnly {
		return nil
	}
	err := l.flushUse()
	if errors.Is(err, ErrLocked) {
		return nil
	}
	return err
}

// flushUse adds what was counted here to what other processes counted meanwhile, and writes it.
func (l *Local) flushUse() error {
	use, err := l.readUse()
	if err != nil {
		return err
	}
	for id, u := range l.added {
		use[id] = use[id].plus(u)
	}
	l.use = use
	for len(l.use) > maxUse {
		delete(l.use, l.oldest())
	}
	raw, err := json.Marshal(l.use)
	if err != nil {
		return err
	}
	if err := l.Put(useBlob, raw); err != nil {
		return err
	}
	l.added, l.written = map[ID]Use{}, l.v.o.Now()
	return nil
}

func (l *Local) oldest() (id ID) {
	last := int64(format.MaxInt)
	for i, u := range l.use {
		if u.Last < last {
			id, last = i, u.Last
		}
	}
	return id
}
