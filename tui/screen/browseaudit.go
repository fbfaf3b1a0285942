package screen

import (
	"context"
	"sync/atomic"

	tea "charm.land/bubbletea/v2"

	"signet/vault/entry"
)

// audit is what the list knows of the audit, for filters like is:weak.
type audit struct {
	found   findings // nil until there is a report
	running bool
	again   bool // the vault changed while it ran
	done    int
	total   int
	failed  string
}

// Messages about the audit.
type (
	audited struct {
		report AuditReport
		err    error
	}
	auditing struct {
		steps chan [2]int
		step  [2]int
		ended bool
	}
)

// wantAudit starts an audit when the search asks for what only an audit knows, and there is none yet.
func (b *Browse) wantAudit() tea.Cmd {
	a := &b.audit
	port := b.env.Ports.Auditor
	if port == nil || !b.query.audits() || a.running || a.found != nil {
		return nil
	}
	a.running, a.done, a.total, a.failed = true, 0, 0, ""
	steps := make(chan [2]int, 1)
	var last atomic.Int64
	run := b.env.cmd(func(ctx context.Context) tea.Msg {
		defer close(steps)
		r, err := port.Run(ctx, b.env.Vault, AuditOptions{}, func(_ string, done, total int) {
			if last.Swap(int64(done)) == int64(done) {
				return
			}
			select {
			case steps <- [2]int{done, total}:
			default: // the newest number comes soon
			}
		})
		return audited{r, err}
	})
	return tea.Batch(run, b.cmdAuditing(steps))
}

func (b *Browse) cmdAuditing(steps chan [2]int) tea.Cmd {
	return b.env.cmd(func(context.Context) tea.Msg {
		step, ok := <-steps
		return auditing{steps, step, !ok}
	})
}

func (b *Browse) auditing(m auditing) tea.Cmd {
	if m.ended {
		return nil
	}
	b.audit.done, b.audit.total = m.step[0], m.step[1]
	return b.cmdAuditing(m.steps)
}

func (b *Browse) audited(m audited) tea.Cmd {
	a := &b.audit
	a.running = false
	b.found.by = orders // what was found without the audit is not to be searched again
	if m.err != nil {
		a.failed = b.env.Explain(m.err)
		a.found = findings{}
		return tea.Batch(b.env.fail("The audit failed", m.err), b.cmdSearch(true))
	}
	if a.again {
		a.again = false
		return b.wantAudit()
	}
	a.found = findings{}
	for id, kinds := range m.report.ByEntry() {
		for _, k := range kinds {
			if a.found[string(k)] == nil {
				a.found[string(k)] = map[entry.ID]bool{}
			}
			a.found[string(k)][id] = true
		}
	}
	return b.cmdSearch(true)
}

// forget makes the next search ask again: the vault changed.
func (a *audit) forget() {
	if a.running {
		a.again = true
		return
	}
	a.found, a.failed = nil, ""
}
