package screen

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"pgregory.net/rapid"

	"signet/internal/sanitize"
	"signet/tui/theme"
	"signet/tui/widget"
	"signet/vault/entry"
)

// people is a vault as people have them: a few hundred entries of sites that share words, names and letters.
func people() []entry.Row {
	var rows []entry.Row
	add := func(title, user, url string, tags ...string) {
		rows = append(rows, entry.Row{ID: entry.ID(strings.Repeat("0", 20) + string(rune('a'+len(rows)/676)) + string(rune('a'+len(rows)/26%26)) + string(rune('a'+len(rows)%26))),
			Rec: entry.RecEntry, Kind: entry.KindLogin, Title: title, Username: user, URLs: []string{url}, Tags: tags})
	}
	for _, l := range strings.Split(strings.TrimSpace(sites), "\n") {
		f := strings.Split(l, "|")
		add(f[0], "ada@example.com", "https://"+f[1], f[2:]...)
	}
	for _, place := range []string{"Berlin", "Oslo", "Kyoto", "Lima", "Accra", "Perth", "Quito", "Turin", "Hanoi", "Lyon"} {
		for _, what := range []string{"Library", "Dentist", "Tickets", "Museum", "Gym", "Parking", "School", "Water works", "Tax office", "Camping", "Choir", "Clinic", "Cinema", "Market", "Hostel", "Ferry", "Airport", "Theatre", "Radio", "Garden club"} {
			add(what+" "+place, strings.ToLower(place)+".user", "https://www."+strings.ToLower(strings.ReplaceAll(what, " ", ""))+"-"+strings.ToLower(place)+".example")
		}
	}
	return rows
}

const sites = `GitHub|github.com/login|code|work
GitLab|gitlab.com|code
Gitea at home|git.home.arpa|code|home
Digital Ocean|cloud.digitalocean.com|work
Amazon|www.amazon.de|shopping
Amazon Web Services|console.aws.amazon.com|work
Google|accounts.google.com
Google Cloud|console.cloud.google.com|work
Gmail|mail.google.com|mail
Proton Mail|account.proton.me|mail
Mailbox.org|login.mailbox.org|mail
YouTube|www.youtube.com
LinkedIn|www.linkedin.com|social
Facebook|www.facebook.com|social
Instagram|instagram.com|social
Mastodon|mastodon.social|social
Hacker News|news.ycombinator.com
Netflix|www.netflix.com
Spotify|accounts.spotify.com
PayPal|www.paypal.com|money
Deutsche Bank|meine.deutsche-bank.de|money
Sparkasse|www.sparkasse.de|money
Bank of Scotland|www.bankofscotland.co.uk|money
N26|app.n26.com|money
Visa card|www.visa.com|money
Steam|store.steampowered.com|games
Epic Games|www.epicgames.com|games
Dropbox|www.dropbox.com
Nextcloud|cloud.home.arpa|home
Home Assistant|ha.home.arpa|home
Router|192.168.1.1|home
Wi-Fi guests|192.168.1.1|home
Synology NAS|nas.home.arpa|home
Jira|example.atlassian.net|work
Confluence|example.atlassian.net|work
Slack|example.slack.com|work
Zoom|zoom.us|work
Microsoft 365|login.microsoftonline.com|work
Azure portal|portal.azure.com|work
npm|www.npmjs.com|code
PyPI|pypi.org|code
crates.io|crates.io|code
Docker Hub|hub.docker.com|code
Reddit|www.reddit.com|social
Wikipedia|en.wikipedia.org
OpenStreetMap|www.openstreetmap.org
Deutsche Bahn|www.bahn.de|travel
Lufthansa|www.lufthansa.com|travel
Airbnb|www.airbnb.com|travel
Booking|www.booking.com|travel
IKEA|www.ikea.com|shopping
eBay|www.ebay.com|shopping
Etsy|www.etsy.com|shopping
Zalando|www.zalando.de|shopping
Apple ID|appleid.apple.com
Signal PIN|signal.org
Telegram|web.telegram.org
Discord|discord.com
Twitch|www.twitch.tv
Telekom|www.telekom.de
Vodafone|www.vodafone.de
Stadtwerke|www.swm.de
Finanzamt Elster|www.elster.de|money
Krankenkasse TK|www.tk.de
ADAC|www.adac.de
Strava|www.strava.com
Garmin|connect.garmin.com
Duolingo|www.duolingo.com
Kindle|read.amazon.com
Audible|www.audible.de
New York Times|nytimes.com
Zeit online|www.zeit.de
Süddeutsche Zeitung|www.sueddeutsche.de
Überweisung Postbank|www.postbank.de|money
日本語サイト|example.jp`

