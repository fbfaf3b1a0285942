package tui

import (
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"signet/tui/screen"
	"signet/tui/tuitest"
)

// Whatever the palette offers does the same as the key: there is one source of truth, the screen's Keys.
func TestThePaletteActsAsTheKeyWould(t *testing.T) {
	t.Parallel()
	d := drive(t, 100, 40, opened).want("15").typed("git").want("3 of 15").keys("ctrl+x :").want("copy password", "^Y", "lock", "go to the trash")
	d.typed("cpass").want("copy password").keys("enter").until("the password", func() bool { return d.clip.Holds() != "" })
	d.want("3 of 15", "copied")
	d.keys("ctrl+x ctrl+x").typed("edit").keys("enter").want("Edit GitHub").keys("ctrl+x :").want("save").typed("save").keys("esc").want("Edit GitHub")
	d.keys("esc").want("3 of 15")
}

func TestThePaletteRemembersWhatWasUsedLast(t *testing.T) {
	t.Parallel()
	d := drive(t, 100, 40, opened).want("15").keys("tab", ":").want("type what you want").typed("lock").keys("esc").keys(":").typed("copy u").keys("enter").want("copied")
	d.keys(":").want("type what you want")
	if rows := strings.Split(d.picture(), "\n"); !strings.Contains(rows[2], "copy user") {
		t.Errorf("the first row is %q", rows[2])
	}
}

// The palette closes by the keys that opened it, and a letter that opens it is text in it.
func TestThePaletteOpensAndCloses(t *testing.T) {
	t.Parallel()
	d := drive(t, 100, 40, opened).want("15").keys("tab", ":").want("type what you want").keys("ctrl+x ctrl+x").gone("type what you want")
	d.keys(":").typed("tab:").want("No command is called that").keys("esc").want(" 15")
	d.keys(":")
	d.send(tea.PasteMsg{Content: "go tr\n"})
	d.want("go to the trash").keys("enter").want("Old forum").keys("esc").want(" 15")
}

func TestThePaletteOffersOnlyWhatOpens(t *testing.T) {
	t.Parallel()
	d := drive(t, 100, 60, opened, func(o *Options, _ *tuitest.Opener) { o.Ports.Importer = nil }).want("15").keys("ctrl+x :").want("lock")
	if d.is("go to import") {
		t.Error("an import without a port")
	}
	for _, p := range d.r.places() {
		if d.r.opens(p.ask) == nil {
			t.Errorf("%s opens nothing", p.name)
		}
	}
	d = drive(t, 100, 40).want("Passphrase").keys("ctrl+x :").want("quit")
	if d.is("go to") || d.is(" lock ") {
		t.Errorf("actions of an open vault while it is locked:\n%s", d.picture())
	}
}

func TestTheThemeIsTriedFromThePalette(t *testing.T) {
	t.Parallel()
	d := drive(t, 100, 40, opened, colour).want("15")
	before, _ := d.r.picture()
	d.keys("ctrl+x :").typed("theme").keys("enter").want("Theme “dark”").keys("ctrl+x :", "enter").want("Theme “light”")
	if after, _ := d.r.picture(); strings.Split(before, "\n")[3] == strings.Split(after, "\n")[3] {
		t.Error("the colours are the same")
	}
}

func TestMessages(t *testing.T) {
	t.Parallel()
	d := drive(t, 60, 20, opened).want("15").keys("tab", "'").want("Nothing was said").keys("esc").want(" 15")
	d.send(screen.Notify{Level: screen.Bad, Text: "The disk is full \x1b]52;c;AAAA\a and nothing was written: make room and try again"})
	d.send(screen.Notify{Level: screen.Bad, Text: "A second failure"})
	d.keys("'").want("15:09:12  ✗ A second failure", "The disk is full ␛]52", "nothing was written").keys("'").gone("A second failure")
	d.keys("L").want("Passphrase").unlock().want("15").keys("tab", "'").want("Nothing was said")
}

func TestMessagesAreBounded(t *testing.T) {
	t.Parallel()
	d := drive(t, 60, 20, opened).want("15")
	for range 3 * maxSaid {
		d.send(screen.Notify{Text: "again"})
	}
	if len(d.r.status.said) != maxSaid {
		t.Errorf("%d notices are kept", len(d.r.status.said))
	}
}

func TestThePaletteSaysWhatAnUndoTakesBack(t *testing.T) {
	t.Parallel()
	d := drive(t, 120, 40, opened).want("15").keys("ctrl+x d").want("is in the trash").keys("ctrl+x :").want("takes back moving “GitHub” to the trash")
	d.typed("undo").keys("enter").want("Taken back: moving “GitHub”")
}

func TestTheHelpIsFiltered(t *testing.T) {
	t.Parallel()
	d := drive(t, 100, 30, opened).want("15").keys("tab", "?").want("/ finds a key").keys("/").typed("trash").want("to trash", "Go to").gone("copy password").gone("In text")
	d.typed("zzz").want("No key does that").keys("esc").want("copy password").keys("/").typed("^y").want("copy password").gone("copy user")
	d.keys("enter", "esc").want("copy user").keys("q").want(" 15")
}
