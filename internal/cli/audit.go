package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/spf13/cobra"

	"signet/internal/audit"
	"signet/internal/session"
	"signet/vault"
)

type auditOptions struct {
	Query    string
	Kinds    []string
	Hashes   string
	Online   bool
	OldDays  int
	ExitCode bool
}

// maxOldDays bounds --old-after.
const maxOldDays = 36500

func newAuditCmd(a *App) *cobra.Command {
	var o auditOptions
	c := &cobra.Command{
		Use: "audit [QUERY…]", Short: "Find weak, reused, breached and old passwords, and what expires",
		Long: "Looks at every entry outside the trash and says what is weak, why, and what to do. With a QUERY, as in ls, it tells of entries that\n" +
			"match; they are still compared with all. Kinds: " + strings.Join(auditKinds(), ", ") + ".\n\n" +
			"Breaches are looked up in a downloaded list (--hashes, or audit.hashes in config.toml): the SHA-1 list of haveibeenpwned.com/Passwords,\n" +
			"ordered by hash, as one file with lines of HASH:COUNT or as a directory with a file for every prefix. With --online, or the vault's\n" +
			"setting audit.online, the service is asked: it gets the first 5 of 40 digits of each password's hash, never a password or a whole hash.\n" +
			"Without either, nothing leaves this machine.\n\n" +
			"A tag " + audit.IgnoreTag + " on an entry leaves its findings out, " + audit.IgnoreTag + "/KIND those of one kind; they are counted.\n\n" +
			"Findings are a report, so the exit code is 0 with them too; --exit-code makes it 1. It is 3 when a part that was asked for could not be done.",
		Example: "  signet audit\n  signet audit tag:work\n  signet audit --kind reused --kind weak\n  signet audit --hashes ~/pwned-passwords-sha1-ordered-by-hash.txt\n  signet audit --json | jq -r 'select(.kind == \"weak\").title'",
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Query = strings.Join(args, " ")
			return runAudit(cmd.Context(), a, o)
		},
	}
	f := c.Flags()
	f.StringSliceVar(&o.Kinds, "kind", nil, "only this `KIND` of finding (several times for several)")
	f.StringVar(&o.Hashes, "hashes", "", "look breaches up in `FILE`, a downloaded list of SHA-1 hashes, ordered by hash")
	f.BoolVar(&o.Online, "online", false, "ask the breach service about passwords this time, by the first 5 digits of their hashes")
	f.IntVar(&o.OldDays, "old-after", int(audit.OldAfter/(24*time.Hour)), "passwords unchanged for `DAYS` are old; 0 for never")
	f.BoolVar(&o.ExitCode, "exit-code", false, "exit with 1 when anything was found")
	_ = c.RegisterFlagCompletionFunc("kind", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return auditKinds(), cobra.ShellCompDirectiveNoFileComp
	})
	return c
}

func auditKinds() (out []string) {
	for _, k := range audit.Kinds() {
		out = append(out, string(k))
	}
	return out
}

func (o auditOptions) kinds() (out []audit.Kind, err error) {
	for _, k := range o.Kinds {
		if !slices.Contains(audit.Kinds(), audit.Kind(k)) {
			return nil, usagef("no kind of finding is called %q", k).hint("%s", strings.Join(auditKinds(), ", "))
		}
		out = append(out, audit.Kind(k))
	}
	return out, nil
}

func runAudit(ctx context.Context, a *App, o auditOptions) error {
	kinds, err := o.kinds()
	if err != nil {
		return err
	}
	if o.OldDays < 0 || o.OldDays > maxOldDays {
		return usagef("--old-after is a number of days, 0 for never")
	}
	old := time.Duration(o.OldDays) * 24 * time.Hour
	if old == 0 {
		old = -1
	}
	auditor, err := audit.New(a.Rand)
	if err != nil {
		return err
	}
	defer auditor.Close()
	return a.withSession(ctx, func(s session.Session) error {
		line := progressLine{a: a}
		j := auditJob{
			a: a, s: s, auditor: auditor, fetch: newBreachFetcher(), kinds: kinds, hashes: o.Hashes, online: o.Online, old: old, work: line.show,
			howTo: "--hashes FILE searches a downloaded list, --online asks the service",
		}
		rep, err := j.run(ctx)
		line.clear()
		if err == nil {
			err = onlyMatching(ctx, s, o.Query, &rep)
		}
		if err != nil {
			return err
		}
		return a.giveAudit(rep, o)
	})
}

// onlyMatching leaves the findings of entries that match a query.
func onlyMatching(ctx context.Context, s session.Session, query string, rep *audit.Report) error {
	if query == "" {
		return nil
	}
	page, err := s.Find(ctx, session.Query{Text: query})
	if err != nil {
		return err
	}
	match := make(map[vault.ID]bool, len(page.Rows))
	for _, r := range page.Rows {
		match[r.ID] = true
	}
	rep.Findings = slices.DeleteFunc(rep.Findings, func(f audit.Finding) bool { return !match[f.Entry] })
	return nil
}

