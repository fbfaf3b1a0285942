package roster

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"signet/vault/format"
)

// attacks are what an attacker may put into the chain of a vault with a laptop, its code, a phone and a hardware key, where
// Mallory was added and revoked. Each is refused, and for its own reason.
var attacks = []struct {
	name string
	say  []said
	want string // in the text of the error, which is ErrForged
}{
	{name: "a stranger signs in its own name", say: []said{add(someone(format.KindDevice, "stranger"), newCode)}, want: "unknown member"},
	{name: "a stranger signs in the laptop's name", say: []said{{add(laptop, newCode).Statement, mallory.key}}, want: "signature does not match"},
	{name: "a revoked device signs an add", say: []said{add(mallory, newCode)}, want: "revoked member"},
	{name: "a revoked device signs its own return", say: []said{rekey(mallory, mallory.renewed("back"))}, want: "revoked member"},
	{name: "a revoked device signs an epoch", say: []said{epoch(mallory, 2, mallory, laptop)}, want: "revoked member"},
	{name: "a revoked device is added again under its id", say: []said{add(laptop, mallory)}, want: "taken"},
	{name: "a revoked device's keys come back under a new id", say: []said{add(laptop, withID(mallory, "new"))}, want: "used before"},
	{name: "a revoked device is granted an epoch", say: []said{epoch(laptop, 2, laptop, code, mallory)}, want: "grants a revoked"},
	{name: "a hardware key adds a member", say: []said{{add(token, newCode).Statement, laptop.key}}, want: "may not sign"},
	{name: "a hardware key revokes", say: []said{{revoke(token, phone).Statement, laptop.key}}, want: "may not sign"},
	{name: "a member with a stolen id", say: []said{add(laptop, withID(newCode, "phone"))}, want: "taken"},
	{name: "a member whose id begins like another's", say: []said{add(laptop, lookAlike(newCode, phone))}, want: "taken"},
	{name: "a member with another's recipient", say: []said{add(laptop, withAge(newCode, phone.Age))}, want: "used before"},
	{name: "a member with another's signing key", say: []said{add(laptop, withSign(newCode, phone))}, want: "used before"},
	{name: "a proof by another key", say: []said{proofBy(mallory, newCode)}, want: "proof"},
	{name: "a proof for other keys", say: []said{proofFor(withAge(newCode, "age1pq1other"), newCode)}, want: "proof"},
	{name: "a hardware key with a signature as proof", say: []said{proofBy(mallory, someone(format.KindHardware, "token3"))}, want: "hardware key"},
	{name: "an epoch number that jumps", say: []said{epoch(laptop, 3, laptop, code)}, want: "epoch 3 follows"},
	{name: "an epoch number again", say: []said{epoch(laptop, 1, laptop, code)}, want: "epoch 1 follows"},
	{name: "an old epoch's recipient", say: []said{epochOf(2, rcpt(1), laptop, code)}, want: "used before"},
	{name: "an epoch without a recipient", say: []said{epochOf(2, format.Hash{}, laptop, code)}, want: "missing"},
	{name: "an epoch for nobody", say: []said{epoch(laptop, 2)}, want: "grants 0"},
	{name: "an epoch for a stranger", say: []said{epoch(laptop, 2, laptop, newCode)}, want: "unknown member"},
	{name: "a second genesis in the chain", say: []said{by(laptop, format.Statement{
		Type: format.StGenesis, Auth: []format.MemberKeys{laptop.MemberKeys},
	})}, want: ""},
	{name: "a stranger is revoked", say: []said{revoke(laptop, newCode)}, want: "unknown member"},
	{name: "a member is revoked twice", say: []said{revoke(laptop, mallory)}, want: "twice"},
	{name: "everybody who can sign is revoked", say: []said{revoke(laptop, code), revoke(laptop, phone), revoke(laptop, laptop)}, want: "nobody"},
	{name: "a cut of somebody else's log", say: []said{cutting(revoke(laptop, phone), laptop, file(1))}, want: "not the member's"},
	{name: "a cut of a code, which has no log", say: []said{revoke(laptop, code, file(1))}, want: "not the member's"},
	{name: "a revoked device is rekeyed", say: []said{rekey(laptop, mallory.renewed("back"))}, want: "rekeys a revoked"},
	{name: "a rekey to the old keys", say: []said{rekey(laptop, laptop)}, want: "used before"},
	{name: "a rekey to another's keys", say: []said{rekey(laptop, withID(withSign(newCode, phone), "laptop"))}, want: "used before"},
	{name: "a new member with the keys that another was given by rekey", say: []said{
		rekey(laptop, laptop.renewed("laptop2")), {add(laptop, twin).Statement, laptop.renewed("laptop2").key},
	}, want: "used before"},
	{name: "a rekey proven by another key", say: []said{reproved(rekey(laptop, laptop.renewed("laptop2")), mallory)}, want: "proof"},
	{name: "a rekey that cuts another's log", say: []said{cutting(rekey(laptop, laptop.renewed("laptop2")), phone, file(1))}, want: "not the member's"},
	{name: "a rekey of a stranger", say: []said{rekey(laptop, newCode)}, want: "unknown member"},
	{name: "the old key signs after its rekey", say: []said{rekey(laptop, laptop.renewed("laptop2")), add(laptop, newCode)}, want: "signature does not match"},
	{name: "a code without authority rekeys another", say: []said{
		add(phone, newCode), rekey(newCode, laptop.renewed("laptop2")),
	}, want: "without authority"},
	{name: "a proof from another vault", say: []said{proofIn(format.VaultID{1}, newCode)}, want: "proof"},
}

