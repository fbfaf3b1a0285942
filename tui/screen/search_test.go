package screen

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"signet/vault/entry"
)

var testNow = time.Date(2026, 3, 14, 15, 9, 12, 0, time.UTC)

func rowsOf(titles ...string) []entry.Row {
	rows := make([]entry.Row, len(titles))
	for i, t := range titles {
		rows[i] = entry.Row{ID: entry.ID(fmt.Sprintf("%026d", i)), Rec: entry.RecEntry, Kind: entry.KindLogin, Title: t}
	}
	return rows
}

func find(x *index, s string) []string {
	f, _ := x.search(context.Background(), parseQuery(s), byTitle, nil, nil)
	out := make([]string, len(f.hits))
	for i, h := range f.hits {
		out[i] = x.at(h).row.Title
	}
	return out
}

func TestSearchRanks(t *testing.T) {
	t.Parallel()
	rows := rowsOf("My git server", "GitHub", "Digital", "git", "Magnet", "Other")
	rows[5].Username = "git@example.com"
	x := newIndex(rows, nil, nil, testNow)
	want := []string{"git", "GitHub", "My git server", "Digital", "Other"}
	if got := find(x, "git"); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	if got := find(x, "GIT serv"); !slices.Equal(got, []string{"My git server"}) {
		t.Errorf("every word counts: %q", got)
	}
	if got := find(x, "mgn"); !slices.Equal(got, []string{"Magnet"}) {
		t.Errorf("loose letters when nothing else fits: %q", got)
	}
	if got := find(x, "zzz"); len(got) != 0 {
		t.Errorf("%q", got)
	}
}

func TestUsedEntriesComeFirstWithinARank(t *testing.T) {
	t.Parallel()
	rows := rowsOf("git one", "git two", "a git")
	x := newIndex(rows, nil, map[entry.ID]Use{rows[1].ID: {Count: 3}, rows[2].ID: {Count: 9}}, testNow)
	if got := find(x, "git"); !slices.Equal(got, []string{"git two", "git one", "a git"}) {
		t.Errorf("%q", got)
	}
}

func TestFavouritesComeFirst(t *testing.T) {
	t.Parallel()
	rows := rowsOf("b", "Á", "z")
	rows[2].Favorite = true
	if got := find(newIndex(rows, nil, nil, testNow), ""); !slices.Equal(got, []string{"z", "Á", "b"}) {
		t.Errorf("%q", got)
	}
}

func TestFilters(t *testing.T) {
	t.Parallel()
	folder := entry.ID("f")
	rows := []entry.Row{
		{ID: "1", Title: "Login", Kind: entry.KindLogin, Tags: []string{"Work", "code"}, Has: entry.Has{Password: true, TOTP: true}, Folders: []entry.ID{folder}, Username: "Ada", URLs: []string{"https://x.example"}},
		{ID: "2", Title: "Card", Kind: entry.KindCard, Tags: []string{"workshop"}, Favorite: true},
		{ID: "3", Title: "Passkeys", Kind: entry.KindLogin, Has: entry.Has{Passkeys: 1}, Conflict: true},
	}
	x := newIndex(rows, map[entry.ID]string{folder: "Home / My Bank"}, nil, testNow)
	for q, want := range map[string]string{
		"tag:work": "Login", "tag:wor": "Card,Login", "-tag:work": "Card,Passkeys", "-has:totp kind:login": "Passkeys", "is:untagged": "Passkeys", "has:tag": "Card,Login",
		"folder:home/my": "Login", `-folder:"home / my bank"`: "Card,Passkeys", "is:favourite": "Card", "-is:fav -kind:passkey": "Login", "tag:code": "Login", "kind:card": "Card", "kind:passkey": "Passkeys", "has:totp": "Login", "has:pass": "Login,Passkeys",
		"has:password": "Login", `folder:"my bank"`: "Login", "folder:home": "Login", "user:ada": "Login", "url:x.ex": "Login", "is:fav": "Card", "is:conflict": "Passkeys",
		"tag:work kind:login": "Login", "kind:card log": "", "tag:": "Card,Login,Passkeys", "x:y": "", "kind:nothing": "",
	} {
		got := find(x, q)
		slices.Sort(got)
		if strings.Join(got, ",") != want {
			t.Errorf("%s: %q, want %q", q, got, want)
		}
	}
}

