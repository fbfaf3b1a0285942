package tui

import (
	"fmt"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"signet/tui/dialog"
	"signet/tui/screen"
	"signet/tui/tuitest"
)

// Questions that a browser would ask.
func signIn(settings ...func(*screen.ApprovalRequest)) screen.ApprovalRequest {
	r := screen.ApprovalRequest{
		Action: screen.ApproveSignIn, Site: "github.com", SiteName: "GitHub", Requester: "firefox (4242)", Route: "the virtual security key", Until: tuitest.Start.Add(30 * time.Second),
		Accounts: []screen.ApprovalAccount{
			{Name: "octocat", Display: "The Octocat", Binding: screen.BindingSynced, Entry: tuitest.ID(1), Title: "GitHub", LastUsed: tuitest.Start.Add(-48 * time.Hour)},
			{Name: "work@example.com", Binding: screen.BindingDevice, Entry: tuitest.ID(10), Title: "GitLab"},
		},
	}
	for _, s := range settings {
		s(&r)
	}
	return r
}

func register(settings ...func(*screen.ApprovalRequest)) screen.ApprovalRequest {
	r := screen.ApprovalRequest{
		Action: screen.ApproveRegister, Site: "github.com", SiteName: "GitHub", Account: "octocat", Display: "The Octocat", Requester: "firefox (4242)", Route: "the virtual security key",
		Until: tuitest.Start.Add(30 * time.Second), Binding: screen.BindingSynced, Choosable: true, Stays: true,
	}
	for _, s := range settings {
		s(&r)
	}
	return r
}

// long gives a question time.
func long(r screen.ApprovalRequest) screen.ApprovalRequest {
	r.Until = tuitest.Start.Add(10 * time.Minute)
	return r
}

func deceiving(r *screen.ApprovalRequest) { r.Site = "аpple.com" }
func excluded(r *screen.ApprovalRequest)  { r.Excluded = true }
func alone(r *screen.ApprovalRequest)     { r.Accounts = r.Accounts[:1] }
func verified(r *screen.ApprovalRequest)  { r.Verified = true }
func byBoth(r *screen.ApprovalRequest) {
	r.Verify = []screen.VerifyWay{screen.VerifyPassphrase, screen.VerifyPIN}
}

func reset() screen.ApprovalRequest {
	return screen.ApprovalRequest{Action: screen.ApproveReset, Requester: "fido2-token (99)", Route: "the virtual security key", Passkeys: 12, Until: tuitest.Start.Add(10 * time.Second)}
}

// port is the fake that asks.
func (d *driver) port() *tuitest.Approvals {
	a, _ := d.r.opt.Ports.Approvals.(*tuitest.Approvals)
	return a
}

// ask asks, waits for the dialog, and lets the keyboard be quiet for as long as that takes.
func (d *driver) ask(r screen.ApprovalRequest) uint64 {
	d.t.Helper()
	id := d.port().Ask(r)
	d.until("the dialog", func() bool { return d.r.approval() != nil })
	d.clock.Advance(dialog.Quiet)
	return id
}

// answered waits for the n-th answer.
func (d *driver) decision(n int) tuitest.Answered {
	d.t.Helper()
	d.until("an answer", func() bool { return len(d.port().Answers()) >= n })
	return d.port().Answers()[n-1]
}

func (d *driver) asks() bool { return d.r.approval() != nil }

func TestAQuestionNamesWhoAndWhat(t *testing.T) {
	t.Parallel()
	d := drive(t, 100, 30, opened).want("15")
	id := d.ask(signIn(alone))
	d.want("Sign in?", "github.com", "firefox (4242)", "the virtual security key", "octocat (The Octocat)", "synced", "used 2026-03-12", "The key itself", "30s")
	d.keys("y")
	if got := d.decision(1); got.ID != id || !got.Decision.Allow {
		t.Errorf("answer %+v", got)
	}
	d.want("Allowed: sign-in to github.com as octocat").gone("Sign in?")
}

// Keys in flight belong to what was there before: neither they nor an Enter without a choice answer.
func TestAQuestionIsNotAnsweredByAccident(t *testing.T) {
	t.Parallel()
	d := drive(t, 100, 30, opened).want("15")
	d.port().Ask(signIn(alone))
	d.until("the dialog", func() bool { return d.asks() })
	for range 3 { // a fast typist: never quiet
		d.keys("y", "enter")
		d.clock.Advance(dialog.Quiet - time.Millisecond)
	}
	if !d.asks() || len(d.port().Answers()) > 0 {
		t.Fatal("keys in flight answered")
	}
	d.clock.Advance(dialog.Quiet)
	d.keys("enter").want("y allows it, Esc refuses")
	if len(d.port().Answers()) > 0 {
		t.Fatal("Enter alone answered")
	}
	d.keys("down", "enter") // a choice was made: the first and only account
	if got := d.decision(1); !got.Decision.Allow {
		t.Errorf("answer %+v", got)
	}
}

