package tuitest

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"sync"

	"signet/tui/screen"
	"signet/vault/entry"
)

// Settings are a few settings: what is a number protects less the larger it is, what can be switched protects less when it is off.
type Settings struct {
	Rows []screen.SettingRow
	mu   sync.Mutex
}

// NewSettings has two protection settings and one of looks.
func NewSettings() *Settings {
	return &Settings{Rows: []screen.SettingRow{
		{Name: "lock.idle", Value: "15", Default: "15", Vault: "15", Source: screen.SettingDefault, About: "Signet locks after this many minutes without a key press."},
		{Name: "reveal.again", Value: "true", Default: "false", Vault: "true", Source: screen.SettingVault, About: "Before a secret is shown you unlock again.", Choices: []string{"false", "true"}},
		{Name: "ui.ascii", Value: "false", Default: "false", Source: screen.SettingFile, About: "Plain ASCII.", Choices: []string{"false", "true"}, File: "~/.config/signet/config.toml"},
		{Name: "keys.lock", Value: "L", Source: screen.SettingFile, About: "A key of your own.", File: "~/.config/signet/config.toml", Locked: "keys are changed in the file, with an editor"},
	}}
}

// Row is a setting by its name.
func (s *Settings) Row(name string) screen.SettingRow {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.Rows[s.index(name)]
}

func (s *Settings) index(name string) int {
	return slices.IndexFunc(s.Rows, func(r screen.SettingRow) bool { return r.Name == name })
}

// List implements screen.SettingsStore.
func (s *Settings) List(context.Context, screen.Vault) ([]screen.SettingRow, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.Rows), nil
}

// Check implements screen.SettingsStore.
func (s *Settings) Check(_ context.Context, _ screen.Vault, c screen.SettingChange) (bool, error) {
	r := s.Row(c.Name)
	if c.Clear {
		c.Value = r.Default
	}
	if r.Source == screen.SettingFile {
		return false, nil
	}
	if len(r.Choices) > 0 {
		return r.Value == "true" && c.Value == "false", nil
	}
	before, _ := strconv.Atoi(r.Value)
	after, err := strconv.Atoi(c.Value)
	if err != nil {
		return false, errors.New(c.Name + " is a number of minutes")
	}
	return after > before, nil
}

// Set implements screen.SettingsStore.
func (s *Settings) Set(ctx context.Context, v screen.Vault, c screen.SettingChange) (screen.Applied, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := &s.Rows[s.index(c.Name)]
	file := r.Source == screen.SettingFile
	switch {
	case c.Clear && file:
		r.Value = r.Default
	case c.Clear:
		r.Value, r.Source = r.Default, screen.SettingDefault
	default:
		r.Value = c.Value
		if !file {
			r.Source = screen.SettingVault
		}
		if c.Device {
			r.Source = screen.SettingDevice
		}
	}
	if file {
		return screen.Applied{}, nil
	}
	return v.Apply(ctx, nil, []entry.Edit{entry.Set(ID(201), c.Name, c.Value)})
}
