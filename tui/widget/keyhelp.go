package widget

import (
	"strings"
	"unicode/utf8"

	"charm.land/bubbles/v2/key"
)

// Bind makes a binding whose help shows the first of its keys.
func Bind(desc string, keys ...string) key.Binding {
	return key.NewBinding(key.WithKeys(keys...), key.WithHelp(ShowKey(keys[0]), desc))
}

// Typing leaves of a binding only the keys that work while text is typed: not the plain letters.
func Typing(b key.Binding) key.Binding {
	var keys []string
	for _, k := range b.Keys() {
		if utf8.RuneCountInString(k) > 1 && k != "space" {
			keys = append(keys, k)
		}
	}
	if len(keys) == 0 {
		b.SetEnabled(false)
		return b
	}
	return Bind(b.Help().Desc, keys...)
}

// TypingAll does so for several.
func TypingAll(bs ...key.Binding) []key.Binding {
	out := make([]key.Binding, len(bs))
	for i, b := range bs {
		out[i] = Typing(b)
	}
	return out
}

var keyNames = strings.NewReplacer("up", "↑", "down", "↓", "left", "←", "right", "→", "pgup", "PgUp", "pgdown", "PgDn", "enter", "Enter",
	"tab", "Tab", "shift+tab", "Shift-Tab", "esc", "Esc", "home", "Home", "end", "End", "delete", "Del", "backspace", "Backspace", "space", "Space")

// ShowKey is how a key is written in help: "^X p", "Enter", "↑".
func ShowKey(k string) string {
	parts := strings.Split(k, " ")
	for i, p := range parts {
		if p == "" {
			continue
		}
		p, ctrl := strings.CutPrefix(p, "ctrl+")
		p, alt := strings.CutPrefix(p, "alt+")
		p, shift := strings.CutPrefix(p, "shift+")
		if len(p) > 1 && p[0] == 'f' && p[1] >= '1' && p[1] <= '9' {
			p = strings.ToUpper(p)
		} else if utf8.RuneCountInString(p) > 1 {
			p = keyNames.Replace(p)
		} else if ctrl {
			p = strings.ToUpper(p)
		}
		if shift {
			p = "Shift-" + p
		}
		if alt {
			p = "Alt-" + p
		}
		if ctrl {
			p = "^" + p
		}
		parts[i] = p
	}
	return strings.Join(parts, " ")
}
