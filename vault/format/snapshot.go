package format

import (
	"bufio"
	"cmp"
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"iter"
	"maps"
	"slices"
)

// Context says which writes a state has seen: Have lists the sid of every folded file per log in seq order; Cloud lists
// dots replaced by folded ops whose own segment is not in Have (vault.md 5.3, 5.4).
type Context struct {
	Have  map[MemberID][]SID
	Cloud []Dot // sorted
}

// SnapshotHeader is the first line of a snapshot; Heads are the marks it covers.
type SnapshotHeader struct {
	SegmentHeader
	Heads map[MemberID]Mark
}

const (
	snapType  = "snap"
	splitLine = 1 << 20 // a line of a record takes no further value beyond this
)

var errOrder = errors.New("out of order")

// WriteSnapshot streams a padded and signed snapshot: header, have and cloud lines, one line or several per record (sorted
// by record id, split below MaxLine), padding, signature. It returns the hash of the whole plaintext. Records are read
// once and never held together.
func WriteSnapshot(w io.Writer, h SnapshotHeader, c Context, records iter.Seq2[Record, error], key ed25519.PrivateKey) (Hash, error) {
	out := &snapshotWriter{w: bufio.NewWriterSize(w, 64<<10), sum: sha256.New()}
	if err := out.head(h, c); err != nil {
		return Hash{}, fmt.Errorf("write snapshot: %w", err)
	}
	for r, err := range records {
		if err == nil {
			err = out.record(r)
		}
		if err != nil {
			return Hash{}, fmt.Errorf("write snapshot: %w", err)
		}
	}
	sum, err := out.end(h.Vault, key)
	if err != nil {
		return Hash{}, fmt.Errorf("write snapshot: %w", err)
	}
	return sum, nil
}

// snapshotWriter counts and hashes what it writes.
type snapshotWriter struct {
	w    *bufio.Writer
	sum  hash.Hash
	n    int
	last RecordID
	buf  []byte
}

func (s *snapshotWriter) write(b []byte) error {
	if s.n += len(b); s.n > MaxSnapshot {
		return ErrTooLarge
	}
	s.sum.Write(b)
	_, err := s.w.Write(b)
	return err
}

func (s *snapshotWriter) head(h SnapshotHeader, c Context) error {
	if err := cmp.Or(h.check(), checkMarks(h.Heads)); err != nil {
		return err
	}
	line := appendMarks(appendHeader(nil, snapType, h.SegmentHeader), "heads", h.Heads)
	line = append(appendExtra(line, h.Extra), "}\n"...)
	if len(line) > MaxLine {
		return ErrTooLarge
	}
	if err := s.write(line); err != nil {
		return err
	}
	if err := s.have(c.Have); err != nil {
		return err
	}
	return s.cloud(c.Cloud)
}

// have writes {"h":log,"s":"<sids joined>"} lines, logs sorted, sids in their log's order.
func (s *snapshotWriter) have(have map[MemberID][]SID) error {
	total := 0
	for _, log := range slices.Sorted(maps.Keys(have)) {
		if total += len(have[log]); total > MaxHave || len(have) > MaxLogs {
			return ErrTooLarge
		}
		if !isID16(string(log)) {
			return errBadID
		}
		for part := range slices.Chunk(have[log], MaxListItems) {
			line := append(append(append(s.buf[:0], `{"h":"`...), log...), `","s":"`...)
			for _, sid := range part {
				if !isSID(string(sid)) {
					return errBadID
				}
				line = append(line, sid...)
			}
			s.buf = append(line, "\"}\n"...)
			if err := s.write(s.buf); err != nil {
				return err
			}
		}
	}
	return nil
}

// cloud writes {"c":[dots]} lines, sorted.
func (s *snapshotWriter) cloud(dots []Dot) error {
	if len(dots) > MaxCloud {
		return ErrTooLarge
	}
	var last Dot
	for part := range slices.Chunk(dots, MaxListItems) {
		line := append(s.buf[:0], `{"c":[`...)
		for i, d := range part {
			if !validDot(d) {
				return errBadID
			}
			if last.SID != "" && last.Compare(d) >= 0 {
				return errOrder
			}
			if last = d; i > 0 {
				line = append(line, ',')
			}
			line = appendDot(line, d)
		}
		s.buf = append(line, "]}\n"...)
		if err := s.write(s.buf); err != nil {
			return err
		}
	}
	return nil
}

// record writes a record, split between values into lines of about splitLine.
func (s *snapshotWriter) record(r Record) error {
	if r.ID <= s.last {
		return errOrder
	}
	if err := checkRecord(r); err != nil {
		return err
	}
	s.last = r.ID
	l := recordLines{id: r.ID, buf: s.buf[:0], write: s.write}
	for _, f := range r.Fields {
		for _, v := range f.Values {
			if err := l.value(f.Path, v); err != nil {
				return err
			}
		}
	}
	err := l.end()
	s.buf = l.buf[:0]
	return err
}

func (s *snapshotWriter) end(vault VaultID, key ed25519.PrivateKey) (Hash, error) {
	if err := s.write(appendPad(s.buf[:0], s.n)); err != nil {
		return Hash{}, err
	}
	text := signedText(KindSnapshot, vault, Hash(s.sum.Sum(nil)))
	if err := s.write(appendSigLine(nil, ed25519.Sign(key, text))); err != nil {
		return Hash{}, err
	}
	return Hash(s.sum.Sum(nil)), s.w.Flush()
}
