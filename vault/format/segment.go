package format

import (
	"bytes"
	"errors"
	"fmt"
)

// SegmentHeader is the first line of a segment or snapshot.
type SegmentHeader struct {
	Vault  VaultID
	Log    MemberID
	Seq    int               // 1 is the first
	Prev   Hash              // of the previous plaintext of this log; zero for the first
	Epoch  int               // number of the epoch it is sealed to
	EpochK string            // first 32 hex of SHA-256(recipient string of the epoch)
	Roster Hash              // head statement of the roster the writer knew
	Seen   map[MemberID]Mark // what the writer had folded of the other logs
	Time   int64             // milliseconds since 1970
	Extra  []byte            // unknown members, kept
}

// Segment is one file of a log: what one command or one part of an import wrote.
type Segment struct {
	Header SegmentHeader
	Ops    []Op
}

const (
	segType   = "seg"
	maxOpLine = MaxLine - 4<<10 // leaves room for the dot, so that every op fits a snapshot's line as well
)

// Encode returns the lines of the segment, padded by Padmé with a floor of PadFloor, unsigned: pass it to Sign.
func (s Segment) Encode() ([]byte, error) {
	if err := s.check(); err != nil {
		return nil, fmt.Errorf("encode segment: %w", err)
	}
	out := appendHeader(make([]byte, 0, s.estimate()), segType, s.Header)
	out = appendExtra(appendInt(out, "ops", int64(len(s.Ops))), s.Header.Extra)
	out = append(out, "}\n"...)
	for _, op := range s.Ops {
		start := len(out)
		out = append(appendOp(out, op), '\n')
		if len(out)-start > maxOpLine || len(out) > MaxSegmentWrite {
			return nil, fmt.Errorf("encode segment: %w", ErrTooLarge)
		}
	}
	out = appendPad(out, len(out))
	if len(out)+sigLineLen > MaxSegmentWrite {
		return nil, fmt.Errorf("encode segment: %w", ErrTooLarge)
	}
	return out, nil
}

// estimate guesses the encoded length, so that the buffer of an import grows rarely and leaves few copies.
func (s Segment) estimate() int {
	n := PadFloor
	for i := range s.Ops {
		op := &s.Ops[i]
		n += 2*minOpLine + len(op.Field) + len(op.Replaces)*(sidLen+8) + len(op.Extra)
		if op.Value != nil {
			n += len(*op.Value) + 8
		}
	}
	return min(n+n/8, MaxSegmentWrite)
}

func (s Segment) check() error {
	if err := s.Header.check(); err != nil {
		return err
	}
	if len(s.Ops) > MaxOps {
		return ErrTooLarge
	}
	for i, op := range s.Ops {
		if err := checkOp(op); err != nil {
			return fmt.Errorf("op %d: %w", i, err)
		}
	}
	return checkOnce(s.Ops)
}

// DecodeSegment parses verified lines.
func DecodeSegment(v Verified) (Segment, error) {
	s, err := decodeSegment(v)
	if err != nil {
		return Segment{}, fmt.Errorf("decode segment: %w", err)
	}
	return s, nil
}

func decodeSegment(v Verified) (s Segment, err error) {
	if v.kind != KindSegment {
		return Segment{}, errKind
	}
	if len(v.body)+sigLineLen > MaxSegment {
		return Segment{}, ErrTooLarge
	}
	line, rest, _ := bytes.Cut(v.body, lf)
	o, err := parseHeader(line, segType, v.vault)
	if err != nil {
		return Segment{}, err
	}
	s.Header = o.header()
	n := o.integer("ops", 0, MaxOps)
	if s.Header.Extra, err = o.finish(); err != nil {
		return Segment{}, err
	}
	if s.Ops, rest, err = decodeOps(rest, int(n)); err != nil {
		return Segment{}, err
	}
	if err := checkPads(rest); err != nil {
		return Segment{}, err
	}
	return s, checkOnce(s.Ops)
}

func decodeOps(rest []byte, n int) ([]Op, []byte, error) {
	ops := make([]Op, 0, min(n, len(rest)/minOpLine))
	for i := range n {
		var line []byte
		line, rest, _ = bytes.Cut(rest, lf)
		if len(line) >= maxOpLine {
			return nil, nil, ErrTooLarge
		}
		op, err := parseOp(line)
		if err != nil {
			return nil, nil, fmt.Errorf("op %d: %w", i, err)
		}
		ops = append(ops, op)
	}
	return ops, rest, nil
}

// checkOnce refuses two ops for one field of one record. Ops that stand in order, as imports write them, need no map.
func checkOnce(ops []Op) error {
	sorted := true
	for i := 1; i < len(ops) && sorted; i++ {
		a, b := &ops[i-1], &ops[i]
		sorted = a.Record < b.Record || a.Record == b.Record && a.Field < b.Field
	}
	if sorted {
		return nil
	}
	type place struct {
		record RecordID
		field  string
	}
	seen := make(map[place]struct{}, len(ops))
	for i := range ops {
		at := place{ops[i].Record, ops[i].Field}
		if _, twice := seen[at]; twice {
			return errors.New("two ops write one field")
		}
		seen[at] = struct{}{}
	}
	return nil
}
