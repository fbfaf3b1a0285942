package tui

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"signet/tui/screen"
	"signet/tui/tuitest"
	"signet/vault/entry"
	"signet/vault/secret"
)

// to moves the cursor down to the row that begins with a label.
func (d *driver) to(label string) *driver {
	d.t.Helper()
	d.keys("g")
	for range 60 {
		for _, l := range strings.Split(d.picture(), "\n") {
			if strings.Contains(l, "▸ "+label) {
				return d
			}
		}
		d.keys("j")
	}
	d.t.Fatalf("no row %q:\n%s", label, d.picture())
	return d
}

// password is where the password of an entry stands.
func (d *driver) password(id entry.ID) string {
	d.t.Helper()
	e, err := d.vault.Get(d.t.Context(), id, false)
	if err != nil {
		d.t.Fatal(err)
	}
	found, err := e.Find(entry.FieldName{Alias: "password", N: 1})
	if err != nil {
		d.t.Fatal(err)
	}
	return found.Path
}

func TestAConflictIsSettledByOneEdit(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 24, oneOfEach).conflicted()
	if d.is("battery staple") || d.is("correct horse") {
		t.Fatal("values in conflict are shown unasked")
	}
	d.keys("r").want("battery staple", "correct horse").keys("r").gone("battery staple")
	d.keys("j", "b").want("Password is settled").gone("two places")
	d.keys("p").until("the chosen value", func() bool { return d.clip.Holds() == "battery staple" })
	d.keys("z").want("Taken back", "two places")
	d.to("this device").keys("enter").want("Password is settled").gone("two places").keys("p").until("the other value", func() bool { return d.clip.Holds() == "correct horse" })
}

// A value that arrives between looking and choosing is not swept away unseen.
func TestAConflictThatGrewIsNotSettledBlindly(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 24, oneOfEach).conflicted()
	id := tuitest.ID(1)
	d.vault.Conflict(id, d.password(id), "a third one", tuitest.Start.UnixMilli())
	d.keys("b").want("Not done: changed since")
}

func TestAValueInConflictIsCopied(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 24, oneOfEach).conflicted().keys("j", "y").want("Password copied")
	if d.clip.Holds() != "battery staple" {
		t.Errorf("copied %q", d.clip.Holds())
	}
}

// What is revealed hides by itself, after a glance sooner than after a reveal; holding the key keeps it in view.
func TestRevealedValuesHideAgain(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 24, oneOfEach).named("Login with all")
	d.keys("r").want("correct horse").tick(29 * time.Second)
	if !d.is("correct horse") {
		t.Fatal("hidden too early")
	}
	d.tick(time.Second).gone("correct horse")
	d.keys("space").want("correct horse").tick(2 * time.Second).keys("space").tick(time.Second)
	if !d.is("correct horse") {
		t.Fatal("a held key does not keep the value in view")
	}
	d.tick(time.Second).gone("correct horse")
	d.keys("space").want("correct horse").keys("r").tick(10 * time.Second)
	if !d.is("correct horse") {
		t.Error("a glance at a value that is revealed then hides it")
	}
}

func TestAGlanceAsksWhereTheVaultSaysSo(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 24, oneOfEach, func(_ *Options, op *tuitest.Opener) { op.Vault.Conf.RevealAgain = true }).named("Login with all")
	d.keys("space").want("asks again").typed("open sesame").keys("enter").want("correct horse")
}

func TestARevealedValueIsHiddenByAChangeElsewhere(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 24, oneOfEach).named("Login with all").keys("r").want("correct horse")
	d.vault.Elsewhere(tuitest.ID(1), entry.PathTitle, "Renamed")
	d.want("Renamed").gone("correct horse")
}

