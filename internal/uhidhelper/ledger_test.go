package uhidhelper

import (
	"testing"
	"time"
)

func TestPlacesAreCounted(t *testing.T) {
	t.Parallel()
	var waiting []func()
	l := newLedger(2, 3, time.Second)
	l.after = func(_ time.Duration, f func()) { waiting = append(waiting, f) }
	a, err := l.take(1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.take(1); err != nil {
		t.Error(err)
	}
	if _, err := l.take(1); err == nil {
		t.Error("a third place for one user")
	}
	if _, err := l.take(2); err != nil {
		t.Error(err)
	}
	if _, err := l.take(3); err == nil {
		t.Error("a fourth place in all")
	}
	a()
	a() // counts once
	if _, err := l.take(1); err == nil {
		t.Error("a place is free before its time")
	}
	for _, f := range waiting {
		f()
	}
	if _, err := l.take(1); err != nil {
		t.Error(err)
	}
	if _, err := l.take(1); err == nil {
		t.Error("giving back twice freed two places")
	}
	if l.empty() {
		t.Error("empty")
	}
}
