package tui

import (
	"testing"
	"time"
)

// What takes longer than a second says that it is at work, and what it does; what is quick says only that it is done.
func TestSlowWorkIsSaid(t *testing.T) {
	t.Parallel()
	block, entered := make(chan struct{}), make(chan struct{}, 4)
	d := drive(t, 100, 24, opened).want("15")
	d.vault.Delay = func(call string) {
		if call == "Apply" || call == "Undo" {
			entered <- struct{}{}
			<-block
		}
	}
	d.keys("ctrl+x d")
	<-entered
	if d.is("Moving “GitHub”") {
		t.Error("said at once")
	}
	d.tick(time.Second).want("Moving “GitHub” to the trash").keys("down")
	block <- struct{}{}
	d.want("“GitHub” is in the trash").keys("ctrl+x z")
	<-entered
	d.tick(2 * time.Second).want("Taking back moving “GitHub” to the trash")
	block <- struct{}{}
	d.want("Taken back")
	if d.r.status.work != "" {
		t.Error("still at work")
	}
}
