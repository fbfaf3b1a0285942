package audit_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"signet/internal/audit"
	"signet/vault/entry"
	"signet/vault/secret"
)

var now = time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)

// item makes an entry with readable parts; ids come from the title.
type item struct {
	title, user, pass string
	urls              []string
	tags              []string
	changed           time.Time // when the password was written
	more              []entry.Credential
	expires           time.Time
	trashed           bool
}

func (it item) entry() entry.Entry {
	e := entry.Entry{ID: id(it.title), Rec: entry.RecEntry, Title: it.title, Tags: it.tags, Expires: it.expires, Credentials: it.more}
	if it.trashed {
		e.Trashed = now
	}
	for i, u := range it.urls {
		e.URLs = append(e.URLs, entry.URL{ID: fmt.Sprint("u", i), URL: u})
	}
	if it.pass != "" {
		changed := it.changed
		if changed.IsZero() {
			changed = now
		}
		login := cred(entry.BasicAuth, "username", it.user, "password", it.pass)
		for i := range login.Members {
			login.Members[i].Wall = changed.UnixMilli()
		}
		e.Credentials = append([]entry.Credential{login}, e.Credentials...)
	}
	return e
}

func id(title string) entry.ID { return entry.ID("id-" + title) }

func cred(typ string, pairs ...string) entry.Credential {
	c := entry.Credential{ID: typ, Type: typ}
	for i := 0; i < len(pairs); i += 2 {
		c.Members = append(c.Members, entry.Member{Name: pairs[i], Path: entry.CredPath(typ, pairs[i]), Value: secret.FromString(pairs[i+1])})
	}
	return c
}

func stream(items ...item) iter.Seq2[entry.Entry, error] {
	return func(yield func(entry.Entry, error) bool) {
		for _, it := range items {
			if !yield(it.entry(), nil) {
				return
			}
		}
	}
}

// strong passwords for entries that are about something else.
var strong = []string{"x7#Kd-9vQ2!mZr8@Lp0w", "Gm4&tY!1sWq8_bN6%hEz", "nC2^vR9$kU5*jX3(aPd7", "Zt8)oI1+fL6=eD0{yHg4"}

