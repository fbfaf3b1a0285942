package screen

import (
	"bytes"
	"slices"
	"strings"
	"time"

	"charm.land/lipgloss/v2"

	"signet/internal/sanitize"
	"signet/tui/widget"
	"signet/vault/entry"
)

// rows draws the visible part of the list, or what to do when there is none.
func (b *Browse) rows(f widget.Frame) []string {
	if b.found.x == nil {
		return []string{"  " + widget.Spinner(f) + f.Theme.Muted.Render(" reading the vault")}
	}
	if len(b.found.hits) == 0 {
		return b.nothing(f)
	}
	from, to := b.list.Visible(f.H)
	c := columnsFor(f.W)
	out := make([]string, 0, to-from)
	for i := from; i < to && i < len(b.found.hits); i++ {
		out = append(out, b.row(f, c, b.found.x.at(b.found.hits[i]), i == b.list.Cursor))
	}
	return out
}

// columns are the widths of a row's parts, the space behind each included; 0 means that there is no room for it.
type columns struct{ title, user, holds, when, folder, tags int }

// Widths of a row's parts, and the columns from which they are shown.
const (
	signsRoom  = 3 // the cursor, a star, a space
	userFrom   = 44
	holdsFrom  = 56
	holdsRoom  = 11
	whenFrom   = 72
	whenRoom   = 11
	folderFrom = 86
	tagsFrom   = 104
)

// columnsFor divides a row. It is pure, and gives a sane answer for every width.
func columnsFor(w int) columns {
	room := max(w-signsRoom-1, 0)
	var c columns
	if w >= holdsFrom {
		c.holds = holdsRoom
	}
	if w >= whenFrom {
		c.when = whenRoom
	}
	if w >= folderFrom {
		c.folder = min(w/6, 28)
	}
	if w >= tagsFrom {
		c.tags = min(w/6, 28)
	}
	room -= c.holds + c.when + c.folder + c.tags
	if w >= userFrom {
		c.user = room * 2 / 5
	}
	c.title = room - c.user
	return c
}

// row draws one entry.
func (b *Browse) row(f widget.Frame, c columns, it *item, here bool) string {
	r, words := it.row, b.found.query.words
	shown := newShown(it, words)
	title, base := orElse(r.Title, "(no title)"), f.Theme.Text
	if here {
		base = f.Theme.Selected
	}
	signs := b.signs(f, r, here)
	c.title = max(c.title-(widget.Width(signs)-signsRoom), 1) // words instead of signs are wider
	account, where := accountOf(r), shown.elsewhere(r, b.found.x.folders, accountOf(r))
	tail := b.tail(f, c, it)
	if where != "" {
		// The place of the match takes the end of the row: that is why the row is here.
		room := max(c.holds+c.when+c.folder+c.tags, f.W/3)
		if c.holds == 0 {
			c.title -= room
		}
		tail = shown.text(f, where, room-1, f.Theme.Muted, false, true)
	}
	line := widget.Pad(f, shown.text(f, title, c.title-1, base, here, shown.inTitle), c.title)
	if c.user > 0 {
		line += widget.Pad(f, shown.text(f, account, c.user-1, f.Theme.Muted, false, !shown.inTitle), c.user)
	}
	if here {
		return signs + widget.Bar(f, line+tail, f.W-signsRoom)
	}
	return signs + line + tail
}

// signs are the cursor and the star, the mark or the conflict.
func (b *Browse) signs(f widget.Frame, r *entry.Row, here bool) string {
	if f.Theme.Linear {
		return b.spoken(r)
	}
	mark := " "
	if here {
		mark = f.Theme.Accent.Render(f.Theme.Pointer)
	}
	star := " "
	switch {
	case b.marks.has(r.ID):
		star = f.Theme.Good.Render(f.Theme.Tick)
	case r.Conflict:
		star = f.Theme.Danger.Render(f.Theme.Conflict)
	case r.Favorite:
		star = f.Theme.Warn.Render(f.Theme.Star)
	}
	return mark + star + " "
}

// spoken are the signs as words, for who listens.
func (b *Browse) spoken(r *entry.Row) string {
	out := "   "
	for _, w := range []struct {
		yes  bool
		text string
	}{{b.marks.has(r.ID), "marked"}, {r.Conflict, "conflict"}, {r.Favorite, "favourite"}} {
		if w.yes {
			out += w.text + ": "
		}
	}
	return out
}

// tail is what stands right of the account: what the entry holds, when it was changed, its folder and its tags.
func (b *Browse) tail(f widget.Frame, c columns, it *item) string {
	column := func(s string, w int) string {
		if w == 0 {
			return ""
		}
		return widget.Pad(f, f.Theme.Faint.Render(widget.Fit(f, s, w-1)), w)
	}
	r := it.row
	when := b.found.x.when(it, min(b.found.by, byCreated))
	return column(holds(r), c.holds) + column(date(when, b.zone()), c.when) + column(b.folderOf(r), c.folder) + column(strings.Join(r.Tags, " "), c.tags)
}

func (b *Browse) folderOf(r *entry.Row) string {
	if len(r.Folders) == 0 {
		return ""
	}
	return b.found.x.folders[r.Folders[0]]
}

func date(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return ""
	}
	return t.In(zone).Format(time.DateOnly)
}

// accountOf is the second column: the user name, else the site, else what the entry is.
func accountOf(r *entry.Row) string {
	switch {
	case r.Username != "":
		return r.Username
	case r.Subtitle != "":
		return r.Subtitle
	case len(r.URLs) > 0:
		return sanitize.Domain(entry.Host(r.URLs[0]))
	case len(r.RPIDs) > 0:
		return sanitize.Domain(r.RPIDs[0])
	}
	return ""
}

