package format

// Limits of format 1 (vault.md 5.7, decisions.md "Compaction and limits"). Everything a decoder reads is checked against
// them before memory or time is spent.
const (
	MaxDepth         = 16        // nesting of JSON values
	MaxInt           = 1<<53 - 1 // largest integer anywhere
	MaxLine          = 8 << 20   // bytes of one line, LF included
	MaxValue         = 1 << 20   // bytes of one field's value before escaping
	MaxHistValue     = 7 << 20   // bytes of one hist/ row
	MaxPath          = 512       // bytes of a field path
	MaxFields        = 4096      // fields of one entry without history
	MaxSegment       = 32 << 20  // bytes of one segment's plaintext, as read
	MaxSegmentWrite  = 16 << 20  // bytes of one segment's plaintext, as written
	MaxOps           = 1 << 20   // ops of one segment
	MaxReplaces      = 1 << 16   // dots in one op's x
	MaxRoster        = 16 << 20  // bytes of one roster file's plaintext
	MaxStatements    = 4096      // statements in a roster
	MaxSlotFile      = 16 << 10  // bytes of one slot file's plaintext
	MaxSnapshot      = 1 << 30   // bytes of one snapshot's plaintext
	MaxAttachment    = 4 << 30   // bytes of one attachment
	MaxLogs          = 10000     // logs in a vault
	MaxListItems     = 65536     // sids or dots in one have or cloud line
	MaxWorkFactorLog = 22        // scrypt log2(N) of a local passphrase file
	PadFloor         = 2 << 10   // smallest padded plaintext of a segment or snapshot
	MaxSeq           = 99999999  // files of one log: seq8 has eight digits
	MaxEpoch         = 999999    // epochs: e6 has six digits
	MaxPrevFile      = 4 << 20   // bytes of one prev file's plaintext: room for 20,000 epochs
	MaxRecord        = 256 << 20 // bytes of one record's lines in a snapshot
	MaxHave          = 1 << 22   // sids in a snapshot's have
	MaxCloud         = 1 << 22   // dots in a snapshot's cloud
	MaxMembers       = 4096      // members that one statement names
	MaxName          = 256       // bytes of a member's or a file's name, of a reason
	MaxRecipient     = 4096      // bytes of a recipient string (hybrid: 1959)
	MaxHeadsJSON     = 4 << 20   // bytes of one heads slot
	MaxPending       = 4096      // parts of one committed but unrenamed edit
	MaxHint          = 16 << 10  // bytes of VAULT, device.json and unlock/NAME.json
	MaxSheet         = 16 << 10  // bytes of a recovery sheet, or of a code as typed

	maxShort = 128 // characters of an id, a hash, a word of ours
)
