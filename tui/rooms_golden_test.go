package tui

import (
	"errors"
	"fmt"
	"testing"

	"charm.land/bubbles/v2/key"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/exp/golden"

	"signet/tui/tuitest"
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
	{"settings", []setting{opened}, func(d *driver) { d.want("15").keys("ctrl+x ,").want("Protection") }},
	{"setting", []setting{opened}, func(d *driver) { d.want("15").keys("ctrl+x ,").want("Protection").keys("enter").want("Only on") }},
	{"passkeys", []setting{opened}, func(d *driver) { d.want("15").keys("ctrl+x P").want("4 passkeys").keys("down") }},
	{"nopasskeys", []setting{opened, func(o *Options, _ *tuitest.Opener) { o.Ports.Passkeys = &tuitest.Passkeys{} }}, func(d *driver) {
		d.want("15").keys("ctrl+x P").want("no passkey")
	}},
	{"hardware", []setting{opened, func(o *Options, _ *tuitest.Opener) {
		o.Ports.HardwareKeys.(*tuitest.HardwareKeys).Plug(tuitest.Key("1"), tuitest.Key("2"))
	}}, func(d *driver) {
		d.want("15").keys("ctrl+x H").want("Test Key 2")
	}},
	{"import", []setting{opened}, func(d *driver) { d.want("15").keys("ctrl+x i").want("Look into it").typed("~/Do").want("~/Downloads/") }},
	{"importplan", []setting{opened}, func(d *driver) {
		d.want("15").keys("ctrl+x i").want("Look into it").typed("/tmp/a.json").keys("enter").want("1,003 items")
	}},
	{"export", []setting{opened}, func(d *driver) {
		d.want("15").keys("ctrl+x x").want("Look at it").keys("tab", "tab", "tab", "tab").typed("short").want("about 20 bits")
	}},
	{"exportplan", []setting{opened}, func(d *driver) {
		d.want("15").keys("ctrl+x x").want("Look at it").keys("tab", "right", "tab", "tab", "left", "tab", "enter").want("passkey")
	}},
	{"passkey", []setting{opened}, func(d *driver) { d.want("15").keys("ctrl+x P").want("4 passkeys").keys("v").want("Credential") }},
	{"passkeyaccounts", []setting{opened}, func(d *driver) { d.want("15").keys("ctrl+x P").want("4 passkeys").keys("b").want("by account") }},
	{"passkeyrename", []setting{opened}, func(d *driver) { d.want("15").keys("ctrl+x P").want("4 passkeys").keys("r").want("Rename the account") }},
	{"passkeydelete", []setting{opened}, func(d *driver) { d.want("15").keys("ctrl+x P").want("4 passkeys").keys("d").want("Keep it") }},
	{"requests", []setting{opened}, func(d *driver) { d.want("15").keys("ctrl+x Q").want("5 requests").keys("down", "down").want("not") }},
	{"norequests", []setting{opened, func(o *Options, _ *tuitest.Opener) { o.Ports.RequestLog = &tuitest.RequestLog{} }}, func(d *driver) {
		d.want("15").keys("ctrl+x Q").want("No program asked")
	}},
	{"asksignin", []setting{opened}, func(d *driver) { d.want("15").ask(long(signIn(alone))) }},
	{"askaccount", []setting{opened}, func(d *driver) {
		d.want("15").ask(long(signIn(byBoth, deceiving)))
		d.typed("no").keys("enter").want("2 tries left").keys("down")
	}},
	{"asknew", []setting{opened}, func(d *driver) { d.want("15").ask(long(register())) }},
	{"askexcluded", []setting{opened}, func(d *driver) { d.want("15").ask(long(register(excluded))) }},
	{"askreset", []setting{opened}, func(d *driver) {
		d.want("15").ask(long(reset()))
		d.typed("re").keys("enter").want("type the word")
	}},
	{"askform", []setting{opened}, func(d *driver) {
		d.want("15").keys("ctrl+x e").want("unchanged").typed("new").ask(long(register(byBoth)))
		d.port().Ask(long(signIn()))
		d.want("1 of 2")
	}},
	{"askwaiting", nil, func(d *driver) {
		d.want("Passphrase").port().Ask(long(signIn()))
		d.port().Ask(long(signIn()))
		d.want("and 1 other waits")
	}},
	{"keyon", []setting{opened}, func(d *driver) { d.want("15").keys("ctrl+x U").want("key on"); d.settled() }},
	{"keyfault", []setting{opened}, func(d *driver) {
		d.want("15")
		k, _ := d.r.opt.Ports.VirtualKey.(*tuitest.VirtualKey)
		k.Fail(errors.New("no permission for /dev/uhid (signet passkey serve --install sets it up; signet doctor says what is missing)"))
		d.keys("ctrl+x U").want("no permission")
		d.settled()
	}},
	{"wayremove", []setting{opened}, func(d *driver) { d.want("15").keys("ctrl+x W").want("3 ways in").keys("d").want("Keep it") }},
	{"audit", []setting{opened}, func(d *driver) { d.want("15").keys("ctrl+x A").want("7 findings"); d.settled() }},
	{"audit-none", []setting{opened, func(o *Options, op *tuitest.Opener) {
		op.Vault = tuitest.NewVault(op.Vault.Clock)
		o.Vault = op.Vault
		e := tuitest.Login("Site", "ada", "long and good enough", "https://site.example")
		e.ID = tuitest.ID(1)
		op.Vault.Add(e)
	}}, func(d *driver) { d.want("Site").keys("ctrl+x A").want("Nothing found"); d.settled() }},
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

// No two actions of a room share a key.
func TestNoKeyOfARoomDoesTwoThings(t *testing.T) {
	t.Parallel()
	k := Keys()
	g, m, d := k.Global, k.Move, k.Do
	base := []key.Binding{m.Up, m.Down, m.PageUp, m.PageDown, m.First, m.Last, g.Leader, g.Help, g.Lock, g.Quit, g.Suspend, d.Back, d.Leave, d.Palette, d.Messages, d.Mouse}
	for where, bs := range map[string][]key.Binding{
		"ways":     {k.Way.Add, k.Way.Test, k.Way.Rename, k.Way.Change, k.Way.Remove, k.Way.Details, d.Enrol},
		"audit":    {k.Audit.Next, k.Audit.Prev, k.Audit.Again, k.Audit.Online, k.Audit.Ignore, k.Audit.Details, d.Open, d.Password, d.User, d.Edit, d.Delete, d.Undo, d.New, d.OpenURL},
		"passkeys": {d.Open, d.Search, d.Focus, d.Import, d.Undo, d.VirtualKey, k.Set.Details, k.Passkey.Rename, k.Passkey.Delete, k.Passkey.CopyAccount, k.Passkey.CopyID, k.Passkey.Group},
		"requests": {d.Open, d.Search, d.Focus, k.Set.Details, d.VirtualKey, d.Passkeys},
		"settings": {k.Set.Change, k.Set.Default, k.Set.Details, d.Undo},
	} {
		seen := map[string]string{}
		for _, b := range append(bs, base...) {
			for _, name := range b.Keys() {
				if other, twice := seen[name]; twice {
					t.Errorf("%s: %q is both %q and %q", where, name, other, b.Help().Desc)
				}
				seen[name] = b.Help().Desc
			}
		}
	}
}
