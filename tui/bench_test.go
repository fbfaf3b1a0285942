package tui

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"signet/tui/screen"
	"signet/tui/tuitest"
	"signet/vault/entry"
)

// listed is a vault whose rows are there already, so that a benchmark measures the screen and not the fake.
type listed struct {
	*tuitest.Vault
	rows []entry.Row
}

func (l listed) Rows(context.Context, bool) ([]entry.Row, error) { return slices.Clone(l.rows), nil }

func rowsFor(n int) []entry.Row {
	rows := make([]entry.Row, n)
	for i := range rows {
		rows[i] = entry.Row{
			ID: entry.ID(fmt.Sprintf("%026d", i)), Rec: entry.RecEntry, Kind: entry.KindLogin, Title: fmt.Sprintf("Service number %d", i*7919%n),
			Username: fmt.Sprintf("user%d@example.com", i%977), URLs: []string{fmt.Sprintf("https://www.site%d.example.com/login", i)}, Has: entry.Has{Password: true},
		}
	}
	return rows
}

// listRoot is a root that shows the list of an open vault. Every command runs at once, in order.
func listRoot(b *testing.B, v screen.Vault, ports screen.Ports) *root {
	b.Helper()
	r := newRoot(b.Context(), Options{Ports: ports, after: func(time.Duration, tea.Msg) tea.Cmd { return nil }})
	r.Update(tea.WindowSizeMsg{Width: 80, Height: 24})
	r.session.vault, r.session.ctx = v, b.Context()
	settle(r, r.push(func(e screen.Env) screen.Screen { return screen.NewBrowse(e) }))
	return r
}

func benchRoot(b *testing.B, n int) *root {
	b.Helper()
	ports, opener, _, _ := tuitest.Ports()
	return listRoot(b, listed{opener.Vault, rowsFor(n)}, ports)
}

func settle(r *root, cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	msg := cmd()
	if batch, ok := msg.(tea.BatchMsg); ok {
		for _, c := range batch {
			settle(r, c)
		}
		return
	}
	_, next := r.Update(msg)
	settle(r, next)
}

// BenchmarkFirstFrame is from the opened vault to the first picture with the list on it.
func BenchmarkFirstFrame(b *testing.B) {
	for _, n := range []int{100, 10_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			ports, opener, _, _ := tuitest.Ports()
			v := listed{opener.Vault, rowsFor(n)}
			for b.Loop() {
				r := listRoot(b, v, ports)
				r.View()
			}
		})
	}
}

// BenchmarkKeystroke is from a key in the search line to the picture with the complete result.
func BenchmarkKeystroke(b *testing.B) {
	for _, n := range []int{100, 10_000, 100_000} {
		r := benchRoot(b, n)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for i := 0; b.Loop(); i++ {
				key := tea.KeyPressMsg{Code: 's', Text: "s"}
				if i%2 == 1 {
					key = tea.KeyPressMsg{Code: tea.KeyBackspace}
				}
				_, cmd := r.Update(key)
				settle(r, cmd)
				r.View()
			}
		})
	}
}

// BenchmarkKeystrokeFrame is what every keystroke draws at once, before its result is there.
func BenchmarkKeystrokeFrame(b *testing.B) {
	for _, n := range []int{100, 10_000, 100_000} {
		r := benchRoot(b, n)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				r.Update(tea.KeyPressMsg{Code: 's', Text: "s"})
				r.View()
				r.Update(tea.KeyPressMsg{Code: tea.KeyBackspace})
			}
		})
	}
}

// BenchmarkFuzzyKeystroke is a letter that makes a query of scattered letters, which is the dearest kind, and its complete result.
func BenchmarkFuzzyKeystroke(b *testing.B) {
	for _, n := range []int{100, 10_000, 100_000} {
		r := benchRoot(b, n)
		enter(r, "svn")
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for i := 0; b.Loop(); i++ {
				key := tea.KeyPressMsg{Code: 'b', Text: "b"}
				if i%2 == 1 {
					key = tea.KeyPressMsg{Code: tea.KeyBackspace}
				}
				_, cmd := r.Update(key)
				settle(r, cmd)
				r.View()
			}
		})
	}
}

// BenchmarkFilterKeystroke is the same with filters in the line.
func BenchmarkFilterKeystroke(b *testing.B) {
	r := benchRoot(b, 100_000)
	enter(r, "has:password -is:favorite url:site service")
	for i := 0; b.Loop(); i++ {
		key := tea.KeyPressMsg{Code: 'n', Text: "n"}
		if i%2 == 1 {
			key = tea.KeyPressMsg{Code: tea.KeyBackspace}
		}
		_, cmd := r.Update(key)
		settle(r, cmd)
		r.View()
	}
}