// holds names in a few letters what the entry has besides a password.
func holds(r *entry.Row) string {
	var parts []string
	if r.Kind != entry.KindLogin {
		parts = append(parts, string(r.Kind))
	}
	if r.Has.TOTP && r.Kind != entry.KindTOTP {
		parts = append(parts, "code")
	}
	if r.Has.Passkeys > 0 && r.Kind != entry.KindPasskey {
		parts = append(parts, "passkey")
	}
	if r.Has.Attachments > 0 && r.Kind != entry.KindFile {
		parts = append(parts, "file")
	}
	return strings.Join(parts, " ")
}

// shown says what of a row's texts is marked as matched.
type shown struct {
	words   []word
	exact   []bool // the word is somewhere in the entry as it was typed
	inTitle bool   // scattered letters are marked in the title
}

func newShown(it *item, words []word) shown {
	s := shown{words: words, exact: make([]bool, len(words))}
	for i := range words {
		w := &words[i]
		s.exact[i] = bytes.Contains(it.hay, w.text) && !(it.initialed(w.text) && !bytes.Contains(it.hay[:it.ends[0]], w.text))
		if !s.exact[i] && inOrder(it.hay[:it.ends[0]], w.text) {
			s.inTitle = true
		}
	}
	return s
}

// maxCell is how many bytes of a text a cell of the list looks at.
const maxCell = 1 << 10

// text draws foreign text as one safe line with its matched letters marked, w columns wide at most. Letters that are scattered are marked
// only where they are what was matched.
func (s *shown) text(f widget.Frame, text string, w int, base lipgloss.Style, selected, scatter bool) string {
	if len(text) > maxCell {
		text = strings.ToValidUTF8(text[:maxCell], "")
	}
	safe := sanitize.Line(text)
	if len(s.words) == 0 {
		return base.Render(widget.Cut(f, safe, w))
	}
	runes, from := foldRunes(safe)
	var words []word
	for i := range s.words {
		if s.exact[i] || scatter {
			words = append(words, s.words[i])
		}
	}
	match := f.Theme.Match
	if selected {
		match = base.Inherit(f.Theme.Match).Underline(true)
	}
	var out strings.Builder
	at := 0
	for _, sp := range s.spans(runes, words) {
		out.WriteString(render(base, safe[at:from[sp.from]]) + render(match, safe[from[sp.from]:from[sp.to]]))
		at = from[sp.to]
	}
	out.WriteString(render(base, safe[at:]))
	return widget.Cut(f, out.String(), w)
}

func render(s lipgloss.Style, text string) string {
	if text == "" {
		return ""
	}
	return s.Render(text)
}

// spans are the marked letters: scattered ones only of words that are nowhere as they were typed.
func (s *shown) spans(runes []rune, words []word) []stretch {
	var tight, loose []word
	for _, w := range words {
		i := slices.IndexFunc(s.words, func(o word) bool { return bytes.Equal(o.text, w.text) })
		if s.exact[i] {
			tight = append(tight, w)
		} else {
			loose = append(loose, w)
		}
	}
	return merged(len(runes), spansIn(runes, tight, false), spansIn(runes, loose, true))
}

// merged joins two lists of spans of a text of n letters.
func merged(n int, lists ...[]stretch) (out []stretch) {
	hit := make([]bool, n)
	for _, l := range lists {
		for _, sp := range l {
			for i := sp.from; i < sp.to; i++ {
				hit[i] = true
			}
		}
	}
	return runs(hit)
}

// foldRunes folds a text letter by letter. from[i] is the byte of the text where the letter of folded rune i begins, and the text's length
// behind the last.
func foldRunes(s string) (folded []rune, from []int) {
	for i, r := range s {
		if r < 0x80 {
			if r >= 'A' && r <= 'Z' {
				r += 'a' - 'A'
			}
			folded, from = append(folded, r), append(from, i)
			continue
		}
		for _, d := range entry.Fold(string(r)) {
			folded, from = append(folded, d), append(from, i)
		}
	}
	return folded, append(from, len(s))
}

// elsewhere is where a word was matched when that is not on the row: a tag, a folder, a site, with its sign. account is what the row shows
// beside the title.
func (s *shown) elsewhere(r *entry.Row, folders map[entry.ID]string, account string) string {
	visible := []string{r.Title, account}
	for i := range s.words {
		w := &s.words[i]
		if holdsWord(visible, w, s.exact[i]) {
			continue
		}
		for _, p := range places(r, folders) {
			if holdsWord([]string{p.text}, w, s.exact[i]) {
				return p.sign + p.text
			}
		}
	}
	return ""
}

func holdsWord(texts []string, w *word, exact bool) bool {
	return slices.ContainsFunc(texts, func(t string) bool {
		folded := []byte(entry.Fold(t))
		if exact {
			return bytes.Contains(folded, w.text)
		}
		return inOrder(folded, w.text)
	})
}

// place is a text of an entry that a search looks into, with the sign that says what it is.
type place struct{ sign, text string }

// places are the texts of an entry that its row may not show.
func places(r *entry.Row, folders map[entry.ID]string) (out []place) {
	out = append(out, place{"", r.Username})
	for _, u := range r.URLs {
		out = append(out, place{"", sanitize.Domain(entry.Host(u))}, place{"", entry.Host(u)})
	}
	for _, rp := range r.RPIDs {
		out = append(out, place{"", sanitize.Domain(rp)}, place{"", rp})
	}
	for _, t := range r.Tags {
		out = append(out, place{"#", t})
	}
	for _, id := range r.Folders {
		out = append(out, place{"in ", folders[id]})
	}
	return append(out, place{"", r.Subtitle})
}
