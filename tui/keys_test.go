package tui

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"charm.land/bubbles/v2/key"

	"signet/tui/screen"
	"signet/tui/widget"
)

// bindings walks the whole key map: name of the field → binding.
func allBindings(t *testing.T) map[string]key.Binding {
	t.Helper()
	out := map[string]key.Binding{}
	var walk func(path string, v reflect.Value)
	walk = func(path string, v reflect.Value) {
		if b, ok := v.Interface().(key.Binding); ok {
			out[strings.TrimPrefix(path, ".")] = b
			return
		}
		for i := range v.NumField() {
			walk(path+"."+v.Type().Field(i).Name, v.Field(i))
		}
	}
	walk("", reflect.ValueOf(Keys()))
	return out
}

// Names that key.Matches can never produce, like " " for the space bar, are bindings that do nothing (bubbletea.md 4d.9).
func TestEveryKeyCanBePressed(t *testing.T) {
	t.Parallel()
	for name, b := range allBindings(t) {
		if len(b.Keys()) == 0 || b.Help().Desc == "" || b.Help().Key == "" {
			t.Errorf("%s has no key or no help", name)
		}
		for _, k := range b.Keys() {
			second, chord := strings.CutPrefix(k, leader+" ")
			if !chord {
				second = k
			}
			if _, err := keyName(second); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

// Keys that terminals, tmux, screen and flow control take for themselves.
func TestKeysSurviveTmuxAndFlowControl(t *testing.T) {
	t.Parallel()
	for name, b := range allBindings(t) {
		free := slices.DeleteFunc(slices.Clone(b.Keys()), func(k string) bool {
			return slices.Contains([]string{"ctrl+s", "ctrl+q", "ctrl+b", "ctrl+a", "ctrl+\\"}, k) || strings.HasPrefix(k, "alt+") || k == "ctrl+enter" || k == "ctrl+backspace"
		})
		if len(free) == 0 && name != "Edit.WordLeft" && name != "Edit.WordRight" {
			t.Errorf("%s can only be reached by keys that something else may take: %v", name, b.Keys())
		}
	}
}

// No two actions share a key where both are listened to.
func TestNoKeyDoesTwoThings(t *testing.T) {
	t.Parallel()
	k := Keys()
	if err := doubled(named(&k)); err != nil {
		t.Error(err)
	}
}

// Every screen's actions work in a focus of the table, so that configured keys are checked for it; and no two of them share a key.
func TestEveryScreenIsInAFocus(t *testing.T) {
	t.Parallel()
	for _, p := range everyPicture() {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			d := drive(t, 100, 30, p.start...)
			p.reach(d)
			checkFocus(t, d.r)
		})
	}
}

func checkFocus(t *testing.T, r *root) {
	t.Helper()
	var here [][]string // of each binding, the actions that it can be
	seen := map[string]string{}
	all := named(&r.keys)
	for _, b := range r.helped() {
		if !b.Enabled() {
			continue
		}
		// A form names the key of its check boxes on its text fields too: nothing is lost by that.
		if r.typing() && len(r.dialogs) == 0 && !widget.Typing(b).Enabled() && b.Help().Desc != r.keys.Setup.Toggle.Help().Desc {
			t.Errorf("%q cannot be pressed while text is typed: %v", b.Help().Desc, b.Keys())
		}
		var can []string
		for _, a := range all {
			if a.binding.Help().Desc == b.Help().Desc && !slices.ContainsFunc(b.Keys(), func(k string) bool { return !slices.Contains(a.binding.Keys(), k) }) {
				can = append(can, a.name)
			}
		}
		if len(can) == 0 { // a screen may call a shared action by what it does there
			for _, a := range all {
				if !slices.ContainsFunc(b.Keys(), func(k string) bool { return !slices.Contains(a.binding.Keys(), k) }) {
					can = append(can, a.name)
				}
			}
		}
		if len(can) == 0 {
			t.Errorf("%q %v is not in the key map", b.Help().Desc, b.Keys())
			continue
		}
		here = append(here, can)
		for _, k := range b.Keys() {
			if other := seen[k]; other != "" && other != b.Help().Desc {
				t.Errorf("%q is both %q and %q", k, other, b.Help().Desc)
			}
			seen[k] = b.Help().Desc
		}
	}
	if !slices.ContainsFunc(allFocuses(all), func(f focus) bool {
		return !slices.ContainsFunc(here, func(can []string) bool { return !slices.ContainsFunc(can, f.holds) })
	}) {
		t.Errorf("no focus of focus.go holds all of %v", here)
	}
}

// In the search line plain letters are text: what the list does by a letter works there by another key too.
func TestEveryActionWorksWhileTyping(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 24, opened).want("15")
	b, _ := d.top().(*screen.Browse)
	for _, k := range b.Keys() {
		if !k.Enabled() && k.Help().Desc != "leave" {
			t.Errorf("%q works only when the search line does not have the focus", k.Help().Desc)
		}
	}
}

// Help lists every binding of the screen it was opened from.
func TestHelpIsMadeFromTheKeyMap(t *testing.T) {
	t.Parallel()
	d := drive(t, 100, 90, opened).want("15").keys("f1").want("Everywhere")
	for _, text := range []string{"copy password", "^Y  ^X p", "to trash", "lock", "word left", "tag:work"} {
		if !d.is(text) {
			t.Errorf("help does not say %q:\n%s", text, d.picture())
		}
	}
	d.keys("f1").want("GitHub").keys("tab", "?").want("p  ^Y  ^X p").keys("esc").want("GitHub")
}
