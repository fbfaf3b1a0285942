package tuitest

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"

	"signet/tui/screen"
	"signet/vault/entry"
	"signet/vault/secret"
)

// Auditor audits with simple rules: short passwords are weak, equal ones reused, http is insecure, GitHub's is old. Breached is what Known holds, once the
// service was asked.
type Auditor struct {
	Clock *Clock
	Known []string // passwords that the service knows
	Err   error    // of the next runs

	mu    sync.Mutex
	block chan struct{}
	runs  int
	last  *screen.AuditReport
	asked bool
}

// Hold makes runs wait until the returned function is called, or for their context.
func (a *Auditor) Hold() (release func()) {
	ch := make(chan struct{})
	a.mu.Lock()
	defer a.mu.Unlock()
	a.block = ch
	return func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.block = nil
		close(ch)
	}
}

// Ran is how many runs were begun.
func (a *Auditor) Ran() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.runs
}

// weakBelow is the length from which the fake calls a password good.
const weakBelow = 8

// Run implements screen.Auditor.
func (a *Auditor) Run(ctx context.Context, v screen.Vault, o screen.AuditOptions, progress func(stage string, done, total int)) (screen.AuditReport, error) {
	a.mu.Lock()
	a.runs++
	block, err := a.block, a.Err
	a.asked = a.asked || o.Online
	asked := a.asked
	a.mu.Unlock()
	rows, rowErr := v.Rows(ctx, false)
	if err = cmp.Or(err, rowErr); err != nil {
		return screen.AuditReport{}, err
	}
	if progress != nil {
		progress("entries", 0, len(rows))
	}
	if block != nil {
		select {
		case <-block:
		case <-ctx.Done():
			return screen.AuditReport{}, ctx.Err()
		}
	}
	r, err := a.look(ctx, v, rows, asked)
	if err != nil {
		return screen.AuditReport{}, err
	}
	r.Online, r.At = o.Online, a.Clock.Now()
	if !asked {
		r.Unchecked = []screen.AuditGap{{
			What: "passwords known from breaches", Why: "no downloaded list of hashes is named, and asking the service is off",
			Todo: "name a downloaded list with 'signet config set audit.hashes FILE', or let the service be asked",
		}}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.last = &r
	return r, nil
}

// Last implements screen.Auditor.
func (a *Auditor) Last(screen.Vault) (screen.AuditReport, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.last == nil {
		return screen.AuditReport{}, false
	}
	return *a.last, true
}

// audited is one password of an entry.
type audited struct {
	row  entry.Row
	path string
	pass string
}

func (a *Auditor) look(ctx context.Context, v screen.Vault, rows []entry.Row, asked bool) (r screen.AuditReport, err error) {
	slices.SortFunc(rows, func(a, b entry.Row) int { return cmp.Compare(a.ID, b.ID) })
	var all []audited
	same := map[string][]entry.ID{}
	for _, row := range rows {
		x := audited{row: row}
		if x.path, x.pass, err = password(ctx, v, row); err != nil {
			return r, err
		}
		if x.pass != "" {
			r.Passwords++
			same[x.pass] = append(same[x.pass], row.ID)
		}
		all = append(all, x)
	}
	r.Entries = len(rows)
	for _, x := range all {
		for _, f := range a.judge(x, same[x.pass], asked) {
			if slices.Contains(x.row.Tags, screen.AuditIgnoreTag+"/"+string(f.Kind)) {
				r.Ignored++
				continue
			}
			r.Findings = append(r.Findings, f)
		}
	}
	slices.SortStableFunc(r.Findings, func(a, b screen.AuditFinding) int {
		return cmp.Or(cmp.Compare(b.Severity, a.Severity), cmp.Compare(slices.Index(screen.AuditKinds(), a.Kind), slices.Index(screen.AuditKinds(), b.Kind)))
	})
	return r, nil
}

// password reads the password of a login; nothing when there is none.
func password(ctx context.Context, v screen.Vault, row entry.Row) (path, pass string, err error) {
	if !row.Has.Password {
		return "", "", nil
	}
	e, err := v.Get(ctx, row.ID, false)
	if err != nil {
		return "", "", err
	}
	defer e.Wipe()
	c, _ := e.Credential(entry.BasicAuth)
	m, _ := c.Member("password")
	vals, err := v.Field(ctx, entry.FieldRef{Record: row.ID, Path: m.Path})
	if err != nil {
		return "", "", err
	}
	defer func() {
		for _, x := range vals {
			x.Value.Wipe()
		}
	}()
	return m.Path, strings.Clone(vals[0].Value.RevealString()), nil
}

func (a *Auditor) judge(x audited, same []entry.ID, asked bool) (out []screen.AuditFinding) {
	add := func(k screen.AuditKind, s screen.AuditSeverity, what, means, todo string) {
		out = append(out, screen.AuditFinding{
			Kind: k, Severity: s, Entry: x.row.ID, Title: x.row.Title, User: x.row.Username, Path: x.path, What: what, Means: means, Todo: todo,
		})
	}
	if asked && slices.Contains(a.Known, x.pass) {
		add(screen.AuditBreached, screen.AuditHigh, "seen 17 times in known breaches", "Programs that break into accounts try this password everywhere.", "Change it now.")
	}
	if x.pass != "" && len(x.pass) < weakBelow {
		add(screen.AuditWeak, screen.AuditHigh, "very weak password, found within 100 guesses", "Somebody who may try often finds it by guessing.", "Change it on the site to a generated one.")
	}
	if x.pass != "" && len(same) > 1 {
		add(screen.AuditReused, screen.AuditMedium, "the same password as another entry", "When one of these sites loses it, all of these accounts are open.", "Give each account a password of its own.")
		out[len(out)-1].With = slices.DeleteFunc(slices.Clone(same), func(id entry.ID) bool { return id == x.row.ID })
	}
	for _, u := range x.row.URLs {
		if strings.HasPrefix(u, "http://") {
			add(screen.AuditInsecure, screen.AuditMedium, "http:// to "+entry.Host(u), "What you type there crosses the network readable.", "Try the address with https.")
		}
	}
	if x.row.Title == "GitHub" {
		add(screen.AuditOld, screen.AuditLow, "unchanged since January 2020, 6 years", "Age alone is no danger.", "Change it when you are there next.")
	}
	return out
}

// Estimator calls long passwords strong.
type Estimator struct{}

// Estimate implements screen.Estimator.
func (Estimator) Estimate(_ context.Context, password secret.Secret, _ ...string) (screen.Strength, error) {
	n := len(password.Reveal())
	words := [...]string{"very weak", "weak", "fair", "good", "strong"}
	score := min(n/4, len(words)-1)
	return screen.Strength{Score: score, Bits: float64(4 * n), Words: words[score]}, nil
}
