package screen

import (
	"strings"
	"testing"
	"time"

	"signet/tui/widget"
	"signet/vault/entry"
	"signet/vault/secret"
)

func credOf(typ string, pairs ...string) entry.Credential {
	c := entry.Credential{ID: "c", Type: typ}
	for i := 0; i+1 < len(pairs); i += 2 {
		c.Members = append(c.Members, entry.Member{Name: pairs[i], Path: "cred/c/" + pairs[i], Value: secret.FromString(pairs[i+1])})
	}
	return c
}

func TestEnvelopes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ street, code, city, state, country, want string }{
		{"Lindenweg 1", "10115", "Berlin", "", "DE", "Lindenweg 1\n10115 Berlin\nDE"},
		{"1 Main St\nApt 2", "12345", "Springfield", "IL", "US", "1 Main St\nApt 2\nSpringfield, IL 12345\nUS"},
		{"10 Downing Street", "SW1A 2AA", "London", "", "gb", "10 Downing Street\nLondon\nSW1A 2AA\ngb"},
		{"1-1 Chiyoda", "100-8111", "Tokyo", "Tokyo-to", "Japan", "1-1 Chiyoda\n100-8111 Tokyo\nTokyo-to\nJapan"},
		{"", "", "Berlin", "", "", ""},
		{"", "", "", "", "", ""},
	} {
		got := envelope(credOf(entry.Address, "streetAddress", c.street, "postalCode", c.code, "city", c.city, "territory", c.state, "country", c.country))
		if got != c.want {
			t.Errorf("%+v: %q", c, got)
		}
	}
}

func TestFullNames(t *testing.T) {
	t.Parallel()
	got := fullName(credOf(entry.PersonName, "title", "Dr.", "given", "Ada", "surnamePrefix", "van", "surname", "Lovelace", "generation", "II", "credentials", "FRS"))
	if got != "Dr. Ada van Lovelace II, FRS" {
		t.Errorf("%q", got)
	}
	if got := fullName(credOf(entry.PersonName, "credentials", "FRS")); got != "" {
		t.Errorf("letters alone are no name: %q", got)
	}
}

func TestCards(t *testing.T) {
	t.Parallel()
	f := widget.Frame{Theme: plainLook}
	for _, c := range []struct{ number, brand, masked, grouped string }{
		{"4012888888881881", "Visa", "•••• •••• •••• 1881", "4012 8888 8888 1881"},
		{"4012 8888-8888 1881", "Visa", "•••• •••• •••• 1881", "4012 8888 8888 1881"},
		{"378282246310005", "American Express", "•••• •••••• •0005", "3782 822463 10005"},
		{"5555555555554444", "Mastercard", "•••• •••• •••• 4444", "5555 5555 5555 4444"},
		{"2223003122003222", "Mastercard", "•••• •••• •••• 3222", "2223 0031 2200 3222"},
		{"6011111111111117", "Discover", "•••• •••• •••• 1117", "6011 1111 1111 1117"},
		{"9999999999999999", "", "•••• •••• •••• 9999", "9999 9999 9999 9999"},
		{"12345678901", "", "••••••••", "12345678901"}, // too short to show any of it
		{"hush 4012", "", "••••••••", "hush 4012"},
		{"", "", "••••••••", ""},
	} {
		h := hintOf(c.number)
		if got := maskCard(f, h); got != c.masked || h.brand != c.brand || groupCard(c.number) != c.grouped {
			t.Errorf("%q: %q %q %q", c.number, h.brand, got, groupCard(c.number))
		}
	}
}

// A month is over with its last day, a day with its end, in the zone of the person who looks.
func TestDueNotes(t *testing.T) {
	t.Parallel()
	east := time.FixedZone("east", 14*3600)
	for _, c := range []struct {
		due  string
		now  time.Time
		want string
		over bool
	}{
		{"2026-03", time.Date(2026, 3, 31, 23, 59, 0, 0, time.UTC), "expires today", false},
		{"2026-03", time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC), "expired", true},
		{"2026-03", time.Date(2026, 3, 31, 23, 59, 0, 0, time.UTC).In(east), "expired", true},
		{"2028-02-29", time.Date(2028, 2, 28, 12, 0, 0, 0, time.UTC), "expires in 1 day", false},
		{"2026-04-03", time.Date(2026, 3, 14, 15, 0, 0, 0, time.UTC), "expires in 20 days", false},
		{"2026-05-13", time.Date(2026, 3, 14, 15, 0, 0, 0, time.UTC), "expires in 60 days", false},
		{"2026-05-14", time.Date(2026, 3, 14, 15, 0, 0, 0, time.UTC), "", false},
		{"soon", time.Now(), "", false}, {"", time.Now(), "", false}, {"2026-13", time.Now(), "", false},
	} {
		if got, over := dueNote(c.due, c.now); got != c.want || over != c.over {
			t.Errorf("%s at %v: %q %v", c.due, c.now, got, over)
		}
	}
}

