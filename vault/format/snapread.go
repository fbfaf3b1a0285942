package format

import (
	"bufio"
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
)

var errChanged = errors.New("bytes changed between two readings")

// VerifiedSnapshot is a snapshot whose signature was checked in a first pass over all bytes; Read makes the second pass.
type VerifiedSnapshot struct {
	open  func() (io.ReadCloser, error)
	hash  Hash
	key   int
	vault VaultID
}

// Hash returns the SHA-256 of the whole plaintext.
func (v VerifiedSnapshot) Hash() Hash { return v.hash }

// Key returns which of the keys given to VerifySnapshot had signed.
func (v VerifiedSnapshot) Key() int { return v.key }

// VerifySnapshot reads the plaintext once, bounded by MaxSnapshot, and checks the signature. open is called again by Read;
// it must yield the same bytes (an age file that authenticates), and Read checks that it did.
func VerifySnapshot(vault VaultID, open func() (io.ReadCloser, error), keys ...ed25519.PublicKey) (VerifiedSnapshot, error) {
	r, err := open()
	if err != nil {
		return VerifiedSnapshot{}, fmt.Errorf("verify snapshot: %w", err)
	}
	defer r.Close()
	tail := &tailReader{sum: sha256.New()}
	if err := tail.readAll(r); err != nil {
		return VerifiedSnapshot{}, fmt.Errorf("verify snapshot: %w", err)
	}
	sig, ok := parseSigLine(tail.held)
	if !ok || !tail.line {
		return VerifiedSnapshot{}, fmt.Errorf("verify snapshot: %w", errUnsigned)
	}
	i := verifyAny(signedText(KindSnapshot, vault, Hash(tail.sum.Sum(nil))), sig, keys)
	if i < 0 {
		return VerifiedSnapshot{}, fmt.Errorf("verify snapshot: %w", ErrBadSignature)
	}
	tail.sum.Write(tail.held)
	return VerifiedSnapshot{open, Hash(tail.sum.Sum(nil)), i, vault}, nil
}

// tailReader hashes a stream except its last sigLineLen bytes, which it holds back.
type tailReader struct {
	sum  hash.Hash
	held []byte
	line bool // the hashed part ends with LF
	n    int
}

