package cli

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"signet/internal/session"
	"signet/tui/screen"
	"signet/vault"
)

// The search line of the list and `signet ls` know the same filters.
func TestOneLanguageOfFilters(t *testing.T) {
	t.Parallel()
	names, has, is := session.FilterValues()
	shown, values, _ := screen.FilterValues()
	if !slices.Equal(names, shown) || !slices.Equal(has, values["has"]) || !slices.Equal(is, values["is"]) {
		t.Errorf("ls knows %q %q %q, the list %q %q", names, has, is, shown, values)
	}
}

// A line of finished filters passes the same rows in both.
func TestFiltersMeanTheSameInListAndLs(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 14, 15, 9, 12, 0, time.UTC)
	paths := map[vault.ID][]string{"f": {"Home", "My bank"}, "g": {"Work"}}
	joined := map[vault.ID]string{"f": "Home / My bank", "g": "Work"}
	rapid.Check(t, func(t *rapid.T) {
		r := vault.Row{ID: "x", Rec: "entry", Title: "Bank", Tags: []string{"Work", "a b"}, Kind: rapid.SampledFrom(vault.Kinds()).Draw(t, "kind")}
		r.Folders = rapid.SampledFrom([][]vault.ID{nil, {"f"}, {"g", "f"}}).Draw(t, "folders")
		r.Username = rapid.SampledFrom([]string{"", "Ada", "eve@bank.example"}).Draw(t, "user")
		r.URLs = rapid.SampledFrom([][]string{nil, {"https://Bank.example/login"}}).Draw(t, "urls")
		r.Favorite, r.Conflict, r.Has.TOTP = rapid.Bool().Draw(t, "favorite"), rapid.Bool().Draw(t, "conflict"), rapid.Bool().Draw(t, "totp")
		r.Has.Passkeys = rapid.IntRange(0, 1).Draw(t, "passkeys")
		if rapid.Bool().Draw(t, "trashed") {
			r.Trashed = now
		}
		if rapid.Bool().Draw(t, "expires") {
			r.Expires = now.Add(time.Duration(rapid.IntRange(-1, 1).Draw(t, "when")) * time.Hour)
		}
		terms := rapid.SliceOfN(rapid.SampledFrom([]string{
			"tag:work", "TAG:Work", `tag:"a b"`, "kind:login", "kind:card", "kind:passkey", "has:totp", "has:passkey", "has:tag", "has:url", "is:favorite", "is:favourite",
			"is:conflict", "is:expired", "is:untagged", `folder:"my bank"`, "folder:home/my", `folder:"home / my bank"`, "folder:work", "user:ada", "user:bank", "url:bank.example/log",
			"in:trash",
		}), 0, 4).Draw(t, "terms")
		for i := range terms {
			if !strings.HasPrefix(terms[i], "in:") && rapid.IntRange(0, 2).Draw(t, "not") == 0 {
				terms[i] = "-" + terms[i]
			}
		}
		line := strings.Join(terms, " ")
		ls, err := session.Passes(line, r, paths, now)
		list, problem := screen.Passes(line, r, joined, now)
		if strings.HasPrefix(problem, "no folder begins") || strings.HasPrefix(problem, "no tag begins") {
			return // a vault of one row: that no folder has this name is said, not passed over
		}
		if err != nil || problem != "" || ls != list {
			t.Fatalf("%q of %+v: ls %v (%v), list %v (%s)", line, r, ls, err, list, problem)
		}
	})
}

// What one refuses, the other refuses; an audit's words only the list knows.
func TestWrongFiltersAreRefusedInBoth(t *testing.T) {
	t.Parallel()
	for _, line := range []string{"kind:nonsense", "has:nonsense", "is:nonsense", "in:nonsense", "-in:trash", "-kind:zzz"} {
		_, err := session.ParseQuery(line)
		_, problem := screen.Passes(line, vault.Row{}, nil, time.Time{})
		if err == nil || problem == "" {
			t.Errorf("%s: ls says %v, the list %q", line, err, problem)
		}
	}
	_, _, audit := screen.FilterValues()
	for _, word := range audit {
		if _, err := session.ParseQuery("is:" + word); word != "expired" && (err == nil || !strings.Contains(err.Error(), "audit")) {
			t.Errorf("is:%s: %v", word, err)
		}
	}
}

func TestAValueThatTheShellKeptTogether(t *testing.T) {
	t.Parallel()
	for want, args := range map[string][]string{
		`folder:"My bank" x`: {"folder:My bank", "x"}, "git ada": {"git ada"}, "see this: now": {"see this: now"}, `tag:"a b"`: {`tag:"a b"`}, "tag:a": {"tag:a"},
	} {
		if got := queryOf(args); got != want {
			t.Errorf("%q: %q, want %q", args, got, want)
		}
	}
}
