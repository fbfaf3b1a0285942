package tui

import (
	"fmt"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/exp/golden"
)

// roomPictures are the pictures of the screens that are opened from the list. Update them with: go test ./tui -run GoldenRooms -update
var roomPictures = []struct {
	name  string
	start []setting
	reach func(*driver)
}{
	{"ways", []setting{opened}, func(d *driver) { d.want("15").keys("ctrl+x W").want("3 ways in").keys("down") }},
	{"way", []setting{opened}, func(d *driver) {
		d.want("15").keys("ctrl+x W").want("3 ways in").keys("down", "enter").want("When lost")
	}},
	{"wayadd", []setting{opened}, func(d *driver) { d.want("15").keys("ctrl+x W").want("3 ways in").keys("n", "p").want("Work factor") }},
	{"wayremove", []setting{opened}, func(d *driver) { d.want("15").keys("ctrl+x W").want("3 ways in").keys("d").want("Keep it") }},
}

func TestGoldenRooms(t *testing.T) {
	t.Parallel()
	for _, f := range roomPictures {
		for _, s := range sizes {
			t.Run(fmt.Sprintf("%s/%dx%d", f.name, s[0], s[1]), func(t *testing.T) {
				t.Parallel()
				d := drive(t, 100, 30, append([]setting{ascii}, f.start...)...)
				f.reach(d)
				d.resize(s[0], s[1])
				p, _ := d.r.picture()
				golden.RequireEqual(t, ansi.Strip(p)+"\n")
			})
		}
	}
}

// One picture of each room in colour.
func TestGoldenRoomsColour(t *testing.T) {
	t.Parallel()
	for _, f := range roomPictures {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			d := drive(t, 80, 24, append([]setting{colour}, f.start...)...)
			f.reach(d)
			p, _ := d.r.picture()
			golden.RequireEqual(t, p+"\n")
		})
	}
}
