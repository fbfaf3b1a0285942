package screen

import (
	"context"
	"time"

	"signet/vault/entry"
	"signet/vault/secret"
)

// Auditor looks for what is weak in a vault.
type Auditor interface {
	// Run examines everything outside the trash. progress may be nil; it is called from any goroutine. What could not be checked stands in
	// AuditReport.Unchecked; an error means that there is no report. Running again costs little: what was computed for a password
	// stays known, by a keyed hash of it, until the vault is locked.
	Run(ctx context.Context, v Vault, o AuditOptions, progress func(stage string, done, total int)) (AuditReport, error)
	// Last returns the newest report of this vault since it was opened, for search filters like is:weak; false when there was none,
	// then Run makes one. It never waits.
	Last(v Vault) (AuditReport, bool)
}

// AuditOptions say how far an audit goes.
type AuditOptions struct {
	// Online asks the breach service for this run, though the vault's setting audit.online is off: the user was asked.
	Online bool
}

// AuditKind is a kind of finding; its text is what is:… in the search line takes.
type AuditKind string

// The kinds, worst first.
const (
	AuditBreached  AuditKind = "breached"
	AuditReused    AuditKind = "reused"
	AuditWeak      AuditKind = "weak"
	AuditInsecure  AuditKind = "insecure"
	AuditExpired   AuditKind = "expired"
	AuditExpiring  AuditKind = "expiring"
	AuditDuplicate AuditKind = "duplicate"
	AuditNoSecond  AuditKind = "no-2fa"
	AuditOld       AuditKind = "old"
)

// AuditKinds lists the kinds, worst first.
func AuditKinds() []AuditKind {
	return []AuditKind{
		AuditBreached, AuditReused, AuditWeak, AuditInsecure, AuditExpired, AuditExpiring, AuditDuplicate, AuditNoSecond, AuditOld,
	}
}

// AuditSeverity says how much a finding matters.
type AuditSeverity int

// The severities.
const (
	AuditLow AuditSeverity = iota
	AuditMedium
	AuditHigh
)

// AuditFinding is one weakness of one entry. It holds no secret.
type AuditFinding struct {
	Kind     AuditKind
	Severity AuditSeverity
	Entry    entry.ID
	Title    string     // of the entry
	User     string     // its user name, "" when there is none
	Path     string     // the field that it is about; "" for the whole entry
	What     string     // what was found, in a few words: "the same password in 3 entries"
	Means    string     // what that means, one sentence
	Todo     string     // what to do, one sentence
	With     []entry.ID // the other entries of the group: reused, duplicate
}

// AuditGap is a part that was not checked, and why.
type AuditGap struct {
	What, Why, Todo string
	Failed          bool // it was tried
}

// AuditReport is what an audit found.
type AuditReport struct {
	Findings  []AuditFinding // worst first; several of one kind can concern one entry
	Entries   int            // examined
	Passwords int            // examined, equal ones counted each
	Ignored   int            // findings left out because the entry has a tag that says so
	Unchecked []AuditGap
	Online    bool      // the breach service was asked
	At        time.Time // when it began
}

// AuditIgnoreTag on an entry leaves its findings out; with a slash and a kind behind it, those of that kind.
const AuditIgnoreTag = "audit-ignore"

// ByEntry is what each entry has, every kind once.
func (r AuditReport) ByEntry() map[entry.ID][]AuditKind {
	out := make(map[entry.ID][]AuditKind)
	for _, f := range r.Findings {
		kinds := out[f.Entry]
		if n := len(kinds); n == 0 || kinds[n-1] != f.Kind {
			out[f.Entry] = append(kinds, f.Kind)
		}
	}
	return out
}

// Estimator says how hard a password is to guess.
type Estimator interface {
	// Estimate computes only; up to a few milliseconds.
	// about is what it is for: title, user name, address. Who guesses tries their words first.
	Estimate(ctx context.Context, password secret.Secret, about ...string) (Strength, error)
}

// Strength is an estimate.
type Strength struct {
	Score int     // 0 (guessed at once) to 4 (strong)
	Bits  float64 // log2 of the guesses
	Words string  // "very weak", "weak", "fair", "good", "strong"
}