func (t *tailReader) readAll(r io.Reader) error {
	buf := make([]byte, 64<<10)
	for {
		n, err := r.Read(buf)
		if t.n += n; t.n > MaxSnapshot {
			return ErrTooLarge
		}
		t.push(buf[:n])
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (t *tailReader) push(b []byte) {
	t.held = append(t.held, b...)
	if cut := len(t.held) - sigLineLen; cut > 0 {
		t.sum.Write(t.held[:cut])
		t.line = t.held[cut-1] == '\n'
		t.held = append(t.held[:0], t.held[cut:]...)
	}
}

// Read parses the header and context, then calls record for each record in file order (a record split over several lines
// arrives as one). The bytes are hashed again on the way; a difference from the first pass is an error, and what the calls
// were given until then must be thrown away.
func (v VerifiedSnapshot) Read(head func(SnapshotHeader, Context) error, record func(Record) error) error {
	r, err := v.open()
	if err != nil {
		return fmt.Errorf("read snapshot: %w", err)
	}
	defer r.Close()
	s := &snapshotReader{sum: sha256.New(), headFunc: head, recordFunc: record, vault: v.vault}
	s.r = bufio.NewReaderSize(io.TeeReader(io.LimitReader(r, MaxSnapshot+1), s.sum), 256<<10)
	if err := s.readAll(); err != nil {
		return fmt.Errorf("read snapshot: %w", err)
	}
	if Hash(s.sum.Sum(nil)) != v.hash {
		return fmt.Errorf("read snapshot: %w", errChanged)
	}
	return nil
}

// snapshotReader reads lines in the one order in which they may stand: header, have, cloud, records, padding, signature.
type snapshotReader struct {
	r          *bufio.Reader
	sum        hash.Hash
	vault      VaultID
	headFunc   func(SnapshotHeader, Context) error
	recordFunc func(Record) error
	long       []byte // a line longer than the reader's buffer
	header     SnapshotHeader
	ctx        Context
	lastLog    MemberID
	haves      int
	cur        Record // the record that later lines may continue
	curSize    int
	stage      int
}

const (
	stageHeader = iota
	stageContext
	stageRecords
	stagePad
	stageEnd
)

func (s *snapshotReader) readAll() error {
	for {
		line, err := s.readLine()
		if err == io.EOF {
			break
		}
		if err == nil {
			err = s.line(line)
		}
		if err != nil {
			return err
		}
	}
	if s.stage != stageEnd {
		return errUnsigned
	}
	return nil
}

// readLine returns the next line without LF. io.EOF only at the end of a line.
func (s *snapshotReader) readLine() ([]byte, error) {
	line, err := s.r.ReadSlice('\n')
	if err == nil {
		return line[:len(line)-1], nil
	}
	s.long = s.long[:0]
	for errors.Is(err, bufio.ErrBufferFull) {
		if s.long = append(s.long, line...); len(s.long) > MaxLine {
			return nil, ErrTooLarge
		}
		line, err = s.r.ReadSlice('\n')
	}
	if err == io.EOF && len(s.long)+len(line) > 0 {
		return nil, io.ErrUnexpectedEOF
	}
	if err != nil {
		return nil, err
	}
	if s.long = append(s.long, line...); len(s.long) > MaxLine {
		return nil, ErrTooLarge
	}
	return s.long[:len(s.long)-1], nil
}

func (s *snapshotReader) line(line []byte) error {
	switch {
	case s.stage == stageHeader:
		s.stage = stageContext
		return s.head(line)
	case s.stage == stageContext && bytes.HasPrefix(line, []byte(`{"h":`)):
		return s.have(line)
	case s.stage == stageContext && bytes.HasPrefix(line, []byte(`{"c":`)):
		return s.cloud(line)
	case s.stage <= stageRecords && bytes.HasPrefix(line, []byte(`{"e":`)):
		return s.record(line)
	case s.stage <= stagePad && isPad(line):
		return s.enter(stagePad)
	case s.stage <= stagePad:
		if _, ok := parseSigLine(append(bytes.Clone(line), '\n')); ok {
			return s.enter(stageEnd)
		}
	}
	return errPad
}

// enter hands out what the stages before it have gathered.
func (s *snapshotReader) enter(stage int) error {
	if s.stage < stageRecords && stage >= stageRecords {
		if err := s.headFunc(s.header, s.ctx); err != nil {
			return err
		}
	}
	if stage > stageRecords {
		if err := s.flush(); err != nil {
			return err
		}
	}
	s.stage = stage
	return nil
}

func (s *snapshotReader) flush() error {
	r := s.cur
	s.cur = Record{}
	if r.ID == "" {
		return nil
	}
	return s.recordFunc(r)
}

func (s *snapshotReader) head(line []byte) error {
	o, err := parseHeader(line, snapType, s.vault)
	if err != nil {
		return err
	}
	s.header.SegmentHeader = o.header()
	s.header.Heads = o.marks("heads")
	s.header.Extra, err = o.finish()
	return err
}

func (s *snapshotReader) have(line []byte) error {
	o, err := parseObject(line)
	if err != nil {
		return err
	}
	log, sids := o.memberID("h"), o.str("s", MaxListItems*sidLen)
	if err := o.end(); err != nil {
		return err
	}
	n := len(sids) / sidLen
	if s.haves += n; s.haves > MaxHave {
		return ErrTooLarge
	}
	if log < s.lastLog || len(s.ctx.Cloud) > 0 {
		return errOrder
	}
	if n == 0 || len(sids)%sidLen != 0 {
		return errBadID
	}
	if s.lastLog = log; s.ctx.Have == nil {
		s.ctx.Have = map[MemberID][]SID{}
	}
	list := s.ctx.Have[log]
	for ; sids != ""; sids = sids[sidLen:] {
		if !isSID(sids[:sidLen]) {
			return errBadID
		}
		list = append(list, SID(sids[:sidLen]))
	}
	if s.ctx.Have[log] = list; len(s.ctx.Have) > MaxLogs {
		return ErrTooLarge
	}
	return nil
}

func (s *snapshotReader) cloud(line []byte) error {
	o, err := parseObject(line)
	if err != nil {
		return err
	}
	dots := o.dots("c", MaxListItems)
	if err := o.end(); err != nil {
		return err
	}
	if len(s.ctx.Cloud)+len(dots) > MaxCloud {
		return ErrTooLarge
	}
	if len(dots) == 0 {
		return errOrder // an empty list is not written
	}
	for _, d := range dots {
		if n := len(s.ctx.Cloud); n > 0 && s.ctx.Cloud[n-1].Compare(d) >= 0 {
			return errOrder
		}
		s.ctx.Cloud = append(s.ctx.Cloud, d)
	}
	return nil
}

func (s *snapshotReader) record(line []byte) error {
	if err := s.enter(stageRecords); err != nil {
		return err
	}
	r, err := parseRecordLine(line)
	if err != nil {
		return err
	}
	if r.ID == s.cur.ID {
		if s.curSize += len(line); s.curSize > MaxRecord {
			return ErrTooLarge
		}
		return s.cur.extend(r)
	}
	if r.ID < s.cur.ID {
		return errOrder
	}
	if err := s.flush(); err != nil {
		return err
	}
	s.cur, s.curSize = r, len(line)
	return nil
}
