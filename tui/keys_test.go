package tui

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"signet/tui/screen"
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
			if press := parseKeyName(second); press.String() != second {
				t.Errorf("%s: no key is called %q (a press of it is %q)", name, second, press)
			}
		}
	}
}

var moreCodes = map[string]rune{"space": tea.KeySpace, "f1": tea.KeyF1}

func parseKeyName(name string) tea.KeyPressMsg {
	k, rest := tea.KeyPressMsg{}, name
	for {
		found := false
		for prefix, mod := range map[string]tea.KeyMod{"ctrl+": tea.ModCtrl, "alt+": tea.ModAlt, "shift+": tea.ModShift} {
			if strings.HasPrefix(rest, prefix) && len(rest) > len(prefix) {
				k.Mod, rest, found = k.Mod|mod, strings.TrimPrefix(rest, prefix), true
			}
		}
		if !found {
			break
		}
	}
	switch {
	case moreCodes[rest] != 0:
		k.Code = moreCodes[rest]
	case keyCodes[rest] != 0:
		k.Code = keyCodes[rest]
	case len([]rune(rest)) == 1:
		k.Code = []rune(rest)[0]
		if k.Mod == 0 {
			k.Text = rest
		}
	}
	return k
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
	g, m, d := k.Global, k.Move, k.Do
	global := []key.Binding{g.Leader, g.Help, g.Lock, g.Quit, g.Suspend}
	list := append([]key.Binding{m.Up, m.Down, m.PageUp, m.PageDown, m.First, m.Last}, global...)
	common := append([]key.Binding{d.Back, d.Leave, d.Password, d.User, d.Code, d.Edit, d.New, d.Delete, d.Trash, d.Undo, d.Import, d.Enrol}, list...)
	e, f := k.Edit, k.Form
	text := []key.Binding{e.Left, e.Right, e.WordLeft, e.WordRight, e.Start, e.End, e.Backspace, e.Delete, e.DeleteWord, e.DeleteToStart, e.DeleteToEnd}
	sets := map[string][]key.Binding{
		"list":      append([]key.Binding{d.Open, d.Search, d.Focus}, common...),
		"trash":     append([]key.Binding{d.Open, d.Search, d.Focus, d.Restore, d.Purge, d.PurgeAll}, common...),
		"entry":     append([]key.Binding{d.CopyRow, d.Reveal, d.RevealAll, d.Restore, d.Purge}, common...),
		"form":      append(append([]key.Binding{f.Next, f.Prev, f.Save, f.Cancel, f.Show, f.Generate, f.AddURL}, text...), global...),
		"area":      append(append([]key.Binding{e.Up, e.Down, e.Newline, f.Save, f.Cancel, f.Show, f.Generate, f.AddURL}, text...), global...),
		"dialog":    {k.Dialog.Next, k.Dialog.Prev, k.Dialog.Accept, k.Dialog.Cancel, g.Quit, g.Suspend, g.Leader},
		"generator": {k.Generator.Accept, k.Generator.Again, k.Generator.Longer, k.Generator.Shorter, k.Generator.Words, k.Generator.Symbols, k.Generator.Clear, k.Generator.Cancel},
		"code":      append([]key.Binding{k.Setup.Continue, k.Setup.SaveSheet, k.Setup.QR, k.Setup.Skip, f.Cancel}, global...),
		"audit": append([]key.Binding{
			k.Audit.Next, k.Audit.Prev, k.Audit.Again, k.Audit.Online, k.Audit.Ignore, k.Audit.Details, d.Open, d.Audit, d.Ways, d.Palette, d.Messages, d.OpenURL,
		}, common...),
		"unlock": append(append([]key.Binding{f.Submit, f.Show, f.Cancel, k.Setup.Ways}, text...), global...),
	}
	for where, bs := range sets {
		seen := map[string]string{}
		for _, b := range bs {
			for _, name := range b.Keys() {
				if other, twice := seen[name]; twice {
					t.Errorf("%s: %q is both %q and %q", where, name, other, b.Help().Desc)
				}
				seen[name] = b.Help().Desc
			}
		}
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
	d := drive(t, 100, 80, opened).want("15").keys("f1").want("Everywhere")
	for _, text := range []string{"copy password", "^Y  ^X p", "to trash", "lock", "word left", "tag:work"} {
		if !d.is(text) {
			t.Errorf("help does not say %q:\n%s", text, d.picture())
		}
	}
	d.keys("f1").want("GitHub").keys("tab", "?").want("p  ^Y  ^X p").keys("esc").want("GitHub")
}