func TestTheGraceEndsForAKeyboardThatIsNeverQuiet(t *testing.T) {
	t.Parallel()
	d := drive(t, 100, 30, opened).want("15")
	d.port().Ask(signIn(alone))
	d.until("the dialog", func() bool { return d.asks() })
	for range 4 {
		d.clock.Advance(dialog.MaxGrace / 4)
		d.keys("x")
	}
	d.keys("n")
	if got := d.decision(1); got.Decision.Allow {
		t.Errorf("answer %+v", got)
	}
	d.want("Refused: no sign-in to github.com")
}

func TestAnAccountIsChosen(t *testing.T) {
	t.Parallel()
	for name, keys := range map[string][]string{"arrows": {"down", "enter"}, "digit": {"2", "y"}, "letters": {"j", "enter"}, "chord": {"2", "ctrl+x y"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := drive(t, 100, 30, opened).want("15")
			d.ask(signIn())
			d.want("1 octocat (The Octocat)", "2 work@example.com", "bound to a device")
			d.keys(keys...)
			if got := d.decision(1); !got.Decision.Allow || got.Decision.Account != 1 {
				t.Errorf("answer %+v", got)
			}
		})
	}
}

func TestASecretIsAskedForInTheDialog(t *testing.T) {
	t.Parallel()
	d := drive(t, 100, 30, opened).want("15")
	d.ask(signIn(byBoth))
	d.want("Passphrase").keys("enter").want("y allows it").keys("ctrl+x y").want("type the passphrase of this vault first")
	d.typed("nope").want("Passphrase  ••••").keys("enter").want("2 tries left")
	if !d.asks() || d.is("Passphrase  ••••") {
		t.Fatal("a wrong secret has to leave the question and an empty field")
	}
	d.keys("ctrl+o").want("PIN").typed("4711").keys("down", "enter")
	if got := d.decision(1); !got.Verified || got.Decision.Way != screen.VerifyPIN || got.Decision.Account != 1 {
		t.Errorf("answer %+v", got)
	}
	d.gone("Sign in?")
}

func TestAfterTooManyTriesTheQuestionGoes(t *testing.T) {
	t.Parallel()
	d := drive(t, 100, 30, opened).want("15")
	d.ask(signIn(alone, byBoth))
	d.typed("a").keys("enter").want("2 tries left").typed("b").keys("enter").want("1 tries left").typed("c").keys("enter").want("0 tries left").typed("d").keys("enter").want("Not answered: too many wrong tries").gone("Sign in?")
}

// A check that takes long can be stopped; the question stays.
func TestACheckIsStopped(t *testing.T) {
	t.Parallel()
	block := make(chan struct{})
	d := drive(t, 100, 30, opened).want("15")
	d.port().Block = block
	d.ask(signIn(alone, byBoth))
	d.typed("open sesame").keys("enter").want("checking; Esc stops").typed("x").keys("esc").want("stopped: nothing was answered yet")
	close(block)
	d.typed("open sesame").keys("enter")
	if got := d.decision(1); !got.Verified {
		t.Errorf("answer %+v", got)
	}
}

func TestARegistrationSaysWhereTheKeyLives(t *testing.T) {
	t.Parallel()
	d := drive(t, 100, 34, opened).want("15")
	d.ask(register())
	d.want("New passkey?", "octocat (The Octocat)", "in the entry of the", "Synced", "goes wherever the vault goes").keys("down").want("cannot be copied").keys("enter")
	if got := d.decision(1); got.Decision.Binding != screen.BindingDevice {
		t.Errorf("answer %+v", got)
	}
	for text, change := range map[string]func(*screen.ApprovalRequest){
		"You have a passkey for":      func(r *screen.ApprovalRequest) { r.Excluded = true },
		"It replaces":                 func(r *screen.ApprovalRequest) { r.Replaces = true },
		"The site keeps it":           func(r *screen.ApprovalRequest) { r.Stays = false },
		"Kind          bound to a de": func(r *screen.ApprovalRequest) { r.Choosable, r.Binding = false, screen.BindingDevice },
		"You proved who":              verified,
	} {
		d := drive(t, 100, 34, opened).want("15")
		d.ask(register(change))
		d.want(text)
	}
}

