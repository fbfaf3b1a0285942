package tui

import (
	"fmt"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/exp/golden"

	"signet/tui/screen"
	"signet/tui/tuitest"
	"signet/vault/entry"
)

// sizes are those of decisions.md, "The TUI".
var sizes = [][2]int{{40, 12}, {50, 15}, {80, 24}, {120, 40}, {200, 50}}

// picture is a screen, and how a test gets there.
type picture = struct {
	name  string
	start []setting
	reach func(*driver)
}

// pictures are those that a person reads in review. Update them with: go test ./tui -run Golden -update
var pictures = []picture{
	{"list", []setting{opened}, func(d *driver) { d.want("15"); d.settled() }},
	{"search", []setting{opened}, func(d *driver) { d.want("15").keys("git").want("3 of 15"); d.settled() }},
	{"marked", []setting{opened}, func(d *driver) {
		d.want("15").keys("git").want("3 of 15").keys("ctrl+x *").want("3 marked")
		d.settled()
	}},
	{"tags", []setting{opened}, func(d *driver) {
		d.want("15").keys("git").want("3 of 15").keys("ctrl+x *").want("3 marked").keys("ctrl+x T").want("[-] code")
		d.settled()
	}},
	{"offers", []setting{opened}, func(d *driver) { d.want("15").typed("git tag:").want("code 1"); d.settled() }},
	{"folders", []setting{opened}, func(d *driver) { d.want("15").keys("ctrl+x f").want("#code") }},
	{"nothing", []setting{opened}, func(d *driver) { d.want("15").typed("zzz").want("Nothing matches") }},
	{"entry", []setting{opened}, func(d *driver) { d.want("15").keys("right").want("249 321").keys("r").want("canary") }},
	{"form", []setting{opened}, func(d *driver) {
		d.want("15").keys("ctrl+x e").want("unchanged").typed("new").want("unsaved")
		d.settled()
	}},
	{"adding", []setting{opened}, func(d *driver) { d.want("15").keys("ctrl+x n").want("Custom fields") }},
	{"new-card", []setting{opened}, func(d *driver) { d.newForm("c").typed("4111 1111 1111 1112").want("check digit") }},
	{"new-identity", []setting{opened}, func(d *driver) { d.newForm("i") }},
	{"new-document", []setting{opened}, func(d *driver) { d.newForm("p") }},
	{"new-ssh", []setting{opened}, func(d *driver) { d.newForm("s").keys("ctrl+g").want("SHA256") }},
	{"new-wifi", []setting{opened}, func(d *driver) { d.newForm("w").typed("Home").keys("tab", "right") }},
	{"new-api", []setting{opened}, func(d *driver) { d.newForm("a") }},
	{"new-code", []setting{opened}, func(d *driver) { d.newForm("t").typed("JBSWY3DPEHPK3PXP").want("now") }},
	{"new-note", []setting{opened}, func(d *driver) {
		d.newForm("n").typed("Dear diary, today was a long day, and I wrote it all down.").want("wrote it all down")
	}},
	{"new-custom", []setting{opened}, func(d *driver) { d.newForm("u").typed("Door").keys("tab").typed("left") }},
	{"made-before", []setting{opened}, func(d *driver) {
		d.want("15").keys("ctrl+x e").want("unchanged").keys("ctrl+g").want("124 bits").keys("enter").want("made here")
		d.until("the password to be kept", func() bool { return d.r.opt.Ports.Made.(*tuitest.Made).Count() == 1 })
		d.keys("ctrl+x h").want("2026-03-14")
	}},
	{"changed-elsewhere", []setting{opened}, func(d *driver) {
		d.want("15").keys("ctrl+x e").want("unchanged").keys("home", "shift+tab", "end").typed("X").elsewhere("username", "other").keys("ctrl+x s").want("There: other")
	}},
	{"generator", []setting{opened}, func(d *driver) { d.want("15").keys("ctrl+x e").want("unchanged").keys("ctrl+g").want("124 bits") }},
	{"question", []setting{opened}, func(d *driver) { d.want("15").keys("ctrl+x t").want("Old forum").keys("D").want("Remove for good?") }},
	{"trash", []setting{opened}, func(d *driver) { d.want("15").keys("ctrl+x t").want("Old forum"); d.settled() }},
	{"help", []setting{opened}, func(d *driver) { d.want("15").keys("f1").want("open") }},
	{"copied", []setting{opened}, func(d *driver) { d.want("15").keys("ctrl+y").want("Password copied"); d.settled() }},
	{"plan", []setting{opened}, func(d *driver) {
		d.want("15").keys("ctrl+x i").want("Look into it").typed("/tmp/a.json").keys("enter").want("1,003 items")
	}},
	{"palette", []setting{opened}, func(d *driver) {
		d.want("15").keys("ctrl+x :").want("copy password").typed("go").want("go to the trash")
	}},
	{"messages", []setting{opened}, func(d *driver) {
		d.want("15")
		d.send(screen.Notify{Level: screen.Bad, Text: "Not saved: the disk is full. Nothing was lost: make room, then save again with ^X s"})
		d.send(screen.Notify{Level: screen.Good, Text: "Taken back: the edit of “GitHub”"})
		d.keys("ctrl+x '").want("Messages")
	}},
	{"unlock", nil, func(d *driver) { d.want("Passphrase").typed("wrong").keys("enter").want("Caps Lock") }},
	{"welcome", []setting{fresh}, func(d *driver) { d.want("Create a vault"); d.settled() }},
	{"ways", []setting{fresh}, func(d *driver) { d.want("Create a vault").keys("enter").want("Once more") }},
	{"code", []setting{fresh}, func(d *driver) {
		d.want("Create a vault").keys("enter").want("Once more").keys("up", "enter").want("able acid")
	}},
	{"empty", []setting{opened, func(o *Options, op *tuitest.Opener) { o.Vault = tuitest.NewVault(op.Vault.Clock) }}, func(d *driver) { d.want("No entries yet") }},
}

