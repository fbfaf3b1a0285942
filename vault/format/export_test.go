package format

// The two ways to read a line, for the tests that prove them equal.
var (
	ScanOp            = scanOp
	ParseOpStrict     = parseOpStrict
	ParseOp           = parseOp
	AppendOp          = appendOp
	ScanRecord        = scanRecord
	ParseRecordStrict = parseRecordStrict
	CheckRecord       = checkRecord
	CheckJSON         = checkJSON
	ParseHeads        = parseHeads
	AppendPad         = appendPad
	IsPad             = isPad
	WordList          = wordList
	EncodeIdentity    = encodeIdentity
	DecodeIdentity    = decodeIdentity
)

// Constants of the format that tests name.
const (
	SigLineLen = sigLineLen
	PadLine    = padLine
)
