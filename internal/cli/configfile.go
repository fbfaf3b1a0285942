package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"signet/internal/atomicfile"
	"signet/internal/paths"
	"signet/tui"
	"signet/tui/theme"
)

// keyTable is the table [keys] as it is written: a name with a dot in quotes, or tables in tables.
type keyTable map[string]any

// flat is the table as name → keys.
func (t keyTable) flat() (map[string][]string, error) {
	out := map[string][]string{}
	return out, flatten("", t, out)
}

// maxKeyDepth is how many tables may stand in each other: "list" and "copy-password".
const maxKeyDepth = 2

func flatten(prefix string, t map[string]any, out map[string][]string) error {
	for name, v := range t {
		name = prefix + name
		switch v := v.(type) {
		case string:
			out[name] = append(out[name], v)
		case []any:
			out[name] = append(out[name], []string{}...)
			for _, k := range v {
				s, ok := k.(string)
				if !ok {
					return fmt.Errorf("keys.%s: a key is written as a text, like \"p\" or \"ctrl+y\"", name)
				}
				out[name] = append(out[name], s)
			}
			if len(v) == 0 {
				out[name] = []string{}
			}
		case map[string]any:
			if strings.Count(name, ".") >= maxKeyDepth-1 {
				return fmt.Errorf("unknown keys.%s", name)
			}
			if err := flatten(name+".", v, out); err != nil {
				return err
			}
		default:
			return fmt.Errorf("keys.%s: give the keys as texts, like [\"p\", \"ctrl+y\"]", name)
		}
	}
	return nil
}

// setting is one value of config.toml in both of its spellings: for people, and as TOML. An empty TOML takes the line out.
type fileSetting struct {
	table, key string
	toml       string
}

// defaultWord takes a setting out of config.toml.
const defaultWord = "default"

// fileSettingOf checks what was asked for and says what has to stand in the file.
func fileSettingOf(name, value string) (fileSetting, error) {
	table, key, _ := strings.Cut(name, ".")
	s := fileSetting{table: table, key: key}
	switch {
	case value == defaultWord || value == "auto" && table == "ui" && key != "theme":
	case name == "ui.theme":
		s.toml = tomlText(value)
	case slices.Contains([]string{"ui.ascii", "ui.mouse", "ui.screen_reader", "ui.virtual_key"}, name):
		if value != "true" && value != "false" {
			return s, usagef("%s is true or false", name).hint("'signet config set %s default' takes it out of the file", name)
		}
		s.toml = value
	case table == "vaults" && key != "" || name == "audit.hashes":
		s.toml = tomlText(value)
	case table == "keys" && key != "":
		var keys []string
		for _, k := range strings.Split(value, ", ") {
			keys = append(keys, tomlText(k))
		}
		s.toml = "[" + strings.Join(keys, ", ") + "]"
	default:
		return s, usagef("no setting is called %s", name).hint("'signet config ls' lists them")
	}
	if !slices.Contains([]string{"ui.theme", "ui.ascii", "ui.mouse", "ui.screen_reader", "ui.virtual_key"}, name) && table == "ui" {
		return s, usagef("no setting is called %s", name).hint("'signet config ls' lists them")
	}
	return s, nil
}

// tomlText writes a text as TOML does, in one line: Go's quoting where TOML reads it back as the same.
func tomlText(s string) string {
	quoted, back := strconv.Quote(s), map[string]string{}
	if toml.Unmarshal([]byte("k = "+quoted), &back) == nil && back["k"] == s {
		return quoted
	}
	var b bytes.Buffer
	_ = toml.NewEncoder(&b).Encode(map[string]string{"k": s}) // what is wrong with it shows when it is read back
	return strings.TrimSpace(strings.TrimPrefix(b.String(), "k ="))
}

// apply is the configuration with the setting, read back from TOML so that it goes through the same door as the file.
func (s fileSetting) apply(c config) (config, error) {
	switch {
	case s.table == "keys":
		flat, err := c.Keys.flat()
		if err != nil {
			return c, err
		}
		c.Keys = keyTable{}
		for name, keys := range flat {
			c.Keys[name] = texts(keys)
		}
		delete(c.Keys, s.key)
	case s.table == "vaults":
		c.Vaults = without(c.Vaults, s.key)
	case s.table == "audit":
		c.Audit = auditConfig{}
	default:
		c.UI = c.UI.without(s.key)
	}
	if s.toml == "" {
		return c, nil
	}
	line := "[" + s.table + "]\n" + tomlKey(s.key) + " = " + s.toml + "\n"
	return c, toml.NewDecoder(strings.NewReader(line)).DisallowUnknownFields().Decode(&c)
}

func texts(in []string) []any {
	out := make([]any, len(in))
	for i, s := range in {
		out[i] = s
	}
	return out
}

func without(m map[string]string, name string) map[string]string {
	out := map[string]string{}
	for k, v := range m {
		if k != name {
			out[k] = v
		}
	}
	return out
}

func (u uiConfig) without(key string) uiConfig {
	switch key {
	case "theme":
		u.Theme = ""
	case "ascii":
		u.ASCII = nil
	case "mouse":
		u.Mouse = nil
	case "screen_reader":
		u.ScreenReader = nil
	case "virtual_key":
		u.VirtualKey = nil
	}
	return u
}

// bare is a key that needs no quotes in TOML.
var bare = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

func tomlKey(k string) string {
	if bare.MatchString(k) {
		return k
	}
	return strconv.Quote(k)
}

