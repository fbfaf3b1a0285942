package format

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"fmt"
	"slices"
	"unicode"
	"unicode/utf8"
)

var (
	errStatement = errors.New("malformed statement")
	errSelf      = errors.New("genesis is not signed by a device it names")
)

// DecodeStatement parses one verified statement line.
func DecodeStatement(v Verified) (Statement, error) {
	if v.kind != KindRoster {
		return Statement{}, fmt.Errorf("decode statement: %w", errKind)
	}
	s, err := decodeStatement(v.body)
	if err == nil && s.Type != StGenesis && s.Vault != v.vault {
		err = errVault
	}
	if err == nil && s.Type == StGenesis && VaultID(Sum(v.body)) != v.vault {
		err = errVault
	}
	if err != nil {
		return Statement{}, fmt.Errorf("decode statement: %w", err)
	}
	return s, nil
}

// VerifyGenesis checks the statement that a chain begins with. It is the one text that carries its own keys: the vault id
// is the hash of its body, and the device that it names as by signed it. Whoever knows the vault id compares it.
func VerifyGenesis(st SignedStatement) (Statement, VaultID, error) {
	s, err := decodeStatement(st.Body)
	if err != nil {
		return Statement{}, VaultID{}, fmt.Errorf("verify genesis: %w", err)
	}
	i := slices.IndexFunc(s.Auth, func(m MemberKeys) bool { return m.ID == s.By && m.Kind == KindDevice })
	if s.Type != StGenesis || i < 0 {
		return Statement{}, VaultID{}, fmt.Errorf("verify genesis: %w", errSelf)
	}
	key, err := s.Auth[i].PublicKey()
	if err != nil {
		return Statement{}, VaultID{}, fmt.Errorf("verify genesis: %w", err)
	}
	id := VaultID(st.Hash())
	if !ed25519.Verify(key, SignedText(KindRoster, id, st.Body), st.Sig) {
		return Statement{}, VaultID{}, fmt.Errorf("verify genesis: %w", ErrBadSignature)
	}
	return s, id, nil
}

// PublicKey decodes Sign.
func (m MemberKeys) PublicKey() (ed25519.PublicKey, error) {
	b, ok := decode64(m.Sign, ed25519.PublicKeySize)
	if !ok {
		return nil, fmt.Errorf("signing key of a member: %w", errType)
	}
	return b, nil
}

// SignText spells a public key for MemberKeys.Sign.
func SignText(key ed25519.PublicKey) string { return b64.EncodeToString(key) }

func decodeStatement(body []byte) (s Statement, err error) {
	line, isLine := bytes.CutSuffix(body, lf)
	if !isLine || bytes.IndexByte(line, '\n') >= 0 {
		return Statement{}, errStatement
	}
	if len(body) > MaxLine {
		return Statement{}, ErrTooLarge
	}
	o, err := parseObject(line)
	if err != nil {
		return Statement{}, err
	}
	s.Type = StatementType(o.kind(string(StGenesis), string(StAdd), string(StRevoke), string(StEpoch), string(StRekey)))
	if s.Type != StGenesis && o.err == nil {
		s.Vault = o.vault("vault")
	}
	s.Prev = o.hashes("prev")
	s.By = o.memberID("by")
	s.At = o.integer("at", 0, MaxInt)
	s.readOwn(o)
	if s.Extra, err = o.finish(); err == nil {
		err = s.check()
	}
	if err != nil {
		return Statement{}, err
	}
	return s, nil
}

// readOwn reads the members that only this type has.
func (s *Statement) readOwn(o *object) {
	if o.err != nil {
		return
	}
	switch s.Type {
	case StGenesis:
		s.Auth = o.auth()
	case StAdd:
		s.Member = o.keys()
		s.Member.Name = o.str("name", MaxName)
		s.Proof = o.str("proof", maxShort)
	case StRevoke:
		s.Revoked = o.memberID("id")
		s.Cut = o.marks("cut")
	case StEpoch:
		s.Epoch = int(o.integer("n", 1, MaxEpoch))
		s.Rcpt = o.hash("rcpt")
		s.Members = o.ids("members")
		s.Why = o.str("why", MaxName)
	case StRekey:
		s.Member = MemberKeys{ID: o.memberID("id"), Age: o.str("age", MaxRecipient), Sign: o.optStr("sign", maxShort)}
		s.Proof = o.str("proof", maxShort)
		s.Cut = o.marks("cut")
	}
}

func (o *object) keys() MemberKeys {
	return MemberKeys{
		ID:   o.memberID("id"),
		Kind: MemberKind(o.str("kind", maxShort)),
		Age:  o.str("age", MaxRecipient),
		Sign: o.optStr("sign", maxShort),
	}
}

