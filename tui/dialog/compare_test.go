package dialog

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"signet/tui/theme"
	"signet/tui/widget"
	"signet/vault/secret"
)

func typed(s string) widget.Press {
	return widget.Press{Key: tea.KeyPressMsg{Code: []rune(s)[0], Text: s}}
}

func small(w, h int) widget.Frame {
	return widget.Frame{W: w, H: h, Theme: theme.New(theme.Options{NoColor: true}), Now: time.Unix(0, 0)}
}

func TestCompareShowsHiddenValuesOnlyOnRequest(t *testing.T) {
	t.Parallel()
	var d Dialog = Compare{ID: "q", Title: "Changed", Mine: "Yours", Theirs: "There", Hidden: true, A: secret.FromString("mine-pw"), B: secret.FromString("their-pw")}
	if v, _ := d.View(small(70, 20)); strings.Contains(v, "-pw") {
		t.Errorf("shown unasked:\n%s", v)
	}
	if got := fmt.Sprintf("%+v %#v", d, d); strings.Contains(got, "-pw") {
		t.Errorf("printed: %s", got)
	}
	d, action := d.Update(typed("v"), Keys{})
	if v, _ := d.View(small(70, 20)); action.Close || !strings.Contains(v, "mine-pw") || !strings.Contains(v, "their-pw") {
		t.Errorf("not shown on request:\n%s", v)
	}
	for letter, want := range map[string]string{"m": "mine", "t": "theirs"} {
		if _, action := d.Update(typed(letter), Keys{}); !action.Close || action.Answer != (Answered{Question: "q", Choice: want}) {
			t.Errorf("%s: %+v", letter, action)
		}
	}
	for w := range 40 {
		d.View(small(w, w/2))
	}
}

// More answers than lines scroll with the cursor.
func TestAChoiceScrolls(t *testing.T) {
	t.Parallel()
	c := Choice{ID: "q", Title: "Add"}
	for i := range 20 {
		c.Options = append(c.Options, Option{ID: fmt.Sprint(i), Label: fmt.Sprintf("option %d.", i)})
	}
	keys := Keys{Next: key.NewBinding(key.WithKeys("j")), Prev: key.NewBinding(key.WithKeys("k")), Accept: key.NewBinding(key.WithKeys("a")), Cancel: key.NewBinding(key.WithKeys("c"))}
	var d Dialog = c
	for i := range 20 {
		v, cur := d.View(small(40, 10))
		if line := strings.Split(v, "\n"); len(line) > 10 || !strings.Contains(line[cur.Y], fmt.Sprintf("option %d.", i)) {
			t.Fatalf("option %d is not under the cursor:\n%s", i, v)
		}
		d, _ = d.Update(typed("j"), keys)
	}
}
