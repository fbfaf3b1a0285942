package client_test

import (
	"strings"
	"testing"

	"signet/passkeys/client"
)

func TestOriginsAreReadAsBrowsersDo(t *testing.T) {
	for in, want := range map[string]string{
		"https://example.com":                "https://example.com",
		"https://example.com/":               "https://example.com",
		"HTTPS://EXAMPLE.com":                "https://example.com",
		"https://example.com:443":            "https://example.com",
		"https://example.com:0443":           "https://example.com",
		"https://example.com:":               "https://example.com",
		"https://example.com:8443":           "https://example.com:8443",
		"https://bücher.example":             "https://xn--bcher-kva.example",
		"https://faß.example":                "https://xn--fa-hia.example",
		"https://ex%61mple.com":              "",
		"https://日本語。jp":                     "https://xn--wgv71a119e.jp",
		"https://a_b.example":                "https://a_b.example",
		"https://xn--bcher-kva.example":      "https://xn--bcher-kva.example",
		"http://localhost":                   "http://localhost",
		"http://localhost:8080":              "http://localhost:8080",
		"http://app.localhost:3000":          "http://app.localhost:3000",
		"https://localhost":                  "https://localhost",
		"http://localhost:80":                "http://localhost",
		"https://intranet":                   "https://intranet",
		"https://1.example":                  "https://1.example",
		"https://" + strings.Repeat("a", 63): "https://" + strings.Repeat("a", 63),
	} {
		o, err := client.ParseOrigin(in)
		if want == "" {
			if err == nil {
				t.Errorf("%s: taken as %s", in, o)
			}
			continue
		}
		if err != nil || o.String() != want {
			t.Errorf("%s: %s %v, want %s", in, o, err, want)
		}
	}
}

func TestOriginsThatMayNotUsePasskeys(t *testing.T) {
	for in, want := range map[string][2]string{
		"null":                                 {client.NotAllowed, "no origin of its own"},
		"":                                     {client.Security, "not an origin"},
		"example.com":                          {client.Security, "write https://host"},
		"http://example.com":                   {client.Security, "not secure"},
		"http://localhost.example.com":         {client.Security, "not secure"},
		"http://notlocalhost":                  {client.Security, "not secure"},
		"ftp://example.com":                    {client.Security, "not secure"},
		"chrome-extension://abc":               {client.Security, "not secure"},
		"file:///etc/passwd":                   {client.Security, "without a path"},
		"https://example.com/path":             {client.Security, "without a path"},
		"https://example.com?q":                {client.Security, "without a path"},
		"https://example.com#f":                {client.Security, "without a path"},
		"https://user@example.com":             {client.Security, "user name"},
		`https://example.com\evil`:             {client.Security, "without a path"},
		"https://127.0.0.1":                    {client.Security, "an address"},
		"http://127.0.0.1:8080":                {client.Security, "an address"},
		"https://127.1":                        {client.Security, "an address"},
		"https://0x7f.0.0.1":                   {client.Security, "an address"},
		"https://2130706433":                   {client.Security, "an address"},
		"https://example.0x":                   {client.Security, "an address"},
		"https://[::1]":                        {client.Security, "an address"},
		"https://[::1]:443":                    {client.Security, "an address"},
		"https://１２７.０.０.１":                    {client.Security, "an address"},
		"https://":                             {client.Security, "not the name"},
		"https://example.com.":                 {client.Security, "not the name"},
		"https://a..b":                         {client.Security, "not the name"},
		"https://.example.com":                 {client.Security, "not the name"},
		"https://exam ple.com":                 {client.Security, "not the name"},
		"https://example.com:65536":            {client.Security, "no port"},
		"https://example.com:+1":               {client.Security, "no port"},
		"https://example.com:1:2":              {client.Security, "no port"},
		"https://xn--a.example":                {client.Security, "not the name"},
		"https://" + strings.Repeat("a", 64):   {client.Security, "not the name"},
		"https://" + strings.Repeat("a.", 200): {client.Security, "not the name"},
		"https://" + strings.Repeat("a", 4000): {client.Security, "not an origin"},
		"https://a\x00b.example":               {client.Security, "not the name"},
		"https://a*b.example":                  {client.Security, "not the name"},
	} {
		_, err := client.ParseOrigin(in)
		fails(t, err, want[0], want[1])
	}
}

