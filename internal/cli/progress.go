package cli

import (
	"fmt"
	"sync"
	"time"

	"signet/internal/audit"
)

// progressLine says on the controlling terminal how far something long is, in one line that goes away at the end. It appears after a moment only,
// so that what is quick stays quiet.
type progressLine struct {
	a *App

	mu    sync.Mutex
	begun time.Time
	last  time.Time
	shown bool
}

const (
	progressAfter = 700 * time.Millisecond
	progressEvery = 200 * time.Millisecond
)

func (p *progressLine) show(stage audit.Stage, done, total int) {
	if p.a.JSON || !p.a.interactive() || !p.a.OutTTY {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	if p.begun.IsZero() {
		p.begun = now
	}
	if now.Sub(p.begun) < progressAfter || now.Sub(p.last) < progressEvery {
		return
	}
	p.last, p.shown = now, true
	p.a.Terminal.Write(fmt.Sprintf("\r\x1b[Kaudit: %s, %d of %d", stage, done, total))
}

func (p *progressLine) clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.shown {
		p.a.Terminal.Write("\r\x1b[K")
	}
}
