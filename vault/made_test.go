package vault

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"signet/vault/secret"
)

func TestGeneratedPasswordsAreKeptOnTheDevice(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.open()
	for i := range MaxMade + 3 {
		must(t, v.Local().AddMade(t.Context(), Made{secret.FromString(fmt.Sprintf("pass word %d", i)), int64(i), "len 20"}))
	}
	list, err := w.open().Local().Made()
	if err != nil || len(list) != MaxMade {
		t.Fatalf("%d kept, %v", len(list), err)
	}
	if got := list[0]; got.Value.RevealString() != "pass word 52" || got.Time != 52 || got.Recipe != "len 20" {
		t.Errorf("the newest is %q of %d, %q", got.Value.RevealString(), got.Time, got.Recipe)
	}
	if strings.Contains(string(w.fs.ReadFile("state/local/made.age")), "pass word") {
		t.Error("the file is not sealed")
	}
	must(t, v.Local().ClearMade(t.Context()))
	if list, err := v.Local().Made(); len(list) != 0 || err != nil {
		t.Errorf("after forgetting: %d, %v", len(list), err)
	}
}

// A history that cannot be read is no reason not to keep the next password.
func TestADamagedHistoryOfGeneratedPasswordsGivesWay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	l := w.open().Local()
	for _, bad := range []string{"x", "1 a", "1 YQ !", "x YQ YQ\n", "1 YQ YQ\n1 YQ\n"} {
		must(t, l.Put(madeBlob, []byte(bad)))
		if _, err := l.Made(); !errors.Is(err, ErrCorrupt) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	must(t, l.AddMade(t.Context(), Made{secret.FromString("new"), 1, ""}))
	if list, err := l.Made(); len(list) != 1 || err != nil {
		t.Errorf("%d, %v", len(list), err)
	}
	if err := l.AddMade(t.Context(), Made{Value: secret.New(make([]byte, maxMadeValue+1))}); !errors.Is(err, ErrTooLarge) {
		t.Errorf("too long: %v", err)
	}
}
