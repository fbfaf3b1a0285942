package tui

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"

	tea "charm.land/bubbletea/v2"

	"signet/tui/screen"
	"signet/tui/widget"
)

// maxKeys is how many keys one action may have.
const maxKeys = 8

// BindKeys is the key map with other keys for some actions: name → keys, as config.toml has them. The whole map is checked as strictly
// as the file: an unknown name, a key that cannot be pressed, a key with two meanings in one place and an action that cannot be
// reached any more are errors that name the action.
func BindKeys(other map[string][]string) (screen.Keys, error) {
	k := Keys()
	if len(other) == 0 {
		return k, nil
	}
	all := named(&k)
	for name := range other {
		if !slices.ContainsFunc(all, func(a action) bool { return a.name == name }) {
			return k, fmt.Errorf("unknown keys.%s%s", name, meant(name, all))
		}
	}
	lead, err := newLeader(other["global.leader"])
	if err != nil {
		return k, err
	}
	for _, a := range all {
		if err := a.bind(other[a.name], lead); err != nil {
			return k, fmt.Errorf("keys.%s: %w", a.name, err)
		}
	}
	return k, doubled(all)
}

// meant names an action that the wrong name may stand for.
func meant(name string, all []action) string {
	for _, a := range all {
		_, tail, _ := strings.Cut(a.name, ".")
		_, last, _ := strings.Cut(name, ".")
		if last == "" {
			last = name
		}
		if strings.HasSuffix(tail, last) || strings.HasPrefix(tail, last) {
			return "; is " + a.name + " meant?"
		}
	}
	return ""
}

// newLeader is the key that begins chords.
func newLeader(keys []string) (string, error) {
	if len(keys) == 0 {
		return leader, nil
	}
	if len(keys) > 1 {
		return "", errors.New("keys.global.leader: give one key")
	}
	name, err := keyName(keys[0])
	if err == nil && typed(name) {
		err = fmt.Errorf("%q is text where somebody types: take a key like ctrl+x or f2", name)
	}
	if err != nil {
		return "", fmt.Errorf("keys.global.leader: %w", err)
	}
	return name, nil
}

// bind gives an action its new keys, or its own ones behind the new leader.
func (a action) bind(keys []string, lead string) error {
	was := a.binding.Keys()
	if keys == nil {
		keys = written(was)
		if a.name == "global.leader" {
			keys = []string{lead}
		}
	}
	if len(keys) == 0 || len(keys) > maxKeys {
		return fmt.Errorf("give 1 to %d keys", maxKeys)
	}
	var out []string
	for _, k := range keys {
		name, err := pressName(k, lead)
		if err != nil {
			return err
		}
		if typed(name) && (strings.HasPrefix(a.name, "form.") || strings.HasPrefix(a.name, "text.")) {
			return fmt.Errorf("%q is text there: add a key like ctrl+y, or a chord like \"leader %s\"", k, k)
		}
		if slices.Contains(out, name) {
			return fmt.Errorf("%q stands there twice", k)
		}
		out = append(out, name)
	}
	out = chords(out, was, lead)
	whileTyping := slices.ContainsFunc(focuses, func(f focus) bool { return f.typing && f.holds(a.name) })
	if whileTyping && slices.ContainsFunc(was, func(k string) bool { return !typed(k) }) && !slices.ContainsFunc(out, func(k string) bool { return !typed(k) }) {
		return fmt.Errorf("%s cannot be reached while text is typed: add a key like ctrl+y, or a chord like \"leader %s\"", strings.Join(keys, ", "), keys[0])
	}
	*a.binding = widget.Bind(a.binding.Help().Desc, out...)
	return nil
}

// chords adds to letters their chords, where the action had one: what a letter does in a list, the leader and the letter do while
// text is typed.
func chords(keys, was []string, lead string) []string {
	chord := func(k string) bool { return strings.Contains(k, " ") }
	if !slices.ContainsFunc(was, chord) || slices.ContainsFunc(keys, chord) {
		return keys
	}
	for _, k := range slices.Clone(keys) {
		if typed(k) {
			keys = append(keys, lead+" "+k)
		}
	}
	return keys
}

