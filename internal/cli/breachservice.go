package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"

	"signet/internal/audit"
	"signet/internal/buildinfo"
)

// breachService is where breached passwords are asked for: Have I Been Pwned's range search, which is free and asks for no account.
const breachService = "https://api.pwnedpasswords.com"

// Bounds of one question.
const (
	breachTimeout = 15 * time.Second // for one answer
	breachTries   = 3
	breachPause   = 2 * time.Second  // before the second try, twice that before the third
	breachWait    = 30 * time.Second // the longest wait that the service may ask for
)

// breachFetcher asks over HTTPS. The service learns five digits of a hash for every password, and the address that asks.
type breachFetcher struct {
	client *http.Client
	base   string
	pause  func(ctx context.Context, d time.Duration) error
}

func newBreachFetcher() *breachFetcher {
	// A redirect would carry the question somewhere else.
	noRedirect := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &breachFetcher{client: &http.Client{Timeout: breachTimeout, CheckRedirect: noRedirect}, base: breachService, pause: pause}
}

func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// errBusy is an answer that says to come back later.
type errBusy struct{ after time.Duration }

func (e *errBusy) Error() string { return "the service is busy" }

// Fetch implements audit.Fetcher. What may pass by itself is tried again.
func (f *breachFetcher) Fetch(ctx context.Context, prefix string) ([]byte, error) {
	wait := breachPause
	for try := 1; ; try++ {
		body, err := f.once(ctx, prefix)
		var busy *errBusy
		again := errors.As(err, &busy)
		if err == nil || !again && !temporary(err) || try == breachTries || ctx.Err() != nil {
			return body, err
		}
		d := wait
		if again && busy.after > 0 {
			d = min(busy.after, breachWait)
		}
		if err := f.pause(ctx, d); err != nil {
			return nil, err
		}
		wait *= 2
	}
}

func temporary(err error) bool {
	var n net.Error
	return errors.As(err, &n) && n.Timeout()
}

func (f *breachFetcher) once(ctx context.Context, prefix string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, f.base+"/range/"+prefix, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("User-Agent", "signet/"+buildinfo.Version())
	req.Header.Set("Add-Padding", "true") // the size of the answer says nothing about the prefix
	res, err := f.client.Do(req)
	if err != nil {
		return nil, plainNetError(err)
	}
	defer res.Body.Close()
	switch {
	case res.StatusCode == http.StatusTooManyRequests, res.StatusCode == http.StatusServiceUnavailable:
		sec, _ := strconv.Atoi(res.Header.Get("Retry-After"))
		return nil, &errBusy{time.Duration(min(max(sec, 0), 3600)) * time.Second}
	case res.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("the service answered with status %d", res.StatusCode)
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, audit.MaxAnswer+1))
	if err != nil {
		return nil, plainNetError(err)
	}
	return body, nil
}

// plainNetError leaves the question out of the error: it holds a part of a hash.
func plainNetError(err error) error {
	var n net.Error
	if errors.As(err, &n) && n.Timeout() {
		return &timeoutError{}
	}
	for inner := err; inner != nil; inner = errors.Unwrap(inner) {
		err = inner
	}
	return fmt.Errorf("the service could not be reached: %w", err)
}

type timeoutError struct{}

func (*timeoutError) Error() string   { return "the service did not answer in time" }
func (*timeoutError) Timeout() bool   { return true }
func (*timeoutError) Temporary() bool { return true }