// BenchmarkWhileLoading is what a keystroke draws while the list is being read and sorted: the longest of all while one load runs.
func BenchmarkWhileLoading(b *testing.B) {
	ports, opener, _, _ := tuitest.Ports()
	v := listed{opener.Vault, rowsFor(100_000)}
	var worst, sum time.Duration
	count := 0
	for b.Loop() {
		r := newRoot(b.Context(), Options{Ports: ports, after: func(time.Duration, tea.Msg) tea.Cmd { return nil }})
		r.Update(tea.WindowSizeMsg{Width: 80, Height: 24})
		r.session.vault, r.session.ctx = v, b.Context()
		msgs := make(chan tea.Msg, 16)
		run(msgs, r.push(func(e screen.Env) screen.Screen { return screen.NewBrowse(e) }))
		for settled := false; !settled; {
			start := time.Now()
			r.Update(tea.KeyPressMsg{Code: 's', Text: "s"})
			r.View()
			r.Update(tea.KeyPressMsg{Code: tea.KeyBackspace})
			took := time.Since(start)
			worst, sum, count = max(worst, took), sum+took, count+1
			select {
			case m := <-msgs:
				_, cmd := r.Update(m)
				run(msgs, cmd)
			case <-time.After(time.Millisecond):
			}
			top, _ := r.stack[len(r.stack)-1].s.(*screen.Browse)
			settled = !top.Busy()
		}
	}
	b.ReportMetric(float64(worst.Microseconds())/1000, "worst-ms")
	b.ReportMetric(float64(sum.Microseconds())/1000/float64(max(count, 1)), "mean-ms")
}

// run starts a command and what it is made of.
func run(msgs chan tea.Msg, cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	go func() {
		msg := cmd()
		if batch, ok := msg.(tea.BatchMsg); ok {
			for _, c := range batch {
				run(msgs, c)
			}
			return
		}
		msgs <- msg
	}()
}

func enter(r *root, text string) {
	for _, c := range text {
		_, cmd := r.Update(tea.KeyPressMsg{Code: c, Text: string(c)})
		settle(r, cmd)
	}
}

// BenchmarkScroll is one step down and its picture.
func BenchmarkScroll(b *testing.B) {
	for _, n := range []int{100, 10_000, 100_000} {
		r := benchRoot(b, n)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				_, cmd := r.Update(tea.KeyPressMsg{Code: tea.KeyDown})
				settle(r, cmd)
				r.View()
			}
		})
	}
}

// passkeyRoot is a root that shows the list of many passkeys.
func passkeyRoot(b *testing.B, n int) *root {
	b.Helper()
	ports, opener, _, _ := tuitest.Ports()
	ports.Passkeys = tuitest.ManyPasskeys(n)
	r := listRoot(b, opener.Vault, ports)
	settle(r, r.push(func(e screen.Env) screen.Screen { return screen.NewPasskeys(e) }))
	return r
}

// BenchmarkPasskeys opens the list of passkeys: read, sorted, drawn.
func BenchmarkPasskeys(b *testing.B) {
	ports, opener, _, _ := tuitest.Ports()
	ports.Passkeys = tuitest.ManyPasskeys(10_000)
	for b.Loop() {
		r := listRoot(b, opener.Vault, ports)
		settle(r, r.push(func(e screen.Env) screen.Screen { return screen.NewPasskeys(e) }))
		r.View()
	}
}

// BenchmarkPasskeysKeystroke is a letter in the filter over 10,000 passkeys, with its complete result; BenchmarkPasskeysScroll a step down.
func BenchmarkPasskeysKeystroke(b *testing.B) {
	r := passkeyRoot(b, 10_000)
	enter(r, "/user0")
	for i := 0; b.Loop(); i++ {
		key := tea.KeyPressMsg{Code: '7', Text: "7"}
		if i%2 == 1 {
			key = tea.KeyPressMsg{Code: tea.KeyBackspace}
		}
		_, cmd := r.Update(key)
		settle(r, cmd)
		r.View()
	}
}

func BenchmarkPasskeysScroll(b *testing.B) {
	r := passkeyRoot(b, 10_000)
	for b.Loop() {
		r.Update(tea.KeyPressMsg{Code: tea.KeyDown})
		r.View()
	}
}

// BenchmarkPasskeysGroup sees them by account, and by site again.
func BenchmarkPasskeysGroup(b *testing.B) {
	r := passkeyRoot(b, 10_000)
	for b.Loop() {
		r.Update(tea.KeyPressMsg{Code: 'b', Text: "b"})
		r.View()
	}
}
