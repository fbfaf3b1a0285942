package tui

import (
	"errors"
	"slices"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"signet/tui/screen"
	"signet/tui/tuitest"
)

// ways opens the screen of ways in; edit changes the fake before.
func ways(t *testing.T, edit ...func(*tuitest.Ways)) (*driver, *tuitest.Ways) {
	t.Helper()
	var fake *tuitest.Ways
	d := drive(t, 100, 30, opened, func(o *Options, _ *tuitest.Opener) {
		fake, _ = o.Ports.Ways.(*tuitest.Ways)
		for _, e := range edit {
			e(fake)
		}
	})
	return d.want("15").keys("ctrl+x W").want("3 ways in, 2 devices"), fake
}

func TestAPassphraseIsAddedWithWhatWasTyped(t *testing.T) {
	t.Parallel()
	d, fake := ways(t)
	d.keys("n", "p").want("Add a passphrase", "Once more").typed("short").keys("tab").want("at least 8 characters")
	d.keys("shift+tab", "ctrl+u").typed("many good words").keys("tab").typed("many good").keys("tab").typed("Desk!").keys("tab")
	d.keys("enter").want("a name has up to 32")
	d.keys("ctrl+u").typed("table").keys("tab", "ctrl+u").typed("9").keys("enter").want("a number from 10 to 22")
	d.keys("ctrl+u").typed("19").keys("enter").want("the two are not the same")
	d.typed(" words").keys("tab", "tab", "enter").want("The passphrase opens this vault from now on", "4 ways in")
	if fake.Secrets["table"] != "many good words" || fake.Rows[0].WorkFactor != 19 {
		t.Errorf("added %q, %+v", fake.Secrets["table"], fake.Rows[0])
	}
}

func TestARemovalSaysWhatFollows(t *testing.T) {
	t.Parallel()
	d, fake := ways(t)
	d.keys("d").want("Remove the way in “passphrase”?", "a new epoch begins", "What was written before", "▸ Keep it").keys("enter").gone("Keep it")
	if n := len(fake.Done()); n != 0 {
		t.Fatalf("Enter at once removed something: %v", fake.Done())
	}
	d.keys("d").want("Keep it").keys("down", "enter").want("opens nothing any more", "2 ways in")
	d.keys("d").want("This is the last way in of this device: n adds another one first")
	d.keys("down", "d").want("It is the only recovery code").keys("esc").gone("Keep it")
	if got := fake.Done(); !slices.Equal(got, []string{"remove passphrase"}) {
		t.Errorf("done: %v", got)
	}
}

func TestOnlyTheFileGoesWhenThatIsChosen(t *testing.T) {
	t.Parallel()
	d, fake := ways(t)
	d.keys("d").want("Remove only its file").keys("up", "enter").want("is removed; copies of it still open everything", "removed, copies open")
	if got := fake.Done(); !slices.Equal(got, []string{"remove file of passphrase"}) {
		t.Errorf("done: %v", got)
	}
}

func TestATestSaysWhetherItOpens(t *testing.T) {
	t.Parallel()
	d, _ := ways(t)
	d.keys("t").want("Test “passphrase”").typed("wrong").keys("enter").want("look at Caps Lock").keys("ctrl+u").typed("open sesame").keys("enter").want("“passphrase” opens the vault")
	d.keys("j", "j", "t").want("Test “recovery”").typed(tuitest.Code).keys("enter").want("“recovery” opens the vault")
}

func TestAPassphraseAndItsCostAreChanged(t *testing.T) {
	t.Parallel()
	d, fake := ways(t)
	d.keys("j", "e").want("Change “desk”").keys("c").want("Another cost").keys("enter", "enter", "enter").want("type the present passphrase")
	d.typed("nonsense").keys("tab", "tab", "tab", "enter").want("look at Caps Lock")
	d.keys("shift+tab", "shift+tab", "shift+tab", "ctrl+u").typed("open sesame").keys("tab", "tab", "space", "tab", "enter").want("copies of the old file still open everything")
	if r := fake.Rows[1]; r.WorkFactor != 18 || r.Weak || !r.Kept {
		t.Errorf("changed to %+v", r)
	}
	d.keys("e").want("Change “desk”").keys("p").want("A new passphrase for").typed("brand new words").keys("tab").typed("brand new words").keys("tab", "tab", "tab", "enter").want("this device has a new key")
	if fake.Secrets["desk"] != "brand new words" {
		t.Errorf("the passphrase is %q", fake.Secrets["desk"])
	}
}

func TestARecoveryCodeIsMadeShownAndChecked(t *testing.T) {
	t.Parallel()
	d, fake := ways(t)
	d.keys("n", "r").want("In place of “recovery”").keys("down", "enter").want("able acid")
	d.keys("ctrl+x k").want("Go on without typing").keys("esc").want("able acid")
	d.keys("enter").want("Type the code back").typed("nonsense").keys("enter").want("that is not the code")
	d.keys("ctrl+u").typed(tuitest.Words).keys("enter").want("took the place of “recovery”", "recovery-2", "3 ways in")
	if got := fake.Done(); !slices.Equal(got, []string{"code recovery"}) {
		t.Errorf("done: %v", got)
	}
	d.keys("n", "r").want("One more").keys("enter").want("able acid").keys("esc").want("3 ways in")
}