// twin has the keys that the laptop gets by a rekey, and an id of its own.
var twin = withAge(withSign(newCode, laptop.renewed("laptop2")), "age1pq1twin")

func TestAttackIsRefused(t *testing.T) {
	t.Parallel()
	base := crowd(t)
	for _, at := range attacks {
		t.Run(at.name, func(t *testing.T) {
			t.Parallel()
			a := Extend(base)
			for _, s := range at.say {
				s = s.prove(t, a.Vault(), append(known, mallory.renewed("back"), someone(format.KindHardware, "token3"),
					twin, withID(mallory, "new"), withID(newCode, "phone"), lookAlike(newCode, phone), withAge(newCode, phone.Age),
					withSign(newCode, phone), withID(withSign(newCode, phone), "laptop")))
				if err := a.Append(s.Statement, s.key); err != nil {
					if at.want == "" {
						return // the codec has no words for it
					}
					t.Fatal(err)
				}
			}
			_, r, err := a.Done()
			if !errors.Is(err, ErrForged) || !strings.Contains(err.Error(), at.want) {
				t.Errorf("error is %v, want ErrForged with %q", err, at.want)
			}
			if r != nil {
				t.Error("a roster was given out")
			}
		})
	}
}

// crowd is the vault that the attacks are aimed at.
func crowd(t *testing.T) *Roster {
	t.Helper()
	return mustBegin(t, add(laptop, phone), add(laptop, token), add(laptop, mallory), revoke(phone, mallory, file(3)))
}

func withID(p person, name string) person {
	p.ID = someone(format.KindDevice, name).ID
	return p
}

// lookAlike gives p an id that differs from like's only behind the first eight characters.
func lookAlike(p, like person) person {
	raw := []byte(like.ID)
	raw[10] ^= 'a' ^ 'b'
	if raw[10] < 'a' || raw[10] > 'z' {
		raw[10] = 'q'
	}
	p.ID = format.MemberID(raw)
	return p
}

func withAge(p person, age string) person {
	p.Age = age
	return p
}

func withSign(p, like person) person {
	p.Sign, p.key = like.Sign, like.key
	return p
}

func proofBy(signer, who person) said {
	s := add(laptop, who)
	s.Proof = Proof(format.VaultID{}, who.MemberKeys, signer.key)
	return s
}

func proofFor(other, who person) said {
	s := add(laptop, who)
	s.Proof = Proof(format.VaultID{}, other.MemberKeys, who.key)
	return s
}

func proofIn(vault format.VaultID, who person) said {
	s := add(laptop, who)
	s.Proof = Proof(vault, who.MemberKeys, who.key)
	return s
}

func reproved(s said, signer person) said {
	s.Proof = Proof(format.VaultID{}, s.Member, signer.key)
	return s
}

