package screen

import (
	"slices"
	"strings"

	"signet/vault/entry"
)

// query is a parsed search line: words that must all be found, and filters like tag:work or has:totp.
type query struct {
	words   []string // folded
	filters []filter
}

type filter struct{ name, value string }

// filterNames are the filters that the search line knows; anything else with a colon is a word.
var filterNames = []string{"tag", "kind", "has", "folder", "user", "url", "is"}

// parseQuery reads a search line. Quotes keep spaces together: folder:"My bank".
func parseQuery(s string) query {
	var q query
	for _, part := range splitQuoted(s) {
		name, value, ok := strings.Cut(part, ":")
		if ok && slices.Contains(filterNames, strings.ToLower(name)) {
			if value != "" {
				q.filters = append(q.filters, filter{strings.ToLower(name), entry.Fold(value)})
			}
			continue
		}
		q.words = append(q.words, entry.Fold(part))
	}
	return q
}

func splitQuoted(s string) []string {
	var parts []string
	var b strings.Builder
	quoted := false
	flush := func() {
		if b.Len() > 0 {
			parts = append(parts, b.String())
			b.Reset()
		}
	}
	for _, r := range s {
		switch {
		case r == '"':
			quoted = !quoted
		case !quoted && (r == ' ' || r == '\t'):
			flush()
		default:
			b.WriteRune(r)
		}
	}
	flush()
	return parts
}

func (q query) empty() bool { return len(q.words) == 0 && len(q.filters) == 0 }

// narrows reports whether everything that q finds was found by old too, so that only old's result has to be looked at.
func (q query) narrows(old query) bool {
	if old.empty() || len(q.words) < len(old.words) || !slices.Equal(q.filters, old.filters) {
		return false
	}
	for i, w := range old.words {
		if !strings.Contains(q.words[i], w) {
			return false
		}
	}
	return true
}

// passes reports whether a row passes every filter. Unknown values of a filter let nothing through.
func (q query) passes(r *entry.Row, folder string) bool {
	for _, f := range q.filters {
		if !f.passes(r, folder) {
			return false
		}
	}
	return true
}

func (f filter) passes(r *entry.Row, folder string) bool {
	has := func(s string) bool { return strings.Contains(entry.Fold(s), f.value) }
	switch f.name {
	case "tag":
		return slices.ContainsFunc(r.Tags, func(t string) bool { return strings.HasPrefix(entry.Fold(t), f.value) })
	case "kind":
		return strings.HasPrefix(string(r.Kind), f.value) || f.value == "passkey" && r.Has.Passkeys > 0
	case "folder":
		return strings.Contains(folder, f.value)
	case "user":
		return has(r.Username)
	case "url":
		return slices.ContainsFunc(r.URLs, has)
	case "is":
		return strings.HasPrefix("favorite", f.value) && r.Favorite || strings.HasPrefix("conflict", f.value) && r.Conflict
	}
	return hasPart(r.Has, f.value)
}

// hasPart answers the filter has:X.
func hasPart(h entry.Has, what string) bool {
	for name, yes := range map[string]bool{
		"password": h.Password, "totp": h.TOTP, "otp": h.TOTP, "code": h.TOTP, "passkey": h.Passkeys > 0, "ssh": h.SSHKey, "note": h.Note,
		"card": h.Card, "identity": h.Identity, "wifi": h.WiFi, "api": h.APIKey, "file": h.Attachments > 0, "custom": h.CustomFields > 0,
	} {
		if yes && strings.HasPrefix(name, what) {
			return true
		}
	}
	return false
}
