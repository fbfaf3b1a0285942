package cli

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// ask asks a server of the test; waits are counted and not waited.
func ask(t *testing.T, h http.HandlerFunc) (body string, waited []time.Duration, err error) {
	t.Helper()
	srv := httptest.NewServer(h)
	defer srv.Close()
	f := newBreachFetcher()
	f.base = srv.URL
	f.client.Timeout = 200 * time.Millisecond
	f.pause = func(_ context.Context, d time.Duration) error { waited = append(waited, d); return nil }
	b, err := f.Fetch(t.Context(), "5BAA6")
	return string(b), waited, err
}

func TestTheServiceIsAskedAsItWants(t *testing.T) {
	t.Parallel()
	body, _, err := ask(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/range/5BAA6" || r.URL.RawQuery != "" || r.Method != http.MethodGet {
			t.Errorf("asked %s %s", r.Method, r.URL)
		}
		if r.Header.Get("Add-Padding") != "true" || !strings.HasPrefix(r.Header.Get("User-Agent"), "signet/") || r.Header.Get("Cookie") != "" {
			t.Errorf("headers %v", r.Header)
		}
		_, _ = w.Write([]byte("0018A45C4D1DEF81644B54AB7F969B88D65:3\r\n"))
	})
	if err != nil || !strings.HasSuffix(body, ":3\r\n") {
		t.Errorf("%q, %v", body, err)
	}
}

func TestABusyServiceIsAskedAgainLater(t *testing.T) {
	t.Parallel()
	n := 0
	body, waited, err := ask(t, func(w http.ResponseWriter, _ *http.Request) {
		if n++; n < 3 {
			w.Header().Set("Retry-After", map[int]string{1: "7", 2: "999999"}[n])
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		_, _ = w.Write([]byte("x"))
	})
	if err != nil || body != "x" || len(waited) != 2 || waited[0] != 7*time.Second || waited[1] != breachWait {
		t.Errorf("%q after %v, %v", body, waited, err)
	}
}

// No error holds the question: five digits of a hash.
func TestWhatTheServiceCanDoWrong(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		h    http.HandlerFunc
		want string
	}{
		"busy for ever": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }, "the service is busy"},
		"not there":     {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) }, "the service answered with status 404"},
		"elsewhere": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://elsewhere.example/5BAA6", http.StatusFound)
		}, "the service answered with status 302"},
		"silent": {func(_ http.ResponseWriter, r *http.Request) {
			select {
			case <-r.Context().Done():
			case <-time.After(5 * time.Second):
			}
		}, "the service did not answer in time"},
		"hangs up": {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "the service could not be reached: EOF"},
	} {
		_, _, err := ask(t, c.h)
		if err == nil || err.Error() != c.want {
			t.Errorf("%s: %v, expected %q", name, err, c.want)
		}
		if err != nil && strings.Contains(err.Error(), "5BAA6") {
			t.Errorf("%s: the error holds the question", name)
		}
	}
	f := newBreachFetcher()
	f.base = "http://127.0.0.1:1"
	if _, err := f.Fetch(t.Context(), "5BAA6"); err == nil || !strings.HasPrefix(err.Error(), "the service could not be reached") || strings.Contains(err.Error(), "5BAA6") {
		t.Errorf("nobody there: %v", err)
	}
}
