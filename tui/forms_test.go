package tui

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"pgregory.net/rapid"

	"signet/tui/screen"
	"signet/tui/tuitest"
	"signet/vault/entry"
)

// outsider has an outside editor that runs at once, as in the real program: while it runs no message is handled.
func outsider(e *tuitest.Editor) setting {
	return func(o *Options, _ *tuitest.Opener) {
		o.Ports.Editor = e
		o.exec = func(c tea.ExecCommand, done tea.ExecCallback) tea.Cmd {
			return func() tea.Msg { return runNow{c, done} }
		}
	}
}

// kinds are all forms that "add" offers, by their letter, with what their headings say.
var kinds = map[string]string{
	"l": "New login", "n": "New note", "t": "New one-time code alone", "c": "New card", "i": "New identity", "p": "New passport", "d": "New driving licence",
	"o": "New identity document", "s": "New SSH key", "a": "New API key", "w": "New Wi-Fi", "f": "New file", "u": "New custom fields",
}

func TestEveryKindHasAForm(t *testing.T) {
	t.Parallel()
	for letter, heading := range kinds {
		t.Run(heading, func(t *testing.T) {
			t.Parallel()
			d := drive(t, 80, 40, opened).want("15").keys("ctrl+x n", letter).want(heading, "▸ Title", "Folder", "[ Save ]")
			d.typed("Made here").keys("ctrl+x s").want("“Made here” is saved")
			want := map[string]string{"n": "note", "t": "totp", "c": "card", "i": "identity", "p": "document", "d": "document", "o": "document", "s": "ssh", "a": "api", "w": "wifi", "l": "login"}[letter]
			rows, err := d.vault.Rows(t.Context(), false)
			i := slices.IndexFunc(rows, func(r entry.Row) bool { return r.Title == "Made here" })
			if err != nil || i < 0 || want != "" && string(rows[i].Kind) != want {
				t.Errorf("%v: saved as %+v", err, rows[max(i, 0)].Kind)
			}
		})
	}
}

// Whatever is typed into a form comes back when the entry is opened again, whatever its kind; opening it writes nothing.
func TestAFormAndItsEntryAgree(t *testing.T) {
	t.Parallel()
	var letters []string
	for _, letter := range slices.Sorted(maps.Keys(kinds)) {
		if letter != "t" && letter != "s" { // their secrets are not text
			letters = append(letters, letter)
		}
	}
	rapid.Check(t, func(rt *rapid.T) {
		letter := rapid.SampledFrom(letters).Draw(rt, "kind")
		d := drive(t, 100, 60, opened).want("15").keys("ctrl+x n", letter).want(kinds[letter])
		typed, title := map[string]string{}, ""
		for i := range 24 {
			label, kind := d.focusedField()
			if strings.HasPrefix(label, "[ Save") {
				break
			}
			text := rapid.SampledFrom([]string{"", "word", "zwei Wörter", "日本", "x,y"}).Draw(rt, label)
			switch {
			case i == 0:
				text = "Title " + text
				title = strings.TrimSpace(text)
			case kind != "" || !plainFields(label):
				text = ""
			}
			d.typed(text)
			typed[label] = strings.TrimSpace(text)
			d.keys("tab")
		}
		d.keys("ctrl+x s").want("is saved")
		e := d.entryTitled(title)
		before := d.fields(e.ID)
		for label, text := range typed {
			if text != "" && !hasValue(before, text) {
				rt.Errorf("%s: %q is nowhere in %v", label, text, before)
			}
		}
		d.send(screen.OpenEdit{ID: e.ID})
		d.want("Edit Title").keys("ctrl+x s")
		if after := d.fields(e.ID); !same(before, after) {
			rt.Errorf("saving again wrote %v", diff(before, after))
		}
	})
}

// plainFields reports whether a field takes any text.
func plainFields(label string) bool {
	for _, s := range []string{"xpires", "Valid", "Born", "Issued", "Web site", "E-mail", "URL", "ountry", "Folder", "Tags", "One-time code", "Name of the field"} {
		if strings.Contains(label, s) && label != "Issuing authority" {
			return false
		}
	}
	return true
}

func hasValue(fields map[string]string, text string) bool {
	for _, v := range fields {
		if strings.TrimSpace(v) == text {
			return true
		}
	}
	return false
}

