package cli

import (
	"context"
	"crypto/rand"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"signet/passkeys"
	"signet/passkeys/client"
	"signet/passkeys/passkeystest"
)

// siteServer answers as a site does and tells what it was sent.
func siteServer(t *testing.T, answer http.HandlerFunc) (*relatedFetcher, string, *http.Request) {
	t.Helper()
	var seen http.Request
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen = *r
		answer(w, r)
	}))
	t.Cleanup(s.Close)
	f := newRelatedFetcher()
	f.client.Transport = s.Client().Transport
	return f, s.URL + "/.well-known/webauthn", &seen
}

// The question tells the site nothing but that it was asked.
func TestRelatedOriginsAreAskedWithoutCredentials(t *testing.T) {
	t.Parallel()
	f, address, seen := siteServer(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		http.SetCookie(w, &http.Cookie{Name: "a", Value: "b"})
		_, _ = w.Write([]byte(`{"origins":[]}`))
	})
	for range 2 {
		got, err := f.Fetch(t.Context(), address, 100)
		if err != nil || got.Status != http.StatusOK || got.ContentType != "application/json" || string(got.Body) != `{"origins":[]}` || got.More {
			t.Fatalf("%+v, %v", got, err)
		}
		if seen.Method != http.MethodGet || seen.Header.Get("Cookie")+seen.Header.Get("Referer")+seen.Header.Get("Authorization") != "" {
			t.Errorf("the site was sent %v", seen.Header)
		}
	}
}

// A redirect is the client's to judge, not to follow blindly.
func TestRelatedOriginsFollowNoRedirect(t *testing.T) {
	t.Parallel()
	asked := 0
	f, address, _ := siteServer(t, func(w http.ResponseWriter, r *http.Request) {
		asked++
		http.Redirect(w, r, "http://127.0.0.1:1/", http.StatusFound)
	})
	got, err := f.Fetch(t.Context(), address, 100)
	if err != nil || got.Status != http.StatusFound || got.Location != "http://127.0.0.1:1/" || asked != 1 {
		t.Errorf("%+v, %v, asked %d times", got, err, asked)
	}
}

func TestRelatedOriginsAreBounded(t *testing.T) {
	t.Parallel()
	f, address, _ := siteServer(t, func(w http.ResponseWriter, _ *http.Request) {
		for range 1000 {
			_, _ = w.Write([]byte(strings.Repeat("x", 1000)))
		}
	})
	got, err := f.Fetch(t.Context(), address, 100)
	if err != nil || len(got.Body) != 100 || !got.More {
		t.Errorf("%d bytes, more %v, %v", len(got.Body), got.More, err)
	}
}

func TestRelatedOriginsOnlyOverHTTPS(t *testing.T) {
	t.Parallel()
	f := newRelatedFetcher()
	for _, address := range []string{"http://example.com/.well-known/webauthn", "https://user:secret@example.com/", "file:///etc/passwd", "https:///x", "::", ""} {
		if _, err := f.Fetch(t.Context(), address, 100); err == nil || !strings.Contains(err.Error(), "no https address") {
			t.Errorf("%q: %v", address, err)
		}
	}
}

// A certificate that nobody vouches for is no site; a site that does not answer is given up.
func TestRelatedOriginsFail(t *testing.T) {
	t.Parallel()
	f, address, _ := siteServer(t, func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := f.Fetch(ctx, address, 100); err == nil || !strings.Contains(err.Error(), "did not answer in time") {
		t.Errorf("a silent site: %v", err)
	}
	if _, err := newRelatedFetcher().Fetch(t.Context(), address, 100); err == nil || !strings.Contains(err.Error(), "could not be asked") {
		t.Errorf("a certificate of nobody: %v", err)
	}
}

// The whole way: a page of another site is let in by the passkey's site over a real connection, and by nothing else.
func TestRelatedOriginsLetAPageIn(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		want   string
	}{
		"named":     {func(w http.ResponseWriter, _ *http.Request) { related(w, `{"origins":["https://example.org"]}`) }, ""},
		"not named": {func(w http.ResponseWriter, _ *http.Request) { related(w, `{"origins":["https://example.net"]}`) }, client.Security},
		"gone":      {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) }, client.Security},
		"by http": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://example.com/.well-known/webauthn", http.StatusFound)
		}, client.Security},
		"elsewhere": {func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/other" {
				related(w, `{"origins":["https://example.org"]}`)
				return
			}
			http.Redirect(w, r, "https://example.com/other", http.StatusFound)
		}, ""},
		"too long": {func(w http.ResponseWriter, _ *http.Request) {
			related(w, `{"origins":["https://example.org"`+strings.Repeat(" ", 8<<20)+`]}`)
		}, client.Security},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := httptest.NewTLSServer(c.answer) // its certificate is one of example.com
			t.Cleanup(s.Close)
			f := newRelatedFetcher()
			transport := s.Client().Transport.(*http.Transport).Clone()
			transport.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
				return (&net.Dialer{}).DialContext(ctx, network, s.Listener.Addr().String())
			}
			f.client.Transport = transport
			auth, err := passkeys.New(passkeys.Options{
				Store: passkeystest.NewStore(), State: &passkeystest.State{}, Approver: yesSayer{}, Now: time.Now, Rand: rand.Reader, PresenceOnly: true,
			})
			if err != nil {
				t.Fatal(err)
			}
			from, err := client.ParseOrigin("https://example.org")
			if err != nil {
				t.Fatal(err)
			}
			_, err = client.New(client.Options{Device: auth, Fetch: f}).Create(t.Context(), client.Caller{Origin: from}, []byte(
				`{"rp":{"id":"example.com","name":"x"},"user":{"id":"YWRh","name":"ada","displayName":"Ada"},"challenge":"Y2hhbGxlbmdl","pubKeyCredParams":[{"type":"public-key","alg":-7}]}`))
			var dom *client.Error
			switch {
			case c.want == "" && err != nil:
				t.Errorf("refused: %v", err)
			case c.want != "" && (!errors.As(err, &dom) || dom.Name != c.want):
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}

func related(w http.ResponseWriter, body string) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write([]byte(body))
}
