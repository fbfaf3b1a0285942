package tui

import (
	"testing"

	tea "charm.land/bubbletea/v2"
)

// When this fails after an update of Bubble Tea, its ticker has moved: everything works, but an idle Signet costs more than twice as much.
func TestThePaceFindsTheTicker(t *testing.T) {
	t.Parallel()
	p := newPace(tea.NewProgram(nil))
	if p == nil {
		t.Fatal("Bubble Tea keeps its ticker elsewhere")
	}
	p.follow(tickMsg{}) // before the program runs there is none
	var none *pace
	none.follow(tickMsg{})
}
