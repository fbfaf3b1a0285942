package tui

import (
	"reflect"
	"strings"
	"unicode"

	"charm.land/bubbles/v2/key"

	"signet/tui/screen"
)

// KeyInfo is an action as config.toml names it.
type KeyInfo struct {
	Name string   // "list.copy-password"
	Does string   // what the help calls it
	Keys []string // as they are written in config.toml: "p", "ctrl+y", "leader p"
}

// KeyNames lists every action with its default keys.
func KeyNames() []KeyInfo {
	k := Keys()
	all := named(&k)
	out := make([]KeyInfo, len(all))
	for i, n := range all {
		out[i] = KeyInfo{n.name, n.binding.Help().Desc, written(n.binding.Keys())}
	}
	return out
}

// action is a binding and its name.
type action struct {
	name    string
	binding *key.Binding
}

// groupNames are the groups whose name in config.toml is not their field's.
var groupNames = map[string]string{"Do": "list", "Edit": "text"}

// keyNames are the actions whose name in config.toml is not made from their field: it would say too little. A name is never changed
// later, because people's files hold it.
var keyNames = map[string]string{
	"list.password": "list.copy-password", "list.user": "list.copy-user", "list.code": "list.copy-code", "list.focus": "list.switch-focus",
	"list.palette": "global.palette", "list.messages": "global.messages", "list.mouse": "global.mouse",
	"setup.ways": "setup.other-ways", "setup.qr": "setup.qr-code", "list.qr": "list.qr-code",
}

// named walks the key map in its order. It is the one place that gives actions their names.
func named(k *screen.Keys) []action { return walk("", reflect.ValueOf(k).Elem(), nil) }

func walk(prefix string, v reflect.Value, out []action) []action {
	for i := range v.NumField() {
		field, t := v.Field(i), v.Type().Field(i)
		if b, ok := field.Addr().Interface().(*key.Binding); ok {
			name := prefix + kebab(t.Name)
			if better := keyNames[name]; better != "" {
				name = better
			}
			out = append(out, action{name, b})
			continue
		}
		if field.Kind() == reflect.Struct {
			group := groupNames[t.Name]
			if group == "" {
				group = kebab(t.Name)
			}
			out = walk(group+".", field, out)
		}
	}
	return out
}

// kebab writes a Go name as people write it: "OpenURL" is "open-url".
func kebab(s string) string {
	var b strings.Builder
	rs := []rune(s)
	for i, r := range rs {
		if unicode.IsUpper(r) {
			if i > 0 && (unicode.IsLower(rs[i-1]) || i+1 < len(rs) && unicode.IsLower(rs[i+1])) {
				b.WriteByte('-')
			}
			r = unicode.ToLower(r)
		}
		b.WriteRune(r)
	}
	return b.String()
}

// written is how keys stand in config.toml: the leader by its name, so that another leader changes all chords.
func written(keys []string) []string {
	out := make([]string, len(keys))
	for i, k := range keys {
		out[i] = k
		if second, chord := strings.CutPrefix(k, leader+" "); chord {
			out[i] = leaderWord + " " + strings.ReplaceAll(second, leader, leaderWord)
		}
	}
	return out
}

// leaderWord stands for the leader in config.toml.
const leaderWord = "leader"
