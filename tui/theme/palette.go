package theme

import (
	"image/color"

	"charm.land/lipgloss/v2"
)

// Palette is a small set of colours with a meaning each.
type Palette struct {
	Text, Muted, Faint     color.Color // from what is read to what is only there
	Accent, Key            color.Color // where the attention goes; names of keys
	Selected, SelectedText color.Color // the row under the cursor
	Good, Warn, Danger     color.Color
	Secret                 color.Color // a revealed secret
	Border                 color.Color
}

// dark and light keep a contrast of at least 4.5 to 1 for everything that is read, on the usual backgrounds.
var (
	dark = Palette{
		Text: lipgloss.Color("#e4e4ef"), Muted: lipgloss.Color("#a5a5b8"), Faint: lipgloss.Color("#9292a8"),
		Accent: lipgloss.Color("#8fb8ff"), Key: lipgloss.Color("#c8b6ff"),
		Selected: lipgloss.Color("#2b3350"), SelectedText: lipgloss.Color("#ffffff"),
		Good: lipgloss.Color("#8fd694"), Warn: lipgloss.Color("#f2c66d"), Danger: lipgloss.Color("#ff8f8f"),
		Secret: lipgloss.Color("#f2c66d"), Border: lipgloss.Color("#4a4a60"),
	}
	light = Palette{
		Text: lipgloss.Color("#20202c"), Muted: lipgloss.Color("#56566a"), Faint: lipgloss.Color("#6a6a80"),
		Accent: lipgloss.Color("#1f4fb5"), Key: lipgloss.Color("#6a3fb5"),
		Selected: lipgloss.Color("#d9e4ff"), SelectedText: lipgloss.Color("#101018"),
		Good: lipgloss.Color("#1e6b2a"), Warn: lipgloss.Color("#855a00"), Danger: lipgloss.Color("#b3202a"),
		Secret: lipgloss.Color("#855a00"), Border: lipgloss.Color("#b8b8c8"),
	}

	// The high contrast themes keep at least 7 to 1 for everything that is read, Faint and Border included.
	contrastDark = Palette{
		Text: lipgloss.Color("#ffffff"), Muted: lipgloss.Color("#e6e6e6"), Faint: lipgloss.Color("#cccccc"),
		Accent: lipgloss.Color("#7fd7ff"), Key: lipgloss.Color("#ffd7ff"),
		Selected: lipgloss.Color("#ffff5f"), SelectedText: lipgloss.Color("#000000"),
		Good: lipgloss.Color("#87ff87"), Warn: lipgloss.Color("#ffd75f"), Danger: lipgloss.Color("#ffb3b3"),
		Secret: lipgloss.Color("#ffd75f"), Border: lipgloss.Color("#cccccc"),
	}
	contrastLight = Palette{
		Text: lipgloss.Color("#000000"), Muted: lipgloss.Color("#262626"), Faint: lipgloss.Color("#3a3a3a"),
		Accent: lipgloss.Color("#00308f"), Key: lipgloss.Color("#4b0082"),
		Selected: lipgloss.Color("#00005f"), SelectedText: lipgloss.Color("#ffffff"),
		Good: lipgloss.Color("#00420d"), Warn: lipgloss.Color("#4a3000"), Danger: lipgloss.Color("#7a0010"),
		Secret: lipgloss.Color("#4a3000"), Border: lipgloss.Color("#3a3a3a"),
	}
)