func TestAResetNeedsAWord(t *testing.T) {
	t.Parallel()
	d := drive(t, 100, 30, opened).want("15")
	d.ask(reset())
	d.want("Reset the virtual key?", "All 12 passkeys go to the trash", "fido2-token (99)").keys("enter").want("type the word reset").typed("yes").keys("enter").want("type the word reset")
	d.keys("ctrl+u").typed("Reset").keys("enter")
	if got := d.decision(1); !got.Decision.Allow {
		t.Errorf("answer %+v", got)
	}
}

func TestQuestionsQueue(t *testing.T) {
	t.Parallel()
	d := drive(t, 100, 30, opened).want("15")
	d.ask(signIn(alone))
	d.port().Ask(register())
	d.want("Sign in?  1 of 2").keys("y").want("New passkey?")
	if d.is("1 of") {
		t.Error("only one is left")
	}
	d.keys("y") // another dialog: keys in flight do not count for it
	if n := len(d.port().Answers()); n != 1 {
		t.Fatalf("%d answers", n)
	}
	d.clock.Advance(dialog.Quiet)
	d.keys("esc")
	d.decision(2)
	d.want("Refused: github.com gets no passkey")
}

func TestAFloodOfQuestionsIsRefused(t *testing.T) {
	t.Parallel()
	d := drive(t, 100, 30, opened).want("15")
	for range maxWaiting + 3 {
		d.port().Ask(signIn(alone))
	}
	d.want(fmt.Sprintf("1 of %d", maxWaiting), "too many programs ask at once")
	d.decision(3)
}

// What was typed below stays, and the field has the focus again.
func TestADraftBelowAQuestionStays(t *testing.T) {
	t.Parallel()
	d := drive(t, 100, 30, opened).want("15").keys("ctrl+x e").want("unchanged").typed("new")
	d.ask(signIn(alone))
	d.keys("z", "esc").want("Refused").typed("er").keys("ctrl+r").want("newer", "unsaved")
}

// Over a question of another screen too, which waits below.
func TestAQuestionStandsAboveOtherDialogs(t *testing.T) {
	t.Parallel()
	d := drive(t, 100, 30, opened).want("15").keys("ctrl+x t").want("Old forum").keys("D").want("Remove for good?")
	d.ask(signIn(alone))
	d.want("Sign in?").keys("esc").want("Remove for good?").keys("esc").gone("Remove for good?")
	id := d.ask(signIn(alone))
	d.send(screen.Ask{Dialog: dialog.Choice{ID: "late", Title: "A late question", Options: []dialog.Option{{Label: "Well"}}}})
	if d.is("A late question") || d.r.approval().ID() != id {
		t.Error("something came above what a program asks")
	}
	d.keys("esc").want("A late question")
}

func TestAProgramGivesUp(t *testing.T) {
	t.Parallel()
	d := drive(t, 100, 30, opened).want("15")
	id := d.ask(signIn(alone, byBoth))
	d.typed("half a pass")
	d.port().GiveUp(id, "github.com gave up")
	d.want("github.com gave up").gone("Sign in?")
	d.ask(signIn(alone))
	d.tick(31 * time.Second).want("0s").tick(3 * time.Second).want("Nobody answered in time: github.com gave up").gone("Sign in?")
}

// A dialog that goes by itself takes the rest of what is being typed along: a passphrase is no row of commands.
func TestWhatWasMeantForADialogDoesNotReachTheScreenBelow(t *testing.T) {
	t.Parallel()
	d := drive(t, 100, 30, opened).want("15").keys("tab")
	id := d.ask(signIn(alone, byBoth))
	d.typed("open ses")
	d.port().GiveUp(id, "github.com gave up")
	d.want("gave up").typed("am")
	d.clock.Advance(dialog.Quiet / 2)
	d.typed("d").keys("U")
	d.send(tea.PasteMsg{Content: "dd"})
	d.send(tea.MouseClickMsg{X: 5, Y: 5, Button: tea.MouseLeft})
	d.want("▸★ GitHub", " 15 ")
	d.clock.Advance(dialog.Quiet)
	d.keys("e").want("Edit GitHub")
}