func run(t *testing.T, o audit.Options, items ...item) audit.Report {
	t.Helper()
	a, err := audit.New(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	o.Now = now
	rep, err := a.Run(t.Context(), stream(items...), o)
	if err != nil {
		t.Fatal(err)
	}
	return rep
}

// lines renders findings as "kind severity title: what".
func lines(rep audit.Report) (out []string) {
	for _, f := range rep.Findings {
		out = append(out, fmt.Sprintf("%s %s %s: %s", f.Kind, f.Severity, f.Title, f.What))
	}
	return out
}

func expect(t *testing.T, rep audit.Report, want ...string) {
	t.Helper()
	got := lines(rep)
	if !slices.Equal(got, want) {
		t.Errorf("findings:\n  %s\nexpected:\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

func TestWeakPasswords(t *testing.T) {
	rep := run(t, audit.Options{},
		item{title: "A", user: "ada", pass: "password"},
		item{title: "B", user: "ada", pass: "dragon-77"},
		item{title: "C", user: "ada", pass: "elephant77"},
		item{title: "D", user: "ada", pass: strong[0]},
		item{title: "Wonderland", user: "ada", pass: "wonderland-ada"}, // its own words
		item{title: "Net", more: []entry.Credential{cred(entry.WiFi, "ssid", "home", "passphrase", "12345678")}},
		item{title: "Card", more: []entry.Credential{cred(entry.CreditCard, "number", "4111", "pin", "1234")}}, // a PIN is no password
	)
	expect(t, rep,
		"weak high A: a very weak password, one of the first guesses",
		"weak high B: a weak password, found within 110 thousand guesses",
		"weak high C: a weak password, found within 38 thousand guesses",
		"weak high Net: a very weak password, one of the first guesses",
		"weak medium Wonderland: a fair password, but found within 2 million guesses",
	)
	if rep.Entries != 7 || rep.Passwords != 6 {
		t.Errorf("%d entries, %d passwords", rep.Entries, rep.Passwords)
	}
}

func TestReuseAndDuplicates(t *testing.T) {
	rep := run(t, audit.Options{},
		item{title: "Bank", user: "ada", pass: strong[0], urls: []string{"https://bank.example"}},
		item{title: "Shop", user: "ada", pass: strong[0], urls: []string{"https://shop.example"}},
		item{title: "Mail", user: "ada", pass: strong[1], urls: []string{"https://mail.example.org"}},
		item{title: "Mail again", user: "Ada ", pass: strong[1], urls: []string{"https://www.example.org/login"}},
		item{title: "Forum", user: "ada", pass: strong[2], urls: []string{"https://forum.example"}},
		item{title: "Forum, other account", user: "bob", pass: strong[2], urls: []string{"https://forum.example"}},
		item{title: "Gone", user: "ada", pass: strong[0], trashed: true},
		item{title: "Alone", user: "ada", pass: strong[3]},
	)
	expect(t, rep,
		"reused medium Bank: the same password as “Shop”",
		"reused medium Forum: the same password as “Forum, other account”",
		"reused medium Forum, other account: the same password as “Forum”",
		"reused medium Shop: the same password as “Bank”",
		"duplicate low Mail: the same account and password as “Mail again”",
		"duplicate low Mail again: the same account and password as “Mail”",
	)
	if with := rep.Findings[0].With; !slices.Equal(with, []entry.ID{id("Shop")}) {
		t.Errorf("the other entry is %v", with)
	}
}

func TestReuseInManyEntriesIsBoundedAndWorse(t *testing.T) {
	var items []item
	for i := range 300 {
		items = append(items, item{title: fmt.Sprintf("Site %03d", i), user: "ada", pass: strong[0], urls: []string{fmt.Sprintf("https://site%d.example", i)}})
	}
	rep := run(t, audit.Options{}, items...)
	f := rep.Findings[0]
	if len(rep.Findings) != 300 || f.Severity != audit.High || f.What != "the same password as “Site 001”, “Site 002”, “Site 003” and 296 more" || len(f.With) != 100 {
		t.Errorf("%d findings, the first %s: %s, with %d", len(rep.Findings), f.Severity, f.What, len(f.With))
	}
}

func TestTheSameCardTwice(t *testing.T) {
	card := func(n string) []entry.Credential { return []entry.Credential{cred(entry.CreditCard, "number", n)} }
	rep := run(t, audit.Options{}, item{title: "Visa", more: card("4111 1111 1111 1111")}, item{title: "Visa 2", more: card("4111111111111111")}, item{title: "Other", more: card("4222")})
	expect(t, rep, "duplicate low Visa: the same card or key as “Visa 2”", "duplicate low Visa 2: the same card or key as “Visa”")
}

func TestOldPasswords(t *testing.T) {
	items := []item{
		{title: "New", pass: strong[0], changed: now.AddDate(-2, -11, 0)},
		{title: "Old", pass: strong[1], changed: now.AddDate(-5, 0, -9)},
		{title: "Unknown", pass: strong[2], changed: time.UnixMilli(0)},
	}
	expect(t, run(t, audit.Options{}, items...), "old low Old: unchanged since March 2021, 5 years")
	expect(t, run(t, audit.Options{OldAfter: -1}, items...))
	if rep := run(t, audit.Options{OldAfter: 365 * 24 * time.Hour}, items...); len(rep.Findings) != 2 {
		t.Errorf("after one year: %v", lines(rep))
	}
}

func TestSecondFactors(t *testing.T) {
	totp := []entry.Credential{cred(entry.TOTP, "secret", "JBSWY3DPEHPK3PXP", "issuer", "GitLab")}
	rep := run(t, audit.Options{},
		item{title: "Code hosting", user: "ada", pass: strong[0], urls: []string{"https://github.com/login"}},
		item{title: "With code", user: "bob", pass: strong[1], urls: []string{"https://www.dropbox.com"}, more: totp},
		item{title: "Elsewhere", user: "ada", pass: strong[2], urls: []string{"https://gitlab.com"}},
		item{title: "From an app", more: totp}, // an entry of an authenticator app: only an issuer
		item{title: "Unknown site", user: "ada", pass: strong[3], urls: []string{"https://example.com"}},
		item{title: "Google", user: "eve", pass: "Qq1-" + strong[0], urls: []string{"https://accounts.google.com"}},
		item{title: "Google passkey", more: []entry.Credential{cred(entry.Passkey, "rpId", "google.com", "username", "eve")}},
	)
	got := lines(rep)
	if len(got) != 1 || got[0] != "no-2fa low Code hosting: github.com without one-time code or passkey" {
		t.Errorf("%q", got)
	}
}

func TestAddressesWithoutEncryption(t *testing.T) {
	login := func(title string, urls ...string) item {
		return item{title: title, user: "ada", pass: strong[0] + title, urls: urls}
	}
	rep := run(t, audit.Options{},
		login("Plain", "http://example.com/login"),
		login("Files", "FTP://files.example.com"),
		login("Router", "http://192.168.1.1", "http://fritz.box", "http://nas", "http://printer.local", "http://[::1]:80", "http://[fe80::1]", "http://x.onion"),
		login("Inside", "https://ada:hunter2@example.com"),
		login("Good", "https://example.com", "example.com", "%zz", "http://"),
		item{title: "Note", urls: []string{"http://example.com"}, more: []entry.Credential{cred(entry.Note, "content", "x")}},
	)
	expect(t, rep,
		"insecure medium Files: ftp:// to files.example.com",
		"insecure medium Inside: a password stands in the web address",
		"insecure medium Plain: http:// to example.com",
	)
	for _, f := range rep.Findings {
		if strings.Contains(f.What+f.Means+f.Todo, "hunter2") {
			t.Error("a finding shows the password")
		}
		if f.Path != "url/u0" {
			t.Errorf("%s names the field %q", f.Title, f.Path)
		}
	}
}

func TestExpiry(t *testing.T) {
	with := func(title, typ, date string) item {
		return item{title: title, more: []entry.Credential{cred(typ, "expiryDate", date)}}
	}
	rep := run(t, audit.Options{},
		with("Card this month", entry.CreditCard, "2026-03"),
		with("Card last month", entry.CreditCard, "02/2026"),
		with("Card later", entry.CreditCard, "2026-06"),
		with("Passport", "passport", "2026-08-01"),
		with("Passport later", "passport", "2027-08-01"),
		with("Key", entry.APIKey, "2026-03-13"),
		with("Today", entry.APIKey, "2026-03-14"),
		with("Nonsense", entry.CreditCard, strings.Repeat("9", 5000)),
		item{title: "Entry", expires: now.Add(-time.Hour)},
	)
	expect(t, rep,
		"expired medium Card last month: the card expired on 2026-02-28",
		"expired medium Entry: the entry expired on 2026-03-14",
		"expired medium Key: the API key expired on 2026-03-13",
		"expiring low Card this month: the card expires on 2026-03-31",
		"expiring low Passport: the passport expires on 2026-08-01",
		"expiring low Today: the API key expires on 2026-03-14",
	)
}

func TestTagsLeaveFindingsOutAndTheyAreCounted(t *testing.T) {
	old := now.AddDate(-9, 0, 0)
	rep := run(t, audit.Options{},
		item{title: "All", pass: "password", changed: old, tags: []string{"Audit-Ignore"}},
		item{title: "One kind", pass: "letmein", changed: old, tags: []string{"audit-ignore/weak"}},
	)
	expect(t, rep, "old low One kind: unchanged since March 2017, 9 years")
	if rep.Ignored != 3 {
		t.Errorf("%d ignored", rep.Ignored)
	}
}

func TestOnlyTheKindsAskedFor(t *testing.T) {
	rep := run(t, audit.Options{Kinds: []audit.Kind{audit.Old}}, item{title: "A", pass: "password", changed: now.AddDate(-9, 0, 0), urls: []string{"http://example.com"}})
	expect(t, rep, "old low A: unchanged since March 2017, 9 years")
	if len(rep.Gaps) != 0 {
		t.Errorf("gaps %v though breaches were not asked for", rep.Gaps)
	}
}

func TestWithoutSourceBreachesAreAGapAndNoFailure(t *testing.T) {
	rep := run(t, audit.Options{NoSource: audit.Gap{What: "breaches"}}, item{title: "A", pass: strong[0]})
	if len(rep.Gaps) != 1 || rep.Failed() {
		t.Errorf("gaps %+v", rep.Gaps)
	}
}

func TestCancelAndErrorsOfTheStream(t *testing.T) {
	a, _ := audit.New(rand.Reader)
	defer a.Close()
	ctx, cancel := context.WithCancel(t.Context())
	endless := func(yield func(entry.Entry, error) bool) {
		for i := 0; ; i++ {
			if i == 500 {
				cancel()
			}
			if !yield(item{title: fmt.Sprint(i), pass: fmt.Sprintf("word-%d", i)}.entry(), nil) {
				return
			}
		}
	}
	if _, err := a.Run(ctx, endless, audit.Options{Now: now}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	broken := errors.New("broken")
	fails := func(yield func(entry.Entry, error) bool) {
		if yield(item{title: "A", pass: "x"}.entry(), nil) {
			yield(entry.Entry{}, broken)
		}
	}
	if _, err := a.Run(t.Context(), fails, audit.Options{Now: now}); !errors.Is(err, broken) {
		t.Errorf("stream failed: %v", err)
	}
	a.Close()
	if _, err := a.Run(t.Context(), stream(), audit.Options{Now: now}); err == nil {
		t.Error("a closed auditor runs")
	}
}

// Entries are wiped when they were looked at.
func TestEntriesAreWiped(t *testing.T) {
	e := item{title: "A", pass: "password", more: []entry.Credential{cred(entry.CreditCard, "number", "4111")}}.entry()
	a, _ := audit.New(rand.Reader)
	defer a.Close()
	one := func(yield func(entry.Entry, error) bool) { yield(e, nil) }
	if _, err := a.Run(t.Context(), one, audit.Options{Now: now}); err != nil {
		t.Fatal(err)
	}
	for _, c := range e.Credentials {
		for _, m := range c.Members {
			if strings.Trim(m.Value.RevealString(), "\x00") != "" {
				t.Errorf("%s is still there", m.Path)
			}
		}
	}
}

func TestProgressEndsWithAll(t *testing.T) {
	var items []item
	for i := range 200 {
		items = append(items, item{title: fmt.Sprint(i), pass: fmt.Sprintf("pass-word-%d", i)})
	}
	last := ""
	run(t, audit.Options{Total: 200, Progress: func(s audit.Stage, done, total int) { last = fmt.Sprintf("%s %d/%d", s, done, total) }}, items...)
	if last != "entries 200/200" {
		t.Errorf("the last word was %q", last)
	}
}
