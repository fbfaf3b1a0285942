package screen

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"signet/vault/entry"
)

func rowsOf(titles ...string) []entry.Row {
	rows := make([]entry.Row, len(titles))
	for i, t := range titles {
		rows[i] = entry.Row{ID: entry.ID(fmt.Sprintf("%026d", i)), Rec: entry.RecEntry, Kind: entry.KindLogin, Title: t}
	}
	return rows
}

func find(x *index, s string) []string {
	f, _ := x.search(context.Background(), parseQuery(s), nil)
	out := make([]string, len(f.hits))
	for i, h := range f.hits {
		out[i] = x.rows[h].Title
	}
	return out
}

func TestSearchRanks(t *testing.T) {
	t.Parallel()
	rows := rowsOf("My git server", "GitHub", "Digital", "git", "Magnet", "Other")
	rows[5].Username = "git@example.com"
	x := newIndex(rows, nil, nil)
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
	x := newIndex(rows, nil, map[entry.ID]Use{rows[1].ID: {Count: 3}, rows[2].ID: {Count: 9}})
	if got := find(x, "git"); !slices.Equal(got, []string{"git two", "git one", "a git"}) {
		t.Errorf("%q", got)
	}
}

func TestFavouritesComeFirst(t *testing.T) {
	t.Parallel()
	rows := rowsOf("b", "Á", "z")
	rows[2].Favorite = true
	if got := find(newIndex(rows, nil, nil), ""); !slices.Equal(got, []string{"z", "Á", "b"}) {
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
	x := newIndex(rows, map[entry.ID]string{folder: "Home / My Bank"}, nil)
	for q, want := range map[string]string{
		"tag:work": "Card,Login", "tag:code": "Login", "kind:card": "Card", "kind:passkey": "Passkeys", "has:totp": "Login", "has:otp": "Login", "has:pass": "Login,Passkeys",
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
		x := newIndex(rowsOf(titles...), nil, nil)
		line := ""
		var old *found
		for range rapid.IntRange(1, 6).Draw(t, "steps") {
			line += rapid.SampledFrom(append(words, " ", "tag:x ", "kind:login ")).Draw(t, "more")
			q := parseQuery(line)
			full, _ := x.search(context.Background(), q, nil)
			quick, _ := x.search(context.Background(), q, old)
			if !slices.Equal(full.hits, quick.hits) {
				t.Fatalf("%q: %v, narrowed %v", line, full.hits, quick.hits)
			}
			old = &quick
		}
	})
}

// What is found holds every word; nothing that holds every word is missed.
func TestSearchIsComplete(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		titles := rapid.SliceOfN(rapid.StringMatching(`[a-d ]{0,8}`), 0, 40).Draw(t, "titles")
		line := rapid.StringMatching(`[a-d]{1,2}( [a-d]{1,2})?`).Draw(t, "line")
		x := newIndex(rowsOf(titles...), nil, nil)
		f, _ := x.search(context.Background(), parseQuery(line), nil)
		if f.loose {
			return
		}
		want := 0
		for _, title := range titles {
			all := true
			for _, w := range strings.Fields(line) {
				all = all && strings.Contains(title, w)
			}
			if all {
				want++
			}
		}
		if len(f.hits) != want {
			t.Fatalf("%q finds %d of %d", line, len(f.hits), want)
		}
	})
}

func TestACancelledSearchSaysSo(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, ok := newIndex(rowsOf("a"), nil, nil).search(ctx, parseQuery("a"), nil); ok {
		t.Error("a cancelled search gave a result")
	}
}

func FuzzQuery(f *testing.F) {
	for _, s := range []string{"", `tag:"a b" c`, `"`, "kind:", "é\u0301", "\xff:x", "tag:tag:tag"} {
		f.Add(s)
	}
	rows := rowsOf("GitHub", "Ünïcödé", "\xff\xfe", "")
	x := newIndex(rows, nil, nil)
	f.Fuzz(func(t *testing.T, s string) {
		got, ok := x.search(context.Background(), parseQuery(s), nil)
		if !ok || len(got.hits) > len(rows) {
			t.Fatalf("%q: %v", s, got)
		}
	})
}

func TestSplitBrowse(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ w, h, list, detail, top int }{
		{0, 0, 0, 0, 0}, {-5, -5, 0, 0, 0}, {40, 7, 40, 0, 1}, {40, 8, 40, 0, 2}, {95, 30, 95, 0, 2}, {96, 30, 43, 50, 2}, {200, 50, 76, 121, 2},
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
		{validator(entry.TypeYearMonth), "2027-12", true}, {validator(entry.TypeYearMonth), "12/27", false}, {validator(entry.TypeDate), "2027-02-30", false},
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
		x := newIndex(rows, nil, nil)
		for _, q := range []string{"s", "ser", "number 42", "site77", "nothing at all"} {
			b.Run(fmt.Sprintf("%d/%s", n, q), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					x.search(context.Background(), parseQuery(q), nil)
				}
			})
		}
		b.Run(fmt.Sprintf("%d/index", n), func(b *testing.B) {
			for b.Loop() {
				newIndex(slices.Clone(rows), nil, nil)
			}
		})
	}
}

func TestTitlesAreSortedAsPeopleCount(t *testing.T) {
	t.Parallel()
	want := []string{"", "a", "a 1", "a 2", "a 02", "a 10", "a 10b", "a b", "b"}
	got := slices.Clone(want)
	slices.Reverse(got)
	slices.SortFunc(got, natural)
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[a0-2]{0,6}`)
		a, b, c := text.Draw(t, "a"), text.Draw(t, "b"), text.Draw(t, "c")
		if natural(a, b) != -natural(b, a) || (natural(a, b) == 0) != (a == b) || natural(a, b) < 0 && natural(b, c) < 0 && natural(a, c) >= 0 {
			t.Fatalf("%q %q %q", a, b, c)
		}
	})
}
