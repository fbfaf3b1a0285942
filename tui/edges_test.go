package tui

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"signet/tui/screen"
	"signet/tui/tuitest"
	"signet/vault/entry"
)

// failing is a vault some of whose calls fail.
type failing struct {
	*tuitest.Vault
	rows, get, undo error
	skipped         []string
}

func (f *failing) Rows(ctx context.Context, trash bool) ([]entry.Row, error) {
	if f.rows != nil {
		return nil, f.rows
	}
	return f.Vault.Rows(ctx, trash)
}

func (f *failing) Get(ctx context.Context, id entry.ID, history bool) (entry.Entry, error) {
	if f.get != nil {
		return entry.Entry{}, f.get
	}
	return f.Vault.Get(ctx, id, history)
}

func (f *failing) Undo(ctx context.Context, step string) (screen.Applied, error) {
	if f.undo != nil {
		return screen.Applied{}, f.undo
	}
	a, err := f.Vault.Undo(ctx, step)
	a.Skipped = f.skipped
	return a, err
}

func with(f *failing) setting {
	return func(o *Options, op *tuitest.Opener) { f.Vault, o.Vault = op.Vault, f }
}

func TestFailuresAreSaid(t *testing.T) {
	t.Parallel()
	boom := errors.New("the disk is gone")
	drive(t, 80, 24, with(&failing{rows: boom})).want("Reading the vault failed: the disk is gone")
	drive(t, 80, 24, with(&failing{get: boom})).want("15").keys("right").want("Reading the entry failed: the disk is gone").keys("esc").want("15")
	drive(t, 80, 24, with(&failing{get: tuitest.ErrNotFound})).want("15").keys("right").want("This entry is gone", "15")
	drive(t, 80, 24, with(&failing{get: boom})).want("15").keys("ctrl+x e").want("Reading the entry failed", "type to search")
	drive(t, 80, 24, with(&failing{get: tuitest.ErrLocked})).want("15").keys("right").want("was locked from outside")
	drive(t, 80, 24, with(&failing{undo: boom})).want("15").keys("ctrl+x d").want("in the trash").keys("ctrl+x z").want("Not undone: the disk is gone")
	drive(t, 80, 24, with(&failing{skipped: []string{"one value was trimmed"}})).want("15").keys("ctrl+x d").want("in the trash").keys("ctrl+x z").want("Undone in part: one value was trimmed")
}

func TestNothingToUndo(t *testing.T) {
	t.Parallel()
	drive(t, 80, 24, opened).want("15").keys("ctrl+x z").want("Nothing to undo since the vault was opened")
}

func TestLockMaxAndWarnings(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 24, opened, func(_ *Options, op *tuitest.Opener) {
		op.Vault.Conf.LockIdle, op.Vault.About.Warnings = 0, []string{"first warning", "second warning"}
	}).want("15", "first warning")
	d.tick(16 * time.Second).want("second warning")
	d.tick(11 * time.Hour)
	if !d.r.session.open() {
		t.Fatal("locked before its time")
	}
	d.tick(time.Hour).want("it had been open for long")
}

func TestTheLockIsAnnounced(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 24, opened).want("15")
	if d.tick(13 * time.Minute); d.is("locks in") {
		t.Error("too early")
	}
	d.tick(90 * time.Second).want("locks in 30s").keys("down")
	if d.is("locks in") {
		t.Error("a key does not stop the countdown")
	}
}

func TestTheClockGoingBackDoesNotKeepTheVaultOpen(t *testing.T) {
	t.Parallel()
	now := time.Now()
	if elapsed(now, now.Add(time.Hour)) != time.Hour {
		t.Error("the monotonic clock counts")
	}
	later := now.Add(time.Hour).Round(0) // a machine that slept: only the wall clock moved on
	if got := elapsed(now.Round(0), later); got != time.Hour {
		t.Errorf("the wall clock counts: %v", got)
	}
}

func TestTheSearchLineAndTheList(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 24, opened).want("15").typed("bank").want("1 of 15").keys("esc").want(" 15").keys("tab", "j", "j", "k")
	if d.typed("u").want("copied"); d.clip.Holds() == "" {
		t.Errorf("u in the list copies the user name, not %q", d.clip.Holds())
	}
	d.keys("/").typed("ideas").want("1 of 15").keys("tab", "?").want("p  ^Y  ^X p").keys("esc").want("1 of 15")
	d.send(tea.PasteMsg{Content: " first\n"})
	d.want("Nothing matches").keys("esc").want(" 15")
	d.keys("tab").keys("q")
	d.until("the program to quit", func() bool { return d.quit })
}

