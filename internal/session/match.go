package session

import (
	"strings"
	"time"

	"signet/vault"
)

// Passes reports whether a row passes the filters of a query, its words left out. folders maps ids to paths of titles. It is for the test that
// holds this language and that of the terminal interface together.
func Passes(text string, r vault.Row, folders map[vault.ID][]string, now time.Time) (bool, error) {
	f, err := ParseQuery(text)
	if err != nil {
		return false, err
	}
	folded := make(map[vault.ID]string, len(folders))
	for id, path := range folders {
		folded[id] = vault.Fold(strings.Join(path, "/"))
	}
	return f.match(r, folded, now), nil
}

// FilterValues lists the names of filters, and the values of has: and is:.
func FilterValues() (names, has, is []string) { return termNames, hasWords, isWords }
