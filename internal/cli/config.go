package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/spf13/cobra"

	"signet/internal/paths"
	"signet/internal/session"
	"signet/tui"
	"signet/vault"
)

// config is config.toml: looks and names only. Nothing in it can lower protection; those settings live in the vault.
type config struct {
	UI     uiConfig          `toml:"ui"`
	Keys   keyTable          `toml:"keys"`
	Vaults map[string]string `toml:"vaults"`
	Audit  auditConfig       `toml:"audit,omitempty"`
}

type auditConfig struct {
	Hashes string `toml:"hashes,omitempty"` // a downloaded list of breached hashes
}

type uiConfig struct {
	Theme        string `toml:"theme"`         // see theme.Names; empty: auto
	ASCII        *bool  `toml:"ascii"`         // nil: where the locale is not UTF-8
	Mouse        *bool  `toml:"mouse"`         // nil: on, but not for a screen reader
	ScreenReader *bool  `toml:"screen_reader"` // nil: no
	VirtualKey   *bool  `toml:"virtual_key"`   // nil: not plugged in at the start
}

// maxConfig bounds the file.
const maxConfig = 1 << 20

// config reads the file strictly: an unknown key is an error, because a mistyped one would silently do nothing.
func (a *App) config() (config, error) {
	path, err := paths.ConfigFile(a.Env)
	if err != nil {
		return config{}, nil // no home directory: no configuration
	}
	// Looked at before it is opened: opening a named pipe would wait for ever.
	if st, err := os.Stat(path); err == nil && !st.Mode().IsRegular() {
		return config{}, configError(path, errors.New("it is no regular file"))
	}
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return config{}, nil
	}
	if err != nil {
		return config{}, configError(path, err)
	}
	defer f.Close()
	if st, err := f.Stat(); err != nil || !st.Mode().IsRegular() || st.Size() > maxConfig {
		return config{}, configError(path, fmt.Errorf("it is no regular file of at most %s", byteSize(maxConfig)))
	}
	c, err := readConfig(io.LimitReader(f, maxConfig))
	if err != nil {
		return config{}, configError(path, err)
	}
	return c, c.check(path)
}

func readConfig(r io.Reader) (c config, err error) {
	err = toml.NewDecoder(r).DisallowUnknownFields().Decode(&c)
	return c, err
}

func (c config) check(path string) error {
	if err := errors.Join(c.checkUI(), c.checkKeys()); err != nil {
		return configError(path, err)
	}
	for name, dir := range c.Vaults {
		if !shortName.MatchString(name) {
			return configError(path, fmt.Errorf("%q cannot be the short name of a vault: letters, digits, dots, dashes and underscores", name))
		}
		if !filepath.IsAbs(dir) && !strings.HasPrefix(dir, "~/") {
			return configError(path, fmt.Errorf("vaults.%s is %q: give a whole path, from / or ~/", name, dir))
		}
	}
	if h := c.Audit.Hashes; h != "" && !filepath.IsAbs(h) && !strings.HasPrefix(h, "~/") {
		return configError(path, fmt.Errorf("audit.hashes is %q: give a whole path, from / or ~/", h))
	}
	return nil
}

