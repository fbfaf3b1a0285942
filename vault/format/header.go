package format

import (
	"errors"
	"strconv"
)

// The first line of a segment or snapshot (vault.md 5.3).

var (
	errKind  = errors.New("signed as another kind of text")
	errVault = errors.New("belongs to another vault")
	errFirst = errors.New("seq 1 and only it has no prev")
)

// headerMembers are the names in a header; unknown members stand behind them.
var headerMembers = []string{"t", "v", "vault", "log", "seq", "prev", "epoch", "roster", "seen", "time", "ops", "heads"}

func appendHeader(dst []byte, typ string, h SegmentHeader) []byte {
	dst = appendInt(append(append(append(dst, `{"t":"`...), typ...), '"'), "v", Version)
	dst = appendStr(dst, "vault", h.Vault.String())
	dst = appendStr(dst, "log", h.Log)
	dst = appendInt(dst, "seq", int64(h.Seq))
	dst = appendStr(dst, "prev", prevText(h.Prev))
	dst = strconv.AppendInt(append(dst, `,"epoch":[`...), int64(h.Epoch), 10)
	dst = append(append(append(dst, `,"`...), h.EpochK...), `"]`...)
	dst = appendStr(dst, "roster", h.Roster.String())
	dst = appendMarks(dst, "seen", h.Seen)
	return appendInt(dst, "time", h.Time)
}

// prevText spells a hash that may be absent: the first file of a log has no previous plaintext and says "".
func prevText(h Hash) string {
	if h.IsZero() {
		return ""
	}
	return h.String()
}

func (h SegmentHeader) check() error {
	switch {
	case !isID16(string(h.Log)), len(h.EpochK) != h32Len || !isHex(h.EpochK):
		return errBadID
	case h.Seq < 1 || h.Seq > MaxSeq, h.Epoch < 1 || h.Epoch > MaxEpoch, h.Time < 0 || h.Time > MaxInt:
		return errRange
	case (h.Seq == 1) != h.Prev.IsZero():
		return errFirst
	}
	if err := checkMarks(h.Seen); err != nil {
		return err
	}
	return checkExtra(h.Extra, headerMembers...)
}

// parseHeader reads the members of a header and checks what it is and whose.
func parseHeader(line []byte, typ string, vault VaultID) (*object, error) {
	if len(line) >= MaxLine {
		return nil, ErrTooLarge
	}
	o, err := parseObject(line)
	if err != nil {
		return nil, err
	}
	o.kind(typ)
	if o.err == nil && o.vault("vault") != vault {
		return nil, errVault
	}
	return o, o.err
}

func (o *object) header() (h SegmentHeader) {
	h.Vault = o.vault("vault")
	h.Log = o.memberID("log")
	h.Seq = int(o.integer("seq", 1, MaxSeq))
	h.Prev = o.optHash("prev")
	h.Epoch, h.EpochK = o.epoch()
	h.Roster = o.hash("roster")
	h.Seen = o.marks("seen")
	h.Time = o.integer("time", 0, MaxInt)
	if o.err == nil && (h.Seq == 1) != h.Prev.IsZero() {
		o.fail("prev", errFirst)
	}
	return h
}

// optHash reads a hash or "", which is the one spelling of the absent hash.
func (o *object) optHash(name string) Hash {
	if s := o.str(name, maxShort); s == "" {
		return Hash{}
	}
	h := o.hash(name)
	if o.err == nil && h.IsZero() {
		o.fail(name, errBadHash)
	}
	return h
}

func (o *object) epoch() (int, string) {
	pair := o.elements("epoch", 2)
	if o.err != nil {
		return 0, ""
	}
	if len(pair) != 2 {
		o.fail("epoch", errType)
		return 0, ""
	}
	n, ok := intOf(pair[0])
	k, isText := text(pair[1])
	if !ok || n < 1 || n > MaxEpoch || !isText || len(k) != h32Len || !isHex(k) {
		o.fail("epoch", errRange)
		return 0, ""
	}
	return int(n), k
}