// Narrowing a result gives what a search of everything gives.
func TestNarrowingChangesNothing(t *testing.T) {
	t.Parallel()
	words := []string{"git", "hub", "bank", "ba", "g", "shop", "o"}
	rapid.Check(t, func(t *rapid.T) {
		titles := rapid.SliceOfN(rapid.StringMatching(`[a-g hibknsopu]{0,12}`), 0, 60).Draw(t, "titles")
		x := newIndex(rowsOf(titles...), nil, nil, testNow)
		line := ""
		var old *found
		for range rapid.IntRange(1, 6).Draw(t, "steps") {
			line += rapid.SampledFrom(append(words, " ", "tag:x ", "kind:login ")).Draw(t, "more")
			q := parseQuery(line)
			full, _ := x.search(context.Background(), q, byTitle, nil, nil)
			quick, _ := x.search(context.Background(), q, byTitle, nil, old)
			if !slices.Equal(full.hits, quick.hits) {
				t.Fatalf("%q: %v, narrowed %v", line, full.hits, quick.hits)
			}
			old = &quick
		}
	})
}

// What is found holds every word's letters in one field, in order; nothing that holds every word as it is typed is missed.
func TestSearchIsComplete(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		rows := rowsOf(rapid.SliceOfN(rapid.StringMatching(`[a-d ]{0,8}`), 0, 40).Draw(t, "titles")...)
		for i := range rows {
			rows[i].Username = rapid.StringMatching(`[a-dé]{0,4}`).Draw(t, "user")
		}
		line := rapid.StringMatching(`[a-d]{1,3}( [a-d]{1,2})?`).Draw(t, "line")
		x := newIndex(rows, nil, nil, testNow)
		f, _ := x.search(context.Background(), parseQuery(line), byTitle, nil, nil)
		hit := map[entry.ID]bool{}
		for _, h := range f.hits {
			hit[x.at(h).row.ID] = true
		}
		for _, r := range rows {
			whole, letters := true, true
			for _, w := range strings.Fields(line) {
				whole = whole && (strings.Contains(r.Title, w) || strings.Contains(entry.Fold(r.Username), w))
				letters = letters && (inOrder([]byte(r.Title), []byte(w)) || inOrder([]byte(entry.Fold(r.Username)), []byte(w)))
			}
			if whole && !hit[r.ID] || hit[r.ID] && !letters || len(f.hits) == 0 && letters {
				t.Fatalf("%q: %q by %q is found: %v", line, r.Title, r.Username, hit[r.ID])
			}
		}
	})
}

func TestACancelledSearchSaysSo(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, ok := newIndex(rowsOf("a"), nil, nil, testNow).search(ctx, parseQuery("a"), byTitle, nil, nil); ok {
		t.Error("a cancelled search gave a result")
	}
}

func FuzzQuery(f *testing.F) {
	for _, s := range []string{"", `tag:"a b" c`, `"`, "kind:", "é\u0301", "\xff:x", "tag:tag:tag"} {
		f.Add(s)
	}
	rows := rowsOf("GitHub", "Ünïcödé", "\xff\xfe", "")
	x := newIndex(rows, nil, nil, testNow)
	f.Fuzz(func(t *testing.T, s string) {
		got, ok := x.search(context.Background(), parseQuery(s), byTitle, nil, nil)
		if !ok || len(got.hits) > len(rows) {
			t.Fatalf("%q: %v", s, got)
		}
	})
}

func TestSplitBrowse(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ w, h, list, detail, top int }{
		{0, 0, 0, 0, 0}, {-5, -5, 0, 0, 0}, {40, 7, 40, 0, 1}, {40, 8, 40, 0, 2}, {95, 30, 95, 0, 2}, {96, 30, 43, 50, 2}, {200, 50, 90, 107, 2}, {300, 80, 120, 177, 2},
	} {
		l := splitBrowse(c.w, c.h)
		if l.List.W != c.list || l.Detail.W != c.detail || l.List.Y != c.top || l.List.Y+l.List.H != max(c.h, 0) {
			t.Errorf("%dx%d: %+v", c.w, c.h, l)
		}
		if l.Detail.W > 0 && l.Detail.X+l.Detail.W != c.w {
			t.Errorf("%dx%d: the detail ends at %d", c.w, c.h, l.Detail.X+l.Detail.W)
		}
	}
}

