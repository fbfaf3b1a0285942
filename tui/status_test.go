package tui

import (
	"testing"
	"time"

	"signet/tui/screen"
)

// What takes longer than a second says that it is at work, and what it does; what is quick says only that it is done.
func TestSlowWorkIsSaid(t *testing.T) {
	t.Parallel()
	block, entered := make(chan struct{}), make(chan struct{}, 4)
	d := drive(t, 100, 24, opened).want("15")
	d.vault.Slow(func(call string) {
		if call == "Apply" || call == "Undo" {
			entered <- struct{}{}
			<-block
		}
	})
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

// Warnings wait for each other, and the line says how many do; the list of messages has them all at once, and grows while it is open.
func TestNoticesQueueUp(t *testing.T) {
	t.Parallel()
	d := drive(t, 100, 24, opened).want("15")
	for _, text := range []string{"first warning", "second warning", "third warning"} {
		d.send(screen.Notify{Level: screen.Bad, Text: text})
	}
	d.want("first warning", "2 more").keys("ctrl+x '").want("✗ first warning", "✗ second warning", "✗ third warning")
	d.send(screen.Notify{Text: "and another thing"})
	d.want("09:12  and another thing").keys("esc")
	if d.is("third warning") {
		t.Error("shown before its turn")
	}
	d.tick(badFor).tick(badFor).want("third warning")
}
