package widget

import (
	"strings"
	"unicode"

	"charm.land/bubbles/v2/key"

	"signet/internal/sanitize"
)

// chosen is the option that a choice stands on; -1 for a value that is none of them.
func (d *Field) chosen() int {
	text := d.Line.Text()
	for i, o := range d.Options {
		if o.Value == text {
			return i
		}
	}
	return -1
}

// choose applies a key to a choice: the arrows and the space bar go through the options, a letter goes to the next one that begins
// with it.
func (d *Field) choose(k FormKeys, p Press) bool {
	n := len(d.Options)
	if d.Kind != ChoiceField || n == 0 {
		return false
	}
	at := d.chosen()
	switch {
	case key.Matches(p, k.Toggle, k.Edit.Right):
		at = (at + 1) % n
	case key.Matches(p, k.Edit.Left):
		at = (max(at, 0) + n - 1) % n
	case p.Typed() != "":
		for i := range n {
			if o := (at + 1 + i + n) % n; begins(d.Options[o].Label, p.Typed()) {
				at = o
				break
			}
		}
	default:
		return false
	}
	if at >= 0 {
		d.Replace([]byte(d.Options[at].Value))
		d.Err = ""
	}
	return true
}

func begins(s, with string) bool {
	return len(s) >= len(with) && strings.EqualFold(s[:len(with)], with)
}

// shownChoice is how the value of a choice reads.
func (d *Field) shownChoice() string {
	if i := d.chosen(); i >= 0 {
		return d.Options[i].Label
	}
	return sanitize.Line(d.Line.Text())
}

// maxHits is how many completions are offered at once.
const maxHits = 6

// offers are the completions of the text, while it is typed.
func (d *Field) offers() []Option {
	if d.Suggest == nil || !d.typed {
		return nil
	}
	all := d.Suggest(d.Line.Text())
	return all[:min(len(all), maxHits)]
}

// complete applies a key to the completions; it reports whether the key was theirs. Down goes into them, Enter takes one, and so does a
// step to the right behind the text.
func (d *Field) complete(k FormKeys, p Press) bool {
	offers := d.offers()
	if len(offers) == 0 {
		return false
	}
	d.hit = min(d.hit, len(offers))
	switch {
	case key.Matches(p, k.Edit.Down) && d.hit < len(offers):
		d.hit++
	case key.Matches(p, k.Edit.Up) && d.hit > 0:
		d.hit--
	case key.Matches(p, k.Submit) && d.hit > 0, key.Matches(p, k.Edit.Right, k.Edit.End) && d.Line.At() == d.Line.Len():
		d.take(offers, max(d.hit, 1))
	case key.Matches(p, k.Next) && d.hit > 0:
		d.take(offers, d.hit)
		return false // and on to the next field
	default:
		return false
	}
	return true
}

func (d *Field) take(offers []Option, n int) {
	if n < 1 || n > len(offers) {
		return
	}
	d.Replace([]byte(offers[n-1].Value))
	d.typed, d.hit, d.Err = false, 0, ""
}

// Filter gives the options that a text may be meant to become: those that begin with it first, then those that have it at the beginning of
// a word, then those that hold it. Case does not count.
func Filter(options []Option, text string) []Option {
	text = fold(text)
	var ranks [3][]Option
	for _, o := range options {
		if o.Value == "" && o.Label == "" {
			continue
		}
		best := 3
		for _, s := range []string{o.Value, o.Label} {
			best = min(best, rank(fold(s), text))
		}
		if best < 3 {
			ranks[best] = append(ranks[best], o)
		}
	}
	return append(append(ranks[0], ranks[1]...), ranks[2]...)
}

func rank(s, text string) int {
	at := strings.Index(s, text)
	switch {
	case at < 0 || s == "":
		return 3
	case at == 0:
		return 0
	case strings.ContainsAny(s[at-1:at], " /-("):
		return 1
	}
	return 2
}

func fold(s string) string { return strings.Map(unicode.ToLower, s) }
