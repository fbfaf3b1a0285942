package tui

import (
	"slices"
	"testing"

	"github.com/charmbracelet/x/exp/golden"

	"signet/tui/screen"
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
				d.settled()
				p, _ := d.r.picture()
				golden.RequireEqual(t, p+"\n")
			})
		}
	}
}

// A setting of looks is seen at once, not only after the next start.
func TestLooksCountAtOnce(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 24, opened, colour).want("15")
	before, _ := d.r.picture()
	d.send(screen.Look{Name: "ui.theme", Value: "contrast"})
	if after, _ := d.r.picture(); after == before || d.r.theme.Name != theme.Contrast {
		t.Error("the theme is as before")
	}
	d.send(screen.Look{Name: "ui.theme"})
	if after, _ := d.r.picture(); after != before {
		t.Error("the default is not what the program began with")
	}
	d.send(screen.Look{Name: "ui.screen_reader", Value: "true"})
	d.want("Entries, default")
	d.send(screen.Look{Name: "ui.screen_reader", Value: "false"})
	d.send(screen.Look{Name: "ui.ascii", Value: "true"})
	d.want("> type to search")
	d.send(screen.Look{Name: "ui.mouse", Value: "false"})
	if d.r.mouse.on {
		t.Error("the mouse is still taken")
	}
	d.send(screen.Look{Name: "ui.ascii", Value: "auto"})
	d.want("> type to search")
}
