package vault

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strconv"
	"strings"

	"signet/vault/mirror"
	"signet/vault/seal"
)

// While the vault is locked, requests are recorded one file each, sealed to the recipient that device.json names: whoever can write the directory can write
// such a file too, so what is in it is not authenticated, and the row says so. The next unlock moves them into the log, and so does a change of the key, which
// they would not open with any more (decisions.md, "What is synced").

const (
	waitingDir  = localDir + "/req"
	waitingMore = waitingDir + "/more" // how many were not recorded any more
	waitingLock = stateDir + "/req.lock"
	maxWaiting  = 1000
	maxMore     = 1 << 30
)

// waitingHead is the first line of such a file.
const waitingHead = "signet/v1/request\n"

// RecordLocked records a request without any key, durably. Beyond maxWaiting they are only counted.
func RecordLocked(dir string, o Options, data []byte) error {
	if len(data) > maxRequest {
		return fmt.Errorf("record request: %w", ErrTooLarge)
	}
	m, err := mirror.Open(dir)
	if err != nil {
		return err
	}
	return recordLocked(m, o.filled(), data)
}

func recordLocked(m *mirror.Mirror, o Options, data []byte) error {
	hint, err := readDeviceHint(m)
	if err != nil {
		return fmt.Errorf("record request: %s cannot be used: %w", deviceName, err)
	}
	to, err := seal.ParseRecipient(hint.Recipient)
	if err != nil {
		return fmt.Errorf("record request: %w", err)
	}
	release, ok, err := m.Hold(waitingLock)
	if err != nil {
		return err
	}
	if ok { // without it the worst that happens is a file too many, or one that is not counted
		defer release()
	}
	names, err := m.Names(waitingDir)
	if err != nil {
		return err
	}
	if len(names) >= maxWaiting {
		return countMore(m)
	}
	file, err := seal.Bytes(append([]byte(waitingHead), data...), to)
	if err != nil {
		return err
	}
	var r [8]byte
	if _, err := io.ReadFull(o.Rand, r[:]); err != nil {
		return fmt.Errorf("record request: %w", err)
	}
	name := fmt.Sprintf("%s/%013d-%s.age", waitingDir, o.Now().UnixMilli(), hex.EncodeToString(r[:]))
	return m.ReplaceLong(name, bytesWriter(file))
}

func countMore(m *mirror.Mirror) error {
	return m.ReplaceLong(waitingMore, bytesWriter([]byte(strconv.Itoa(min(readMore(m), maxMore)+1))))
}

func readMore(m *mirror.Mirror) int {
	b, err := m.Read(waitingMore, 32)
	n, nerr := strconv.Atoi(string(b))
	if err != nil || nerr != nil || n < 0 {
		return 0
	}
	return n
}

// TakeWaiting moves what was recorded while the vault was locked into the request log. It does not wait for others: the next one does it.
func (l *Local) TakeWaiting(ctx context.Context) error {
	if l.v.readOnly {
		return nil
	}
	if names, err := l.v.m.Names(waitingDir); err != nil || len(names) == 0 {
		return err // the usual case costs one look
	}
	return l.v.own(ctx, l.v.o.ReadWait, l.takeWaiting)
}

// takeWaiting is TakeWaiting with the lock and mu held. What does not open stays: it may be sealed to a key that is not here, and doctor counts it.
func (l *Local) takeWaiting() error {
	names, err := l.v.m.Names(waitingDir)
	if err != nil || len(names) == 0 {
		return err
	}
	var rows []RequestRow
	var done []string
	for _, base := range names[:min(len(names), 2*maxWaiting)] {
		name := waitingDir + "/" + base
		if name == waitingMore {
			if n := readMore(l.v.m); n > 0 {
				rows = append(rows, RequestRow{More: n})
			}
			done = append(done, name)
			continue
		}
		if data, ok := l.openWaiting(name); ok {
			rows, done = append(rows, RequestRow{Data: data}), append(done, name)
		}
	}
	if len(rows) > 0 {
		if err := l.appendRequests(rows); err != nil {
			return err
		}
	}
	if len(done) == 0 {
		return nil
	}
	return l.v.m.RemoveAll(done...)
}

func (l *Local) openWaiting(name string) ([]byte, bool) {
	if path.Ext(name) != ".age" {
		return nil, false
	}
	file, err := l.v.m.Read(name, maxRequest+ageOverhead(maxRequest))
	if err != nil {
		return nil, false
	}
	for _, text := range l.v.identities() {
		id, err := seal.ParseIdentity(text)
		if err != nil {
			continue
		}
		plain, err := seal.Open(file, seal.StanzaHybrid, id, maxRequest+len(waitingHead))
		if err != nil {
			continue
		}
		data, ok := strings.CutPrefix(string(plain), waitingHead)
		return []byte(data), ok && len(data) <= maxRequest
	}
	return nil, false
}

// unreadableWaiting counts what is there and does not open.
func (l *Local) unreadableWaiting() (n int) {
	names, err := l.v.m.Names(waitingDir)
	if err != nil {
		return 0
	}
	for _, base := range names[:min(len(names), 2*maxWaiting)] {
		name := waitingDir + "/" + base
		if name == waitingMore {
			continue
		}
		if _, ok := l.openWaiting(name); !ok {
			if _, err := l.v.m.Stat(name); !errors.Is(err, fs.ErrNotExist) {
				n++
			}
		}
	}
	return n
}
