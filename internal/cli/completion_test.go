package cli

import (
	"strings"
	"testing"

	"signet/vault"
)

// Attack: two titles that begin with a command substitution. Bash puts what completions have in common on the command line
// unquoted, and cobra's script evaluates that line at the next Tab. Such entries are offered by id.
func TestCompletionOffersNothingThatAShellObeys(t *testing.T) {
	t.Parallel()
	id := vault.SystemIDs().Record()
	for _, title := range []string{"$(touch pwned) a", "`touch pwned`", "x; touch pwned", "a|b", "a&b", "a>b", "a'b", `a"b`, "a\\b", "a\nb", "a\tb", "~root", "a*b", "{a,b}", "!x", "#x", "a\x1b[2Jb"} {
		for _, row := range []vault.Row{{ID: id, Title: title, Username: "ada"}, {ID: id, Title: "Good one", Username: title}} {
			for _, c := range completion(row, "") {
				if strings.ContainsAny(strings.Replace(c, "\t", "", 1), "$`;|&<>'\"\\\n\t~*{}!#()\x1b") {
					t.Errorf("offered %q for %q / %q", c, row.Title, row.Username)
				}
			}
		}
	}
	if got := completion(vault.Row{ID: id, Title: "Bänk 2 – ünï", Username: "ada@example.org"}, "bä"); len(got) != 1 {
		t.Errorf("an ordinary title: %q", got)
	}
	if got := completion(vault.Row{ID: id, Title: "Good one", Username: "ada@example.org"}, "goo"); len(got) != 1 || got[0] != "Good one\tada@example.org" {
		t.Errorf("an ordinary title: %q", got)
	}
}
