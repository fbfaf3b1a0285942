package client_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"signet/passkeys/client"
)

// web is the network: answers by URL, and what was asked.
type web struct {
	pages map[string]client.Fetched
	asked []string
	limit int64
}

func (w *web) Fetch(ctx context.Context, url string, limit int64) (client.Fetched, error) {
	w.asked, w.limit = append(w.asked, url), limit
	if _, ok := ctx.Deadline(); !ok {
		return client.Fetched{}, errors.New("no time limit")
	}
	got, ok := w.pages[url]
	if !ok {
		return got, errors.New("no route to host")
	}
	return got, nil
}

func document(body string) client.Fetched {
	return client.Fetched{Status: 200, ContentType: "application/json; charset=utf-8", Body: []byte(body)}
}

const relatedURL = "https://example.com/.well-known/webauthn"

func TestRelatedOriginsMayUseThePasskeys(t *testing.T) {
	list := func(origins ...string) client.Fetched {
		return document(fmt.Sprintf(`{"origins":["%s"],"more":1}`, strings.Join(origins, `","`)))
	}
	six := []string{"https://a1.test", "https://a2.test", "https://a3.test", "https://a4.test", "https://a5.test", "https://example.de"}
	for name, c := range map[string]struct {
		page  client.Fetched
		other map[string]client.Fetched
		why   string // empty: it may
	}{
		"it is named":                   {page: list("https://example.de")},
		"among others":                  {page: list("https://a.test", "nonsense", "http://x.test", "https://1.2.3.4", "https://com", "https://example.de/")},
		"the port is another":           {list("https://example.de:8443"), nil, "does not name it"},
		"the scheme is another":         {list("http://example.de"), nil, "does not name it"},
		"a subdomain":                   {list("https://www.example.de"), nil, "does not name it"},
		"six labels":                    {list(six...), nil, "does not name it"},
		"five labels":                   {page: list(six[1:]...)},
		"a known label after five":      {page: list("https://example.uk", six[0], six[1], six[2], six[3], six[4], "https://example.de")},
		"one label many times":          {page: list("https://a.test", "https://a.de", "https://a.fr", "https://a.it", "https://a.es", "https://a.pl", "https://example.de")},
		"an empty list":                 {document(`{"origins":[]}`), nil, "does not name it"},
		"no list":                       {document(`{}`), nil, "not the JSON"},
		"a list of numbers":             {document(`{"origins":[1]}`), nil, "not the JSON"},
		"an array":                      {document(`["https://example.de"]`), nil, "not the JSON"},
		"a list twice":                  {document(`{"origins":[],"origins":["https://example.de"]}`), nil, "not the JSON"},
		"no JSON":                       {document(`<html>`), nil, "not the JSON"},
		"another type":                  {client.Fetched{Status: 200, ContentType: "text/html", Body: []byte(`{"origins":["https://example.de"]}`)}, nil, "not application/json"},
		"no type":                       {client.Fetched{Status: 200, Body: []byte(`{"origins":["https://example.de"]}`)}, nil, "not application/json"},
		"not found":                     {client.Fetched{Status: 404}, nil, "Not Found"},
		"too long":                      {client.Fetched{Status: 200, ContentType: "application/json", Body: []byte(`{}`), More: true}, nil, "too long"},
		"longer than the fetcher's own": {document(`{"origins":["https://example.de"]}` + strings.Repeat(" ", 300<<10)), nil, "too long"},
		"a redirect": {
			page:  client.Fetched{Status: 301, Location: "/other"},
			other: map[string]client.Fetched{"https://example.com/other": list("https://example.de")},
		},
		"a redirect to another host": {
			page:  client.Fetched{Status: 307, Location: "https://cdn.test/w"},
			other: map[string]client.Fetched{"https://cdn.test/w": list("https://example.de")},
		},
		"a redirect to http":     {client.Fetched{Status: 302, Location: "http://example.com/w"}, nil, "away from https"},
		"a redirect to a file":   {client.Fetched{Status: 302, Location: "file:///etc/passwd"}, nil, "away from https"},
		"a redirect with a name": {client.Fetched{Status: 302, Location: "https://me:pw@example.com/w"}, nil, "away from https"},
		"a redirect to nowhere":  {client.Fetched{Status: 302}, nil, "nowhere"},
		"redirects in a circle":  {client.Fetched{Status: 302, Location: relatedURL}, nil, "too many redirects"},
		"nobody there":           {client.Fetched{Status: 302, Location: "https://gone.test"}, nil, "no route to host"},
	} {
		t.Run(name, func(t *testing.T) {
			p := open(t)
			w := &web{pages: map[string]client.Fetched{relatedURL: c.page}}
			for url, page := range c.other {
				w.pages[url] = page
			}
			p.opt.Fetch, p.from.Origin = w, origin(t, "https://example.de")
			_, err := p.create(making(nil))
			if c.why == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			fails(t, err, client.Security, c.why)
			fails(t, err, client.Security, "example.de asked for a passkey of example.com: refused")
			if len(w.asked) > 6 || w.limit > 1<<20 {
				t.Errorf("asked %v with limit %d", w.asked, w.limit)
			}
		})
	}
}

// Nobody is asked where the host decides already, and nobody where there can be no such site.
func TestTheNetworkIsAskedOnlyWhenItDecides(t *testing.T) {
	p := open(t)
	w := &web{}
	p.opt.Fetch = w
	p.made(making(nil))
	for _, id := range []string{"localhost", "intranet", "com", "co.uk", "github.io"} {
		_, err := p.create(making(object{"rp": object{"id": id, "name": "x"}}))
		fails(t, err, client.Security, "")
	}
	if len(w.asked) != 0 {
		t.Errorf("asked %v", w.asked)
	}
}
