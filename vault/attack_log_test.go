package vault

import (
	"bytes"
	"crypto/ed25519"
	"fmt"
	"strings"
	"testing"

	"signet/vault/format"
	"signet/vault/seal"
)

// A segment that says another vault, log, number, epoch or predecessor than it has, or that another key signed. The control
// comes first: the same segment, honest, is taken in, so that each case is refused for its own reason.
func TestAttackForgedSegment(t *testing.T) {
	t.Parallel()
	control := newVictim(t)
	path := control.put(control.segment(control.header(), control.id, control.tr.sign), control.at.Seq+1, control.tr.epoch.rcpt)
	v := control.open("keyring")
	apply(t, v, login(7, "x", "y")...)
	if got := value(t, v, recID(1), passwordPath); got != "the attacker's" || control.doctor(v).states()[path] != StateOK {
		t.Fatalf("the honest segment is not taken in: %q", got)
	}
	_, stranger, err := ed25519.GenerateKey(nil)
	must(t, err)
	other := newVictim(t)
	for name, c := range map[string]struct {
		forge func(x *victim) string
		want  FileState
	}{
		"another key": {func(x *victim) string {
			return x.put(x.segment(x.header(), x.id, stranger), x.at.Seq+1, x.tr.epoch.rcpt)
		}, StateQuarantined},
		"signed for another vault": {func(x *victim) string {
			return x.put(x.segment(x.header(), other.id, x.tr.sign), x.at.Seq+1, x.tr.epoch.rcpt)
		}, StateQuarantined},
		"a header of another vault": {func(x *victim) string {
			h := x.header()
			h.Vault = other.id
			return x.put(x.segment(h, x.id, x.tr.sign), x.at.Seq+1, x.tr.epoch.rcpt)
		}, StateQuarantined},
		"a whole segment of another vault": {func(x *victim) string {
			return x.put(other.segment(other.header(), other.id, other.tr.sign), x.at.Seq+1, x.tr.epoch.rcpt)
		}, StateQuarantined},
		"another log": {func(x *victim) string {
			h := x.header()
			h.Log = format.NewMemberID([16]byte{9})
			return x.put(x.segment(h, x.id, x.tr.sign), x.at.Seq+1, x.tr.epoch.rcpt)
		}, StateQuarantined},
		"another number": {func(x *victim) string {
			return x.put(x.segment(x.header(), x.id, x.tr.sign), x.at.Seq+2, x.tr.epoch.rcpt)
		}, StateQuarantined},
		"another epoch number": {func(x *victim) string {
			h := x.header()
			h.Epoch++
			return x.put(x.segment(h, x.id, x.tr.sign), x.at.Seq+1, x.tr.epoch.rcpt)
		}, StateQuarantined},
		"another epoch key": {func(x *victim) string {
			h := x.header()
			h.EpochK = strings.Repeat("0", 32)
			return x.put(x.segment(h, x.id, x.tr.sign), x.at.Seq+1, x.tr.epoch.rcpt)
		}, StateQuarantined},
		"sealed to a stranger": {func(x *victim) string {
			_, rcpt, err := seal.NewIdentity()
			must(t, err)
			return x.put(x.segment(x.header(), x.id, x.tr.sign), x.at.Seq+1, rcpt)
		}, StateWaiting},
		"signed as a snapshot": {func(x *victim) string {
			body := x.segment(x.header(), x.id, x.tr.sign)
			body = body[:bytes.LastIndex(body[:len(body)-1], []byte("\n"))+1]
			return x.put(format.Sign(format.KindSnapshot, x.id, body, x.tr.sign), x.at.Seq+1, x.tr.epoch.rcpt)
		}, StateQuarantined},
		"signed as a roster": {func(x *victim) string {
			body := x.segment(x.header(), x.id, x.tr.sign)
			body = body[:bytes.LastIndex(body[:len(body)-1], []byte("\n"))+1]
			return x.put(format.Sign(format.KindRoster, x.id, body, x.tr.sign), x.at.Seq+1, x.tr.epoch.rcpt)
		}, StateQuarantined},
		"bytes behind the signature": {func(x *victim) string {
			return x.put(append(x.segment(x.header(), x.id, x.tr.sign), '\n'), x.at.Seq+1, x.tr.epoch.rcpt)
		}, StateQuarantined},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := newVictim(t)
			x.unharmed(c.forge(x), c.want)
		})
	}
}