// shortName keeps short names of vaults apart from paths and flags.
var shortName = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9._-]{0,63}$`)

func configError(path string, err error) error {
	var strict *toml.StrictMissingError
	msg, _, _ := strings.Cut(err.Error(), "\n")
	var where *toml.DecodeError
	if errors.As(err, &where) {
		row, _ := where.Position()
		msg = fmt.Sprintf("line %d: %s", row, msg)
	}
	if errors.As(err, &strict) {
		var keys []string
		for _, d := range strict.Errors {
			row, _ := d.Position()
			keys = append(keys, fmt.Sprintf("%s in line %d", strings.Join(d.Key(), "."), row))
		}
		msg = "unknown " + strings.Join(keys, ", ")
	}
	return (&Error{Exit: ExitFailure, Code: "config", Msg: "configuration " + path + ": " + msg}).hint("tables are [ui] (theme, ascii, mouse, screen_reader, virtual_key), [keys] ('signet config keys' lists them), [vaults] (NAME = \"directory\") and [audit] (hashes)")
}

func newConfigCmd(a *App) *cobra.Command {
	c := &cobra.Command{
		Use:   "config",
		Short: "Settings",
		Long: "Protection settings (lock.*, clip.clear, reveal.again, trash.days, audit.online, passkey.*) live inside the vault, so that nobody can weaken them by editing\n" +
			"a file. Looks (ui.*), keys of the terminal interface (keys.NAME), short names of vaults (vaults.NAME) and the list of\n" +
			"breached hashes (audit.hashes) live in config.toml.\n\n" +
			"passkey.default says where the keys of new passkeys live: synced (in the vault) or device (on the device that made them);\n" +
			"passkey.rp/DOMAIN says it for one site.\n" +
			"ui.theme is auto, dark, light, contrast or terminal; ui.ascii, ui.mouse and ui.screen_reader (also SIGNET_SCREEN_READER=1)\n" +
			"are true or false; default takes a line out.\n" +
			"Keys are given with a comma and a space between: 'signet config keys' lists every action with its name and its keys.",
		Example: "  signet config ls\n  signet config get lock.idle\n  signet config set clip.clear 20s\n  signet config set ui.theme contrast\n" +
			"  signet config keys\n  signet config set keys.list.copy-password \"B, ctrl+y\"",
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return usagef("config needs a verb").hint("ls, keys, get NAME or set NAME VALUE")
		},
	}
	var device bool
	set := &cobra.Command{
		Use: "set NAME VALUE", Short: "Change one setting", Example: "  signet config set clip.clear 20s\n  signet config set lock.idle 5m --this-device", Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runConfigSet(cmd.Context(), a, args[0], args[1], device)
		},
	}
	set.Flags().BoolVar(&device, "this-device", false, "for this device only; other devices keep theirs")
	c.AddCommand(
		set,
		&cobra.Command{Use: "ls", Short: "List all settings", Example: "  signet config ls", Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error { return runConfigLs(cmd.Context(), a, "") }},
		&cobra.Command{Use: "keys", Short: "List every action of the terminal interface with its keys", Example: "  signet config keys", Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error { return runConfigKeys(cmd.Context(), a) }},
		&cobra.Command{Use: "get NAME", Short: "Print one setting", Example: "  signet config get lock.idle", Args: cobra.ExactArgs(1), RunE: func(cmd *cobra.Command, args []string) error { return runConfigLs(cmd.Context(), a, args[0]) }},
	)
	return c
}

type settingLine struct {
	Type  string `json:"type"`
	V     int    `json:"v"`
	Name  string `json:"name"`
	Value string `json:"value"`
	In    string `json:"in"`
}

func runConfigLs(ctx context.Context, a *App, only string) error {
	if only != "" && !isFileSetting(only) && !isVaultSetting(only) {
		return usagef("no setting is called %s", only).hint("'signet config ls' lists them")
	}
	rows, err := a.settings(ctx, only == "" || !isFileSetting(only))
	if err != nil {
		return err
	}
	for _, r := range rows {
		if only != "" && r[0] != only {
			continue
		}
		if err := a.printSetting(r, only != ""); err != nil || only != "" {
			return err
		}
	}
	if i := slices.IndexFunc(tui.KeyNames(), func(k tui.KeyInfo) bool { return "keys."+k.Name == only }); i >= 0 {
		return a.printSetting([2]string{only, strings.Join(tui.KeyNames()[i].Keys, ", ")}, true)
	}
	if only != "" {
		return usagef("%s is not set", only).hint("'signet config ls' lists what is")
	}
	return nil
}

// settings reads those of the file and, where they are asked for, those of the vault.
func (a *App) settings(ctx context.Context, vaultToo bool) ([][2]string, error) {
	cfg, err := a.config()
	if err != nil {
		return nil, err
	}
	rows := cfg.rows()
	if !vaultToo {
		return rows, nil
	}
	err = a.withSession(ctx, func(s session.Session) error {
		set, err := s.Settings(ctx)
		rows = append(rows, set.Rows()...)
		return err
	})
	return rows, err
}

func (a *App) printSetting(r [2]string, alone bool) error {
	where := "vault"
	if isFileSetting(r[0]) {
		where = "file"
	}
	switch {
	case a.JSON:
		return a.line(settingLine{"setting", 1, r[0], r[1], where})
	case alone:
		a.printf("%s\n", r[1])
	default:
		a.row(r[0], r[1])
	}
	return nil
}

func isVaultSetting(name string) bool {
	return session.IsSetting(name)
}

func isFileSetting(name string) bool {
	return strings.HasPrefix(name, "ui.") || strings.HasPrefix(name, "vaults.") || strings.HasPrefix(name, "keys.") || name == "audit.hashes"
}

func (c config) rows() [][2]string {
	theme := c.UI.Theme
	if theme == "" {
		theme = "auto"
	}
	rows := [][2]string{{"ui.theme", theme}, {"ui.ascii", orAuto(c.UI.ASCII)}, {"ui.mouse", orAuto(c.UI.Mouse)}, {"ui.screen_reader", orAuto(c.UI.ScreenReader)},
		{"ui.virtual_key", orAuto(c.UI.VirtualKey)}, {"audit.hashes", c.Audit.Hashes}}
	fixed := len(rows)
	for name, dir := range c.Vaults {
		rows = append(rows, [2]string{"vaults." + name, dir})
	}
	flat, _ := c.Keys.flat() // checked when it was read
	for name, keys := range flat {
		rows = append(rows, [2]string{"keys." + name, strings.Join(keys, ", ")})
	}
	slices.SortFunc(rows[fixed:], func(x, y [2]string) int { return strings.Compare(x[0], y[0]) })
	return rows
}

func orAuto(b *bool) string {
	if b == nil {
		return "auto"
	}
	return fmt.Sprint(*b)
}

func runConfigSet(ctx context.Context, a *App, name, value string, device bool) error {
	if isFileSetting(name) {
		if device {
			return usagef("%s is in config.toml, which is this device's own anyway", name)
		}
		return a.setInFile(name, value)
	}
	return a.withSession(ctx, func(s session.Session) error {
		now, err := s.Settings(ctx)
		if err != nil {
			return err
		}
		weaker, err := now.Weakens(name, value)
		if err != nil {
			return usagef("%v", err).hint("'signet config ls' lists the settings")
		}
		in := name
		if device {
			info, err := s.Info(ctx)
			if err != nil {
				return err
			}
			in = session.DeviceSetting(info.DeviceID, name)
		}
		id, edits, err := session.SettingEdits(ctx, s, in, value, vault.IDs{Rand: a.Rand})
		if err != nil {
			return err
		}
		if _, err := s.Apply(ctx, nil, edits); err != nil {
			return err
		}
		if weaker {
			a.warn("setting.weaker", "%s protects less than before", name)
		}
		return a.changed("set "+name+" in", id, "the vault's settings")
	})
}
