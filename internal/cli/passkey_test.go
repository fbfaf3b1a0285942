package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"signet/internal/session"
	"signet/vault"
)

// shelf is an open vault with nothing but passkeys.
type shelf struct {
	session.Session
	passkeys []session.Passkey
	entries  map[string]vault.ID // what ENTRY means
}

func (s shelf) Passkeys(context.Context, session.PasskeyQuery) ([]session.Passkey, error) {
	return s.passkeys, nil
}

func (s shelf) Resolve(_ context.Context, ref string, _ session.ResolveOptions) (vault.ID, error) {
	if id, ok := s.entries[ref]; ok {
		return id, nil
	}
	return "", vault.ErrNotFound
}

func onePasskey(entry, cred, rp, user, title string, id ...byte) session.Passkey {
	return session.Passkey{
		PasskeyRef: session.PasskeyRef{Entry: vault.ID(entry), Cred: cred}, Title: title, CredentialID: id, RPID: rp, UserName: user,
		Binding: "synced", BE: "1", BS: "1", Here: true, Usable: true,
	}
}

func testShelf() shelf {
	return shelf{
		passkeys: []session.Passkey{
			onePasskey("aaaaaaaabbbbbbbbccccccccdd", "c1", "github.com", "ada", "GitHub", 1, 2, 3, 4, 5, 6, 7, 8, 9),
			onePasskey("aaaaaaaabbbbbbbbccccccccdd", "c2", "github.com", "grace", "GitHub", 0xfe, 0xed, 0xfa, 0xce, 1, 2, 3, 4, 5),
			onePasskey("eeeeeeeeffffffffgggggggghh", "c1", "bank.example", "ada@example.org", "My bank", 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff),
			onePasskey("iiiiiiiijjjjjjjjkkkkkkkkll", "c1", "xn--pple-43d.com", "ada", "Fruit", 7, 7, 7, 7, 7, 7),
			onePasskey("mmmmmmmmnnnnnnnnoooooooopp", "c1", "notgithub.com", "ada", "Other", 8, 8, 8, 8, 8, 8),
		},
		entries: map[string]vault.ID{"work": "eeeeeeeeffffffffgggggggghh", "nothing in it": "zzzzzzzzzzzzzzzzzzzzzzzzzz"},
	}
}

// The rules of PASSKEY: the strictest that any passkey fits decides, several are exit 5, none is exit 4.
func TestPasskeyReferences(t *testing.T) {
	t.Parallel()
	s := testShelf()
	for ref, want := range map[string]string{
		"ada@github.com": "GitHub ada", "GRACE@GitHub.com": "GitHub grace", "grace": "GitHub grace", "grace github": "GitHub grace",
		"bank.example": "My bank ada@example.org", "my BANK": "My bank ada@example.org", "ada@example.org": "My bank ada@example.org",
		"ada@example.org@bank.example": "My bank ada@example.org", "ada@bank": "My bank ada@example.org",
		"AQIDBAUGBwgJ": "GitHub ada", "AQIDBA": "GitHub ada", "010203040506": "GitHub ada", "FEEDFACE0102030405": "GitHub grace", "feedface": "GitHub grace",
		"aaaaaaaabbbbbbbbccccccccdd/c2": "GitHub grace", "eeeeeeee": "My bank ada@example.org", "xn--pple-43d.com": "Fruit ada", "xn--pple-43d.com (аpple.com)": "Fruit ada",
		"notgithub.com": "Other ada", "work": "My bank ada@example.org",
		"github.com": "5", "GitHub": "5", "aaaaaaaa": "5", "ada": "5", "aaaaaaaabbbbbbbbccccccccdd": "5",
		"apple.com": "4", "аpple.com": "Fruit ada", "": "4", " ": "4", "AQID": "4", "nobody@github.com": "4", "nothing in it": "4", "ada@": "My bank ada@example.org", "@github.com": "4",
	} {
		var out, errs bytes.Buffer
		got := ""
		p, err := testApp(&out, &errs).findPasskey(t.Context(), s, ref, false)
		if err != nil {
			got = map[ExitCode]string{ExitNotFound: "4", ExitAmbiguous: "5"}[classify(err).Exit]
		} else {
			got = p.Title + " " + p.UserName
		}
		if got != want {
			t.Errorf("%q means %q, want %q (%v)", ref, got, want, err)
		}
		if got == "5" && !strings.Contains(errs.String(), "ada") {
			t.Errorf("%q lists no candidates: %q", ref, errs.String())
		}
	}
}

