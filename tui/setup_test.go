package tui

import (
	"errors"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"signet/tui/screen"
	"signet/tui/tuitest"
)

func noKeyring(_ *Options, op *tuitest.Opener) {
	op.Machine = screen.Survey{Dir: "~/v", KeyringFound: "no D-Bus session bus", KeyringHint: "Use the passphrase."}
}

func blocked(_ *Options, op *tuitest.Opener) { op.Block = make(chan struct{}) }

func TestCreateAVaultWithTheKeyring(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 24, fresh).want("Create a vault", "It will be in").keys("enter").want("[✓] Keyring of this computer", "gnome-keyring")
	d.keys("up", "enter").want("Your recovery code", tuitest.Code[:20], "able acid")
	d.keys("enter").want("Type the code back").typed("wrong").keys("enter").want("that is not the code")
	d.keys("esc").want("able acid").keys("enter").want("Type the code back")
	d.typed(strings.ToLower(strings.ReplaceAll(tuitest.Code, "-", " "))).keys("enter").want("No entries yet.", "The vault is ready")
	if o := d.opener.Prepared[0]; !o.Keyring || !o.Passphrase.IsEmpty() || o.NoRecovery {
		t.Errorf("made with %+v", o)
	}
}

func TestCreateAVaultWithAPassphraseAndTheWords(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 24, fresh, noKeyring).want("Create a vault").keys("enter").want("No keyring can be used here, so a passphrase opens the vault.", "Found: no D-Bus session bus")
	d.keys("up", "enter").want("choose at least one way")
	d.typed("short").keys("tab").typed("short").keys("enter").want("at least 8 characters")
	d.keys("ctrl+u").typed("open sesame").keys("tab", "ctrl+u").typed("open sesama").keys("enter").want("the two are not the same")
	d.keys("backspace").typed("e").keys("enter").want("Your recovery code")
	d.keys("enter").want("Type the code back")
	d.send(tea.PasteMsg{Content: tuitest.Words + "\n"})
	d.keys("enter").want("No entries yet.")
	if got := d.opener.Prepared[0].Passphrase.RevealString(); got != "open sesame" {
		t.Errorf("the passphrase is %q", got)
	}
}

func TestTheRecoverySheetIsSavedOnce(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 24, fresh, func(_ *Options, o *tuitest.Opener) { o.Sheets = map[string]string{"/there": "x"} })
	d.want("Create a vault").keys("enter").want("Keyring").keys("up", "enter").want("Your recovery code")
	d.keys("ctrl+x f").want("Save the recovery sheet", "~/signet-recovery.txt").keys("ctrl+u", "enter").want("name a file").typed("/there").keys("enter").want("exists already")
	d.keys("ctrl+u").typed("/new").keys("enter").want("Saved to /new")
	if d.opener.Sheets["/new"] == "" || d.opener.Sheets["/there"] != "x" {
		t.Errorf("sheets: %v", d.opener.Sheets)
	}
}

func TestTheCodeIsSkippedOnlyOnPurpose(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 24, fresh).want("Create a vault").keys("enter").want("Keyring").keys("up", "enter").want("Your recovery code")
	d.keys("ctrl+x k").want("Go on without typing").keys("enter").want("able acid")
	d.keys("ctrl+x k").want("Go on without typing").keys("up", "enter").want("No recovery code will be made").keys("up", "enter").want("No entries yet.")
	if n := len(d.opener.Prepared); n != 2 || !d.opener.Prepared[1].NoRecovery {
		t.Errorf("prepared %d times: %+v", n, d.opener.Prepared)
	}
}

func TestASavedSheetNeedsNoTyping(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 24, fresh).want("Create a vault").keys("enter").want("Keyring").keys("up", "enter").want("Your recovery code")
	d.keys("ctrl+x f").want("Save the recovery sheet").keys("ctrl+u").typed("/new").keys("enter").want("Saved to /new")
	d.keys("ctrl+x k").want("read back").keys("down", "enter").want("No entries yet.", "The vault is ready")
}

func TestTheQRCodeAlone(t *testing.T) {
	t.Parallel()
	d := drive(t, 60, 24, fresh).want("Create a vault").keys("enter").want("Keyring").keys("up", "enter").want("able acid")
	if d.is("█") {
		t.Fatal("there is no room for the QR code beside the text")
	}
	d.keys("ctrl+x v").want("█▀▄").gone("able acid").keys("enter").want("able acid")
}

func TestPreparingCanBeCancelled(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 24, fresh, blocked).want("Create a vault").keys("enter").want("Keyring").keys("up", "enter").want("making the keys; Esc cancels")
	d.keys("esc").gone("making the keys")
	if !d.is("Passphrase") || len(d.opener.Prepared) != 0 {
		t.Errorf("not back at the form:\n%s", d.picture())
	}
}

