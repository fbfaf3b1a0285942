package tui

import (
	"errors"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"signet/tui/screen"
	"signet/tui/tuitest"
	"signet/vault/entry"
)

func TestThreeLettersThenCopied(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 24, opened).want("15").keys("git").want("3 of 15")
	d.keys("ctrl+y").want("Password copied (wl-copy) · clears in 45s")
	if got := d.clip.Holds(); got != tuitest.Canary {
		t.Errorf("the clipboard holds %q", got)
	}
	d.keys("ctrl+o").want("Code copied")
	if got := d.clip.Holds(); len(got) != 6 {
		t.Errorf("the clipboard holds %q, not a code", got)
	}
	d.keys("ctrl+x u").want("User name copied")
	if d.clip.Holds() != "octocat" || d.clip.ClearIn != 0 {
		t.Errorf("a user name is no secret: %q is cleared in %v", d.clip.Holds(), d.clip.ClearIn)
	}
}

// Start, three letters, Enter, copied; what has no password gives its code, and what has neither is opened.
func TestEnterCopiesWhatTheEntryIsThereFor(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 24, opened).want("15").keys("git", "enter").want("Password copied", "3 of 15")
	if got := d.clip.Holds(); got != tuitest.Canary {
		t.Errorf("the clipboard holds %q", got)
	}
	d.keys("left", "right").want("3 of 15").keys("right").want("One-time code").keys("enter").want("Password copied").keys("esc", "esc")
	d.keys("router", "enter").want("Code copied").keys("esc").typed("Visa").keys("enter").want("Name on card")
	d = drive(t, 80, 24, opened).want("15").keys("ctrl+x t").want("Old forum").keys("enter").want("in the trash")
	if d.clip.Holds() != "" {
		t.Error("the trash gave a password away")
	}
}

func TestTheCountdownEndsAndSaysSo(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 24, opened).want("15").keys("git", "ctrl+y").want("clears in 45s")
	d.tick(44 * time.Second).want("clears in 1s")
	d.tick(time.Second).want("The clipboard was cleared")
	d.tick(time.Minute).gone("cleared")
}

func TestACopyThatFailsSaysWhy(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 24, opened).want("15").keys("ideas").want("1 of 15").keys("ctrl+y").want("Password not copied: this entry has none")
	d.clip.Err = errors.New("no clipboard program found")
	d.keys("esc", "git", "ctrl+y").want("no clipboard program found")
}

func TestRevealAndHide(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 24, opened).want("15").keys("right").want("One-time code")
	if d.is(tuitest.Canary) {
		t.Fatal("the password is shown unasked")
	}
	d.keys("r").want(tuitest.Canary).keys("r").gone(tuitest.Canary)
	d.keys("a").want(tuitest.Canary, "JBSWY3DPEHPK3PXP").keys("a").gone(tuitest.Canary)
	d.keys("r").want(tuitest.Canary).keys("esc").want("15").keys("right").want("One-time code")
	if d.is(tuitest.Canary) {
		t.Error("the password is still shown when the entry is opened again")
	}
}

func TestTheCodeMovesOnWithTime(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 24, opened).want("15").keys("right").want("249 321", "18s")
	d.tick(5 * time.Second).want("13s")
	if !d.is("249 321") {
		t.Error("the code changed within its window")
	}
	d.tick(13 * time.Second).gone("249 321").want("30s")
}

func TestACounterCodeIsMadeOnlyOnRequest(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 24, opened).want("15").keys("router").want("1 of 15").keys("right").want("made on request")
	d.keys("c").want("Code copied").want("made on request").keys("k", "k", "k", "k", "r").gone("made on request")
}