// pressName is a key or a chord as bindings are matched by: "leader p" is "ctrl+x p".
func pressName(k, lead string) (string, error) {
	first, second, chord := strings.Cut(k, " ")
	if !chord || strings.TrimSpace(k) == "" {
		return keyName(k)
	}
	if first != leaderWord && first != lead {
		return "", fmt.Errorf("%q: a chord begins with the word leader, as in \"leader p\"", k)
	}
	if second == leaderWord {
		return lead + " " + lead, nil
	}
	name, err := keyName(second)
	return lead + " " + name, err
}

// special are the keys that have a name.
var special = map[string]rune{
	"enter": tea.KeyEnter, "tab": tea.KeyTab, "esc": tea.KeyEscape, "space": tea.KeySpace, "backspace": tea.KeyBackspace, "delete": tea.KeyDelete,
	"insert": tea.KeyInsert, "up": tea.KeyUp, "down": tea.KeyDown, "left": tea.KeyLeft, "right": tea.KeyRight, "home": tea.KeyHome, "end": tea.KeyEnd,
	"pgup": tea.KeyPgUp, "pgdown": tea.KeyPgDown, "f1": tea.KeyF1, "f2": tea.KeyF2, "f3": tea.KeyF3, "f4": tea.KeyF4, "f5": tea.KeyF5, "f6": tea.KeyF6,
	"f7": tea.KeyF7, "f8": tea.KeyF8, "f9": tea.KeyF9, "f10": tea.KeyF10, "f11": tea.KeyF11, "f12": tea.KeyF12,
}

// modifiers in the order in which names have them.
var modifiers = []struct {
	name string
	mod  tea.KeyMod
}{{"ctrl+", tea.ModCtrl}, {"alt+", tea.ModAlt}, {"shift+", tea.ModShift}}

// twins are keys that a terminal cannot tell from others.
var twins = map[string]string{"ctrl+i": "tab", "ctrl+m": "enter", "ctrl+[": "esc"}

// keyName checks that a name is that of a key that can be pressed.
func keyName(name string) (string, error) {
	if other := twins[name]; other != "" {
		return "", fmt.Errorf("%q is %q in most terminals: write that", name, other)
	}
	press, ok := parsePress(name)
	if ok && press.String() == name {
		return name, nil
	}
	if lower, ok := parsePress(strings.ToLower(name)); ok && lower.String() == strings.ToLower(name) {
		return "", fmt.Errorf("no key is called %q: write %q", name, lower.String())
	}
	return "", fmt.Errorf("no key is called %q: keys are called p, P, ctrl+y, alt+left, f2, enter, space, pgup; a chord is \"leader p\"", name)
}

// parsePress is the press that has a name; false when there is none.
func parsePress(name string) (k tea.KeyPressMsg, ok bool) {
	for _, m := range modifiers {
		if rest, found := strings.CutPrefix(name, m.name); found && rest != "" {
			k.Mod, name = k.Mod|m.mod, rest
		}
	}
	rs := []rune(name)
	switch {
	case special[name] != 0:
		k.Code = special[name]
	case len(rs) == 1 && unicode.IsGraphic(rs[0]) && rs[0] != ' ':
		k.Code = rs[0]
		if k.Mod == 0 {
			k.Text = name
		}
	default:
		return k, false
	}
	return k, true
}

// doubled finds a key that two actions of one place have.
func doubled(all []action) error {
	for _, f := range allFocuses(all) {
		seen := map[string]string{}
		for _, a := range all {
			if !f.holds(a.name) {
				continue
			}
			for _, k := range a.binding.Keys() {
				if other := seen[k]; other != "" {
					return fmt.Errorf("keys.%s: %q is also the key of %s in %s", a.name, widget.ShowKey(k), other, f.name)
				}
				seen[k] = a.name
			}
		}
	}
	return nil
}
