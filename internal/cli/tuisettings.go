package cli

import (
	"context"
	"slices"
	"strings"

	"signet/internal/paths"
	"signet/internal/session"
	"signet/tui/screen"
	"signet/vault"
)

// tuiSettings shows and changes settings for the screens, with what `signet config` does.
type tuiSettings struct{ a *App }

func (t tuiSettings) List(ctx context.Context, v screen.Vault) ([]screen.SettingRow, error) {
	tv, ok := v.(*tuiVault)
	if !ok {
		return nil, errNotHere
	}
	rows, err := session.SettingRows(ctx, tv.s)
	if err != nil {
		return nil, err
	}
	var out []screen.SettingRow
	for _, r := range rows {
		if slices.Contains(notYet, r.Name) {
			continue
		}
		if r.Name == "lock.on" {
			r.About += lockOnHere(ctx)
		}
		out = append(out, screen.SettingRow{
			Name: r.Name, Value: r.Value, Default: r.Default, Vault: r.Vault, Source: screen.SettingSource(r.Source), About: r.About, Choices: r.Choices,
		})
	}
	looks, err := t.looks()
	return append(out, looks...), err
}

// notYet are settings that nothing obeys so far: the screens do not mention what does not work.
var notYet = []string{"agent.keep"}

// lookAbout says what the settings of config.toml mean. One without a line here is still shown.
var lookAbout = map[string]screen.SettingRow{
	"ui.theme": {
		About:   "The colours. auto follows the terminal's background; terminal uses nothing but the terminal's own 16 colours.",
		Choices: []string{"auto", "dark", "light", "contrast", "terminal"},
	},
	"ui.ascii":         {About: "Borders and signs in plain ASCII. auto: where the locale is not UTF-8.", Choices: []string{"auto", "true", "false"}},
	"ui.mouse":         {About: "Take the mouse at the start. auto: yes, but not for a screen reader.", Choices: []string{"auto", "true", "false"}},
	"audit.hashes":     {About: "Path of a downloaded list of breached passwords' hashes (haveibeenpwned.com/Passwords); the audit searches it."},
	"ui.screen_reader": {About: "One thing after the other, no boxes, nothing that moves by itself.", Choices: []string{"auto", "true", "false"}},
	"ui.virtual_key":   {About: "Plug the virtual security key in when Signet starts. auto: no; it is switched on by hand.", Choices: []string{"auto", "true", "false"}},
}

// looks lists what config.toml says, and why it cannot be changed from here when it cannot.
func (t tuiSettings) looks() ([]screen.SettingRow, error) {
	path, err := paths.ConfigFile(t.a.Env)
	if err != nil {
		return nil, nil // no home directory: no configuration
	}
	cfg, err := t.a.config()
	if err != nil {
		return []screen.SettingRow{{Name: "config.toml", Source: screen.SettingFile, File: path, Locked: err.Error()}}, nil
	}
	defaults := map[string]string{}
	for _, r := range (config{}).rows() {
		defaults[r[0]] = r[1]
	}
	var out []screen.SettingRow
	for _, r := range cfg.rows() {
		row := lookAbout[r[0]]
		row.Name, row.Value, row.Default, row.Source, row.File = r[0], r[1], defaults[r[0]], screen.SettingFile, path
		if strings.HasPrefix(r[0], "keys.") {
			row.About = "Keys of your own, with a comma and a space between. signet config keys lists all actions."
		}
		if strings.HasPrefix(r[0], "vaults.") {
			row.About = "A short name for --vault."
		}
		out = append(out, row)
	}
	return out, nil
}

func (t tuiSettings) Check(ctx context.Context, v screen.Vault, c screen.SettingChange) (bool, error) {
	if isFileSetting(c.Name) {
		return false, nil // looks never protect; Set refuses what does not fit
	}
	tv, ok := v.(*tuiVault)
	if !ok {
		return false, errNotHere
	}
	now, err := tv.s.Settings(ctx)
	if err != nil {
		return false, err
	}
	if !c.Clear {
		return now.Weakens(c.Name, c.Value)
	}
	name, err := settingName(ctx, tv.s, c)
	if err != nil {
		return false, err
	}
	after, err := session.Cleared(ctx, tv.s, name)
	return now.WeakensBy(after), err
}

// settingName is the name under which a change is stored.
func settingName(ctx context.Context, s session.Session, c screen.SettingChange) (string, error) {
	if !c.Device {
		return c.Name, nil
	}
	info, err := s.Info(ctx)
	return session.DeviceSetting(info.DeviceID, c.Name), err
}

func (t tuiSettings) Set(ctx context.Context, v screen.Vault, c screen.SettingChange) (screen.Applied, error) {
	if isFileSetting(c.Name) {
		return screen.Applied{}, t.setLook(c)
	}
	tv, ok := v.(*tuiVault)
	if !ok {
		return screen.Applied{}, errNotHere
	}
	name, err := settingName(ctx, tv.s, c)
	if err != nil {
		return screen.Applied{}, err
	}
	var edits []vault.Edit
	if c.Clear {
		edits, err = session.ClearSettingEdits(ctx, tv.s, name)
	} else {
		_, edits, err = session.SettingEdits(ctx, tv.s, name, c.Value, vault.IDs{Rand: t.a.Rand})
	}
	if err != nil || len(edits) == 0 {
		return screen.Applied{}, err
	}
	return tv.applied(tv.s.Apply(ctx, nil, edits))
}

func (t tuiSettings) setLook(c screen.SettingChange) error {
	if c.Clear {
		c.Value = defaultWord
	}
	return t.a.setInFile(c.Name, c.Value)
}
