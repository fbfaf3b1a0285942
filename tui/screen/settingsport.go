package screen

import "context"

// SettingsStore reads and changes the settings: those that protect, which are in the vault, and those of looks, which are in a file.
type SettingsStore interface {
	List(ctx context.Context, v Vault) ([]SettingRow, error)
	// Check says whether a change fits, and whether it protects less than now.
	Check(ctx context.Context, v Vault, c SettingChange) (weaker bool, err error)
	// Set makes the change. What it did to the file cannot be undone by a step.
	Set(ctx context.Context, v Vault, c SettingChange) (Applied, error)
}

// SettingSource says where a setting's value comes from.
type SettingSource string

// The sources.
const (
	SettingDefault SettingSource = "default"
	SettingVault   SettingSource = "vault"
	SettingDevice  SettingSource = "device" // it overrides the vault's on this device
	SettingFile    SettingSource = "file"   // looks: config.toml of this device
)

// SettingRow is one setting.
type SettingRow struct {
	Name    string
	Value   string
	Default string
	Vault   string // the vault's value where Source is SettingDevice
	Source  SettingSource
	About   string
	Choices []string // what it may be, where that is a short list
	File    string   // of a setting of looks: where it stands
	Locked  string   // why it cannot be changed here, and where it can; "" when it can
}

// SettingChange is one change. Clear takes the stored value away: the vault's or the default counts again.
type SettingChange struct {
	Name, Value string
	Device      bool // only on this device
	Clear       bool
}
