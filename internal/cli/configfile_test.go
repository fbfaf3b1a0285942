package cli

import (
	"strings"
	"testing"

	"signet/tui"
)

func TestOneLineOfTheFileChanges(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ src, set, value, want string }{
		"an empty file":            {"", "ui.theme", "dark", "[ui]\ntheme = \"dark\"\n"},
		"no line end":              {"[vaults]\na = \"/a\"", "ui.theme", "dark", "[vaults]\na = \"/a\"\n\n[ui]\ntheme = \"dark\"\n"},
		"a comment behind it":      {"[ui]\ntheme = \"li#ght\" # 'mine' # really\r\nascii = true\n", "ui.theme", "dark", "[ui]\ntheme = \"dark\" # 'mine' # really\r\nascii = true\n"},
		"a dotted name":            {"ui.theme = 'light'\n[vaults]\n", "ui.theme", "dark", "ui.theme = \"dark\"\n[vaults]\n"},
		"into its table":           {"[ui]\nascii = true\n\n# vaults\n[vaults]\n", "ui.theme", "dark", "[ui]\nascii = true\ntheme = \"dark\"\n\n# vaults\n[vaults]\n"},
		"the same name elsewhere":  {"[vaults]\ntheme = \"/t\"\n[ui]\ntheme = \"light\"\n", "ui.theme", "dark", "[vaults]\ntheme = \"/t\"\n[ui]\ntheme = \"dark\"\n"},
		"out of the file":          {"# a\n[ui]\ntheme = \"light\"\nascii = true\n", "ui.theme", "default", "# a\n[ui]\nascii = true\n"},
		"out of where it is not":   {"# a\n", "ui.ascii", "auto", "# a\n"},
		"keys in quotes":           {"[keys]\n'list.edit' = \"E\" # big\n", "keys.list.edit", "E, ctrl+v", "[keys]\n'list.edit' = [\"E\", \"ctrl+v\"] # big\n"},
		"a name that needs quotes": {"", "vaults.a.b", "/x", "[vaults]\n\"a.b\" = \"/x\"\n"},
	} {
		s, err := fileSettingOf(c.set, c.value)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := s.edit(c.src); got != c.want {
			t.Errorf("%s: %q, not %q", name, got, c.want)
		}
	}
}

func TestLocales(t *testing.T) {
	t.Parallel()
	for env, want := range map[string]bool{
		"": true, "LANG=de_DE.UTF-8": true, "LANG=C.utf8": true, "LANG=C": false, "LANG=de_DE.ISO-8859-1": false,
		"LANG=C.UTF-8 LC_ALL=POSIX": false, "LANG=C LC_CTYPE=en_GB.UTF-8": true,
	} {
		vars := map[string]string{}
		for _, v := range strings.Fields(env) {
			name, value, _ := strings.Cut(v, "=")
			vars[name] = value
		}
		if got := utf8Locale(func(n string) string { return vars[n] }, "linux"); got != want {
			t.Errorf("%q: %v", env, got)
		}
	}
}

func TestADumbTerminalIsRefused(t *testing.T) {
	t.Parallel()
	a := &App{Env: func(name string) string { return map[string]string{"TERM": "dumb"}[name] }}
	if _, err := a.looks(config{}, tui.Options{}); err == nil || !strings.Contains(err.Error(), "dumb") {
		t.Errorf("%v", err)
	}
	a.Env = func(name string) string {
		return map[string]string{"TERM": "xterm", "NO_COLOR": "yes", "LANG": "C"}[name]
	}
	if o, err := a.looks(config{}, tui.Options{}); err != nil || !o.NoColor || !o.ASCII || o.Linear || o.NoMouse {
		t.Errorf("%v %+v", err, o)
	}
}

func TestScreenReaderIsNeverGuessed(t *testing.T) {
	t.Parallel()
	yes, no := true, false
	for _, c := range []struct {
		variable string
		file     *bool
		want     bool
	}{{"", nil, false}, {"", &yes, true}, {"1", nil, true}, {"1", &no, true}, {"0", &yes, false}, {"off", &yes, false}} {
		if got := screenReader(c.variable, c.file); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}
