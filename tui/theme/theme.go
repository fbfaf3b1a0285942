package theme

import "charm.land/lipgloss/v2"

// Name names a theme.
type Name string

// The themes. Auto is dark or light, whichever fits the terminal's background; Terminal uses nothing but the terminal's own 16 colours.
const (
	Auto     Name = "auto"
	Dark     Name = "dark"
	Light    Name = "light"
	Contrast Name = "contrast"
	Terminal Name = "terminal"
)

// Names are all themes, in the order in which they are tried.
func Names() []Name { return []Name{Auto, Dark, Light, Contrast, Terminal} }

// Theme is everything a view needs to know about looks.
type Theme struct {
	Name   Name
	Dark   bool
	Colour bool
	// Linear is the mode for screen readers: one pane, no boxes, no spinners, no countdown that changes every second, and the terminal's cursor at the
	// beginning of the row or answer that a person is at, so that it is what is read.
	Linear bool
	Styles
	Glyphs
}

// Options choose a theme.
type Options struct {
	Name    Name
	Light   bool // the terminal's background is light; it decides for auto and contrast
	NoColor bool
	ASCII   bool
	Linear  bool
}

// Styles are named by role.
type Styles struct {
	Text, Muted, Faint   lipgloss.Style
	Title, Section       lipgloss.Style // headings
	Accent, Key          lipgloss.Style
	Selected             lipgloss.Style // the whole row under the cursor
	Match                lipgloss.Style // letters that the search matched
	Good, Warn, Danger   lipgloss.Style
	Secret               lipgloss.Style // a revealed secret
	Label                lipgloss.Style // the name of a field
	Border, BorderActive lipgloss.Style
	Busy                 lipgloss.Style
	QR                   lipgloss.Style // light modules of a QR code on dark ground, in every theme
}

// New builds a theme.
func New(o Options) Theme {
	if o.Name == "" {
		o.Name = Auto
	}
	o.Light = o.Name == Light || o.Light && o.Name != Dark
	t := Theme{Name: o.Name, Dark: !o.Light, Colour: !o.NoColor, Linear: o.Linear, Glyphs: fancy}
	if o.ASCII {
		t.Glyphs = ascii
	}
	if o.Linear {
		t.Glyphs = spoken
		t.ASCII = o.ASCII
	}
	t.Styles = styles(o)
	return t
}

func styles(o Options) Styles {
	switch {
	case o.NoColor:
		return plain()
	case o.Name == Terminal:
		return sixteen()
	case o.Name == Contrast && o.Light:
		return coloured(contrastLight)
	case o.Name == Contrast:
		return coloured(contrastDark)
	case o.Light:
		return coloured(light)
	}
	return coloured(dark)
}

func coloured(p Palette) Styles {
	s := lipgloss.NewStyle()
	return Styles{
		Text: s.Foreground(p.Text), Muted: s.Foreground(p.Muted), Faint: s.Foreground(p.Faint),
		Title: s.Foreground(p.Text).Bold(true), Section: s.Foreground(p.Accent).Bold(true),
		Accent: s.Foreground(p.Accent), Key: s.Foreground(p.Key),
		Selected: s.Foreground(p.SelectedText).Background(p.Selected).Bold(true),
		Match:    s.Foreground(p.Accent).Underline(true),
		Good:     s.Foreground(p.Good), Warn: s.Foreground(p.Warn), Danger: s.Foreground(p.Danger).Bold(true),
		Secret: s.Foreground(p.Secret), Label: s.Foreground(p.Muted),
		Border: s.Foreground(p.Border), BorderActive: s.Foreground(p.Accent),
		Busy: s.Foreground(p.Accent), QR: s.Foreground(lipgloss.Color("#ffffff")).Background(lipgloss.Color("#000000")),
	}
}

// sixteen uses the terminal's own colours, which its user chose to be readable: the default one for text, and no shades.
func sixteen() Styles {
	s := lipgloss.NewStyle()
	red, green, yellow, magenta, cyan := s.Foreground(lipgloss.Red), s.Foreground(lipgloss.Green), s.Foreground(lipgloss.Yellow), s.Foreground(lipgloss.Magenta), s.Foreground(lipgloss.Cyan)
	return Styles{
		Text: s, Muted: s, Faint: s.Faint(true), Title: s.Bold(true), Section: cyan.Bold(true), Accent: cyan, Key: magenta,
		Selected: s.Reverse(true), Match: cyan.Underline(true), Good: green, Warn: yellow, Danger: red.Bold(true),
		Secret: yellow, Label: s, Border: s.Faint(true), BorderActive: cyan, Busy: cyan,
		QR: s.Foreground(lipgloss.BrightWhite).Background(lipgloss.Black),
	}
}

// plain tells roles apart by weight and lines alone.
func plain() Styles {
	s := lipgloss.NewStyle()
	return Styles{
		Text: s, Muted: s, Faint: s, Title: s.Bold(true), Section: s.Bold(true), Accent: s.Bold(true), Key: s.Bold(true),
		Selected: s.Bold(true), Match: s.Underline(true), Good: s, Warn: s.Bold(true), Danger: s.Bold(true),
		Secret: s, Label: s, Border: s, BorderActive: s.Bold(true), Busy: s.Bold(true), QR: s,
	}
}

// Glyphs are the signs that are not letters. All are one column wide, except Ellipsis.
type Glyphs struct {
	Pointer  string // before the row under the cursor
	Star     string // a favourite
	Dot      string // one character of a masked secret
	Ellipsis string
	Sep      string // between parts of a line
	Conflict string
	Tick     string
	Cross    string
	On, Off  string // check boxes
	Bar      string // one cell of a full countdown
	BarEmpty string
	Spinner  []string
	ASCII    bool
	Box      lipgloss.Border
}

var fancy = Glyphs{
	Pointer: "▸", Star: "★", Dot: "•", Ellipsis: "…", Sep: " · ", Conflict: "≠", Tick: "✓", Cross: "✗", On: "[✓]", Off: "[ ]",
	Bar: "━", BarEmpty: "─", Spinner: []string{"⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"}, Box: lipgloss.RoundedBorder(),
}

// spoken are for screen readers: a sign whose name would be read out before every row is left out.
var spoken = Glyphs{
	Pointer: " ", Star: "*", Dot: "*", Ellipsis: "...", Sep: ", ", Conflict: "!", Tick: " ", Cross: "!", On: "[x]", Off: "[ ]",
	Bar: " ", BarEmpty: " ", Spinner: []string{" "}, Box: lipgloss.HiddenBorder(),
}

var ascii = Glyphs{
	Pointer: ">", Star: "*", Dot: "*", Ellipsis: "...", Sep: " - ", Conflict: "!", Tick: "+", Cross: "x", On: "[x]", Off: "[ ]",
	Bar: "=", BarEmpty: "-", Spinner: []string{"|", "/", "-", "\\"}, Box: lipgloss.ASCIIBorder(), ASCII: true,
}
