package vault

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// The request log of this device (decisions.md, "What is synced"): rows that are durable at once, the newest MaxRequests of them. They lie in pieces, each a
// blob of the device's own store of at most requestsAPiece rows, so that a row costs the same however many there are. What is in a row is its writer's business.

// Limits of the request log.
const (
	MaxRequests    = 10000
	maxRequest     = 4 << 10 // bytes of a row
	fullPiece      = 900 << 10
	requestsAPiece = 250
	requestPrefix  = "requests-"
)

// RequestRow is one row. Trusted says that an unlocked process of this device wrote it. More instead of Data says how many were not recorded, because too many
// came while the vault was locked.
type RequestRow struct {
	Data    []byte
	Trusted bool
	More    int
}

var requestText = base64.RawURLEncoding.Strict()

// AddRequest writes one row durably.
func (l *Local) AddRequest(ctx context.Context, data []byte) error {
	return l.addRequests(ctx, []RequestRow{{Data: data, Trusted: true}})
}

func (l *Local) addRequests(ctx context.Context, rows []RequestRow) error {
	return l.v.own(ctx, l.v.o.LockWait, func() error { return l.appendRequests(rows) })
}

// appendRequests is addRequests for callers with the lock and mu.
func (l *Local) appendRequests(rows []RequestRow) error {
	for _, r := range rows {
		if len(r.Data) > maxRequest {
			return fmt.Errorf("record request: %w", ErrTooLarge)
		}
	}
	pieces, err := l.requestPieces()
	if err != nil {
		return err
	}
	last, text := 1, []byte(nil)
	if n := len(pieces); n > 0 {
		last = pieces[n-1]
		if text, err = l.get(requestBlob(last)); err != nil && !errors.Is(err, ErrCorrupt) {
			return err
		} else if err != nil {
			last, text = last+1, nil // what cannot be read stays for doctor
		}
	}
	lines := bytes.Count(text, []byte("\n"))
	for i, r := range rows {
		if lines >= requestsAPiece || len(text) > fullPiece {
			last, lines, text = last+1, 0, nil
		}
		text, lines = appendRequest(text, r), lines+1
		if i+1 < len(rows) && lines < requestsAPiece && len(text) <= fullPiece {
			continue
		}
		if err := l.put(requestBlob(last), text); err != nil {
			return err
		}
	}
	for _, n := range pieces {
		if n < last-MaxRequests/requestsAPiece {
			if err := l.put(requestBlob(n), nil); err != nil {
				return err
			}
		}
	}
	return nil
}

func requestBlob(n int) string { return requestPrefix + fmt.Sprintf("%08d", n) }

// requestPieces lists the pieces, the oldest first.
func (l *Local) requestPieces() (out []int, err error) {
	names, err := l.v.m.Names(localDir)
	if err != nil {
		return nil, fmt.Errorf("list requests: %w", err)
	}
	for _, name := range names {
		text, ok := strings.CutPrefix(strings.TrimSuffix(name, ".age"), requestPrefix)
		if n, err := strconv.Atoi(text); ok && err == nil && n > 0 && requestBlob(n)+".age" == name {
			out = append(out, n)
		}
	}
	slices.Sort(out)
	return out, nil
}

// Marks before a row.
const (
	markTrusted = '+'
	markLocked  = '-'
	markMore    = '#'
)

func appendRequest(dst []byte, r RequestRow) []byte {
	switch {
	case r.More > 0:
		dst = strconv.AppendInt(append(dst, markMore), int64(r.More), 10)
	case r.Trusted:
		dst = requestText.AppendEncode(append(dst, markTrusted), r.Data)
	default:
		dst = requestText.AppendEncode(append(dst, markLocked), r.Data)
	}
	return append(dst, '\n')
}

func parseRequest(line []byte) (RequestRow, bool) {
	if len(line) == 0 {
		return RequestRow{}, false
	}
	mark, rest := line[0], string(line[1:])
	if mark == markMore {
		n, err := strconv.Atoi(rest)
		return RequestRow{More: n}, err == nil && n > 0
	}
	data, err := requestText.DecodeString(rest)
	return RequestRow{Data: data, Trusted: mark == markTrusted}, err == nil && (mark == markTrusted || mark == markLocked)
}

// Requests returns the newest rows, the newest first; limit 0 for all that are kept. A piece that cannot be read is left out and named by the error, which
// comes beside the others.
func (l *Local) Requests(limit int) ([]RequestRow, error) {
	l.v.mu.Lock()
	defer l.v.mu.Unlock()
	if err := l.v.openable(); err != nil {
		return nil, err
	}
	if limit <= 0 || limit > MaxRequests {
		limit = MaxRequests
	}
	pieces, err := l.requestPieces()
	if err != nil {
		return nil, err
	}
	var out []RequestRow
	var bad []error
	for _, n := range slices.Backward(pieces) {
		data, err := l.get(requestBlob(n))
		if err != nil {
			bad = append(bad, err)
			continue
		}
		lines := bytes.Split(bytes.TrimSuffix(data, []byte("\n")), []byte("\n"))
		for _, line := range slices.Backward(lines) {
			if r, ok := parseRequest(line); ok {
				out = append(out, r)
			}
			if len(out) == limit {
				return out, errors.Join(bad...)
			}
		}
	}
	return out, errors.Join(bad...)
}