func TestJoinURI(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ ssid, security, pass, hidden, want string }{
		{"Home", "wpa2-personal", "open sesame", "", "WIFI:T:WPA;S:Home;P:open sesame;;"},
		{`a;b,c:d"e\f`, "wpa3-personal", `p;w`, "true", `WIFI:T:WPA;S:a\;b\,c\:d\"e\\f;P:p\;w;H:true;;`},
		{"Café", "unsecured", "", "", "WIFI:T:nopass;S:Café;;"},
		{"Old", "wep", "abcde", "false", "WIFI:T:WEP;S:Old;P:abcde;;"},
		{"Unsaid", "", "secret", "", "WIFI:T:WPA;S:Unsaid;P:secret;;"},
		{"Office", "wpa2-enterprise", "x", "", ""},
		{"", "wpa2-personal", "x", "", ""},
	} {
		got, err := joinURI(credOf(entry.WiFi, "ssid", c.ssid, "networkSecurityType", c.security, "passphrase", c.pass, "hidden", c.hidden))
		if got.RevealString() != c.want || (err == nil) == (c.want == "") || err != nil && strings.Contains(err.Error(), "sesame") {
			t.Errorf("%+v: %q %v", c, got.RevealString(), err)
		}
	}
}

func TestWebAddresses(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"https://example.com/a?b=c#d": "https://example.com/a?b=c#d", "HTTP://Example.com": "http://Example.com", "example.com": "https://example.com",
		"example.com:8443/x": "https://example.com:8443/x", "localhost:8080": "https://localhost:8080", " https://a.b ": "https://a.b", "git.home.arpa": "https://git.home.arpa",
		"javascript:alert(1)": "", "file:///etc/passwd": "", "ftp://host": "", "mailto:a@b": "", "data:text/html,x": "", "https://": "", "": "", "https://a b": "",
		"https://a\x1b]0;x": "", "androidapp://com.x": "",
	} {
		got, err := webAddress(in)
		if got != want || (err == nil) == (want == "") {
			t.Errorf("%q: %q, %v", in, got, err)
		}
	}
}

func TestWhatASiteWasTold(t *testing.T) {
	t.Parallel()
	for _, c := range [][3]string{
		{"1", "1", "synced and backed up (be 1, bs 1)"}, {"true", "0", "synced, not yet backed up (be 1, bs 0)"}, {"0", "0", "device-bound (be 0)"}, {"", "", ""}, {"odd", "x", "odd x"},
	} {
		if got := toldSite(c[0], c[1]); got != c[2] {
			t.Errorf("%v: %q", c, got)
		}
	}
}

// A passkey whose site was told something else than what is true says so.
func TestAPasskeyThatToldItsSiteSomethingElse(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		binding, be string
		odd         bool
	}{{"synced", "1", false}, {"synced", "0", true}, {"device", "0", false}, {"device", "1", true}} {
		e := entry.Entry{Credentials: []entry.Credential{credOf(entry.Passkey, "rpId", "a.example", "signet:binding", c.binding, "signet:be", c.be, "signet:bs", c.be)}}
		d := newDetail(e, nil, time.UTC, false)
		view := d.view(widget.Frame{W: 100, H: 40, Theme: plainLook}, -1)
		if strings.Contains(view, "which is not what it is") != c.odd {
			t.Errorf("%+v:\n%s", c, view)
		}
	}
}

