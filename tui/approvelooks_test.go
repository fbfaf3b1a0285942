package tui

import (
	"fmt"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"signet/tui/dialog"
	"signet/tui/screen"
	"signet/tui/tuitest"
)

func TestTheButtonsOfAQuestionCanBeClicked(t *testing.T) {
	t.Parallel()
	for text, allow := range map[string]bool{"[y Allow]": true, "[Esc Refuse]": false} {
		d := drive(t, 100, 30, opened).want("15")
		d.port().Ask(signIn())
		d.until("the dialog", func() bool { return d.asks() })
		d.clickOn(text) // within the grace
		if len(d.port().Answers()) > 0 {
			t.Fatal("a click in flight answered")
		}
		d.clock.Advance(dialog.Quiet)
		d.clickOn("work@example.com")
		d.clickOn(text)
		if got := d.decision(1); got.Decision.Allow != allow || allow && got.Decision.Account != 1 {
			t.Errorf("%s: answer %+v", text, got)
		}
	}
}

// clickOn presses the mouse's left button on a text.
func (d *driver) clickOn(text string) {
	d.t.Helper()
	for y, line := range strings.Split(d.picture(), "\n") {
		if x := strings.Index(line, text); x >= 0 {
			d.send(tea.MouseClickMsg{X: len([]rune(line[:x])) + 1, Y: y, Button: tea.MouseLeft})
			return
		}
	}
	d.t.Fatalf("no %q to click on:\n%s", text, d.picture())
}

// Names that may deceive are shown as what they are, whole, and nothing that a terminal would obey is drawn.
func TestADeceivingSiteIsShownAsWhatItIs(t *testing.T) {
	t.Parallel()
	d := drive(t, 100, 30, opened).want("15")
	d.ask(signIn(func(r *screen.ApprovalRequest) { r.Site = "аpple.com" }))
	d.want("xn--pple-43d.com", "Not plain letters")
	d = drive(t, 40, 14, opened).want("15")
	d.ask(signIn(alone, func(r *screen.ApprovalRequest) {
		r.Site = "github.com." + strings.Repeat("login.", 40) + "evil.example"
	}))
	d.want("evil.example")
	d = drive(t, 80, 24, opened).want("15")
	for _, text := range tuitest.HostileTexts() {
		for _, r := range []screen.ApprovalRequest{signIn(byBoth), register(), reset(), {Action: screen.ApproveConfigure, Setting: text}, {Action: screen.ApprovalAction(text)}} {
			r.Site, r.SiteName, r.Account, r.Display, r.Requester, r.Route = text, text, text, text, text, text
			for i := range r.Accounts {
				r.Accounts[i] = screen.ApprovalAccount{Name: text, Display: text, Title: text, Binding: screen.Binding(text)}
			}
			d.port().Ask(r)
			d.until("the dialog", func() bool { return d.asks() })
			for _, size := range [][2]int{{120, 40}, {50, 15}, {20, 6}} {
				box, _ := d.r.approval().View(d.r.frame().Sized(size[0], size[1]))
				checkHarmless(t, string(r.Action), box, size[0])
			}
			d.clock.Advance(dialog.Quiet)
			d.keys("esc")
		}
		p, _ := d.r.picture() // the notice about a refusal
		checkHarmless(t, text, p, 80)
	}
}

func TestASecretOfAnAnswerCannotBePrinted(t *testing.T) {
	t.Parallel()
	const pass = "open sesame"
	block := make(chan struct{})
	d := drive(t, 100, 30, opened).want("15")
	d.port().Block = block
	d.ask(signIn(alone, byBoth, func(r *screen.ApprovalRequest) { r.Accounts[0].Title = "Title of an entry" }))
	d.typed(pass)
	d.noLeak("typing", pass)
	d.keys("enter").want("checking")
	d.noLeak("checking", pass)
	d.keys("esc").want("stopped")
	d.noLeak("stopped", pass)
	d.typed(pass).keys("ctrl+x l").want("asks to sign in")
	d.noLeak("locked", pass)
	if got := fmt.Sprintf("%+v", d.r.approvals.queue); strings.Contains(got, "Title of an entry") {
		t.Errorf("the locked model still knows %s", got)
	}
}

// What cannot be read cannot be allowed.
func TestATerminalThatIsTooSmallAllowsNothing(t *testing.T) {
	t.Parallel()
	d := drive(t, 24, 8, opened)
	d.until("the list", func() bool { return len(d.r.stack) > 0 && d.r.session.ready })
	d.ask(signIn(byBoth))
	d.want("enlarge").typed("open sesame").keys("enter", "ctrl+x y")
	if len(d.port().Answers()) > 0 {
		t.Fatal("allowed unseen")
	}
	d.resize(60, 20).want("github.com", "Allow]").keys("enter")
	if got := d.decision(1); !got.Decision.Allow {
		t.Errorf("answer %+v", got)
	}
	d = drive(t, 12, 3, opened)
	d.until("the list", func() bool { return len(d.r.stack) > 0 && d.r.session.ready })
	d.ask(signIn())
	d.keys("y", "esc")
	if got := d.decision(1); got.Decision.Allow {
		t.Errorf("answer %+v", got)
	}
}

// At every size that people have both answers stand there, and the site too. (TestEverySizeDraws draws the dialogs at every other size.)
func TestAQuestionFitsEverywhere(t *testing.T) {
	t.Parallel()
	for _, r := range []screen.ApprovalRequest{signIn(byBoth), signIn(), register(byBoth), reset()} {
		d := drive(t, 80, 24, opened).want("15")
		d.port().Ask(r)
		d.until("the dialog", func() bool { return d.asks() })
		for w := 40; w < 100; w += 7 {
			for h := 12; h < 30; h += 3 {
				box, _ := d.r.approval().View(d.r.frame().Sized(w, h))
				for _, text := range []string{"Allow]", "Refuse]", r.Site} {
					if !strings.Contains(box, text) {
						t.Fatalf("%dx%d: no %q:\n%s", w, h, text, box)
					}
				}
			}
		}
	}
}

func TestTheVirtualKeyIsSwitched(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 24, opened).want("15")
	k, _ := d.r.opt.Ports.VirtualKey.(*tuitest.VirtualKey)
	d.keys("ctrl+x U").want("The virtual key is on", "key on")
	k.Set(func(s *screen.VirtualStatus) { s.Busy = true })
	d.want("key asked")
	k.Set(func(s *screen.VirtualStatus) { s.Busy, s.Wink = false, 1 })
	d.want("key is here", "Here I am").tick(winkFor).want("key on")
	d.keys("ctrl+x l").want("Passphrase", "key on").unlock().want("15", "key on")
	k.Set(func(s *screen.VirtualStatus) { *s = screen.VirtualStatus{Fault: "the device is gone"} })
	d.want("went off: the device is gone", "key fault")
	k.Fail(fmt.Errorf("no permission for /dev/uhid: run signet passkey serve --install"))
	d.keys("tab", "U").want("The virtual key is not on: no permission for /dev/uhid")
	k.Fail(nil)
	d.keys("U").want("key on").keys(":").typed("virtual").keys("enter").want("The virtual key is off").gone("key on")
}