// focusedField is the label of the field with the focus, and "choice" or "switch" where nothing can be typed.
func (d *driver) focusedField() (label, kind string) {
	for _, line := range strings.Split(d.picture(), "\n") {
		rest, ok := strings.CutPrefix(strings.TrimSpace(line), "▸ ")
		if !ok {
			continue
		}
		switch {
		case strings.HasPrefix(rest, "[ ]"), strings.HasPrefix(rest, "[✓]"):
			kind = "switch"
		case strings.HasSuffix(rest, ">") && strings.Contains(rest, "<"):
			kind = "choice"
		}
		label, _, _ = strings.Cut(rest, "  ")
		return label, kind
	}
	return "", ""
}

func (d *driver) entryTitled(title string) entry.Entry {
	d.t.Helper()
	rows, err := d.vault.Rows(d.t.Context(), false)
	for _, r := range rows {
		if r.Title == title {
			e, err := d.vault.Get(d.t.Context(), r.ID, false)
			if err != nil {
				d.t.Fatal(err)
			}
			return e
		}
	}
	d.t.Fatalf("no entry %q: %v", title, err)
	return entry.Entry{}
}

// focusOn goes to a field by its label.
func (d *driver) focusOn(label string) *driver {
	d.t.Helper()
	for range 60 {
		if got, _ := d.focusedField(); strings.HasPrefix(got, label) {
			return d
		}
		d.keys("tab")
	}
	d.t.Fatalf("there is no field %q:\n%s", label, d.picture())
	return d
}

func TestDatesAreReadAsPeopleWriteThem(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 40, opened).want("15").keys("ctrl+x e").want("unchanged").focusOn("Entry expires").typed("31.12.2027").keys("tab").want("2027-12-31")
	d.keys("shift+tab", "ctrl+u").typed("3/4/2027").keys("tab").want("this may be 2027-04-03 or 2027-03-04").keys("shift+tab", "ctrl+u").typed("+1y").keys("ctrl+x s").want("is saved")
	if e := d.entryTitled("GitHub"); e.Expires.Format(time.DateOnly) != "2027-03-14" {
		t.Errorf("expires %v", e.Expires)
	}
}

func TestAFolderIsCompletedOrMade(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 40, opened).want("15").keys("ctrl+x e").want("unchanged", "Work").focusOn("Folder").keys("ctrl+u").typed("Pri").want("a new folder: Pri")
	d.keys("ctrl+u").typed("wo").want("    Work").keys("right").want("Folder         Work").keys("ctrl+u").typed("Home / Bank").want("a new folder: Home/Bank").keys("ctrl+x s").want("is saved")
	folders, err := d.vault.Folders(t.Context())
	names := map[string]entry.ID{}
	for _, f := range folders {
		names[f.Path[len(f.Path)-1]] = f.ID
	}
	e := d.entryTitled("GitHub")
	if err != nil || len(e.Folders) != 1 || e.Folders[0] != names["Bank"] || names["Home"] == "" {
		t.Errorf("%v: in %v of %v", err, e.Folders, names)
	}
}

func TestTagsAreCompleted(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 40, opened).want("15").keys("ctrl+x e").want("unchanged").focusOn("Tags").keys("ctrl+u").typed("new, wo").want("  work").keys("right").keys("ctrl+x s").want("is saved")
	if e := d.entryTitled("GitHub"); !slices.Equal(slices.Sorted(slices.Values(e.Tags)), []string{"new", "work"}) {
		t.Errorf("%v", e.Tags)
	}
}