// What an RP ID may be for a page: itself, or a registrable part of its host.
func TestRPIDsOfPages(t *testing.T) {
	for _, c := range []struct {
		origin, rpID string
		ok           bool
	}{
		{"https://example.com", "example.com", true},
		{"https://login.example.com", "example.com", true},
		{"https://a.b.example.com", "b.example.com", true},
		{"https://login.example.com:8443", "example.com", true},
		{"https://example.com", "login.example.com", false},
		{"https://evilexample.com", "example.com", false}, // the dot
		{"https://example.com.evil.test", "example.com", false},
		{"https://evil.example", "bank.example", false},
		{"https://login.example.com", "com", false},
		{"https://shop.example.co.uk", "example.co.uk", true},
		{"https://shop.example.co.uk", "co.uk", false},
		{"https://alice.github.io", "github.io", false}, // the private section
		{"https://alice.github.io", "alice.github.io", true},
		{"https://a.alice.github.io", "alice.github.io", true},
		{"https://github.io", "github.io", true}, // its own host
		{"https://x.b.kobe.jp", "b.kobe.jp", false},
		{"https://x.b.kobe.jp", "kobe.jp", false},
		{"https://x.city.kobe.jp", "city.kobe.jp", true}, // the exception to the rule above
		{"https://app.intranet", "intranet", false},
		{"https://intranet", "intranet", true},
		{"http://localhost:8080", "localhost", true},
		{"http://app.localhost", "localhost", false},
		{"https://login.example.com", "EXAMPLE.com", false},
		{"https://login.example.com", "example.com.", false},
		{"https://login.example.com", ".example.com", false},
		{"https://login.example.com", "https://example.com", false},
		{"https://login.example.com", "example.com:443", false},
		{"https://login.example.com", "", false},
		{"https://login.example.com", "*.example.com", false},
		{"https://login.bücher.example", "xn--bcher-kva.example", true},
		{"https://login.bücher.example", "bücher.example", false}, // not what gets hashed
	} {
		p := open(t)
		p.from.Origin = origin(t, c.origin)
		_, err := p.create(making(object{"rp": object{"id": c.rpID, "name": "x"}}))
		if c.ok != (err == nil) {
			t.Errorf("%s for %s: %v", c.rpID, c.origin, err)
		}
		if err != nil {
			fails(t, err, client.Security, "")
		}
		if _, err := p.get(getting(object{"rpId": c.rpID})); c.ok != (err == nil) {
			t.Errorf("signing in, %s for %s: %v", c.rpID, c.origin, err)
		}
	}
}

func TestTheReasonNamesBothSides(t *testing.T) {
	p := open(t)
	p.from.Origin = origin(t, "https://evil.example")
	_, err := p.get(getting(object{"rpId": "bank.example"}))
	fails(t, err, client.Security, "evil.example asked for a passkey of bank.example: refused")
	if len(p.device.sent) != 0 {
		t.Error("the device was asked all the same")
	}
}

// Without an RP ID it is the page's host, without its port.
func TestTheRPIDDefaultsToTheHost(t *testing.T) {
	p := open(t)
	p.from.Origin = origin(t, "https://login.example.com:8443")
	p.made(making(object{"rp": object{"name": "x"}}))
	if got := p.person.Last().RPID; got != "login.example.com" {
		t.Errorf("made for %s", got)
	}
	p.signed(getting(object{"rpId": nil}))
}

func TestAnOriginThatNobodyParsedIsRefused(t *testing.T) {
	for _, o := range []client.Origin{{}, {Scheme: "https", Host: "EXAMPLE.com"}, {Scheme: "https", Host: "example.com", Port: "443"}, {Scheme: "https", Host: "a/b"}} {
		p := open(t)
		p.from.Origin = o
		_, err := p.create(making(nil))
		fails(t, err, client.Security, "")
	}
}

// A browser that checked already is believed, but not about what an RP ID is.
func TestACheckedCallerMayUseAnyRPID(t *testing.T) {
	p := open(t)
	p.from = client.Caller{Origin: origin(t, "https://other.example"), Checked: true}
	p.made(making(nil))
	_, err := p.create(making(object{"rp": object{"id": "127.0.0.1", "name": "x"}}))
	fails(t, err, client.Security, "not the name")
	_, err = p.create(making(object{"rp": object{"id": "Bücher.example", "name": "x"}}))
	fails(t, err, client.Security, `not written as "xn--bcher-kva.example"`)
}
