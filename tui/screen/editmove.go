package screen

import (
	"slices"
	"strings"

	"signet/tui/widget"
	"signet/vault/entry"
)

// siblings are the prefixes of what stands in one order with a web site or a custom field, as the form has them.
func (s *Edit) siblings(prefix string) (out []string) {
	for _, d := range s.form.Fields {
		p := prefixOf(d.ID)
		if p == "" || parentOf(p) != parentOf(prefix) || slices.Contains(out, p) {
			continue
		}
		out = append(out, p)
	}
	return out
}

func parentOf(prefix string) string { return prefix[:strings.LastIndexByte(prefix, '/')] }

// move changes places with the sibling before or after.
func (s *Edit) move(prefix string, by int) bool {
	if prefix == "" {
		return false
	}
	all := s.siblings(prefix)
	i := slices.Index(all, prefix)
	if i < 0 || i+by < 0 || i+by >= len(all) {
		return false
	}
	focus := s.form.Focused()
	other := all[i+by]
	mine := s.takeOut(prefix)
	at := -1
	for j, d := range s.form.Fields {
		if s.under(d.ID, other) {
			if by < 0 && at < 0 {
				at = j
			} else if by > 0 {
				at = j + 1
			}
		}
	}
	s.form.Insert(at, mine...)
	if focus != nil {
		s.form.Focus = max(slices.Index(s.form.Fields, focus), 0)
	}
	if s.moved == nil {
		s.moved = map[string]bool{}
	}
	s.moved[prefix] = true
	return true
}

// takeOut takes the fields of a prefix out of the form; a heading stays where it was.
func (s *Edit) takeOut(prefix string) []*widget.Field {
	return s.form.Drop(func(d *widget.Field) bool { return s.under(d.ID, prefix) })
}

// places are the new places of what was moved or is new among its siblings.
func (s *Edit) places(prefix string) map[string]string {
	all, out := s.siblings(prefix), map[string]string{}
	fixed := func(p string) string {
		if s.moved[p] {
			return ""
		}
		return s.storedPos(p)
	}
	last := ""
	for i, p := range all {
		pos := fixed(p)
		if pos != "" && pos > last {
			last = pos
			continue
		}
		next := ""
		for _, q := range all[i+1:] {
			if pos := fixed(q); pos > last {
				next = pos
				break
			}
		}
		last = entry.PosBetween(last, next)
		out[p] = last
	}
	return out
}

// storedPos is the place that a web site or a custom field has in the record; "" when it has none.
func (s *Edit) storedPos(prefix string) string {
	for _, u := range s.e.URLs {
		if entry.JoinPath("url", u.ID) == prefix {
			return u.Pos
		}
	}
	for _, c := range s.e.Credentials {
		for _, m := range c.Fields {
			if m.Path == prefix+"/value" {
				return m.Pos
			}
		}
	}
	return ""
}
