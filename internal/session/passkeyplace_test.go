package session_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"signet/internal/session"
	"signet/vault"
	"signet/vault/secret"
)

// addLogin adds an entry with an address and a user name.
func addLogin(t testing.TB, l *session.Local, title, user string, urls ...vault.URL) vault.ID {
	t.Helper()
	e := vault.Entry{ID: vault.SystemIDs().Record(), Title: title, URLs: urls, Credentials: []vault.Credential{{
		Type: vault.BasicAuth, Members: []vault.Member{{Name: "username", Value: secret.FromString(user)}, {Name: "password", Value: secret.FromString("pw")}},
	}}}
	edits, err := e.Edits(vault.SystemIDs())
	must(t, err)
	_, err = l.Apply(t.Context(), nil, edits)
	must(t, err)
	return e.ID
}

func at(urls ...string) (out []vault.URL) {
	for _, u := range urls {
		out = append(out, vault.URL{URL: u})
	}
	return out
}

// whereIs returns the entry of a credential.
func whereIs(t testing.TB, l *session.Local, id []byte, q session.PasskeyQuery) session.Passkey {
	t.Helper()
	list, err := l.Passkeys(t.Context(), q)
	must(t, err)
	for _, p := range list {
		if string(p.CredentialID) == string(id) {
			return p
		}
	}
	t.Fatalf("the passkey is not among %d", len(list))
	return session.Passkey{}
}

// A passkey goes to the entry of its account, and never to one that may be another's.
func TestAPasskeyFindsItsEntry(t *testing.T) {
	for _, c := range []struct {
		name, rp, user string
		add            func(l *session.Local) []vault.ID // the first is where it belongs, when fits
		fits           bool
	}{
		{"same host and user", "example.com", "ada", func(l *session.Local) []vault.ID {
			return ids(addLogin(t, l, "E", "ada", at("https://example.com/login")...))
		}, true},
		{"user names in another case", "example.com", "Ada@Example.com ", func(l *session.Local) []vault.ID {
			return ids(addLogin(t, l, "E", "ada@example.com", at("https://www.example.com")...))
		}, true},
		{"a host below the site", "example.com", "ada", func(l *session.Local) []vault.ID {
			return ids(addLogin(t, l, "E", "ada", at("https://login.example.com")...))
		}, true},
		{"an address without a scheme", "example.com", "ada", func(l *session.Local) []vault.ID { return ids(addLogin(t, l, "E", "ada", at("example.com:8443/x")...)) }, true},
		{"the very host before one below", "example.com", "ada", func(l *session.Local) []vault.ID {
			return ids(addLogin(t, l, "E", "ada", at("https://example.com")...), addLogin(t, l, "F", "ada", at("https://login.example.com")...))
		}, true},
		{"another user", "example.com", "bob", func(l *session.Local) []vault.ID {
			return ids(addLogin(t, l, "E", "ada", at("https://example.com")...))
		}, false},
		{"no user name", "example.com", "", func(l *session.Local) []vault.ID { return ids(addLogin(t, l, "E", "", at("https://example.com")...)) }, false},
		{"two that fit", "example.com", "ada", func(l *session.Local) []vault.ID {
			return ids(addLogin(t, l, "E", "ada", at("https://example.com")...), addLogin(t, l, "F", "ada", at("https://example.com")...))
		}, false},
		{"the site is below the host", "login.example.com", "ada", func(l *session.Local) []vault.ID {
			return ids(addLogin(t, l, "E", "ada", at("https://example.com")...))
		}, false},
		{"no dot before the site", "example.com", "ada", func(l *session.Local) []vault.ID {
			return ids(addLogin(t, l, "E", "ada", at("https://badexample.com")...))
		}, false},
		{"a public suffix", "github.io", "ada", func(l *session.Local) []vault.ID {
			return ids(addLogin(t, l, "E", "ada", at("https://ada.github.io")...))
		}, false},
		{"a country", "co.uk", "ada", func(l *session.Local) []vault.ID { return ids(addLogin(t, l, "E", "ada", at("https://bank.co.uk")...)) }, false},
		{"part of an address in numbers", "0.1", "ada", func(l *session.Local) []vault.ID { return ids(addLogin(t, l, "E", "ada", at("https://127.0.0.1")...)) }, false},
		{"never", "example.com", "ada", func(l *session.Local) []vault.ID {
			return ids(addLogin(t, l, "E", "ada", vault.URL{URL: "https://example.com", Match: "never"}))
		}, false},
		{"only this host", "example.com", "ada", func(l *session.Local) []vault.ID {
			return ids(addLogin(t, l, "E", "ada", vault.URL{URL: "https://login.example.com", Match: "host"}))
		}, false},
		{"in the trash", "example.com", "ada", func(l *session.Local) []vault.ID {
			id := addLogin(t, l, "E", "ada", at("https://example.com")...)
			_, err := l.Apply(t.Context(), nil, []vault.Edit{vault.Trash(id, time.Now())})
			must(t, err)
			return ids(id)
		}, false},
		{"another scheme", "example.com", "ada", func(l *session.Local) []vault.ID { return ids(addLogin(t, l, "E", "ada", at("ftp://example.com")...)) }, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, l := newDoor(t)
			there := c.add(l)
			p := credential(t, c.rp, "u", c.user)
			must(t, d.Store().Put(t.Context(), p))
			got := whereIs(t, l, p.ID, session.PasskeyQuery{})
			if c.fits && got.Entry != there[0] || !c.fits && slices.Contains(there, got.Entry) {
				t.Errorf("it is in %q", got.Title)
			}
		})
	}
}

