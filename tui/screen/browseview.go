package screen

import (
	"strconv"
	"strings"

	"signet/internal/sanitize"
	"signet/tui/widget"
	"signet/vault/entry"
)

func joinPath(parts []string) string { return strings.Join(parts, " / ") }

// View implements Screen.
func (b *Browse) View(f widget.Frame) (string, widget.Cursor) {
	l := splitBrowse(f.W, f.H)
	head, cur := b.searchLine(f.Sized(l.Search.W, 1))
	lines := append([]string{head}, make([]string, max(0, l.List.Y-1))...)
	lines = append(lines, b.rows(f.Sized(l.List.W, l.List.H))...)
	left := widget.Lines(f.Sized(l.List.W, f.H), lines)
	if l.Detail.W == 0 {
		return left, cur
	}
	sep := " " + f.Theme.Border.Render(f.Theme.Box.Left) + " "
	return widget.Beside(f, left, l.List.W, sep, b.previewPane(f.Sized(l.Detail.W, l.Detail.H))), cur
}

func (b *Browse) searchLine(f widget.Frame) (string, widget.Cursor) {
	prompt := f.Theme.Accent.Render(f.Theme.Pointer) + " "
	if b.trash {
		prompt = f.Theme.Danger.Render("Trash") + " " + prompt
	}
	count := f.Theme.Muted.Render(b.count())
	at := widget.Width(prompt)
	text, cur := b.search.View(f.Sized(f.W-at-widget.Width(count)-2, 1), b.typing)
	return widget.Ends(f, prompt+text, count, f.W), cur.Moved(at, 0)
}

func (b *Browse) count() string {
	switch {
	case b.index == nil:
		return ""
	case len(b.found.hits) == len(b.index.rows):
		return thousands(len(b.index.rows))
	}
	return thousands(len(b.found.hits)) + " of " + thousands(len(b.index.rows))
}

func thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// rows draws the visible part of the list, or what to do when there is none.
func (b *Browse) rows(f widget.Frame) []string {
	if b.index == nil {
		return []string{"  " + widget.Spinner(f) + f.Theme.Muted.Render(" reading the vault")}
	}
	if len(b.found.hits) == 0 {
		return b.nothing(f)
	}
	from, to := b.list.Visible(f.H)
	out := make([]string, 0, to-from)
	for i := from; i < to; i++ {
		out = append(out, b.row(f, &b.index.rows[b.found.hits[i]], i == b.list.Cursor))
	}
	return out
}

// nothing says what to do in every empty state.
func (b *Browse) nothing(f widget.Frame) []string {
	k := b.env.Keys.Do
	hint := func(desc string, keys ...string) string {
		return "  " + f.Theme.Key.Render(strings.Join(keys, " or ")) + "  " + f.Theme.Muted.Render(desc)
	}
	var lines []string
	switch {
	case len(b.index.rows) > 0:
		lines = []string{"Nothing matches “" + widget.Fit(f, b.search.Text(), f.W/2) + "”.", "", hint("clears the search", k.Back.Help().Key)}
	case b.trash:
		lines = []string{"The trash is empty.", "", hint("back to the entries", k.Back.Help().Key)}
	default:
		// The search line has the focus here: only keys that are no letters work.
		lines = []string{"No entries yet.", "", hint("add a login or a note", widget.Typing(k.New).Help().Key)}
		if b.env.Ports.Importer != nil {
			lines = append(lines, hint("import a file of another program", widget.Typing(k.Import).Help().Key))
		}
	}
	lines[0] = "  " + f.Theme.Text.Render(lines[0])
	return lines
}

// Widths of a row's parts.
const (
	userFrom = 44 // columns from which the user name has its own column
	markRoom = 10 // for what the entry holds
)

// row draws one entry: cursor, favourite, title, user name, what it holds.
func (b *Browse) row(f widget.Frame, r *entry.Row, here bool) string {
	mark := " "
	if here {
		mark = f.Theme.Accent.Render(f.Theme.Pointer)
	}
	star := " "
	if r.Favorite {
		star = f.Theme.Warn.Render(f.Theme.Star)
	}
	if r.Conflict {
		star = f.Theme.Danger.Render(f.Theme.Conflict)
	}
	room := f.W - 4
	user, marks := 0, 0
	if f.W >= userFrom {
		marks = markRoom
		user = (room - marks) * 2 / 5
	}
	title := markMatches(f, widget.Fit(f, orElse(r.Title, "(no title)"), room-user-marks-1), b.found.query.words, here)
	line := mark + star + " " + widget.Pad(f, title, room-user-marks)
	if user > 0 {
		line += f.Theme.Muted.Render(widget.Pad(f, widget.Fit(f, accountOf(r), user-1), user)) + f.Theme.Faint.Render(widget.Fit(f, holds(r), marks))
	}
	return line
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

// markMatches underlines what the search matched in a safe title.
func markMatches(f widget.Frame, title string, words []string, here bool) string {
	base := f.Theme.Text
	if here {
		base = f.Theme.Selected
	}
	folded := entry.Fold(title)
	if len(folded) != len(title) { // offsets would not fit
		return base.Render(title)
	}
	hit := make([]bool, len(title)+1)
	for _, w := range words {
		if at := strings.Index(folded, w); at >= 0 {
			for i := at; i < at+len(w); i++ {
				hit[i] = true
			}
		}
	}
	var out strings.Builder
	for from := 0; from < len(title); {
		to := from + 1
		for to < len(title) && hit[to] == hit[from] {
			to++
		}
		style := base
		if hit[from] {
			style = base.Inherit(f.Theme.Match).Underline(true)
			if !here {
				style = f.Theme.Match
			}
		}
		out.WriteString(style.Render(title[from:to]))
		from = to
	}
	return out.String()
}

func (b *Browse) previewPane(f widget.Frame) string {
	row, ok := b.current()
	if !ok {
		return widget.Lines(f, nil)
	}
	head := []string{f.Theme.Title.Render(widget.Fit(f, orElse(row.Title, "(no title)"), f.W)), ""}
	if b.preview == nil || b.preview.e.ID != row.ID {
		return widget.Lines(f, head)
	}
	body := b.preview.view(f.Sized(f.W, f.H-2), -1)
	return widget.Lines(f, append(head, strings.Split(body, "\n")...))
}