func TestUserPasswordAndCodeInTurn(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 24, oneOfEach).named("Login with all")
	d.keys("s").want("User name copied (wl-copy) · s copies the password next").keys("s").want("Password copied (wl-copy) · s copies the code next · clears in 45s")
	d.keys("s").want("Code copied (wl-copy) · that was the last").keys("s").want("That was all: user name, password, code. s begins again")
	d.keys("s").want("User name copied")
	d.keys("esc").want("type to search").typed("build").want("1 of 14").keys("ctrl+x s").want("User name copied (wl-copy) · ^X s copies the password next")
	if d.clip.Holds() != "ci" {
		t.Errorf("another entry did not begin anew: %q", d.clip.Holds())
	}
	d.keys("ctrl+x s").want("Password copied").tick(4 * time.Minute).keys("ctrl+x s").want("User name copied")
}

func TestTheSequenceAsksBeforeThePassword(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 24, oneOfEach, func(_ *Options, op *tuitest.Opener) { op.Vault.Conf.RevealAgain = true }).named("Login with all")
	d.keys("s").want("User name copied").keys("s").want("asks again").typed("open sesame").keys("enter").want("Password copied")
	if d.clip.Holds() != "correct horse" {
		t.Errorf("copied %q", d.clip.Holds())
	}
}

func TestAnEntryWithNothingToPaste(t *testing.T) {
	t.Parallel()
	drive(t, 80, 24, oneOfEach).named("Passport").keys("s").want("There is no user name, password or code to copy")
}

func TestASecretThatNothingClearsIsSaid(t *testing.T) {
	t.Parallel()
	d := drive(t, 40, 12, oneOfEach).named("Login with all")
	d.clip.Stays = true
	d.keys("p").want("Password copied · not cleared").resize(80, 24).want("not cleared by itself")
}

func TestAWebSiteIsOpened(t *testing.T) {
	t.Parallel()
	browser := &tuitest.Browser{}
	d := drive(t, 80, 24, oneOfEach, func(o *Options, _ *tuitest.Opener) { o.Ports.Browser = browser }).named("Login with all")
	d.keys("o").want("Opened example.com").keys("esc").want("type to search").typed("synced").want("1 of 14").keys("ctrl+x o").want("Opened webauthn.io")
	if got := strings.Join(browser.Opened, " "); got != "https://example.com/login https://webauthn.io" {
		t.Errorf("opened %s", got)
	}
	d.keys("ctrl+u").typed("passport").want("1 of 14").keys("ctrl+x o").want("Not opened: this entry has no web site")
}

// Over SSH there is nothing that could show a site: the address is offered for copying.
func TestWhereNoBrowserIsTheAddressIsCopied(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 24, oneOfEach, func(o *Options, _ *tuitest.Opener) { o.Ports.Browser = &tuitest.Browser{Err: tuitest.ErrNoBrowser} }).named("Login with all")
	d.keys("o").want("Copy the address?", "there is no display").keys("enter").want("Address copied")
	if d.clip.Holds() != "https://example.com/login" {
		t.Errorf("copied %q", d.clip.Holds())
	}
}

// An address that is no web site starts nothing.
func TestOnlyTheWebIsOpened(t *testing.T) {
	t.Parallel()
	browser := &tuitest.Browser{}
	d := drive(t, 80, 24, oneOfEach, func(o *Options, _ *tuitest.Opener) { o.Ports.Browser = browser }).want("14")
	for i, bad := range []string{"javascript:alert(1)", "file:///etc/passwd", "ssh://host", "data:text/html,x", "https://a b"} {
		e := tuitest.Login(fmt.Sprintf("Bad %d", i), "u", "p", bad)
		d.vault.Add(e)
		id := d.vault.Add(e)
		d.send(screen.OpenURL{ID: id})
		d.want("Not opened").send(screen.Notify{Text: "next"})
	}
	if len(browser.Opened) > 0 {
		t.Errorf("opened %q", browser.Opened)
	}
}

