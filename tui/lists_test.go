package tui

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	tea "charm.land/bubbletea/v2"

	"signet/tui/screen"
	"signet/tui/tuitest"
	"signet/vault/entry"
)

// rows are the rows of the fake vault by title.
func (d *driver) rows(trash bool) map[string]entry.Row {
	d.t.Helper()
	rows, err := d.vault.Rows(d.t.Context(), trash)
	if err != nil {
		d.t.Fatal(err)
	}
	out := map[string]entry.Row{}
	for _, r := range rows {
		out[r.Title] = r
	}
	return out
}

// applied counts the steps that were written.
func (d *driver) applied() (n int) {
	for _, c := range d.vault.Made() {
		if c == "Apply" {
			n++
		}
	}
	return n
}

func TestMarkedEntriesGetTagsInOneStep(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 24, opened).want("15").keys("git").want("3 of 15").keys("tab", "space", "space").want("2 marked")
	d.keys("T").want("Tags of 2 entries", "[-] code").typed("co").keys("tab").typed("brand new").keys("enter").want("Tags of 2 entries: +code +brand new")
	rows := d.rows(false)
	if !slices.Equal(rows["GitHub"].Tags, []string{"brand new", "code", "work"}) || !slices.Equal(rows["Gitea at home"].Tags, []string{"brand new", "code"}) || len(rows["GitLab"].Tags) != 0 {
		t.Errorf("%q %q %q", rows["GitHub"].Tags, rows["Gitea at home"].Tags, rows["GitLab"].Tags)
	}
	if d.applied() != 1 || d.is("marked") {
		t.Errorf("%d steps:\n%s", d.applied(), d.picture())
	}
	d.keys("z").want("Taken back")
	if rows = d.rows(false); len(rows["Gitea at home"].Tags) != 0 || len(rows["GitHub"].Tags) != 2 {
		t.Errorf("undo left %q %q", rows["Gitea at home"].Tags, rows["GitHub"].Tags)
	}
}

// The tags that all have are taken away by switching them off.
func TestATagIsTakenAway(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 24, opened).want("15").keys("github").want("1 of 15").keys("ctrl+x T").want("[✓] code").typed("work").keys("enter").want("-work")
	if tags := d.rows(false)["GitHub"].Tags; !slices.Equal(tags, []string{"code"}) {
		t.Errorf("%q", tags)
	}
	d.keys("ctrl+x T").want("[✓] code").typed("a,b").keys("enter").want("a tag has no comma").keys("esc").gone("comma")
}

func TestMarkedEntriesMoveToANewFolder(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 24, opened).want("15").typed("wi-fi").want("1 of 15").keys("ctrl+x space").want("1 marked")
	d.keys("esc").gone("marked").keys("esc").want(" 15").typed("mail").want("of 15").keys("ctrl+x *").want("marked").keys("ctrl+x M").want("to a folder")
	d.typed("Work / Mail").want("make the folder").keys("enter").want("in “Work / Mail”")
	folders, _ := d.vault.Folders(t.Context())
	if len(folders) != 2 || !slices.ContainsFunc(folders, func(f screen.Folder) bool { return slices.Equal(f.Path, []string{"Work", "Mail"}) }) {
		t.Fatalf("%+v", folders)
	}
	if r := d.rows(false)["Mail"]; len(r.Folders) != 1 {
		t.Errorf("%+v", r.Folders)
	}
	d.keys("ctrl+x z").want("Taken back")
	if folders, _ = d.vault.Folders(t.Context()); len(folders) != 1 {
		t.Errorf("undo left %+v", folders)
	}
}

