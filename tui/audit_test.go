package tui

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"signet/tui/screen"
	"signet/tui/tuitest"
	"signet/vault/entry"
)

func auditor(d *driver) *tuitest.Auditor {
	a, _ := d.r.opt.Ports.Auditor.(*tuitest.Auditor)
	return a
}

// audit opens the audit of the samples and waits for the report.
func audit(t *testing.T, w, h int, settings ...setting) *driver {
	t.Helper()
	return drive(t, w, h, append([]setting{opened}, settings...)...).want("15").keys("ctrl+x A").want("finding").settled()
}

func TestTheAuditListsTheWorstFirstAndOpensTheEntry(t *testing.T) {
	t.Parallel()
	d := audit(t, 100, 30)
	d.want("High: easy to guess", "Low: old password", "Somebody who may try often", "Change it on the site")
	if p := d.picture(); strings.Index(p, "High:") > strings.Index(p, "Low:") {
		t.Errorf("not sorted:\n%s", p)
	}
	d.keys("enter").want("User name").keys("esc").want("High: easy to guess").keys("e").want("unchanged").keys("esc").want("High: easy to guess")
}

func TestAFindingGoesWhenItsEntryIsMended(t *testing.T) {
	t.Parallel()
	d := audit(t, 100, 30)
	d.keys("G").want("unchanged since January 2020").keys("g")
	a, _ := d.top().(*screen.Audit)
	before := auditor(d).Ran()
	d.keys("e").want("unchanged").typed("a much longer one").keys("ctrl+x s").want("is saved")
	d.until("another look", func() bool { return auditor(d).Ran() > before && a.Settled() && d.is("6 findings") })
	if d.is("looking at") {
		t.Error("a look that nobody asked for shows itself at once")
	}
}

func TestTheAuditCanBeFilteredByKind(t *testing.T) {
	t.Parallel()
	d := audit(t, 100, 30)
	d.want("[all 7]").keys("tab", "tab").want("[weak 3]").gone("Low: old").keys("shift+tab", "shift+tab").want("[all").keys("left").want("[old").gone("High: easy")
	d.keys("right").want("[all", "High: easy")
}

func TestAFindingIsLeftOutByATagThatCanBeTakenBack(t *testing.T) {
	t.Parallel()
	d := audit(t, 100, 30).keys("G").want("January 2020").keys("I").want("left out by tags").gone("January 2020")
	e, err := d.vault.Get(t.Context(), tuitest.ID(1), false)
	if err != nil || !slices.Contains(e.Tags, "audit-ignore/old") {
		t.Errorf("tags %q, %v", e.Tags, err)
	}
	d.keys("z").want("Taken back", "old 1").gone("left out by tags")
}

func TestTheServiceIsAskedOnlyAfterAQuestion(t *testing.T) {
	t.Parallel()
	d := audit(t, 100, 40)
	d.want("Not checked: passwords known from breaches").keys("b").want("Ask the breach service?", "first 5 of 40 digits").keys("esc").gone("Ask the breach")
	if d.is("breached") {
		t.Error("asked without a yes")
	}
	d.keys("b").want("Ask the breach service?").keys("down", "enter").want("breached 1", "known from breaches", "seen 17 times").gone("Not checked")
}

func TestARunningAuditShowsItselfAndCanBeCancelled(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 24, opened).want("15")
	release := auditor(d).Hold()
	d.keys("ctrl+x A").want("looking at entries: 0 of 15; Esc cancels").keys("esc").want("The audit was cancelled. r begins it again")
	release()
	d.keys("r").want("High: easy to guess").keys("esc").gone("High:")
}

// A look that nobody asked for stays unseen unless it takes long; Esc then ends it and not the screen.
func TestAQuietAuditShowsItselfWhenItTakesLong(t *testing.T) {
	t.Parallel()
	d := audit(t, 100, 30)
	release := auditor(d).Hold()
	d.run(d.r.broadcast(screen.Changed{}))
	if d.is("looking at") {
		t.Error("seen at once")
	}
	d.tick(2*time.Second).want("looking at", "High: easy to guess")
	release()
	d.settled().gone("looking at")
}