func epochOf(n int, r format.Hash, who ...person) said {
	s := epoch(laptop, n, who...)
	s.Rcpt = r
	return s
}

func cutting(s said, log person, at format.Mark) said {
	s.Cut = map[format.MemberID]format.Mark{log.ID: at}
	return s
}

// Attacks on the file, by somebody who cannot sign: parts of valid files put together in another way.

func refused(t *testing.T, what string, file []byte, want format.VaultID, is error) {
	t.Helper()
	r, err := Verify(file, want)
	if !errors.Is(err, is) || r != nil {
		t.Errorf("%s: roster %v, error %v, want %v", what, r != nil, err, is)
	}
}

func TestAttackForeignVault(t *testing.T) {
	t.Parallel()
	ours := crowd(t)
	a, err := Genesis(mallory.MemberKeys, mallory.key, 5)
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := finish(t, a, []said{add(mallory, mallory), epoch(mallory, 1, mallory)})
	if err != nil {
		t.Fatal(err)
	}
	refused(t, "another vault's roster", plain(theirs), ours.Vault, ErrForeign)
	spliced := append(slices.Clone(ours.Chain), theirs.Chain[1:]...)
	refused(t, "another vault's statements", format.JoinRoster(spliced), ours.Vault, ErrForged)
	spliced = append(slices.Clone(theirs.Chain[:1]), ours.Chain[1:]...)
	refused(t, "our statements under another genesis", format.JoinRoster(spliced), format.VaultID{}, ErrForged)
}

func TestAttackSwappedSignatureLines(t *testing.T) {
	t.Parallel()
	r := crowd(t)
	for i := range len(r.Chain) - 1 {
		chain := slices.Clone(r.Chain)
		chain[i].Sig, chain[i+1].Sig = chain[i+1].Sig, chain[i].Sig
		refused(t, "swapped signatures", format.JoinRoster(chain), r.Vault, ErrForged)
	}
}

func TestAttackReorderedStatements(t *testing.T) {
	t.Parallel()
	r := crowd(t)
	for i := 1; i < len(r.Chain)-1; i++ {
		chain := slices.Clone(r.Chain)
		chain[i], chain[i+1] = chain[i+1], chain[i]
		refused(t, "two statements swapped", format.JoinRoster(chain), r.Vault, ErrForged)
	}
}

func TestAttackDroppedOrDoubledStatement(t *testing.T) {
	t.Parallel()
	r := crowd(t)
	for i := 1; i < len(r.Chain)-1; i++ {
		dropped := slices.Delete(slices.Clone(r.Chain), i, i+1)
		if _, err := Verify(format.JoinRoster(dropped), r.Vault); err == nil {
			t.Errorf("statement %d may be missing", i)
		}
		doubled := slices.Insert(slices.Clone(r.Chain), i, r.Chain[i])
		if _, err := Verify(format.JoinRoster(doubled), r.Vault); err == nil {
			t.Errorf("statement %d may stand twice", i)
		}
	}
}

// A statement that stands on an earlier one than the last makes two branches, which no file holds.
func TestAttackForkInOneFile(t *testing.T) {
	t.Parallel()
	base := crowd(t)
	one, two := mustExtend(t, base, add(laptop, newCode)), mustExtend(t, base, epoch(phone, 2, laptop, phone, code))
	both := append(slices.Clone(one.Chain), two.Chain[len(base.Chain):]...)
	refused(t, "two branches in one file", format.JoinRoster(both), base.Vault, ErrForked)
}

// An old roster verifies: it was valid once. Whoever has seen a newer one notices by Extends and Compare.
func TestAttackOldRosterIsNoticed(t *testing.T) {
	t.Parallel()
	now := crowd(t)
	old, err := Verify(format.JoinRoster(now.Chain[:4]), now.Vault)
	if err != nil {
		t.Fatal(err)
	}
	if old.Extends(now.Head) {
		t.Error("an old roster passes for one that extends the pinned head")
	}
	if c := Compare(old, now); c.Relation != Behind || c.Common != 4 {
		t.Errorf("comparison is %+v", c)
	}
}