func TestFavouritesTrashAndRestoreOfMany(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 24, opened).want("15").keys("git").want("3 of 15").keys("ctrl+x *").want("3 marked").keys("ctrl+x F").want("3 entries are favourites", "★ GitLab")
	for _, title := range []string{"GitHub", "GitLab", "Gitea at home"} {
		if !d.rows(false)[title].Favorite {
			t.Errorf("%s is none", title)
		}
	}
	d.keys("ctrl+x *").want("3 marked").keys("ctrl+x F").want("no favourite any more").keys("ctrl+x *").want("3 marked").keys("ctrl+x d").want("3 entries are in the trash")
	d.keys("ctrl+x t").want("Old forum", "4").keys("*").want("4 marked").keys("space").want("3 marked").keys("R").want("3 entries are out of the trash")
	if n := len(d.rows(true)); n != 1 {
		t.Fatalf("%d are left", n)
	}
	d.keys("*").want("1 marked").keys("D").want("Remove for good?").keys("down", "enter").want("The trash is empty")
}

// What is marked is what is exported; without marks it is everything.
func TestMarkedEntriesAreExported(t *testing.T) {
	t.Parallel()
	d := drive(t, 100, 40, opened).want("15").keys("git").want("3 of 15").keys("ctrl+x *").want("3 marked").keys("ctrl+x x").want("3 chosen entries")
	d.keys("esc").want("3 marked")
}

func TestARangeIsMarked(t *testing.T) {
	t.Parallel()
	drive(t, 80, 24, opened).want("15").keys("tab", "j", "space", "j", "j", "V").want("4 marked").keys("*").want("15 marked").keys("*").gone("marked")
}

// What is marked stays marked while the search changes, and Esc takes the marks away before anything else.
func TestMarksOutliveASearch(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 24, opened).want("15").keys("visa").want("1 of 15").keys("ctrl+x space").want("1 marked").keys("ctrl+u").want(" 15").keys("ideas").want("1 of 15").keys("ctrl+x space").want("2 marked")
	d.keys("ctrl+x d").want("2 entries are in the trash")
	if rows := d.rows(true); len(rows) != 3 || rows["Visa"].ID == "" || rows["Ideas"].ID == "" {
		t.Errorf("%+v", rows)
	}
}

func TestSorting(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 24, opened).want("15").keys("tab", "S").want("last changed first", "▸★ GitHub").keys("S").want("last used first").keys("S").want("newest first").keys("S").gone("first")
	d.keys("S").want("last changed first").keys("L").want("Passphrase")
	d.unlock().want("last changed first") // kept over a lock
}

func TestTabCompletesFilters(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 24, opened).want("15").typed("ta").want("Tab tag:").keys("tab").want("▸ tag:", "code 1", "work 1").keys("tab").want("▸ tag:code").want("1 of 15")
	d.keys("tab").want("▸ tag:work").typed(" -has:t").want("totp").keys("tab").want("-has:totp").want("0 of 15", "1 entry matches without -has:totp")
	d.keys("esc").want(" 15").keys("tab").typed("j") // without an offer Tab moves the focus
	if d.is("▸ j") {
		t.Error("Tab did not go to the list")
	}
	d.keys("/", "ctrl+u").typed("in:tr").keys("tab").want("in:trash", "Old forum").keys("esc").want(" 15").keys("tab")
	d.keys("/").typed(`folder:w`).keys("tab").want("folder:Work").want("1 of 15").typed("x").want("folder:Work x")
}

func TestAFilterThatNamesNothingSaysSo(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 24, opened).want("15").typed("tag:zzz").want("No tag begins with “zzz”.", "clears the search").keys("esc").typed("kind:no").want("1 of 15").typed("pe").want("use login, note")
	d.keys("esc").typed("in:trash").want("Old forum", "Trash").keys("enter").want("in the trash").keys("esc").want("Old forum").keys("ctrl+x R").want("out of the trash", "The trash is empty")
	d.keys("esc").want("16")
}

func TestWhereItMatchedIsShown(t *testing.T) {
	t.Parallel()
	drive(t, 80, 24, opened).want("15").typed("code").want("#code").keys("esc").typed("work").want("1 of 15", "#work").keys("esc").typed("bücher").want("1 of 15", "xn--bcher-kva")
}

