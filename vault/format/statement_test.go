package format_test

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"signet/vault/format"
)

const testAge = "age1pq1testrecipient"

func keysOf(n int, kind format.MemberKind, key ed25519.PrivateKey) format.MemberKeys {
	m := format.MemberKeys{ID: memberN(n), Kind: kind, Age: testAge}
	if kind == format.KindDevice || kind == format.KindRecovery {
		m.Sign = format.SignText(key.Public().(ed25519.PublicKey))
	}
	return m
}

// sampleStatements is one statement of each type, as a chain would hold them.
func sampleStatements() map[format.StatementType]format.Statement {
	prev := []format.Hash{format.Sum([]byte("prev"))}
	proof := base64URL(fill(64, 7))
	base := format.Statement{Vault: testVault, Prev: prev, By: memberN(1), At: 1_700_000_000_000}
	genesis := format.Statement{Type: format.StGenesis, By: memberN(1), At: 1, Auth: []format.MemberKeys{keysOf(1, format.KindDevice, testKey)}}
	add, revoke, epoch, rekey := base, base, base, base
	add.Type, add.Member, add.Proof = format.StAdd, keysOf(2, format.KindRecovery, otherKey), proof
	add.Member.Name = "recovery code"
	cut := map[format.MemberID]format.Mark{memberN(2): {Seq: 7, SID: sid1}}
	revoke.Type, revoke.Revoked, revoke.Cut = format.StRevoke, memberN(2), cut
	epoch.Type, epoch.Epoch, epoch.Rcpt, epoch.Members, epoch.Why = format.StEpoch, 2, format.Sum(nil), []format.MemberID{memberN(1)}, "revoke"
	rekey.Type, rekey.Member, rekey.Proof, rekey.Cut = format.StRekey, keysOf(1, format.KindDevice, otherKey), proof, cut
	rekey.Member.Kind = ""
	return map[format.StatementType]format.Statement{
		format.StGenesis: genesis, format.StAdd: add, format.StRevoke: revoke, format.StEpoch: epoch, format.StRekey: rekey,
	}
}

// decodeLine signs a statement line and decodes it. A genesis is signed for the vault that its hash names.
func decodeLine(line []byte) (format.Statement, error) {
	vault := testVault
	if bytes.HasPrefix(line, []byte(`{"t":"genesis"`)) {
		vault = format.VaultID(format.Sum(line))
	}
	v, err := format.Verify(format.KindRoster, vault, format.Sign(format.KindRoster, vault, line, testKey), testPub)
	if err != nil {
		return format.Statement{}, err
	}
	return format.DecodeStatement(v)
}

func TestStatementRoundTrip(t *testing.T) {
	t.Parallel()
	for typ, s := range sampleStatements() {
		t.Run(string(typ), func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(t *rapid.T) {
				s := s
				s.At, s.Extra = genTime.Draw(t, "at"), genExtra.Draw(t, "extra")
				if s.Cut != nil {
					s.Cut = genMarks.Draw(t, "cut")
				}
				if typ == format.StEpoch {
					s.Members = rapid.SliceOfNDistinct(genMember, 1, 4, rapid.ID[format.MemberID]).Draw(t, "members")
				}
				line, err := s.Encode()
				if err != nil {
					t.Fatal(err)
				}
				got, err := decodeLine(line)
				if err != nil || !reflect.DeepEqual(got, s) {
					t.Fatalf("%v\n%s\ngot  %+v\nwant %+v", err, line, got, s)
				}
				if again := must(got.Encode()); !bytes.Equal(again, line) {
					t.Fatal("encoding is not deterministic")
				}
			})
		})
	}
}