// What completion offers means that one passkey and holds nothing that a shell obeys.
func TestPasskeyCompletionsMeanOne(t *testing.T) {
	t.Parallel()
	s := testShelf()
	s.passkeys = append(s.passkeys, onePasskey("qqqqqqqqrrrrrrrrsssssssstt", "c1", "evil.example", "$(reboot)", "`x`", 9, 9, 9, 9, 9, 9),
		onePasskey("qqqqqqqqrrrrrrrrsssssssstt", "c2", "evil.example", "`y`", "z", 9, 9, 9, 9, 9, 1), onePasskey("uuuuuuuuvvvvvvvvwwwwwwwwxx", "c1", "", "-rf", "-rf"))
	got := passkeyCompletions(s.passkeys, "")
	if len(got) != len(s.passkeys) {
		t.Fatalf("%d completions of %d passkeys", len(got), len(s.passkeys))
	}
	for i, c := range got {
		ref, _, _ := strings.Cut(c, "\t")
		if found := matchPasskeys(s.passkeys, ref); len(found) != 1 || found[0].PasskeyRef != s.passkeys[i].PasskeyRef {
			t.Errorf("%q means %d passkeys", ref, len(found))
		}
		if strings.ContainsAny(c, "$`()\"'\\;&|<>*?") || strings.HasPrefix(c, "-") {
			t.Errorf("a shell obeys %q", c)
		}
	}
	if got := passkeyCompletions(s.passkeys, "gra"); len(got) != 1 || !strings.HasPrefix(got[0], "grace@github.com\t") {
		t.Errorf("gra completes to %q", got)
	}
}

// A list on a terminal and in a pipe: nothing that a site chose moves the cursor, forges a row or passes for another site.
func TestPasskeyListIsClean(t *testing.T) {
	t.Parallel()
	p := onePasskey("aaaaaaaabbbbbbbbccccccccdd", "c1", "аpple.com", "a\x1b[2Jda\trow\nforged", "T", 1)
	p.DisplayName, p.RPName = "d\x1b]0;x\a", "\u202egnp.exe"
	for _, tty := range []bool{true, false} {
		var out, errs bytes.Buffer
		a := testApp(&out, &errs)
		a.OutTTY = tty
		a.printPasskeys([]session.Passkey{p})
		a.printPasskey(p)
		text := out.String()
		if strings.ContainsAny(text, "\x1b\a\u202e") || strings.Contains(text, "\nforged") {
			t.Errorf("terminal %v: %q", tty, text)
		}
		if !strings.Contains(text, "xn--pple-43d.com") {
			t.Errorf("terminal %v: the look-alike is not shown as it is: %q", tty, text)
		}
	}
}

// The shape that decisions.md fixes, and null for what is not known.
func TestPasskeyLine(t *testing.T) {
	t.Parallel()
	p := onePasskey("aaaaaaaabbbbbbbbccccccccdd", "c1", "github.com", "ada", "GitHub", 1, 2, 3)
	p.Created = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	p.Binding, p.Where, p.BE, p.BS = "device", "laptop", "0", ""
	b, err := json.Marshal(lineOf(p))
	if err != nil {
		t.Fatal(err)
	}
	want := `{"type":"passkey","v":1,"id":"AQID","entry":"aaaaaaaabbbbbbbbccccccccdd","rp_id":"github.com","user_name":"ada","binding":"device","where":["laptop"],` +
		`"created":"2026-01-02T03:04:05Z","last_used":null,"cred":"c1","title":"GitHub","be":false,"bs":null,`
	if !strings.HasPrefix(string(b), want) {
		t.Errorf("got  %s\nwant %s", b, want)
	}
}

// Sites choose what passkeys are called. Whatever it is, what completion offers holds nothing that a shell obeys, names the passkey, and shows harmlessly.
func FuzzPasskeyNames(f *testing.F) {
	for _, s := range []string{"github.com", "", "-rf", "$(reboot)", "a\x1b[2J\tb\n", "аpple.com", "xn--pple-43d.com", "@", "a@b@c", "\xff\xfe", strings.Repeat("x", 300)} {
		f.Add(s, "ada", "GitHub", []byte{1, 2, 3, 4, 5, 6})
		f.Add("github.com", s, s, []byte{0xfb, 0xff})
	}
	f.Fuzz(func(t *testing.T, rp, user, title string, id []byte) {
		all := append(testShelf().passkeys, onePasskey("yyyyyyyyzzzzzzzz2222222233", "c9", rp, user, title, id...))
		last := all[len(all)-1]
		for _, c := range passkeyCompletions(all, "") {
			if strings.ContainsAny(c, "$`()\"'\\;&|<>*?\n\r\x1b") || strings.HasPrefix(c, "-") {
				t.Errorf("a shell obeys %q", c)
			}
		}
		if got := passkeyCompletions(all, ""); len(got) != len(all) {
			t.Errorf("%d completions of %d passkeys", len(got), len(all))
		} else if ref, _, _ := strings.Cut(got[len(got)-1], "\t"); !slices.ContainsFunc(matchPasskeys(all, ref), func(p session.Passkey) bool { return p.PasskeyRef == last.PasskeyRef }) {
			t.Errorf("%q does not mean the passkey it was offered for", ref)
		}
		for _, text := range []string{named(last), siteOf(last)} {
			if strings.ContainsAny(text, "\x1b\n\r\t\a") {
				t.Errorf("%q reaches a terminal", text)
			}
		}
	})
}