func TestAddALogin(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 24, opened).want("15").keys("ctrl+x n", "l").want("New login")
	d.keys("tab").typed("ada").keys("tab").typed("pass word").keys("tab").typed("shop.example").keys("tab")
	d.send(tea.PasteMsg{Content: "otpauth://totp/Shop:ada?secret=JBSWY3DPEHPK3PXP&issuer=Shop\n"})
	d.keys("tab").typed("first").keys("enter").typed("second").keys("tab").typed("shop, work")
	d.keys("ctrl+x s").want("is saved", "249 321") // the title comes from the site
	d.want("shop.example", "https://shop.example", "first", "second", "shop, work")
	d.keys("p").want("Password copied")
	if d.clip.Holds() != "pass word" {
		t.Errorf("the password was saved as %q", d.clip.Holds())
	}
	d.keys("ctrl+x z").want("Taken back")
}

func TestValidationInPlace(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 24, opened).want("15").keys("ctrl+x n", "l").want("New login").keys("ctrl+x s").want("a title is needed")
	d.keys("T", "tab", "tab", "tab").typed("no address").keys("tab").want("an address has no spaces")
	d.typed("not base32!").keys("tab")
	if form := d.picture(); strings.Count(form, "✗") < 2 {
		t.Errorf("the bad one-time code is not marked:\n%s", form)
	}
	d.keys("ctrl+x s").want("Not saved")
}

func TestEditReplacesOnlyWhatWasChanged(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 24, opened).want("15").keys("ctrl+x e").want("unchanged").typed("n3w").keys("ctrl+x s").want("is saved")
	d.keys("ctrl+y").want("Password copied")
	if d.clip.Holds() != "n3w" {
		t.Errorf("the password is %q", d.clip.Holds())
	}
	e, err := d.vault.Get(t.Context(), tuitest.ID(1), true)
	if err != nil || len(e.History) != 1 {
		t.Fatalf("history has %d values (%v): only the password was to be written", len(e.History), err)
	}
	d.keys("ctrl+x z").want("Taken back").keys("ctrl+y").want("Password copied")
	d.until("the old password", func() bool { return d.clip.Holds() == tuitest.Canary })
}

func TestStoredSecretsAreShownInFormsOnlyOnRequest(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 24, opened).want("15").keys("ctrl+x e").want("unchanged")
	d.keys("ctrl+r").want(tuitest.Canary)
	if d.is("unsaved") {
		t.Error("looking is no change")
	}
	d.keys("tab")
	if d.is(tuitest.Canary) {
		t.Error("the secret is still shown when the field has lost the focus")
	}
}

func TestASecretThatALineCannotHoldStaysAsItIs(t *testing.T) {
	t.Parallel()
	id := tuitest.ID(77)
	d := drive(t, 80, 24, opened, func(_ *Options, op *tuitest.Opener) {
		e := tuitest.Login("Two lines", "ada", "one\ntwo", "https://x.example")
		e.ID = id
		op.Vault.Add(e)
	}).want("16").keys("Two").want("1 of 16").keys("ctrl+x e").want("unchanged")
	d.keys("ctrl+r").want("it has several lines").keys("ctrl+x s").want("1 of 16")
	values, err := d.vault.Get(t.Context(), id, true)
	if err != nil || len(values.History) != 0 {
		t.Errorf("something was written: %v %v", values.History, err)
	}
}

func TestUnsavedChangesAreAskedAbout(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 24, opened).want("15").keys("ctrl+x e").want("unchanged").typed("x").want("unsaved")
	d.keys("esc").want("Unsaved changes").keys("esc")
	if !d.is("unsaved") || d.is("Discard") {
		t.Fatalf("Esc did not go back to the form:\n%s", d.picture())
	}
	d.send(tea.WindowSizeMsg{Width: 20, Height: 5})
	d.send(tea.WindowSizeMsg{Width: 80, Height: 24})
	d.want("unsaved").keys("ctrl+c").want("Quit with unsaved changes?").keys("enter")
	if d.quit {
		t.Error("Enter on the first answer quit")
	}
	d.keys("esc").want("Discard").keys("down", "down", "enter").want("type to search")
	d.keys("ctrl+c")
	d.until("the program to quit", func() bool { return d.quit })
}