// Signed by the real key, but in JSON that two readers may read as two things (I16): refused as a whole.
func TestAttackAmbiguousJSON(t *testing.T) {
	t.Parallel()
	for name, change := range map[string][2]string{
		"duplicate member of an op":    {`"v":"the attacker's"`, `"v":"one","v":"the attacker's"`},
		"case variant of an op":        {`"v":"the attacker's"`, `"v":"the attacker's","V":"two"`},
		"case variant, unknown":        {`"w":1800000000000`, `"w":1800000000000,"x1":"a","X1":"b"`},
		"duplicate member of a header": {`"ops":1`, `"ops":1,"ops":1`},
		"case variant of a header":     {`"ops":1`, `"ops":1,"Epoch":[1,"0"]`},
		"escaped duplicate":            {`"v":"the attacker's"`, `"v":"one","\u0076":"the attacker's"`},
		"lone surrogate":               {`the attacker's`, `\ud800 attacker`},
		"invalid UTF-8":                {`the attacker's`, "\xff\xfe"},
		"fraction":                     {`"w":1800000000000`, `"w":1800000000000.0`},
		"exponent":                     {`"w":1800000000000`, `"w":18e11`},
		"number beyond 2^53":           {`"w":1800000000000`, `"w":9007199254740993`},
		"depth":                        {`"w":1800000000000`, `"w":1800000000000,"deep":` + strings.Repeat("[", 17) + strings.Repeat("]", 17)},
		"two values on a line":         {`"w":1800000000000}`, `"w":1800000000000} {}`},
		"count that lies":              {`"ops":1`, `"ops":0`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := newVictim(t)
			plain := x.segment(x.header(), x.id, x.tr.sign)
			body := plain[:bytes.LastIndex(plain[:len(plain)-1], []byte("\n"))+1]
			bad := bytes.Replace(body, []byte(change[0]), []byte(change[1]), 1)
			if bytes.Equal(bad, body) {
				t.Fatal("the attack changes nothing")
			}
			x.unharmed(x.put(format.Sign(format.KindSegment, x.id, bad, x.tr.sign), x.at.Seq+1, x.tr.epoch.rcpt), StateQuarantined)
		})
	}
}

// An old plaintext, sealed anew: to the current epoch under its own name, under a new number, and as the next own file. A value
// that was replaced meanwhile does not come back.
func TestAttackResealedOldPlaintext(t *testing.T) {
	t.Parallel()
	x := newVictim(t)
	old := x.read(logFiles(t, x.home)[0])
	plain, err := seal.Open(old, seal.StanzaHybrid, x.tr.epoch.id, format.MaxSegment)
	must(t, err)
	v := x.open("keyring")
	apply(t, v, SetEdit(recID(1), passwordPath, "changed"))
	must(t, v.Rotate(t.Context(), "test"))
	apply(t, v, SetEdit(recID(2), passwordPath, "changed as well"))
	x.learn(v)
	must(t, v.Close())
	if x.tr.epoch.n != 2 {
		t.Fatal("no second epoch")
	}
	x.put(plain, 1, x.tr.epoch.rcpt)
	x.put(plain, x.at.Seq+1, x.tr.epoch.rcpt)
	path := x.put(plain, x.at.Seq+9, x.tr.epoch.rcpt)
	x.unharmed(path, StateQuarantined)
}

// The same old bytes, put back after they were collected under a snapshot: a replaced value does not come back.
func TestAttackCollectedSegmentComesBack(t *testing.T) {
	t.Parallel()
	x := newVictim(t)
	v := x.open("keyring")
	apply(t, v, SetEdit(recID(1), passwordPath, "changed"))
	_, err := v.PurgeEntries(t.Context(), []ID{recID(2)})
	must(t, err)
	files := logFiles(t, x.home)
	kept := map[string][]byte{}
	for _, f := range files {
		kept[f] = x.read(f)
	}
	must(t, maintained(v))
	if len(logFiles(t, x.home)) >= len(files) {
		t.Fatal("nothing was collected")
	}
	x.learn(v)
	must(t, v.Close())
	for f, data := range kept {
		x.write(f, data)
	}
	x.unharmed(files[0], StateOK)
	swapped := format.Name{Kind: format.FileLog, Log: x.tr.self.Short(), Seq: 1, H32: strings.Repeat("0", 32)}.Path()
	x.write(swapped, kept[files[1]])
	x.unharmed(swapped, StateDamaged)
}

// A file under a name that its bytes do not have is damaged and not folded, whatever it holds.
func TestAttackRenamedFile(t *testing.T) {
	t.Parallel()
	x := newVictim(t)
	files := logFiles(t, x.home)
	last := files[len(files)-1]
	name := format.ParseName(last)
	name.H32 = strings.Repeat("0", 32)
	x.write(name.Path(), x.read(last))
	must(t, x.mirror().Remove(last))
	x.forgetful()
	v := x.open("keyring")
	if value(t, v, recID(2), "title") != "" || value(t, v, recID(1), "title") != "Bank" {
		t.Errorf("folded under a wrong name:\n%s", state(t, v))
	}
	if s := x.doctor(v).states()[name.Path()]; s != StateDamaged {
		t.Errorf("doctor says %q", s)
	}
}

// The directory is put back to an older state under a device that has seen more: told, nothing is deleted, and what can still
// be read is.
func TestAttackRolledBackLog(t *testing.T) {
	t.Parallel()
	x := newVictim(t)
	files := logFiles(t, x.home)
	last := files[len(files)-1]
	newest := x.read(last)
	must(t, x.mirror().Remove(last))
	x.forgetful()
	x.notices = nil
	v := x.open("keyring")
	if !strings.Contains(fmt.Sprint(x.notices), "rollback") {
		t.Errorf("not told: %q", x.notices)
	}
	if r := x.doctor(v); r.Intact() {
		t.Error("doctor says that it is intact")
	}
	if err := v.PurgeVault(t.Context()); err == nil {
		t.Error("purged while a file is gone")
	}
	must(t, maintained(v))
	must(t, v.Close())
	for _, f := range files[:len(files)-1] {
		x.read(f) // nothing else was deleted
	}
	x.write(last, newest)
	x.forgetful()
	v = x.open("keyring")
	if got := state(t, v); got != x.want {
		t.Errorf("with the file back:\n%s", got)
	}
}
