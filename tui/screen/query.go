package screen

import (
	"bytes"
	"slices"
	"strings"
	"time"
	"unicode"

	"signet/vault/entry"
)

// query is a parsed search line: words that must all be found, and filters like tag:work or -has:totp.
//
// The language is that of `signet ls` (internal/session/query.go); a test in internal/cli holds the two together. What differs is what a
// person who is still typing needs: here a value that names nothing counts as the beginning of one, so tag:wo shows what tag:work will.
type query struct {
	words   []word
	filters []filter
	trash   bool   // in:trash
	bad     string // what is wrong with it, for people
}

// filter is one name:value; not says that it began with a minus.
type filter struct {
	name, value string
	not         bool
}

// String is the filter as one would type it.
func (f filter) String() string {
	s := f.name + ":" + quoted(f.value)
	if f.not {
		return "-" + s
	}
	return s
}

// quoted puts quotes around a value that a space would cut.
func quoted(value string) string {
	if strings.ContainsFunc(value, unicode.IsSpace) {
		return `"` + value + `"`
	}
	return value
}

// filterNames are the filters that the search line knows, in the order in which they are offered; anything else with a colon is a word.
func filterNames() []string {
	return []string{"tag", "folder", "kind", "has", "is", "in", "user", "url"}
}

// hasWords are the values of has:, isWords those of is: that a row answers; the audit answers more.
func hasWords() []string {
	return []string{"password", "totp", "passkey", "file", "note", "card", "identity", "ssh", "wifi", "api", "custom", "url", "tag"}
}

func isWords() []string { return []string{"favorite", "conflict", "expired", "untagged"} }

// auditWords are the values of is: that need an audit.
func auditWords() []string {
	var out []string
	for _, k := range AuditKinds() {
		out = append(out, string(k))
	}
	return out
}

// closed lists the values of a filter that takes only those; nil for the others.
func closed(name string) []string {
	switch name {
	case "kind":
		var out []string
		for _, k := range entry.Kinds() {
			out = append(out, string(k))
		}
		return out
	case "has":
		return hasWords()
	case "is":
		words := isWords()
		for _, w := range auditWords() {
			if !slices.Contains(words, w) {
				words = append(words, w)
			}
		}
		return words
	case "in":
		return []string{"trash"}
	}
	return nil
}

// maxQuery bounds how many words and filters one line may have; more are left out. Nobody types them, and every one costs a look at
// every entry.
const maxQuery = 16

// parseQuery reads a search line. Quotes keep spaces together: folder:"My bank".
func parseQuery(s string) query {
	var q query
	for _, part := range splitQuoted(s) {
		if len(q.words)+len(q.filters) >= maxQuery {
			break
		}
		f, ok := parseFilter(part)
		switch {
		case !ok:
			if w := newWord(part); strings.TrimSpace(string(w.text)) != "" {
				q.words = append(q.words, w)
			}
		case f.value == "":
		case f.name == "in":
			q.in(f)
		default:
			q.check(&f)
			q.filters = append(q.filters, f)
		}
	}
	return q
}

// in reads in:trash. Nothing else is a place, and its opposite is where every list begins.
func (q *query) in(f filter) {
	switch {
	case f.not || !strings.HasPrefix("trash", f.value):
		q.bad = "in:" + f.value + " is no place: only in:trash is"
	default:
		q.trash = true
	}
}

// check completes a value of a filter that takes only some, and says when it is none of them.
func (q *query) check(f *filter) {
	values := closed(f.name)
	if f.name == "is" && f.value == "favourite" {
		f.value = "favorite"
	}
	if values == nil || slices.ContainsFunc(values, func(v string) bool { return strings.HasPrefix(v, f.value) }) {
		return
	}
	if q.bad == "" {
		q.bad = f.name + ":" + f.value + " means nothing: use " + strings.Join(values, ", ")
	}
}

