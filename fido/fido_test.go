package fido

import (
	"strings"
	"testing"
)

// A build either can use hardware keys, or says why it cannot and what to do.
func TestSupportIsPlain(t *testing.T) {
	s := Available()
	if s.Linked == (s.Reason != "") {
		t.Errorf("linked %v with reason %q", s.Linked, s.Reason)
	}
	want := "hardware keys off: "
	if s.Linked {
		want = "hardware keys on"
	}
	if !strings.HasPrefix(s.String(), want) {
		t.Errorf("%q does not begin with %q", s, want)
	}
}

func TestSupportInWords(t *testing.T) {
	for _, c := range []struct {
		s    Support
		want string
	}{
		{Support{Linked: true, Version: "1.15.0"}, "hardware keys on (libfido2 1.15.0)"},
		{Support{Linked: true}, "hardware keys on (libfido2)"},
		{Support{Reason: "no C compiler"}, "hardware keys off: no C compiler"},
	} {
		if got := c.s.String(); got != c.want {
			t.Errorf("%+v: %q, want %q", c.s, got, c.want)
		}
	}
}

// Counting keys fails only in a build without libfido2; on a machine without a key it answers none.
func TestAttachedCounts(t *testing.T) {
	n, err := Attached()
	if linked := Available().Linked; linked != (err == nil) {
		t.Fatalf("linked %v, error %v", linked, err)
	}
	if n < 0 || n > 64 {
		t.Errorf("%d keys", n)
	}
}

func TestUSBIdsAsPeopleWriteThem(t *testing.T) {
	for want, d := range map[string]Device{"1050:0407": {Vendor: 0x1050, Variant: 0x407}, "": {Path: "/dev/pts/3"}} {
		if got := d.USB(); got != want {
			t.Errorf("%+v: %q, want %q", d, got, want)
		}
	}
}
