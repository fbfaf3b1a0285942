package roster

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"signet/vault/format"
)

func TestVerifySaysWhoBelongs(t *testing.T) {
	t.Parallel()
	r := mustBegin(t, add(laptop, phone), add(laptop, token), revoke(phone, laptop, file(7)), epoch(phone, 2, phone, code))
	again, err := Verify(plain(r), format.VaultID{})
	if err != nil || again.Vault != r.Vault || again.Head != r.Head || again.Newer {
		t.Fatalf("a stranger reads %+v, %v", again, err)
	}
	var ids []format.MemberID
	for _, m := range again.Members {
		ids = append(ids, m.ID)
	}
	if want := []format.MemberID{laptop.ID, code.ID, phone.ID, token.ID}; !slices.Equal(ids, want) {
		t.Errorf("members are %v, want %v", ids, want)
	}
	old, _ := again.Member(laptop.ID)
	if old.Active || old.Revoked != 1000 || old.Cut[laptop.ID] != file(7) || *old.Spans[0].Until != file(7) {
		t.Errorf("the revoked laptop is %+v", old)
	}
	new, _ := again.ByShort(phone.ID.Short())
	if new.ID != phone.ID || !new.Active || new.By != laptop.ID || new.Name != "phone" || new.Spans[0].Until != nil {
		t.Errorf("the phone is %+v", new)
	}
	if e := again.Current(); e.N != 2 || e.Rcpt != rcpt(2) || e.Index != len(again.Chain)-1 || len(again.Epochs) != 2 {
		t.Errorf("epoch is %+v", e)
	}
	if hw, _ := again.Member(token.ID); !hw.Unproven || hw.Authority || len(hw.Keys()) != 0 {
		t.Errorf("the hardware key is %+v", hw)
	}
	if _, ok := again.Member(mallory.ID); ok {
		t.Error("a stranger is a member")
	}
	if _, ok := again.ByShort(mallory.ID.Short()); ok {
		t.Error("a stranger is found by its short id")
	}
}

func TestEveryPrefixFromTheFirstEpochVerifiesAndIsExtended(t *testing.T) {
	t.Parallel()
	r := crowd(t)
	for n := 3; n <= len(r.Chain); n++ {
		old, err := Verify(format.JoinRoster(r.Chain[:n]), r.Vault)
		if err != nil {
			t.Fatalf("%d statements: %v", n, err)
		}
		if !r.Extends(old.Head) || old.Extends(r.Head) != (n == len(r.Chain)) {
			t.Errorf("%d statements: Extends is wrong", n)
		}
	}
}

// Who has authority, that is decides a roster fork: devices, codes of genesis, and codes that such a code added or renewed.
func TestAuthority(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		who  person
		more []said
		want bool
	}{
		{"the code of genesis", code, nil, true},
		{"a device", phone, []said{add(laptop, phone)}, true},
		{"a device added by a code", phone, []said{add(code, phone)}, true},
		{"a code added by a device", newCode, []said{add(laptop, newCode)}, false},
		{"a code added by the code of genesis", newCode, []said{add(code, newCode)}, true},
		{"a code added by a code without authority", someone(format.KindRecovery, "third"), []said{
			add(laptop, newCode), add(newCode, someone(format.KindRecovery, "third")),
		}, false},
		{"a code that renews itself", code, []said{rekey(code, code.renewed("code2"))}, true},
		{"a code that a device renews", code, []said{rekey(laptop, code.renewed("code2"))}, false},
		{"a code that a code with authority renews", newCode, []said{
			add(code, newCode), rekey(code, newCode.renewed("code4")),
		}, true},
		{"a device that a device renews", laptop, []said{add(laptop, phone), rekey(phone, laptop.renewed("laptop2"))}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a := Extend(mustBegin(t))
			for _, s := range tt.more {
				s = s.prove(t, a.Vault(), append(known, someone(format.KindRecovery, "third"), newCode.renewed("code4")))
				if err := a.Append(s.Statement, s.key); err != nil {
					t.Fatal(err)
				}
			}
			_, r, err := a.Done()
			if err != nil {
				t.Fatal(err)
			}
			if m, _ := r.Member(tt.who.ID); m.Authority != tt.want {
				t.Errorf("authority is %v, want %v", m.Authority, tt.want)
			}
		})
	}
}

// Clocks are not trusted: a chain whose times run backwards is as good as any.
func TestTimesDecideNothing(t *testing.T) {
	t.Parallel()
	s := add(laptop, phone)
	s.At = 0
	r := mustBegin(t, s, revoke(phone, phone))
	if m, _ := r.Member(phone.ID); m.Added != 0 || m.Active {
		t.Errorf("phone is %+v", m)
	}
	gone := revoke(laptop, phone)
	gone.At = 0
	r = mustBegin(t, add(laptop, phone), gone)
	if m, _ := r.Member(phone.ID); m.Revoked == 0 {
		t.Error("a member revoked at the beginning of time looks active")
	}
}

func TestAddedByListsWhomTheRevokedOneBrought(t *testing.T) {
	t.Parallel()
	r := mustBegin(t, add(laptop, phone), add(phone, newCode), add(phone, mallory), revoke(laptop, mallory), revoke(laptop, phone))
	got := r.AddedBy(phone.ID)
	if len(got) != 1 || got[0].ID != newCode.ID {
		t.Errorf("phone added %v", got)
	}
	if len(r.AddedBy(laptop.ID)) != 1 {
		t.Error("a member counts as added by itself")
	}
}

