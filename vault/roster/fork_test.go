package roster

import (
	"errors"
	"testing"

	"signet/vault/format"
)

func TestCompare(t *testing.T) {
	t.Parallel()
	base := mustBegin(t, add(laptop, phone))
	a := mustExtend(t, base, add(laptop, newCode))
	b := mustExtend(t, base, epoch(phone, 2, laptop, phone, code))
	for _, tt := range []struct {
		name string
		x, y *Roster
		want Relation
		n    int
	}{
		{"same", a, a, Same, len(a.Chain)}, {"ahead", a, base, Ahead, len(base.Chain)},
		{"behind", base, a, Behind, len(base.Chain)}, {"forked", a, b, Forked, len(base.Chain)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if c := Compare(tt.x, tt.y); c.Relation != tt.want || c.Common != tt.n || c.Decided != nil {
				t.Errorf("comparison is %+v", c)
			}
		})
	}
}

func TestCompareForeign(t *testing.T) {
	t.Parallel()
	g, err := Genesis(mallory.MemberKeys, mallory.key, 5)
	if err != nil {
		t.Fatal(err)
	}
	other, err := finish(t, g, []said{add(mallory, mallory)})
	if err != nil {
		t.Fatal(err)
	}
	if c := Compare(mustBegin(t), other); c.Relation != Foreign || c.Decided != nil {
		t.Errorf("comparison is %+v", c)
	}
}

// Who decides a fork. In each case the phone was stolen and writes the branch called theirs.
func TestForkIsDecidedByACodeThatHadAuthorityBefore(t *testing.T) {
	t.Parallel()
	own := code.renewed("code2")
	for _, tt := range []struct {
		name         string
		common       []said
		ours, theirs []said
		want         string
	}{
		{"two devices", nil, []said{revoke(laptop, phone)}, []said{revoke(phone, laptop)}, "nobody"},
		{"the code on our side", nil, []said{revoke(code, phone)}, []said{revoke(phone, laptop)}, "ours"},
		{"the code later on our side", nil, []said{revoke(laptop, phone), add(code, newCode)}, []said{revoke(phone, laptop)}, "ours"},
		{"the code on our side, revoked on theirs", nil, []said{revoke(code, phone)}, []said{revoke(phone, code)}, "ours"},
		{"the code on both sides", nil, []said{revoke(code, phone)}, []said{add(code, newCode)}, "nobody"},
		{"attack: a code that the thief added", []said{add(phone, newCode)}, []said{revoke(laptop, phone)}, []said{revoke(newCode, laptop)}, "nobody"},
		{"attack: a code that the thief added in its branch", nil, []said{revoke(laptop, phone)}, []said{
			add(phone, newCode), revoke(newCode, laptop),
		}, "nobody"},
		{"attack: the thief gives the code a key of its own", nil, []said{revoke(laptop, phone)}, []said{
			rekey(phone, own), {revoke(code, laptop).Statement, own.key},
		}, "nobody"},
		{"attack: the same against the true code", nil, []said{revoke(code, phone)}, []said{
			rekey(phone, own), {revoke(code, laptop).Statement, own.key},
		}, "ours"},
		{"attack: the thief gave the code its key before the fork", []said{rekey(phone, own)}, []said{revoke(laptop, phone)}, []said{
			{revoke(code, laptop).Statement, own.key},
		}, "nobody"},
		{"a code that the first one added", []said{add(code, newCode)}, []said{revoke(newCode, phone)}, []said{revoke(phone, laptop)}, "ours"},
		{"a code that was revoked before", []said{add(code, newCode), revoke(laptop, code)}, []said{revoke(newCode, phone)}, []said{
			revoke(phone, laptop),
		}, "ours"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			base := mustBegin(t, append([]said{add(laptop, phone)}, tt.common...)...)
			ours, theirs := mustExtend(t, base, tt.ours...), mustExtend(t, base, tt.theirs...)
			names := map[*Roster]string{nil: "nobody", ours: "ours", theirs: "theirs"}
			c, turned := Compare(ours, theirs), Compare(theirs, ours)
			if got := names[c.Decided]; c.Relation != Forked || got != tt.want {
				t.Errorf("%s decides, want %s", got, tt.want)
			}
			if names[turned.Decided] != tt.want {
				t.Errorf("turned round, %s decides, want %s", names[turned.Decided], tt.want)
			}
		})
	}
}

// A newer statement may have given the code another key: what follows it decides nothing.
func TestForkAfterNewerStatementIsUndecided(t *testing.T) {
	t.Parallel()
	base := mustBegin(t, add(laptop, phone))
	ours, n := mustExtend(t, base, revoke(laptop, phone)), newer(t, base, phone, `grant","v":1`)
	a := &Author{vault: n.Vault, head: n.Head, chain: n.Chain}
	s := revoke(code, laptop)
	if err := a.Append(s.Statement, s.key); err != nil {
		t.Fatal(err)
	}
	theirs, err := Verify(format.JoinRoster(a.chain), n.Vault)
	if err != nil {
		t.Fatal(err)
	}
	if c := Compare(ours, theirs); c.Relation != Forked || c.Decided != nil {
		t.Errorf("comparison is %+v", c)
	}
}

func TestAuthorRefuses(t *testing.T) {
	t.Parallel()
	if _, err := Genesis(laptop.MemberKeys, nil, 1); !errors.Is(err, errNoKey) {
		t.Errorf("Genesis without a key gives %v", err)
	}
	if _, err := Genesis(format.MemberKeys{}, laptop.key, 1); err == nil {
		t.Error("Genesis of nobody passes")
	}
	a := Extend(mustBegin(t))
	if err := a.Append(revoke(laptop, phone).Statement, nil); !errors.Is(err, errNoKey) {
		t.Errorf("Append without a key gives %v", err)
	}
	if err := a.Append(format.Statement{Type: "nonsense", By: laptop.ID}, laptop.key); err == nil {
		t.Error("a statement without a meaning passes")
	}
}

// Two extensions of one roster do not write into each other's chain.
func TestExtensionsShareNothing(t *testing.T) {
	t.Parallel()
	base := mustBegin(t)
	one, two := Extend(base), Extend(base)
	for a, s := range map[*Author]said{one: add(laptop, phone), two: add(laptop, newCode)} {
		s = s.prove(t, base.Vault, known)
		if err := a.Append(s.Statement, s.key); err != nil {
			t.Fatal(err)
		}
	}
	_, r1, err1 := one.Done()
	_, r2, err2 := two.Done()
	if err1 != nil || err2 != nil || Compare(r1, r2).Relation != Forked {
		t.Errorf("extensions are %v, %v", err1, err2)
	}
}
