package screen

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"signet/tui/widget"
)

// nothing says what to do in every empty state.
func (b *Browse) nothing(f widget.Frame) []string {
	k := b.env.Keys.Do
	hint := func(desc, keys string) string {
		return "  " + f.Theme.Key.Render(widget.SpellKey(f, keys)) + "  " + f.Theme.Muted.Render(desc)
	}
	key := func(typing string, plain string) string {
		if b.typing {
			return typing
		}
		return plain
	}
	clear := hint("clears the search", k.Back.Help().Key)
	switch why, more := b.whyNothing(f); {
	case why != "":
		lines := append(b.said(f, why), "")
		if more != "" {
			lines = append(lines, "  "+f.Theme.Muted.Render(widget.Fit(f, more, f.W-2)))
		}
		return append(lines, clear)
	case b.side() == inTrash:
		return append(b.said(f, "The trash is empty."), "", hint("back to the entries", k.Back.Help().Key))
	}
	lines := append(b.said(f, "No entries yet."), "", hint("add a login or a note", key(widget.Typing(k.New).Help().Key, k.New.Help().Key)))
	if b.env.Ports.Importer != nil {
		lines = append(lines, hint("import a file of another program", key(widget.Typing(k.Import).Help().Key, k.Import.Help().Key)))
	}
	return lines
}

// said is a sentence in as many lines as it needs.
func (b *Browse) said(f widget.Frame, text string) []string {
	var out []string
	for _, l := range widget.Wrap(text, max(f.W-2, 1)) {
		out = append(out, "  "+f.Theme.Text.Render(l))
	}
	return out
}

// whyNothing is why the line that was typed finds nothing; "" when there is nothing to find.
func (b *Browse) whyNothing(f widget.Frame) (why, more string) {
	q := b.found.query
	only := len(q.words) == 0 && len(q.filters) == 1
	switch {
	case b.found.problem != "":
		return sentence(widget.Fit(f, b.found.problem, 4*f.W)), ""
	case b.audit.running && q.audits():
		return "Examining the passwords" + b.progress() + ".", ""
	case q.audits() && b.env.Ports.Auditor == nil:
		return "There is no audit here, which this filter asks.", ""
	case b.audit.failed != "" && q.audits():
		return sentence(widget.Fit(f, "the audit failed: "+b.audit.failed, 4*f.W)), ""
	case q.empty() || len(b.found.x.items) == 0:
		return "", ""
	case only && q.filters[0].name == "folder" && !q.filters[0].not:
		return "Nothing is in this folder.", b.env.Keys.Do.Move.Help().Key + " in the list moves entries to a folder"
	case only && q.filters[0].name == "is" && q.audits():
		return "The audit finds nothing " + q.filters[0].value + ".", ""
	}
	return "Nothing matches “" + widget.Fit(f, b.search.Text(), max(f.W/2, 8)) + "”.", b.found.hint
}

func (b *Browse) progress() string {
	if b.audit.total == 0 {
		return ""
	}
	return fmt.Sprintf(": %s of %s", thousands(b.audit.done), thousands(b.audit.total))
}

// sentence begins with a capital letter and ends with a full stop.
func sentence(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + strings.TrimSuffix(s[n:], ".") + "."
}
