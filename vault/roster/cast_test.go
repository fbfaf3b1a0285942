package roster

import (
	"crypto/ed25519"
	"strings"
	"testing"

	"signet/vault/format"
	"signet/vault/secret"
)

// person is somebody in a test: a member's keys and the private key behind them.
type person struct {
	format.MemberKeys
	key    ed25519.PrivateKey
	secret secret.Secret // hw: what the token's hmac-secret yields
}

// someone makes a person whose keys follow from the name.
func someone(kind format.MemberKind, name string) person {
	seed := format.Sum([]byte(name))
	var id [16]byte
	copy(id[:], seed[16:])
	p := person{MemberKeys: format.MemberKeys{ID: format.NewMemberID(id), Kind: kind, Name: name, Age: "age1pq1" + name}}
	if kind == format.KindHardware {
		p.secret = secret.New(seed[:])
		return p
	}
	p.key = ed25519.NewKeyFromSeed(seed[:])
	p.Sign = format.SignText(p.key.Public().(ed25519.PublicKey))
	return p
}

// renewed is the same member with the keys that follow from another name.
func (p person) renewed(name string) person {
	fresh := someone(p.Kind, name)
	fresh.ID, fresh.Name = p.ID, p.Name
	return fresh
}

// The cast: a laptop that made the vault, the recovery code that genesis names, and others who come later.
var (
	laptop  = someone(format.KindDevice, "laptop")
	code    = someone(format.KindRecovery, "code")
	phone   = someone(format.KindDevice, "phone")
	newCode = someone(format.KindRecovery, "newcode")
	token   = someone(format.KindHardware, "token")
	mallory = someone(format.KindDevice, "mallory")
)

// said is a statement with who signs it; by and key differ only in attacks.
type said struct {
	format.Statement
	key ed25519.PrivateKey
}

func by(p person, st format.Statement) said {
	st.By, st.At = p.ID, 1000
	return said{st, p.key}
}

func add(p, who person) said {
	return by(p, format.Statement{Type: format.StAdd, Member: who.MemberKeys})
}

func revoke(p, who person, cut ...format.Mark) said {
	return by(p, format.Statement{Type: format.StRevoke, Revoked: who.ID, Cut: cutOf(who, cut)})
}

func rekey(p, fresh person, cut ...format.Mark) said {
	m := fresh.MemberKeys
	m.Name, m.Kind = "", ""
	return by(p, format.Statement{Type: format.StRekey, Member: m, Cut: cutOf(fresh, cut)})
}

func epoch(p person, n int, who ...person) said {
	st := format.Statement{Type: format.StEpoch, Epoch: n, Rcpt: rcpt(n), Why: "test"}
	for _, w := range who {
		st.Members = append(st.Members, w.ID)
	}
	return by(p, st)
}

func cutOf(who person, cut []format.Mark) map[format.MemberID]format.Mark {
	if len(cut) == 0 {
		return nil
	}
	return map[format.MemberID]format.Mark{who.ID: cut[0]}
}

func rcpt(n int) format.Hash { return format.Sum([]byte{byte(n)}) }

func file(n int) format.Mark {
	return format.Mark{Seq: n, SID: format.Sum([]byte(strings.Repeat("f", n))).SID()}
}

// prove fills in the proof that a statement about a member needs, unless the test has put one.
func (s said) prove(t *testing.T, vault format.VaultID, all []person) said {
	t.Helper()
	if s.Proof != "" || s.Type != format.StAdd && s.Type != format.StRekey {
		return s
	}
	for _, p := range all {
		if p.ID != s.Member.ID || p.Age != s.Member.Age || p.Sign != s.Member.Sign {
			continue
		}
		if p.Kind != format.KindHardware {
			s.Proof = Proof(vault, p.MemberKeys, p.key)
			return s
		}
		proof, err := HardwareProof(vault, p.MemberKeys, p.secret)
		if err != nil {
			t.Fatal(err)
		}
		s.Proof = proof
	}
	return s
}

// known are all who may need a proof: the cast and renewed keys.
var known = []person{
	laptop, code, phone, newCode, token, mallory,
	laptop.renewed("laptop2"), laptop.renewed("laptop3"), code.renewed("code2"), token.renewed("token2"), phone.renewed("phone2"),
	phone.renewed("phone3"),
}

// begin makes a vault of the laptop and the code, and appends statements. The error is Done's.
func begin(t *testing.T, more ...said) (*Roster, error) {
	t.Helper()
	a, err := Genesis(laptop.MemberKeys, laptop.key, 1000, code.MemberKeys)
	if err != nil {
		t.Fatal(err)
	}
	return finish(t, a, append([]said{add(laptop, laptop), add(laptop, code), epoch(laptop, 1, laptop, code)}, more...))
}

// extend appends statements to a roster.
func extend(t *testing.T, r *Roster, more ...said) (*Roster, error) {
	t.Helper()
	return finish(t, Extend(r), more)
}

func finish(t *testing.T, a *Author, more []said) (*Roster, error) {
	t.Helper()
	for _, s := range more {
		s = s.prove(t, a.Vault(), known)
		if err := a.Append(s.Statement, s.key); err != nil {
			t.Fatalf("%s: %v", s.Type, err)
		}
	}
	_, r, err := a.Done()
	return r, err
}

func mustBegin(t *testing.T, more ...said) *Roster {
	t.Helper()
	r, err := begin(t, more...)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func mustExtend(t *testing.T, r *Roster, more ...said) *Roster {
	t.Helper()
	r, err := extend(t, r, more...)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func plain(r *Roster) []byte { return format.JoinRoster(r.Chain) }