func TestACustomFieldIsAddedNamedMovedAndTakenOut(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 50, opened).want("15").keys("ctrl+x e").want("unchanged").keys("ctrl+x a").want("Add to this entry", "Hidden text").keys("h").want("▸ Name of the field")
	d.typed("Door code").keys("tab").want("▸ Door code").typed("4711").keys("ctrl+x a").want("E-mail address").keys("e").want("▸ Name of the field").typed("Billing").keys("tab").typed("no mail")
	d.keys("tab").want("name@example.com").keys("shift+tab", "ctrl+u").typed("pay@example.com").keys("ctrl+x up").keys("ctrl+x s").want("is saved")
	e := d.entryTitled("GitHub")
	c, _ := e.Credential(entry.Custom)
	if len(c.Fields) != 2 || c.Fields[0].Label != "Billing" || c.Fields[1].Label != "Door code" || c.Fields[0].Type != entry.TypeEmail || !c.Fields[1].Concealed {
		t.Fatalf("%+v", c.Fields)
	}
	before := d.fields(e.ID)
	d.send(screen.OpenEdit{ID: e.ID})
	d.want("Edit GitHub", "pay@example.com").focusOn("Billing").keys("ctrl+x n").want("▸ Name of the field").keys("ctrl+u").typed("Invoices").keys("ctrl+x s")
	d.until("the new name", func() bool {
		c, _ := d.entryTitled("GitHub").Credential(entry.Custom)
		return c.Fields[0].Label == "Invoices"
	}).want("type to search")
	if got := diff(before, d.fields(e.ID)); len(got) != 1 || !strings.HasSuffix(got[0], "/label") {
		t.Errorf("renaming wrote %v", got)
	}
	d.send(screen.OpenEdit{ID: e.ID})
	d.want("Edit GitHub", "Invoices").focusOn("Invoices").keys("ctrl+x d").want("brings it back", "unsaved").keys("ctrl+x z").want("pay@example.com")
	d.keys("ctrl+x d").want("brings it back").keys("ctrl+x s")
	d.until("the field to go", func() bool {
		c, _ := d.entryTitled("GitHub").Credential(entry.Custom)
		return len(c.Fields) == 1 && c.Fields[0].Label == "Door code"
	})
}

func TestASectionIsAddedAndTakenOut(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 50, opened).want("15").keys("ctrl+x e").want("unchanged").keys("ctrl+x a").want("Section: Card")
	for !d.is("▸ Section: Card") {
		d.keys("down")
	}
	d.keys("enter").want("▸ Number").typed("4111 1111 1111 1111").want("Visa").keys("ctrl+x s").want("is saved")
	e := d.entryTitled("GitHub")
	if c, ok := e.Credential(entry.CreditCard); !ok || c.Text("cardType") != "Visa" {
		t.Fatalf("%+v", e.Credentials)
	}
	d.send(screen.OpenEdit{ID: e.ID})
	d.want("Edit GitHub", "Visa").focusOn("Type").keys("ctrl+x d").want("Take out: Card?", "Number, Type will go").keys("down", "enter").gone("Visa").keys("ctrl+x s")
	d.until("the card to go", func() bool { _, ok := d.entryTitled("GitHub").Credential(entry.CreditCard); return !ok }).want("type to search")
	d.keys("ctrl+x z").until("the card to come back", func() bool { _, ok := d.entryTitled("GitHub").Credential(entry.CreditCard); return ok })
}

func TestTheMatchOfAWebSite(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 40, opened).want("15").keys("ctrl+x e").want("unchanged").focusOn("Web site").keys("ctrl+x m").want("it stands for", "as usual").keys("right").want("all below it").keys("ctrl+x s").want("is saved")
	if e := d.entryTitled("GitHub"); e.URLs[0].Match != "domain" {
		t.Errorf("%+v", e.URLs)
	}
}

func TestACodeIsUnderstoodWhileItIsPasted(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 40, opened).want("15").keys("ctrl+x n", "l").want("New login")
	d.send(tea.PasteMsg{Content: "otpauth://totp/Shop:ada@example.com?secret=JBSWY3DPEHPK3PXP&issuer=Shop&digits=8&algorithm=SHA256\n"})
	d.want("it went into its own field", "Shop ada@example.com", "8 digits", "SHA256", "every 30s", "now", "User name      ada@example.com")
	d.keys("ctrl+x s").want("“Shop” is saved")
}

func TestASteamSecretAndACounter(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 40, opened).want("15").keys("ctrl+x n", "t").want("New one-time code").typed("S").keys("tab").typed("jbsw y3dp ehpk 3pxp").want("6 digits", "every 30s", "now 249 321")
	d.keys("ctrl+u")
	d.send(tea.PasteMsg{Content: "steam://JBSWY3DPEHPK3PXP"})
	d.want("Steam", "now ").keys("ctrl+u")
	d.send(tea.PasteMsg{Content: "otpauth://hotp/x?secret=JBSWY3DPEHPK3PXP&counter=4"})
	d.want("by counter").keys("ctrl+u")
	d.send(tea.PasteMsg{Content: "otpauth-migration://offline?data=abc"})
	d.keys("tab").want("several keys")
}