func TestGolden(t *testing.T) {
	t.Parallel()
	for _, f := range pictures {
		for _, s := range sizes {
			t.Run(fmt.Sprintf("%s/%dx%d", f.name, s[0], s[1]), func(t *testing.T) {
				t.Parallel()
				d := drive(t, 100, 30, f.start...)
				f.reach(d)
				d.resize(s[0], s[1])
				p, _ := d.r.picture()
				golden.RequireEqual(t, ansi.Strip(p)+"\n")
			})
		}
	}
}

// In ASCII nothing but foreign text leaves ASCII.
func TestGoldenASCII(t *testing.T) {
	t.Parallel()
	for _, f := range pictures {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			d := drive(t, 100, 30, append([]setting{ascii}, f.start...)...)
			f.reach(d)
			d.resize(80, 24)
			p, _ := d.r.picture()
			golden.RequireEqual(t, ansi.Strip(p)+"\n")
			if foreign := f.name == "adding" || f.name == "list" || f.name == "copied"; !foreign && strings.ContainsFunc(p, func(r rune) bool { return r > 126 }) {
				t.Errorf("not ASCII:\n%s", p)
			}
		})
	}
}

// The colours of both themes, once.
func TestGoldenColour(t *testing.T) {
	t.Parallel()
	for name, theme := range map[string]setting{"dark": colour, "light": func(o *Options, op *tuitest.Opener) { colour(o, op); light(o, op) }} {
		for _, f := range pictures[:5] {
			t.Run(name+"/"+f.name, func(t *testing.T) {
				t.Parallel()
				d := drive(t, 80, 24, append([]setting{theme}, f.start...)...)
				f.reach(d)
				p, _ := d.r.picture()
				golden.RequireEqual(t, p+"\n")
			})
		}
	}
}

// newForm opens the form of a new entry, with a title, and goes to its second field.
func (d *driver) newForm(letter string) *driver {
	return d.want("15").keys("ctrl+x n", letter).want("New ").typed("New one").keys("tab")
}

// elsewhere changes a member of the login of the first sample entry as another program would.
func (d *driver) elsewhere(member, value string) *driver {
	e, _ := d.vault.Get(d.t.Context(), tuitest.ID(1), false)
	c, _ := e.Credential(entry.BasicAuth)
	m, _ := c.Member(member)
	d.vault.Elsewhere(tuitest.ID(1), m.Path, value)
	return d
}