func TestValidators(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		check func([]byte) string
		text  string
		ok    bool
	}{
		{validURL, "", true}, {validURL, "example.com", true}, {validURL, "https://example.com/a?b#c", true}, {validURL, "localhost:8080", true},
		{validURL, "ssh://host", true}, {validURL, "two words", false}, {validURL, "http://", false}, {validURL, "https://[::1", false},
		{validator(entry.TypeYearMonth), "2027-12", true}, {validator(entry.TypeYearMonth), "12/27", true}, {validator(entry.TypeYearMonth), "13/27", false}, {validator(entry.TypeDate), "2027-02-30", false},
		{validator(entry.TypeDate), "", true}, {validator(entry.TypeNumber), "12", true}, {validator(entry.TypeNumber), "1x", false}, {longEnough, "", true}, {longEnough, "short", false},
		{longEnough, "langgenug", true}, {needed("x"), "  ", false},
	} {
		if got := c.check([]byte(c.text)); (got == "") != c.ok {
			t.Errorf("%q: %q", c.text, got)
		}
	}
	for in, want := range map[string]string{"example.com": "https://example.com", "http://x": "http://x", " x.y/z ": "https://x.y/z", "mailto:me": "mailto:me", "": "", "host.example:81": "https://host.example:81"} {
		if got := withScheme(in); got != want {
			t.Errorf("%q: %q", in, got)
		}
	}
	for s, want := range map[string]bool{"otpauth://totp/x": true, " OTPAUTH://hotp/x": true, "otpauth-migration://x": true, "otpauth": false, "https://otpauth://": false} {
		if isOTPAuth(s) != want {
			t.Errorf("%q: %v", s, !want)
		}
	}
}

func TestThousands(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567"} {
		if got := thousands(n); got != want {
			t.Errorf("%d: %s", n, got)
		}
	}
	if bytesText(1536) != "1.5 KiB" || bytesText(3<<30) != "3.0 GiB" || day(time.Time{}, time.UTC) != "" {
		t.Error("sizes and days")
	}
}

func BenchmarkSearch(b *testing.B) {
	for _, n := range []int{100, 10_000, 100_000} {
		rows := make([]entry.Row, n)
		for i := range rows {
			rows[i] = entry.Row{ID: entry.ID(fmt.Sprintf("%026d", i)), Title: fmt.Sprintf("Service number %d", i*7919%n), Username: fmt.Sprintf("user%d@example.com", i%977), URLs: []string{fmt.Sprintf("https://www.site%d.example.com/login", i)}}
		}
		x := newIndex(rows, nil, nil, testNow)
		for _, q := range []string{"s", "ser", "number 42", "site77", "nothing at all"} {
			b.Run(fmt.Sprintf("%d/%s", n, q), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					x.search(context.Background(), parseQuery(q), byTitle, nil, nil)
				}
			})
		}
		b.Run(fmt.Sprintf("%d/index", n), func(b *testing.B) {
			for b.Loop() {
				newIndex(slices.Clone(rows), nil, nil, testNow)
			}
		})
	}
}

func TestTitlesAreSortedAsPeopleCount(t *testing.T) {
	t.Parallel()
	compare := func(a, b string) int {
		return newSortKey(naturalKey(nil, a), 0).compare(newSortKey(naturalKey(nil, b), 0))
	}
	want := []string{"", "a", "a 1", "a 2", "a 02", "a 10", "a 10b", "a b", "aaaaaaaaa", "aaaaaaaaa 2", "aaaaaaaaa 10", "b"}
	got := slices.Clone(want)
	slices.Reverse(got)
	slices.SortFunc(got, compare)
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[ab0-2 ]{0,12}`)
		a, b := text.Draw(t, "a"), text.Draw(t, "b")
		if got, want := compare(a, b), natural(a, b); got != want {
			t.Fatalf("%q %q: %d, want %d", a, b, got, want)
		}
	})
}

// natural is the slow model of the list's order: "site 9" before "site 10".
func natural(a, b string) int {
	for len(a) > 0 && len(b) > 0 {
		if digit(a[0]) && digit(b[0]) {
			m, n := digits(a), digits(b)
			x, y := strings.TrimLeft(a[:m], "0"), strings.TrimLeft(b[:n], "0")
			if c := cmp.Or(cmp.Compare(len(x), len(y)), strings.Compare(x, y), cmp.Compare(m, n)); c != 0 {
				return c
			}
			a, b = a[m:], b[n:]
			continue
		}
		if a[0] != b[0] {
			return cmp.Compare(a[0], b[0])
		}
		a, b = a[1:], b[1:]
	}
	return cmp.Compare(len(a), len(b))
}

func digits(s string) int {
	n := 0
	for n < len(s) && digit(s[n]) {
		n++
	}
	return n
}
