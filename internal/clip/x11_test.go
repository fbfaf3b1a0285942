//go:build unix

package clip

import (
	"os"
	"strings"
	"testing"
	"time"
)

func TestX11OwnedValueIsPastedAndMarked(t *testing.T) {
	t.Parallel()
	x := xserver(t)
	r := copyFor(t, Options{Host: host(x), Keeper: keeperFor(t), After: time.Hour}, canary)
	if r.Path != X11 || !r.Concealed || r.Clears != time.Hour || len(r.Notes) != 0 {
		t.Fatalf("result %+v", r)
	}
	if got := paste(t, x); got != canary {
		t.Errorf("another program pastes %q", got)
	}
	hint, err := client(t, x, "", need(t, "xclip"), "-selection", "clipboard", "-out", "-target", kdeHint)
	if err != nil || hint != kdeHintValue {
		t.Errorf("the hint is %q, %v", hint, err)
	}
	targets, _ := client(t, x, "", "xclip", "-selection", "clipboard", "-out", "-target", "TARGETS")
	for _, want := range []string{"UTF8_STRING", "text/plain;charset=utf-8", "STRING", kdeHint} {
		if !strings.Contains(targets, want) {
			t.Errorf("target %s is not offered: %q", want, targets)
		}
	}
	if out, err := client(t, x, "", "xclip", "-selection", "clipboard", "-out", "-target", "image/png"); err == nil {
		t.Errorf("an image is served: %q", out)
	}
	if got, err := client(t, x, "", need(t, "xsel"), "--logfile", os.DevNull, "--clipboard", "--output"); got != canary {
		t.Errorf("xsel pastes %q, %v", got, err)
	}
}

func TestX11PublicValueIsNotMarked(t *testing.T) {
	t.Parallel()
	x := xserver(t)
	r := copyFor(t, Options{Host: host(x), Keeper: keeperFor(t), After: time.Hour, Public: true}, "ada")
	if r.Concealed {
		t.Errorf("result %+v", r)
	}
	if hint, err := client(t, x, "", need(t, "xclip"), "-selection", "clipboard", "-out", "-target", kdeHint); err == nil {
		t.Errorf("a user name is marked %q", hint)
	}
}