// Whoever types three letters finds what they mean first.
func TestThreeLettersFindWhatIsMeant(t *testing.T) {
	t.Parallel()
	rows := people()
	if len(rows) < 250 {
		t.Fatalf("%d entries are no vault", len(rows))
	}
	x := newIndex(rows, nil, nil, testNow)
	for q, want := range map[string]string{
		"git": "Gitea at home,GitHub,GitLab,Digital Ocean", "gith": "GitHub", "ghub": "GitHub", "gthb": "GitHub", "hub": "Docker Hub,GitHub",
		"ama": "Amazon,Amazon Web Services", "amazon": "Amazon,Amazon Web Services", "aws": "Amazon Web Services", "amzn": "Amazon,Amazon Web Services",
		"goo": "Google,Google Cloud", "google": "Google,Google Cloud", "gcl": "Garden club Lima", "gocl": "Google Cloud", "mail": "Mailbox.org,Proton Mail,Gmail", "gma": "Gmail", "gml": "Gmail",
		"yt": "YouTube", "you": "YouTube", "li": "Library Accra", "lin": "LinkedIn", "fb": "Ferry Berlin,Facebook", "hn": "Hacker News", "nyt": "New York Times",
		"nfl": "Confluence,Netflix", "nflx": "Netflix", "pay": "PayPal", "pypl": "PayPal", "bank": "Bank of Scotland,Deutsche Bank", "ban": "Bank of Scotland,Deutsche Bank",
		"db": "Dentist Berlin,Deutsche Bahn,Deutsche Bank", "bahn": "Deutsche Bahn", "ha": "Hacker News", "home": "Home Assistant,Gitea at home", "nas": "Synology NAS",
		"wifi": "Wi-Fi guests", "wi-fi": "Wi-Fi guests", "rou": "Router", "jir": "Jira", "sla": "Slack", "azu": "Azure portal", "npm": "npm",
		"pypi": "PyPI", "sud": "Süddeutsche Zeitung", "süd": "Süddeutsche Zeitung", "uber": "Überweisung Postbank", "post": "Überweisung Postbank",
		"日本": "日本語サイト", "n26": "N26", "365": "Microsoft 365", "osm": "OpenStreetMap", "elster": "Finanzamt Elster", "tk": "Krankenkasse TK",
		"lib oslo": "Library Oslo", "oslo lib": "Library Oslo", "den ber": "Dentist Berlin", "tick kyo": "Tickets Kyoto", "gym": "Gym Accra,Gym Berlin",
		"ycombinator": "Hacker News", "atlassian": "Confluence,Jira", "steampowered": "Steam", "lima.user gym": "Gym Lima", "work jira": "Jira", "travel": "Airbnb,Booking",
		"zoom": "Zoom", "ebay": "eBay", "ika": "", "ike": "IKEA", "spo": "Spotify", "signal": "Signal PIN", "crates": "crates.io", "dckr": "Docker Hub",
	} {
		got := find(x, q)
		if have := strings.Join(got[:min(len(got), strings.Count(want, ",")+1)], ","); want != "" && have != want {
			t.Errorf("%q finds %q first (of %d), want %q", q, have, len(got), want)
		}
	}
}

// What somebody uses every day comes before what merely begins better.
func TestUseDecidesBetweenGoodMatches(t *testing.T) {
	t.Parallel()
	rows := people()
	id := func(title string) entry.ID {
		return rows[slices.IndexFunc(rows, func(r entry.Row) bool { return r.Title == title })].ID
	}
	use := map[entry.ID]Use{
		id("Deutsche Bank"): {Count: 20, Last: testNow.Add(-time.Hour)}, id("GitLab"): {Count: 2, Last: testNow.Add(-50 * 24 * time.Hour)},
		id("Digital Ocean"): {Count: 500, Last: testNow},
	}
	x := newIndex(rows, nil, use, testNow)
	for q, want := range map[string]string{"ban": "Deutsche Bank", "git": "GitLab", "bank of": "Bank of Scotland"} {
		if got := find(x, q); got[0] != want {
			t.Errorf("%q finds %q first, want %q", q, got[0], want)
		}
	}
}

