package screen

import (
	"context"
	"fmt"

	tea "charm.land/bubbletea/v2"

	"signet/tui/widget"
)

// strengthMeter tells below a field of a new passphrase how hard it is to guess. Estimating happens in commands.
type strengthMeter struct {
	env   Env
	field *widget.Field
	fresh bool // the text changed since the last estimate
	try   int
	known bool
	got   Strength
}

// strengthRead is the answer to an estimate.
type strengthRead struct {
	of  *strengthMeter
	try int
	got Strength
	err error
}

func newStrengthMeter(env Env, d *widget.Field) *strengthMeter {
	m := &strengthMeter{env: env, field: d}
	d.Changes = func(*widget.Field) { m.fresh, m.known = true, false }
	d.Live = m.live
	return m
}

func (m *strengthMeter) live(widget.Frame) (string, bool) {
	if !m.known || m.field.Empty() {
		return "", false
	}
	return m.got.said(), true
}

// said is an estimate in words. Above the best mark the number says nothing more: it is a floor there, and stands below what a generated
// password really has.
func (s Strength) said() string {
	if s.Score >= bestScore {
		return s.Words
	}
	return fmt.Sprintf("%s, about %.0f bits", s.Words, s.Bits)
}

// bestScore is the best mark of an estimate.
const bestScore = 4

// cmd asks for an estimate of a text that changed.
func (m *strengthMeter) cmd() tea.Cmd {
	if m == nil || !m.fresh || m.env.Ports.Estimator == nil {
		return nil
	}
	m.fresh = false
	m.try++
	try, pass := m.try, m.field.Value()
	return m.env.cmd(func(ctx context.Context) tea.Msg {
		defer pass.Wipe()
		got, err := m.env.Ports.Estimator.Estimate(ctx, pass)
		return strengthRead{m, try, got, err}
	})
}

// take takes the answer, unless the text changed since.
func (r strengthRead) take() {
	if r.err == nil && r.try == r.of.try && !r.of.fresh {
		r.of.got, r.of.known = r.got, true
	}
}
