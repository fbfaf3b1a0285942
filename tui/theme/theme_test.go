package theme

import (
	"fmt"
	"image/color"
	"math"
	"reflect"
	"testing"

	"charm.land/lipgloss/v2"
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

func TestEverythingThatIsReadHasContrast(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		p       Palette
		grounds []string
	}{
		{"dark", dark, []string{"#000000", "#1e1e2e", "#282c34"}},
		{"light", light, []string{"#ffffff", "#fafafa", "#f2f2f2"}},
	} {
		for _, g := range c.grounds {
			ground := lipgloss.Color(g)
			for role, col := range map[string]color.Color{
				"Text": c.p.Text, "Muted": c.p.Muted, "Accent": c.p.Accent, "Key": c.p.Key, "Good": c.p.Good, "Warn": c.p.Warn, "Danger": c.p.Danger, "Secret": c.p.Secret,
			} {
				if got := contrast(col, ground); got < 4.5 {
					t.Errorf("%s: %s on %s has a contrast of %.1f", c.name, role, g, got)
				}
			}
		}
		if got := contrast(c.p.SelectedText, c.p.Selected); got < 7 {
			t.Errorf("%s: the row under the cursor has a contrast of %.1f", c.name, got)
		}
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