func TestQRCodes(t *testing.T) {
	t.Parallel()
	qr := func(d *driver) string {
		d.t.Helper()
		return d.until("a code", func() bool { s, ok := d.top().(*screen.QR); return ok && s.Settled() }).picture()
	}
	d := drive(t, 100, 40, oneOfEach).named("Wi-Fi at home")
	joins := qr(d.keys("v").want("Fritz; the box"))
	d.keys("esc").want("WPA2").to("Password").keys("v")
	if again := qr(d); again != joins {
		t.Error("another row of the network gives another code")
	}
	d.keys("esc").want("WPA2").keys("esc").want("type to search").typed("login").want("1 of 14").keys("ctrl+x v")
	if qr(d.want("Login with all: password")) == joins {
		t.Error("the code of a login is that of the network")
	}
	d.tick(91 * time.Second).want("hidden again").gone("█")
}

func TestAQRCodeOfASecretAsks(t *testing.T) {
	t.Parallel()
	again := func(_ *Options, op *tuitest.Opener) { op.Vault.Conf.RevealAgain = true }
	d := drive(t, 100, 40, oneOfEach, again).named("Login with all").to("User name").keys("v").want("█").keys("esc")
	d.want("Web site").to("Password").keys("v").want("asks again").keys("esc").want("Web site")
}

func TestATooSmallTerminalSaysHowLargeACodeIs(t *testing.T) {
	t.Parallel()
	drive(t, 40, 12, oneOfEach).named("Wi-Fi at home").keys("v").want("This code needs 37 columns and 19 rows")
}

func TestHistoryHasItsOwnView(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 40, oneOfEach).edited(7).want("and 2 older: h shows them").keys("h").gone("Web site").want("History (7)")
	d.keys("G", "r").want("correct horse").keys("R").want("Write this value back?").keys("down", "enter").want("The old value is back", "History (8)")
	d.keys("h").want("Web site").keys("h").want("History (8)").gone("Web site").keys("esc").want("Web site")
	d.keys("z").want("Taken back", "History (7)").resize(150, 40)
	if !d.want("History (7)").is("Web site") || d.is("older") {
		t.Errorf("with room the history stands beside the fields:\n%s", d.picture())
	}
}

func TestAFileIsSavedAndNeverReplacedUnasked(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 24, oneOfEach).named("Contract").keys("w").want("Save contract.pdf")
	d.vault.Files = map[string]string{"contract.pdf": "old"}
	d.keys("enter").want("Replace the file?").keys("enter").want("Write it")
	if d.vault.Files["contract.pdf"] != "old" {
		t.Fatal("replaced unasked")
	}
	d.keys("enter").want("Replace the file?").keys("down", "enter").want("Written to contract.pdf")
	if d.vault.Files["contract.pdf"] == "old" {
		t.Error("not replaced though asked")
	}
}

func TestAFileIsAdded(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 24, oneOfEach).named("Visa").keys("+").want("Add a file to Visa").typed("/tmp/missing").keys("enter").want("no such file")
	d.keys("ctrl+u").typed("/tmp/scan.png").keys("enter").want("scan.png is added", "1.0 MiB").keys("z").want("Taken back").gone("1.0 MiB")
}

func TestALongCopyShowsItsProgressAndIsCancelled(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 24, oneOfEach)
	d.vault.Block = make(chan struct{})
	d.named("Contract").keys("w").want("Save contract.pdf").keys("enter").want("50% of 1.0 MiB").keys("esc").want("cancelled: nothing was written")
	if len(d.vault.Files) > 0 {
		t.Error("written all the same")
	}
}

// A long note is read by scrolling before the cursor leaves it, and searched.
func TestALongNoteIsReadAndSearched(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 24, oneOfEach).named("Letter")
	for range 500 {
		if d.is("needle") {
			break
		}
		d.keys("j")
	}
	if !d.is("needle") {
		t.Fatalf("the end of the note is out of reach:\n%s", d.picture())
	}
	d.keys("g", "/").typed("LINE II OF").want("1 of 29").keys("enter").want("2 of 29").keys("up", "up").want("29 of 29")
	d.keys("ctrl+u").typed("nowhere").want("not found").keys("esc").want("note")
}

