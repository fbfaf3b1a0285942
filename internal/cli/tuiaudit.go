package cli

import (
	"context"
	"fmt"
	"runtime"
	"sync"

	"signet/internal/audit"
	"signet/internal/strength"
	"signet/tui/screen"
	"signet/vault"
	"signet/vault/secret"
)

// tuiEstimator says how strong a password is.
type tuiEstimator struct{}

func (tuiEstimator) Estimate(ctx context.Context, password secret.Secret, about ...string) (screen.Strength, error) {
	if err := ctx.Err(); err != nil {
		return screen.Strength{}, err
	}
	s := strength.Estimate(password, audit.Hints(about...)...)
	return screen.Strength{Score: s.Score, Bits: s.Bits(), Words: s.Words()}, nil
}

// tuiAuditor audits for the screens.
type tuiAuditor struct{ a *App }

// auditMemory is what an open vault remembers of audits until it is locked.
type auditMemory struct {
	mu      sync.Mutex
	auditor *audit.Auditor
	last    *screen.AuditReport
	closed  bool
}

// get returns the vault's auditor.
func (m *auditMemory) get(a *App) (*audit.Auditor, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return nil, vault.ErrLocked
	}
	if m.auditor == nil {
		made, err := audit.New(a.Rand)
		if err != nil {
			return nil, err
		}
		m.auditor = made
	}
	return m.auditor, nil
}

func (m *auditMemory) keep(r screen.AuditReport) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.closed {
		m.last = &r
	}
}

// close wipes it: the vault is locked.
func (m *auditMemory) close() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.auditor != nil {
		m.auditor.Close()
	}
	m.auditor, m.last, m.closed = nil, nil, true
}

// Run implements screen.Auditor.
func (t tuiAuditor) Run(ctx context.Context, v screen.Vault, o screen.AuditOptions, progress func(stage string, done, total int)) (screen.AuditReport, error) {
	tv, ok := v.(*tuiVault)
	if !ok {
		return screen.AuditReport{}, fmt.Errorf("audit: %w", vault.ErrLocked)
	}
	auditor, err := tv.audit.get(t.a)
	if err != nil {
		return screen.AuditReport{}, err
	}
	j := auditJob{
		a: t.a, s: tv.s, auditor: auditor, fetch: newBreachFetcher(), online: o.Online,
		workers: max(1, runtime.GOMAXPROCS(0)-1), // one processor stays for keys and frames
		howTo:   "name a downloaded list with 'signet config set audit.hashes FILE', or let the service be asked",
	}
	if progress != nil {
		j.work = func(stage audit.Stage, done, total int) { progress(string(stage), done, total) }
	}
	begun := t.a.Now()
	rep, err := j.run(ctx)
	if err != nil {
		return screen.AuditReport{}, err
	}
	out := screenReport(rep)
	out.At, out.Online = begun, j.askedOnline
	tv.audit.keep(out)
	return out, nil
}

// Last implements screen.Auditor.
func (tuiAuditor) Last(v screen.Vault) (screen.AuditReport, bool) {
	tv, ok := v.(*tuiVault)
	if !ok {
		return screen.AuditReport{}, false
	}
	tv.audit.mu.Lock()
	defer tv.audit.mu.Unlock()
	if tv.audit.last == nil {
		return screen.AuditReport{}, false
	}
	return *tv.audit.last, true
}

func screenReport(rep audit.Report) screen.AuditReport {
	out := screen.AuditReport{Entries: rep.Entries, Passwords: rep.Passwords, Ignored: rep.Ignored}
	for _, f := range rep.Findings {
		out.Findings = append(out.Findings, screen.AuditFinding{
			Kind: screen.AuditKind(f.Kind), Severity: screen.AuditSeverity(f.Severity), Entry: f.Entry, Title: f.Title, User: f.User, Path: f.Path,
			What: f.What, Means: f.Means, Todo: f.Todo, With: f.With,
		})
	}
	for _, g := range rep.Gaps {
		out.Unchecked = append(out.Unchecked, screen.AuditGap{What: g.What, Why: g.Why, Todo: g.Todo, Failed: g.Failed})
	}
	return out
}
