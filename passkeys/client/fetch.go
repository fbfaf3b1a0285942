package client

import "context"

// Fetcher asks a site one thing, for related origins (WebAuthn Level 3, section 5.11). It sends GET to an https URL without cookies, credentials and
// referrer, follows no redirect, and reads at most limit bytes of the body. It ends with its context.
type Fetcher interface {
	Fetch(ctx context.Context, url string, limit int64) (Fetched, error)
}

// Fetched is the answer of a site.
type Fetched struct {
	Status      int
	Location    string // of a redirect
	ContentType string
	Body        []byte
	More        bool // the body is longer than the limit
}