func TestTheSearchDoesNotSeeWhatIsConcealed(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 24, oneOfEach).named("Login with all").keys("/").typed("swordfish").want("not found").keys("esc")
	d.keys("a").want("swordfish").keys("/").typed("swordf").want("1 of 1")
}

func TestTheNextCodeIsShownOnRequest(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 24, oneOfEach).named("Login with all").want("249 321").to("Code")
	if d.is("then") {
		t.Fatal("the next code is shown all the time")
	}
	d.keys("r").want("then 635 992").keys("r").gone("then")
	d.tick(12 * time.Second).want("then 635 992") // the last seconds
}

// Inside its period a code is computed once, however often the screen is drawn.
func TestACodeIsComputedOncePerPeriod(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 24, oneOfEach).named("Login with all").want("249 321")
	for range 17 {
		d.tick(time.Second)
	}
	d.want("1s")
	n := 0
	for _, c := range d.vault.Called() {
		if c == "Code" {
			n++
		}
	}
	if n != 1 {
		t.Errorf("computed %d times", n)
	}
}

// A screen reader would read a changing second every second: with the linear theme nothing changes inside a period.
func TestTheLinearThemeIsQuiet(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 24, oneOfEach).named("Login with all").want("249 321")
	d.r.theme.Linear = true
	before := d.picture()
	if d.tick(time.Second); d.picture() != before {
		t.Errorf("a second changed\n%s\ninto\n%s", before, d.picture())
	}
	if !d.is("until 15:09:30") {
		t.Errorf("the end of the period is not said:\n%s", before)
	}
	if _, cur := d.r.picture(); !cur.Shown || !strings.Contains(strings.Split(d.picture(), "\n")[cur.Y], "Password") {
		t.Errorf("the cursor is not at its row: %+v", cur)
	}
}

func TestTheMouseFocusesAndCopies(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 24, oneOfEach).named("Login with all").want("249 321")
	y := 0
	for i, l := range strings.Split(d.picture(), "\n") {
		if strings.Contains(l, "User name") {
			y = i
		}
	}
	s := d.top()
	s.Update(screen.Click{X: 5, Y: y})
	d.want("▸ User name")
	s.Update(screen.Click{X: 5, Y: y, Double: true})
	d.send(nil)
	d.want("User name copied")
	for range 20 {
		s.Update(screen.Wheel{By: 1})
	}
	d.want("About")
}

// Whatever the size, and whatever stands in an entry, the screen is drawn, and nothing is wider than the terminal.
func TestTheEntryAtEverySize(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 24, oneOfEach).conflicted().keys("a")
	for _, w := range []int{0, 1, 2, 5, 9, 20, 39, 61, 109, 110, 111, 300} {
		for _, h := range []int{0, 1, 2, 3, 4, 7, 12, 80} {
			d.resize(w, h)
			for range 3 {
				d.keys("j")
				p := d.picture()
				for _, l := range strings.Split(p, "\n") {
					if ansi.StringWidth(l) > w {
						t.Fatalf("%dx%d: %d columns in %q", w, h, ansi.StringWidth(l), l)
					}
				}
			}
		}
	}
}

// Where there is no clipboard, copying through the terminal is offered once, with what it means, and then done until the lock.
func TestWithoutAClipboardTheTerminalIsOffered(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 24, oneOfEach, func(o *Options, _ *tuitest.Opener) { o.terminal = io.Discard }).named("Login with all")
	d.clip.Err, d.clip.Stays = tuitest.ErrNoClipboard, true
	d.keys("s").want("Copy through the terminal?", "nothing clears it").keys("esc").gone("nothing clears it")
	if d.clip.Holds() != "" {
		t.Fatal("copied without an answer")
	}
	d.keys("s").want("Copy through the terminal?").keys("t").want("User name copied").keys("s").want("Password copied · not cleared by itself")
	if d.clip.Holds() != "correct horse" {
		t.Errorf("copied %q", d.clip.Holds())
	}
}