func TestTheEntryBesideTheListFollowsTheCursor(t *testing.T) {
	t.Parallel()
	d := drive(t, 140, 30, opened).want("15", "octocat", "main account").keys("down", "down").want("Key        ••").settled()
	if d.is("tok_live") || d.is("main account") {
		t.Errorf("the pane shows a secret, or another entry:\n%s", d.picture())
	}
	d.typed("bank").want("bank.example").settled()
	d.send(tea.WindowSizeMsg{Width: 80, Height: 24})
	if d.is("bank.example") {
		t.Error("the pane is still there")
	}
}

func TestTheLeader(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 24, opened).want("15").keys("ctrl+x").want("^X then a letter").keys("esc")
	if d.is("then a letter") || !d.is(" 15") {
		t.Error("Esc does not end the chord")
	}
	d.keys("ctrl+x y").typed("git").want("3 of 15") // a chord that means nothing does nothing
	d.keys("ctrl+x ?").want("^Y  ^X p").keys("ctrl+x ?").want("3 of 15")
}

func TestBackStaysOnTheLastScreen(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 24, opened).want("15")
	d.send(screen.Back{})
	d.want("15").keys("ctrl+x t").want("Old forum").keys("q").want("15")
}

func TestSwitchingWaysForgetsWhatWasTyped(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 24).want("Passphrase").typed("secret").keys("ctrl+r").want("secret").keys("ctrl+r").want("••••••")
	d.keys("ctrl+o").want("▸ Keyring").keys("up").want("▸ Passphrase").keys("enter")
	if d.is("••") {
		t.Error("the passphrase is still there")
	}
	d.keys("down", "enter").want("GitHub") // the keyring, which asks its own dialog
}

func TestMoreURLsTagsAndFavourites(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 34, opened).want("15").typed("gitlab").want("1 of 15").keys("ctrl+x e").want("Edit GitLab")
	d.keys("ctrl+x u").typed("docs.gitlab.com").keys("ctrl+x u").typed("http://third.example")
	d.keys("tab", "tab", "tab", "tab").typed("a, b ,a").keys("tab", "tab", "space", "ctrl+x s").want("is saved").keys("right")
	d.want("https://gitlab.com", "https://docs.gitlab.com", "http://third.example", "a, b", "★")
	e, err := d.vault.Get(t.Context(), tuitest.ID(10), false)
	if err != nil || len(e.URLs) != 3 || e.URLs[1].URL != "https://docs.gitlab.com" || e.URLs[2].URL != "http://third.example" {
		t.Errorf("%v %+v", err, e.URLs)
	}
	d.keys("e").want("Edit GitLab").keys("tab", "ctrl+u").keys("tab", "tab", "tab", "tab", "tab", "tab", "ctrl+u").typed("b").keys("tab", "tab", "space", "ctrl+x s")
	d.until("the second save", func() bool {
		e, _ = d.vault.Get(t.Context(), tuitest.ID(10), false)
		return len(e.URLs) == 2 && slices.Equal(e.Tags, []string{"b"}) && !e.Favorite
	})
}

func TestACodeIsReplacedAndRemovedAsAWhole(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 34, opened).want("15").typed("mail").want("1 of 15").keys("ctrl+x e").want("Edit Mail").keys("tab", "tab").want("paste an otpauth")
	d.send(tea.PasteMsg{Content: "otpauth://totp/New:me?secret=JBSWY3DPEHPK3PXP&digits=8&period=60"})
	d.keys("ctrl+x s").want("“Mail” is saved").keys("right").want("Digits", "8", "Period", "60")
	e, _ := d.vault.Get(t.Context(), tuitest.ID(13), false)
	n := 0
	for _, c := range e.Credentials {
		if c.Type == entry.TOTP {
			n++
		}
	}
	if n != 1 {
		t.Fatalf("%d codes instead of one", n)
	}
	d.keys("e").want("Edit Mail").keys("tab", "tab", "backspace").want("unsaved", "(it will be removed)").keys("ctrl+x s")
	d.until("the code to go", func() bool {
		e, _ = d.vault.Get(t.Context(), tuitest.ID(13), false)
		return !e.Row().Has.TOTP
	})
	d.want("About").gone("Digits  ")
	d.keys("ctrl+x z").want("Digits")
}

