package tui

import (
	"slices"
	"strings"
	"testing"

	"signet/tui/tuitest"
)

func TestNamesOfActions(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, k := range KeyNames() {
		if seen[k.Name] {
			t.Errorf("%s is the name of two actions", k.Name)
		}
		seen[k.Name] = true
	}
	for _, name := range []string{"global.leader", "global.palette", "list.copy-password", "list.open-url", "form.add-url", "text.word-left", "move.page-up", "generator.longer"} {
		if !seen[name] {
			t.Errorf("%s is missing", name)
		}
	}
}

// The defaults keep the rules that a person's own keys have to keep.
func TestTheDefaultsAreAllowed(t *testing.T) {
	t.Parallel()
	other := map[string][]string{}
	for _, k := range KeyNames() {
		other[k.Name] = k.Keys
	}
	got, err := BindKeys(other)
	if err != nil {
		t.Fatal(err)
	}
	want := Keys()
	for i, a := range named(&want) {
		if b := named(&got)[i].binding; !slices.Equal(a.binding.Keys(), b.Keys()) {
			t.Errorf("%s: %v became %v", a.name, a.binding.Keys(), b.Keys())
		}
	}
	for _, a := range named(&want) {
		if !slices.ContainsFunc(allFocuses(named(&want)), func(f focus) bool { return f.holds(a.name) }) {
			t.Errorf("%s works nowhere", a.name)
		}
	}
}

func TestBindKeys(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		other map[string][]string
		of    string
		want  []string
	}{
		"a letter gets its chord":     {map[string][]string{"list.copy-password": {"B"}}, "list.copy-password", []string{"B", "ctrl+x B"}},
		"a chord of one's own":        {map[string][]string{"list.copy-password": {"B", "leader k"}}, "list.copy-password", []string{"B", "ctrl+x k"}},
		"another leader":              {map[string][]string{"global.leader": {"ctrl+g"}, "form.generate": {"leader g"}, "generator.again": {"space"}}, "list.edit", []string{"e", "ctrl+g e"}},
		"the palette behind a leader": {map[string][]string{"global.leader": {"f2"}}, "global.palette", []string{":", "f2 :", "f2 f2"}},
		"swapped":                     {map[string][]string{"list.edit": {"d"}, "list.delete": {"e"}}, "list.delete", []string{"e", "ctrl+x e"}},
	} {
		k, err := BindKeys(c.other)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, a := range named(&k) {
			got := slices.Clone(a.binding.Keys())
			slices.Sort(got)
			slices.Sort(c.want)
			if a.name == c.of && !slices.Equal(got, c.want) {
				t.Errorf("%s: %s has %v", name, a.name, a.binding.Keys())
			}
		}
	}
}

func TestBadKeysAreNamed(t *testing.T) {
	t.Parallel()
	for want, other := range map[string]map[string][]string{
		"unknown keys.list.pasword":                          {"list.pasword": {"p"}},
		"is list.copy-password meant?":                       {"list.password": {"p"}},
		`keys.list.edit: no key is called "ctrl+"`:           {"list.edit": {"ctrl+"}},
		`no key is called "Ctrl+Y": write "ctrl+y"`:          {"list.edit": {"Ctrl+Y"}},
		`no key is called " "`:                               {"list.mark": {" "}},
		`"ctrl+i" is "tab"`:                                  {"list.edit": {"ctrl+i"}},
		"give 1 to 8 keys":                                   {"list.edit": {}},
		`"e" stands there twice`:                             {"list.edit": {"e", "e"}},
		`keys.form.save: "s" is text there`:                  {"form.save": {"s"}},
		`keys.list.delete: "e" is also the key of list.edit`: {"list.delete": {"e"}},
		"keys.global.leader: give one key":                   {"global.leader": {"f2", "f3"}},
		`keys.global.leader: "x" is text`:                    {"global.leader": {"x"}},
		`a chord begins with the word leader`:                {"list.edit": {"ctrl+b e"}},
		`no key is called "\x1b"`:                            {"list.edit": {"\x1b"}},
	} {
		if _, err := BindKeys(other); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v, not %q", other, err, want)
		}
	}
}

// What is configured works, and the help, the help line and the palette say it.
func TestConfiguredKeysWork(t *testing.T) {
	t.Parallel()
	d := drive(t, 120, 50, opened, func(o *Options, _ *tuitest.Opener) {
		k, err := BindKeys(map[string][]string{"global.leader": {"f2"}, "list.copy-password": {"B", "ctrl+y"}})
		if err != nil {
			t.Fatal(err)
		}
		o.Keys = &k
	}).want("15", "^Y copy password").keys("f2 B")
	d.until("the password", func() bool { return d.clip.Holds() != "" }).keys("f2 :").want("^Y  F2 B").keys("esc", "f1").want("Entries", "^Y  F2 B").keys("esc", "tab").want("B copy password")
	d.keys("f2").want("F2 then a letter")
}
