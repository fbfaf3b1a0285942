package session

import (
	"context"
	"slices"
	"strings"

	"signet/vault"
)

// SettingSource says where the value of a setting comes from.
type SettingSource string

// The sources.
const (
	FromDefault SettingSource = "default"
	FromVault   SettingSource = "vault"
	FromDevice  SettingSource = "device" // it overrides the vault's for this device
)

// SettingRow is one protection setting with all that a person needs to decide about it.
type SettingRow struct {
	Name    string
	Value   string // as this device sees it
	Default string
	Vault   string // the vault's value, which Value overrides when Source is FromDevice
	Source  SettingSource
	About   string   // what it means, one sentence
	Choices []string // what it may be, where that is a short list
}

// settingAbout says what each setting means and, where they are few, what it may be. A setting without a line here still works.
var settingAbout = map[string]SettingRow{
	"lock.idle":       {About: "Signet locks after this long without a key press."},
	"lock.max":        {About: "Signet locks this long after the vault was opened, whatever you do."},
	"lock.on":         {About: "What locks at once: the machine going to sleep (suspend), its screen being locked (screen).", Choices: []string{"suspend,screen", "suspend", "screen", ""}},
	"reveal.again":    {About: "Before a secret is shown or copied you unlock again, unless you did so within 30 seconds."},
	"clip.clear":      {About: "What was copied leaves the clipboard after this long, if it is still there."},
	"trash.days":      {About: "What lies in the trash longer than this many days is removed for good; 0 keeps it for ever."},
	"agent.keep":      {About: "An unlock in the terminal interface opens the vault for commands too, until it locks."},
	"audit.online":    {About: "The audit asks the breach service on the internet. It gets the first five characters of a password's hash, never the password."},
	"passkey.default": {About: "Where the key of a new passkey lives: in the vault, on all your devices (synced), or on the device that made it alone (device).", Choices: bindingChoices},
}

// SettingRows lists every protection setting of s.
func SettingRows(ctx context.Context, s Session) ([]SettingRow, error) {
	now, err := s.Settings(ctx)
	if err != nil {
		return nil, err
	}
	info, err := s.Info(ctx)
	if err != nil {
		return nil, err
	}
	records, err := settingRecords(ctx, s)
	if err != nil {
		return nil, err
	}
	return settingRows(now, records, info.DeviceID), nil
}

func settingRecords(ctx context.Context, s Session) (records []vault.Entry, err error) {
	page, err := s.Find(ctx, Query{AnyRecord: true})
	if err != nil {
		return nil, err
	}
	for _, r := range page.Rows {
		if r.Rec != vault.RecSettings {
			continue
		}
		e, err := s.Get(ctx, r.ID, GetOptions{Reveal: true})
		if err != nil {
			return nil, err
		}
		records = append(records, e)
	}
	return records, nil
}

func settingRows(now Settings, records []vault.Entry, device string) (out []SettingRow) {
	defaults, shared := defaultSettings(), settingsFrom(records, "")
	for _, spec := range now.specs() {
		row := settingAbout[spec.name]
		row.Name, row.Value, row.Default, row.Vault = spec.name, spec.get(now), spec.get(defaults), spec.get(shared)
		if row.Choices == nil && isBool(spec, defaults) {
			row.Choices = []string{"false", "true"}
		}
		if rp, ok := strings.CutPrefix(spec.name, PasskeyRule); ok {
			row.About, row.Choices = "Where the keys of new passkeys of "+rp+" live.", append(slices.Clone(bindingChoices), defaultRule)
		}
		switch {
		case stored(records, DeviceSetting(device, spec.name)):
			row.Source = FromDevice
		case stored(records, spec.name):
			row.Source = FromVault
		default:
			row.Source = FromDefault
		}
		out = append(out, row)
	}
	return out
}

// isBool reports whether a setting is on or off.
func isBool(spec settingSpec, s Settings) bool {
	return spec.set(&s, "true") == nil && spec.set(&s, "false") == nil && spec.set(&s, "neither") != nil
}

// stored reports whether a record holds a value of that name that can be read.
func stored(records []vault.Entry, name string) bool {
	return slices.ContainsFunc(records, func(e vault.Entry) bool {
		return slices.ContainsFunc(e.Other, func(m vault.Member) bool { return m.Path == name })
	})
}

// ClearSettingEdits returns the edits that take a stored setting away, so that what it overrode counts again: the vault's value, or the
// default. There are none where nothing is stored.
func ClearSettingEdits(ctx context.Context, s Session, name string) ([]vault.Edit, error) {
	records, err := settingRecords(ctx, s)
	if err != nil {
		return nil, err
	}
	var out []vault.Edit
	for _, e := range records {
		if stored([]vault.Entry{e}, name) {
			out = append(out, vault.RemoveEdit(e.ID, name))
		}
	}
	return out, nil
}

// WeakensBy reports whether what comes after protects less than what is now, in any setting.
func (s Settings) WeakensBy(after Settings) bool {
	return slices.ContainsFunc(settingSpecs, func(spec settingSpec) bool { return spec.weaker(s, after) })
}

// Cleared is what the settings would be without the stored value of one name.
func Cleared(ctx context.Context, s Session, name string) (Settings, error) {
	info, err := s.Info(ctx)
	if err != nil {
		return Settings{}, err
	}
	records, err := settingRecords(ctx, s)
	if err != nil {
		return Settings{}, err
	}
	for i := range records {
		records[i].Other = slices.DeleteFunc(slices.Clone(records[i].Other), func(m vault.Member) bool { return m.Path == name })
	}
	return settingsFrom(records, info.DeviceID), nil
}