func TestUseFades(t *testing.T) {
	t.Parallel()
	last := uint8(0)
	for _, u := range []Use{
		{Count: 1}, {Count: 3, Last: testNow.Add(-100 * 24 * time.Hour)}, {Count: 4, Last: testNow.Add(-6 * 24 * time.Hour)}, {Count: 4, Last: testNow}, {Count: 1 << 40, Last: testNow},
	} {
		h := heatOf(u, testNow)
		if h <= last || h >= heats {
			t.Errorf("%+v has the heat %d after %d", u, h, last)
		}
		last = h
	}
}

// Every marked letter is a letter of a word, and all of a word's letters are marked, in order.
func TestMarksAreTheLettersThatMatch(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		title := sanitize.Line(rapid.StringMatching(`[a-cA-CÀé日\- .]{0,16}`).Draw(t, "title"))
		text := rapid.StringMatching(`[a-ce]{1,4}`).Draw(t, "word")
		w := newWord(text)
		field, from := foldRunes(title)
		spans := spansIn(field, []word{w}, true)
		var marked []rune
		last := -1
		for _, s := range spans {
			if s.from <= last || s.to <= s.from || s.to > len(field) {
				t.Fatalf("%q in %q: %v", text, title, spans)
			}
			last = s.to
			marked = append(marked, field[s.from:s.to]...)
		}
		if string(marked) != text && !(len(spans) == 0 && (!inOrder([]byte(string(field)), w.text) || len(w.runes) < 2)) {
			t.Fatalf("%q in %q: marked %q", text, title, string(marked))
		}
		if len(from) != len(field)+1 || from[len(field)] != len(title) {
			t.Fatalf("%q: %v", title, from)
		}
	})
}

// Filters pass what a slow model passes, whatever stands before and behind them.
func TestFiltersAreThoseOfTheSlowModel(t *testing.T) {
	t.Parallel()
	tags := []string{"work", "Home", "workshop"}
	rapid.Check(t, func(t *rapid.T) {
		rows := make([]entry.Row, rapid.IntRange(0, 20).Draw(t, "n"))
		for i := range rows {
			rows[i] = entry.Row{ID: entry.ID(rune('a' + i)), Title: "x", Favorite: rapid.Bool().Draw(t, "fav"), Kind: rapid.SampledFrom(entry.Kinds()).Draw(t, "kind")}
			rows[i].Has.TOTP = rapid.Bool().Draw(t, "totp")
			rows[i].Tags = slices.Compact(slices.Sorted(slices.Values(rapid.SliceOfN(rapid.SampledFrom(tags), 0, 2).Draw(t, "tags"))))
		}
		x := newIndex(slices.Clone(rows), nil, nil, testNow)
		var line []string
		pass := func(entry.Row) bool { return true }
		var kinds []entry.Kind // of several one is enough
		for range rapid.IntRange(0, 4).Draw(t, "filters") {
			not := rapid.Bool().Draw(t, "not")
			before := pass
			var text string
			var one func(entry.Row) bool
			switch rapid.IntRange(0, 3).Draw(t, "which") {
			case 0:
				tag := rapid.SampledFrom(tags).Draw(t, "tag")
				if !slices.ContainsFunc(rows, func(r entry.Row) bool { return slices.Contains(r.Tags, tag) }) {
					continue
				}
				text, one = "tag:"+tag, func(r entry.Row) bool { return slices.Contains(r.Tags, tag) }
			case 1:
				kind := rapid.SampledFrom([]entry.Kind{entry.KindLogin, entry.KindCard}).Draw(t, "k")
				text, one = "kind:"+string(kind), func(r entry.Row) bool { return r.Kind == kind }
				if !not {
					kinds, one = append(kinds, kind), func(entry.Row) bool { return true }
				}
			case 2:
				text, one = "has:totp", func(r entry.Row) bool { return r.Has.TOTP }
			default:
				text, one = "is:favorite", func(r entry.Row) bool { return r.Favorite }
			}
			if not {
				text = "-" + text
			}
			line = append(line, text)
			pass = func(r entry.Row) bool { return before(r) && one(r) != not }
		}
		f, _ := x.search(context.Background(), parseQuery(strings.Join(line, " ")), byTitle, nil, nil)
		got := map[entry.ID]bool{}
		for _, h := range f.hits {
			got[x.at(h).row.ID] = true
		}
		for _, r := range rows {
			if got[r.ID] != (pass(r) && (len(kinds) == 0 || slices.Contains(kinds, r.Kind))) {
				t.Fatalf("%q: %+v is found: %v (%s)", line, r, got[r.ID], f.problem)
			}
		}
	})
}

