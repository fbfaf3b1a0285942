package tui

import (
	"reflect"
	"sync"
	"time"
	"unsafe"

	tea "charm.land/bubbletea/v2"
)

// How often Bubble Tea looks whether there is a new frame to write. At its own 60 times a second it wakes up the processor all day, which
// costs more than everything else of an idle Signet; and a key still waits up to 17 ms for its frame.
const (
	paceIdle = 100 * time.Millisecond
	paceBusy = 8 * time.Millisecond
	busyFor  = 250 * time.Millisecond // after the last message
)

// pace makes frames appear soon while something happens, and lets the processor sleep while nothing does. A nil pace does nothing.
type pace struct {
	field  **time.Ticker // the program's; it is filled when the program starts
	mu     sync.Mutex
	ticker *time.Ticker
	quick  bool
	last   time.Time // of the last message
}

// newPace finds the ticker of a program. Bubble Tea v2.0.10 has no way to ask for it, and fixes its frame rate at the start; where another
// version keeps it elsewhere, the result is nil and everything is as Bubble Tea does it (a test says so).
func newPace(p *tea.Program) *pace {
	f := reflect.ValueOf(p).Elem().FieldByName("ticker")
	if !f.IsValid() || f.Type() != reflect.TypeFor[*time.Ticker]() {
		return nil
	}
	return &pace{field: (**time.Ticker)(unsafe.Pointer(f.UnsafeAddr()))} //nolint:gosec // the field's type was checked
}

// follow is called in the program's own goroutine for every message. The second's tick alone is no hurry.
func (p *pace) follow(msg tea.Msg) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ticker == nil {
		if p.ticker = *p.field; p.ticker == nil {
			return
		}
		p.ticker.Reset(paceIdle)
	}
	if _, idle := msg.(tickMsg); idle {
		return
	}
	p.last = time.Now()
	if !p.quick { // a ticker that is reset by every message of many would never come
		p.quick = true
		p.ticker.Reset(paceBusy)
		time.AfterFunc(busyFor, p.calm)
	}
}

// calm goes back to rare frames when nothing came for a while.
func (p *pace) calm() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if rest := busyFor - time.Since(p.last); rest > 0 {
		time.AfterFunc(rest, p.calm)
		return
	}
	p.quick = false
	p.ticker.Reset(paceIdle)
}
