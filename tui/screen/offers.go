package screen

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	tea "charm.land/bubbletea/v2"

	"signet/tui/widget"
	"signet/vault/entry"
)

// offers are what Tab would make of the filter at the end of the search line: first its name, then its value. They are shown below the line;
// where none is shown, Tab moves the focus.
type offers struct {
	before string // the line up to what is completed
	list   []offer
	at     int // the one that Tab put in last; -1 before the first
}

type offer struct {
	text  string // what comes into the line
	shown string
	count int
}

// maxOffers bounds how many are looked at; a person types on before that.
const maxOffers = 64

func (o offers) any() bool { return len(o.list) > 0 }

// offer finds what the end of the line could become.
func (b *Browse) offer() offers {
	line := b.search.Text()
	if b.search.At() != b.search.Len() {
		return offers{}
	}
	before, last := lastPart(line)
	rest, minus := strings.CutPrefix(last, "-")
	name, value, colon := strings.Cut(rest, ":")
	sign := ""
	if minus {
		sign = "-"
	}
	if !colon {
		return offers{before: before, list: nameOffers(sign, strings.ToLower(rest)), at: -1}
	}
	name = strings.ToLower(name)
	if !slices.Contains(filterNames(), name) {
		return offers{}
	}
	typed := entry.Fold(strings.Trim(value, `"`))
	list := b.valueOffers(name, typed)
	if len(list) == 1 && entry.Fold(list[0].shown) == typed {
		return offers{} // it is complete
	}
	for i := range list {
		list[i].text = sign + name + ":" + quoted(list[i].text)
	}
	return offers{before: before, list: list, at: -1}
}

// lastPart cuts the line before its last word; a quote that was opened keeps spaces in it.
func lastPart(line string) (before, last string) {
	at, quote := 0, false
	for i, r := range line {
		switch {
		case r == '"':
			quote = !quote
		case !quote && unicode.IsSpace(r):
			at = i + len(string(r))
		}
	}
	return line[:at], line[at:]
}

// nameOffers are the names of filters that begin as typed; two letters say enough.
func nameOffers(sign, typed string) (out []offer) {
	if len(typed) < 2 {
		return nil
	}
	for _, n := range filterNames() {
		if strings.HasPrefix(n, typed) {
			out = append(out, offer{text: sign + n + ":", shown: n + ":"})
		}
	}
	return out
}

// valueOffers are the values of a filter that begin as typed, then those that hold it; tags and folders with how many entries have them.
func (b *Browse) valueOffers(name, typed string) (out []offer) {
	values, x := closed(name), b.index()
	switch {
	case x == nil:
	case name == "tag":
		values = x.tagNames()
	case name == "folder":
		values = folderPaths(x.folders)
	}
	for _, v := range values {
		if folded := entry.Fold(v); strings.HasPrefix(folded, typed) || closed(name) == nil && strings.Contains(folded, typed) {
			out = append(out, offer{text: v, shown: v, count: b.countOf(name, v)})
		}
	}
	slices.SortStableFunc(out, func(a, b offer) int {
		begins := func(o offer) int {
			if strings.HasPrefix(entry.Fold(o.shown), typed) {
				return 0
			}
			return 1
		}
		return cmp.Compare(begins(a), begins(b))
	})
	return out[:min(len(out), maxOffers)]
}

func (b *Browse) countOf(name, value string) int {
	if x := b.index(); name == "tag" && x != nil {
		return x.counts()[value]
	}
	return 0
}

func folderPaths(folders map[entry.ID]string) []string {
	out := make([]string, 0, len(folders))
	for _, p := range folders {
		out = append(out, p)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// complete puts the next offer into the line. One that is the only one is done with: a name goes on to its values, a value to the next word.
func (b *Browse) complete() tea.Cmd {
	o := b.offers
	o.at = (o.at + 1) % len(o.list)
	text := o.before + o.list[o.at].text
	only := len(o.list) == 1
	if only && !strings.HasSuffix(text, ":") {
		text += " "
	}
	b.search.Set([]byte(text))
	cmd := b.typed()
	if !only {
		b.offers = o // the next Tab goes on from here
	}
	return cmd
}

// offersLine draws them: what Tab does next stands first.
func (b *Browse) offersLine(f widget.Frame) string {
	o := b.offers
	if !o.any() || !b.typing || f.W < 8 {
		return ""
	}
	tab := b.env.Keys.Do.Focus.Help().Key
	line := f.Theme.Key.Render(tab) + " "
	first := max(o.at, 0)
	for i := range o.list {
		n := o.list[(first+i)%len(o.list)]
		text := widget.Fit(f, n.shown, f.W/2)
		style := f.Theme.Muted
		if i == 0 && o.at >= 0 {
			style = f.Theme.Selected
		}
		more := style.Render(text)
		if n.count > 0 {
			more += f.Theme.Faint.Render(" " + thousands(n.count))
		}
		if widget.Width(line)+widget.Width(more)+2 > f.W-2 {
			if i == 0 {
				line += widget.Cut(f, more, f.W-4-widget.Width(tab))
			} else {
				line += f.Theme.Faint.Render(f.Theme.Ellipsis)
			}
			break
		}
		line += more + "  "
	}
	return "  " + line
}
