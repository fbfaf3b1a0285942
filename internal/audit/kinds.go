package audit

import (
	"cmp"
	"slices"
	"strings"

	"signet/vault/entry"
)

// Kind is a kind of finding.
type Kind string

// The kinds.
const (
	Breached  Kind = "breached"
	Reused    Kind = "reused"
	Weak      Kind = "weak"
	Insecure  Kind = "insecure"
	Expired   Kind = "expired"
	Expiring  Kind = "expiring"
	Duplicate Kind = "duplicate"
	NoSecond  Kind = "no-2fa"
	Old       Kind = "old"
)

// Kinds lists all kinds, worst first.
func Kinds() []Kind {
	return []Kind{Breached, Reused, Weak, Insecure, Expired, Expiring, Duplicate, NoSecond, Old}
}

// Label says a kind in words.
func (k Kind) Label() string {
	switch k {
	case Breached:
		return "known from breaches"
	case Reused:
		return "used more than once"
	case Weak:
		return "easy to guess"
	case Insecure:
		return "address without encryption"
	case Expired:
		return "expired"
	case Expiring:
		return "expires soon"
	case Duplicate:
		return "there twice"
	case NoSecond:
		return "without second factor"
	case Old:
		return "old password"
	}
	return string(k)
}

// Severity says how much a finding matters.
type Severity int

// The severities.
const (
	Low Severity = iota
	Medium
	High
)

func (s Severity) String() string {
	return [...]string{"low", "medium", "high"}[min(max(s, Low), High)]
}

// Finding is one weakness of one entry. It holds no secret.
type Finding struct {
	Kind     Kind
	Severity Severity
	Entry    entry.ID
	Title    string // of the entry: foreign text
	User     string // its user name: foreign text
	Path     string // the field it is about; "" for the whole entry
	What     string // what was found; titles of other entries in it are foreign text
	Means    string // what that means, one sentence
	Todo     string // what to do, one sentence
	With     []entry.ID
}

// Gap is a part that was not checked.
type Gap struct {
	What, Why, Todo string
	Failed          bool // it was asked for and could not be done
}

// Report is what a run found.
type Report struct {
	Findings  []Finding // worst first
	Entries   int       // examined
	Passwords int       // examined; equal ones count each
	Ignored   int       // findings left out because a tag of the entry says so
	Gaps      []Gap
}

// Failed says whether something that was asked for could not be done.
func (r Report) Failed() bool {
	return slices.ContainsFunc(r.Gaps, func(g Gap) bool { return g.Failed })
}

// Counts says how many findings of each kind there are.
func (r Report) Counts() map[Kind]int {
	n := map[Kind]int{}
	for _, f := range r.Findings {
		n[f.Kind]++
	}
	return n
}

// sort puts the worst first: by severity, kind, then title, so that what belongs together stands together.
func (r *Report) sort() {
	rank := map[Kind]int{}
	for i, k := range Kinds() {
		rank[k] = i
	}
	slices.SortStableFunc(r.Findings, func(a, b Finding) int {
		return cmp.Or(
			cmp.Compare(b.Severity, a.Severity), cmp.Compare(rank[a.Kind], rank[b.Kind]), strings.Compare(entry.Fold(a.Title), entry.Fold(b.Title)),
			strings.Compare(string(a.Entry), string(b.Entry)), strings.Compare(a.Path, b.Path),
		)
	})
}

// IgnoreTag on an entry leaves its findings out of the report; IgnoreTag/KIND leaves out those of one kind. They are counted, so
// that nothing vanishes unseen.
const IgnoreTag = "audit-ignore"

// IgnoreTagFor is the tag that leaves one kind out.
func IgnoreTagFor(k Kind) string { return IgnoreTag + "/" + string(k) }

func ignored(tags []string, k Kind) bool {
	return slices.ContainsFunc(tags, func(t string) bool { return strings.EqualFold(t, IgnoreTag) || strings.EqualFold(t, IgnoreTagFor(k)) })
}
