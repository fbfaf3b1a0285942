package session

import (
	"strings"
	"testing"
	"time"
)

// Which of two values protects less decides about the warning of 'config set'.
func TestWeakens(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, value string
		weaker      bool
	}{
		{"lock.idle", "5m", false}, {"lock.idle", "15m", false}, {"lock.idle", "1h", true}, {"lock.idle", "never", true}, {"lock.idle", "0", true},
		{"lock.max", "1h", false}, {"lock.max", "13h", true}, {"lock.on", "suspend", true}, {"lock.on", "screen,suspend", false},
		{"clip.clear", "10s", false}, {"clip.clear", "never", true}, {"reveal.again", "true", false}, {"reveal.again", "false", false},
		{"trash.days", "30", true}, {"trash.days", "0", false}, {"agent.keep", "true", true}, {"agent.keep", "false", false},
	} {
		weaker, err := defaultSettings().Weakens(c.name, c.value)
		if err != nil || weaker != c.weaker {
			t.Errorf("%s %s: %v, %v", c.name, c.value, weaker, err)
		}
	}
	for name, value := range map[string]string{"lock.idle": "soon", "lock.max": "90d", "trash.days": "-1", "lock.on": "moon", "reveal.again": "maybe", "nonsense": "1"} {
		if _, err := defaultSettings().Weakens(name, value); err == nil {
			t.Errorf("%s %s was taken", name, value)
		}
	}
}

// What rows show can be set again, to the same effect.
func TestSettingRowsCanBeSet(t *testing.T) {
	t.Parallel()
	s := defaultSettings()
	s.LockIdle, s.ClipClear, s.LockMax = 0, 90*time.Second, 36*time.Hour
	for _, r := range s.Rows() {
		var back Settings
		for _, spec := range settingSpecs {
			if spec.name != r[0] {
				continue
			}
			if err := spec.set(&back, r[1]); err != nil || spec.get(back) != r[1] {
				t.Errorf("%s: %q comes back as %q, %v", r[0], r[1], spec.get(back), err)
			}
		}
	}
}

func FuzzParseQuery(f *testing.F) {
	for _, s := range []string{"", "git hub", "tag:work kind:login", "has:totp is:favorite in:trash folder:A", "https://x.example", "kind:", ":x", "tag:\x00", `-tag:"a b" url:x`, `"`, `" `, "-in:trash", strings.Repeat("a:", 99)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := ParseQuery(s)
		if err != nil && (len(got.Words)+len(got.Terms) > 0 || got.Trash) {
			t.Errorf("a failed parse gave %+v", got)
		}
		for _, w := range got.Words {
			if strings.TrimSpace(w) == "" && w != "" {
				t.Errorf("an empty word in %q", got.Words)
			}
		}
	})
}