// What only the whole vault knows of a passkey stands in its entry too: where the key is, and whether it can be used here.
func TestAnEntryTellsOfItsPasskey(t *testing.T) {
	t.Parallel()
	c := credOf(entry.Passkey, "rpId", "a.example", "signet:binding", "device", "signet:counter", "7", entry.PasskeyDevice, "34mhcmlybdxwe6lf", entry.PasskeyProtect, "3", entry.PasskeyDiscoverable, "false")
	for _, row := range []PasskeyRow{{Binding: BindingDevice, Where: []string{"laptop"}}, {Binding: BindingDevice, Where: []string{"this device (desk)"}, Here: true, Extensions: []string{"hmac-secret"}}} {
		d := newDetail(entry.Entry{Credentials: []entry.Credential{c}}, nil, time.UTC, false)
		d.more.passkeys = map[string]PasskeyRow{c.ID: row}
		d.build(oneColumn)
		view := d.view(widget.Frame{W: 100, H: 40, Theme: plainLook}, -1)
		for _, text := range []string{row.Where[0], "the site asks for the user name first", "3: used only after you proved", "Counter        7", strings.Join(row.Extensions, "")} {
			if !strings.Contains(view, text) {
				t.Errorf("%+v: no %q in\n%s", row, text, view)
			}
		}
		if strings.Contains(view, "not of this device") == row.Here || strings.Contains(view, "34mhcm") {
			t.Errorf("%+v:\n%s", row, view)
		}
	}
}

func TestScrolled(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ top, first, last, total, h, want int }{
		{0, 0, 1, 5, 10, 0}, {0, 12, 13, 20, 10, 3}, {15, 2, 3, 20, 10, 2}, {0, 5, 40, 50, 10, 5}, {20, 5, 40, 50, 10, 20}, {45, 5, 40, 50, 10, 30}, {99, 0, 0, 5, 10, 0}, {0, 0, 1, 1, 0, 0},
	} {
		if got := scrolled(c.top, c.first, c.last, c.total, c.h); got != c.want {
			t.Errorf("%+v: %d", c, got)
		}
	}
}

func TestSafeNames(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"contract.pdf": "contract.pdf", "../../etc/passwd": "passwd", `C:\x\y.txt`: "y.txt", ".bashrc": "bashrc", "": "attachment", "/": "attachment", "~/x": "x", "-rf": "rf",
		"a\u202egpj.exe": "a_gpj.exe",
	} {
		if got := safeName(in); got != want {
			t.Errorf("%q: %q", in, got)
		}
	}
}

// What the importer keeps to know an entry again is not shown; what it could not place is.
func TestTheImportersOwnMarksAreNotShown(t *testing.T) {
	t.Parallel()
	marks := []entry.Source{
		{Format: "some-json", Name: "hash", Path: "src/some-json/hash", Value: secret.FromString("aa")},
		{Format: "some-json", Name: "id", Path: "src/some-json/id", Value: secret.FromString("7")},
	}
	odd := entry.Source{Format: "some-json", Name: "colour", Path: "src/some-json/colour", Value: secret.FromString("red")}
	for _, c := range []struct {
		sources []entry.Source
		want    string
	}{{marks, ""}, {append(marks[:2:2], odd), "From the import (1)"}} {
		d := newDetail(entry.Entry{Sources: c.sources}, nil, time.UTC, false)
		d.sources()
		view := d.view(widget.Frame{W: 100, H: 40, Theme: plainLook}, -1)
		if strings.Contains(view, "hash") || strings.Contains(view, "From the import") != (c.want != "") || !strings.Contains(view, c.want) {
			t.Errorf("%q:\n%s", c.want, view)
		}
	}
}

// A change of folder is told by the folder's name, and in words.
func TestHistoryNamesTheFolder(t *testing.T) {
	t.Parallel()
	e := entry.Entry{History: []entry.Past{{Path: entry.FolderPath("f1"), Value: secret.FromString("true")}, {Path: entry.FolderPath("f2"), Value: secret.FromString("true")}}}
	d := newDetail(e, map[entry.ID]string{"f1": "Bank"}, time.UTC, false)
	d.lines = nil
	d.history(fewHistory)
	view := d.view(widget.Frame{W: 100, H: 40, Theme: plainLook}, -1)
	for _, want := range []string{"Folder Bank yes", "Folder that is gone yes"} {
		if !strings.Contains(view, want) {
			t.Errorf("no %q in\n%s", want, view)
		}
	}
}

func TestAnEstimateSaysNoNumberAboveTheBestMark(t *testing.T) {
	t.Parallel()
	for got, want := range map[Strength]string{{4, 66, "strong"}: "strong", {3, 31.4, "good"}: "good, about 31 bits"} {
		if s := got.said(); s != want {
			t.Errorf("%q, not %q", s, want)
		}
	}
}