func TestAttackEveryFlippedBitIsNoticed(t *testing.T) {
	t.Parallel()
	r := mustBegin(t)
	file := plain(r)
	for i := 0; i < len(file); i += 3 {
		bad := bytes.Clone(file)
		bad[i] ^= 1 << (i % 8)
		if got, err := Verify(bad, r.Vault); err == nil || got != nil {
			t.Fatalf("byte %d (%q) may change", i, file[i])
		}
	}
}

func TestAttackEveryTruncationInsideAStatementIsNoticed(t *testing.T) {
	t.Parallel()
	r := mustBegin(t)
	file, whole := plain(r), map[int]bool{}
	for i := range r.Chain {
		whole[len(format.JoinRoster(r.Chain[:i+1]))] = true
	}
	for n := range file {
		if _, err := Verify(file[:n], r.Vault); err == nil && !whole[n] {
			t.Fatalf("%d of %d bytes pass", n, len(file))
		}
	}
}

// Members twice, or in another case, are read differently by different readers; the codec refuses them although they are
// signed by somebody who may sign.
func TestAttackAmbiguousMembers(t *testing.T) {
	t.Parallel()
	r := mustBegin(t)
	body := Extend(r)
	if err := body.Append(add(laptop, newCode).prove(t, r.Vault, known).Statement, laptop.key); err != nil {
		t.Fatal(err)
	}
	good := body.chain[len(body.chain)-1].Body
	for _, tt := range []struct{ name, old, new string }{
		{"by twice", `"at":`, `"by":"` + string(phone.ID) + `","at":`},
		{"by in another case", `"at":`, `"By":"` + string(phone.ID) + `","at":`},
		{"kind twice", `"kind":"rec"`, `"kind":"rec","kind":"dev"`},
		{"a number with a fraction", `"at":1000`, `"at":1000.0`},
		{"two values", "}\n", "}{}\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			bad := bytes.Replace(good, []byte(tt.old), []byte(tt.new), 1)
			if bytes.Equal(bad, good) {
				t.Fatal("the test changes nothing")
			}
			file := append(plain(r), format.Sign(format.KindRoster, r.Vault, bad, laptop.key)...)
			refused(t, tt.name, file, r.Vault, ErrForged)
		})
	}
}

// A signature of another kind over the same bytes is none.
func TestAttackSignatureOfAnotherKind(t *testing.T) {
	t.Parallel()
	r := mustBegin(t)
	last := r.Chain[len(r.Chain)-1].Body
	for _, kind := range []format.Kind{format.KindSegment, format.KindSnapshot, format.KindMember, format.KindJoin} {
		file := append(format.JoinRoster(r.Chain[:len(r.Chain)-1]), format.Sign(kind, r.Vault, last, laptop.key)...)
		refused(t, string(kind), file, r.Vault, ErrForged)
	}
}

// Genesis decides everything that follows, so it is checked hardest.
func TestAttackGenesis(t *testing.T) {
	t.Parallel()
	self := laptop.MemberKeys
	for _, tt := range []struct {
		name  string
		auth  []format.MemberKeys
		more  []said
		signs ed25519.PrivateKey
		want  string
	}{
		{"signed by another key", []format.MemberKeys{self}, nil, mallory.key, "signature"},
		{"by a code", []format.MemberKeys{code.MemberKeys}, nil, code.key, ""},
		{"the first device stands second", []format.MemberKeys{code.MemberKeys, self}, nil, laptop.key, "first device"},
		{"a member twice", []format.MemberKeys{self, self}, nil, laptop.key, "twice"},
		{"a hardware key decides", []format.MemberKeys{self, token.MemberKeys}, nil, laptop.key, "decides nothing"},
		{"more than anybody has", seventeen(), nil, laptop.key, "names 17"},
		{"no add follows", []format.MemberKeys{self}, nil, laptop.key, "was not added"},
		{"an epoch before the adds", []format.MemberKeys{self}, []said{epoch(laptop, 1, laptop)}, laptop.key, "was not added"},
		{"one add is missing", []format.MemberKeys{self, code.MemberKeys}, []said{add(laptop, laptop)}, laptop.key, "was not added"},
		{"an add with other keys", []format.MemberKeys{self, code.MemberKeys}, []said{
			add(laptop, laptop), add(laptop, code.renewed("code2")),
		}, laptop.key, "differs"},
		{"a stranger before the members", []format.MemberKeys{self, code.MemberKeys}, []said{
			add(laptop, laptop), add(laptop, phone), add(laptop, code),
		}, laptop.key, "differs"},
		{"the code adds itself", []format.MemberKeys{self, code.MemberKeys}, []said{add(laptop, laptop), add(code, code)}, laptop.key, "unknown member"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for i := range tt.auth {
				tt.auth[i].Name = ""
			}
			first := self.ID
			if tt.auth[0].Kind == format.KindRecovery && len(tt.auth) == 1 {
				first = code.ID
			}
			body, err := format.Statement{Type: format.StGenesis, By: first, At: 1, Auth: tt.auth}.Encode()
			if err != nil {
				t.Fatal(err)
			}
			a := &Author{vault: format.VaultID(format.Sum(body))}
			if err := a.sign(body, tt.signs); err != nil {
				t.Fatal(err)
			}
			_, err = finish(t, a, tt.more)
			if !errors.Is(err, ErrForged) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error is %v, want ErrForged with %q", err, tt.want)
			}
		})
	}
}