// The address of an API is opened from its row, and where it is the only one also from elsewhere.
func TestAnAddressInAFieldIsOpened(t *testing.T) {
	t.Parallel()
	browser := &tuitest.Browser{}
	d := drive(t, 80, 24, oneOfEach, func(o *Options, _ *tuitest.Opener) { o.Ports.Browser = browser }).named("Build server")
	d.keys("o").want("Opened api.example.com")
}

// hostile has one entry of every kind whose every text tries to write to the terminal.
func hostile(o *Options, op *tuitest.Opener) {
	v := tuitest.NewVault(op.Vault.Clock)
	bad := tuitest.Hostile + "\r\x1b[2J\u202e\u200f"
	for i, spec := range append(entry.Specs(), entry.TypeSpec{Name: "future" + bad, Members: []entry.MemberSpec{{Name: "x"}}}) {
		c := entry.Credential{Type: spec.Name}
		for _, m := range spec.Members {
			c.Members = append(c.Members, entry.Member{Name: m.Name, Value: secret.FromString(bad)})
		}
		c.Fields = []entry.Member{{Label: bad, Type: entry.TypeString, Value: secret.FromString(bad)}, {Label: bad, Type: entry.TypeConcealed, Value: secret.FromString(bad)}}
		id := v.Add(entry.Entry{ID: tuitest.ID(byte(i + 1)), Title: bad, Subtitle: bad, Tags: []string{bad}, URLs: []entry.URL{{URL: bad, Label: bad}}, Credentials: []entry.Credential{c}},
			entry.Set("", "src/csv/"+entry.EscapeSegment(bad), bad), entry.Set("", "app/abcdefgh", bad))
		v.Conflict(id, entry.PathTitle, bad+"2", 1)
	}
	op.Vault = v
	o.Vault = v
}

// Whatever stands in an entry, nothing of it reaches the terminal as anything but text.
func TestHostileEntriesAreHarmless(t *testing.T) {
	t.Parallel()
	for i := range append(entry.Specs(), entry.TypeSpec{}) {
		d := drive(t, 150, 60, hostile, ascii).want("20")
		d.send(screen.OpenEntry{ID: tuitest.ID(byte(i + 1))})
		d.want("Title: changed in two").keys("a").want("red")
		for _, more := range []string{"", "h", "/", "w", "esc", "esc", "v"} {
			d.keys(more)
			p, _ := d.r.picture()
			for _, r := range ansi.Strip(p) {
				if r < ' ' && r != '\n' || r == 0x7f || r >= 0x80 && r < 0xa0 || r == '\u202e' || r == '\u200f' {
					t.Fatalf("entry %d after %q: %q reaches the terminal", i, more, r)
				}
			}
			if strings.Contains(p, "\x1b]") || strings.Contains(p, "\x1b[2J") {
				t.Fatalf("entry %d after %q: an escape reaches the terminal", i, more)
			}
		}
	}
}

// Whoever types ahead of a slow disk gets what they typed: movements and one action, and nothing of what was meant for the screen after it.
func TestKeysThatComeBeforeTheEntryAreNotLost(t *testing.T) {
	t.Parallel()
	go1 := make(chan struct{})
	d := drive(t, 80, 24, opened).want("15").keys("github").want("1 of 15")
	d.vault.Slow(func(call string) {
		if call == "Get" {
			<-go1
		}
	})
	d.keys("right", "r", "d")
	close(go1)
	d.want("User name", tuitest.Canary)
	if d.is("in the trash") {
		t.Error("a key behind the action acted, too")
	}
	d.keys("esc").want("1 of 15").keys("right", "esc").want("1 of 15")
}