// hasPart is the slow model of has:X.
func hasPart(r *entry.Row, what string) bool {
	h := r.Has
	switch what {
	case "password":
		return h.Password
	case "totp":
		return h.TOTP
	case "passkey":
		return h.Passkeys > 0
	case "file":
		return h.Attachments > 0
	case "note":
		return h.Note
	case "card":
		return h.Card
	case "identity":
		return h.Identity
	case "ssh":
		return h.SSHKey
	case "wifi":
		return h.WiFi
	case "api":
		return h.APIKey
	case "custom":
		return h.CustomFields > 0
	case "url":
		return len(r.URLs) > 0
	case "tag":
		return len(r.Tags) > 0
	}
	return false
}

func TestBitsAreTheWordsOfFilters(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r := entry.Row{Kind: rapid.SampledFrom(entry.Kinds()).Draw(t, "kind"), Favorite: rapid.Bool().Draw(t, "favorite"), Conflict: rapid.Bool().Draw(t, "conflict")}
		h := &r.Has
		for _, p := range []*bool{&h.Password, &h.TOTP, &h.SSHKey, &h.Note, &h.Card, &h.Identity, &h.WiFi, &h.APIKey} {
			*p = rapid.Bool().Draw(t, "has")
		}
		for _, p := range []*int{&h.Passkeys, &h.Attachments, &h.CustomFields} {
			*p = rapid.IntRange(0, 1).Draw(t, "n")
		}
		r.URLs, r.Tags = rapid.SampledFrom([][]string{nil, {"u"}}).Draw(t, "urls"), rapid.SampledFrom([][]string{nil, {"t"}}).Draw(t, "tags")
		bits := bitsOf(&r)
		for _, w := range hasWords() {
			if (bits&hasMask([]string{w}) != 0) != hasPart(&r, w) {
				t.Fatalf("has:%s of %+v", w, r)
			}
		}
		for _, k := range entry.Kinds() {
			if (bits&kindMask([]string{string(k)}) != 0) != (r.Kind == k || k == entry.KindPasskey && h.Passkeys > 0) {
				t.Fatalf("kind:%s of %+v", k, r)
			}
		}
		for w, yes := range map[string]bool{"favorite": r.Favorite, "conflict": r.Conflict, "untagged": len(r.Tags) == 0} {
			if (bits&isMask([]string{w}) != 0) != yes {
				t.Fatalf("is:%s of %+v", w, r)
			}
		}
	})
}

// Ranks are a total order: whatever the order of the rows, the same query lists the same.
func TestTheOrderOfRowsDoesNotMatter(t *testing.T) {
	t.Parallel()
	rows := people()
	rapid.Check(t, func(t *rapid.T) {
		q := rapid.StringMatching(`[a-z]{0,3}( [a-z]{1,2})?`).Draw(t, "q")
		some := rapid.Permutation(rows[:60]).Draw(t, "rows")
		if a, b := find(newIndex(slices.Clone(rows[:60]), nil, nil, testNow), q), find(newIndex(some, nil, nil, testNow), q); !slices.Equal(a, b) {
			t.Fatalf("%q: %q and %q", q, a, b)
		}
	})
}

func TestWrongFiltersSaySo(t *testing.T) {
	t.Parallel()
	rows := rowsOf("a", "b")
	rows[0].Tags = []string{"home"}
	x := newIndex(rows, nil, nil, testNow)
	for q, want := range map[string]string{
		"kind:nothing": "kind:nothing means nothing: use login", "has:x": "use password, totp", "is:what": "use favorite", "in:bin": "only in:trash",
		"tag:zzz": "no tag begins with “zzz”", "-tag:zzz": "no tag begins with “zzz”", "folder:x": "no folder begins", "tag:ho": "", "-in:trash": "is no place",
	} {
		f, _ := x.search(context.Background(), parseQuery(q), byTitle, nil, nil)
		if want == "" && f.problem != "" || !strings.Contains(f.problem, want) {
			t.Errorf("%s: %q", q, f.problem)
		}
	}
}

