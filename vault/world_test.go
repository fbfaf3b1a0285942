package vault

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"signet/vault/entry"
	"signet/vault/format"
	"signet/vault/mirror"
	"signet/vault/mirror/crashfs"
)

// world is a vault directory in a file system that crashes, with the key of its device and a clock.
type world struct {
	t       testing.TB
	fs      *crashfs.FS
	key     format.DeviceKey
	now     *clock
	notices *noticeList
	wait    time.Duration
}

type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(time.Millisecond)
	return c.at
}

type noticeList struct {
	mu   sync.Mutex
	list []Notice
}

func (n *noticeList) add(x Notice) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.list = append(n.list, x)
}

func (n *noticeList) has(code string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.ContainsFunc(n.list, func(x Notice) bool { return x.Code == code })
}

// newWorld makes a vault with one device and a recovery code, as init does but without ways in.
func newWorld(t testing.TB) *world {
	t.Helper()
	key, rcpt, err := newDeviceKey()
	must(t, err)
	o := Options{}.filled()
	id, err := o.memberID(nil)
	must(t, err)
	code, err := newRecoveryCode()
	must(t, err)
	rid, err := o.memberID(nil)
	must(t, err)
	rec, err := codeMember(code, "recovery", rid)
	must(t, err)
	b := &birth{key: key, dev: deviceMember(key, rcpt, "laptop", id), at: 1_700_000_000_000}
	must(t, b.firstRoster([]newcomer{b.dev, rec}))
	fs := crashfs.New()
	m := mirror.New(fs)
	must(t, m.Replace(vaultName, bytesWriter(format.VaultHint(b.key.Vault))))
	must(t, b.ready.write(m))
	must(t, writeFirstHeads(m, b.key.Local, b.ready))
	must(t, writeDeviceHint(m, format.DeviceHint{Vault: b.key.Vault, Device: id, Recipient: rcpt}))
	return &world{t: t, fs: fs, key: b.key, now: &clock{at: time.UnixMilli(1_700_000_000_000)}, notices: &noticeList{}, wait: 10 * time.Second}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// on is the same world over another file system: a survivor of a crash, a clone.
func (w *world) on(fs *crashfs.FS) *world {
	c := *w
	c.fs, c.notices = fs, &noticeList{}
	return &c
}

func (w *world) clone() *world { return w.on(w.fs.Survivor(crashfs.Kept)) }

func (w *world) options() Options {
	return Options{Now: w.now.Now, Rand: rand.Reader, LockWait: w.wait, ReadWait: 5 * time.Millisecond, Poll: time.Millisecond, Notice: w.notices.add}
}

func cloneKey(k format.DeviceKey) format.DeviceKey {
	k.Sign, k.Local, k.Identity = k.Sign.Clone(), k.Local.Clone(), k.Identity.Clone()
	return k
}

func (w *world) tryOpen() (*Vault, error) {
	return openKey(context.Background(), mirror.New(w.fs), cloneKey(w.key), w.options())
}

func (w *world) open() *Vault {
	w.t.Helper()
	v, err := w.tryOpen()
	must(w.t, err)
	w.t.Cleanup(func() { _ = v.Close() })
	return v
}

// fewer runs a property n times instead of rapid's 100, for those that make whole vaults; once it has failed, every run counts,
// so that rapid can shrink.
func fewer(n int64, property func(rt *rapid.T)) func(rt *rapid.T) {
	if raced {
		n = n/4 + 1
	}
	var runs atomic.Int64
	var failed atomic.Bool
	return func(rt *rapid.T) {
		if runs.Add(1) > n && !failed.Load() {
			return
		}
		whole := false
		defer func() {
			if !whole {
				failed.Store(true)
			}
		}()
		property(rt)
		whole = true
	}
}

// recID makes a readable record id out of a number.
func recID(n int) ID {
	var b [16]byte
	b[0], b[1], b[2], b[3] = byte(n>>24), byte(n>>16), byte(n>>8), byte(n)
	return format.NewRecordID(b)
}

// login is what a new login entry is made of.
func login(n int, title, password string) []Edit {
	id := recID(n)
	return []Edit{
		entry.Set(id, "title", title), entry.Set(id, "cred/aaaaaaaa/type", "basic-auth"), entry.Set(id, "cred/aaaaaaaa/pos", "V"),
		entry.Set(id, "cred/aaaaaaaa/username", "ada"), entry.Set(id, "cred/aaaaaaaa/password", password),
	}
}

const passwordPath = "cred/aaaaaaaa/password"

func apply(t testing.TB, v *Vault, edits ...Edit) Result {
	t.Helper()
	res, err := v.Apply(context.Background(), nil, edits)
	must(t, err)
	return res
}

// state writes everything that a vault holds as text, history included, for comparison.
func state(t testing.TB, v *Vault) string {
	t.Helper()
	s, err := tryState(v)
	must(t, err)
	return s
}

func tryState(v *Vault) (string, error) {
	var b strings.Builder
	imports := 0
	for r, err := range v.Records(context.Background()) {
		if err != nil {
			return "", err
		}
		if f, ok := r.Get("rec"); ok && f.Values[0].Text == "import" {
			imports++ // its id, time and parts differ from run to run
			continue
		}
		for _, f := range r.Fields {
			fmt.Fprintf(&b, "%s %s", r.ID[:6], f.Path)
			for _, x := range f.Values {
				fmt.Fprintf(&b, " %q", x.Text)
			}
			b.WriteByte('\n')
		}
	}
	fmt.Fprintln(&b, imports, "imports")
	return b.String(), nil
}

// value reads the displayed value of a field, "" when there is none.
func value(t testing.TB, v *Vault, id ID, path string) string {
	t.Helper()
	r, err := v.Record(context.Background(), id)
	if errors.Is(err, ErrNotFound) {
		return ""
	}
	must(t, err)
	f, _ := r.Get(path)
	if len(f.Values) == 0 {
		return ""
	}
	return f.Values[0].Text
}