func seventeen() []format.MemberKeys {
	out := []format.MemberKeys{laptop.MemberKeys}
	for len(out) < 17 {
		out = append(out, someone(format.KindRecovery, fmt.Sprint("code ", len(out))).MemberKeys)
		out[len(out)-1].Age = fmt.Sprint("age1pq1code", len(out))
	}
	return out
}

// The rules hold by themselves, also for what the codec refuses before they see it.
func TestRulesHoldWithoutTheCodec(t *testing.T) {
	t.Parallel()
	r := crowd(t)
	for _, tt := range []struct {
		name string
		st   format.Statement
		want string
	}{
		{"a second genesis", format.Statement{Type: format.StGenesis, Vault: r.Vault, Prev: []format.Hash{r.Head}}, "second genesis"},
		{"two prevs", format.Statement{Type: format.StAdd, Vault: r.Vault, Prev: []format.Hash{r.Head, r.Head}}, "prev holds 2"},
		{"no prev", format.Statement{Type: format.StAdd, Vault: r.Vault}, "prev holds 0"},
		{"a member granted twice", format.Statement{
			Type: format.StEpoch, Vault: r.Vault, Prev: []format.Hash{r.Head}, Epoch: 2, Rcpt: rcpt(2),
			Members: []format.MemberID{laptop.ID, laptop.ID},
		}, "twice"},
		{"a cut that names no file", format.Statement{
			Type: format.StRevoke, Vault: r.Vault, Prev: []format.Hash{r.Head}, Revoked: phone.ID,
			Cut: map[format.MemberID]format.Mark{phone.ID: {}},
		}, "names no file"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := newBuilder()
			b.r.Vault = r.Vault
			for i, s := range r.Chain {
				if err := b.take(s, r.Stmts[i]); err != nil {
					t.Fatal(err)
				}
			}
			tt.st.By = laptop.ID
			if err := b.take(format.SignedStatement{}, tt.st); !errors.Is(err, ErrForged) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error is %v, want ErrForged with %q", err, tt.want)
			}
		})
	}
	if err := newBuilder().take(format.SignedStatement{}, format.Statement{Type: format.StAdd}); !errors.Is(err, ErrForged) {
		t.Errorf("a chain that begins with an add: %v", err)
	}
}

func TestAttackTooLarge(t *testing.T) {
	t.Parallel()
	r := mustBegin(t)
	refused(t, "too many bytes", make([]byte, format.MaxRoster+1), r.Vault, format.ErrTooLarge)
	long := slices.Clone(r.Chain)
	for len(long) <= format.MaxStatements {
		long = append(long, r.Chain[1])
	}
	refused(t, "too many statements", format.JoinRoster(long), r.Vault, format.ErrTooLarge)
	for _, file := range [][]byte{nil, []byte("\n"), []byte("{}\n")} {
		if _, err := Verify(file, r.Vault); err == nil {
			t.Errorf("%q passes", file)
		}
	}
}
