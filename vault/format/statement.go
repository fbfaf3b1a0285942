package format

import "fmt"

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

// valid reports whether k is a kind of version 1.
func (k MemberKind) valid() bool {
	return k == KindDevice || k == KindRecovery || k == KindHardware || k == KindPass
}

// statementMembers are the names in any statement; unknown members stand behind them.
var statementMembers = []string{
	"t", "v", "vault", "prev", "by", "at", "auth", "id", "kind", "name", "age", "sign", "proof", "cut", "n", "rcpt", "members", "why",
}

// Encode returns the statement's line with LF.
func (s Statement) Encode() ([]byte, error) {
	if err := s.check(); err != nil {
		return nil, fmt.Errorf("encode statement: %w", err)
	}
	line := appendInt(append(append([]byte(`{"t":"`), s.Type...), '"'), "v", Version)
	if s.Type != StGenesis {
		line = appendStr(line, "vault", s.Vault.String())
	}
	line = append(line, `,"prev":[`...)
	for _, h := range s.Prev {
		line = appendText(line, h.String())
	}
	line = appendInt(appendStr(append(line, ']'), "by", s.By), "at", s.At)
	line = append(appendExtra(s.appendOwn(line), s.Extra), "}\n"...)
	if len(line) > MaxLine {
		return nil, fmt.Errorf("encode statement: %w", ErrTooLarge)
	}
	return line, nil
}

// appendOwn appends the members that only this type has.
func (s Statement) appendOwn(line []byte) []byte {
	switch s.Type {
	case StGenesis:
		line = append(line, `,"auth":[`...)
		for i, m := range s.Auth {
			if i > 0 {
				line = append(line, ',')
			}
			line = append(appendKeys(line, m, false), '}')
		}
		return append(line, ']')
	case StAdd:
		line = append(line, ',')
		return appendStr(appendKeys(line, s.Member, true), "proof", s.Proof)
	case StRevoke:
		return appendMarks(appendStr(line, "id", s.Revoked), "cut", s.Cut)
	case StEpoch:
		line = appendStr(appendInt(line, "n", int64(s.Epoch)), "rcpt", s.Rcpt.String())
		line = append(line, `,"members":[`...)
		for i, id := range s.Members {
			if i > 0 {
				line = append(line, ',')
			}
			line = appendText(line, string(id))
		}
		return appendStr(append(line, ']'), "why", s.Why)
	case StRekey:
		line = appendStr(appendStr(line, "id", s.Member.ID), "age", s.Member.Age)
		line = appendSign(line, s.Member.Sign)
		return appendMarks(appendStr(line, "proof", s.Proof), "cut", s.Cut)
	}
	return line
}

// appendKeys appends a member's members: in auth as an object of its own, still open, in add without a brace.
func appendKeys(dst []byte, m MemberKeys, named bool) []byte {
	if !named {
		dst = append(dst, '{')
	}
	dst = appendText(append(dst, `"id":`...), string(m.ID))
	dst = appendStr(dst, "kind", m.Kind)
	if named {
		dst = appendStr(dst, "name", m.Name)
	}
	return appendSign(appendStr(dst, "age", m.Age), m.Sign)
}

// appendSign appends the signing key; a member that does not sign has none.
func appendSign(dst []byte, sign string) []byte {
	if sign == "" {
		return dst
	}
	return appendStr(dst, "sign", sign)
}

// MemberProofText is what a new member's key signs: kind member over SHA-256(id LF kind LF age LF sign LF).
func MemberProofText(m MemberKeys) []byte {
	return []byte(string(m.ID) + "\n" + string(m.Kind) + "\n" + m.Age + "\n" + m.Sign + "\n")
}
