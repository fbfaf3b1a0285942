package format

// MemberKind says what a member may do (vault.md 5.1).
type MemberKind string

// The kinds of member. KindPass is reserved.
const (
	KindDevice   MemberKind = "dev"
	KindRecovery MemberKind = "rec"
	KindHardware MemberKind = "hw"
	KindPass     MemberKind = "pass"
)

// StatementType is the member "t" of a roster statement.
type StatementType string

// The statements of version 1. grant, retire, lost and join are reserved.
const (
	StGenesis StatementType = "genesis"
	StAdd     StatementType = "add"
	StRevoke  StatementType = "revoke"
	StEpoch   StatementType = "epoch"
	StRekey   StatementType = "rekey"
)

// MemberKeys are the public keys that introduce a member. Sign is empty for hw.
type MemberKeys struct {
	ID   MemberID
	Kind MemberKind
	Name string // only in add
	Age  string // recipient string
	Sign string // base64url of the Ed25519 public key
}

// Statement is one signed roster statement; which members are set depends on Type (vault.md 5.3).
type Statement struct {
	Type    StatementType
	Vault   VaultID // zero in genesis
	Prev    []Hash  // empty in genesis, one hash otherwise
	By      MemberID
	At      int64             // ms since 1970
	Auth    []MemberKeys      // genesis
	Member  MemberKeys        // add, rekey (ID, Age, Sign)
	Proof   string            // add, rekey: base64url
	Revoked MemberID          // revoke
	Cut     map[MemberID]Mark // revoke, rekey
	Epoch   int               // epoch: n
	Rcpt    Hash              // epoch: SHA-256 of the recipient string
	Members []MemberID        // epoch: who is granted at its beginning
	Why     string            // epoch
	Extra   []byte            // unknown members, kept
}

// SignedStatement is one statement as it stands in a roster file: its exact line with LF (the body, which is what is hashed)
// and its signature. It is not verified yet: roster.Verify does that, in chain order, because the keys come from the chain.
type SignedStatement struct {
	Body []byte
	Sig  []byte
}

// Hash returns the statement's hash: SHA-256 of its line with LF.
func (s SignedStatement) Hash() Hash { return Sum(s.Body) }

// Encode returns the statement's line with LF.
func (s Statement) Encode() ([]byte, error) { panic("contract: format.Statement.Encode") }

// DecodeStatement parses one verified statement line.
func DecodeStatement(v Verified) (Statement, error) { panic("contract: format.DecodeStatement") }

// SplitRoster cuts a roster file into its statements without parsing them.
func SplitRoster(plain []byte) ([]SignedStatement, error) { panic("contract: format.SplitRoster") }

// JoinRoster writes statement line, signature line, repeated.
func JoinRoster(sts []SignedStatement) []byte { panic("contract: format.JoinRoster") }

// MemberProofText is what a new member's key signs: kind member over SHA-256(id LF kind LF age LF sign LF).
func MemberProofText(m MemberKeys) []byte { panic("contract: format.MemberProofText") }
