// Package client is the WebAuthn client: what a browser does between a site's JavaScript and a security key, for routes that hand over JSON and an origin.
package client

import "crypto/rand"

// randReader is the randomness of a client that is given none.
var randReader = rand.Reader
