package roster

import (
	"errors"
	"testing"

	"signet/vault/format"
)

// tree is a log's files by sid with the sid that their prev names.
type tree map[format.SID]format.SID

func (tr tree) prev(sid format.SID) (format.SID, bool) {
	p, ok := tr[sid]
	return p, ok
}

// line makes files 1 to n of a log; forged ones have a prime.
func line(n int) tree {
	tr := tree{file(1).SID: ""}
	for i := 2; i <= n; i++ {
		tr[file(i).SID] = file(i - 1).SID
	}
	return tr
}

// forgery is a file with a number that another file has already, written on the file before it.
func (tr tree) forgery(n int) format.Mark {
	at := format.Mark{Seq: n, SID: format.Sum([]byte{'x', byte(n)}).SID()}
	tr[at.SID] = file(n - 1).SID
	return at
}

func TestAttackRevokedDeviceWritesBelowItsCut(t *testing.T) {
	t.Parallel()
	r, files := mustBegin(t, add(laptop, phone), revoke(laptop, phone, file(5))), line(8)
	below, beside, above := files.forgery(3), files.forgery(5), files.forgery(9)
	for _, tt := range []struct {
		name string
		at   format.Mark
		want error
	}{
		{"the first file", file(1), nil},
		{"a file before the cut", file(4), nil},
		{"the cut", file(5), nil},
		{"the file after the cut", file(6), ErrCut},
		{"a later file", file(8), ErrCut},
		{"a forged file below the cut", below, ErrCut},
		{"a forged file with the number of the cut", beside, ErrCut},
		{"a forged file above the cut", above, ErrCut},
		{"a true file under another number", format.Mark{Seq: 2, SID: file(3).SID}, ErrCut},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if err := r.Allowed(phone.ID, tt.at, 0, files.prev); !errors.Is(err, tt.want) {
				t.Errorf("Allowed gives %v, want %v", err, tt.want)
			}
		})
	}
}

func TestNothingOfARevokedDeviceWithoutCut(t *testing.T) {
	t.Parallel()
	r := mustBegin(t, add(laptop, phone), revoke(laptop, phone))
	if err := r.Allowed(phone.ID, file(1), 0, line(3).prev); !errors.Is(err, ErrCut) {
		t.Errorf("Allowed gives %v", err)
	}
}

func TestActiveDeviceWritesOn(t *testing.T) {
	t.Parallel()
	r, files := mustBegin(t), line(3)
	for _, at := range []format.Mark{file(1), file(3), files.forgery(2)} {
		if err := r.Allowed(laptop.ID, at, 0, files.prev); err != nil {
			t.Errorf("file %d: %v", at.Seq, err)
		}
	}
}

// After a rekey, files up to the cut count under the old key, later ones under the new one, nothing else counts.
func TestAttackOldKeySignsAfterRekey(t *testing.T) {
	t.Parallel()
	two, three := laptop.renewed("laptop2"), laptop.renewed("laptop3")
	r := mustBegin(t, rekey(laptop, two, file(3)), said{rekey(laptop, three, file(6)).Statement, two.key})
	files := line(9)
	for _, tt := range []struct {
		name string
		at   format.Mark
		key  int
		want error
	}{
		{"old key up to its cut", file(3), 0, nil},
		{"old key after its cut", file(4), 0, ErrCut},
		{"second key on the first key's file", file(3), 1, ErrCut},
		{"second key in its time", file(4), 1, nil},
		{"second key at its cut", file(6), 1, nil},
		{"second key after its cut", file(7), 1, ErrCut},
		{"third key in its time", file(7), 2, nil},
		{"third key on the second key's file", file(6), 2, ErrCut},
		{"third key on a fork of its own", files.forgery(5), 2, nil},
		{"second key on a fork", files.forgery(5), 1, ErrCut},
		{"no such key", file(7), 3, ErrForged},
		{"a negative key", file(7), -1, ErrForged},
		{"no such file", format.Mark{}, 0, ErrForged},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if err := r.Allowed(laptop.ID, tt.at, tt.key, files.prev); !errors.Is(err, tt.want) {
				t.Errorf("Allowed gives %v, want %v", err, tt.want)
			}
		})
	}
}

// A stolen key wrote files 4 and 5, which an authority cuts off; the device goes on with new keys.
func TestRekeyByAuthorityCutsLower(t *testing.T) {
	t.Parallel()
	r := mustBegin(t, add(laptop, phone), rekey(phone, phone.renewed("phone2"), file(5)), rekey(laptop, phone.renewed("phone3"), file(3)))
	files := line(7)
	for n, want := range map[int]error{3: nil, 4: ErrCut, 5: ErrCut} {
		if err := r.Allowed(phone.ID, file(n), 0, files.prev); !errors.Is(err, want) {
			t.Errorf("file %d: %v, want %v", n, err, want)
		}
	}
	if err := r.Allowed(phone.ID, file(6), 2, files.prev); err != nil {
		t.Errorf("a file by the newest key: %v", err)
	}
}

func TestRevokeAfterRekeyCutsAllKeys(t *testing.T) {
	t.Parallel()
	r := mustBegin(t, add(laptop, phone), rekey(phone, phone.renewed("phone2"), file(5)), revoke(laptop, phone, file(2)))
	files := line(7)
	for _, tt := range []struct {
		n, key int
		want   error
	}{{2, 0, nil}, {3, 0, ErrCut}, {6, 1, ErrCut}} {
		if err := r.Allowed(phone.ID, file(tt.n), tt.key, files.prev); !errors.Is(err, tt.want) {
			t.Errorf("file %d by key %d: %v, want %v", tt.n, tt.key, err, tt.want)
		}
	}
}

// Below a missing file nobody can tell a true file from a forged one yet.
func TestGapBelowACutWaits(t *testing.T) {
	t.Parallel()
	r, files := mustBegin(t, add(laptop, phone), revoke(laptop, phone, file(5))), line(8)
	delete(files, file(3).SID)
	for n, want := range map[int]error{5: nil, 4: nil, 3: nil, 2: ErrGap, 1: ErrGap, 6: ErrCut} {
		if err := r.Allowed(phone.ID, file(n), 0, files.prev); !errors.Is(err, want) {
			t.Errorf("file %d: %v, want %v", n, err, want)
		}
	}
	if err := r.Allowed(phone.ID, files.forgery(4), 0, files.prev); !errors.Is(err, ErrCut) {
		t.Errorf("a forgery above the gap: %v", err)
	}
}

// A circle of prevs, which no honest hash makes, ends with the numbers.
func TestGateEndsInACircle(t *testing.T) {
	t.Parallel()
	r := mustBegin(t, add(laptop, phone), revoke(laptop, phone, file(5)))
	files := tree{file(5).SID: file(4).SID, file(4).SID: file(5).SID}
	if err := r.Allowed(phone.ID, file(3), 0, files.prev); !errors.Is(err, ErrCut) {
		t.Errorf("Allowed gives %v", err)
	}
}

func TestOnlyDevicesHaveLogs(t *testing.T) {
	t.Parallel()
	r := mustBegin(t)
	for _, id := range []format.MemberID{code.ID, mallory.ID} {
		if err := r.Allowed(id, file(1), 0, line(1).prev); !errors.Is(err, ErrForged) {
			t.Errorf("Allowed gives %v", err)
		}
	}
}