// edit changes the one line of a TOML file that holds the setting, or puts it where it belongs, so that comments, order and spaces of
// everything else stay. It is a plain edit of lines; whoever calls it reads the result back and compares.
func (s fileSetting) edit(src string) string {
	lines := strings.SplitAfter(src, "\n")
	in, at, last := "", -1, -1 // the table a line stands in; the line of the setting; the last line of its table that says something
	for i, l := range lines {
		if m := header.FindStringSubmatch(l); m != nil {
			in = m[1]
		}
		if text := strings.TrimSpace(l); in == s.table && text != "" && text[0] != '#' {
			last = i
		}
		if in == s.table && s.named(l, "") || in == "" && s.named(l, s.table+".") {
			at = i
		}
	}
	switch {
	case at >= 0 && s.toml == "":
		lines[at] = ""
	case at >= 0:
		before, after, _ := strings.Cut(lines[at], "=")
		lines[at] = strings.TrimRight(before, " \t") + " = " + s.toml + tail(after)
	case s.toml == "":
	case last >= 0:
		lines[last] = strings.TrimRight(lines[last], "\r\n") + "\n" + tomlKey(s.key) + " = " + s.toml + "\n"
	default:
		lines = append(lines, s.ownTable(src))
	}
	return strings.Join(lines, "")
}

// header is the line that begins a table.
var header = regexp.MustCompile(`^\s*\[\s*([A-Za-z0-9_-]+)\s*\]\s*(?:#.*)?\r?\n?$`)

// ownTable is the setting in a table of its own, for the end of a file.
func (s fileSetting) ownTable(src string) string {
	gap := ""
	switch {
	case src == "":
	case strings.HasSuffix(src, "\n"):
		gap = "\n"
	default:
		gap = "\n\n"
	}
	return gap + "[" + s.table + "]\n" + tomlKey(s.key) + " = " + s.toml + "\n"
}

// named reports whether a line gives the setting its value.
func (s fileSetting) named(line, prefix string) bool {
	name, _, ok := strings.Cut(line, "=")
	name = strings.TrimSpace(name)
	return ok && slices.Contains([]string{prefix + s.key, prefix + `"` + s.key + `"`, prefix + `'` + s.key + `'`}, name)
}

// tail is the comment behind a value, with the line's end.
func tail(value string) string {
	end := value[len(strings.TrimRight(value, "\r\n")):]
	value = strings.TrimRight(value, "\r\n")
	for i := range value {
		if value[i] == '#' && toml.Unmarshal([]byte("k = "+value[:i]), &map[string]any{}) == nil {
			return " " + value[i:] + end
		}
	}
	return end
}

// setInFile writes one setting into config.toml. Everything else in the file stays as it is; where one line cannot be changed by
// itself, nothing is.
func (a *App) setInFile(name, value string) error {
	now, err := a.config()
	if err != nil {
		return err
	}
	s, err := fileSettingOf(name, value)
	if err != nil {
		return err
	}
	path, err := paths.ConfigFile(a.Env)
	if err != nil {
		return err
	}
	want, err := s.apply(now)
	if err == nil {
		err = want.check(path)
	}
	if err != nil {
		return usagef("%v", err)
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real // a file that is kept elsewhere stays there
	}
	src, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	text := s.edit(string(src))
	if got, err := readConfig(strings.NewReader(text)); err != nil || !got.same(want) {
		return failf("config.edit", "%s cannot be changed in one line", path).hint("change %s in an editor: [%s] %s = %s", name, s.table, tomlKey(s.key), s.toml)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	return atomicfile.WriteBytes(path, true, []byte(text))
}

// same reports whether two configurations say the same.
func (c config) same(d config) bool {
	x, err := c.Keys.flat()
	y, err2 := d.Keys.flat()
	return err == nil && err2 == nil && reflect.DeepEqual(x, y) && reflect.DeepEqual(c.UI, d.UI) && c.Audit == d.Audit && len(c.Vaults) == len(d.Vaults) &&
		(len(c.Vaults) == 0 || reflect.DeepEqual(c.Vaults, d.Vaults))
}

// checkUI refuses names of themes that there are not, and checkKeys everything that BindKeys refuses.
func (c config) checkUI() error {
	names := []string{""}
	for _, n := range theme.Names() {
		names = append(names, string(n))
	}
	if !slices.Contains(names, c.UI.Theme) {
		return fmt.Errorf("ui.theme is %q: allowed are %s and %s", c.UI.Theme, strings.Join(names[1:len(names)-1], ", "), names[len(names)-1])
	}
	return nil
}

func (c config) checkKeys() error {
	flat, err := c.Keys.flat()
	if err != nil {
		return err
	}
	_, err = tui.BindKeys(flat)
	return err
}

// keyLine is an action in the output of config keys.
type keyLine struct {
	Type    string   `json:"type"`
	V       int      `json:"v"`
	Name    string   `json:"name"`
	Keys    []string `json:"keys"`
	Default []string `json:"default"`
	Does    string   `json:"does"`
}

// runConfigKeys lists every action that can have other keys.
func runConfigKeys(_ context.Context, a *App) error {
	cfg, err := a.config()
	if err != nil {
		return err
	}
	flat, err := cfg.Keys.flat()
	if err != nil {
		return err
	}
	for _, k := range tui.KeyNames() {
		keys, own := flat[k.Name]
		if !own {
			keys = k.Keys
		}
		switch {
		case a.JSON:
			err = a.line(keyLine{"key", 1, k.Name, keys, k.Keys, k.Does})
		case own:
			a.row(k.Name, strings.Join(keys, ", "), k.Does, "(default: "+strings.Join(k.Keys, ", ")+")")
		default:
			a.row(k.Name, strings.Join(keys, ", "), k.Does)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