func TestANewNameIsCheckedAndGiven(t *testing.T) {
	t.Parallel()
	d, fake := ways(t)
	d.keys("r").want("Rename “passphrase”").keys("ctrl+u", "enter").want("type a name").typed("desk").keys("enter").want("there is one of that name")
	d.typed("2").keys("enter").want("is called “desk2” on this device")
	if fake.Rows[0].Name != "desk2" {
		t.Errorf("named %q", fake.Rows[0].Name)
	}
}

func TestAKeyDerivationCanBeCancelled(t *testing.T) {
	t.Parallel()
	block := make(chan struct{})
	d, fake := ways(t, func(w *tuitest.Ways) { w.Block = block })
	d.keys("d").want("Keep it").keys("down", "enter").want("replacing the key of this device; Esc cancels").keys("esc").want("Cancelled")
	d.keys("d").want("Keep it").keys("down", "enter").want("replacing the key")
	close(block)
	d.want("opens nothing any more")
	if got := fake.Done(); !slices.Equal(got, []string{"remove passphrase"}) {
		t.Errorf("done: %v", got)
	}
}

func TestAChangeThatFailsSaysWhy(t *testing.T) {
	t.Parallel()
	d, fake := ways(t)
	fake.Err = errors.New("another process is writing")
	d.keys("d").want("Keep it").keys("down", "enter").want("Not done: another process is writing").want("3 ways in")
}

func TestAReadOnlyVaultListsWaysAndChangesNone(t *testing.T) {
	t.Parallel()
	d := drive(t, 100, 30, opened, func(_ *Options, o *tuitest.Opener) { o.Vault.About.ReadOnly = true })
	d.want("15").keys("ctrl+x W").want("3 ways in").keys("n").want("read only")
}

func TestWaysTakeClicksAndTheWheel(t *testing.T) {
	t.Parallel()
	d, _ := ways(t)
	line := func(text string) int {
		return slices.IndexFunc(strings.Split(d.picture(), "\n"), func(l string) bool { return strings.Contains(l, text) })
	}
	s := d.top()
	s.Update(screen.Click{X: 5, Y: line("Recovery code")})
	d.want("▸ Recovery code")
	s.Update(screen.Wheel{X: 5, Y: 3, By: -1})
	d.want("▸ Passphrase  desk")
	s.Update(screen.Click{X: 5, Y: line("tower"), Double: true})
	d.want("Another device that can open the vault.").gone("Recovery code").keys("esc").want("▸ tower")
}

func TestNothingTypedIntoAFormStays(t *testing.T) {
	t.Parallel()
	d, _ := ways(t)
	d.keys("n", "p").want("Once more")
	d.send(tea.PasteMsg{Content: "pasted words\n"})
	d.keys("ctrl+r").want("pasted words").keys("esc").want("3 ways in").keys("n", "p").want("Once more").keys("ctrl+r")
	if d.is("pasted") {
		t.Error("a new form holds the old passphrase")
	}
}

func TestFormsOfRoomsTakeClicks(t *testing.T) {
	t.Parallel()
	d, _ := ways(t)
	d.keys("n", "p").want("Once more").click("Name").typed("desk3").want("Name         desk3").click("[ Add it ]").want("type a passphrase")
	d.keys("esc").want("3 ways in").keys("esc").want("15").keys("ctrl+x ,").want("Protection").click("reveal.again").want("unlock again").keys("e").want("[ Set ]")
	d.click("Only on this device").want("[✓] Only on this device").click("[ Set ]").want("reveal.again is true now")
	d.keys("esc").want("15").keys("ctrl+x x").want("Look at it").click("Protection").keys("left").want("none: every secret").click("[ Look at it ]").want("in clear, to ~/signet")
}

// A screen reader gets one pane, and the cursor at the row that a person is at.
func TestRoomsHaveOnePaneForAScreenReader(t *testing.T) {
	t.Parallel()
	for key, row := range map[string]string{"W": "Passphrase  desk", ",": "reveal.again", "P": "ada@example.com"} {
		d := drive(t, 140, 30, opened, linear).want("15").keys("ctrl+x " + key)
		d.until("the room", func() bool { s, ok := d.top().(interface{ Settled() bool }); return ok && s.Settled() })
		d.keys("down")
		p, cur := d.r.picture()
		if at := ansi.Strip(strings.Split(p, "\n")[cur.Y]); strings.Contains(p, "│") || !cur.Shown || !strings.Contains(at, row) {
			t.Errorf("%s: the cursor stands at %+v in %q of\n%s", d.top().Title(), cur, at, p)
		}
	}
}