// newerText is a statement of a type that this version does not know.
func newerText(r *Roster, p person, body string) []byte {
	text := `{"t":"` + body + `,"vault":"` + r.Vault.String() + `","prev":["` + r.Head.String() + `"],"by":"` + string(p.ID) + `","at":5}` + "\n"
	return []byte(text)
}

// newer appends one and reads the result.
func newer(t *testing.T, r *Roster, p person, body string) *Roster {
	t.Helper()
	got, err := Verify(append(plain(r), format.Sign(format.KindRoster, r.Vault, newerText(r, p, body), p.key)...), r.Vault)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestNewerStatementsAreReadPastAndNotWrittenOn(t *testing.T) {
	t.Parallel()
	base := mustBegin(t, add(laptop, phone))
	for _, body := range []string{`grant","v":1,"id":7`, `epoch","v":2,"n":[]`} {
		r := newer(t, base, phone, body)
		if !r.Newer || len(r.Chain) != len(base.Chain)+1 || !r.Extends(base.Head) || r.Current().N != 1 {
			t.Fatalf("%s is read as %+v", body, r)
		}
		if err := r.MayWrite(laptop.ID, rcpt(1), nil); !errors.Is(err, format.ErrNewer) {
			t.Errorf("MayWrite gives %v", err)
		}
		a := Extend(r)
		if err := a.Append(add(laptop, newCode).Statement, laptop.key); !errors.Is(err, format.ErrNewer) {
			t.Errorf("Append gives %v", err)
		}
		if _, _, err := a.Done(); !errors.Is(err, format.ErrNewer) {
			t.Errorf("Done gives %v", err)
		}
	}
}

// After a newer statement, what cannot be checked ends the reading; what can be is still read.
func TestReadingGoesOnAfterNewerStatementsAsFarAsItCan(t *testing.T) {
	t.Parallel()
	base := newer(t, mustBegin(t), laptop, `grant","v":1`)
	a := &Author{vault: base.Vault, head: base.Head, chain: slices.Clone(base.Chain)}
	for _, s := range []said{add(laptop, phone), add(mallory, newCode), revoke(laptop, phone)} {
		s = s.prove(t, a.vault, known)
		if err := a.Append(s.Statement, s.key); err != nil {
			t.Fatal(err)
		}
	}
	r, err := Verify(format.JoinRoster(a.chain), base.Vault)
	if err != nil {
		t.Fatal(err)
	}
	if m, ok := r.Member(phone.ID); !ok || !m.Active || len(r.Chain) != len(base.Chain)+1 || !r.Newer {
		t.Errorf("read %d statements of %d, phone %+v", len(r.Chain), len(a.chain), m)
	}
}

// A newer statement by somebody who may not sign is an attack like any other.
func TestAttackNewerStatementByStranger(t *testing.T) {
	t.Parallel()
	r := crowd(t)
	for _, p := range []person{mallory, someone(format.KindDevice, "stranger")} {
		text := newerText(r, p, `grant","v":9`)
		refused(t, "newer", append(plain(r), format.Sign(format.KindRoster, r.Vault, text, p.key)...), r.Vault, ErrForged)
	}
}

// A member's newer statement counts only where it belongs: elsewhere it would make every device that reads it stop writing.
func TestAttackNewerStatementInAnotherPlace(t *testing.T) {
	t.Parallel()
	r := crowd(t)
	good := newerText(r, laptop, `grant","v":1`)
	for _, tt := range []struct {
		name, old, new string
		is             error
	}{
		{"on an earlier statement", r.Head.String(), r.Chain[2].Hash().String(), ErrForked},
		{"on an unknown statement", r.Head.String(), format.Hash{9}.String(), ErrForged},
		{"on nothing", `"` + r.Head.String() + `"`, "", ErrForged},
		{"on a malformed hash", r.Head.String(), "x", ErrForged},
		{"in another vault", r.Vault.String(), format.VaultID{9}.String(), ErrForeign},
		{"in a malformed vault", r.Vault.String(), "x", ErrForged},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			bad := bytes.Replace(good, []byte(tt.old), []byte(tt.new), 1)
			refused(t, tt.name, append(plain(r), format.Sign(format.KindRoster, r.Vault, bad, laptop.key)...), r.Vault, tt.is)
		})
	}
}

// A member of the reserved kind is for a newer version to understand.
func TestReservedKindIsNewer(t *testing.T) {
	t.Parallel()
	s := by(laptop, format.Statement{Type: format.StAdd, Member: format.MemberKeys{
		ID: phone.ID, Kind: format.KindPass, Name: "pass", Age: "age1pass",
	}, Proof: format.Hash{}.String()})
	r := mustBegin(t, s)
	if _, ok := r.Member(phone.ID); ok || !r.Newer {
		t.Errorf("member %v, newer %v", ok, r.Newer)
	}
}

func TestNewerGenesisIsSaidToBeNewer(t *testing.T) {
	t.Parallel()
	body := []byte(`{"t":"genesis","v":2,"prev":[]}` + "\n")
	vault := format.VaultID(format.Sum(body))
	refused(t, "newer genesis", format.Sign(format.KindRoster, vault, body, laptop.key), vault, format.ErrNewer)
}
