package format

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

// Encode returns the lines of the segment, padded by Padmé with a floor of PadFloor, unsigned: pass it to Sign.
func (s Segment) Encode() ([]byte, error) { panic("contract: format.Segment.Encode") }

// DecodeSegment parses verified lines.
func DecodeSegment(v Verified) (Segment, error) { panic("contract: format.DecodeSegment") }