func TestIdleLockKeepsTheDraft(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 24, opened).want("15").keys("ctrl+x e").want("unchanged").typed("dr4ft").want("unsaved")
	d.tick(15*time.Minute).want("Unsaved changes wait", "Passphrase")
	if d.is("GitHub") || d.is("dr4ft") {
		t.Fatalf("not hidden at once:\n%s", d.picture())
	}
	d.unlock().want("Edit GitHub", "unsaved").keys("ctrl+x s").want("is saved")
	d.keys("ctrl+y").until("the new password", func() bool { return d.clip.Holds() == "dr4ft" })
}

func TestTheKeyThatWakesAnIdleProgramDoesNotReachTheVault(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 24, opened).want("15")
	d.clock.Advance(16 * time.Minute) // no tick came: the machine slept
	d.keys("ctrl+y").want("Passphrase")
	if d.clip.Holds() != "" {
		t.Error("a password was copied after the idle time")
	}
}

func TestLockByKeyAsksAboutChanges(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 24, opened).want("15").keys("ctrl+x e").want("unchanged").typed("x")
	d.keys("ctrl+x l").want("Lock with unsaved changes?").keys("esc").keys("ctrl+x l").want("forget").keys("down", "down", "enter").want("Passphrase")
	d.unlock().want("type to search")
	if d.is("unsaved") {
		t.Error("the dropped draft came back")
	}
}

func TestLockClearsTheClipboardAndDropsLateAnswers(t *testing.T) {
	t.Parallel()
	block, entered := make(chan struct{}), make(chan struct{}, 1)
	d := drive(t, 80, 24, opened).want("15")
	d.vault.Slow(func(call string) {
		if call == "Field" {
			entered <- struct{}{}
			<-block
		}
	})
	d.keys("right").want("One-time code").keys("r")
	<-entered
	d.keys("L").want("Passphrase")
	close(block)
	d.until("the clipboard to be cleared", func() bool { return d.clip.Clears() > 0 })
	d.unlock().want("type to search")
	if d.is(tuitest.Canary) {
		t.Error("a late answer was shown")
	}
}

func TestAVaultThatIsLockedElsewhereLocksTheScreen(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 24, opened).want("15")
	if err := d.vault.Lock(t.Context()); err != nil {
		t.Fatal(err)
	}
	d.want("was locked from outside", "Passphrase")
}

func TestChangesElsewhereAppear(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 24, opened).want("15").keys("down", "down").want("Build server")
	d.vault.Elsewhere(tuitest.ID(18), entry.PathTitle, "Zebra ideas")
	d.want("Zebra ideas")
	if row, _ := d.top().(*screen.Browse); row == nil {
		t.Fatal("another screen is on top")
	}
}

func TestAFieldChangedElsewhereIsAskedAbout(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 24, opened).want("15").keys("ctrl+x e").want("unchanged").keys("home", "shift+tab", "end").typed("X")
	e, _ := d.vault.Get(t.Context(), tuitest.ID(1), false)
	login, _ := e.Credential(entry.BasicAuth)
	user, _ := login.Member("username")
	d.vault.Elsewhere(tuitest.ID(1), user.Path, "other")
	d.keys("ctrl+x s").want("Changed elsewhere", "User name").keys("down", "enter")
	if !d.is("Changed elsewhere") {
		t.Fatal("a question that appears by itself was answered by keys that were on their way")
	}
	d.clock.Advance(time.Second)
	d.keys("enter").want("octocatX").keys("ctrl+x s").want("Changed elsewhere")
	d.clock.Advance(time.Second)
	d.keys("down", "enter").want("is saved")
	d.keys("ctrl+t").until("my user name", func() bool { return d.clip.Holds() == "octocatX" })
}

