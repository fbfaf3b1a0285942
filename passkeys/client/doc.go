// Package client is the WebAuthn client: what a browser does between a site's JavaScript and a security key, for routes that hand over JSON and an origin.
//
// It never signs anything itself. It reads the Level 3 JSON of a site (options.go, extensions.go), decides whether the origin may ask (origin.go, rpid.go,
// related.go, appid.go), writes the client data that gets signed (clientdata.go), and speaks CTAP2 to a Device (ctap.go, pinprotocol.go, verify.go, lists.go,
// largeblob.go), which may be our own authenticator or a hardware key. What comes back is checked and becomes the JSON for the site (create.go, get.go,
// authdata.go, response.go). signal.go reads what sites say about the passkeys they know. The network is only ever asked through a Fetcher.
//
// Nothing that a site sends is believed: every length and count is bounded, JSON with a member twice is refused, and an Error carries a name for the page and
// a reason for the person, which is not for the page.
//
// A new extension gets its members in extensions.go, its inputs in makeExtensions or try, its outputs in results, and rows in the tests of its errors.
package client
