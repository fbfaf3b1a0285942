package tui

import (
	"context"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"signet/tui/screen"
	"signet/tui/tuitest"
)

// A second in which nobody does anything, with a one-time code on the screen: the tick, and the picture after it.
func BenchmarkIdleSecond(b *testing.B) {
	ports, opener, _, clock := tuitest.Ports()
	r := newRoot(context.Background(), Options{Ports: ports, Vault: opener.Vault, after: func(time.Duration, tea.Msg) tea.Cmd { return nil }})
	r.Update(tea.WindowSizeMsg{Width: 80, Height: 24})
	r.session.vault, r.session.ctx = opener.Vault, b.Context()
	settle(r, r.push(func(e screen.Env) screen.Screen { return screen.NewBrowse(e) }))
	settle(r, r.push(func(e screen.Env) screen.Screen { return screen.NewEntry(e, tuitest.ID(1)) }))
	b.ReportAllocs()
	for b.Loop() {
		clock.Advance(time.Second)
		_, cmd := r.Update(tickMsg{})
		settle(r, cmd)
		_ = r.View()
	}
}
