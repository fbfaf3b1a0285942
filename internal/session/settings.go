package session

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"signet/vault"
	"signet/vault/entry"
)

// defaults of the protection settings (decisions.md).
func defaultSettings() Settings {
	return Settings{LockIdle: 15 * time.Minute, LockMax: 12 * time.Hour, LockOn: []string{"suspend", "screen"}, ClipClear: 45 * time.Second, PasskeyDefault: entry.BindingSynced}
}

// settingSpec is one setting: how it is read, written, and which of two values protects less.
type settingSpec struct {
	name   string
	get    func(Settings) string
	set    func(*Settings, string) error
	weaker func(before, after Settings) bool
}

var settingSpecs = []settingSpec{
	durationSpec("lock.idle", func(s *Settings) *time.Duration { return &s.LockIdle }, 10*time.Second, 24*time.Hour),
	durationSpec("lock.max", func(s *Settings) *time.Duration { return &s.LockMax }, time.Minute, 30*24*time.Hour),
	{
		"lock.on", func(s Settings) string { return strings.Join(s.LockOn, ",") }, setLockOn,
		func(b, a Settings) bool {
			return slices.ContainsFunc(b.LockOn, func(w string) bool { return !slices.Contains(a.LockOn, w) })
		},
	},
	boolSpec("reveal.again", func(s *Settings) *bool { return &s.RevealAgain }, false),
	durationSpec("clip.clear", func(s *Settings) *time.Duration { return &s.ClipClear }, time.Second, time.Hour),
	{
		"trash.days", func(s Settings) string { return strconv.Itoa(s.TrashDays) }, setTrashDays,
		func(b, a Settings) bool { return a.TrashDays > 0 && (b.TrashDays == 0 || a.TrashDays < b.TrashDays) },
	},
	boolSpec("agent.keep", func(s *Settings) *bool { return &s.AgentKeep }, true),
	boolSpec("audit.online", func(s *Settings) *bool { return &s.AuditOnline }, true),
	passkeyDefault,
}

// durationSpec: zero means never, which is the weakest; longer is weaker.
func durationSpec(name string, at func(*Settings) *time.Duration, least, most time.Duration) settingSpec {
	return settingSpec{
		name: name,
		get:  func(s Settings) string { return shortDuration(*at(&s)) },
		set: func(s *Settings, v string) error {
			if v == "0" || v == "never" {
				*at(s) = 0
				return nil
			}
			d, err := time.ParseDuration(v)
			if err != nil || d < least || d > most {
				return fmt.Errorf("%s is a time from %s to %s, like 90s or 15m, or never", name, shortDuration(least), shortDuration(most))
			}
			*at(s) = d
			return nil
		},
		weaker: func(b, a Settings) bool {
			before, after := *at(&b), *at(&a)
			return after == 0 && before != 0 || before != 0 && after > before
		},
	}
}

func boolSpec(name string, at func(*Settings) *bool, weak bool) settingSpec {
	return settingSpec{
		name: name,
		get:  func(s Settings) string { return strconv.FormatBool(*at(&s)) },
		set: func(s *Settings, v string) error {
			if v != "true" && v != "false" {
				return fmt.Errorf("%s is true or false", name)
			}
			*at(s) = v == "true"
			return nil
		},
		weaker: func(b, a Settings) bool { return *at(&a) == weak && *at(&b) != weak },
	}
}

func setLockOn(s *Settings, v string) error {
	var on []string
	for _, w := range strings.FieldsFunc(v, func(r rune) bool { return r == ',' || r == ' ' }) {
		if w != "suspend" && w != "screen" {
			return fmt.Errorf("lock.on is any of suspend and screen, with a comma between")
		}
		on = append(on, w)
	}
	s.LockOn = on
	return nil
}

func setTrashDays(s *Settings, v string) error {
	n, err := strconv.Atoi(v)
	if err != nil || n < 0 || n > 36500 {
		return fmt.Errorf("trash.days is a number of days, 0 for never")
	}
	s.TrashDays = n
	return nil
}

func shortDuration(d time.Duration) string {
	if d == 0 {
		return "never"
	}
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = s[:len(s)-2]
	}
	if strings.HasSuffix(s, "h0m") {
		s = s[:len(s)-2]
	}
	return s
}

// Rows returns name and value of every setting, in the order of help.
func (s Settings) Rows() [][2]string {
	var out [][2]string
	for _, spec := range s.specs() {
		out = append(out, [2]string{spec.name, spec.get(s)})
	}
	return out
}

// Weakens reports whether the new value would protect less; an error when the name or the value is wrong.
func (s Settings) Weakens(name, value string) (bool, error) {
	spec, ok := specOf(name)
	if !ok {
		return false, fmt.Errorf("no setting is called %s", name)
	}
	after := s
	if err := spec.set(&after, value); err != nil {
		return false, err
	}
	return spec.weaker(s, after), nil
}

// settingsFrom reads the settings records: fields by name, and device/<id>/<name> overriding one device. A value that does
// not parse is ignored, so that a newer Signet's value never weakens this one below its default.
func settingsFrom(records []vault.Entry, device string) Settings {
	s := defaultSettings()
	for _, prefix := range []string{"", DeviceSetting(device, "")} {
		for _, rec := range records {
			for _, m := range rec.Other {
				name, ok := strings.CutPrefix(m.Path, prefix)
				if spec, known := specOf(name); ok && known {
					_ = spec.set(&s, m.Value.RevealString())
				}
			}
		}
	}
	return s
}

// DeviceSetting is the name of a setting that overrides the vault's for one device.
func DeviceSetting(device, name string) string { return "device/" + device + "/" + name }

// SettingEdits returns the edits that change one setting, in the settings record or a new one.
func SettingEdits(ctx context.Context, s Session, name, value string, ids vault.IDs) (vault.ID, []vault.Edit, error) {
	page, err := s.Find(ctx, Query{AnyRecord: true})
	if err != nil {
		return "", nil, err
	}
	if value == defaultRule && strings.Contains(name, PasskeyRule) {
		return clearRule(ctx, s, name)
	}
	for _, r := range page.Rows {
		if r.Rec == vault.RecSettings {
			return r.ID, []vault.Edit{vault.SetEdit(r.ID, name, value)}, nil
		}
	}
	id := ids.Record()
	return id, []vault.Edit{vault.SetEdit(id, "rec", string(vault.RecSettings)), vault.SetEdit(id, name, value)}, nil
}
