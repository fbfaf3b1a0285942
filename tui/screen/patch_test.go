package screen

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"signet/vault/entry"
)

// A patched index finds and lists what a new one does.
func TestAPatchedIndexIsLikeANewOne(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		title := rapid.StringMatching(`[abAB12]{0,3}( [abg]{1,3})?`)
		row := func(n int) entry.Row {
			r := entry.Row{ID: entry.ID(fmt.Sprintf("%03d", n)), Rec: entry.RecEntry, Title: title.Draw(t, "title"), Favorite: rapid.Bool().Draw(t, "favorite")}
			if rapid.IntRange(0, 4).Draw(t, "trashed") == 0 {
				r.Trashed = testNow
			}
			return r
		}
		now := map[entry.ID]entry.Row{}
		for n := range rapid.IntRange(0, 20).Draw(t, "rows") {
			now[entry.ID(fmt.Sprintf("%03d", n))] = row(n)
		}
		list := func() (rows []entry.Row) {
			for _, r := range now {
				if r.Trashed.IsZero() {
					rows = append(rows, r)
				}
			}
			return rows
		}
		x := newIndex(list(), nil, nil, testNow)
		use := map[entry.ID]Use{}
		for range rapid.IntRange(1, 3).Draw(t, "patches") {
			var c Changes
			seen := map[entry.ID]bool{}
			for range rapid.IntRange(0, 5).Draw(t, "changes") {
				r := row(rapid.IntRange(0, 25).Draw(t, "n"))
				switch {
				case seen[r.ID]:
					continue
				case rapid.IntRange(0, 3).Draw(t, "gone") == 0:
					c.Gone = append(c.Gone, r.ID)
					delete(now, r.ID)
				default:
					c.Rows = append(c.Rows, r)
					now[r.ID] = r
				}
				seen[r.ID] = true
			}
			use[entry.ID("001")] = Use{Count: rapid.IntRange(0, 9).Draw(t, "used"), Last: testNow}
			x = x.patched(c, false, use, testNow)
		}
		want := newIndex(list(), nil, use, testNow)
		for _, q := range []string{"", "a", "ab", "g", "b a", "zz"} {
			for by := range orders {
				got, _ := x.search(context.Background(), parseQuery(q), by, nil, nil)
				all, _ := want.search(context.Background(), parseQuery(q), by, nil, nil)
				if a, b := titles(x, got), titles(want, all); !slices.Equal(a, b) {
					t.Fatalf("%q: %q, want %q", q, a, b)
				}
			}
		}
	})
}

func titles(x *index, f found) []string {
	out := make([]string, len(f.hits))
	for i, h := range f.hits {
		out[i] = string(x.at(h).row.ID) + " " + x.at(h).row.Title
	}
	return out
}

func TestAChangedFolderIsNoPatch(t *testing.T) {
	t.Parallel()
	folders := map[entry.ID]string{"f": "Bank"}
	for name, c := range map[string]struct {
		changes Changes
		want    bool
	}{
		"an entry":           {Changes{Rows: []entry.Row{{ID: "a", Rec: entry.RecEntry}}, Gone: []entry.ID{"b"}}, true},
		"settings":           {Changes{Rows: []entry.Row{{ID: "s", Rec: entry.RecSettings}}}, true},
		"a new folder":       {Changes{Rows: []entry.Row{{ID: "g", Rec: entry.RecFolder}}}, false},
		"a folder that went": {Changes{Gone: []entry.ID{"f"}}, false},
		"a folder no more":   {Changes{Rows: []entry.Row{{ID: "f", Rec: entry.RecEntry}}}, false},
	} {
		if onlyEntries(c.changes, folders) != c.want {
			t.Errorf("%s: %v", name, !c.want)
		}
	}
}

func BenchmarkPatch(b *testing.B) {
	rows := rowsOf(make([]string, 100_000)...)
	for i := range rows {
		rows[i].Title = fmt.Sprintf("Service number %d", i*7919%len(rows))
	}
	x := newIndex(rows, nil, nil, testNow)
	one := Changes{Rows: []entry.Row{rows[500]}}
	one.Rows[0].Title = "Another title"
	for b.Loop() {
		x.patched(one, false, nil, testNow)
	}
}