func TestFoldersAndTags(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 24, opened).want("15").keys("ctrl+x f").want("Folders", "Work", "Tags", "#code").keys("enter").want("folder:Work", "1 of 15", "GitHub")
	d.keys("f").want("#code").keys("n").want("New folder", "Work / ").typed("Inner").keys("enter").want("is made", "▸ Work", "  Inner  ").keys("e").want("Another name").keys("ctrl+u").typed("Job").keys("enter").want("is renamed", "▸ Job  ")
	d.keys("j").keys("M").want("Move “Inner” into").typed("top").keys("enter").want("is moved")
	d.until("the move", func() bool {
		folders, _ := d.vault.Folders(t.Context())
		return !slices.ContainsFunc(folders, func(f screen.Folder) bool { return len(f.Path) > 1 })
	})
	d.until("the new order", func() bool { return strings.Index(d.picture(), " Inner ") < strings.Index(d.picture(), "Job ") }).keys("g", "d").want("Remove the folder", "0 entries").keys("esc").keys("j", "d").want("Remove the folder “Job”?", "1 entry").keys("down", "enter").want("is removed")
	if r := d.rows(false)["GitHub"]; r.ID == "" || len(r.Folders) != 0 {
		t.Errorf("the entry is %+v", r)
	}
	d.keys("z").want("Taken back").until("the folder to be back", func() bool { return len(d.rows(false)["GitHub"].Folders) == 1 })
}

func TestTagsAreRenamedMergedAndRemoved(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 24, opened, func(_ *Options, op *tuitest.Opener) {
		e := tuitest.Login("Tagged", "ada", "x", "")
		e.Tags = []string{"work", "old"}
		op.Vault.Add(e)
	}).want("16").keys("ctrl+x f").want("#code", "#old", "#work").keys("G").keys("e").want("Another name for “work”").keys("ctrl+u").typed("code").want("code").keys("enter").want("is merged with")
	if rows := d.rows(false); !slices.Equal(rows["GitHub"].Tags, []string{"code"}) || !slices.Equal(rows["Tagged"].Tags, []string{"code", "old"}) {
		t.Errorf("%q %q", rows["GitHub"].Tags, rows["Tagged"].Tags)
	}
	d.gone("#work").keys("g", "j").keys("d").want("Remove the tag “code”?", "2 entries").keys("down", "enter").want("is removed").gone("#code")
	d.keys("G", "d").want("Remove the tag “old”?").keys("down", "enter").want("“old” is removed").keys("z").want("Taken back", "#old").keys("G", "enter").want("tag:old", "Tagged")
}

func TestTheMouseInTheList(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 24, opened).want("15").keys("tab")
	d.click("Deploy key").want("▸  Deploy key").typed("j").want("▸  Example Bank").click("type to search").typed("x").want("▸ x").keys("esc").want(" 15").settled()
	d.send(tea.WindowSizeMsg{Width: 80, Height: 10})
	d.send(tea.MouseWheelMsg{X: 10, Y: 4, Button: tea.MouseWheelDown})
	d.gone("GitHub").click("GitLab").click("GitLab").want("About")
}

// A click and the wheel anywhere, at any size, break nothing.
func TestTheMouseAtEverySize(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 24, opened).want("15")
	for _, open := range []string{"", "ctrl+x T", "esc", "ctrl+x f"} {
		if open != "" {
			d.keys(open)
		}
		for _, s := range [][2]int{{0, 0}, {1, 1}, {40, 12}, {120, 8}, {300, 80}} {
			d.send(tea.WindowSizeMsg{Width: s[0], Height: s[1]})
			for y := -1; y < s[1]+2; y += 3 {
				d.send(tea.MouseClickMsg{X: y * 3, Y: y, Button: tea.MouseLeft})
				d.send(tea.MouseWheelMsg{X: y * 3, Y: y, Button: tea.MouseWheelDown - tea.MouseButton(y&1)})
				checkFrame(t, d, s[0], s[1])
			}
		}
	}
}

