package screen

import (
	"slices"
	"strings"

	"signet/internal/sanitize"
	"signet/tui/widget"
)

// maxHostLines bounds how much room a site's name takes.
const maxHostLines = 3

// hostLines are the name of a site, whole: a name that is cut at its end could pass for another one. Of one that is longer than there is room
// for, the end stays, which says whose it is.
func hostLines(f widget.Frame, host string) []string {
	shown, room := sanitize.Domain(host), maxHostLines*f.W
	if i := strings.Index(shown, " ("); i > 0 && widget.Width(shown) > room {
		shown = shown[:i] // the form in plain letters counts
	}
	if widget.Width(shown) <= room {
		if lines := wrapHost(shown, f.W); len(lines) <= maxHostLines {
			return lines
		}
	}
	rs := []rune(shown)
	for n := min(len(rs), room-widget.Width(f.Theme.Ellipsis)); n > 0; n-- {
		if fit := wrapHost(f.Theme.Ellipsis+string(rs[len(rs)-n:]), f.W); len(fit) <= maxHostLines {
			return fit
		}
	}
	return nil
}

// wrapHost breaks a name behind a dot where it can.
func wrapHost(s string, w int) []string {
	if w <= 0 {
		return nil
	}
	var out []string
	for widget.Width(s) > w {
		rs := []rune(s)
		n := min(len(rs), 4*w) // more would be marks without a width
		for n > 1 && widget.Width(string(rs[:n])) > w {
			n--
		}
		if dot := slices.Index(reversed(rs[:n]), '.'); dot >= 0 && dot < n/2 {
			n -= dot
		}
		out = append(out, string(rs[:n]))
		s = string(rs[n:])
	}
	return append(out, s)
}

func reversed(rs []rune) []rune {
	out := slices.Clone(rs)
	slices.Reverse(out)
	return out
}
