package uhid

import (
	"sync/atomic"
	"time"

	"signet/passkeys/ctaphid"
)

// The kernel keeps 64 reports for each host and drops those on top without a word; the longest message has 129. So answers go out at the pace of a USB key:
// a burst that fits, then one report every two milliseconds. A host that is not scheduled for some 90 ms loses nothing. Whoever sends a report has read what came
// before it, so each one from a host allows a new burst: short questions and answers wait for nothing.
const (
	burst    = 16
	interval = 2 * time.Millisecond
)

// paced is an io.Writer of whole reports.
type paced struct {
	send  func(*ctaphid.Packet) error
	now   func() time.Time
	sleep func(time.Duration)
	next  time.Time // when the reports sent so far are used up, one each interval
	heard atomic.Bool
}

func (w *paced) Write(b []byte) (int, error) {
	var p ctaphid.Packet
	if copy(p[:], b) != len(b) || len(b) != len(p) {
		return 0, errReport
	}
	now := w.now()
	if w.heard.Swap(false) || w.next.Before(now) {
		w.next = now
	}
	if ahead := w.next.Sub(now); ahead >= burst*interval {
		w.sleep(ahead - (burst-1)*interval)
	}
	w.next = w.next.Add(interval)
	if err := w.send(&p); err != nil {
		return 0, err
	}
	return len(b), nil
}
