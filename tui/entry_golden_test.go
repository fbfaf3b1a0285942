package tui

import (
	"fmt"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/exp/golden"

	"signet/tui/screen"
	"signet/tui/tuitest"
	"signet/vault/entry"
)

// oneOfEach opens the vault that has one entry of every kind.
func oneOfEach(o *Options, op *tuitest.Opener) {
	op.Vault = tuitest.Kinds(op.Vault.Clock)
	o.Vault = op.Vault
}

// show opens an entry of that vault by its number in tuitest.KindNames.
func (d *driver) show(n int) *driver {
	d.t.Helper()
	d.want("14")
	d.send(screen.OpenEntry{ID: tuitest.ID(byte(n + 1))})
	return d.want(tuitest.KindNames()[n])
}

// named opens an entry of that vault by its name.
func (d *driver) named(name string) *driver {
	d.t.Helper()
	for i, n := range tuitest.KindNames() {
		if n == name {
			return d.show(i)
		}
	}
	d.t.Fatalf("there is no %q", name)
	return d
}

// entryPictures are what the entry screen shows beside the plain entries. Update them with: go test ./tui -run GoldenEntry -update
var entryPictures = []struct {
	name  string
	reach func(*driver)
}{
	{"conflict", func(d *driver) { d.conflicted().coded().keys("r").want("battery staple", "correct horse") }},
	{"past", func(d *driver) { d.edited(7).coded().keys("h").want("this device") }},
	{"find", func(d *driver) { d.named("Letter").coded().keys("/").typed("needle").want("1 of 1") }},
	{"qr", func(d *driver) {
		d.named("Wi-Fi at home").keys("v").until("the code", func() bool { s, ok := d.top().(*screen.QR); return ok && s.Settled() })
	}},
	{"save", func(d *driver) { d.named("Contract").keys("w").want("contract.pdf") }},
	{"nextcode", func(d *driver) { d.named("Login with all").coded().keys("j", "j", "r").want("then") }},
	{"sequence", func(d *driver) {
		d.named("Login with all").coded().keys("s").want("User name copied").keys("s").want("Password copied")
	}},
}

// coded waits for the one-time code.
func (d *driver) coded() *driver {
	d.t.Helper()
	return d.until("the code", func() bool { s, ok := d.top().(*screen.Entry); return ok && s.Settled() })
}

// conflicted opens an entry whose password was changed in two places.
func (d *driver) conflicted() *driver {
	d.t.Helper()
	id := tuitest.ID(1)
	e, err := d.vault.Get(d.t.Context(), id, false)
	if err != nil {
		d.t.Fatal(err)
	}
	found, err := e.Find(entry.FieldName{Alias: "password", N: 1})
	if err != nil {
		d.t.Fatal(err)
	}
	d.vault.Conflict(id, found.Path, "battery staple", tuitest.Start.UnixMilli()-3600_000)
	return d.show(0).want("two places")
}

// edited opens an entry whose password was changed n times.
func (d *driver) edited(n int) *driver {
	d.t.Helper()
	id := tuitest.ID(1)
	e, err := d.vault.Get(d.t.Context(), id, false)
	if err != nil {
		d.t.Fatal(err)
	}
	found, err := e.Find(entry.FieldName{Alias: "password", N: 1})
	if err != nil {
		d.t.Fatal(err)
	}
	for i := range n {
		if _, err := d.vault.Apply(d.t.Context(), nil, []entry.Edit{entry.Set(id, found.Path, fmt.Sprintf("old password %d", i))}); err != nil {
			d.t.Fatal(err)
		}
	}
	return d.show(0)
}

func TestGoldenEntry(t *testing.T) {
	t.Parallel()
	for _, f := range entryPictures {
		for _, s := range sizes {
			t.Run(fmt.Sprintf("%s/%dx%d", f.name, s[0], s[1]), func(t *testing.T) {
				t.Parallel()
				d := drive(t, s[0], s[1], ascii, oneOfEach).want("14")
				f.reach(d)
				p, _ := d.r.picture()
				golden.RequireEqual(t, ansi.Strip(p)+"\n")
			})
		}
		t.Run(f.name+"/colour", func(t *testing.T) {
			t.Parallel()
			d := drive(t, 80, 24, colour, oneOfEach).want("14")
			f.reach(d)
			p, _ := d.r.picture()
			golden.RequireEqual(t, p+"\n")
		})
	}
}

// Every kind of entry, at every size.
func TestGoldenEntryKinds(t *testing.T) {
	t.Parallel()
	for i, name := range tuitest.KindNames() {
		for _, s := range sizes {
			t.Run(fmt.Sprintf("%s/%dx%d", name, s[0], s[1]), func(t *testing.T) {
				t.Parallel()
				d := drive(t, 100, 30, ascii, oneOfEach).show(i).coded()
				d.resize(s[0], s[1])
				p, _ := d.r.picture()
				golden.RequireEqual(t, ansi.Strip(p)+"\n")
			})
		}
	}
}