func (o *object) auth() []MemberKeys {
	var list []MemberKeys
	for _, raw := range o.elements("auth", MaxMembers) {
		in, err := parseObject(raw)
		if err != nil {
			o.fail("auth", err)
			return nil
		}
		list = append(list, in.keys())
		if err := in.end(); err != nil {
			o.fail("auth", err)
			return nil
		}
	}
	return list
}

func (o *object) hashes(name string) []Hash {
	var list []Hash
	for _, raw := range o.elements(name, 1) {
		s, _ := text(raw)
		h, err := ParseHash(s)
		if err != nil {
			o.fail(name, err)
			return nil
		}
		list = append(list, h)
	}
	return list
}

func (o *object) ids(name string) []MemberID {
	var list []MemberID
	for _, raw := range o.elements(name, MaxMembers) {
		s, _ := text(raw)
		id, err := ParseMemberID(s)
		if err != nil {
			o.fail(name, err)
			return nil
		}
		list = append(list, id)
	}
	return list
}

// check refuses what no version 1 writes; Encode and decoding share it. What a chain allows is the business of
// vault/roster.
func (s Statement) check() error {
	if !isID16(string(s.By)) || s.At < 0 || s.At > MaxInt {
		return errStatement
	}
	if want := 1; (s.Type == StGenesis) == (len(s.Prev) == want) || len(s.Prev) > want {
		return fmt.Errorf("prev: %w", errStatement)
	}
	if err := s.checkOwn(); err != nil {
		return err
	}
	return checkExtra(s.Extra, statementMembers...)
}

func (s Statement) checkOwn() error {
	switch s.Type {
	case StGenesis:
		return checkAuth(s.Auth)
	case StAdd:
		if !checkLabel(s.Member.Name) || !isProof(s.Proof) {
			return fmt.Errorf("add: %w", errStatement)
		}
		return checkKeys(s.Member)
	case StRevoke:
		if !isID16(string(s.Revoked)) {
			return errBadID
		}
		return checkMarks(s.Cut)
	case StEpoch:
		return s.checkEpoch()
	case StRekey:
		if !isID16(string(s.Member.ID)) || !checkAge(s.Member.Age) || !isProof(s.Proof) {
			return fmt.Errorf("rekey: %w", errStatement)
		}
		if _, err := s.Member.PublicKey(); s.Member.Sign != "" && err != nil {
			return err
		}
		return checkMarks(s.Cut)
	}
	return ErrNewer
}

func (s Statement) checkEpoch() error {
	if s.Epoch < 1 || s.Epoch > MaxEpoch || len(s.Members) > MaxMembers || !checkLabel(s.Why) {
		return fmt.Errorf("epoch: %w", errStatement)
	}
	seen := make(map[MemberID]bool, len(s.Members))
	for _, id := range s.Members {
		if !isID16(string(id)) || seen[id] {
			return fmt.Errorf("epoch: %w", errBadID)
		}
		seen[id] = true
	}
	return nil
}

func checkAuth(auth []MemberKeys) error {
	if len(auth) == 0 || len(auth) > MaxMembers {
		return fmt.Errorf("auth: %w", errStatement)
	}
	for _, m := range auth {
		if err := checkKeys(m); err != nil {
			return err
		}
	}
	return nil
}

func checkKeys(m MemberKeys) error {
	if !isID16(string(m.ID)) || !m.Kind.valid() || !checkAge(m.Age) {
		return fmt.Errorf("member: %w", errStatement)
	}
	if signs := m.Kind == KindDevice || m.Kind == KindRecovery; signs != (m.Sign != "") {
		return fmt.Errorf("member: signing key: %w", errStatement)
	}
	if m.Sign == "" {
		return nil
	}
	_, err := m.PublicKey()
	return err
}

// checkAge accepts the characters of a recipient string; whether it is one is the business of vault/seal.
func checkAge(s string) bool {
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c >= 0x7f || c == '"' || c == '\\' {
			return false
		}
	}
	return s != "" && len(s) <= MaxRecipient
}

// isProof accepts an Ed25519 signature (dev, rec) or an HMAC-SHA-256 (hw) in base64url.
func isProof(s string) bool {
	_, sig := decode64(s, ed25519.SignatureSize)
	_, mac := decode64(s, 32)
	return sig || mac
}

// checkLabel accepts a name for people: UTF-8 without control characters.
func checkLabel(s string) bool {
	if len(s) > MaxName || !utf8.ValidString(s) {
		return false
	}
	for _, r := range s {
		if unicode.IsControl(r) {
			return false
		}
	}
	return true
}