func TestAnSSHKeyIsMadeAndUnderstood(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 40, opened).want("15").keys("ctrl+x n", "s").want("New SSH key").typed("Deploy 2").keys("tab").want("▸ Private key").keys("ctrl+g").want("ssh-ed25519", "SHA256:", "(hidden: ")
	if d.is("BEGIN OPENSSH") {
		t.Error("the key is shown unasked")
	}
	d.keys("ctrl+r").want("BEGIN OPENSSH").keys("ctrl+r").gone("BEGIN OPENSSH").keys("ctrl+x s").want("is saved")
	c, _ := d.entryTitled("Deploy 2").Credential(entry.SSHKey)
	if c.Text("keyType") != "ssh-ed25519" || !strings.HasPrefix(c.Text("signet:fingerprint"), "SHA256:") {
		t.Errorf("%q %q", c.Text("keyType"), c.Text("signet:fingerprint"))
	}
	d.send(screen.OpenNew{Kind: entry.KindSSH})
	d.want("New SSH key").keys("tab")
	d.send(tea.PasteMsg{Content: "not a key\nat all"})
	d.want("no private key that Signet can read")
}

func TestTheStrengthOfATypedPasswordIsTold(t *testing.T) {
	t.Parallel()
	drive(t, 80, 40, opened).want("15").keys("ctrl+x e").want("unchanged").typed("abc").want("weak, about").typed("defghijklmnopqrstuvwxyz0123456").want("strong").gone("about").keys("ctrl+u").gone("about")
}

func TestAGeneratedPasswordIsNotLostWithTheForm(t *testing.T) {
	t.Parallel()
	made := &tuitest.Made{}
	with := func(o *Options, op *tuitest.Opener) { opened(o, op); made.Clock = op.Vault.Clock; o.Ports.Made = made }
	d := drive(t, 80, 40, with).want("15").keys("ctrl+x e").want("unchanged").keys("ctrl+g").want("124 bits").keys("enter").want("unsaved", "made here")
	d.until("the password to be kept", func() bool { return made.Count() == 1 })
	d.keys("esc").want("Discard").keys("down", "down", "enter").want("type to search").keys("ctrl+x e").want("unchanged").keys("ctrl+x h").want("Made before, on this device", "2026-03-14 15:09")
	if d.is("#39N") {
		t.Error("shown unasked")
	}
	d.keys("r").want("#39N").keys("r").gone("#39N").keys("enter").want("unsaved").keys("ctrl+r").want("#39N")
	d.keys("ctrl+x h").want("Made before", "2026-03").keys("D").want("Forget them all?").keys("down", "enter").want("are forgotten").keys("ctrl+x h").want("none yet")
}

func TestTheGeneratorRemembersItsRecipe(t *testing.T) {
	t.Parallel()
	made := &tuitest.Made{}
	with := func(o *Options, op *tuitest.Opener) { opened(o, op); made.Clock = op.Vault.Clock; o.Ports.Made = made }
	d := drive(t, 80, 40, with).want("15").keys("ctrl+x e").want("unchanged").keys("ctrl+g").want("[✓] symbols").keys("s").want("[ ] symbols").keys("c").want("[ ] capitals").keys("enter").want("unsaved")
	d.until("the password to be kept", func() bool { return made.Count() == 1 })
	other := drive(t, 80, 40, with).want("15").keys("ctrl+x e").want("unchanged").keys("ctrl+g").want("[ ] symbols", "[ ] capitals", "[✓] digits")
	other.keys("w").want("6 words", "able-acid").keys("e").want("able acid").keys("right").want("7 words").keys("esc", "ctrl+g").want("7 words")
}

func TestTypingIsTakenBackInAForm(t *testing.T) {
	t.Parallel()
	drive(t, 80, 40, opened).want("15").keys("ctrl+x e").want("unchanged").typed("n3w").want("unsaved").keys("ctrl+x z").want("unchanged").gone("unsaved").keys("ctrl+x y").want("unsaved")
}

