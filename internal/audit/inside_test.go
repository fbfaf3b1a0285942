package audit

import (
	"slices"
	"testing"
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