func TestStatementRefusals(t *testing.T) {
	t.Parallel()
	lines := map[format.StatementType]string{}
	for typ, s := range sampleStatements() {
		lines[typ] = string(must(s.Encode()))
	}
	me := string(memberN(1))
	cases := map[string]struct {
		typ       format.StatementType
		old, repl string
	}{
		"another vault":        {format.StAdd, testVault.String(), strings.Repeat("0", 64)},
		"no vault":             {format.StAdd, `"vault":"` + testVault.String() + `",`, ``},
		"genesis with vault":   {format.StGenesis, `"v":1`, `"v":1,"Vault":"x"`},
		"two lines":            {format.StAdd, `,"at"`, "\n" + `,"at"`},
		"prev empty":           {format.StAdd, `"prev":["` + format.Sum([]byte("prev")).String() + `"]`, `"prev":[]`},
		"prev twice":           {format.StAdd, `"prev":[`, `"prev":["` + format.Sum(nil).String() + `",`},
		"genesis with prev":    {format.StGenesis, `"prev":[`, `"prev":["` + format.Sum(nil).String() + `"`},
		"by no id":             {format.StAdd, `"by":"`, `"by":"1`},
		"at negative":          {format.StAdd, `"at":`, `"at":-`},
		"at twice":             {format.StAdd, `"at":`, `"at":1,"at":`},
		"genesis without auth": {format.StGenesis, `"auth":[`, `"auth":[],"z":[`},
		"auth unknown member":  {format.StGenesis, `{"id":`, `{"z":1,"id":`},
		"auth bad kind":        {format.StGenesis, `"kind":"dev"`, `"kind":"tpm"`},
		"auth without sign":    {format.StGenesis, `"sign":`, `"z":`},
		"add no proof":         {format.StAdd, `"proof":`, `"z":`},
		"add short proof":      {format.StAdd, `"proof":"`, `"proof":"A`},
		"add name control":     {format.StAdd, `"name":"`, `"name":"\u001b`},
		"add name too long":    {format.StAdd, `"name":"`, `"name":"` + strings.Repeat("x", format.MaxName)},
		"add recipient empty":  {format.StAdd, `"age":"` + testAge, `"age":"`},
		"add recipient spaces": {format.StAdd, `"age":"`, `"age":" `},
		"add recipient long":   {format.StAdd, `"age":"`, `"age":"` + strings.Repeat("x", format.MaxRecipient)},
		"add sign short":       {format.StAdd, `"sign":"`, `"sign":"A`},
		"add sign for hw":      {format.StAdd, `"kind":"rec"`, `"kind":"hw"`},
		"revoke no id":         {format.StRevoke, `"id":"`, `"id":"1`},
		"revoke no cut":        {format.StRevoke, `"cut":`, `"z":`},
		"revoke cut seq 0":     {format.StRevoke, `[7,`, `[0,`},
		"revoke cut sid":       {format.StRevoke, sid1, sid1 + "A"},
		"epoch zero":           {format.StEpoch, `"n":2`, `"n":0`},
		"epoch member twice":   {format.StEpoch, `"members":[`, `"members":["` + me + `",`},
		"epoch rcpt":           {format.StEpoch, `"rcpt":"`, `"rcpt":"A`},
		"epoch no why":         {format.StEpoch, `"why":`, `"z":`},
		"rekey no age":         {format.StRekey, `"age":`, `"z":`},
		"rekey no proof":       {format.StRekey, `"proof":`, `"z":`},
		"rekey bad sign":       {format.StRekey, `"sign":"`, `"sign":"A`},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if !strings.Contains(lines[c.typ], c.old) {
				t.Fatalf("%s does not hold %s", lines[c.typ], c.old)
			}
			s, err := decodeLine([]byte(strings.Replace(lines[c.typ], c.old, c.repl, 1)))
			if err == nil || !reflect.DeepEqual(s, format.Statement{}) {
				t.Errorf("accepted as %+v (%v)", s, err)
			}
		})
	}
	for _, c := range [][2]string{{`"t":"add"`, `"t":"grant"`}, {`"v":1`, `"v":2`}} {
		if _, err := decodeLine([]byte(strings.Replace(lines[format.StAdd], c[0], c[1], 1))); !errors.Is(err, format.ErrNewer) {
			t.Errorf("%s: %v", c[1], err)
		}
	}
}

// A genesis says by its hash which vault it is, and nobody can sign it for another one.
func TestGenesis(t *testing.T) {
	t.Parallel()
	g := sampleStatements()[format.StGenesis]
	body := must(g.Encode())
	sign := func(vault format.VaultID, body []byte, key ed25519.PrivateKey) format.SignedStatement {
		return must(format.SplitRoster(format.Sign(format.KindRoster, vault, body, key)))[0]
	}
	id := format.VaultID(format.Sum(body))
	s, got, err := format.VerifyGenesis(sign(id, body, testKey))
	if err != nil || got != id || !reflect.DeepEqual(s, g) {
		t.Fatalf("%v", err)
	}
	if _, _, err := format.VerifyGenesis(sign(id, body, otherKey)); !errors.Is(err, format.ErrBadSignature) {
		t.Errorf("another key: %v", err)
	}
	if _, _, err := format.VerifyGenesis(sign(testVault, body, testKey)); !errors.Is(err, format.ErrBadSignature) {
		t.Errorf("another vault: %v", err)
	}
	add := must(sampleStatements()[format.StAdd].Encode())
	if _, _, err := format.VerifyGenesis(sign(testVault, add, testKey)); err == nil {
		t.Error("an add began a chain")
	}
	g.By = memberN(9)
	body = must(g.Encode())
	if _, _, err := format.VerifyGenesis(sign(format.VaultID(format.Sum(body)), body, testKey)); err == nil {
		t.Error("a stranger signed a genesis")
	}
	v := must(format.Verify(format.KindRoster, testVault, format.Sign(format.KindRoster, testVault, body, testKey), testPub))
	if _, err := format.DecodeStatement(v); err == nil {
		t.Error("a genesis was read as that of another vault")
	}
}