func TestBothValuesOfAFieldThatWasChangedElsewhereAreShown(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 40, opened).want("15").keys("ctrl+x e").want("unchanged").typed("mine-pw").focusOn("User name").keys("end").typed("X")
	id := tuitest.ID(1)
	e, _ := d.vault.Get(t.Context(), id, false)
	login, _ := e.Credential(entry.BasicAuth)
	user, _ := login.Member("username")
	pass, _ := login.Member("password")
	d.vault.Elsewhere(id, user.Path, "their-user")
	d.vault.Elsewhere(id, pass.Path, "their-pw")
	d.keys("ctrl+x s").want("Changed elsewhere")
	for range 2 {
		d.clock.Advance(2 * time.Second)
		switch {
		case d.is("Changed elsewhere: User name"):
			d.want("Yours: octocatX", "There: their-user").keys("t")
		case d.is("Changed elsewhere: Password"):
			if d.is("mine-pw") || d.is("their-pw") {
				t.Error("passwords are shown unasked")
			}
			d.keys("v").want("mine-pw", "their-pw").keys("m")
		default:
			t.Fatalf("no question:\n%s", d.picture())
		}
	}
	d.want("is saved")
	d.keys("ctrl+t").until("their user name", func() bool { return d.clip.Holds() == "their-user" })
	d.keys("ctrl+y").until("my password", func() bool { return d.clip.Holds() == "mine-pw" })
}

func TestANoteGoesToAnOutsideEditorAndComesBack(t *testing.T) {
	t.Parallel()
	e := &tuitest.Editor{Change: func(text string) string { return text + "\nfrom outside" }}
	d := drive(t, 80, 40, opened, outsider(e)).want("15").keys("ctrl+x e").want("unchanged").keys("ctrl+x e").want("Only notes").focusOn("Note").keys("ctrl+x e").want("Edit this note in nano?", "plain file")
	d.keys("esc").gone("Edit this note").keys("ctrl+x e").want("Edit this note").keys("down", "enter").want("from outside", "unsaved").keys("ctrl+x z").gone("from outside").keys("ctrl+x y").want("from outside")
	d.keys("ctrl+x e").until("the second run", func() bool { return strings.Count(d.picture(), "from outside") == 2 }).keys("ctrl+x s").want("is saved") // not asked again
	if c, _ := d.entryTitled("GitHub").Credential(entry.Note); strings.Count(c.Text("content"), "from outside") != 2 {
		t.Errorf("%q", c.Text("content"))
	}
	e.Wrong = errors.New("no file system in memory")
	d.keys("ctrl+x e").want("Edit GitHub").focusOn("Note").keys("ctrl+x e").want("No outside editor: no file system in memory")
}

// The idle time goes on while an outside editor has the terminal. The first thing that its end lets through may be the lock: the text is not lost.
func TestALockAfterAnOutsideEditorLosesNothing(t *testing.T) {
	t.Parallel()
	e := &tuitest.Editor{}
	d := drive(t, 80, 40, opened, outsider(e)).want("15").keys("ctrl+x e").want("unchanged").focusOn("Note").keys("ctrl+x e").want("Edit this note").keys("down")
	e.Change = func(string) string { d.clock.Advance(20 * time.Minute); return "written outside" }
	d.keys("enter")
	d.until("the editor to have run", func() bool { return d.clock.Now().Sub(tuitest.Start) >= 20*time.Minute })
	d.send(tickMsg{})
	d.want("Unsaved changes wait", "Passphrase")
	if d.is("written outside") {
		t.Error("not hidden")
	}
	d.unlock().want("Edit GitHub", "written outside", "unsaved")
}

func TestTheVaultIsLockedWhileAnOutsideEditorRuns(t *testing.T) {
	t.Parallel()
	e := &tuitest.Editor{Block: make(chan struct{}), Change: func(string) string { return "late text" }}
	d := drive(t, 80, 40, opened, func(_ *Options, op *tuitest.Opener) { op.Vault.Conf.LockIdle = time.Millisecond }, outsider(e)).want("15").keys("ctrl+x e").want("unchanged").focusOn("Note")
	d.keys("ctrl+x e").want("Edit this note").keys("down")
	go func() {
		for !d.vault.IsLocked() {
			time.Sleep(time.Millisecond)
		}
		close(e.Block)
	}()
	d.keys("enter").want("Passphrase").unlock().want("Edit GitHub", "late text")
}

