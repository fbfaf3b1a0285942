package tui

import (
	"errors"
	"testing"
	"time"

	"signet/tui/screen"
	"signet/tui/tuitest"
	"signet/vault/entry"
)

// again is the same vault in a program that was started anew.
func (d *driver) again(t *testing.T) *driver {
	t.Helper()
	d.until("the vault to be locked", d.vault.IsLocked)
	v := d.vault.Unlocked(false)
	return drive(t, 80, 24, func(o *Options, op *tuitest.Opener) { op.Vault, o.Vault = v, v })
}

// crash is the end without a word: the store is as it was, and what the program held is free.
func (d *driver) crash(t *testing.T) *driver {
	t.Helper()
	if err := d.vault.Lock(t.Context()); err != nil {
		t.Fatal(err)
	}
	return d.again(t)
}

func editing(t *testing.T, what string) *driver {
	t.Helper()
	return drive(t, 80, 24, opened).want("15").keys("ctrl+x e").want("unchanged").typed(what).want("unsaved")
}

func TestADraftOutlivesTheProgram(t *testing.T) {
	t.Parallel()
	d := editing(t, "n3w-secret").tick(15 * time.Minute).want("Unsaved changes wait")
	d = d.again(t).want("Edit GitHub", "unsaved", "Your unsaved changes are back")
	d.keys("ctrl+x s").want("is saved")
	d.until("the draft to go", func() bool { return d.vault.Kept() == 0 })
	d.keys("ctrl+y").want("Password copied")
	if got := d.clip.Holds(); got != "n3w-secret" {
		t.Errorf("saved %q", got)
	}
}

// kill -9 loses seconds: what was typed is written at the first pause, and then now and then.
func TestTypingIsKeptNowAndThen(t *testing.T) {
	t.Parallel()
	d := editing(t, "first")
	d.send(tickMsg{})
	if d.vault.Kept() != 0 {
		t.Error("written while somebody types")
	}
	d.tick(2*time.Second).until("the draft", func() bool { return d.vault.Kept() == 1 })
	saves := func() (n int) {
		for _, c := range d.vault.Made() {
			if c == "SaveDraft" {
				n++
			}
		}
		return n
	}
	for range 8 {
		d.typed("x").tick(time.Second)
	}
	if n := saves(); n != 1 {
		t.Errorf("%d writes within ten seconds", n)
	}
	d.tick(3*time.Second).until("the second draft", func() bool { return saves() == 2 })
	for range 30 {
		d.tick(time.Second)
	}
	if n := saves(); n != 2 {
		t.Errorf("%d writes, and nothing was typed since the second", n)
	}
	d = d.crash(t).want("Edit GitHub", "unsaved").keys("ctrl+r").want("firstxxxxxxxx")
}

func TestADiscardedDraftIsGone(t *testing.T) {
	t.Parallel()
	for name, discard := range map[string]func(*driver){
		"discarded": func(d *driver) {
			d.keys("esc").want("Discard").keys("down", "down", "enter").gone("Discard").want("type to search")
		},
		"taken back": func(d *driver) { d.keys("backspace").tick(time.Second) },
		"forgotten":  func(d *driver) { d.keys("ctrl+x l").want("forget").keys("down", "down", "enter").want("Passphrase") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := drive(t, 80, 24, opened).want("15").keys("ctrl+x e").want("unchanged").keys("shift+tab").typed("x").want("unsaved")
			d.tick(2*time.Second).until("the draft", func() bool { return d.vault.Kept() == 1 })
			discard(d)
			d.until("the draft to go", func() bool { return d.vault.Kept() == 0 })
		})
	}
}

func TestADraftOfANewEntryWithTwoSites(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 24, opened).want("15").keys("ctrl+x n").want("Login").keys("enter").want("New login")
	d.typed("Fresh").keys("ctrl+x u").typed("one.example").keys("ctrl+x u").typed("two.example").keys("ctrl+x l").want("Lock and keep them").keys("down", "enter")
	d.want("Unsaved changes wait").unlock().want("New login", "Fresh", "one.example", "two.example", "unsaved").keys("ctrl+x s").want("is saved")
	d.until("the draft to go", func() bool { return d.vault.Kept() == 0 })
}

// Several forms wait at once when they were opened one above the other.
func TestSeveralDraftsComeBackInTurn(t *testing.T) {
	t.Parallel()
	d := editing(t, "dr4ft")
	d.r.request(screen.OpenNew{Kind: entry.KindNote})
	d.want("New note").typed("Second").tick(15 * time.Minute).want("Unsaved changes wait")
	d = d.again(t).want("New note", "2 forms").keys("esc").want("Discard").keys("down", "down", "enter").want("Edit GitHub", "unsaved")
	d.until("one draft", func() bool { return d.vault.Kept() == 1 })
}

func TestADraftMeetsAChangeFromElsewhere(t *testing.T) {
	t.Parallel()
	d := editing(t, "mine").tick(15 * time.Minute).want("Unsaved changes wait")
	d.until("the vault to be locked", d.vault.IsLocked)
	id, path := d.github()
	d.vault.Elsewhere(id, path, "theirs")
	d = d.again(t).want("Edit GitHub", "unsaved").keys("ctrl+x s").want("Changed elsewhere", "Password")
	d.tick(time.Second).keys("down", "enter").want("is saved")
}

