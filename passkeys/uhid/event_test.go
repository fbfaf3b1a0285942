package uhid

import (
	"bytes"
	"encoding/binary"
	"testing"

	"signet/passkeys/ctaphid"
)

// event as a kernel of either alignment writes it.
func raw(size int, kind eventType, payload ...byte) []byte {
	b := make([]byte, size)
	binary.NativeEndian.PutUint32(b, uint32(kind))
	copy(b[4:], payload)
	return b
}

func output(size, n int, id byte) []byte {
	b := raw(size, eventOutput, id)
	for i := 1; i < min(n, dataMax); i++ {
		b[4+i] = byte(i)
	}
	binary.NativeEndian.PutUint16(b[4+dataMax:], uint16(n))
	return b
}

func TestOutputIsSixtyFiveBytes(t *testing.T) {
	t.Parallel()
	for _, size := range []int{4380, 4376} {
		for _, c := range []struct {
			n     int
			id    byte
			whole bool
		}{{65, 0, true}, {64, 0, false}, {66, 0, false}, {0, 0, false}, {65, 1, false}, {4096, 0, false}} {
			e, err := decode(output(size, c.n, c.id))
			if err != nil || e.kind != eventOutput || e.whole != c.whole {
				t.Errorf("%d bytes of %d with id %d: %v %v", c.n, size, c.id, e.whole, err)
			}
			if want := (ctaphid.Packet{}); !c.whole && e.report != want {
				t.Errorf("%d bytes with id %d left a report", c.n, c.id)
			}
			if c.whole && (e.report[0] != 1 || e.report[63] != 64) {
				t.Errorf("report %x", e.report)
			}
		}
	}
}

func TestCutEventsAreErrors(t *testing.T) {
	t.Parallel()
	for _, b := range [][]byte{nil, {1}, {1, 0, 0}, output(4380, 65, 0)[:4+dataMax+2], raw(4, eventGetReport), raw(7, eventSetReport)} {
		if e, err := decode(b); err == nil {
			t.Errorf("%d bytes: %+v", len(b), e)
		}
	}
}

func TestUnknownEventsPass(t *testing.T) {
	t.Parallel()
	if e, err := decode(raw(4380, 77)); err != nil || e.kind != 77 || e.whole {
		t.Errorf("%+v %v", e, err)
	}
}

func TestIdentityIsPrintable(t *testing.T) {
	t.Parallel()
	good := identity{"Signet", "signet/1", "signet-1"}
	if _, err := encodeCreate2(good); err != nil {
		t.Error(err)
	}
	long := string(bytes.Repeat([]byte("x"), 128))
	for _, bad := range []identity{
		{"", "p", "u"}, {"n", "", "u"}, {"n", "p", ""}, {long, "p", "u"}, {"n", long[:64], "u"}, {"n", "p", long[:64]},
		{"a\nHID_UNIQ=x", "p", "u"}, {"n", "p\x00", "u"}, {"n", "p", "\x80\x01"}, {"é", "p", "u"}, {"n", "p", "a\x7f"},
	} {
		if _, err := encodeCreate2(bad); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}

// Whatever the kernel says, reading it does not panic, and a report comes only out of a whole one.
func FuzzDecode(f *testing.F) {
	f.Add(raw(4380, eventStart, 0, 0, 0, 0, 0, 0, 0, 0))
	f.Add(output(4380, 65, 0))
	f.Add(output(4376, 65, 0))
	f.Add(output(4380, 65535, 0))
	f.Add(raw(4380, eventGetReport, 1, 2, 3, 4, 0, 1))
	f.Add(raw(8, eventSetReport, 1, 2, 3, 4))
	f.Add([]byte{6, 0, 0, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		e, err := decode(b)
		if err != nil && e != (event{}) {
			t.Error("an error with a value")
		}
		if e.whole && !bytes.Equal(e.report[:], b[5:69]) {
			t.Error("the report is not what was sent")
		}
	})
}