func ids(all ...vault.ID) []vault.ID { return all }

// Two accounts of one site never share an entry, whatever they are called; the same account does.
func TestAccountsAreNotMixed(t *testing.T) {
	d, l := newDoor(t)
	login := addLogin(t, l, "E", "ada", at("https://example.com")...)
	first, second := credential(t, "example.com", "u1", "ada"), credential(t, "example.com", "u2", "ada")
	must(t, d.Store().Put(t.Context(), first))
	must(t, d.Store().Put(t.Context(), second))
	if a, b := whereIs(t, l, first.ID, session.PasskeyQuery{}), whereIs(t, l, second.ID, session.PasskeyQuery{}); a.Entry != login || b.Entry == login {
		t.Errorf("they are in %s and %s", a.Title, b.Title)
	}
	again := credential(t, "example.com", "u1", "ada")
	must(t, d.Store().Put(t.Context(), again))
	if got := whereIs(t, l, again.ID, session.PasskeyQuery{}); got.Entry != login {
		t.Errorf("the new one is in %q", got.Title)
	}
	old := whereIs(t, l, first.ID, session.PasskeyQuery{Trash: true})
	if old.Title != "E" || old.Entry == login {
		t.Errorf("the old one is %+v", old)
	}
	must(t, undo(t, l))
	if got := whereIs(t, l, first.ID, session.PasskeyQuery{}); got.Entry != login {
		t.Errorf("after one undo the old one is in %q", got.Title)
	}
	if list, _ := l.Passkeys(t.Context(), session.PasskeyQuery{Trash: true}); len(list) != 0 {
		t.Errorf("%d are in the trash after the undo", len(list))
	}
}

func undo(t testing.TB, l *session.Local) error {
	t.Helper()
	_, err := l.Undo(t.Context(), nil)
	return err
}

// What goes to the trash comes out of it whole, from an entry of its own or with its entry.
func TestThePasskeyComesOutOfTheTrash(t *testing.T) {
	for name, login := range map[string]bool{"with its entry": false, "beside a login": true} {
		t.Run(name, func(t *testing.T) {
			d, l := newDoor(t)
			if login {
				addLogin(t, l, "E", "ada", at("https://example.com")...)
			}
			c := credential(t, "example.com", "u", "ada")
			c.Counter = 9
			must(t, d.Store().Put(t.Context(), c))
			must(t, d.Store().Delete(t.Context(), c.ID))
			if n, err := d.Store().Count(t.Context()); n != 0 || err != nil {
				t.Errorf("count %d, %v", n, err)
			}
			gone := whereIs(t, l, c.ID, session.PasskeyQuery{Trash: true})
			page, err := l.Find(t.Context(), session.Query{})
			must(t, err)
			if want := map[bool]int{true: 1}[login]; len(page.Rows) != want {
				t.Errorf("%d entries outside the trash", len(page.Rows))
			}
			_, err = l.Apply(t.Context(), nil, []vault.Edit{vault.Untrash(gone.Entry)})
			must(t, err)
			back, err := d.Store().ByID(t.Context(), c.ID)
			if err != nil || back.Counter != 9 || !back.SecretUV.Equal(c.SecretUV) || string(back.Blob) != "blob" || string(back.Key.PublicKey()) != string(c.Key.PublicKey()) {
				t.Errorf("it came back as %+v, %v", back, err)
			}
		})
	}
}