func TestAnAuditThatFailsSaysWhy(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 24, opened).want("15")
	auditor(d).Err = errors.New("the disk is gone")
	d.keys("ctrl+x A").want("the disk is gone")
}

func TestAnEmptyAuditSaysWhatWasLookedAtAndWhatNot(t *testing.T) {
	t.Parallel()
	good := func(o *Options, op *tuitest.Opener) {
		v := tuitest.NewVault(op.Vault.Clock)
		e := tuitest.Login("Site", "ada", "long and good enough", "https://site.example")
		e.ID = tuitest.ID(1)
		v.Add(e)
		o.Vault = v
	}
	d := drive(t, 80, 24, good).want("Site").keys("ctrl+x A").want("Nothing found. 1 entry with 1 password", "Not checked: passwords known from breaches", "signet config set audit.hashes", "asks the service this time")
	d.keys("enter", "e", "I", "tab", "space", "esc").want("Site")
	none := func(o *Options, op *tuitest.Opener) { o.Vault = tuitest.NewVault(op.Vault.Clock) }
	drive(t, 80, 24, none).want("No entries yet").keys("ctrl+x A").want("nothing to look at yet")
}

func TestTheAuditOpensAgainWithWhatItFoundLast(t *testing.T) {
	t.Parallel()
	d := audit(t, 100, 30).keys("esc").want("type to search")
	release := auditor(d).Hold()
	d.keys("ctrl+x A")
	if !d.is("High: easy to guess") {
		t.Errorf("what is known is not shown at once:\n%s", d.picture())
	}
	release()
	d.settled()
}

func TestAnEntrySaysWhatTheLastAuditFound(t *testing.T) {
	t.Parallel()
	d := audit(t, 100, 30).keys("tab", "tab").want("[weak 3]").keys("enter").want("Mail", "weak · login")
	d.keys("e").want("unchanged").typed("a much longer one").keys("ctrl+x s").want("is saved").gone("weak")
	drive(t, 100, 30, opened).want("15").keys("enter").want("One-time code").gone("old · login")
}

func TestTheAuditHoldsNoSecretAndHostileTitlesAreHarmless(t *testing.T) {
	t.Parallel()
	d := audit(t, 100, 40)
	d.noLeak("in the audit", tuitest.Canary, "s3cret-Bank", "battery staple")
	if raw, _ := d.r.picture(); strings.Contains(raw, "\x1b]") || strings.Contains(raw, "\u202e") || strings.Contains(raw, "evil\n") {
		t.Error("the frame holds a title's escape sequences")
	}
	d.until("everything that was read to be wiped", func() bool { return len(d.vault.Left()) == 0 })
	d.keys("L").want("Passphrase")
	if strings.Contains(reachable(d.r), "ada@example.com") {
		t.Error("the locked model still knows a user name")
	}
}

func TestTheAuditIsSaneAtEverySize(t *testing.T) {
	t.Parallel()
	d := audit(t, 100, 30)
	for w := 0; w <= 130; w += 7 {
		for h := 0; h <= 40; h += 3 {
			d.resize(w, h)
			lines := strings.Split(d.picture(), "\n")
			if len(lines) > max(h, 1) {
				t.Fatalf("%dx%d: %d lines", w, h, len(lines))
			}
		}
	}
}

func TestByEntryNamesEveryKindOnce(t *testing.T) {
	t.Parallel()
	r := screen.AuditReport{Findings: []screen.AuditFinding{
		{Entry: "a", Kind: screen.AuditWeak, Path: "x"}, {Entry: "b", Kind: screen.AuditWeak}, {Entry: "a", Kind: screen.AuditWeak, Path: "y"}, {Entry: "a", Kind: screen.AuditOld},
	}}
	got := r.ByEntry()
	if !slices.Equal(got[entry.ID("a")], []screen.AuditKind{screen.AuditWeak, screen.AuditOld}) || len(got["b"]) != 1 {
		t.Errorf("%v", got)
	}
}