func TestTheOutcomeIsToldAndUndone(t *testing.T) {
	t.Parallel()
	d := drive(t, 100, 30, opened).want("15")
	d.ask(register())
	d.keys("y")
	d.decision(1)
	d.port().Tell("passkey for github.com (octocat) saved", "1", true)
	d.want("Passkey for github.com (octocat) saved", "^X z undoes it")
	if n := len(d.r.steps); n != 1 || d.r.steps[0].id != "1" {
		t.Errorf("steps %+v", d.r.steps)
	}
	d.port().Tell("not signed in to github.com: no room", "", false)
	d.want("Not signed in to github.com: no room")
}

// After a wrong secret the port gives more time, or takes a way away.
func TestAQuestionIsToldInOtherWords(t *testing.T) {
	t.Parallel()
	d := drive(t, 100, 30, opened).want("15")
	id := d.ask(signIn(byBoth))
	d.keys("down", "ctrl+o").typed("47").want("PIN  ••")
	d.port().Retell(id, func(r *screen.ApprovalRequest) { r.Until = tuitest.Start.Add(90 * time.Second) })
	d.want("90s", "PIN  ••")
	d.port().Retell(id, func(r *screen.ApprovalRequest) { r.Verify = []screen.VerifyWay{screen.VerifyPassphrase} })
	d.want("Passphrase  of this vault").typed("open sesame").keys("enter")
	if got := d.decision(1); got.Decision.Way != screen.VerifyPassphrase || got.Decision.Account != 1 {
		t.Errorf("answer %+v", got)
	}
}

// A program that asks for an open vault while that is being opened is not left waiting.
func TestAnOpenVaultIsAnAnswer(t *testing.T) {
	t.Parallel()
	d := drive(t, 100, 30, opened).want("15")
	d.port().Ask(screen.ApprovalRequest{Action: screen.ApproveUnlock})
	d.until("the answer", func() bool { return d.port().Waiting() == 0 && len(d.r.approvals.queue) == 0 })
	if d.asks() {
		t.Error("a dialog")
	}
}

func TestALockedVaultSaysWhoWaits(t *testing.T) {
	t.Parallel()
	d := drive(t, 100, 30).want("Passphrase")
	d.port().Ask(screen.ApprovalRequest{Action: screen.ApproveUnlock, Site: "github.com", Until: tuitest.Start.Add(time.Minute)})
	d.want("github.com asks for a passkey: unlock to answer, Esc refuses")
	d.typed("open sesame").keys("enter").want("15").until("the answer", func() bool { return d.port().Waiting() == 0 })
	d.until("the port to know the vault", func() bool { v := d.port().Vaults(); return len(v) == 1 && v[0] != nil })
	d.ask(signIn(alone))
	d.keys("ctrl+x l").want("github.com asks to sign in: unlock to answer")
	if d.asks() {
		t.Fatal("a dialog over the unlock screen")
	}
	d.until("the port to know of the lock", func() bool { v := d.port().Vaults(); return len(v) == 2 && v[1] == nil })
	d.unlock().want("Sign in?")
	d.clock.Advance(dialog.Quiet)
	d.keys("y")
	d.decision(1)
}

func TestAWaitingProgramIsRefusedFromTheUnlockScreen(t *testing.T) {
	t.Parallel()
	d := drive(t, 100, 30).want("Passphrase").typed("open")
	d.port().Ask(signIn())
	d.port().Ask(screen.ApprovalRequest{Action: screen.ApproveUnlock, Requester: "ssh"})
	d.want("github.com asks to sign in, and 1 other waits").keys("esc")
	if len(d.port().Answers()) > 0 {
		t.Fatal("a key in flight refused")
	}
	d.clock.Advance(dialog.Quiet)
	d.keys("esc").want("ssh asks for a passkey").keys("esc")
	d.clock.Advance(dialog.Quiet)
	d.keys("esc").gone("unlock to answer")
	d.decision(2)
	d.typed(" sesame").keys("enter").want("15")
}

func TestLeavingRefuses(t *testing.T) {
	t.Parallel()
	d := drive(t, 100, 30, opened).want("15")
	d.ask(signIn())
	d.keys("ctrl+c").until("the end", func() bool { return d.quit })
	d.r.shutDown()
	if got := d.decision(1); got.Decision.Allow {
		t.Errorf("answer %+v", got)
	}
	d = drive(t, 100, 30, opened).want("15").keys("ctrl+x e").want("unchanged").typed("new")
	d.ask(signIn())
	d.keys("ctrl+c").want("Quit with unsaved changes?").gone("Sign in?")
	if got := d.decision(1); got.Decision.Allow {
		t.Errorf("answer %+v", got)
	}
}