// giveAudit prints the report: findings, what was not checked, the sum.
func (a *App) giveAudit(rep audit.Report, o auditOptions) error {
	switch {
	case a.JSON:
		if err := a.jsonAudit(rep); err != nil {
			return err
		}
	case a.OutTTY:
		a.tellAudit(rep)
	default:
		for _, f := range rep.Findings {
			a.row(f.Severity.String(), string(f.Kind), shortID(f.Entry), f.Title, f.User, f.What)
		}
	}
	if !a.JSON {
		for _, g := range rep.Gaps {
			a.note("not checked: %s: %s (%s)", g.What, g.Why, g.Todo)
		}
		a.note("%s", auditSum(rep))
	}
	switch {
	case rep.Failed():
		return &Error{Exit: ExitPartial, Code: "audit.partial", Msg: "a part of the audit could not be done", Hint: "the rest of the report is complete"}
	case o.ExitCode && len(rep.Findings) > 0:
		return &Error{Exit: ExitFailure, Code: "audit.found", Msg: "something was found"}
	}
	return nil
}

// auditSum is the line at the end.
func auditSum(rep audit.Report) string {
	var parts []string
	counts := rep.Counts()
	for _, k := range audit.Kinds() {
		if n := counts[k]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, k))
		}
	}
	found := "nothing found"
	if len(parts) > 0 {
		found = strings.Join(parts, ", ")
	}
	sum := fmt.Sprintf("%s; %s with %s checked", found, plural(rep.Entries, "entry"), plural(rep.Passwords, "password"))
	if rep.Ignored > 0 {
		sum += fmt.Sprintf("; %s left out by the tag %s", plural(rep.Ignored, "finding"), audit.IgnoreTag)
	}
	return sum
}

// tellAudit prints findings for people: a heading for each kind of each severity with what it means, then the entries.
func (a *App) tellAudit(rep audit.Report) {
	for i := 0; i < len(rep.Findings); {
		f, end := rep.Findings[i], i
		for end < len(rep.Findings) && rep.Findings[end].Kind == f.Kind && rep.Findings[end].Severity == f.Severity {
			end++
		}
		a.printf("%s: %s (%d)\n", strings.ToUpper(f.Severity.String()), f.Kind.Label(), end-i)
		for _, text := range explanations(rep.Findings[i:end]) {
			for _, l := range wrapText(text, 2) {
				a.printf("  %s\n", l)
			}
		}
		t := &table{a: a, width: make([]int, 4)}
		for _, f := range rep.Findings[i:end] {
			t.row("  "+shortID(f.Entry), f.Title, f.User, f.What)
		}
		t.flush()
		a.printf("\n")
		i = end
	}
}

// wrapText breaks text for people at spaces, for lines that begin indented.
func wrapText(text string, indent int) []string {
	const most = 100
	return strings.Split(ansi.Wrap(text, most-indent, ""), "\n")
}

// explanations are the different things that findings mean, each once.
func explanations(fs []audit.Finding) (out []string) {
	for _, f := range fs {
		if text := f.Means + " " + f.Todo; !slices.Contains(out, text) {
			out = append(out, text)
		}
	}
	return out
}

type findingLine struct {
	Type     string   `json:"type"`
	V        int      `json:"v"`
	Kind     string   `json:"kind"`
	Severity string   `json:"severity"`
	ID       string   `json:"id"`
	Title    string   `json:"title"`
	Username string   `json:"username,omitempty"`
	Field    string   `json:"field,omitempty"`
	What     string   `json:"what"`
	Means    string   `json:"means"`
	Todo     string   `json:"todo"`
	With     []string `json:"with,omitempty"`
}

type auditLine struct {
	Type      string         `json:"type"`
	V         int            `json:"v"`
	Entries   int            `json:"entries"`
	Passwords int            `json:"passwords"`
	Findings  int            `json:"findings"`
	Ignored   int            `json:"ignored,omitempty"`
	Counts    map[string]int `json:"counts"`
	Unchecked []gapLine      `json:"unchecked,omitempty"`
}

type gapLine struct {
	What   string `json:"what"`
	Why    string `json:"why"`
	Failed bool   `json:"failed"`
}

func (a *App) jsonAudit(rep audit.Report) error {
	for _, f := range rep.Findings {
		l := findingLine{"finding", 1, string(f.Kind), f.Severity.String(), string(f.Entry), f.Title, f.User, f.Path, f.What, f.Means, f.Todo, idTexts(f.With)}
		if err := a.line(l); err != nil {
			return err
		}
	}
	sum := auditLine{"audit", 1, rep.Entries, rep.Passwords, len(rep.Findings), rep.Ignored, map[string]int{}, nil}
	for k, n := range rep.Counts() {
		sum.Counts[string(k)] = n
	}
	for _, g := range rep.Gaps {
		sum.Unchecked = append(sum.Unchecked, gapLine{g.What, g.Why, g.Failed})
	}
	return a.line(sum)
}

func idTexts(ids []vault.ID) (out []string) {
	for _, id := range ids {
		out = append(out, string(id))
	}
	return out
}
