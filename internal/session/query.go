package session

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"signet/vault"
)

// Filter is a parsed Query: what a row must be, and the words that it must hold. Its language is that of the search line of the terminal
// interface (tui/screen/query.go), where a value that is not finished counts as the beginning of one; a test in internal/cli holds the two
// together.
type Filter struct {
	Words []string // folded
	Terms []Term
	Trash bool
}

// Term is one name:value of a query; Not says that it began with a minus.
type Term struct {
	Name, Value string // Value is folded
	Not         bool
}

// ErrQuery is the kind of error that ParseQuery gives.
type ErrQuery struct{ Msg string }

func (e *ErrQuery) Error() string { return e.Msg }

// maxTerms bounds how many words and filters one query may have.
const maxTerms = 64

var (
	termNames  = []string{"tag", "folder", "kind", "has", "is", "in", "user", "url"}
	hasWords   = []string{"password", "totp", "passkey", "file", "note", "card", "identity", "ssh", "wifi", "api", "custom", "url", "tag"}
	isWords    = []string{"favorite", "conflict", "expired", "untagged"}
	auditWords = []string{"breached", "reused", "weak", "insecure", "expiring", "duplicate", "no-2fa", "old"}
)

// ParseQuery reads the words and filters of a search line. A word with a colon that is no filter (https://…) stays a word. Quotes keep spaces
// together: folder:"My bank".
func ParseQuery(text string) (Filter, error) {
	var f Filter
	parts := splitQuoted(text)
	if len(parts) > maxTerms {
		return Filter{}, &ErrQuery{fmt.Sprintf("at most %d words and filters", maxTerms)}
	}
	for _, w := range parts {
		t, ok := parseTerm(w)
		switch {
		case !ok:
			if w = vault.Fold(w); strings.TrimSpace(w) != "" {
				f.Words = append(f.Words, w)
			}
			continue
		case t.Name == "in" && (t.Not || t.Value != "trash"):
			return Filter{}, &ErrQuery{fmt.Sprintf("in:%s: use in:trash", t.Value)}
		case t.Name == "in":
			f.Trash = true
			continue
		}
		if err := t.check(); err != nil {
			return Filter{}, err
		}
		f.Terms = append(f.Terms, t)
	}
	return f, nil
}

// parseTerm takes name:value apart; false when it is a word.
func parseTerm(w string) (Term, bool) {
	rest, not := strings.CutPrefix(w, "-")
	name, value, ok := strings.Cut(rest, ":")
	name = strings.ToLower(name)
	if !ok || value == "" || !slices.Contains(termNames, name) {
		return Term{}, false
	}
	t := Term{name, vault.Fold(value), not}
	if name == "is" && t.Value == "favourite" {
		t.Value = "favorite"
	}
	return t, true
}

// check refuses values that mean nothing.
func (t Term) check() error {
	words := hasWords
	switch t.Name {
	case "kind":
		if !slices.Contains(vault.Kinds(), vault.Kind(t.Value)) {
			return &ErrQuery{fmt.Sprintf("no kind is called %q", t.Value)}
		}
		return nil
	case "is":
		if slices.Contains(auditWords, t.Value) {
			return &ErrQuery{fmt.Sprintf("is:%s is what an audit finds; the list of the terminal interface takes it", t.Value)}
		}
		words = isWords
	case "has":
	default:
		return nil
	}
	if !slices.Contains(words, t.Value) {
		return &ErrQuery{fmt.Sprintf("%s:%s: use one of %s", t.Name, t.Value, strings.Join(words, ", "))}
	}
	return nil
}

// splitQuoted cuts a line at spaces outside of quotes, and takes the quotes away.
func splitQuoted(s string) (parts []string) {
	var b strings.Builder
	quoted := false
	flush := func() {
		if strings.TrimSpace(b.String()) != "" {
			parts = append(parts, b.String())
		}
		b.Reset()
	}
	for _, r := range s {
		switch {
		case r == '"':
			quoted = !quoted
		case !quoted && unicode.IsSpace(r):
			flush()
		default:
			b.WriteRune(r)
		}
	}
	flush()
	return parts
}

// plain reports whether only words decide, so that the index can answer.
func (f Filter) plain() bool { return len(f.Terms) == 0 }

// folders reports whether folders have to be known.
func (f Filter) folders() bool {
	return slices.ContainsFunc(f.Terms, func(t Term) bool { return t.Name == "folder" })
}

// match reports whether a row passes everything but the words. Of several kinds one is enough; everything else has to hold. folders maps the
// ids of folders to their folded paths.
func (f Filter) match(r vault.Row, folders map[vault.ID]string, now time.Time) bool {
	if f.Trash == r.Trashed.IsZero() {
		return false
	}
	kinds, kind := false, false
	for _, t := range f.Terms {
		yes := t.match(r, folders, now)
		if t.Name == "kind" && !t.Not {
			kinds, kind = true, kind || yes
			continue
		}
		if yes == t.Not {
			return false
		}
	}
	return kind || !kinds
}

func (t Term) match(r vault.Row, folders map[vault.ID]string, now time.Time) bool {
	holds := func(s string) bool { return strings.Contains(vault.Fold(s), t.Value) }
	switch t.Name {
	case "tag":
		return slices.ContainsFunc(r.Tags, func(s string) bool { return vault.Fold(s) == t.Value })
	case "kind":
		return r.Kind == vault.Kind(t.Value) || t.Value == string(vault.KindPasskey) && r.Has.Passkeys > 0
	case "folder":
		path := strings.ReplaceAll(t.Value, " / ", "/")
		return slices.ContainsFunc(r.Folders, func(id vault.ID) bool { return strings.Contains(folders[id], path) })
	case "user":
		return holds(r.Username)
	case "url":
		return slices.ContainsFunc(r.URLs, holds)
	case "is":
		return isSo(r, t.Value, now)
	}
	return has(r, t.Value)
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
	case "untagged":
		return len(r.Tags) == 0
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