func TestADraftOfAFormWithPartsComesBack(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 50, opened).want("15").keys("ctrl+x e").want("unchanged").keys("ctrl+x a").want("Hidden text").keys("t").want("▸ Name of the field").typed("Extra").keys("tab").typed("value")
	d.focusOn("Web site").keys("ctrl+x u").typed("two.example").focusOn("One-time code").keys("ctrl+x d").want("Take out: One-time code?").keys("down", "enter").want("brings it back")
	d.tick(15 * time.Minute).want("Unsaved changes wait")
	d.unlock().want("Edit GitHub", "unsaved", "Extra", "value", "two.example").gone("One-time code  ").keys("ctrl+x s").want("is saved")
	e := d.entryTitled("GitHub")
	c, _ := e.Credential(entry.Custom)
	if _, code := e.Credential(entry.TOTP); code || len(e.URLs) != 2 || len(c.Fields) != 1 || c.Fields[0].Label != "Extra" {
		t.Errorf("%+v", e)
	}
}

func TestADraftOfEveryNewKindComesBackAsItWas(t *testing.T) {
	t.Parallel()
	for letter, heading := range kinds {
		t.Run(heading, func(t *testing.T) {
			t.Parallel()
			d := drive(t, 80, 60, opened).want("15").keys("ctrl+x n", letter).want(heading).typed("Half done")
			before := d.settled().picture()
			d.tick(15 * time.Minute).want("Unsaved changes wait")
			d.unlock().want("unsaved", "Half done").settled()
			if after := d.picture(); labels(after) != labels(before) {
				t.Errorf("before:\n%s\nafter:\n%s", before, after)
			}
		})
	}
}

// labels are the first columns of a form, heading and status left out.
func labels(picture string) string {
	var out []string
	for _, l := range strings.Split(picture, "\n")[2:] {
		if strings.Contains(l, "Save") {
			break
		}
		out = append(out, strings.TrimSpace(l[:min(len(l), 18)]))
	}
	return strings.Join(out, "\n")
}

func TestClicksAndTheWheelInAForm(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 16, opened).want("15").keys("ctrl+x e").want("unchanged").settled()
	row := func(text string) int {
		for y, l := range strings.Split(d.picture(), "\n") {
			if strings.Contains(l, text) {
				return y
			}
		}
		t.Fatalf("%q is not seen:\n%s", text, d.picture())
		return 0
	}
	d.send(tea.MouseClickMsg{Button: tea.MouseLeft, X: 18, Y: row("User name")})
	d.want("▸ User name").typed("!").want("!octocat")
	for range 8 {
		d.send(tea.MouseWheelMsg{Button: tea.MouseWheelDown, X: 10, Y: 8})
	}
	d.want("[ Save ]")
	d.send(tea.MouseClickMsg{Button: tea.MouseLeft, X: 5, Y: row("Favourite")})
	d.want("[ ] Favourite")
	d.send(tea.MouseClickMsg{Button: tea.MouseLeft, X: 5, Y: row("[ Save ]")})
	d.want("is saved")
}

// A text of 1 MiB is pasted into a note, is seen and edited, and stays what it is.
func TestPasteOfAMebibyte(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 24, opened).want("15").keys("ctrl+x n", "n").want("New note").typed("Long").keys("tab")
	text := strings.Repeat("The quick brown fox jumps over the lazy dog.\n", (1<<20)/45-1) + "the end"
	d.send(tea.PasteMsg{Content: text})
	d.want("the end").keys("up", "up").typed("here").want("here").keys("ctrl+x z").gone("here").keys("ctrl+x s").want("is saved")
	if c, _ := d.entryTitled("Long").Credential(entry.Note); c.Text("content") != text {
		t.Errorf("%d bytes were saved of %d", len(c.Text("content")), len(text))
	}
}

// The end of the program, too, finds what an outside editor left before anybody was told.
func TestAnEndAfterAnOutsideEditorLosesNothing(t *testing.T) {
	t.Parallel()
	ran := false
	e := &tuitest.Editor{Failed: errors.New("hang-up"), Change: func(text string) string { ran = true; return text + "\nsaved before the end" }}
	d := drive(t, 80, 40, opened, outsider(e)).want("15").keys("ctrl+x e").want("unchanged").focusOn("Note").keys("ctrl+x e").want("Edit this note").keys("down", "enter")
	d.until("the editor to have run", func() bool { return ran })
	d.r.shutDown()
	d.again(t).want("Edit GitHub", "saved before the end", "unsaved")
}