func rosterOf(n int) []byte {
	var plain []byte
	for i := range n {
		s := sampleStatements()[format.StRevoke]
		s.At = int64(i)
		plain = append(plain, format.Sign(format.KindRoster, testVault, must(s.Encode()), testKey)...)
	}
	return plain
}

func TestRosterFile(t *testing.T) {
	t.Parallel()
	plain := rosterOf(3)
	sts, err := format.SplitRoster(plain)
	if err != nil || len(sts) != 3 || !bytes.Equal(format.JoinRoster(sts), plain) {
		t.Fatalf("%d statements, %v", len(sts), err)
	}
	for i, st := range sts {
		v, err := format.Verify(format.KindRoster, testVault, format.JoinRoster(sts[i:i+1]), testPub)
		if err != nil || format.Sum(v.Body()) != st.Hash() {
			t.Fatalf("statement %d: %v", i, err)
		}
	}
	one := rosterOf(1)
	for name, bad := range map[string][]byte{
		"empty": nil, "no signature": one[:len(one)-format.SigLineLen], "half a signature": one[:len(one)-1], "signature first": one[len(one)-format.SigLineLen:],
		"stray bytes": append(bytes.Clone(one), 'x'), "stray line": append(bytes.Clone(one), '\n'), "no line feed": bytes.ReplaceAll(one, []byte("\n"), nil),
		"too many":  bytes.Repeat(one, format.MaxStatements+1),
		"too large": bytes.Repeat([]byte{'x'}, format.MaxRoster+1),
	} {
		if sts, err := format.SplitRoster(bad); err == nil || sts != nil {
			t.Errorf("%s: accepted (%v)", name, err)
		}
	}
	if sts, err := format.SplitRoster(bytes.Repeat(one, format.MaxStatements)); err != nil || len(sts) != format.MaxStatements {
		t.Errorf("the longest roster: %v", err)
	}
}

func TestMemberProofText(t *testing.T) {
	t.Parallel()
	m := format.MemberKeys{ID: "id", Kind: "dev", Name: "not covered", Age: "age", Sign: "sign"}
	if got := string(format.MemberProofText(m)); got != "id\ndev\nage\nsign\n" {
		t.Errorf("%q", got)
	}
	want := append([]byte("signet/v1/member\x00"), testVault[:]...)
	sum := format.Sum(format.MemberProofText(m))
	if got := format.SignedText(format.KindMember, testVault, format.MemberProofText(m)); !bytes.Equal(got, append(want, sum[:]...)) {
		t.Errorf("%q", got)
	}
	sum = format.Sum(nil)
	if got := format.SignedText(format.KindJoin, testVault, nil); !bytes.Equal(got, append([]byte("signet/v1/join\x00"), sum[:]...)) {
		t.Errorf("join names a vault: %q", got)
	}
}

func FuzzRoster(f *testing.F) {
	f.Add(rosterOf(2))
	f.Fuzz(func(t *testing.T, plain []byte) {
		if sts, err := format.SplitRoster(plain); err == nil && !bytes.Equal(format.JoinRoster(sts), plain) {
			t.Fatal("two files have the same statements")
		}
	})
}

func FuzzStatement(f *testing.F) {
	for _, s := range sampleStatements() {
		f.Add(must(s.Encode()))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		if len(line) == 0 {
			return
		}
		s, err := decodeLine(line)
		if err != nil {
			return
		}
		out, err := s.Encode()
		if err != nil {
			t.Fatalf("read but not written: %v", err)
		}
		again, err := decodeLine(out)
		if err != nil || !reflect.DeepEqual(again, s) {
			t.Fatalf("%v\n%+v\n%+v", err, again, s)
		}
	})
}
