package roster

import (
	"errors"
	"testing"

	"signet/vault/format"
)

func slots(who ...person) map[format.MemberID]bool {
	out := map[format.MemberID]bool{}
	for _, p := range who {
		out[p.ID] = true
	}
	return out
}

// I9: no write under an epoch that is not committed, or that somebody opens who no longer may.
func TestI9MayWrite(t *testing.T) {
	t.Parallel()
	all := slots(laptop, code, phone, newCode)
	for _, tt := range []struct {
		name string
		more []said
		self person
		rcpt format.Hash
		have map[format.MemberID]bool
		want error
	}{
		{"all is well", nil, laptop, rcpt(1), slots(laptop, code), nil},
		{"the epoch key is not the committed one", nil, laptop, rcpt(9), all, ErrForged},
		{"the epoch key is an old one", []said{epoch(laptop, 2, laptop, code)}, laptop, rcpt(1), all, ErrForged},
		{"a stranger", nil, mallory, rcpt(1), all, ErrRevoked},
		{"a revoked device", []said{add(laptop, phone), revoke(laptop, phone)}, phone, rcpt(1), all, ErrRevoked},
		{"the code holds no slot", nil, laptop, rcpt(1), slots(laptop), ErrRotate},
		{"a new device holds no slot", []said{add(laptop, phone)}, laptop, rcpt(1), slots(laptop, code), ErrRotate},
		{"a new device holds its slot", []said{add(laptop, phone)}, phone, rcpt(1), all, nil},
		{"a member of the epoch is revoked", []said{
			add(laptop, phone), epoch(laptop, 2, laptop, code, phone), revoke(laptop, phone),
		}, laptop, rcpt(2), all, ErrRotate},
		{"a member added after the epoch began is revoked: it holds the key as well", []said{
			add(laptop, phone), revoke(laptop, phone),
		}, laptop, rcpt(1), all, ErrRotate},
		{"the revoked member is out of the new epoch", []said{
			add(laptop, phone), revoke(laptop, phone), epoch(laptop, 2, laptop, code),
		}, laptop, rcpt(2), slots(laptop, code), nil},
		{"a member of the epoch was rekeyed", []said{rekey(laptop, laptop.renewed("laptop2"))}, laptop, rcpt(1), all, ErrRotate},
		{"a member added after the epoch began was rekeyed", []said{
			add(laptop, phone), rekey(phone, phone.renewed("phone2")),
		}, laptop, rcpt(1), all, ErrRotate},
		{"a member was rekeyed before the epoch began", []said{
			rekey(laptop, laptop.renewed("laptop2")), epochBy(laptop.renewed("laptop2"), 2, laptop, code),
		}, laptop, rcpt(2), slots(laptop, code), nil},
		{"a hardware key needs no slot", []said{add(laptop, token)}, laptop, rcpt(1), slots(laptop, code), nil},
		{"a stale hardware key needs no slot", []said{
			add(laptop, token), epoch(laptop, 2, laptop, code),
		}, laptop, rcpt(2), slots(laptop, code), nil},
		{"a stale hardware key that is enrolled again begins no epoch", []said{
			add(laptop, token), epoch(laptop, 2, laptop, code), rekey(laptop, token.renewed("token2")),
		}, laptop, rcpt(2), slots(laptop, code), nil},
		{"a hardware key of the epoch that is enrolled again", []said{
			add(laptop, token), rekey(laptop, token.renewed("token2")),
		}, laptop, rcpt(1), slots(laptop, code), ErrRotate},
		{"a revoked stale hardware key opens nothing current", []said{
			add(laptop, token), epoch(laptop, 2, laptop, code), revoke(laptop, token),
		}, laptop, rcpt(2), slots(laptop, code), nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := mustBegin(t, tt.more...)
			if err := r.MayWrite(tt.self.ID, tt.rcpt, tt.have); !errors.Is(err, tt.want) {
				t.Errorf("MayWrite gives %v, want %v", err, tt.want)
			}
		})
	}
}

func epochBy(p person, n int, who ...person) said {
	s := epoch(laptop, n, who...)
	s.key = p.key
	return s
}

func TestCodeDoesNotWrite(t *testing.T) {
	t.Parallel()
	if err := mustBegin(t).MayWrite(code.ID, rcpt(1), slots(laptop, code)); err == nil {
		t.Error("a recovery code may write")
	}
}

func TestNoWriteBeforeTheFirstEpoch(t *testing.T) {
	t.Parallel()
	a, err := Genesis(laptop.MemberKeys, laptop.key, 1)
	if err != nil {
		t.Fatal(err)
	}
	r, err := finish(t, a, []said{add(laptop, laptop)})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.MayWrite(laptop.ID, format.Hash{}, slots(laptop)); !errors.Is(err, ErrRotate) {
		t.Errorf("MayWrite gives %v, want ErrRotate", err)
	}
	if r.Granted(laptop.ID) || r.Current().N != 0 {
		t.Error("somebody is granted an epoch that never began")
	}
}

func TestGranted(t *testing.T) {
	t.Parallel()
	r := mustBegin(t, add(laptop, token), epoch(laptop, 2, laptop, code), add(laptop, phone))
	for _, tt := range []struct {
		who  person
		want bool
	}{{laptop, true}, {code, true}, {phone, true}, {token, false}, {mallory, false}} {
		if got := r.Granted(tt.who.ID); got != tt.want {
			t.Errorf("%s: granted is %v", tt.who.Name, got)
		}
	}
	if r = mustExtend(t, r, rekey(laptop, token.renewed("token2"))); !r.Granted(token.ID) {
		t.Error("a hardware key that was enrolled again is still stale")
	}
	if r = mustExtend(t, r, revoke(laptop, phone)); r.Granted(phone.ID) {
		t.Error("a revoked member is granted")
	}
}
