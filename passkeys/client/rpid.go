package client

import (
	"context"
	"strings"

	"golang.org/x/net/publicsuffix"
)

// rpID is the RP ID of a request: the one it names if the caller may use it, otherwise the caller's host (WebAuthn Level 3, section 5.1.3, steps 7 and 8).
func (c *Client) rpID(ctx context.Context, from Caller, named *string) (string, error) {
	if named == nil {
		return from.Origin.Host, nil
	}
	id := *named
	if err := checkRPID(id); err != nil {
		return "", err
	}
	if from.Checked || belongs(id, from.Origin.Host) {
		return id, nil
	}
	if err := c.related(ctx, from.Origin, id); err != nil {
		return "", err
	}
	return id, nil
}

// checkRPID wants an RP ID in the one form that can be hashed: a name in lower-case ASCII.
func checkRPID(id string) error {
	ascii, err := asciiHost(id)
	if err != nil {
		return errorf(Security, "the RP ID %q is not the name of a site", clip(id))
	}
	if ascii != id {
		return errorf(Security, "the RP ID %q is not written as %q, which is what gets hashed", clip(id), ascii)
	}
	return nil
}

// belongs reports whether a page at host may use the RP ID: it is the host, or a registrable part of it (HTML, section 7.1.1.2, "is a registrable domain
// suffix of or is equal to"). The public suffix list counts with its private section, as it does in browsers.
func belongs(id, host string) bool {
	if id == host {
		return true
	}
	if !strings.HasSuffix(host, "."+id) {
		return false
	}
	return len(id) > len(suffixOf(host)) && suffixOf(id) != id
}

func suffixOf(host string) string {
	suffix, _ := publicsuffix.PublicSuffix(host)
	return suffix
}

// errForeign is the refusal of an RP ID that does not belong to the page.
func errForeign(from Origin, id, why string) error {
	return errorf(Security, "%s asked for a passkey of %s: refused%s", from.Host, clip(id), why)
}
