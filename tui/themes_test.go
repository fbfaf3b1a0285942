package tui

import (
	"slices"
	"testing"

	"github.com/charmbracelet/x/exp/golden"

	"signet/tui/theme"
	"signet/tui/tuitest"
)

// The themes beside dark and light, on a few screens that use most roles. A person looks at them with: cat tui/testdata/TestGoldenThemes/…
func TestGoldenThemes(t *testing.T) {
	t.Parallel()
	themed := func(n theme.Name, bright bool) setting {
		return func(o *Options, _ *tuitest.Opener) { o.NoColor, o.Theme, o.Light = false, n, bright }
	}
	for name, set := range map[string]setting{
		"contrast-dark": themed(theme.Contrast, false), "contrast-light": themed(theme.Contrast, true), "terminal": themed(theme.Terminal, false),
	} {
		for _, f := range pictures {
			if !slices.Contains([]string{"list", "form", "question", "palette", "messages"}, f.name) {
				continue
			}
			t.Run(name+"/"+f.name, func(t *testing.T) {
				t.Parallel()
				d := drive(t, 80, 24, append([]setting{set}, f.start...)...)
				f.reach(d)
				p, _ := d.r.picture()
				golden.RequireEqual(t, p+"\n")
			})
		}
	}
}