func (d *driver) github() (entry.ID, string) {
	d.t.Helper()
	v := d.vault.Unlocked(false)
	defer func() { _ = v.Lock(d.t.Context()) }()
	rows, err := v.Rows(d.t.Context(), false)
	if err != nil {
		d.t.Fatal(err)
	}
	for _, r := range rows {
		if r.Title == "GitHub" {
			e, err := v.Get(d.t.Context(), r.ID, false)
			if err != nil {
				d.t.Fatal(err)
			}
			f, err := e.Find(entry.FieldName{Alias: "password", N: 1})
			if err != nil {
				d.t.Fatal(err)
			}
			return r.ID, f.Path
		}
	}
	d.t.Fatal("no GitHub")
	return "", ""
}

func TestADraftOfAPurgedEntryBecomesANewOne(t *testing.T) {
	t.Parallel()
	d := editing(t, "only-here").tick(15 * time.Minute).want("Unsaved changes wait")
	d.until("the vault to be locked", d.vault.IsLocked)
	id, _ := d.github()
	if _, err := d.vault.Unlocked(false).Purge(t.Context(), []entry.ID{id}); err != nil {
		t.Fatal(err)
	}
	_ = d.vault.Lock(t.Context())
	d = d.again(t).want("New login", "unsaved", "was removed for good meanwhile").keys("ctrl+r").want("only-here")
	d.keys("shift+tab", "shift+tab").typed("GitHub again").keys("ctrl+x s").want("is saved")
	if d.vault.Kept() != 0 {
		d.until("the draft to go", func() bool { return d.vault.Kept() == 0 })
	}
}

// A save that was cut off after it was done is not offered a second time.
func TestADraftThatWasSavedIsNotOfferedAgain(t *testing.T) {
	t.Parallel()
	d := editing(t, "was-saved").tick(2 * time.Second)
	d.until("the draft", func() bool { return d.vault.Kept() == 1 })
	id, path := entry.ID(""), ""
	_ = d.vault.Lock(t.Context())
	id, path = d.github()
	d.vault.Elsewhere(id, path, "was-saved")
	d = d.again(t).want("had been saved already")
	d.until("the draft to go", func() bool { return d.vault.Kept() == 0 })
}

// Where nothing can be written the changes wait in memory, and quitting asks.
func TestADraftThatCannotBeWrittenWaitsInMemory(t *testing.T) {
	t.Parallel()
	d := editing(t, "in-memory")
	d.vault.NoDrafts = errors.New("no space left on device")
	d.tick(2 * time.Second).want("Unsaved changes are not kept on the disk (no space left on device)")
	d.tick(15*time.Minute).want("Passphrase", "they wait in memory, do not quit")
	d.keys("ctrl+c").want("Quit with unsaved changes?", "They could not be kept on the disk").keys("esc").gone("Quit with")
	d.unlock().want("Edit GitHub", "unsaved").keys("ctrl+r").want("in-memory")
}

func TestQuitAsksWhatBecomesOfTheChanges(t *testing.T) {
	t.Parallel()
	for choice, keys := range map[string][]string{"keep": {"down", "enter"}, "lose": {"down", "down", "enter"}} {
		t.Run(choice, func(t *testing.T) {
			t.Parallel()
			d := editing(t, "x").tick(2 * time.Second)
			d.until("the draft", func() bool { return d.vault.Kept() == 1 })
			d.typed("y").keys("ctrl+c").want("Quit and keep them").keys(keys...)
			d.until("the end", func() bool { return d.quit })
			d.r.shutDown()
			want := map[string]int{"keep": 1, "lose": 0}[choice]
			if got := d.vault.Kept(); got != want {
				t.Fatalf("%d drafts, want %d", got, want)
			}
			if want == 1 {
				d.again(t).want("Edit GitHub", "unsaved").keys("ctrl+r").want("xy")
			}
		})
	}
}

// The program ends by a signal while somebody types: the newest state is kept, not the one that was written last.
func TestTheEndKeepsTheNewestState(t *testing.T) {
	t.Parallel()
	d := editing(t, "old").tick(2 * time.Second)
	d.until("the draft", func() bool { return d.vault.Kept() == 1 })
	d.typed("-new")
	d.r.shutDown()
	d.again(t).want("Edit GitHub").keys("ctrl+r").want("old-new")
}

// Nothing of the demo is kept, and it never shows up in the user's own vault.
func TestADraftOfTheDemoStaysInTheDemo(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 24, fresh).want("Try a demo vault").keys("down", "down", "enter").want("demo").want("15").keys("ctrl+x e").want("unchanged").typed("x").want("unsaved")
	d.tick(20 * time.Second).tick(15 * time.Minute).want("Try a demo vault")
	if len(d.r.waiting) > 0 || d.is("Unsaved changes") {
		t.Error("the demo's draft waits for another vault")
	}
}

func TestDraftsOfTwoStatesNeverChangePlaces(t *testing.T) {
	t.Parallel()
	clock := tuitest.NewClock()
	v, k := tuitest.Sample(clock), newKeeper()
	older, newer := k.job(screen.Draft{ID: "a", Title: "older"}), k.job(screen.Draft{ID: "a", Title: "newer"})
	for _, j := range []job{newer, older} {
		if _, err := k.save(t.Context(), v, []job{j}); err != nil {
			t.Fatal(err)
		}
	}
	_ = v.Lock(t.Context())
	got, err := readDrafts(t.Context(), v.Unlocked(false), nil)
	if err != nil || len(got) != 1 || got[0].Title != "newer" {
		t.Errorf("got %+v, %v", got, err)
	}
	late := k.job(screen.Draft{ID: "a", Title: "late"})
	k.drop("a")
	k.purge(t.Context(), v)
	if _, err := k.save(t.Context(), v, []job{late}); err != nil || v.Kept() != 0 {
		t.Errorf("a state from before the save came back: %d, %v", v.Kept(), err)
	}
}