func TestTheHintNamesTheFilterThatExcludes(t *testing.T) {
	t.Parallel()
	rows := rowsOf("bank one", "bank two", "shop")
	rows[0].Tags, rows[2].Tags = []string{"old stuff"}, []string{"old stuff", "new"}
	x := newIndex(rows, nil, nil, testNow)
	for q, want := range map[string]string{
		`bank tag:new`: "2 entries match without tag:new", `-tag:"old stuff" shop`: `1 entry matches without -tag:"old stuff"`, "zzz tag:new": "", "tag:new -tag:new": "1 entry matches without -tag:new",
	} {
		f, _ := x.search(context.Background(), parseQuery(q), byTitle, nil, nil)
		if f.hint != want {
			t.Errorf("%s: %q", q, f.hint)
		}
	}
}

// The parts of a row fill it and no more, at every width.
func TestColumnsFillTheRow(t *testing.T) {
	t.Parallel()
	for w := -3; w < 400; w++ {
		c := columnsFor(w)
		sum := c.title + c.user + c.holds + c.when + c.folder + c.tags
		if sum != max(w-signsRoom-1, 0) || c.title < 0 || w >= 30 && c.title < 20 {
			t.Errorf("%d: %+v", w, c)
		}
	}
	if c := columnsFor(120); c.user == 0 || c.when == 0 || c.folder == 0 || c.tags == 0 {
		t.Errorf("a wide list shows too little: %+v", c)
	}
}

func TestTheLastPartOfALine(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{"": "", "a": "a", "a b": "b", "a ": "", `x tag:"a b`: `tag:"a b`, `tag:"a b" c`: "c", "日 本": "本"} {
		before, last := lastPart(line)
		if last != want || before+last != line {
			t.Errorf("%q: %q and %q", line, before, last)
		}
	}
}

func TestNewFoldersAreMadeWhereTheyAreMissing(t *testing.T) {
	t.Parallel()
	env := Env{Ports: Ports{Rand: strings.NewReader(strings.Repeat("random bytes here ", 99))}}
	have := map[entry.ID]string{"a": "A", "b": "A / B"}
	for path, c := range map[string]struct {
		edits int
		last  entry.ID
		why   bool
	}{
		"A": {0, "a", false}, "a / b": {0, "b", false}, "A / C": {3, "", false}, "X / Y": {5, "", false}, "A / ": {0, "", true}, "": {0, "", true}, strings.Repeat("x", 200): {0, "", true},
	} {
		edits, last, why := newFolders(env, have, path)
		if len(edits) != c.edits || (why != "") != c.why || c.last != "" && last != c.last || c.edits > 0 && last == "" {
			t.Errorf("%q: %d edits, %q, %q", path, len(edits), last, why)
		}
	}
}

func FuzzHostileRows(f *testing.F) {
	f.Add("git", "\x1b]52;c;aGFja2Vk\x07", "\u202e\u200b")
	f.Add("é", "e\u0301\xff\xfe", "a\nb")
	f.Add(`tag:"`, strings.Repeat("ﷺ", 300), strings.Repeat("x", 5000))
	f.Fuzz(func(t *testing.T, line, title, other string) {
		row := entry.Row{ID: "x", Rec: entry.RecEntry, Title: title, Username: other, URLs: []string{other, "https://" + title}, Tags: []string{title}, Subtitle: other, Folders: []entry.ID{"f"}}
		x := newIndex([]entry.Row{row}, map[entry.ID]string{"f": other}, nil, testNow)
		q := parseQuery(line)
		got, _ := x.search(context.Background(), q, byTitle, nil, nil)
		s := newShown(&x.items[0], q.words)
		fr := widget.Frame{W: 40, H: 1, Theme: theme.New(theme.Options{NoColor: true})}
		for _, text := range []string{title, other} {
			if out := ansi.Strip(s.text(fr, text, 20, fr.Theme.Text, false, true)); widget.Width(out) > 20 || strings.ContainsAny(out, "\x1b\x07\u202e\n") {
				t.Fatalf("%q draws %q (%d hits)", text, out, len(got.hits))
			}
		}
	})
}