func TestCreateThenImport(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 24, fresh).want("Create a vault").keys("down", "enter").want("Keyring").keys("up", "enter").want("able acid").keys("enter").want("Type the code")
	d.typed(tuitest.Words).keys("enter").want("Import", "the other program exported")
}

func TestDemo(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 24, fresh).want("Try a demo").keys("down", "down", "enter").want("GitHub", "demo")
	d.keys("ctrl+x l").want("Create a vault")
}

func TestUnlockByPassphrase(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 24).want("Passphrase", "Recovery code", "Keyring of this computer").typed("wrong").keys("enter").want("wrong passphrase: look at Caps Lock")
	d.keys("enter").want("type the passphrase first").send(tea.PasteMsg{Content: "open sesame\n"})
	d.keys("enter").want("GitHub")
}

func TestAPasteOfSeveralLinesIsRefused(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 24).want("Passphrase")
	d.send(tea.PasteMsg{Content: "open\nsesame"})
	d.want("it has several lines")
}

func TestUnlockCanBeCancelled(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 24, blocked).want("Passphrase").typed("open sesame").keys("enter").want("opening; Esc cancels").keys("esc").want("cancelled")
	close(d.opener.Block)
	d.keys("enter").want("GitHub")
}

func TestUnlockByRecoveryCodeAndEnrol(t *testing.T) {
	t.Parallel()
	d := drive(t, 90, 24, func(_ *Options, o *tuitest.Opener) {
		o.About = screen.Enrolment{Members: []screen.Member{{ID: "m1", Kind: "dev", Name: "old laptop"}, {ID: "m2", Kind: "hw", Name: "blue key"}}, Lost: []string{"1 passkey bound to old laptop"}}
	}).want("Recovery code").keys("tab", "tab").want("▸ Recovery code").keys("enter").typed(tuitest.Code).keys("enter").want("read only", "15")
	d.keys("ctrl+x e").want("Opened with a recovery code: read only")
	d.keys("ctrl+x m").want("What may still open the vault", "old laptop", "1 passkey bound").keys("down", "space", "down", "enter").want("How do you want to open")
	d.keys("up", "enter").want("Your recovery code").keys("enter").want("Type the code back").typed(tuitest.Words).keys("enter").want("The vault is ready")
	if d.gone("read only"); strings.Join(d.opener.Kept, ",") != "m2" {
		t.Errorf("kept %v", d.opener.Kept)
	}
}

func TestAWayThatNeedsNobodyOpensByItself(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 24, func(_ *Options, o *tuitest.Opener) {
		o.List = []screen.Way{{Name: "keyring", Kind: screen.WayKeyring}, {Name: "passphrase", Kind: screen.WayPassphrase, Person: true}}
	}).want("GitHub")
	d.want("15").keys("ctrl+x l").want("is locked", "Passphrase")
	if !d.r.typing() || d.r.session.open() {
		t.Error("after a lock on purpose nothing may open by itself")
	}
}

func TestNoWayIn(t *testing.T) {
	t.Parallel()
	drive(t, 80, 24, func(_ *Options, o *tuitest.Opener) { o.List = nil }).want("no way to open this vault was found", "signet doctor")
}

func TestAnErrorOfThePortsIsExplained(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 24, opened, func(o *Options, _ *tuitest.Opener) {
		o.Ports.Faults.Explain = func(err error) (string, string) { return "explained: " + err.Error(), "do this" }
	}).want("15")
	d.clip.Err = errors.New("boom")
	d.keys("git", "ctrl+y").want("explained: boom (do this)")
}

// People type their passphrase the moment the screen is there: nothing of it may be lost while the ways are still being read.
func TestWhatIsTypedAtOnceCounts(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 24)
	d.until("the unlock screen", func() bool { return len(d.r.stack) > 0 })
	d.typed("open sesame").keys("enter").want("GitHub")
}

// A suggested passphrase stands in both fields, readable, with its strength below it.
func TestAPassphraseIsSuggested(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 24, fresh, noKeyring).want("Create a vault").keys("enter").want("so a passphrase opens the vault", "^G makes some")
	d.keys("ctrl+g").want("able acid also apex aqua arch", "Write these words down", "strong").keys("tab", "enter").want("Your recovery code")
	if got := d.opener.Prepared[0].Passphrase.RevealString(); got != "able acid also apex aqua arch" {
		t.Errorf("the passphrase is %q", got)
	}
}

// The field shows a part of a long passphrase; above it stands all of it, until it is hidden or changed.
func TestASuggestionIsReadWhole(t *testing.T) {
	t.Parallel()
	d := drive(t, 40, 14, fresh, noKeyring).want("Create a vault").keys("enter").want("Passphrase").keys("ctrl+g").want("able acid also apex aqua arch")
	d.keys("ctrl+r").gone("able acid").keys("ctrl+r").want("able acid also apex aqua arch").typed("x")
	if n := strings.Count(d.picture(), "able acid also"); n > 2 {
		t.Errorf("changed, and it still stands there:\n%s", d.picture())
	}
}
