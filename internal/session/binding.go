package session

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"signet/passkeys"
	"signet/vault/entry"
)

// PasskeyRule begins the name of the setting that says for one site where the keys of its passkeys live; the site's RP ID follows.
const PasskeyRule = "passkey.rp/"

// defaultRule as the value of such a setting takes it away.
const defaultRule = "default"

// maxRules bounds the sites with a rule of their own.
const maxRules = 1000

// bindingOf is where the key of a new passkey of a site lives.
func (l *Local) bindingOf(ctx context.Context, rpID string) (passkeys.Binding, error) {
	s, err := l.Settings(ctx)
	if err != nil {
		return 0, err
	}
	word, ok := s.PasskeyRPs[rpID]
	if !ok {
		word = s.PasskeyDefault
	}
	if word == entry.BindingDevice {
		return passkeys.Device, nil
	}
	return passkeys.Synced, nil
}

func setBinding(name string, at *string, v string) error {
	if v != entry.BindingSynced && v != entry.BindingDevice {
		return fmt.Errorf("%s is synced (in the vault, on all your devices) or device (on this device alone)", name)
	}
	*at = v
	return nil
}

// bindingChoices are what these settings may be.
var bindingChoices = []string{entry.BindingSynced, entry.BindingDevice}

var passkeyDefault = settingSpec{
	name:   "passkey.default",
	get:    func(s Settings) string { return s.PasskeyDefault },
	set:    func(s *Settings, v string) error { return setBinding("passkey.default", &s.PasskeyDefault, v) },
	weaker: func(_, _ Settings) bool { return false }, // neither protects less: one can be copied, the other be lost
}

// ruleSpec is the setting of one site.
func ruleSpec(rpID string) settingSpec {
	name := PasskeyRule + rpID
	return settingSpec{
		name: name,
		get: func(s Settings) string {
			if v, ok := s.PasskeyRPs[rpID]; ok {
				return v
			}
			return defaultRule
		},
		set: func(s *Settings, v string) error {
			if !ruleFor(rpID) {
				return fmt.Errorf("%s is followed by the domain of a site, as in %sexample.com", PasskeyRule, PasskeyRule)
			}
			if v == defaultRule {
				rules := maps.Clone(s.PasskeyRPs)
				delete(rules, rpID)
				s.PasskeyRPs = rules
				return nil
			}
			if _, there := s.PasskeyRPs[rpID]; !there && len(s.PasskeyRPs) >= maxRules {
				return fmt.Errorf("there are rules for %d sites already: take one away first", maxRules)
			}
			word := ""
			if err := setBinding(name, &word, v); err != nil {
				return err
			}
			rules := maps.Clone(s.PasskeyRPs)
			if rules == nil {
				rules = map[string]string{}
			}
			rules[rpID], s.PasskeyRPs = word, rules
			return nil
		},
		weaker: func(_, _ Settings) bool { return false },
	}
}

// ruleFor reports whether a rule can be made for an RP ID: it is a domain, so that it stands in a field's path as it is.
func ruleFor(rpID string) bool { return rpID == "localhost" || len(rpID) <= 253 && hostName(rpID) }

// specs are all settings: those that there always are, and a rule for each site that has one.
func (s Settings) specs() []settingSpec {
	all := slices.Clone(settingSpecs)
	for _, rp := range slices.Sorted(maps.Keys(s.PasskeyRPs)) {
		all = append(all, ruleSpec(rp))
	}
	return all
}

// specOf finds a setting by its name.
func specOf(name string) (settingSpec, bool) {
	if rp, ok := strings.CutPrefix(name, PasskeyRule); ok {
		return ruleSpec(rp), true
	}
	i := slices.IndexFunc(settingSpecs, func(s settingSpec) bool { return s.name == name })
	if i < 0 {
		return settingSpec{}, false
	}
	return settingSpecs[i], true
}

// IsSetting reports whether a protection setting is called so.
func IsSetting(name string) bool {
	_, ok := specOf(name)
	return ok
}

// clearRule takes the rule of a site away.
func clearRule(ctx context.Context, s Session, name string) (entry.ID, []entry.Edit, error) {
	edits, err := ClearSettingEdits(ctx, s, name)
	if err == nil && len(edits) == 0 {
		err = fmt.Errorf("there is no %s to take away", name)
	}
	if err != nil {
		return "", nil, err
	}
	return edits[0].Record, edits, nil
}
