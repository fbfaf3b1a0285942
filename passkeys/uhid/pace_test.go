package uhid

import (
	"testing"
	"time"

	"signet/passkeys/ctaphid"
)

// The longest message never puts more reports into the kernel's ring of 64 than a host has time to take out, and a short one waits for nothing.
func TestAnswersArePaced(t *testing.T) {
	t.Parallel()
	at := time.Unix(0, 0)
	slept := time.Duration(0)
	var sent []time.Time
	w := &paced{
		send: func(*ctaphid.Packet) error { sent = append(sent, at); return nil }, now: func() time.Time { return at },
		sleep: func(d time.Duration) { at = at.Add(d); slept += d },
	}
	var p ctaphid.Packet
	for range 129 {
		if n, err := w.Write(p[:]); n != 64 || err != nil {
			t.Fatal(n, err)
		}
	}
	if !sent[burst-1].Equal(sent[0]) {
		t.Error("the first reports waited")
	}
	for i, when := range sent {
		if fits := when.Sub(sent[0])/interval + burst; i >= int(fits) {
			t.Fatalf("report %d went out after %v", i, when.Sub(sent[0]))
		}
	}
	if want := (129 - burst) * interval; slept != want {
		t.Errorf("the whole message took %v, want %v", slept, want)
	}
	at = at.Add(time.Hour)
	slept = 0
	for range burst {
		_, _ = w.Write(p[:])
	}
	if slept != 0 {
		t.Error("after a rest a short message waited")
	}
	for range 10 { // a question before each answer
		w.heard.Store(true)
		for range burst {
			_, _ = w.Write(p[:])
		}
	}
	if slept != 0 {
		t.Error("short answers to questions waited")
	}
	for _, n := range []int{0, 63, 65} {
		if _, err := w.Write(make([]byte, n)); err == nil {
			t.Errorf("%d bytes were taken for a report", n)
		}
	}
}
