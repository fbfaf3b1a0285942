package audit

import (
	"slices"
	"strings"
	"testing"
	"time"
	"unsafe"

	"signet/vault/entry"
	"signet/vault/secret"
)

func TestSites(t *testing.T) {
	for url, want := range map[string]string{
		"https://accounts.google.com/x": "google.com", "https://www.example.co.uk": "example.co.uk", "http://ada.github.io": "ada.github.io", "example.com:8080/x": "example.com",
		"https://[::1]:8443/": "::1", "http://10.0.0.1": "10.0.0.1", "nas": "nas", "": "", "not a url": "", "https://x.de": "x.de", "https://git.sr.ht/~x": "sr.ht", "https://login.x.de.": "x.de",
	} {
		if got := site(url); got != want {
			t.Errorf("%q is the site %q, expected %q", url, got, want)
		}
	}
}

func TestLocalHosts(t *testing.T) {
	for host, want := range map[string]bool{
		"localhost": true, "127.0.0.1": true, "192.168.178.1": true, "172.16.0.1": true, "172.32.0.1": false, "8.8.8.8": false, "fd00::1": true, "2001:db8::1": false,
		"::ffff:10.0.0.1": true, "printer.local": true, "local.example.com": false, "example.com": false, "a.home.arpa": true, "mylan": true, "evil.lan.example": false,
	} {
		if local(host) != want {
			t.Errorf("%s: local is %v", host, !want)
		}
	}
}

func TestTheListOfSitesIsSortedAndIsOfSites(t *testing.T) {
	if !slices.IsSorted(offersSecond) || len(slices.Compact(slices.Clone(offersSecond))) != len(offersSecond) {
		t.Error("not sorted, or one twice")
	}
	for _, s := range offersSecond {
		if site("https://"+s) != s {
			t.Errorf("%s is never found: the site is %s", s, site("https://"+s))
		}
	}
}

// No string of a fact is a part of the record that it came from: that holds the password in clear.
func TestFactsKeepNothingOfTheRecord(t *testing.T) {
	record := "id title user tag example site.example passwd path letmein"
	part := func(s string) string { i := strings.Index(record, s); return record[i : i+len(s)] }
	e := entry.Entry{
		ID: entry.ID(part("id")), Rec: entry.RecEntry, Title: part("title"), Tags: []string{part("tag")}, URLs: []entry.URL{{ID: part("id"), URL: part("site.example")}, {URL: part("example")}},
		Credentials: []entry.Credential{
			{Type: entry.BasicAuth, Members: []entry.Member{{Name: "username", Value: secret.FromString("user")}, {Name: "password", Path: part("path"), Value: secret.FromString("letmein"), Wall: 1}}},
			{Type: entry.TOTP, Members: []entry.Member{{Name: "issuer", Value: secret.FromString("x")}}},
			{Type: entry.CreditCard, Members: []entry.Member{{Name: "expiryDate", Path: part("path"), Value: secret.FromString("2020-01")}}},
		},
	}
	x := examiner{a: &Auditor{scores: map[digest]judged{}}, o: Options{Now: time.Now(), OldAfter: OldAfter}, hash: newHasher([keySize]byte{})}
	f := x.examine(e)
	kept := slices.Concat([]string{string(f.id), f.title, f.user}, f.tags, f.sites, f.names)
	for _, u := range f.passwords {
		kept = append(kept, u.path)
	}
	for _, n := range f.found {
		kept = append(kept, string(n.Entry), n.Title, n.User, n.Path, n.What)
	}
	if len(f.found) < 3 {
		t.Fatalf("%d findings", len(f.found))
	}
	begin := uintptr(unsafe.Pointer(unsafe.StringData(record)))
	for _, s := range kept {
		if at := uintptr(unsafe.Pointer(unsafe.StringData(s))); len(s) > 0 && at >= begin && at < begin+uintptr(len(record)) {
			t.Errorf("%q is a part of the record", s)
		}
	}
}

func TestHints(t *testing.T) {
	got := Hints("ada.lovelace@example.com", "", "My Bank", "https://login.big-shop.co.uk/x", "io")
	want := []string{"ada.lovelace@example.com", "ada.lovelace", "my bank", "big-shop", "ada", "lovelace", "example", "com", "bank"}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

func TestGuessText(t *testing.T) {
	for g, want := range map[float64]string{
		1: "one of the first guesses", 77: "found within 80 guesses", 11_100: "found within 12 thousand guesses", 94e6: "found within 94 million guesses", 2e12: "found within 10^13 guesses",
	} {
		if got := guessText(g); got != want {
			t.Errorf("%g: %q, expected %q", g, got, want)
		}
	}
}
