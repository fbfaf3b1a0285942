package theme

import (
	"fmt"
	"image/color"
	"math"
	"reflect"
	"testing"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"
)

// luminance and contrast as WCAG 2.2 defines them, section 1.4.3.
func luminance(c color.Color) float64 {
	r, g, b, _ := c.RGBA()
	lin := func(v uint32) float64 {
		s := float64(v) / 0xffff
		if s <= 0.04045 {
			return s / 12.92
		}
		return math.Pow((s+0.055)/1.055, 2.4)
	}
	return 0.2126*lin(r) + 0.7152*lin(g) + 0.0722*lin(b)
}

func contrast(a, b color.Color) float64 {
	x, y := luminance(a), luminance(b)
	return (math.Max(x, y) + 0.05) / (math.Min(x, y) + 0.05)
}

// Text needs 4.5 to 1 (WCAG 2.2, 1.4.3), 7 to 1 in a theme that is called one of high contrast (1.4.6); lines need 3 to 1 there (1.4.11).
func TestEverythingThatIsReadHasContrast(t *testing.T) {
	t.Parallel()
	darkGrounds, lightGrounds := []string{"#000000", "#1e1e2e", "#282c34"}, []string{"#ffffff", "#fafafa", "#f2f2f2"}
	for _, c := range []struct {
		name         string
		p            Palette
		grounds      []string
		least, lines float64
	}{
		{"dark", dark, darkGrounds, 4.5, 0}, {"light", light, lightGrounds, 4.5, 0},
		{"contrast on dark", contrastDark, darkGrounds, 7, 3}, {"contrast on light", contrastLight, lightGrounds, 7, 3},
	} {
		v := reflect.ValueOf(c.p)
		for i := range v.NumField() {
			role := v.Type().Field(i).Name
			col, ok := v.Field(i).Interface().(color.Color)
			if !ok {
				t.Fatalf("%s: %s has no colour", c.name, role)
			}
			least := map[string]float64{"Selected": 0, "SelectedText": 0, "Border": c.lines}
			want, special := least[role]
			if !special {
				want = c.least
			}
			for _, g := range c.grounds {
				if got := contrast(col, lipgloss.Color(g)); got < want {
					t.Errorf("%s: %s on %s has a contrast of %.1f", c.name, role, g, got)
				}
			}
		}
		if got := contrast(c.p.SelectedText, c.p.Selected); got < 7 {
			t.Errorf("%s: the row under the cursor has a contrast of %.1f", c.name, got)
		}
	}
}

// The terminal's own theme names no colour but its sixteen, whatever they look like there.
func TestTheTerminalsOwnColours(t *testing.T) {
	t.Parallel()
	v := reflect.ValueOf(New(Options{Name: Terminal}).Styles)
	for i := range v.NumField() {
		s, ok := v.Field(i).Interface().(lipgloss.Style)
		if !ok {
			t.Fatal(v.Type().Field(i).Name)
		}
		for _, c := range []color.Color{s.GetForeground(), s.GetBackground()} {
			switch c.(type) {
			case ansi.BasicColor, lipgloss.NoColor, nil:
			default:
				t.Errorf("%s uses %T", v.Type().Field(i).Name, c)
			}
		}
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	for _, n := range Names() {
		for _, light := range []bool{false, true} {
			got := New(Options{Name: n, Light: light})
			want := !light
			switch n {
			case Dark:
				want = true
			case Light:
				want = false
			case Auto, Contrast, Terminal:
			}
			if got.Name != n || got.Dark != want {
				t.Errorf("%s on light %v: %s, dark %v", n, light, got.Name, got.Dark)
			}
		}
	}
	if New(Options{}).Name != Auto {
		t.Error("no name is auto")
	}
}

func TestASCIIGlyphsAreASCII(t *testing.T) {
	t.Parallel()
	for _, r := range fmt.Sprintf("%+v", ascii) {
		if r > 126 {
			t.Fatalf("%q", r)
		}
	}
	v, w := reflect.ValueOf(ascii), reflect.ValueOf(fancy)
	for i := range v.NumField() {
		if v.Field(i).Kind() == reflect.String && (v.Field(i).String() == "") != (w.Field(i).String() == "") {
			t.Errorf("%s has no twin", v.Type().Field(i).Name)
		}
	}
}

// What matters is told apart without colour too.
func TestRolesWithoutColour(t *testing.T) {
	t.Parallel()
	s := New(Options{NoColor: true}).Styles
	for name, style := range map[string]lipgloss.Style{"Selected": s.Selected, "Danger": s.Danger, "Match": s.Match, "Title": s.Title} {
		if style.Render("x") == s.Text.Render("x") {
			t.Errorf("%s looks like text", name)
		}
	}
}
