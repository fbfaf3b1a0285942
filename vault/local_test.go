package vault

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"
)

func TestLocalBlobsAreTheDevicesOwn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.open()
	l := v.Local()
	if got, err := l.Get("absent"); got != nil || err != nil {
		t.Errorf("absent: %q, %v", got, err)
	}
	must(t, l.Put("one", []byte("first")))
	must(t, l.Put("one", []byte("second")))
	if got, err := w.open().Local().Get("one"); string(got) != "second" || err != nil {
		t.Errorf("read %q, %v", got, err)
	}
	w.fs.WriteFile("state/local/two.age", w.fs.ReadFile("state/local/one.age"))
	if _, err := l.Get("two"); !errors.Is(err, ErrCorrupt) {
		t.Errorf("under another name: %v", err)
	}
	stranger := newWorld(t)
	must(t, stranger.open().Local().Put("one", []byte("theirs")))
	w.fs.WriteFile("state/local/one.age", stranger.fs.ReadFile("state/local/one.age"))
	if _, err := l.Get("one"); !errors.Is(err, ErrCorrupt) {
		t.Errorf("from another hand: %v", err)
	}
	must(t, l.Put("one", nil))
	if got, err := l.Get("one"); got != nil || err != nil {
		t.Errorf("removed: %q, %v", got, err)
	}
	for _, name := range []string{"", "../x", "A", strings.Repeat("a", 65)} {
		if err := l.Put(name, []byte("x")); err == nil {
			t.Errorf("name %q accepted", name)
		}
	}
	if err := l.Put("big", make([]byte, maxBlob+1)); !errors.Is(err, ErrTooLarge) {
		t.Errorf("too large: %v", err)
	}
}

// Two processes count; neither loses what the other counted, and a busy one writes at most once a minute.
func TestUseIsCountedAndSeldomWritten(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, b := w.open(), w.open()
	must(t, a.Local().Used(recID(1)))
	must(t, b.Local().Used(recID(1)))
	w.fs.ResetStats()
	for range 50 {
		must(t, a.Local().Used(recID(2)))
	}
	if n := w.fs.Stats().Changes; n != 0 {
		t.Errorf("%d writes within a second", n)
	}
	w.now.at = w.now.at.Add(2 * time.Minute)
	must(t, a.Local().Used(recID(2)))
	if w.fs.Stats().Changes == 0 {
		t.Error("nothing written after two minutes")
	}
	must(t, b.Close())
	must(t, a.Close())
	use, err := w.open().Local().Usage()
	must(t, err)
	if use[recID(1)].Count != 2 || use[recID(2)].Count != 51 {
		t.Errorf("counted %+v", use)
	}
}

func TestWatchTellsOfEveryonesEdits(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, b := w.open(), w.open()
	ctx, cancel := context.WithCancel(context.Background())
	changed := a.Watch(ctx)
	apply(t, b, login(1, "Mail", "x")...)
	if _, ok := <-changed; !ok {
		t.Fatal("closed")
	}
	apply(t, a, login(2, "Bank", "x")...)
	if _, ok := <-changed; !ok {
		t.Fatal("closed")
	}
	cancel()
	for range changed { //nolint:revive // until it is closed
	}
	again := b.Watch(context.Background())
	must(t, b.Close())
	for range again { //nolint:revive // a locked vault closes it
	}
}