func TestTrashRestoreAndPurge(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 24, opened).want("15").keys("ctrl+x d").want("“GitHub” is in the trash").want("14")
	d.keys("ctrl+x t").want("Trash", "Old forum", "GitHub").keys("R").want("is out of the trash").gone("GitHub  ")
	d.keys("D").want("Remove for good?").keys("enter")
	if !d.is("Old forum") {
		t.Fatal("the first answer must be the safe one")
	}
	d.keys("D").want("Remove for good?").keys("down", "enter").want("The trash is empty", "Removed for good")
	d.keys("esc").want("15")
}

func TestEmptyTheTrash(t *testing.T) {
	t.Parallel()
	drive(t, 80, 24, opened).want("15").keys("ctrl+x t").want("Old forum").keys("E").want("Empty the trash?").keys("down", "enter").want("The trash is empty")
}

func TestHistoryIsListedAndWrittenBack(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 40, opened).want("15")
	d.keys("ctrl+x e").want("unchanged").typed("n3w").keys("ctrl+x s").want("is saved").keys("right").want("History (1)")
	d.keys("G", "r").want(tuitest.Canary).keys("ctrl+x R").want("Write this value back?").keys("down", "enter").want("The old value is back", "History (2)")
	d.keys("p").until("the old password", func() bool { return d.clip.Holds() == tuitest.Canary })
}

func TestGenerator(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 24, opened).want("15").keys("ctrl+x e").want("unchanged").keys("ctrl+g").want("20 characters", "124 bits")
	d.keys("right").want("21 characters").keys("w").want("6 words").keys("enter").want("able-acid-also-apex-aqua-arch", "unsaved")
	d.keys("ctrl+g").want("6 words").keys("esc").want("able-acid")
}

func TestAnOTPAuthPasteFindsItsField(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 24, opened).want("15").keys("gitlab").want("1 of 15").keys("ctrl+x e").want("Edit GitLab")
	d.send(tea.PasteMsg{Content: "otpauth://totp/x?secret=JBSWY3DPEHPK3PXP"})
	d.keys("ctrl+x s").want("is saved").keys("right").want("249 321")
	d.keys("p").until("the old password", func() bool { return d.clip.Holds() == "correct horse" })
}

func TestRevealAgain(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 24, opened, func(_ *Options, op *tuitest.Opener) { op.Vault.Conf.RevealAgain = true }).want("15")
	d.keys("ctrl+t").want("User name copied").keys("ctrl+y").want("asks again").keys("esc").want("type to search")
	if d.clip.Holds() != "octocat" {
		t.Fatal("copied without asking")
	}
	d.keys("right").want("One-time code", "Code       ••••••••").keys("r").want("asks again").typed("wrong").keys("enter").want("wrong passphrase")
	d.typed("open sesame").keys("enter").want(tuitest.Canary).keys("p").want("Password copied")
	d.tick(31*time.Second).keys("r", "r").want("asks again").keys("esc", "e").want("unchanged").keys("ctrl+r").want("asks again")
}

func TestALongErrorIsReadToItsEnd(t *testing.T) {
	t.Parallel()
	d := drive(t, 50, 15, opened).want("15")
	d.clip.Err = errors.New("a very long explanation of what went wrong with the clipboard, and at its end: the exact next step")
	d.keys("ctrl+y").want("the exact next step", "F1 help")
}

func TestAddOtherKinds(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 30, opened).want("15").keys("ctrl+x n", "c").want("New card").typed("Master").keys("tab").typed("5555 5555 5555 4445").want("the check digit does not fit", "Mastercard").keys("tab")
	d.typed("13/27").keys("tab").want("a month is written 2027-12").keys("up", "ctrl+u").typed("12/27").keys("ctrl+x s").want("is saved", "Number", "2027-12", "card")
	d.keys("esc").want("16").keys("ctrl+x n", "n").want("New note").typed("Diary").keys("tab").typed("Dear diary").keys("enter").typed("today").keys("ctrl+x s").want("“Diary” is saved", "Dear diary", "today", "note")
	d.keys("esc").want("17").keys("ctrl+x n", "w").want("New Wi-Fi", "Network").keys("esc").want("17")
}