// differ is a vault that says what changed, and counts how often everything is read.
type differ struct {
	*tuitest.Vault
	mu   sync.Mutex
	seen map[entry.ID]entry.Row
	full int
}

func (f *differ) Rows(ctx context.Context, trash bool) ([]entry.Row, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.full++
	return f.Vault.Rows(ctx, trash)
}

func (f *differ) Changes(ctx context.Context, since string) (screen.Changes, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := map[entry.ID]entry.Row{}
	c := screen.Changes{Mark: "mark", All: since == ""}
	for _, trash := range []bool{false, true} {
		rows, err := f.Vault.Rows(ctx, trash)
		if err != nil {
			return c, err
		}
		for _, r := range rows {
			now[r.ID] = r
			if !reflect.DeepEqual(f.seen[r.ID], r) {
				c.Rows = append(c.Rows, r)
			}
		}
	}
	for id := range f.seen {
		if _, there := now[id]; !there {
			c.Gone = append(c.Gone, id)
		}
	}
	f.seen = now
	return c, nil
}

// After an edit only what changed is read, and the list is what it would be otherwise.
func TestAnEditDoesNotReadEverythingAgain(t *testing.T) {
	t.Parallel()
	f := &differ{}
	d := drive(t, 80, 24, opened, func(o *Options, op *tuitest.Opener) { f.Vault = op.Vault; o.Vault = f }).want("15").keys("tab").settled()
	d.vault.Elsewhere(tuitest.ID(18), entry.PathTitle, "Aardvark ideas")
	d.want("Aardvark ideas").keys("d").want("in the trash").want(" 14").keys("z").want("Taken back", " 15")
	if _, err := d.vault.Purge(t.Context(), []entry.ID{tuitest.ID(18)}); err != nil {
		t.Fatal(err)
	}
	d.gone("Aardvark")
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.full != 1 {
		t.Errorf("everything was read %d times", f.full)
	}
}

// What was just copied comes first among equals in the next search.
func TestUseCountsAtOnce(t *testing.T) {
	t.Parallel()
	f := &differ{}
	d := drive(t, 80, 24, opened, func(o *Options, op *tuitest.Opener) { f.Vault = op.Vault; o.Vault = f }).want("15").typed("git").want("3 of 15", "▸★ GitHub")
	d.keys("down", "down").want("▸  GitLab").keys("ctrl+y").want("Password copied")
	d.until("the use to be counted", func() bool { use, _ := d.vault.Usage(t.Context()); return len(use) == 1 })
	d.keys("ctrl+u").want(" 15").typed("git").want("3 of 15", "▸  GitLab").settled().want("▸  GitLab")
}

func TestReadOnlyListsAreNotChanged(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 24, opened, func(_ *Options, op *tuitest.Opener) { op.Vault.About.ReadOnly = true }).want("15").keys("tab")
	for _, k := range []string{"T", "M", "F", "d"} {
		d.keys(k).want("read only")
	}
	d.keys("*", "d").want("read only").keys("f").want("#code").keys("n").want("read only")
	if d.applied() != 0 {
		t.Error("something was written")
	}
}

func TestEveryListSaysWhatToDoWhenItIsEmpty(t *testing.T) {
	t.Parallel()
	empty := func(o *Options, op *tuitest.Opener) { o.Vault = tuitest.NewVault(op.Vault.Clock) }
	d := drive(t, 80, 24, opened, empty).want("No entries yet", "^X n", "^X i").keys("ctrl+x f").want("No folders and no tags yet", "make a folder").keys("n").typed("Bank").keys("enter").want("is made", "▸ Bank  ").keys("enter").want("No entries yet")
	d.keys("esc", "ctrl+x t").want("The trash is empty", "back to the entries")
	full := drive(t, 80, 24, opened).want("15").keys("ctrl+x f").want("Work").keys("n").keys("ctrl+u").typed("Bank").keys("enter").want("is made", "  Bank  ").keys("g", "enter").want("Nothing is in this folder.", "moves entries")
	full.keys("esc").want("15")
}

