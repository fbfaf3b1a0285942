package cli

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"signet/internal/buildinfo"
	"signet/passkeys/client"
)

// relatedTimeout is how long a site may take to say which other origins may use its passkeys.
const relatedTimeout = 10 * time.Second

// relatedFetcher asks a site for its related origins over HTTPS (WebAuthn Level 3, section 5.11): no cookies, no credentials, no referrer, and no redirect is
// followed here, because the client has to look at where it leads.
type relatedFetcher struct{ client *http.Client }

var _ client.Fetcher = (*relatedFetcher)(nil)

func newRelatedFetcher() *relatedFetcher {
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &relatedFetcher{&http.Client{Timeout: relatedTimeout, CheckRedirect: stay}}
}

// Fetch implements client.Fetcher.
func (f *relatedFetcher) Fetch(ctx context.Context, address string, limit int64) (client.Fetched, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" || u.User != nil || u.Host == "" {
		return client.Fetched{}, fmt.Errorf("ask for related origins: %q is no https address", address)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return client.Fetched{}, fmt.Errorf("ask for related origins: %w", err)
	}
	req.Header.Set("User-Agent", "signet/"+buildinfo.Version())
	req.Header.Set("Accept", "application/json")
	res, err := f.client.Do(req)
	if err != nil {
		return client.Fetched{}, plainSiteError(u.Host, err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, limit+1))
	if err != nil {
		return client.Fetched{}, plainSiteError(u.Host, err)
	}
	got := client.Fetched{Status: res.StatusCode, Location: res.Header.Get("Location"), ContentType: res.Header.Get("Content-Type"), Body: body}
	if int64(len(body)) > limit {
		got.Body, got.More = body[:limit], true
	}
	return got, nil
}

func plainSiteError(host string, err error) error {
	if temporary(err) {
		return fmt.Errorf("%s did not answer in time", host)
	}
	return fmt.Errorf("%s could not be asked: %w", host, err)
}
