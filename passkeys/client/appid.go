package client

import (
	"net/url"

	"golang.org/x/net/publicsuffix"
)

// maxAppID is the longest AppID, which takes the place of an RP ID.
const maxAppID = 253

// checkAppID says whether an origin may use credentials of U2F's time under an AppID (WebAuthn Level 3, section 10.1.1). As in browsers, nobody is asked for
// a list of facets: an AppID of the same site is good, every other is not.
func checkAppID(from Origin, appID string) error {
	u, err := appOrigin(appID)
	if err != nil {
		return errorf(Security, "the AppID %q is no https address", clip(appID))
	}
	a, errA := publicsuffix.EffectiveTLDPlusOne(u.Host)
	b, errB := publicsuffix.EffectiveTLDPlusOne(from.Host)
	if u == from || errA == nil && errB == nil && a == b && from.Scheme == "https" {
		return nil
	}
	return errForeign(from, u.Host, "")
}

// appOrigin is the origin of an AppID, which has a path besides.
func appOrigin(appID string) (Origin, error) {
	u, err := url.Parse(appID)
	if err != nil {
		return Origin{}, err
	}
	if u.Scheme != "https" || u.User != nil || len(appID) > maxAppID {
		return Origin{}, errorf(Security, "no https address")
	}
	return ParseOrigin("https://" + u.Host)
}