// Linear mode reads the row: one pane, and the cursor at it.
func TestLinearListsPutTheCursorAtTheRow(t *testing.T) {
	t.Parallel()
	d := drive(t, 200, 50, opened).want("15").settled()
	d.r.theme.Linear = true
	if _, cur := d.r.picture(); !cur.Shown || cur.Y != 2 {
		t.Errorf("while typing the cursor is at %+v", cur)
	}
	d.keys("down", "down")
	if _, cur := d.r.picture(); !cur.Shown || cur.Y != 6 {
		t.Errorf("after a move the cursor is at %+v", cur)
	}
	if strings.Contains(d.picture(), "User name") {
		t.Error("two panes")
	}
}

func TestHostileNamesOfFoldersAndTags(t *testing.T) {
	t.Parallel()
	d := drive(t, 100, 30, opened, func(_ *Options, op *tuitest.Opener) {
		e := tuitest.Login("Harmless", "ada", "x", "")
		e.Tags = []string{tuitest.Hostile}
		id := tuitest.ID(77)
		for _, f := range entry.NewFolder(id, tuitest.Hostile+strings.Repeat("x", 3000), "") {
			op.Vault.Elsewhere(f.Record, f.Path, f.Value.RevealString())
		}
		e.Folders = []entry.ID{id}
		op.Vault.Add(e)
	}).want("16")
	check := func() {
		t.Helper()
		if p := d.picture(); strings.ContainsAny(p, "\x1b\x07\u202e") {
			t.Errorf("%q", p)
		}
		checkFrame(t, d, 100, 30)
	}
	d.typed("owned").want("2 of 16")
	check()
	d.keys("esc").typed("tag:").want("Tab")
	check()
	d.keys("tab")
	check()
	d.keys("esc", "ctrl+x f").want("Tags")
	check()
	d.keys("G", "e").want("Another name")
	check()
}

func ExampleKeys() {
	fmt.Println(Keys().Do.Folders.Help().Key, Keys().Do.Tag.Help().Key)
	// Output: f T
}

// is:weak starts the audit, says how far it is, and lists what it found; after an edit it is asked again.
func TestAuditFiltersRunTheAudit(t *testing.T) {
	t.Parallel()
	var auditor *tuitest.Auditor
	release := func() {}
	d := drive(t, 80, 24, opened, func(o *Options, _ *tuitest.Opener) {
		auditor, _ = o.Ports.Auditor.(*tuitest.Auditor)
		release = auditor.Hold()
	}).want("15").typed("is:weak").want("Examining the passwords")
	release()
	d.want("Mail").keys("backspace", "backspace", "backspace", "backspace").typed("untagged").want("14 of 15").keys("ctrl+u").typed("-is:weak mail").want("Nothing matches", "without -is:weak")
	d.keys("ctrl+u").typed("is:insecure").want("1 of 15", "Gitea")
	before := auditor.Ran()
	d.vault.Elsewhere(tuitest.ID(13), entry.PathTitle, "Mail elsewhere")
	d.until("another audit", func() bool { return auditor.Ran() > before }).want("1 of 15")
}

func TestAnAuditThatFailsSaysSo(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 24, opened, func(o *Options, _ *tuitest.Opener) {
		a, _ := o.Ports.Auditor.(*tuitest.Auditor)
		a.Err = errors.New("the disk is gone")
	}).want("15").typed("is:reused").want("The audit failed: the disk is gone")
	d.keys("esc").want(" 15")
	drive(t, 80, 24, opened, func(o *Options, _ *tuitest.Opener) { o.Ports.Auditor = nil }).want("15").typed("is:weak").want("There is no audit here")
}
