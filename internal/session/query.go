package session

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"signet/vault"
)

// Filter is a parsed Query: what a row must be, and the words that it must hold.
type Filter struct {
	Words  []string // folded
	Tags   []string // folded
	Kinds  []vault.Kind
	Folder []string // folded
	Has    []string
	Is     []string
	Trash  bool
}

// ErrQuery is the kind of error that ParseQuery gives.
type ErrQuery struct{ Msg string }

func (e *ErrQuery) Error() string { return e.Msg }

var (
	hasWords = []string{"password", "totp", "passkey", "file", "note", "card", "identity", "ssh", "wifi", "api", "custom", "url", "tag"}
	isWords  = []string{"favorite", "conflict", "expired"}
)

// ParseQuery reads the words and filters of a search line. A word with a colon that is no filter (https://…) stays a word.
func ParseQuery(text string) (Filter, error) {
	var f Filter
	for _, w := range strings.Fields(text) {
		name, value, ok := strings.Cut(w, ":")
		if !ok || value == "" {
			f.Words = append(f.Words, vault.Fold(w))
			continue
		}
		switch name {
		case "tag":
			f.Tags = append(f.Tags, vault.Fold(value))
		case "folder":
			f.Folder = append(f.Folder, vault.Fold(value))
		case "kind":
			if !slices.Contains(vault.Kinds(), vault.Kind(value)) {
				return Filter{}, &ErrQuery{fmt.Sprintf("no kind is called %q", value)}
			}
			f.Kinds = append(f.Kinds, vault.Kind(value))
		case "has":
			if !slices.Contains(hasWords, value) {
				return Filter{}, &ErrQuery{fmt.Sprintf("has:%s: use one of %s", value, strings.Join(hasWords, ", "))}
			}
			f.Has = append(f.Has, value)
		case "is":
			if !slices.Contains(isWords, value) {
				return Filter{}, &ErrQuery{fmt.Sprintf("is:%s: use one of %s", value, strings.Join(isWords, ", "))}
			}
			f.Is = append(f.Is, value)
		case "in":
			if value != "trash" {
				return Filter{}, &ErrQuery{fmt.Sprintf("in:%s: use in:trash", value)}
			}
			f.Trash = true
		default:
			f.Words = append(f.Words, vault.Fold(w))
		}
	}
	return f, nil
}

// plain reports whether only words decide, so that the index can answer.
func (f Filter) plain() bool {
	return len(f.Tags)+len(f.Kinds)+len(f.Folder)+len(f.Has)+len(f.Is) == 0
}

// match reports whether a row passes everything but the words. folders maps the ids of folders to their folded paths.
func (f Filter) match(r vault.Row, folders map[vault.ID]string, now time.Time) bool {
	if f.Trash == r.Trashed.IsZero() {
		return false
	}
	for _, t := range f.Tags {
		if !slices.ContainsFunc(r.Tags, func(s string) bool { return vault.Fold(s) == t }) {
			return false
		}
	}
	if len(f.Kinds) > 0 && !slices.Contains(f.Kinds, r.Kind) {
		return false
	}
	for _, want := range f.Folder {
		if !slices.ContainsFunc(r.Folders, func(id vault.ID) bool { return strings.Contains(folders[id], want) }) {
			return false
		}
	}
	for _, h := range f.Has {
		if !has(r, h) {
			return false
		}
	}
	for _, is := range f.Is {
		if !isSo(r, is, now) {
			return false
		}
	}
	return true
}

func has(r vault.Row, what string) bool {
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

func isSo(r vault.Row, what string, now time.Time) bool {
	switch what {
	case "favorite":
		return r.Favorite
	case "conflict":
		return r.Conflict
	case "expired":
		return !r.Expires.IsZero() && r.Expires.Before(now)
	}
	return false
}

// wordsIn reports whether every word occurs in the folded search text.
func wordsIn(words []string, search string) bool {
	for _, w := range words {
		if !strings.Contains(search, w) {
			return false
		}
	}
	return true
}

// sortRows puts the best match first: title equal, title beginning, title holding the words, the rest; then by title.
func sortRows(rows []vault.Row, words []string) {
	type keyed struct {
		rank  int
		title string
		row   vault.Row
	}
	ks := make([]keyed, len(rows))
	whole := strings.Join(words, " ")
	for i, r := range rows {
		t := vault.Fold(r.Title)
		ks[i] = keyed{rank(t, whole, words), t, r}
	}
	slices.SortFunc(ks, func(a, b keyed) int {
		return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(a.title, b.title), cmp.Compare(a.row.ID, b.row.ID))
	})
	for i := range ks {
		rows[i] = ks[i].row
	}
}

func rank(title, whole string, words []string) int {
	switch {
	case len(words) == 0:
		return 0
	case title == whole:
		return 0
	case strings.HasPrefix(title, whole):
		return 1
	case wordsIn(words, title):
		return 2
	}
	return 3
}