// A login without a user name, and an entry without a login, get them in the credential that they have, or in a new one.
func TestMissingMembersAreAdded(t *testing.T) {
	t.Parallel()
	var id entry.ID
	d := drive(t, 80, 34, opened, func(_ *Options, op *tuitest.Opener) {
		e := tuitest.Login("Bare", "", "pw", "")
		e.Credentials[0].Members = e.Credentials[0].Members[1:]
		id = op.Vault.Add(e)
	}).want("16").typed("bare").want("1 of 16").keys("ctrl+x e").want("User name")
	d.keys("shift+tab").typed("ada").keys("tab", "tab").typed("bare.example").keys("tab", "tab").typed("a note").keys("ctrl+x s").want("is saved")
	e, err := d.vault.Get(t.Context(), id, false)
	if err != nil {
		t.Fatal(err)
	}
	var types []string
	for _, c := range e.Credentials {
		types = append(types, c.Type)
	}
	login, _ := e.Credential(entry.BasicAuth)
	note, _ := e.Credential(entry.Note)
	if !slices.Equal(types, []string{entry.BasicAuth, entry.Note}) || login.Text("username") != "ada" || note.Text("content") != "a note" {
		t.Errorf("%v %q %q", types, login.Text("username"), note.Text("content"))
	}
	d.keys("ctrl+y").until("the password that was not touched", func() bool { return d.clip.Holds() == "pw" })
}

func TestAnEntryRemovedElsewhereWhileOpen(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 24, opened).want("15").keys("right").want("One-time code")
	if _, err := d.vault.Purge(t.Context(), []entry.ID{tuitest.ID(1)}); err != nil {
		t.Fatal(err)
	}
	d.want("This entry is gone", "14")
}

func TestPurgeFromTheEntry(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 24, opened).want("15").keys("ctrl+x t").want("Old forum").keys("enter").want("in the trash").keys("D").want("Remove for good?").keys("down", "enter")
	d.want("The trash is empty", "Removed for good")
}

func TestTheKeyTableNamesEveryCopy(t *testing.T) {
	t.Parallel()
	table := KeyTable()
	for _, row := range []string{"| copy password | `p` | `^Y` |", "| copy user | `u` | `^T` |", "| copy code | `c` | `^O` |", "| save | `^X s` | `^X s` |", "| undo | `z` | `^X z` |"} {
		if !strings.Contains(table, row) {
			t.Errorf("%s is missing:\n%s", row, table)
		}
	}
}

func TestTheSavingScreenCannotBeLeftHalfWay(t *testing.T) {
	t.Parallel()
	block, entered := make(chan struct{}), make(chan struct{}, 1)
	d := drive(t, 80, 24, opened).want("15").keys("ctrl+x n", "n").want("New note").typed("Slow")
	d.vault.Slow(func(call string) {
		if call == "Apply" {
			entered <- struct{}{}
			<-block
		}
	})
	d.keys("ctrl+x s").want("saving")
	<-entered
	d.keys("esc").typed("lost?").want("saving")
	close(block)
	d.want("“Slow” is saved")
}

// A new entry whose writing was cut off by a lock is not written twice.
func TestALockWhileSavingANewEntry(t *testing.T) {
	t.Parallel()
	block, entered := make(chan struct{}), make(chan struct{}, 1)
	d := drive(t, 80, 24, opened, func(_ *Options, op *tuitest.Opener) { op.Vault.Conf.LockMax = time.Minute }).want("15")
	d.keys("ctrl+x n", "n").want("New note").typed("Cut off")
	d.vault.Slow(func(call string) {
		if call == "Apply" {
			entered <- struct{}{}
			<-block
		}
	})
	d.keys("ctrl+x s").want("saving")
	<-entered
	d.tick(time.Minute).want("Unsaved changes wait", "Passphrase")
	close(block)
	d.unlock().want("New note", "Cut off").keys("ctrl+x s").want("“Cut off” is saved")
	d.keys("esc").want("16")
}
