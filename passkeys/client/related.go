package client

import (
	"context"
	"errors"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"golang.org/x/net/publicsuffix"
)

// Bounds of a question for related origins.
const (
	maxRelatedBody   = 256 << 10
	maxRedirects     = 5
	maxLabels        = 5 // at least five must be counted (WebAuthn Level 3, section 5.11)
	relatedTimeout   = 10 * time.Second
	relatedOriginsAt = "/.well-known/webauthn"
)

// related asks the RP ID's own site whether the origin may use its passkeys (WebAuthn Level 3, section 5.11.1). nil: it may.
func (c *Client) related(ctx context.Context, from Origin, id string) error {
	if c.opt.Fetch == nil || !strings.Contains(id, ".") || suffixOf(id) == id {
		return errForeign(from, id, "")
	}
	ctx, cancel := context.WithTimeout(ctx, relatedTimeout)
	defer cancel()
	body, err := c.fetchRelated(ctx, "https://"+id+relatedOriginsAt)
	if err != nil {
		return errForeign(from, id, " ("+id+" names no related origins: "+err.Error()+")")
	}
	var list struct {
		Origins []string `json:"origins"`
	}
	if err := json.Unmarshal(body, &list); err != nil || list.Origins == nil {
		return errForeign(from, id, " ("+id+" names no related origins: its answer is not the JSON it has to be)")
	}
	if !relatedTo(from, list.Origins) {
		return errForeign(from, id, " ("+id+" does not name it among its related origins)")
	}
	return nil
}

// relatedTo goes through a list of origins. Only so many different sites count, so that nobody makes a list of the whole web.
func relatedTo(from Origin, origins []string) bool {
	var labels []string
	for _, s := range origins {
		o, err := ParseOrigin(s)
		if err != nil {
			continue
		}
		site, err := publicsuffix.EffectiveTLDPlusOne(o.Host)
		if err != nil {
			continue
		}
		label, _, _ := strings.Cut(site, ".")
		known := slices.Contains(labels, label)
		if !known && len(labels) >= maxLabels {
			continue
		}
		if o == from {
			return true
		}
		if !known {
			labels = append(labels, label)
		}
	}
	return false
}

// fetchRelated gets the document and follows redirects as far as they stay on https.
func (c *Client) fetchRelated(ctx context.Context, at string) ([]byte, error) {
	for range maxRedirects + 1 {
		got, err := c.opt.Fetch.Fetch(ctx, at, maxRelatedBody)
		if err != nil {
			return nil, err
		}
		switch got.Status {
		case http.StatusOK:
			return relatedBody(got)
		case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
			if at, err = redirected(at, got.Location); err != nil {
				return nil, err
			}
		default:
			return nil, errors.New("the answer is " + http.StatusText(got.Status))
		}
	}
	return nil, errors.New("too many redirects")
}

func redirected(from, location string) (string, error) {
	base, err := url.Parse(from)
	if err != nil {
		return "", errors.New("a redirect leads nowhere")
	}
	to, err := base.Parse(location)
	if err != nil || location == "" {
		return "", errors.New("a redirect leads nowhere")
	}
	if to.Scheme != "https" || to.Host == "" || to.User != nil {
		return "", errors.New("a redirect leads away from https")
	}
	return to.String(), nil
}

func relatedBody(got Fetched) ([]byte, error) {
	kind, _, err := mime.ParseMediaType(got.ContentType)
	switch {
	case err != nil || kind != "application/json":
		return nil, errors.New("the answer is not application/json")
	case got.More || len(got.Body) > maxRelatedBody:
		return nil, errors.New("the answer is too long")
	}
	return got.Body, nil
}