// Clear is one edit, and leaves logins where they are.
func TestClearIsOneEdit(t *testing.T) {
	d, l := newDoor(t)
	addLogin(t, l, "E", "ada", at("https://site1.example")...)
	for i := range 4 {
		must(t, d.Store().Put(t.Context(), credential(t, fmt.Sprintf("site%d.example", i), "u", "ada")))
	}
	must(t, d.Store().Clear(t.Context()))
	if list, _ := l.Passkeys(t.Context(), session.PasskeyQuery{Trash: true}); len(list) != 4 {
		t.Errorf("%d in the trash", len(list))
	}
	if page, _ := l.Find(t.Context(), session.Query{}); len(page.Rows) != 1 || page.Rows[0].Title != "E" {
		t.Errorf("left: %+v", page.Rows)
	}
	must(t, undo(t, l))
	if n, _ := d.Store().Count(t.Context()); n != 4 {
		t.Errorf("%d after one undo", n)
	}
}

// An RP ID is a value: whatever it is made of, it is found as itself, names no file and makes no address that it is not.
func TestHostileSites(t *testing.T) {
	d, l := newDoor(t)
	for _, rp := range []string{
		"../../etc/passwd", "/", "*", "a\x00b", "a\nb", "\x1b[2J", "%2e%2e", strings.Repeat("a.", 127) + "a", "https://example.com", "example.com/x", "{{.}}", "cred/x/key",
		"\x05abc", "ex ample.com", "\u202eexample.com", "127.0.0.1", "-a.example",
	} {
		c := credential(t, rp, "u", "ada\xff")
		c.RPName = "\x1b]0;bank\x07\xfe"
		must(t, d.Store().Put(t.Context(), c))
		if found, err := d.Store().Find(t.Context(), rp); err != nil || len(found) != 1 || found[0].RPID != rp {
			t.Errorf("%q: %d found, %v", rp, len(found), err)
		}
		e, err := l.Get(t.Context(), whereIs(t, l, c.ID, session.PasskeyQuery{}).Entry, session.GetOptions{})
		must(t, err)
		if len(e.URLs) != 0 && rp != "127.0.0.1" && !strings.HasPrefix(rp, "a.a.") {
			t.Errorf("%q has the address %q", rp, e.URLs[0].URL)
		}
		if strings.Contains(e.Title, "bank") {
			t.Errorf("%q calls itself %q", rp, e.Title)
		}
	}
}

// An entry is titled by what a site calls itself only where its address says the same.
func TestTitles(t *testing.T) {
	for _, c := range [][3]string{
		{"github.com", "GitHub", "GitHub"}, {"login.github.com", "GitHub", "GitHub"}, {"evil.example", "GitHub", "evil.example"}, {"github.com.evil.example", "GitHub", "github.com.evil.example"},
		{"my-bank.co.uk", "My Bank", "My Bank"}, {"github.io", "GitHub", "github.io"}, {"example.com", "", "example.com"}, {"localhost", "Localhost", "localhost"},
	} {
		d, l := newDoor(t)
		p := credential(t, c[0], "u", "ada")
		p.RPName = c[1]
		must(t, d.Store().Put(t.Context(), p))
		if e := onlyEntry(t, l); e.Title != c[2] {
			t.Errorf("%s called %q is titled %q", c[0], c[1], e.Title)
		}
	}
}