// parseFilter takes name:value apart; false when it is a word like https://example.com.
func parseFilter(part string) (filter, bool) {
	rest, not := strings.CutPrefix(part, "-")
	name, value, ok := strings.Cut(rest, ":")
	name = strings.ToLower(name)
	if !ok || !slices.Contains(filterNames(), name) {
		return filter{}, false
	}
	return filter{name, entry.Fold(value), not}, true
}

func splitQuoted(s string) []string {
	var parts []string
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

func (q query) empty() bool { return len(q.words) == 0 && len(q.filters) == 0 }

// audits reports whether the query asks for what only an audit knows.
func (q query) audits() bool {
	return slices.ContainsFunc(q.filters, func(f filter) bool {
		return f.name == "is" && slices.ContainsFunc(auditWords(), func(w string) bool { return strings.HasPrefix(w, f.value) }) &&
			!slices.Contains([]string{"favorite", "conflict", "untagged"}, f.value)
	})
}

// narrows reports whether everything that q can find was a candidate of old too, so that only those have to be looked at.
func (q query) narrows(old query) bool {
	if old.empty() || q.trash != old.trash || len(q.words) < len(old.words) || !slices.Equal(q.filters, old.filters) {
		return false
	}
	for i, w := range old.words {
		if !strings.Contains(string(q.words[i].text), string(w.text)) {
			return false
		}
	}
	return true
}

// whole are the words as one text.
func (q query) whole() string {
	parts := make([]string, len(q.words))
	for i, w := range q.words {
		parts[i] = string(w.text)
	}
	return strings.Join(parts, " ")
}

// test is a filter made ready for one index: what it compares was looked up before.
type test struct {
	filter
	yes func(*item) bool
}

// compile makes the filters ready. problem says, for people, which value names nothing.
func (x *index) compile(q query, audit map[string]map[entry.ID]bool) (tests []test, problem string) {
	problem = q.bad
	var kinds []string // of several kinds one is enough: nothing has two
	for _, f := range q.filters {
		if f.name == "kind" && !f.not {
			kinds = append(kinds, like(closed("kind"), f.value)...)
			continue
		}
		yes, known := x.test(f, audit)
		if !known && problem == "" {
			problem = "no " + f.name + " begins with “" + f.value + "”"
		}
		tests = append(tests, test{f, yes})
	}
	if len(kinds) > 0 {
		tests = append(tests, test{filter{name: "kind"}, bitTest(kindMask(kinds))})
	}
	return tests, problem
}

// passes reports whether an item passes every test.
func passes(tests []test, it *item) bool {
	for _, t := range tests {
		if t.yes(it) == t.not {
			return false
		}
	}
	return true
}

// test looks up what a filter compares with; known is false when its value names nothing that there is.
func (x *index) test(f filter, audit map[string]map[entry.ID]bool) (yes func(*item) bool, known bool) {
	switch f.name {
	case "tag":
		tags := x.tagsLike(f.value)
		return func(it *item) bool { return slices.ContainsFunc(it.row.Tags, func(t string) bool { return tags[t] }) }, len(tags) > 0
	case "folder":
		ids := x.foldersLike(f.value)
		return func(it *item) bool {
			return slices.ContainsFunc(it.row.Folders, func(id entry.ID) bool { return ids[id] })
		}, len(ids) > 0
	case "user":
		typed := []byte(f.value)
		return func(it *item) bool { return bytes.Contains(it.hay[it.ends[0]:it.ends[1]], typed) }, true
	case "url":
		return func(it *item) bool {
			return slices.ContainsFunc(it.row.URLs, func(u string) bool { return holdsText(u, f.value) })
		}, true
	case "kind":
		return bitTest(kindMask(like(closed("kind"), f.value))), true
	case "is":
		return x.isTest(like(closed("is"), f.value), audit), true
	}
	return bitTest(hasMask(like(closed("has"), f.value))), true
}

// like are the values that a typed one means: itself, or those that begin with it.
func like(values []string, typed string) []string {
	if slices.Contains(values, typed) {
		return []string{typed}
	}
	return slices.DeleteFunc(slices.Clone(values), func(v string) bool { return !strings.HasPrefix(v, typed) })
}

// holdsText looks for folded text in one that nearly always is folded already.
func holdsText(s, folded string) bool {
	if strings.Contains(s, folded) {
		return true
	}
	for i := 0; i < len(s); i++ {
		if c := s[i]; c >= 0x80 || c >= 'A' && c <= 'Z' {
			return strings.Contains(entry.Fold(s), folded)
		}
	}
	return false
}

// bitsOf is what has:, kind: and most of is: ask, one bit for each of their words: a filter on a hundred thousand entries looks at no row.
func bitsOf(r *entry.Row) (bits uint64) {
	n := 0
	put := func(yes bool) {
		if yes {
			bits |= 1 << n
		}
		n++
	}
	h := &r.Has
	for _, yes := range [...]bool{ // in the order of hasWords
		h.Password, h.TOTP, h.Passkeys > 0, h.Attachments > 0, h.Note, h.Card, h.Identity, h.SSHKey, h.WiFi, h.APIKey, h.CustomFields > 0, len(r.URLs) > 0, len(r.Tags) > 0,
	} {
		put(yes)
	}
	for _, k := range kindList {
		put(r.Kind == k || k == entry.KindPasskey && r.Has.Passkeys > 0)
	}
	put(r.Favorite)
	put(r.Conflict)
	put(len(r.Tags) == 0)
	return bits
}

// The words in the order of their bits.
var (
	hasWordList = hasWords()
	kindList    = entry.Kinds()
	bitWords    = append(append(slices.Clone(hasWordList), closed("kind")...), "favorite", "conflict", "untagged")
)

// maskOf are the bits of some words. Words of has: and kind: may be the same: from says where to begin.
func maskOf(words []string, from, to int) (mask uint64) {
	for i, w := range bitWords[from:to] {
		if slices.Contains(words, w) {
			mask |= 1 << (from + i)
		}
	}
	return mask
}

func hasMask(words []string) uint64 { return maskOf(words, 0, len(hasWordList)) }

func kindMask(words []string) uint64 {
	return maskOf(words, len(hasWordList), len(hasWordList)+len(kindList))
}

func isMask(words []string) uint64 {
	return maskOf(words, len(hasWordList)+len(kindList), len(bitWords))
}

func bitTest(mask uint64) func(*item) bool { return func(it *item) bool { return it.bits&mask != 0 } }

func (x *index) isTest(words []string, audit map[string]map[entry.ID]bool) func(*item) bool {
	mask, now := isMask(words), x.now
	words = slices.DeleteFunc(slices.Clone(words), func(w string) bool { return len(audit[w]) == 0 && w != "expired" })
	if len(words) == 0 {
		return bitTest(mask)
	}
	expired := slices.Contains(words, "expired")
	return func(it *item) bool {
		if it.bits&mask != 0 || expired && !it.row.Expires.IsZero() && it.row.Expires.Before(now) {
			return true
		}
		return slices.ContainsFunc(words, func(w string) bool { return audit[w][it.row.ID] })
	}
}

// Passes reports whether a row passes the filters of a search line, its words left out, and says what is wrong with them. It is for the test
// that holds this language and that of the command line together.
func Passes(line string, r entry.Row, folders map[entry.ID]string, now time.Time) (bool, string) {
	q := parseQuery(line)
	x := newIndex([]entry.Row{r}, folders, nil, now)
	tests, problem := x.compile(q, nil)
	return problem == "" && q.trash == !r.Trashed.IsZero() && passes(tests, &x.items[0]), problem
}

// FilterValues lists the names of filters, and of each the values that it takes when it takes only some; those of is: that need an audit apart.
func FilterValues() (names []string, values map[string][]string, audit []string) {
	values = map[string][]string{}
	for _, n := range filterNames() {
		values[n] = closed(n)
	}
	values["is"] = isWords()
	return filterNames(), values, auditWords()
}
