package uhid

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"signet/passkeys/ctaphid"
)

func TestHelloIsReadAsItWasWritten(t *testing.T) {
	t.Parallel()
	for _, h := range []Hello{{"Signet", "0"}, {"Signet of Ada (work)", "0123456789abcdef"}, {"Signet " + strings.Repeat("x", 57), strings.Repeat("z", 24)}} {
		b, err := h.Encode()
		if err != nil || len(b) > MaxMessage {
			t.Fatal(err)
		}
		if got, err := ParseHello(b); err != nil || got != h {
			t.Errorf("%+v %v", got, err)
		}
	}
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	if path, err := parseAnswer(EncodeReady("/dev/hidraw12")); err != nil || path != "/dev/hidraw12" {
		t.Error(path, err)
	}
	_, err := parseAnswer(EncodeRefused(TooMany, strings.Repeat("so many ", 100)))
	var refused *RefusedError
	if !errors.As(err, &refused) || refused.Refusal != TooMany || len(refused.Text) != maxText {
		t.Error(err)
	}
	_, err = parseAnswer(EncodeRefused(NoKernel, "\x1b]0;title\a"))
	if !errors.As(err, &refused) || refused.Text != "no reason given" {
		t.Error(err)
	}
	for _, b := range [][]byte{nil, {kindReady}, EncodeReady("\x1b[2J"), EncodeReady(strings.Repeat("x", 65)), {kindRefused}, {kindReport, 1}, {0, 0}} {
		if path, err := parseAnswer(b); err == nil {
			t.Errorf("%x: %q", b, path)
		}
	}
}

// Whatever one side sends, the other does not panic and takes only what it could have written itself.
func FuzzMessages(f *testing.F) {
	hello, _ := Hello{"Signet", "0123456789abcdef"}.Encode()
	f.Add(hello)
	f.Add(hello[:4])
	f.Add(EncodeReady("/dev/hidraw0"))
	f.Add(EncodeRefused(NotAllowed, "no"))
	f.Add(EncodeReport(&ctaphid.Packet{1, 2, 3}))
	f.Add([]byte{kindHello, protocol, 255})
	f.Fuzz(func(t *testing.T, b []byte) {
		if h, err := ParseHello(b); err == nil {
			if again, err := h.Encode(); err != nil || !bytes.Equal(again, b) {
				t.Errorf("%x became %x, %v", b, again, err)
			}
		}
		if path, err := parseAnswer(b); err == nil && !bytes.Equal(EncodeReady(path), b) {
			t.Errorf("%x became %q", b, path)
		}
		var p ctaphid.Packet
		if ParseReport(b, &p) == nil && !bytes.Equal(EncodeReport(&p), b) {
			t.Errorf("%x became %x", b, p)
		}
	})
}
